//! Why a card was not personalised, and at which step.

use core::fmt;

use apdu::{CommandError, ExchangeError, Sw};
use applet_model::purse::client::ClientError;
use digitally::{Amount, Msisdn};
use globalplatform::command::{EncodeError, EntryError};
use globalplatform::data::DataError;
use globalplatform::diversify::DiversifyError;
use globalplatform::scp03::host::{HostError, UnwrapError, WrapError};
use globalplatform::{ApplicationState, CardState};

use crate::keys::KeysError;
use crate::register::{Card, Chip, RegisterError};

/// A step on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The domain is selected, and asked which keys it has.
    Select,
    /// A session is opened.
    Authenticate,
    /// The card gets its own keys.
    PutKey,
    /// What is on the card.
    Status,
    /// The purse is installed.
    Install,
    /// The purse is personalised.
    Personalise,
    /// The card is secured.
    Secure,
    /// The purse is selected.
    Purse,
    /// Value is loaded.
    Load,
    /// The purse carries out what its issuer orders at a contact.
    Contact,
}

impl Step {
    /// In words: what is being done.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "selecting the issuer domain",
            Self::Authenticate => "opening the secure channel",
            Self::PutKey => "putting its keys on the card",
            Self::Status => "reading what is on the card",
            Self::Install => "installing the purse",
            Self::Personalise => "personalising the purse",
            Self::Secure => "securing the card",
            Self::Purse => "selecting the purse",
            Self::Load => "loading value",
            Self::Contact => "giving the purse its order",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A list of key versions.
fn hex(versions: &[u8]) -> String {
    versions.iter().map(|version| format!("{version:02X}")).collect::<Vec<_>>().join(", ")
}

/// Why a card was not personalised.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonaliseError<E: core::error::Error + 'static> {
    /// The card could not be reached.
    #[error(transparent)]
    Exchange(#[from] ExchangeError<E>),
    /// The card refused.
    #[error("{step}: the card answered {sw}")]
    Refused {
        /// At which step.
        step: Step,
        /// How.
        sw: Sw,
    },
    /// The card's answer is not what the command answers.
    #[error("{0}: the card's answer does not have the form of one")]
    Answer(Step),
    /// The card has neither the keys of transport that were given nor our own.
    #[error("the card has keys of version {}: neither the transport keys that were given nor ours", hex(versions))]
    ForeignKeys {
        /// Which versions it has.
        versions: Vec<u8>,
    },
    /// The card has both the keys of transport and our own: it was not us who put them there.
    #[error("the card has keys of version {}: transport keys beside its own", hex(versions))]
    KeysOfBoth {
        /// Which versions it has.
        versions: Vec<u8>,
    },
    /// The keys of transport have the version that ours are to have.
    #[error("transport keys and ours both have version {0:02X}: they could not be told apart")]
    SameVersion(u8),
    /// The card says nothing that tells it from others.
    #[error("the card has no key diversification data: it says {} only", hex(chip))]
    Nameless {
        /// What it says.
        chip: Chip,
    },
    /// There is no session, and there will be no second try.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The card was refused before, with keys of the same version.
    #[error("the card had not the keys of version {version:02X} when it was tried before")]
    SecondTry {
        /// Which card.
        chip: Chip,
        /// Which keys.
        version: u8,
    },
    /// A command could not be protected.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// An answer was not the card's.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The card is another one of the register.
    #[error("the card is that of {}, number {} ({})", .0.number, .0.place.sequence, .0.state.name())]
    AnotherCard(Card),
    /// The order has another piece of plastic, half made.
    #[error("this order's card is half made, and another piece of plastic; finish that one, or give it up")]
    AnotherChip {
        /// Which one it has.
        expected: Chip,
        /// Which one this is.
        found: Chip,
    },
    /// The card has keys of ours, and the register does not know it.
    #[error("the card has keys of this issuer, and the register does not know it")]
    NotInRegister {
        /// Which card.
        chip: Chip,
    },
    /// The card was given its keys before, and has those of transport again.
    #[error("the card was given its own keys before, and has transport keys again")]
    KeysGone(Card),
    /// What is to be made is done, or given up.
    #[error("card {} of {} is {}", .0.place.sequence, .0.number, .0.state.name())]
    NotToBeMade(Card),
    /// The check values with which the card confirms its keys are not theirs.
    #[error("the card confirms other keys than it was given")]
    CheckValues,
    /// The purse is locked, or not selectable.
    #[error("the purse on the card is in state {0:?}")]
    PurseState(ApplicationState),
    /// The card is locked or terminated.
    #[error("the card is in state {0:?}")]
    CardState(CardState),
    /// The purse on the card is another holder's, or nobody's.
    #[error("the purse on the card is not the one that was ordered")]
    OtherHolder(Option<Msisdn>),
    /// The purse was loaded otherwise than by us.
    #[error("the purse has carried out {issuer} orders of value and holds {balance:?}: not what was ordered")]
    Loaded {
        /// Its counter of orders.
        issuer: u32,
        /// What is in it.
        balance: Amount,
    },
    /// The receipt for the value loaded is not authentic.
    #[error("the card's receipt for the value loaded is not authentic")]
    Receipt,
    /// The register cannot be worked with.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A key cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The scheme does not go with these masters.
    #[error(transparent)]
    Diversify(#[from] DiversifyError),
    /// The purse did not do what it was asked.
    #[error(transparent)]
    Purse(#[from] ClientError<E>),
    /// The card's key information is none.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The card's registry is none.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A command cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A command cannot be written.
    #[error(transparent)]
    Command(#[from] CommandError),
}
