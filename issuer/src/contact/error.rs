//! Why a contact came to no good end.

use apdu::CommandError;
use applet_model::purse::client::ClientError;

use crate::keys::KeysError;
use crate::personalise::PersonaliseError;
use crate::register::{Absent, Chip, OpenOrder, RegisterError, ValueKind};

/// Why a contact came to no good end. What was done until then stays done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContactError<E: core::error::Error + 'static> {
    /// The purse is nobody's.
    #[error("the purse is blank")]
    Blank,
    /// It is no card in a holder's hands.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The statement is not this card's, or not for this challenge.
    #[error("the card's statement is not authentic: it is another issuer's card, or none")]
    NotAuthentic,
    /// A log entry is not this card's.
    #[error("log entry {number} is not authentic")]
    EntryNotAuthentic {
        /// Which one.
        number: u32,
    },
    /// The card counts more than it shows.
    #[error(
        "the card has made {payments} payments and has had {history} other entries, and does not show all that it should hold"
    )]
    Incomplete {
        /// Payments made.
        payments: u32,
        /// Other entries.
        history: u32,
    },
    /// The card has had contacts that the register does not know of.
    #[error("the card has had contact {card}, and the register knows of {register} only: it is an old copy")]
    RegisterBehind {
        /// The card's number.
        card: u32,
        /// The register's.
        register: u32,
    },
    /// A card with findings is replaced, not resumed.
    #[error("the card is not what it was, and is not resumed: {}", .0.join("; "))]
    NotToBeResumed(Vec<String>),
    /// The card's MAC algorithm is not a known one.
    #[error("the card has MAC algorithm {0:02X}, which is unknown")]
    Algorithm(u8),
    /// The channel's card is not the purse's.
    #[error("the card is another piece of plastic than the one that was issued")]
    OtherChip {
        /// Which one it is.
        found: Chip,
    },
    /// The card said that it carried the order out, and then that it did not.
    #[error("the card took order {number}, and states that {stated} was its last one")]
    Unconfirmed {
        /// What it was ordered.
        number: u32,
        /// What it states.
        stated: u32,
    },
    /// A counter is at its end.
    #[error("the card has had all the orders that it can be given")]
    Counter,
    /// Nothing is to be moved.
    #[error("the amount is zero")]
    NoAmount,
    /// An order of another name is not done yet.
    #[error("the order of value `{}` has not been carried out yet", .0.reference)]
    Open(OpenOrder),
    /// The name has been used for another order.
    #[error("the reference `{}` stands for another order: {} {}", .0.reference, .0.kind.name(), .0.order.amount.minor_units())]
    ReferenceTaken(OpenOrder),
    /// UNLOAD needs the holder's PIN.
    #[error("the holder's PIN is needed to take value off the card")]
    NoPin,
    /// The PIN was not accepted.
    #[error(transparent)]
    Pin(ClientError<E>),
    /// The card did not load or unload.
    #[error("{}: {error}", kind.name())]
    Value {
        /// Which way.
        kind: ValueKind,
        /// Why not.
        error: ClientError<E>,
    },
    /// The receipt is not the card's.
    #[error("the card's receipt is not authentic")]
    Receipt,
    /// The secure channel could not be opened, or the order was refused in it.
    #[error(transparent)]
    Channel(Box<PersonaliseError<E>>),
    /// The purse did not do what it was asked.
    #[error(transparent)]
    Purse(#[from] ClientError<E>),
    /// The register cannot be worked with.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A key cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A command cannot be written.
    #[error(transparent)]
    Command(#[from] CommandError),
}
