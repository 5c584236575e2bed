-- The register of cards, version 1.

CREATE TABLE issuer (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Whose cards these are: derived from the master key, and telling nothing of it.
    id BLOB NOT NULL CHECK (length(id) = 8)
) STRICT;

CREATE TABLE batch (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    planned_at INTEGER NOT NULL -- seconds since 1970
) STRICT;

CREATE TABLE card (
    id INTEGER PRIMARY KEY,
    -- Whose card, and which of theirs (P-ISS-3): its serials are above the one and at most the other.
    number TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence BETWEEN 1 AND 255),
    serials_above INTEGER NOT NULL,
    serials_most INTEGER NOT NULL CHECK (serials_most >= serials_above),
    state TEXT NOT NULL CHECK (state IN ('planned', 'keying', 'keyed', 'personalised', 'issued', 'void', 'earlier')),
    -- What was ordered. The seal covers all of it and the PIN, under a key of the issuer's.
    seal BLOB CHECK (length(seal) = 16),
    batch INTEGER REFERENCES batch (id),
    line INTEGER,
    currency INTEGER,
    decimals INTEGER,
    profile TEXT,
    algorithm TEXT,
    key_scheme TEXT,
    key_epoch INTEGER,
    key_check BLOB CHECK (length(key_check) = 3),
    balance INTEGER,
    limit_payment INTEGER,
    limit_balance INTEGER,
    limit_requests INTEGER,
    limit_wrong_codes INTEGER,
    planned_at INTEGER,
    -- Which piece of plastic it is: what it is told apart by, and the keys of its domain, by name.
    chip BLOB UNIQUE CHECK (length(chip) = 10),
    diversification TEXT,
    domain_key_version INTEGER,
    domain_key_checks BLOB CHECK (length(domain_key_checks) = 9),
    issued_at INTEGER,
    UNIQUE (number, sequence),
    CHECK (state IN ('planned', 'void', 'earlier') OR chip IS NOT NULL)
) STRICT;

-- One card for each order, unless it was given up.
CREATE UNIQUE INDEX card_order ON card (number, seal) WHERE state <> 'void';
CREATE INDEX card_batch ON card (batch, line);

-- What the issuer has ordered cards to do, and their receipts: money made and taken back.
CREATE TABLE value_order (
    card INTEGER NOT NULL REFERENCES card (id),
    counter INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('load', 'unload')),
    amount INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 8),
    balance INTEGER,
    receipt BLOB CHECK (length(receipt) = 8),
    -- The card has counted it, but the receipt was lost on the way.
    counted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (card, counter)
) STRICT;

-- Cards that had other keys than those they said: no second try unasked.
CREATE TABLE refused (
    chip BLOB NOT NULL CHECK (length(chip) = 10),
    key_version INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (chip, key_version)
) STRICT;
