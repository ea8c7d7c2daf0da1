-- people.db: the identified side. Nothing in it says who answered.
-- This file is what a migrated database must look like; a test compares them.
-- Times are UTC seconds since 1970, lists are JSON.

CREATE TABLE migrations (
    id text PRIMARY KEY
);

CREATE TABLE units (
    id      text PRIMARY KEY,
    parent  text REFERENCES units (id), -- null for the organisation itself
    name    text NOT NULL,
    retired boolean NOT NULL            -- hidden until somebody belongs to it again
);

CREATE UNIQUE INDEX units_root ON units ((parent IS NULL)) WHERE parent IS NULL;

CREATE UNIQUE INDEX units_siblings ON units (parent, name) WHERE NOT retired;

CREATE TABLE people (
    id       text PRIMARY KEY,
    email    text NOT NULL,
    name     text NOT NULL,
    language text NOT NULL,
    unit     text NOT NULL REFERENCES units (id),
    active   boolean NOT NULL,
    phone    text NOT NULL DEFAULT ''   -- E.164, for text messages to who has no address; may be empty
);

CREATE UNIQUE INDEX people_email ON people (email) WHERE email <> '';

CREATE INDEX people_unit ON people (unit);

CREATE TABLE users (
    email         text PRIMARY KEY CHECK (email <> ''),
    password_hash text NOT NULL,
    roles         text NOT NULL,
    unit          text REFERENCES units (id), -- null: not tied to a unit
    must_change   boolean NOT NULL
);

CREATE TABLE sessions (
    token_hash text PRIMARY KEY CHECK (token_hash <> ''),
    email      text NOT NULL REFERENCES users (email) ON DELETE CASCADE,
    expires    bigint NOT NULL
);

CREATE INDEX sessions_email ON sessions (email);

CREATE TABLE waves (
    id         text PRIMARY KEY CHECK (id <> ''),
    programme  text NOT NULL,
    state      text NOT NULL CHECK (state IN ('planned', 'announced', 'open', 'closed', 'released', 'void')),
    scope      text NOT NULL REFERENCES units (id),
    paper      text NOT NULL,
    all_paper  boolean NOT NULL,
    packs      text NOT NULL,
    opens      bigint NOT NULL,
    closes     bigint NOT NULL,
    results_on text NOT NULL,
    owner      text NOT NULL,
    contact    text NOT NULL,
    k          bigint NOT NULL,
    tag        text NOT NULL
);

CREATE UNIQUE INDEX waves_tag ON waves (tag) WHERE tag <> '';

CREATE TABLE rosters (
    wave text PRIMARY KEY REFERENCES waves (id),
    tree text NOT NULL
);

CREATE TABLE roster_people (
    wave   text NOT NULL REFERENCES rosters (wave) ON DELETE CASCADE,
    person text NOT NULL,
    team   text NOT NULL,
    PRIMARY KEY (wave, person)
);

CREATE TABLE issuance (
    wave     text NOT NULL REFERENCES waves (id),
    group_id text NOT NULL,
    sealed   blob NOT NULL,
    PRIMARY KEY (wave, group_id)
);

-- Mail, and text messages, that were put into the outbox, with counts of what became of it. The row
-- stays, so that a mailing is made once however often somebody asks for it.
CREATE TABLE mailings (
    wave    text NOT NULL REFERENCES waves (id),
    kind    text NOT NULL CHECK (kind IN ('incident', 'announced', 'opened', 'reminder', 'results')),
    n       bigint NOT NULL,
    sent    bigint NOT NULL,
    refused bigint NOT NULL, -- by the mail server, for good
    expired bigint NOT NULL, -- not sent while there was reason to
    unknown bigint NOT NULL, -- the program stopped, or the line broke, while it was being sent
    PRIMARY KEY (wave, kind, n)
);

-- Letters that still have to go; whoever was written to has no row any more.
CREATE TABLE outbox (
    wave    text NOT NULL,
    kind    text NOT NULL,
    n       bigint NOT NULL,
    person  text NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    sending boolean NOT NULL, -- claimed by a process; never sent again
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

CREATE TABLE programmes (
    id           text PRIMARY KEY CHECK (id <> ''),
    packs        text NOT NULL,
    modules      text NOT NULL,
    repeat       text NOT NULL,
    starts       text NOT NULL,
    opens_at     bigint NOT NULL,            -- minutes since midnight
    open_days    bigint NOT NULL,
    closes_at    bigint NOT NULL,
    lead_days    bigint NOT NULL,
    results_days bigint NOT NULL,
    reminders    text NOT NULL,
    pauses       text NOT NULL,
    owner        text NOT NULL,
    contact      text NOT NULL,
    k            bigint NOT NULL,
    scope        text REFERENCES units (id), -- null: the whole organisation
    paper        text NOT NULL,
    active       boolean NOT NULL,
    since        bigint NOT NULL
);

CREATE TABLE programme_occurrences (
    programme text NOT NULL REFERENCES programmes (id),
    date      text NOT NULL,
    wave      text REFERENCES waves (id),
    skipped   text NOT NULL, -- the reason, or empty
    PRIMARY KEY (programme, date),
    CHECK (wave IS NOT NULL OR skipped <> '')
);

CREATE UNIQUE INDEX programme_occurrences_wave ON programme_occurrences (wave);

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

-- What leaders answer by name about a unit. No staff answer is here or near.
CREATE TABLE leader_audits (
    id         text PRIMARY KEY CHECK (id <> ''),
    pack       text NOT NULL,
    version    text NOT NULL,
    unit       text NOT NULL REFERENCES units (id),
    started    bigint NOT NULL,
    started_by text NOT NULL, -- the e-mail address of a user, who may be gone since
    finished   bigint         -- null: still being answered
);

CREATE INDEX leader_audits_unit ON leader_audits (unit);

-- Every saved answer; the last one of an entry stands.
CREATE TABLE leader_edits (
    audit     text NOT NULL REFERENCES leader_audits (id) ON DELETE CASCADE,
    n         bigint NOT NULL,
    entry     text NOT NULL,
    state     text NOT NULL,
    number    text NOT NULL,
    note      text NOT NULL,
    owner     text NOT NULL,
    due       text NOT NULL, -- YYYY-MM-DD, or empty
    edited_by text NOT NULL,
    edited    bigint NOT NULL,
    PRIMARY KEY (audit, n)
);

-- Whom respondents can turn to for help; their names are meant to be read by everybody.
CREATE TABLE contacts (
    id          text PRIMARY KEY CHECK (id <> ''),
    site        text REFERENCES units (id), -- null: everywhere
    tier        text NOT NULL CHECK (tier IN ('today', 'week', 'any')),
    language    text NOT NULL,              -- of whoever answers; empty: every language
    name        text NOT NULL,
    reach       text NOT NULL,
    hours       text NOT NULL,
    when_i_call text NOT NULL,
    place       bigint NOT NULL             -- in the list that was imported, from 1
);

-- What units do about what was found: the work of managers. Each action is the
-- last of its edits; no answer of staff is here or near.
CREATE TABLE actions (
    id         text PRIMARY KEY CHECK (id <> ''),
    unit       text NOT NULL REFERENCES units (id),
    guide      text NOT NULL,   -- empty: in somebody's own words
    suggestion text NOT NULL,
    added      bigint NOT NULL,
    added_by   text NOT NULL
);

CREATE INDEX actions_unit ON actions (unit);

CREATE TABLE action_edits (
    action     text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
    n          bigint NOT NULL,
    text       text NOT NULL,
    owner      text NOT NULL,
    owner_mail text NOT NULL,
    due        text NOT NULL,
    status     text NOT NULL CHECK (status IN ('planned', 'under_way', 'done', 'dropped')),
    evidence   text NOT NULL,
    edited_by  text NOT NULL,
    edited     bigint NOT NULL,
    PRIMARY KEY (action, n)
);

CREATE TABLE action_comments (
    action     text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
    n          bigint NOT NULL,
    text       text NOT NULL,
    written_by text NOT NULL,
    written    bigint NOT NULL,
    PRIMARY KEY (action, n)
);

-- Which events mark an action in the trends, and the edit that they came with.
CREATE TABLE action_marks (
    action text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('under_way', 'done')),
    n      bigint NOT NULL,
    event  text NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    PRIMARY KEY (action, status)
);

CREATE INDEX action_marks_event ON action_marks (event);

-- The promise of a wave: with whom its results were shared, and when.
CREATE TABLE shared_results (
    wave       text NOT NULL REFERENCES waves (id),
    unit       text NOT NULL REFERENCES units (id),
    day        text NOT NULL,
    written_by text NOT NULL,
    PRIMARY KEY (wave, unit)
);

-- "You said, we did": a draft, and what staff read of it.
CREATE TABLE notes (
    unit         text NOT NULL REFERENCES units (id),
    wave         text NOT NULL REFERENCES waves (id),
    said         text NOT NULL,
    doing        text NOT NULL,
    until        text NOT NULL,
    owner        text NOT NULL,
    edited_by    text NOT NULL,
    edited       bigint NOT NULL,
    published    text NOT NULL, -- JSON; empty: staff read nothing
    published_by text NOT NULL,
    PRIMARY KEY (unit, wave)
);

CREATE INDEX notes_wave ON notes (wave);

CREATE TABLE note_actions (
    unit   text NOT NULL,
    wave   text NOT NULL,
    action text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
    PRIMARY KEY (unit, wave, action),
    FOREIGN KEY (unit, wave) REFERENCES notes (unit, wave) ON DELETE CASCADE
);

CREATE INDEX note_actions_action ON note_actions (action);

-- What users want of reminders. A user without a row gets them, in the organisation's language.
CREATE TABLE user_mail (
    email    text PRIMARY KEY REFERENCES users (email) ON DELETE CASCADE,
    language text NOT NULL,
    stopped  boolean NOT NULL
);

-- Reminders to users; a row stays when it was sent, so that none is made twice.
CREATE TABLE notices (
    kind    text NOT NULL CHECK (kind IN ('action', 'promise')),
    about   text NOT NULL,
    day     text NOT NULL,
    moment  text NOT NULL CHECK (moment IN ('before', 'on', 'after')),
    email   text NOT NULL REFERENCES users (email) ON DELETE CASCADE,
    state   text NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'refused', 'expired', 'unknown')),
    tries   bigint NOT NULL,
    due     bigint NOT NULL,
    PRIMARY KEY (kind, about, day, moment, email)
);

CREATE INDEX notices_due ON notices (due) WHERE state = 'waiting';

CREATE INDEX notices_email ON notices (email);

-- What users and commands did, as a hash chain: rows are only ever added. The
-- text of each is in its body; the columns beside it are for finding it.
CREATE TABLE admin_log (
    seq    bigint PRIMARY KEY,
    at     bigint NOT NULL,
    kind   text NOT NULL,
    body   blob NOT NULL,
    sha256 text NOT NULL
);

CREATE INDEX admin_log_kind ON admin_log (kind, seq);

CREATE INDEX admin_log_at ON admin_log (at);

-- Programs of others that read released figures. The token itself is nowhere.
CREATE TABLE tokens (
    id         text PRIMARY KEY CHECK (id <> ''),
    name       text NOT NULL UNIQUE,
    unit       text REFERENCES units (id), -- null: the whole organisation
    hash       text NOT NULL UNIQUE,       -- SHA-256, hex
    created    text NOT NULL,              -- YYYY-MM-DD, like the two below
    used       text NOT NULL,              -- the last day; empty: never
    expires    text NOT NULL               -- the last day on which it works
);

-- Addresses that are told when a wave moves on: its id and its state, nothing about anybody.
CREATE TABLE webhooks (
    id      text PRIMARY KEY CHECK (id <> ''),
    url     text NOT NULL UNIQUE,
    secret  blob NOT NULL,    -- signs messages; whoever has it could pretend to be this server to the receiver
    private boolean NOT NULL, -- may lead into the organisation's own network
    created text NOT NULL     -- YYYY-MM-DD
);

-- What has become of each wave, noted once.
CREATE TABLE wave_news (
    wave  text NOT NULL REFERENCES waves (id) ON DELETE CASCADE,
    event text NOT NULL,
    at    bigint NOT NULL,
    PRIMARY KEY (wave, event)
);

-- What goes, or went, to whom; one row a receiver and piece of news.
CREATE TABLE deliveries (
    id      text PRIMARY KEY CHECK (id <> ''),
    webhook text NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    wave    text NOT NULL,
    event   text NOT NULL,
    state   text NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries   bigint NOT NULL,
    due     bigint NOT NULL,
    status  bigint NOT NULL, -- of the last answer; 0: there was none
    FOREIGN KEY (wave, event) REFERENCES wave_news (wave, event) ON DELETE CASCADE
);

CREATE UNIQUE INDEX deliveries_once ON deliveries (webhook, wave, event);

CREATE INDEX deliveries_due ON deliveries (due) WHERE state = 'waiting';

-- How the organisation looks and which languages it speaks, and what that was
-- before the last change. No row: it was never changed.
CREATE TABLE branding (
    place     bigint PRIMARY KEY CHECK (place IN (0, 1)), -- 0: as it is; 1: as it was
    accent    text NOT NULL,   -- #rrggbb; empty: Attune's own
    logo      blob NOT NULL,   -- a PNG that this program drew; empty: none
    width     bigint NOT NULL, -- of the logo, pixels
    height    bigint NOT NULL,
    languages text NOT NULL,   -- codes; an empty list: all that there are
    language  text NOT NULL,   -- of whoever asks for none; empty: as the installation was set up
    leaving   text NOT NULL    -- languages that were switched off and until when they stay
);
