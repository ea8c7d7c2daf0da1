CREATE TABLE leader_audits (
    id         text PRIMARY KEY CHECK (id <> ''),
    pack       text NOT NULL,
    version    text NOT NULL,
    unit       text NOT NULL REFERENCES units (id),
    started    bigint NOT NULL,
    started_by text NOT NULL,
    finished   bigint
);

CREATE INDEX leader_audits_unit ON leader_audits (unit);

CREATE TABLE leader_edits (
    audit     text NOT NULL REFERENCES leader_audits (id) ON DELETE CASCADE,
    n         bigint NOT NULL,
    entry     text NOT NULL,
    state     text NOT NULL,
    number    text NOT NULL,
    note      text NOT NULL,
    owner     text NOT NULL,
    due       text NOT NULL,
    edited_by text NOT NULL,
    edited    bigint NOT NULL,
    PRIMARY KEY (audit, n)
);
