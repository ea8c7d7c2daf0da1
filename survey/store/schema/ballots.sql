-- ballots.db: sealed ballot boxes and whether they take ballots. No row stands
-- for a ballot, a person or a moment.
-- This file is what a migrated database must look like; a test compares them.

CREATE TABLE migrations (
    id text PRIMARY KEY
);

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
