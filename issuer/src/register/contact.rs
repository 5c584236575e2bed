//! What the register knows of cards in the field: their statements, their logs, what they were ordered, what was found.

use applet_model::purse::{Attested, AttestedEntry, Entry, Limits, MenuData, Settled, Statement};
use applet_model::runtime::Fixed;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{Register, RegisterError, Trouble};

/// What a card said of itself when it was met last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its statement.
    pub statement: Statement,
    /// Payments made and forgotten before the register first saw the card.
    pub payments_before: u32,
    /// When, in seconds since 1970.
    pub at: u64,
}

/// What is learned from a card at once: all of it goes into the register, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct Learned<'a> {
    /// Its statement, with the MAC.
    pub attested: &'a Attested,
    /// The challenge that the statement is for.
    pub challenge: [u8; 8],
    /// Log entries, down to the first that came up at a contact before.
    pub entries: &'a [AttestedEntry],
    /// Payments made and forgotten before the register first saw the card.
    pub payments_before: u32,
    /// What is wrong with the card, each in words.
    pub findings: &'a [String],
    /// Whether it is what it was: then later statements are held against this one.
    pub good: bool,
}

/// What a card is ordered at a contact, as far as it is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordered<'a> {
    /// Number of the contact.
    pub number: u32,
    /// Payments acknowledged.
    pub acknowledged: u32,
    /// New limits.
    pub limits: Option<Limits>,
    /// Epoch of the payment key that it is given.
    pub key_epoch: Option<u8>,
    /// Epoch of the payment key that it is to use.
    pub use_epoch: Option<u8>,
    /// Whether it is suspended or resumed.
    pub suspended: Option<bool>,
    /// What its menu needs to know.
    pub menu: Option<MenuData>,
    /// Requests that the issuer settles itself.
    pub settled: &'a [Settled],
}

/// Which generations of the payment key cards are to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epochs {
    /// The one that new requests are opened under.
    pub in_use: u8,
    /// One that is held beside it: the next one, or the one before.
    pub beside: Option<u8>,
}

/// How a log entry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// By itself, in an upload.
    Uploaded,
    /// At a contact, and with it all before it that the card still held.
    Met,
}

/// The bytes of a value.
pub(super) fn bytes<T: Fixed, const N: usize>(value: &T) -> [u8; N] {
    let mut bytes = [0; N];
    value.store(&mut bytes);
    bytes
}

impl Register {
    /// What a card said of itself last, if it was met before.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn known(&self, card: i64) -> Result<Option<Known>, RegisterError> {
        let read = || {
            let mut select =
                self.connection.prepare_cached("SELECT statement, payments_before, at FROM known WHERE card = ?1")?;
            let row = |row: &rusqlite::Row<'_>| {
                let statement: [u8; Statement::LEN] = row.get(0)?;
                Ok(Known { statement: Statement::load(&statement), payments_before: row.get(1)?, at: row.get(2)? })
            };
            select.query_row([card], row).optional()
        };
        read().map_err(|error| self.failed(error))
    }

    /// Number of the last contact at which a card was ordered something, carried out or not; 0 for none.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn last_order(&self, card: i64) -> Result<u32, RegisterError> {
        let sql = "SELECT coalesce(max(number), 0) FROM contact_order WHERE card = ?1";
        let number = self.connection.query_row(sql, [card], |row| row.get(0));
        number.map_err(|error| self.failed(error))
    }

    /// The MACs of what a card has told as its log entry of this number, and how each came: none, one, or more if it was
    /// doubled.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn entry_macs(&self, card: i64, number: u32) -> Result<Vec<([u8; 8], Came)>, RegisterError> {
        let read = || {
            let mut select =
                self.connection.prepare_cached("SELECT mac, met FROM entry WHERE card = ?1 AND number = ?2")?;
            let came = |met| if met { Came::Met } else { Came::Uploaded };
            let macs = select.query_map(params![card, number], |row| Ok((row.get(0)?, came(row.get(1)?))))?;
            macs.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// All that is known of a card's log, in its order.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn entries(&self, card: i64) -> Result<Vec<AttestedEntry>, RegisterError> {
        let read = || {
            let mut select =
                self.connection.prepare_cached("SELECT body, mac FROM entry WHERE card = ?1 ORDER BY number")?;
            let entry = |row: &rusqlite::Row<'_>| {
                let body: [u8; Entry::LEN] = row.get(0)?;
                Ok(AttestedEntry { entry: Entry::load(&body), mac: row.get(1)? })
            };
            select.query_map([card], entry)?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// Records what a card has told.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn learn(&mut self, card: i64, learned: &Learned<'_>, now: u64) -> Result<(), RegisterError> {
        self.write(|transaction| {
            insert_entries(transaction, card, learned.entries, Came::Met, now)?;
            insert_findings(transaction, card, learned.findings, now)?;
            if !learned.good {
                return Ok(());
            }
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO known (card, statement, challenge, mac, payments_before, at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    card,
                    bytes::<_, { Statement::LEN }>(&learned.attested.statement),
                    learned.challenge,
                    learned.attested.mac,
                    learned.payments_before,
                    now,
                ])
                .map(drop)
        })
    }

    /// Records what a card is about to be ordered.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn order_contact(&mut self, card: i64, order: &Ordered<'_>, now: u64) -> Result<(), RegisterError> {
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO contact_order (card, number, acknowledged, limits, key_epoch, use_epoch, suspended, menu,
                                                 at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    card,
                    order.number,
                    order.acknowledged,
                    order.limits.as_ref().map(bytes::<_, { Limits::LEN }>),
                    order.key_epoch,
                    order.use_epoch,
                    order.suspended,
                    order.menu.as_ref().map(bytes::<_, { MenuData::LEN }>),
                    now,
                ])?;
            for Settled { payer, serial } in order.settled {
                let payer = payer.map(|payer| payer.to_string());
                transaction
                    .prepare_cached(
                        "INSERT INTO settled (card, number, payer, serial) VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (card, payer, serial) DO UPDATE SET number = excluded.number",
                    )?
                    .execute(params![card, order.number, payer, serial])?;
            }
            Ok(())
        })
    }

    /// Whether a card has carried the order out by which the issuer settles this request itself.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn is_settled(&self, card: i64, settled: &Settled) -> Result<bool, RegisterError> {
        let payer = settled.payer.map(|payer| payer.to_string());
        let number = self.connection.query_row(
            "SELECT number FROM settled WHERE card = ?1 AND payer = ?2 AND serial = ?3",
            params![card, payer, settled.serial],
            |row| row.get::<_, u32>(0),
        );
        let number = number.optional().map_err(|error| self.failed(error))?;
        let stated = self.known(card)?.map_or(0, |known| known.statement.contact);
        Ok(number.is_some_and(|number| number <= stated))
    }

    /// What was ever found wrong with a card, in words.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn findings(&self, card: i64) -> Result<Vec<String>, RegisterError> {
        let read = || {
            let mut select = self.connection.prepare_cached("SELECT what FROM finding WHERE card = ?1 ORDER BY at")?;
            select.query_map([card], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error| self.failed(error))
    }

    /// The epoch of the payment key with which a card is made.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn key_epoch(&self, card: i64) -> Result<u8, RegisterError> {
        let read = || {
            let mut select = self.connection.prepare_cached("SELECT coalesce(key_epoch, 1) FROM card WHERE id = ?1")?;
            select.query_row([card], |row| row.get(0))
        };
        read().map_err(|error| self.failed(error))
    }

    /// Which payment keys cards are to have.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn epochs(&self) -> Result<Epochs, RegisterError> {
        let row = |row: &rusqlite::Row<'_>| Ok(Epochs { in_use: row.get(0)?, beside: row.get(1)? });
        let epochs = self.connection.query_row("SELECT in_use, beside FROM epochs", [], row);
        epochs.map_err(|error| self.failed(error))
    }

    /// Changes which payment keys cards are to have, each from its next contact on.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn set_epochs(&mut self, epochs: Epochs) -> Result<(), RegisterError> {
        if epochs.beside == Some(epochs.in_use) {
            return Err(self.trouble(Trouble::Unexpected { id: epochs.in_use.into(), expected: "two epochs" }));
        }
        self.write(|transaction| {
            transaction
                .execute("UPDATE epochs SET in_use = ?1, beside = ?2", params![epochs.in_use, epochs.beside])
                .map(drop)
        })
    }
}

pub(super) fn insert_findings(
    transaction: &Transaction<'_>,
    card: i64,
    findings: &[String],
    now: u64,
) -> rusqlite::Result<()> {
    let mut insert =
        transaction.prepare_cached("INSERT OR IGNORE INTO finding (card, what, at) VALUES (?1, ?2, ?3)")?;
    findings.iter().try_for_each(|what| insert.execute(params![card, what, now]).map(drop))
}

/// Adds what is new; what is there stays as it came, but is met once it was met.
pub(super) fn insert_entries(
    transaction: &Transaction<'_>,
    card: i64,
    entries: &[AttestedEntry],
    came: Came,
    now: u64,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO entry (card, number, mac, body, kind, peer, amount, nonce, met, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (card, number, mac) DO UPDATE SET met = max(met, excluded.met)",
    )?;
    for AttestedEntry { entry, mac } in entries {
        insert.execute(params![
            card,
            entry.number,
            mac,
            bytes::<_, { Entry::LEN }>(entry),
            entry.kind,
            entry.peer.map(|peer| peer.to_string()),
            entry.amount.minor_units(),
            entry.nonce,
            came == Came::Met,
            now,
        ])?;
    }
    Ok(())
}
