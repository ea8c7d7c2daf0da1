CREATE TABLE events (
    id         text PRIMARY KEY CHECK (id <> ''),
    unit       text NOT NULL REFERENCES units (id),
    kind       text NOT NULL,
    day        text NOT NULL,
    title      text NOT NULL,
    anew       boolean NOT NULL,
    written_by text NOT NULL
);

CREATE INDEX events_unit ON events (unit, day);
