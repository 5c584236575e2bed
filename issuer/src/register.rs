//! The register: which cards were made for whom, how far each has come, and which orders of value they were given.
//!
//! One SQLite file beside the issuer file. It holds no keys, PINs or PUKs: key check values, and seals under a key of the
//! issuer's. A statement that has returned is on the disk (`synchronous = FULL`, rollback journal); of one that has not,
//! nothing is left. ADR 19 says why it is laid out so.

mod card;
mod contact;
mod error;
mod list;
mod menu;
mod upload;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use digitally::Msisdn;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

pub use card::{Absent, Bound, Card, Chip, DomainKeys, Plan, PlanRefusal, State};
pub use contact::{Came, Epochs, Known, Learned, Ordered};
pub use error::{RegisterError, Trouble};
pub use list::Listed;
pub use upload::Arrival;
pub use value::{OpenOrder, ValueKind, ValueOrder, ValueReceipt};

/// How long a register that another process writes in is waited for.
pub const WAIT: Duration = Duration::from_secs(5);

/// Tells SQLite's `file`, and us, whose file it is: `dgrg`.
const APPLICATION: i32 = 0x6467_7267;
const VERSION: i32 = 2;
const SCHEMA: &str = include_str!("register/schema.sql");
/// From version 1 to 2.
const CONTACT: &str = include_str!("register/contact.sql");

/// Whose register it is: eight bytes that only one master key gives.
pub type RegisterId = [u8; 8];

/// A register, open.
#[derive(Debug)]
pub struct Register {
    connection: Connection,
    path: PathBuf,
    wait: Duration,
    /// How many more transactions there are to be, if not any number.
    left: Option<u32>,
}

/// Which card of its holder a card is. Another one has other keys, and serials above all that this one can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Card sequence number, from 1 on.
    pub sequence: u8,
    /// The card's serials are above this number.
    pub serials_above: u32,
}

impl Place {
    /// The holder's first card.
    pub const FIRST: Self = Self { sequence: 1, serials_above: 0 };
}

/// How many cards a number has had, where that is all that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// How many cards.
    pub cards: u8,
    /// No serial above this can have been used by them.
    pub serials: u32,
}

/// More than there are.
const STATEMENTS: usize = 64;

/// A payer who never paid this payee finds serials up to 16 ranges of a thousand; further ones, nobody new can pay.
const REACH: u32 = 15_000;

impl Register {
    /// Opens the register of this issuer.
    ///
    /// # Errors
    /// [`RegisterError`]: none there, not ours, of another issuer, or in use for longer than `wait`.
    pub fn open(path: &Path, issuer: &RegisterId, wait: Duration) -> Result<Self, RegisterError> {
        if !path.exists() {
            return Err(RegisterError { path: path.to_owned(), trouble: Trouble::Missing });
        }
        let register = Self::connect(path, wait)?;
        match register.issuer()? {
            Some(found) if found == *issuer => Ok(register),
            _ => Err(register.trouble(Trouble::OtherIssuer)),
        }
    }

    /// Opens the register at this path, or makes one that only its owner can read, for this issuer. One without cards may
    /// have been another issuer's: whoever made it did not live to make a card.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn open_or_create(path: &Path, issuer: &RegisterId, wait: Duration) -> Result<Self, RegisterError> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            if let Err(error) = made
                && error.kind() != std::io::ErrorKind::AlreadyExists
            {
                return Err(RegisterError { path: path.to_owned(), trouble: Trouble::Create(error) });
            }
        }
        let mut register = Self::connect(path, wait)?;
        match register.issuer()? {
            Some(found) if found == *issuer => return Ok(register),
            Some(_) if register.count(None)? > 0 => return Err(register.trouble(Trouble::OtherIssuer)),
            _ => {}
        }
        register.write(|transaction| {
            transaction.execute("INSERT OR REPLACE INTO issuer (one, id) VALUES (1, ?1)", [issuer]).map(drop)
        })?;
        Ok(register)
    }

    /// A register in memory, gone with this value: for demonstrations, and to measure.
    ///
    /// # Errors
    /// None that SQLite documents.
    pub fn in_memory(issuer: &RegisterId) -> Result<Self, RegisterError> {
        let path = PathBuf::from(":memory:");
        let mut register = match Connection::open_in_memory() {
            Ok(connection) => Self::over(connection, path, WAIT),
            Err(error) => return Err(RegisterError::of(&path, WAIT, error)),
        };
        register.prepare(WAIT)?;
        register.write(|transaction| {
            transaction.execute("INSERT INTO issuer (one, id) VALUES (1, ?1)", [issuer]).map(drop)
        })?;
        Ok(register)
    }

    fn connect(path: &Path, wait: Duration) -> Result<Self, RegisterError> {
        let connection = Connection::open_with_flags(
            path,
            rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX,
        );
        let connection = connection.map_err(|error| RegisterError::of(path, wait, error))?;
        let mut register = Self::over(connection, path.to_owned(), wait);
        register.prepare(wait)?;
        Ok(register)
    }

    fn over(connection: Connection, path: PathBuf, wait: Duration) -> Self {
        // Each statement is parsed once: that is most of its work.
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self { connection, path, wait, left: None }
    }

    /// Settings, and the tables of a register that has none yet.
    fn prepare(&mut self, wait: Duration) -> Result<(), RegisterError> {
        let settings = || {
            self.connection.busy_timeout(wait)?;
            self.connection.pragma_update(None, "synchronous", "FULL")?;
            self.connection.pragma_update(None, "foreign_keys", true)?;
            // A file at rest is one file, which can be copied; and a commit is durable when the journal's truncation is.
            self.connection.query_row("PRAGMA journal_mode = TRUNCATE", [], |_| Ok(()))
        };
        settings().map_err(|error| self.failed(error))?;
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let (application, version) = (pragma("application_id"), pragma("user_version"));
        match (application.map_err(|error| self.failed(error))?, version.map_err(|error| self.failed(error))?) {
            (APPLICATION, VERSION) => Ok(()),
            (APPLICATION, 1) => self.migrate(),
            (APPLICATION, version) => Err(self.trouble(Trouble::Version { found: version })),
            (0, 0) => self.lay_out(),
            _ => Err(self.trouble(Trouble::NotARegister)),
        }
    }

    fn lay_out(&mut self) -> Result<(), RegisterError> {
        let mut foreign = false;
        self.write(|transaction| {
            // Somebody else may have been faster, or it is another program's database.
            let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            let application: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
            foreign = tables > 0 && application != APPLICATION;
            if tables == 0 {
                transaction.execute_batch(SCHEMA)?;
                transaction.execute_batch(CONTACT)?;
                transaction.pragma_update(None, "application_id", APPLICATION)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            Ok(())
        })?;
        if foreign { Err(self.trouble(Trouble::NotARegister)) } else { Ok(()) }
    }

    /// A register of version 1 becomes one of this version.
    fn migrate(&mut self) -> Result<(), RegisterError> {
        self.write(|transaction| {
            // Somebody else may have been faster.
            let version: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if version == 1 {
                transaction.execute_batch(CONTACT)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            Ok(())
        })
    }

    /// Has every transaction fail from the one with this number on, counted from 0: to see what is left of work that is cut
    /// off between two of them.
    pub const fn cut_at(&mut self, transaction: Option<u32>) {
        self.left = transaction;
    }

    /// Lets the file have at most so many pages of 4 KiB, while it is open: to see what happens when it is full.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn bound(&mut self, pages: u32) -> Result<(), RegisterError> {
        let set = self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
        set.map_err(|error| self.failed(error))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn issuer(&self) -> Result<Option<RegisterId>, RegisterError> {
        let id = self.connection.query_row("SELECT id FROM issuer", [], |row| row.get(0)).optional();
        id.map_err(|error| self.failed(error))
    }

    /// Carries out one transaction: all of it or nothing, and on the disk when this returns.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, RegisterError> {
        self.spend()?;
        let Self { connection, path, wait, .. } = self;
        let attempt = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        attempt().map_err(|error| RegisterError::of(path, *wait, error))
    }

    /// Counts a transaction that is to be, if [`Register::cut_at`] wants that.
    fn spend(&mut self) -> Result<(), RegisterError> {
        match self.left.as_mut().map(|left| left.checked_sub(1).map(|fewer| *left = fewer)) {
            Some(None) => Err(self.trouble(Trouble::Cut)),
            _ => Ok(()),
        }
    }

    /// Carries out one statement, which is a transaction of its own. Returns how many rows it has changed.
    fn change(&mut self, sql: &str, values: impl rusqlite::Params) -> Result<usize, RegisterError> {
        self.spend()?;
        let changed = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        changed.map_err(|error| self.failed(error))
    }

    /// Takes over what an issuer file of before the register knew: how many cards each number has had. Doing so twice is
    /// doing so once.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn import(&mut self, earlier: &BTreeMap<Msisdn, Earlier>) -> Result<(), RegisterError> {
        self.write(|transaction| {
            for (number, made) in earlier {
                for sequence in 1..=made.cards {
                    transaction.execute(
                        "INSERT OR IGNORE INTO card (number, sequence, serials_above, serials_most, state)
                         VALUES (?1, ?2, 0, ?3, 'earlier')",
                        params![number.to_string(), sequence, made.serials],
                    )?;
                }
            }
            Ok(())
        })
    }

    /// The place of the next card for this number.
    ///
    /// # Errors
    /// [`Trouble::SerialsUsedUp`] if there have been so many cards that nobody new could pay another one.
    pub fn next_place(&self, number: Msisdn) -> Result<Place, RegisterError> {
        let place = next_place(&self.connection, number).map_err(|error| self.failed(error))?;
        place.map_err(|cards| self.trouble(Trouble::SerialsUsedUp { number, cards }))
    }

    /// Whether this issuer has made that card, as far as the register knows.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn has_made(&self, number: Msisdn, sequence: u8) -> Result<bool, RegisterError> {
        let found = self.connection.query_row(
            "SELECT 1 FROM card WHERE number = ?1 AND sequence = ?2 AND state NOT IN ('planned', 'void')",
            params![number.to_string(), sequence],
            |_| Ok(()),
        );
        Ok(found.optional().map_err(|error| self.failed(error))?.is_some())
    }

    /// How many cards there are, in this state or in all.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub fn count(&self, state: Option<State>) -> Result<u64, RegisterError> {
        let count = self.connection.query_row(
            "SELECT count(*) FROM card WHERE ?1 IS NULL OR state = ?1",
            [state.map(State::name)],
            |row| row.get(0),
        );
        count.map_err(|error| self.failed(error))
    }

    /// What the register says of itself: SQLite's own check, and that every card in the hands of its holder is complete.
    ///
    /// # Errors
    /// [`Trouble::NotARegister`] if it is damaged.
    pub fn check(&self) -> Result<(), RegisterError> {
        let found: rusqlite::Result<String> = self.connection.query_row("PRAGMA integrity_check", [], |row| row.get(0));
        match found.map_err(|error| self.failed(error))?.as_str() {
            "ok" => Ok(()),
            _ => Err(self.trouble(Trouble::NotARegister)),
        }
    }

    fn trouble(&self, trouble: Trouble) -> RegisterError {
        RegisterError { path: self.path.clone(), trouble }
    }

    fn failed(&self, error: rusqlite::Error) -> RegisterError {
        RegisterError::of(&self.path, self.wait, error)
    }
}

/// The next place, or how many cards have used the serials up.
fn next_place(connection: &Connection, number: Msisdn) -> rusqlite::Result<Result<Place, u8>> {
    History::of(connection, number).map(|history| history.next())
}

/// What cards a number has had.
struct History {
    /// How many.
    cards: u8,
    /// No serial above this can have been used by them.
    serials: u32,
    /// The newest that was not given up; 0 for none.
    newest: u8,
}

impl History {
    fn of(connection: &Connection, number: Msisdn) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT coalesce(max(sequence), 0), coalesce(max(serials_most), 0),
                 coalesce(max(sequence) FILTER (WHERE state <> 'void'), 0) FROM card WHERE number = ?1",
            )?
            .query_row([number.to_string()], |row| {
                Ok(Self { cards: row.get(0)?, serials: row.get(1)?, newest: row.get(2)? })
            })
    }

    /// The next place, or how many cards have used the serials up.
    fn next(&self) -> Result<Place, u8> {
        match self.cards.checked_add(1) {
            Some(sequence) if self.serials <= REACH => Ok(Place { sequence, serials_above: self.serials }),
            _ => Err(self.cards),
        }
    }
}

#[cfg(test)]
mod tests;
