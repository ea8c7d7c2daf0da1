-- releases.db: what has been published. Everything in it may be read by
-- everybody who may read a release.
-- This file is what a migrated database must look like; a test compares them.

CREATE TABLE migrations (
    id text PRIMARY KEY
);

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

-- The browser bundles that announced waves promise, kept for pages that were
-- opened before an upgrade. client is the hash that the manifest names.
CREATE TABLE assets (
    client text NOT NULL,
    name   text NOT NULL,
    sha256 text NOT NULL,
    body   blob NOT NULL,
    PRIMARY KEY (client, name)
);
