CREATE TABLE webhooks (
    id      text PRIMARY KEY CHECK (id <> ''),
    url     text NOT NULL UNIQUE,
    secret  blob NOT NULL,
    private boolean NOT NULL,
    created text NOT NULL
);

CREATE TABLE wave_news (
    wave  text NOT NULL REFERENCES waves (id) ON DELETE CASCADE,
    event text NOT NULL,
    at    bigint NOT NULL,
    PRIMARY KEY (wave, event)
);

CREATE TABLE deliveries (
    id      text PRIMARY KEY CHECK (id <> ''),
    webhook text NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    wave    text NOT NULL,
    event   text NOT NULL,
    state   text NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries   bigint NOT NULL,
    due     bigint NOT NULL,
    status  bigint NOT NULL,
    FOREIGN KEY (wave, event) REFERENCES wave_news (wave, event) ON DELETE CASCADE
);

CREATE UNIQUE INDEX deliveries_once ON deliveries (webhook, wave, event);

CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 'waiting';
