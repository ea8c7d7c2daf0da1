CREATE TABLE mailings (
    wave    text NOT NULL REFERENCES waves (id),
    kind    text NOT NULL CHECK (kind IN ('announced', 'opened', 'reminder', 'results')),
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

CREATE TABLE reminders_off (
    person text PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE
);
