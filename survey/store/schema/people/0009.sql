CREATE TABLE contacts (
    id          text PRIMARY KEY CHECK (id <> ''),
    site        text REFERENCES units (id),
    tier        text NOT NULL CHECK (tier IN ('today', 'week', 'any')),
    language    text NOT NULL,
    name        text NOT NULL,
    reach       text NOT NULL,
    hours       text NOT NULL,
    when_i_call text NOT NULL,
    place       bigint NOT NULL
);
