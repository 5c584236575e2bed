//! Orders of value and their receipts: money made and taken back.

use digitally::Amount;
use rusqlite::{OptionalExtension, params};

use super::{Register, RegisterError, State, Trouble};

/// An order to a card to load or unload value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValueOrder {
    /// Which card: its row.
    pub card: i64,
    /// The issuer's counter in it.
    pub counter: u32,
    /// How much.
    pub amount: Amount,
    /// Its MAC.
    pub mac: [u8; 8],
}

/// What is known of an order's execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueReceipt {
    /// The card's receipt.
    Receipt {
        /// The balance then.
        balance: Amount,
        /// Its MAC.
        mac: [u8; 8],
    },
    /// The card has counted the order, but the receipt was lost on the way.
    Counted,
}

/// Which way value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Onto the card.
    Load,
    /// Off the card.
    Unload,
}

impl ValueKind {
    /// Its name in the register.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Unload => "unload",
        }
    }
}

/// An order of value that has a name of its caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOrder {
    /// What it is called.
    pub reference: String,
    /// Which way.
    pub kind: ValueKind,
    /// What was ordered.
    pub order: ValueOrder,
    /// Whether the card has carried it out.
    pub done: bool,
}

impl OpenOrder {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let kind = if row.get::<_, String>(2)? == "load" { ValueKind::Load } else { ValueKind::Unload };
        let order =
            ValueOrder { card: row.get(0)?, counter: row.get(3)?, amount: Amount::new(row.get(4)?), mac: row.get(5)? };
        Ok(Self { reference: row.get(1)?, kind, order, done: row.get(6)? })
    }
}

/// Orders of value, as [`OpenOrder::read`] reads them.
macro_rules! orders {
    ($which:literal) => {
        concat!("SELECT card, reference, kind, counter, amount, mac, counted FROM value_order ", $which)
    };
}

impl Register {
    /// Records an order before it is sent. The same one may be recorded again.
    ///
    /// # Errors
    /// [`RegisterError`]; [`Trouble::Unexpected`] if this card was given another order with this counter.
    pub fn order_load(&mut self, order: &ValueOrder) -> Result<(), RegisterError> {
        let stands = self.write(|transaction| insert(transaction, order))?;
        self.stands(stands, order)
    }

    /// Records that a card is personalised, and in the same transaction its first order.
    ///
    /// # Errors
    /// As [`order_load`](Self::order_load); [`Trouble::Unexpected`] if it was not keyed before.
    pub fn personalised(&mut self, order: &ValueOrder) -> Result<(), RegisterError> {
        let (keyed, stands) = self.write(|transaction| {
            let keyed = transaction
                .prepare_cached("UPDATE card SET state = 'personalised' WHERE id = ?1 AND state = 'keyed'")?
                .execute([order.card])?;
            if keyed == 1 { Ok((true, insert(transaction, order)?)) } else { Ok((false, false)) }
        })?;
        if keyed {
            return self.stands(stands, order);
        }
        Err(self.trouble(Trouble::Unexpected { id: order.card, expected: State::Keyed.name() }))
    }

    fn stands(&self, stands: bool, order: &ValueOrder) -> Result<(), RegisterError> {
        let id = order.card;
        if stands { Ok(()) } else { Err(self.trouble(Trouble::Unexpected { id, expected: "without another order" })) }
    }

    /// Records that an order was carried out, and, of a card that is being made, that it is issued.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn loaded(&mut self, order: &ValueOrder, receipt: &ValueReceipt, now: u64) -> Result<(), RegisterError> {
        let (balance, mac) = match receipt {
            ValueReceipt::Receipt { balance, mac } => (Some(balance.minor_units()), Some(mac)),
            ValueReceipt::Counted => (None, None),
        };
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "UPDATE value_order
                     SET balance = coalesce(?3, balance), receipt = coalesce(?4, receipt), counted = 1
                     WHERE card = ?1 AND counter = ?2",
                )?
                .execute(params![order.card, order.counter, balance, mac])?;
            transaction
                .prepare_cached(
                    "UPDATE card SET state = 'issued', issued_at = ?2 WHERE id = ?1 AND state = 'personalised'",
                )?
                .execute(params![order.card, now])
        })?;
        Ok(())
    }

    /// The order of value that a card was given under this name.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn value_order(&self, card: i64, reference: &str) -> Result<Option<OpenOrder>, RegisterError> {
        let find = || {
            let mut select = self.connection.prepare_cached(orders!("WHERE card = ?1 AND reference = ?2"))?;
            select.query_row(params![card, reference], OpenOrder::read).optional()
        };
        find().map_err(|error| self.failed(error))
    }

    /// The order of value of which it is not known yet whether the card has carried it out: there is at most one.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn open_value_order(&self, card: i64) -> Result<Option<OpenOrder>, RegisterError> {
        let find = || {
            let sql = orders!("WHERE card = ?1 AND counted = 0 AND reference IS NOT NULL");
            self.connection.prepare_cached(sql)?.query_row([card], OpenOrder::read).optional()
        };
        find().map_err(|error| self.failed(error))
    }

    /// Records an order of value before it is sent.
    ///
    /// # Errors
    /// [`RegisterError`]; also if there is one with this counter, or of this name.
    pub fn order_value(&mut self, open: &OpenOrder) -> Result<(), RegisterError> {
        let OpenOrder { reference, kind, order, .. } = open;
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO value_order (card, counter, kind, amount, mac, reference)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    order.card,
                    order.counter,
                    kind.name(),
                    order.amount.minor_units(),
                    order.mac,
                    reference
                ])
                .map(drop)
        })
    }

    /// Takes an order of value back that its card has refused: nobody else has it, and it was not carried out.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn withdraw_value(&mut self, order: &ValueOrder) -> Result<(), RegisterError> {
        self.write(|transaction| {
            transaction
                .prepare_cached("DELETE FROM value_order WHERE card = ?1 AND counter = ?2 AND counted = 0")?
                .execute(params![order.card, order.counter])
                .map(drop)
        })
    }

    /// What all cards have been loaded with, in minor units, whatever the currency: orders that were carried out.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn loaded_in_all(&self) -> Result<u64, RegisterError> {
        let sum = self.connection.query_row(
            "SELECT coalesce(sum(amount), 0) FROM value_order WHERE kind = 'load' AND counted = 1",
            [],
            |row| row.get(0),
        );
        sum.map_err(|error| self.failed(error))
    }
}

/// Whether the order stands there now.
fn insert(transaction: &rusqlite::Transaction<'_>, order: &ValueOrder) -> rusqlite::Result<bool> {
    let values = params![order.card, order.counter, order.amount.minor_units(), order.mac];
    let new = transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO value_order (card, counter, kind, amount, mac) VALUES (?1, ?2, 'load', ?3, ?4)",
        )?
        .execute(values)?;
    let mut same = transaction.prepare_cached(
        "SELECT 1 FROM value_order WHERE card = ?1 AND counter = ?2 AND kind = 'load' AND amount = ?3 AND mac = ?4",
    )?;
    Ok(new == 1 || same.exists(values)?)
}
