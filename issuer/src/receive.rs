//! Uploads: the short messages in which cards send their logs, come in any order, twice, late, or not at all.
//!
//! What a phone was told to send is an SMS-SUBMIT. Of that its type, its coding scheme and its user data are looked at: the
//! user data is an [`UploadMessage`], in 8-bit data without a header. To whom it went, how long it was to be kept and whose
//! phone sent it say nothing that a MAC covers, and are passed over. Each entry is taken for what its card's MAC says.
//!
//! The statement of an upload is for a challenge of zeros, so it may be an old one that somebody sends again. It says what
//! the card had behind it when it was made, no matter when that was: what is missing is told by it, and a card that has less
//! behind it later was copied back. It is never taken for what the card says now, and acknowledges nothing.

mod line;
mod standing;

use applet_model::purse::upload::{CHALLENGE, Entries, UploadError, UploadMessage};
use applet_model::purse::{AttestedEntry, Identity};
use toolkit::sms::{Header, Submit};
use toolkit::{Alphabet, DecodeError};

pub use line::{Line, LineError, lines};
pub use standing::{Numbers, Standing};

use crate::keys::{Issuer, KeysError};
use crate::register::{Absent, Arrival, Card, Register, RegisterError};

/// A message that was a card's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Whose.
    pub card: Card,
    /// What it brought.
    pub content: Content,
}

/// What a message brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Log entries, by their numbers.
    Entries(Vec<(u32, Arrival)>),
    /// A statement, by the number of the newest entry then.
    Statement(u32, Arrival),
}

/// Why a message was not taken: nothing of it went into the register.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no short message to the network.
    #[error("this is no SMS-SUBMIT: {0}")]
    Submit(#[from] DecodeError),
    /// Its user data is text, or a part of a longer message.
    #[error("its user data is not 8-bit data in one part, as an upload's is")]
    Coding,
    /// Its user data is no upload's.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// It reads as a message, and no card writes that so.
    #[error("a field has bytes that no card writes there")]
    Form,
    /// A statement of nobody's card.
    #[error("the statement is a blank card's")]
    Blank,
    /// It is no card in a holder's hands.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The card was made before there was a register, and was not met since: its currency, which the MACs cover, is unknown.
    #[error("of card {} of {} the currency is not known, so that no MAC can be checked: meet it once", .0.place.sequence, .0.number)]
    Currency(Card),
    /// A MAC is not this card's.
    #[error("log entry {entry} has another MAC than card {} of {} would give it", card.place.sequence, card.number)]
    Entry {
        /// Whose it says that it is.
        card: Card,
        /// Its number.
        entry: u32,
    },
    /// The statement's MAC is not this card's, or the statement is for another challenge.
    #[error("the statement has another MAC than card {} of {} would give it", .0.place.sequence, .0.number)]
    Statement(Card),
}

/// Why a message did not go into the register.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It is none that can be taken. Others may be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The register cannot be worked with: the message is to be received again.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A key cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// Takes one message up: an SMS-SUBMIT as the phone was told to send it. All of it goes into the register, in one
/// transaction, or nothing; the same message again changes nothing.
///
/// # Errors
/// [`ReceiveError`]: after [`ReceiveError::Refused`], the next message can be received.
pub fn receive(register: &mut Register, issuer: &Issuer, tpdu: &[u8], now: u64) -> Result<Received, ReceiveError> {
    let (card, content) = match read(tpdu)? {
        UploadMessage::Entries(entries) => {
            let card = register.issued(entries.holder, entries.sequence)?.map_err(Refusal::from)?;
            (card, take_entries(register, issuer, &card, &entries, now)?)
        }
        UploadMessage::Statement(attested) => {
            let holder = attested.statement.holder;
            let card =
                register.issued(holder.number.ok_or(Refusal::Blank)?, holder.sequence)?.map_err(Refusal::from)?;
            let key = issuer.card_key(card.number, card.place.sequence)?;
            if !attested.is_of(&key, CHALLENGE) {
                return Err(Refusal::Statement(card).into());
            }
            let arrival = register.take_statement(card.id, &attested, now)?;
            (card, Content::Statement(attested.statement.entries, arrival))
        }
    };
    Ok(Received { card, content })
}

/// The upload's message in an SMS-SUBMIT. Nothing is said yet of whose it is.
///
/// # Errors
/// [`Refusal`].
pub fn read(tpdu: &[u8]) -> Result<UploadMessage, Refusal> {
    let data = Submit::decode(tpdu)?.data;
    if data.dcs().alphabet() != Some(Alphabet::Octets) || data.header != Header::None {
        return Err(Refusal::Coding);
    }
    let message = UploadMessage::decode(data.bytes())?;
    // A number that is none reads as no number, whatever stands there; and MACs cover what was read.
    let mut room = [0; UploadMessage::MAX_LENGTH];
    let same = message.encode(&mut room) == Some(data.bytes());
    if same { Ok(message) } else { Err(Refusal::Form) }
}

fn take_entries(
    register: &mut Register,
    issuer: &Issuer,
    card: &Card,
    entries: &Entries,
    now: u64,
) -> Result<Content, ReceiveError> {
    let Card { number, place, .. } = *card;
    let key = issuer.card_key(number, place.sequence)?;
    let currency = register.currency(card.id)?.ok_or(Refusal::Currency(*card))?;
    // What no MAC covers is nought.
    let identity = Identity { number: Some(number), currency, decimals: 0, sequence: place.sequence, serials_above: 0 };
    let entries: Vec<AttestedEntry> = entries.iter().copied().collect();
    if let Some(false_one) = entries.iter().find(|attested| !attested.is_of(&key, &identity)) {
        return Err(Refusal::Entry { card: *card, entry: false_one.entry.number }.into());
    }
    let arrivals = register.take_entries(card.id, &entries, now)?;
    Ok(Content::Entries(entries.iter().map(|attested| attested.entry.number).zip(arrivals).collect()))
}
