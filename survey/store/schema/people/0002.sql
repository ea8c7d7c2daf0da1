CREATE TABLE issuance (
    wave     text NOT NULL REFERENCES waves (id),
    group_id text NOT NULL,
    sealed   blob NOT NULL,
    PRIMARY KEY (wave, group_id)
);
