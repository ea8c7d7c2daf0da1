CREATE TABLE programmes (
    id           text PRIMARY KEY CHECK (id <> ''),
    packs        text NOT NULL,
    modules      text NOT NULL,
    repeat       text NOT NULL,
    starts       text NOT NULL,
    opens_at     bigint NOT NULL,
    open_days    bigint NOT NULL,
    closes_at    bigint NOT NULL,
    lead_days    bigint NOT NULL,
    results_days bigint NOT NULL,
    reminders    text NOT NULL,
    pauses       text NOT NULL,
    owner        text NOT NULL,
    contact      text NOT NULL,
    k            bigint NOT NULL,
    scope        text REFERENCES units (id),
    paper        text NOT NULL,
    active       boolean NOT NULL,
    since        bigint NOT NULL
);

CREATE TABLE programme_occurrences (
    programme text NOT NULL REFERENCES programmes (id),
    date      text NOT NULL,
    wave      text REFERENCES waves (id),
    skipped   text NOT NULL,
    PRIMARY KEY (programme, date),
    CHECK (wave IS NOT NULL OR skipped <> '')
);

CREATE UNIQUE INDEX programme_occurrences_wave ON programme_occurrences (wave);
