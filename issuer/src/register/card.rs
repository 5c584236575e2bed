//! A card in the register, from its order to the hands of its holder.

use digitally::Msisdn;
use globalplatform::CheckValue;
use rusqlite::{OptionalExtension, Row, params};

use super::{History, Place, Register, RegisterError, Trouble};
use crate::order::{Order, Seal};

/// What tells one piece of plastic from another: the key diversification data of its domain.
pub type Chip = [u8; 10];

/// How far a card has come. Each state but the first and the last ones follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It has an order and a place; no piece of plastic is it yet.
    Planned,
    /// This piece of plastic is it, and is being given its keys: it has those of transport or its own.
    Keying,
    /// Its domain has its own keys.
    Keyed,
    /// Its purse is its holder's, its domain secured. Value may still have to be loaded.
    Personalised,
    /// All is done.
    Issued,
    /// Given up: lost or spoilt before it was done. Its serials stay used.
    Void,
    /// Made before there was a register, or without one: that it exists is all that is known.
    Earlier,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Planned, Self::Keying, Self::Keyed, Self::Personalised, Self::Issued, Self::Void, Self::Earlier];

    /// Its name in the register.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Keying => "keying",
            Self::Keyed => "keyed",
            Self::Personalised => "personalised",
            Self::Issued => "issued",
            Self::Void => "void",
            Self::Earlier => "earlier",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A card in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its row.
    pub id: i64,
    /// Whose it is.
    pub number: Msisdn,
    /// Which of theirs.
    pub place: Place,
    /// How far it has come.
    pub state: State,
    /// Which piece of plastic it is, once that is known.
    pub chip: Option<Chip>,
    /// The line of its batch.
    pub line: Option<u64>,
}

/// An order on its way into the register.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What is wanted.
    pub order: &'a Order,
    /// Its seal.
    pub seal: Seal,
    /// The epoch of its payment key.
    pub epoch: u8,
    /// The check value of its payment key.
    pub key_check: CheckValue,
    /// The line that it stands on, in a batch.
    pub line: Option<u64>,
}

/// Why an order was not planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanRefusal {
    /// The number has a card, by another order.
    #[error("{number} has card {sequence} already; an order that replaces it says so")]
    Duplicate {
        /// Whose.
        number: Msisdn,
        /// Their newest card.
        sequence: u8,
    },
    /// The card that is to be replaced is not the number's newest.
    #[error("{number} has no card {replaces} to replace; the newest is {newest}")]
    NothingToReplace {
        /// Whose.
        number: Msisdn,
        /// What the order says.
        replaces: u8,
        /// What there is; 0 for none.
        newest: u8,
    },
    /// The number has had so many cards that nobody new could pay another one.
    #[error("{number} has had {cards} cards, and their serials are used up")]
    SerialsUsedUp {
        /// Whose.
        number: Msisdn,
        /// How many.
        cards: u8,
    },
}

/// Why there is no card in a holder's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Absent {
    /// The register does not know such a card.
    #[error("the register has no card {sequence} of {number}")]
    Unknown {
        /// Whose.
        number: Msisdn,
        /// Which of theirs.
        sequence: u8,
    },
    /// The card is not done, or given up.
    #[error("card {} of {} is {}", .0.place.sequence, .0.number, .0.state.name())]
    NotIssued(Card),
}

/// The keys of a card's domain, by name.
#[derive(Clone, Copy, Debug)]
pub struct DomainKeys {
    /// The scheme that made them of the masters.
    pub scheme: globalplatform::diversify::Scheme,
    /// Their version.
    pub version: u8,
    /// The check values of ENC, MAC and DEK.
    pub checks: [CheckValue; 3],
}

/// What became of giving a piece of plastic to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is this order's now, or was before.
    Yes,
    /// The piece of plastic is another order's.
    ChipIs(Card),
    /// The order has another piece of plastic, half made.
    OrderHas(Chip),
}

/// Cards, as [`Card::read`] reads them.
macro_rules! cards {
    ($which:literal) => {
        concat!("SELECT id, number, sequence, serials_above, state, chip, line FROM card ", $which)
    };
}

impl Card {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column: usize| row.get::<_, String>(column);
        let foreign = |column| rusqlite::Error::InvalidColumnType(column, String::new(), rusqlite::types::Type::Text);
        Ok(Self {
            id: row.get(0)?,
            number: text(1)?.parse().map_err(|_| foreign(1))?,
            place: Place { sequence: row.get(2)?, serials_above: row.get(3)? },
            state: State::named(&text(4)?).ok_or_else(|| foreign(4))?,
            chip: row.get(5)?,
            line: row.get(6)?,
        })
    }
}

impl Register {
    /// Plans cards, all in one transaction. An order that was planned before, word for word and with the same PIN, is the
    /// card that it was then; so planning a batch again changes nothing.
    ///
    /// # Errors
    /// [`RegisterError`]; then none is planned.
    pub fn plan(
        &mut self,
        batch: Option<&str>,
        plans: &[Plan<'_>],
        now: u64,
    ) -> Result<Vec<Result<Card, PlanRefusal>>, RegisterError> {
        self.write(|transaction| {
            let mut row = None;
            plans
                .iter()
                .map(|plan| {
                    let number = plan.order.number;
                    let history = History::of(transaction, number)?;
                    let newest = history.newest;
                    if newest > 0 {
                        let same = transaction
                            .prepare_cached(cards!("WHERE number = ?1 AND seal = ?2 AND state <> 'void'"))?
                            .query_row(params![number.to_string(), plan.seal], Card::read)
                            .optional()?;
                        if let Some(card) = same {
                            return Ok(Ok(card));
                        }
                    }
                    match plan.order.replaces {
                        Some(replaces) if replaces != newest || newest == 0 => {
                            return Ok(Err(PlanRefusal::NothingToReplace { number, replaces, newest }));
                        }
                        None if newest > 0 => {
                            return Ok(Err(PlanRefusal::Duplicate { number, sequence: newest }));
                        }
                        _ => {}
                    }
                    let place = match history.next() {
                        Ok(place) => place,
                        Err(cards) => return Ok(Err(PlanRefusal::SerialsUsedUp { number, cards })),
                    };
                    if row.is_none() && batch.is_some() {
                        transaction
                            .execute("INSERT INTO batch (name, planned_at) VALUES (?1, ?2)", params![batch, now])?;
                        row = Some(transaction.last_insert_rowid());
                    }
                    insert(transaction, plan, place, row, now).map(Ok)
                })
                .collect()
        })
    }

    /// The card with this row.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn card(&self, id: i64) -> Result<Card, RegisterError> {
        let card = self.card_where(cards!("WHERE id = ?1"), &id)?;
        card.ok_or_else(|| self.trouble(Trouble::Unexpected { id, expected: "in the register" }))
    }

    /// The card that this piece of plastic is.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn card_of(&self, chip: &Chip) -> Result<Option<Card>, RegisterError> {
        self.card_where(cards!("WHERE chip = ?1"), chip)
    }

    /// The card in a holder's hands with this number and sequence number, or why there is none.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn issued(&self, number: Msisdn, sequence: u8) -> Result<Result<Card, Absent>, RegisterError> {
        Ok(match self.card_at(number, sequence)? {
            None => Err(Absent::Unknown { number, sequence }),
            Some(card) if matches!(card.state, State::Issued | State::Earlier) => Ok(card),
            Some(card) => Err(Absent::NotIssued(card)),
        })
    }

    /// The card with this number and sequence number.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn card_at(&self, number: Msisdn, sequence: u8) -> Result<Option<Card>, RegisterError> {
        let find = || {
            let mut select = self.connection.prepare_cached(cards!("WHERE number = ?1 AND sequence = ?2"))?;
            select.query_row(params![number.to_string(), sequence], Card::read).optional()
        };
        find().map_err(|error| self.failed(error))
    }

    fn card_where(&self, sql: &str, value: &dyn rusqlite::ToSql) -> Result<Option<Card>, RegisterError> {
        card_where(&self.connection, sql, value).map_err(|error| self.failed(error))
    }

    /// All cards, in the order in which they were planned.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn cards(&self) -> Result<Vec<Card>, RegisterError> {
        let read = || {
            let mut statement = self.connection.prepare(cards!("ORDER BY id"))?;
            statement.query_map([], Card::read)?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|error: rusqlite::Error| self.failed(error))
    }

    /// Gives a piece of plastic to a planned card, before anything is written on it.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn bind(&mut self, id: i64, chip: &Chip, keys: &DomainKeys) -> Result<Bound, RegisterError> {
        let checks: Vec<u8> = keys.checks.iter().flat_map(|check| check.0).collect();
        let changed = self.change(
            "UPDATE card SET state = 'keying', chip = ?2, diversification = ?3, domain_key_version = ?4,
             domain_key_checks = ?5
             WHERE id = ?1 AND state = 'planned' AND NOT EXISTS (SELECT 1 FROM card WHERE chip = ?2)",
            params![id, chip, keys.scheme.name(), keys.version, checks],
        )?;
        if changed == 1 {
            return Ok(Bound::Yes);
        }
        match (self.card_of(chip)?, self.card(id)?) {
            (Some(card), _) if card.id == id => Ok(Bound::Yes),
            (Some(card), _) => Ok(Bound::ChipIs(card)),
            (None, Card { chip: Some(other), .. }) => Ok(Bound::OrderHas(other)),
            (None, _) => Err(self.trouble(Trouble::Unexpected { id, expected: State::Planned.name() })),
        }
    }

    /// Records that a card has come to `state`. One that had come so far already stays where it is.
    ///
    /// # Errors
    /// [`RegisterError`]; [`Trouble::Unexpected`] if it was not in the state before.
    pub fn advance(&mut self, id: i64, state: State, now: u64) -> Result<(), RegisterError> {
        let (before, issued_at) = match state {
            State::Keyed => (State::Keying, None),
            State::Personalised => (State::Keyed, None),
            State::Issued => (State::Personalised, Some(now)),
            _ => return Err(self.trouble(Trouble::Unexpected { id, expected: "to be recorded so" })),
        };
        let changed = self.change(
            "UPDATE card SET state = ?2, issued_at = coalesce(?4, issued_at) WHERE id = ?1 AND state IN (?2, ?3)",
            params![id, state.name(), before.name(), issued_at],
        )?;
        if changed == 1 { Ok(()) } else { Err(self.trouble(Trouble::Unexpected { id, expected: before.name() })) }
    }

    /// Gives up a card that is not done: lost or spoilt. Its order may be planned again, and gets the next place.
    ///
    /// # Errors
    /// [`RegisterError`]; [`Trouble::Unexpected`] if it is done.
    pub fn give_up(&mut self, id: i64) -> Result<(), RegisterError> {
        let changed = self.change(
            "UPDATE card SET state = 'void' WHERE id = ?1 AND state IN ('planned', 'keying', 'keyed', 'personalised')",
            [id],
        )?;
        if changed == 1 { Ok(()) } else { Err(self.trouble(Trouble::Unexpected { id, expected: "unfinished" })) }
    }

    /// Forgets a card that is not done and never will be, since it was never anything but bytes in this program's memory. Its
    /// place goes to the next one. What may lie on somebody's table is given up instead.
    ///
    /// # Errors
    /// [`RegisterError`]; [`Trouble::Unexpected`] if it is done.
    pub fn forget(&mut self, id: i64) -> Result<(), RegisterError> {
        let changed = self.write(|transaction| {
            let unfinished = "state IN ('planned', 'keying', 'keyed', 'personalised')";
            transaction.execute(
                &format!("DELETE FROM value_order WHERE card IN (SELECT id FROM card WHERE id = ?1 AND {unfinished})"),
                [id],
            )?;
            transaction.execute(&format!("DELETE FROM card WHERE id = ?1 AND {unfinished}"), [id])
        })?;
        if changed == 1 { Ok(()) } else { Err(self.trouble(Trouble::Unexpected { id, expected: "unfinished" })) }
    }

    /// Records a card that was made without the register's help: its number has one more, and its serials are used.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn record(&mut self, number: Msisdn, place: Place, requests: u16) -> Result<(), RegisterError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO card (number, sequence, serials_above, serials_most, state)
                 VALUES (?1, ?2, ?3, ?4, 'earlier')",
                params![number.to_string(), place.sequence, place.serials_above, serials_most(place, requests)],
            )
        })?;
        Ok(())
    }

    /// Records that a card with these keys' version did not have them. Returns how often that has been now.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn refused(&mut self, chip: &Chip, version: u8) -> Result<u32, RegisterError> {
        self.write(|transaction| {
            transaction.query_row(
                "INSERT INTO refused (chip, key_version, times) VALUES (?1, ?2, 1)
                 ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
                params![chip, version],
                |row| row.get(0),
            )
        })
    }

    /// Forgets that: a session has shown that it was not the card.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn forgive(&mut self, chip: &Chip, version: u8) -> Result<(), RegisterError> {
        self.change("DELETE FROM refused WHERE chip = ?1 AND key_version = ?2", params![chip, version]).map(drop)
    }

    /// How often a card has not had the keys of this version.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn refusals(&self, chip: &Chip, version: u8) -> Result<u32, RegisterError> {
        let read = || {
            self.connection
                .prepare_cached("SELECT times FROM refused WHERE chip = ?1 AND key_version = ?2")?
                .query_row(params![chip, version], |row| row.get(0))
                .optional()
        };
        Ok(read().map_err(|error| self.failed(error))?.unwrap_or(0))
    }
}

fn card_where(
    connection: &rusqlite::Connection,
    sql: &str,
    value: &dyn rusqlite::ToSql,
) -> rusqlite::Result<Option<Card>> {
    connection.prepare_cached(sql)?.query_row([value], Card::read).optional()
}

/// No serial above this can be used by a card at this place.
fn serials_most(place: Place, requests: u16) -> u32 {
    place.serials_above.saturating_add(requests.into())
}

fn insert(
    transaction: &rusqlite::Transaction<'_>,
    plan: &Plan<'_>,
    place: Place,
    batch: Option<i64>,
    now: u64,
) -> rusqlite::Result<Card> {
    let Order { number, limits, .. } = *plan.order;
    let mut statement = transaction.prepare_cached(
        "INSERT INTO card (number, sequence, serials_above, serials_most, state, seal, batch, line, currency, decimals,
         profile, algorithm, key_scheme, key_epoch, key_check, balance, limit_payment, limit_balance, limit_requests,
         limit_wrong_codes, planned_at)
         VALUES (?1, ?2, ?3, ?4, 'planned', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?;
    statement.execute(params![
        number.to_string(),
        place.sequence,
        place.serials_above,
        serials_most(place, limits.opens),
        plan.seal,
        batch,
        plan.line,
        plan.order.currency.number(),
        plan.order.decimals,
        plan.order.profile.name,
        plan.order.algorithm.name(),
        crate::order::SCHEME.name(),
        plan.epoch,
        plan.key_check.0,
        plan.order.balance.minor_units(),
        limits.payment.minor_units(),
        limits.balance.minor_units(),
        limits.opens,
        limits.failures,
        now,
    ])?;
    let id = transaction.last_insert_rowid();
    Ok(Card { id, number, place, state: State::Planned, chip: None, line: plan.line })
}
