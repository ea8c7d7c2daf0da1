CREATE TABLE admin_log (
    seq    bigint PRIMARY KEY,
    at     bigint NOT NULL,
    kind   text NOT NULL,
    body   blob NOT NULL,
    sha256 text NOT NULL
);

CREATE INDEX admin_log_kind ON admin_log (kind, seq);

CREATE INDEX admin_log_at ON admin_log (at);
