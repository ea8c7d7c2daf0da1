CREATE TABLE waiting AS SELECT wave, kind, n, person, sending, tries, due FROM outbox;

CREATE TABLE made AS SELECT wave, kind, n, sent, refused, expired, unknown FROM mailings;

DROP TABLE outbox;

DROP TABLE mailings;

CREATE TABLE mailings (
    wave    text NOT NULL REFERENCES waves (id),
    kind    text NOT NULL CHECK (kind IN ('incident', 'announced', 'opened', 'reminder', 'results')),
    n       bigint NOT NULL,
    sent    bigint NOT NULL,
    refused bigint NOT NULL,
    expired bigint NOT NULL,
    unknown bigint NOT NULL,
    PRIMARY KEY (wave, kind, n)
);

CREATE TABLE outbox (
    wave    text NOT NULL,
    kind    text NOT NULL,
    n       bigint NOT NULL,
    person  text NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    sending boolean NOT NULL,
    tries   bigint NOT NULL,
    due     bigint NOT NULL,
    PRIMARY KEY (wave, kind, n, person),
    FOREIGN KEY (wave, kind, n) REFERENCES mailings (wave, kind, n) ON DELETE CASCADE
);

CREATE INDEX outbox_due ON outbox (due) WHERE NOT sending;

CREATE INDEX outbox_person ON outbox (person);

INSERT INTO mailings (wave, kind, n, sent, refused, expired, unknown) SELECT wave, kind, n, sent, refused, expired, unknown FROM made;

INSERT INTO outbox (wave, kind, n, person, sending, tries, due) SELECT wave, kind, n, person, sending, tries, due FROM waiting;

DROP TABLE waiting;

DROP TABLE made;
