-- What version 2 of the register adds: contacts with cards that are issued.

-- What a card said of itself last: its statement, the challenge that it is for, and its MAC, as they came.
CREATE TABLE known (
    card INTEGER PRIMARY KEY REFERENCES card (id),
    statement BLOB NOT NULL CHECK (length(statement) = 125),
    challenge BLOB NOT NULL CHECK (length(challenge) = 8),
    mac BLOB NOT NULL CHECK (length(mac) = 8),
    -- Payments made and forgotten before the register first saw the card.
    payments_before INTEGER NOT NULL,
    at INTEGER NOT NULL -- seconds since 1970
) STRICT;

-- The cards' logs, each entry as it came, with its MAC: evidence for settlement. One number with two bodies is a clone.
CREATE TABLE entry (
    card INTEGER NOT NULL REFERENCES card (id),
    number INTEGER NOT NULL,
    mac BLOB NOT NULL CHECK (length(mac) = 8),
    body BLOB NOT NULL CHECK (length(body) = 32),
    -- The same, to search in.
    kind INTEGER NOT NULL,
    peer TEXT,
    amount INTEGER NOT NULL,
    nonce INTEGER NOT NULL,
    -- Whether it came up at a contact, and with it all before it that the card still held. An entry of an upload stands alone.
    met INTEGER NOT NULL CHECK (met IN (0, 1)),
    at INTEGER NOT NULL,
    PRIMARY KEY (card, number, mac)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_payment ON entry (peer, nonce, kind);

-- What cards said of themselves in uploads, for a challenge of zeros: of whatever day, come in whatever order.
CREATE TABLE uploaded (
    card INTEGER NOT NULL REFERENCES card (id),
    mac BLOB NOT NULL CHECK (length(mac) = 8),
    statement BLOB NOT NULL CHECK (length(statement) = 125),
    at INTEGER NOT NULL,
    PRIMARY KEY (card, mac)
) STRICT, WITHOUT ROWID;

-- What cards were ordered at contacts. One is carried out when the card has stated its number, or a later one.
CREATE TABLE contact_order (
    card INTEGER NOT NULL REFERENCES card (id),
    number INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    limits BLOB CHECK (length(limits) = 16),
    key_epoch INTEGER,
    use_epoch INTEGER,
    suspended INTEGER,
    menu BLOB CHECK (length(menu) = 12),
    at INTEGER NOT NULL,
    PRIMARY KEY (card, number)
) STRICT, WITHOUT ROWID;

-- Requests that the issuer settles itself. It may pay only when the order is carried out (P-ISS-1).
CREATE TABLE settled (
    card INTEGER NOT NULL,
    number INTEGER NOT NULL,
    payer TEXT NOT NULL,
    serial INTEGER NOT NULL,
    PRIMARY KEY (card, payer, serial),
    FOREIGN KEY (card, number) REFERENCES contact_order (card, number)
) STRICT, WITHOUT ROWID;

-- Cards that are not what they were: rolled back, or doubled. Never resumed.
CREATE TABLE finding (
    card INTEGER NOT NULL REFERENCES card (id),
    what TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (card, what)
) STRICT, WITHOUT ROWID;

-- Which payment keys cards are to have: the one in use, and one beside it.
CREATE TABLE epochs (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    in_use INTEGER NOT NULL CHECK (in_use BETWEEN 0 AND 255),
    beside INTEGER CHECK (beside BETWEEN 0 AND 255 AND beside <> in_use)
) STRICT;
INSERT INTO epochs (one, in_use, beside) VALUES (1, 1, NULL);

-- What the menus of cards need to know: data group 0104, as they get it. Without a row they get none.
CREATE TABLE menu (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    data BLOB NOT NULL CHECK (length(data) = 12)
) STRICT;

-- What the caller calls an order of value: with the same name, it is the same order.
ALTER TABLE value_order ADD COLUMN reference TEXT;
CREATE UNIQUE INDEX value_reference ON value_order (card, reference) WHERE reference IS NOT NULL;
