//! Where a script is played: who brings its cards, cuts their power, and writes the orders of their issuer.

use apdu::{PowerCut, Transport};
use applet_model::purse::IssuerOrder;
use digitally::{Amount, Msisdn};

/// A card of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name; `card` if the script gives none.
    pub name: String,
    /// The number of its holder, if the script says it; any number if not.
    pub number: Option<Msisdn>,
    /// What is in its purse at the start, if the script says it.
    pub balance: Option<Amount>,
}

/// What the issuer orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// So much is added.
    Load(Amount),
    /// So much is taken out.
    Unload(Amount),
}

/// What a host cannot do for a script.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StageError {
    /// Why, in one sentence.
    pub message: String,
}

impl StageError {
    /// With this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// Where a script is played: brings the cards, and does to them what no command does.
pub trait Stage {
    /// A card, over whatever way.
    type Card: Transport;

    /// The card for this role, powered up, with nothing selected. Called once for each role, before the first command.
    ///
    /// # Errors
    /// Why there is none.
    fn bring(&mut self, role: &Role) -> Result<Self::Card, StageError>;

    /// The power of this card, if it can be cut from here. Without this method no card's can.
    fn power<'c>(&mut self, _role: &Role, _card: &'c mut Self::Card) -> Option<&'c mut dyn PowerCut> {
        None
    }

    /// The issuer's order to this card. Without this method no issuer is there.
    ///
    /// # Errors
    /// Why there is no order.
    fn order(&mut self, _role: &Role, _card: &mut Self::Card, _order: Order) -> Result<IssuerOrder, StageError> {
        Err(StageError::new("there is no issuer here who could order that"))
    }
}
