//! All cards, as an operator wants to see them.

use digitally::Amount;

use super::{Card, Register, RegisterError};

/// A card with what is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The card.
    pub card: Card,
    /// The name of its batch, if it was ordered in one.
    pub batch: Option<String>,
    /// Its currency, as ISO 4217 numbers it, and the currency's decimals; those of an earlier card are not known.
    pub currency: Option<(u16, u8)>,
    /// What it has been loaded with, as far as its receipts tell.
    pub loaded: Amount,
}

impl Register {
    /// All cards, in the order in which they were planned.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn list(&self) -> Result<Vec<Listed>, RegisterError> {
        let read = || {
            let mut statement = self.connection.prepare(
                "SELECT card.id, number, sequence, serials_above, state, chip, line, batch.name, currency, decimals,
                 (SELECT coalesce(sum(amount), 0) FROM value_order
                  WHERE value_order.card = card.id AND kind = 'load' AND counted = 1)
                 FROM card LEFT JOIN batch ON batch.id = card.batch ORDER BY card.id",
            )?;
            let listed = statement.query_map([], |row| {
                let currency: Option<u16> = row.get(8)?;
                let decimals: Option<u8> = row.get(9)?;
                Ok(Listed {
                    card: Card::read(row)?,
                    batch: row.get(7)?,
                    currency: currency.zip(decimals),
                    loaded: Amount::new(row.get(10)?),
                })
            })?;
            listed.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error: rusqlite::Error| self.failed(error))
    }
}
