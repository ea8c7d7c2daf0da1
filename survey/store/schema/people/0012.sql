CREATE TABLE tokens (
    id         text PRIMARY KEY CHECK (id <> ''),
    name       text NOT NULL UNIQUE,
    unit       text REFERENCES units (id),
    hash       text NOT NULL UNIQUE,
    created    text NOT NULL,
    used       text NOT NULL,
    expires    text NOT NULL
);
