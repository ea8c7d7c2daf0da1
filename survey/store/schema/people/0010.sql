CREATE TABLE actions (
    id         text PRIMARY KEY CHECK (id <> ''),
    unit       text NOT NULL REFERENCES units (id),
    guide      text NOT NULL,
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

CREATE TABLE action_marks (
    action text NOT NULL REFERENCES actions (id) ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('under_way', 'done')),
    n      bigint NOT NULL,
    event  text NOT NULL REFERENCES events (id) ON DELETE CASCADE,
    PRIMARY KEY (action, status)
);

CREATE INDEX action_marks_event ON action_marks (event);

CREATE TABLE shared_results (
    wave       text NOT NULL REFERENCES waves (id),
    unit       text NOT NULL REFERENCES units (id),
    day        text NOT NULL,
    written_by text NOT NULL,
    PRIMARY KEY (wave, unit)
);

CREATE TABLE notes (
    unit         text NOT NULL REFERENCES units (id),
    wave         text NOT NULL REFERENCES waves (id),
    said         text NOT NULL,
    doing        text NOT NULL,
    until        text NOT NULL,
    owner        text NOT NULL,
    edited_by    text NOT NULL,
    edited       bigint NOT NULL,
    published    text NOT NULL,
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

CREATE TABLE user_mail (
    email    text PRIMARY KEY REFERENCES users (email) ON DELETE CASCADE,
    language text NOT NULL,
    stopped  boolean NOT NULL
);

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
