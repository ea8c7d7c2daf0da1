CREATE TABLE branding (
    place     bigint PRIMARY KEY CHECK (place IN (0, 1)),
    accent    text NOT NULL,
    logo      blob NOT NULL,
    width     bigint NOT NULL,
    height    bigint NOT NULL,
    languages text NOT NULL,
    language  text NOT NULL,
    leaving   text NOT NULL
);
