//! What came by uploads: log entries and statements, of whatever day, each kept once.

use applet_model::purse::{Attested, AttestedEntry, Entry, Statement};
use applet_model::runtime::Fixed;
use digitally::Currency;
use rusqlite::{OptionalExtension, Transaction, params};

use super::contact::{bytes, insert_entries, insert_findings};
use super::{Came, Register, RegisterError};
use crate::contact::{Finding, account};

/// What an entry or a statement that has arrived is to the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It was not there.
    New,
    /// It was there, word for word.
    Known,
    /// It contradicts what was there: there are two of the card. It is kept beside it.
    Doubled,
}

impl Register {
    /// Takes up log entries that came by themselves, all in one transaction. They say nothing of those before them.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn take_entries(
        &mut self,
        card: i64,
        entries: &[AttestedEntry],
        now: u64,
    ) -> Result<Vec<Arrival>, RegisterError> {
        self.write(|transaction| entries.iter().map(|entry| take_entry(transaction, card, entry, now)).collect())
    }

    /// Takes up a statement for a challenge of zeros. It may be an old one: it is not what the card said last.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn take_statement(&mut self, card: i64, attested: &Attested, now: u64) -> Result<Arrival, RegisterError> {
        self.write(|transaction| {
            let new = transaction
                .prepare_cached("INSERT OR IGNORE INTO uploaded (card, mac, statement, at) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![card, attested.mac, bytes::<_, { Statement::LEN }>(&attested.statement), now])?;
            if new == 0 {
                return Ok(Arrival::Known);
            }
            let others = statements(
                transaction,
                "SELECT statement FROM known WHERE card = ?1 UNION ALL SELECT statement FROM uploaded WHERE card = ?1",
                card,
            )?;
            match others.iter().find_map(|other| account::apart(other, &attested.statement)) {
                Some(found) => insert_findings(transaction, card, &[found.to_string()], now).map(|()| Arrival::Doubled),
                None => Ok(Arrival::New),
            }
        })
    }

    /// The statements that came by uploads, in no order.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn uploaded(&self, card: i64) -> Result<Vec<Statement>, RegisterError> {
        let sql = "SELECT statement FROM uploaded WHERE card = ?1";
        statements(&self.connection, sql, card).map_err(|error| self.failed(error))
    }

    /// The number of the newest entry that is known of a card's log; 0 for none.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn newest_entry(&self, card: i64) -> Result<u32, RegisterError> {
        let newest =
            self.connection
                .query_row("SELECT coalesce(max(number), 0) FROM entry WHERE card = ?1", [card], |row| row.get(0));
        newest.map_err(|error| self.failed(error))
    }

    /// The currency of a card: what was ordered, or what the card itself has said.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn currency(&self, card: i64) -> Result<Option<[u8; 2]>, RegisterError> {
        let ordered = self.connection.query_row("SELECT currency FROM card WHERE id = ?1", [card], |row| row.get(0));
        let ordered: Option<u16> = ordered.map_err(|error| self.failed(error))?;
        if let Some(currency) = ordered.and_then(|number| Currency::new(number).ok()) {
            return Ok(Some(currency.bcd()));
        }
        let said = self.known(card)?.map(|known| known.statement);
        let said = said.or(self.uploaded(card)?.first().copied());
        Ok(said.map(|statement| statement.holder.currency))
    }
}

fn statements(connection: &rusqlite::Connection, sql: &str, card: i64) -> rusqlite::Result<Vec<Statement>> {
    let mut select = connection.prepare_cached(sql)?;
    let rows = select.query_map([card], |row| row.get::<_, [u8; Statement::LEN]>(0))?;
    rows.map(|bytes| Ok(Statement::load(&bytes?))).collect()
}

fn take_entry(
    transaction: &Transaction<'_>,
    card: i64,
    attested: &AttestedEntry,
    now: u64,
) -> rusqlite::Result<Arrival> {
    let number = attested.entry.number;
    let macs: Vec<[u8; 8]> = transaction
        .prepare_cached("SELECT mac FROM entry WHERE card = ?1 AND number = ?2")?
        .query_map(params![card, number], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if macs.contains(&attested.mac) {
        return Ok(Arrival::Known);
    }
    insert_entries(transaction, card, &[*attested], Came::Uploaded, now)?;
    if !macs.is_empty() {
        insert_findings(transaction, card, &[Finding::Doubled { number }.to_string()], now)?;
        return Ok(Arrival::Doubled);
    }
    if attested.entry.kind == Entry::PAID {
        come_after_all(transaction, card, number)?;
    }
    Ok(Arrival::New)
}

/// A payment that was forgotten before the register first saw the card has come after all: one less of them is not known.
fn come_after_all(transaction: &Transaction<'_>, card: i64, number: u32) -> rusqlite::Result<()> {
    let known: Option<[u8; Statement::LEN]> = transaction
        .prepare_cached("SELECT statement FROM known WHERE card = ?1")?
        .query_row([card], |row| row.get(0))
        .optional()?;
    if known.is_some_and(|known| number <= Statement::load(&known).entries) {
        transaction
            .prepare_cached(
                "UPDATE known SET payments_before = payments_before - 1 WHERE card = ?1 AND payments_before > 0",
            )?
            .execute([card])?;
    }
    Ok(())
}
