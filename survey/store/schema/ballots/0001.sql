CREATE TABLE box_states (
    wave  text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('sealed', 'open', 'closed', 'destroyed'))
);

CREATE TABLE boxes (
    wave     text NOT NULL REFERENCES box_states (wave),
    id       text NOT NULL,
    group_id text NOT NULL,
    sealed   blob NOT NULL,
    PRIMARY KEY (wave, id)
);

CREATE INDEX boxes_group ON boxes (wave, group_id);
