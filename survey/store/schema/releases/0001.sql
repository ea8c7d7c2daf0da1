CREATE TABLE log_entries (
    seq    bigint PRIMARY KEY CHECK (seq > 0),
    kind   text NOT NULL,
    wave   text NOT NULL,
    body   blob NOT NULL,
    sha256 text NOT NULL
);

CREATE UNIQUE INDEX log_one_manifest ON log_entries (wave) WHERE kind = 'manifest';

CREATE UNIQUE INDEX log_one_ending ON log_entries (wave) WHERE kind IN ('release', 'void');

CREATE TABLE manifest_leaves (
    wave   text PRIMARY KEY,
    seq    bigint NOT NULL REFERENCES log_entries (seq),
    leaves blob NOT NULL
);

CREATE TABLE releases (
    wave     text PRIMARY KEY,
    seq      bigint NOT NULL REFERENCES log_entries (seq),
    sha256   text NOT NULL,
    document blob NOT NULL
);
