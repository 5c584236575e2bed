//! The purse: one balance, one PIN, one log, one set of limits; payments by short codes between people.
//!
//! `docs/applet.md` is its interface, `docs/protocol.md` the protocol. One command is one file, in both directions:
//! the struct, how it is encoded for the card, how the card decodes it, and what it does. What several commands
//! share, the money and the log, is `core`.

mod append_record;
mod authorise;
mod budget;
mod cancel;
mod change_reference_data;
mod check;
pub mod client;
mod command;
mod confirm;
mod contact_order;
mod core;
mod data_groups;
mod erase_record;
mod frame;
mod get_balance;
mod get_data;
mod internal_authenticate;
mod issuer_mac;
mod last;
mod layout;
mod load;
mod map;
mod menu;
mod read_record;
mod records;
mod request;
mod reset_retry_counter;
mod select;
pub mod status;
mod store_data;
mod unload;
pub mod upload;
mod verify;

use apdu::{Aid, Command, Sw};
use digitally::{Profile, profile};

use crate::runtime::{Applet, Context, Demand, Entry as MenuEntry, Event, Next, Terminal};

pub use append_record::AppendContact;
pub use authorise::{Authorise, Paid};
pub use budget::{PAYEE, PAYER, Work, writes};
pub use cancel::Cancel;
pub use change_reference_data::ChangeReferenceData;
pub use check::{Check, Checked};
pub use command::PurseCommand;
pub use confirm::{Confirm, Received};
pub use contact_order::{ContactOrder, KeyName, Settled};
pub use data_groups::{DataGroup, Personalisation};
pub use erase_record::EraseContact;
pub use frame::{Answer, Frame, Instruction};
pub use get_balance::GetBalance;
pub use get_data::{Counters, DataObject, GetData, Holder, ProfileData};
pub use internal_authenticate::{Attested, InternalAuthenticate, KeyNames, Statement};
pub use issuer_mac::{AttestedEntry, IssuerOrder, IssuerReceipt};
pub use last::{Last, LastPaid};
pub use layout::{Capacity, RESERVED};
pub use load::Load;
pub use map::{Field, Row, byte_table, map};
pub use menu::{Country, Language, MenuData, Text, TrunkPrefix};
pub use read_record::{File, ReadRecord, ShownRequest};
pub use records::{Contact, Counts, Entry, Folded, Identity, Limits, OpenRequest};
pub use request::{OpenedRequest, RequestPayment};
pub use reset_retry_counter::ResetRetryCounter;
pub use select::{LABEL, VERSION};
pub use store_data::StoreData;
pub use unload::Unload;
pub use verify::Verify;

/// The name of the purse application and of the module that makes it: a national-style AID under the proprietary
/// category `F`, which needs no registration (ISO/IEC 7816-5), and the ASCII text `digitally`, version 1.
pub const PURSE_AID: Aid = Aid::from_array(b"\xF0digitally\x01");

/// Where the purse stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Installed, and nobody's yet: takes personalisation and nothing else.
    Blank,
    /// Somebody's purse.
    Personalised,
    /// No more payments: the unblocking key was tried too often. What was paid can still be shown.
    Blocked,
    /// No more payments until the issuer resumes it, at a contact. What was paid can still be shown.
    Suspended,
}

impl Life {
    /// The byte in memory and in GET DATA.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Blank => 0,
            Self::Personalised => 1,
            Self::Blocked => 2,
            Self::Suspended => 3,
        }
    }

    /// The state of that byte. What is no state counts as blocked.
    #[must_use]
    #[inline]
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Blank,
            1 => Self::Personalised,
            3 => Self::Suspended,
            _ => Self::Blocked,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Personalised => "personalised",
            Self::Blocked => "blocked",
            Self::Suspended => "suspended",
        }
    }
}

/// The purse applet: code, and where everything lies. What it knows is in its card's memory.
#[derive(Debug)]
pub struct Purse {
    places: layout::Places,
    profiles: &'static [Profile],
}

impl Purse {
    /// A purse of this capacity that knows the published profiles.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self::with_profiles(capacity, &profile::ALL)
    }

    /// A purse that knows these profiles instead, for the lab: codes of other lengths, smaller nonce spaces.
    #[must_use]
    pub fn with_profiles(capacity: Capacity, profiles: &'static [Profile]) -> Self {
        Self { places: layout::Places::new(capacity), profiles }
    }
}

impl Applet for Purse {
    fn demand(&self) -> Demand {
        self.places.demand()
    }

    /// All zero is the blank state.
    fn install(&self, _: &mut Context<'_>) -> Result<(), Sw> {
        Ok(())
    }

    fn select(&self, context: &mut Context<'_>) -> Result<(), Sw> {
        self.block_if_unblockable(context)?;
        select::answer(context)
    }

    /// What must not outlive the session lies in memory that the card clears.
    fn deselect(&self, _: &mut Context<'_>) {}

    fn process(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw> {
        // By reference: a command is decoded into its place and not moved again.
        match &PurseCommand::decode(command) {
            Ok(decoded) => decoded.apply(self, context),
            Err(sw) => {
                self.drop_pending(context);
                self.places.verified.set(context, false);
                Err(*sw)
            }
        }
    }

    fn personalise(&self, command: &Command<'_>, context: &mut Context<'_>) -> Result<(), Sw> {
        let store = StoreData::decode(command)?;
        match self.life(context) {
            Life::Blank => store.apply(self, context),
            Life::Personalised | Life::Blocked | Life::Suspended => self.contact_order(command, context),
        }
    }

    /// Its menu is how people without a terminal of their own use it.
    fn is_toolkit(&self) -> bool {
        true
    }

    fn entry(&self, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Option<MenuEntry>, Sw> {
        self.menu_entry(terminal, context)
    }

    fn converse(&self, event: Event<'_>, terminal: &Terminal<'_>, context: &mut Context<'_>) -> Result<Next, Sw> {
        self.menu_turn(event, terminal, context)
    }
}
