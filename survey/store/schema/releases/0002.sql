CREATE TABLE assets (
    client text NOT NULL,
    name   text NOT NULL,
    sha256 text NOT NULL,
    body   blob NOT NULL,
    PRIMARY KEY (client, name)
);
