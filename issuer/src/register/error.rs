//! Why the register cannot be worked with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use digitally::Msisdn;
use rusqlite::ErrorCode;

/// A register that cannot be worked with. Of what was to be written, nothing was.
#[derive(Debug, thiserror::Error)]
#[error("the register {}: {trouble}", path.display())]
pub struct RegisterError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong.
    #[source]
    pub trouble: Trouble,
}

/// What is wrong with a register.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The issuer has a register, and it is not where it was.
    #[error("it is not there; without it, cards would be made twice")]
    Missing,
    /// It cannot be made.
    #[error("it cannot be made: {0}")]
    Create(std::io::Error),
    /// Another process writes in it.
    #[error("it is locked by another process; waited {wait:?}")]
    Locked {
        /// How long was waited.
        wait: Duration,
    },
    /// It may not be written.
    #[error("it cannot be written: it, or its folder, is read-only")]
    ReadOnly,
    /// No room.
    #[error("the disk is full; nothing was written")]
    Full,
    /// The disk, or what holds it, failed.
    #[error("it cannot be read or written: {0}")]
    Disk(rusqlite::Error),
    /// It is another file, or a damaged one.
    #[error("it is not a register, or damaged")]
    NotARegister,
    /// It was made by a later release.
    #[error("it has version {found}, this program knows up to 2")]
    Version {
        /// The version.
        found: i32,
    },
    /// It is the register of another master key.
    #[error("it is another issuer's")]
    OtherIssuer,
    /// The number has had so many cards that nobody new could pay another one.
    #[error("{number} has had {cards} cards, and their serials are used up")]
    SerialsUsedUp {
        /// Whose cards.
        number: Msisdn,
        /// How many.
        cards: u8,
    },
    /// [`Register::cut_at`](super::Register::cut_at) was told so.
    #[error("it was cut off")]
    Cut,
    /// There is no such card, or it is not in the state that it has to be in.
    #[error("card {id} is not {expected}")]
    Unexpected {
        /// The card's row.
        id: i64,
        /// What it should be.
        expected: &'static str,
    },
    /// Something that a register of this version cannot answer.
    #[error("{0}")]
    Sqlite(rusqlite::Error),
}

impl RegisterError {
    pub(super) fn of(path: &Path, wait: Duration, error: rusqlite::Error) -> Self {
        let trouble = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Trouble::Locked { wait },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Trouble::ReadOnly,
            Some(ErrorCode::CannotOpen) => Trouble::Disk(error),
            Some(ErrorCode::DiskFull) => Trouble::Full,
            Some(ErrorCode::SystemIoFailure) => Trouble::Disk(error),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Trouble::NotARegister,
            _ => Trouble::Sqlite(error),
        };
        Self { path: path.to_owned(), trouble }
    }
}
