//! Where conversation files are played: on image files, on cards in readers, or on fresh software cards.

use std::collections::BTreeMap;
use std::path::Path;

use apdu::{Command, PowerCut, T0, T0Error, Transport, exchange, tlv};
use applet_model::purse::client::Client;
use applet_model::purse::{Counters, DataObject, Holder, Identity, IssuerOrder, Load, MenuData, PURSE_AID, Unload};
use card_sim::{Card, Protocol};
use conversation::{Order, Role, Stage, StageError};
use digitally::{Amount, Issuer as IssuerPurpose, Key, Msisdn};
use phones::fresh::{FreshError, issuer_key};

use crate::failure::{ErrorCode, Failure};
use crate::issuer::Issuer;
use crate::medium::{Medium, MediumError, Place};
use crate::session::Session;
use crate::trace::Traced;

/// The protocol that the cards speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Over {
    /// Pieces of at most 255 bytes, put together on this side
    T0,
    /// Whole commands
    T1,
}

/// Who plays which role, and what the issuer can do for them.
#[derive(Debug)]
pub struct Company<'s> {
    session: &'s Session,
    /// Role by role, the card; none at all for fresh ones.
    cards: BTreeMap<String, Place<'s>>,
    issuer: Option<Issuer>,
    over: Over,
    /// Why a card could not be brought, in full.
    pub failure: Option<Failure>,
}

/// A card on stage. Without power it says nothing, which is no error here.
#[derive(Debug)]
pub struct Actor(Traced<Medium>);

/// A card on stage, and how it is spoken to.
pub enum Player {
    /// In whole commands.
    Whole(Box<Actor>),
    /// In pieces.
    Pieces(Box<T0<Actor>>),
}

/// Why a card on stage gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum PlayerError {
    /// The way to it.
    #[error(transparent)]
    Medium(#[from] MediumError),
    /// T=0.
    #[error(transparent)]
    T0(#[from] T0Error<MediumError>),
}

impl<'s> Company<'s> {
    /// These cards, by role; fresh ones if there are none.
    ///
    /// # Errors
    /// If the issuer file cannot be read.
    pub fn new(
        session: &'s Session,
        cards: BTreeMap<String, Place<'s>>,
        issuer: Option<&str>,
        over: Over,
    ) -> Result<Self, Failure> {
        let issuer = issuer.map(|path| Issuer::open(Path::new(path))).transpose()?;
        Ok(Self { session, cards, issuer, over, failure: None })
    }

    fn cast(&self, role: &Role) -> Result<Medium, Failure> {
        if self.cards.is_empty() {
            return fresh(role, self.session).map(|card| Medium::Memory(Box::new(card)));
        }
        let place = self.cards.get(&role.name).ok_or_else(|| {
            Failure::new(
                ErrorCode::ScriptCard,
                format!("the script has a card `{}`, and no file or reader is named for it", role.name),
            )
            .help(format!(
                "add --card {0}=FILE or --reader {0}=NAME; without any it is played to fresh cards",
                role.name
            ))
        })?;
        Medium::open(*place, self.session)
    }
}

impl Stage for Company<'_> {
    type Card = Player;

    fn bring(&mut self, role: &Role) -> Result<Player, StageError> {
        let brought = self.cast(role).and_then(|mut medium| {
            if let Some(card) = medium.software_mut() {
                card.speak(if self.over == Over::T0 { Protocol::T0 } else { Protocol::T1 });
            }
            // A reader has its protocol with the card already.
            let pieces = self.over == Over::T0 && medium.software().is_some();
            let actor = Actor(Traced::new(medium, self.session.tracing.clone(), role.name.clone()));
            let mut player = match pieces {
                true => Player::Pieces(Box::new(T0::new(actor))),
                false => Player::Whole(Box::new(actor)),
            };
            suits(&mut player, role)?;
            Ok(player)
        });
        brought.map_err(|failure| {
            let why = StageError::new(failure.message());
            self.failure = Some(failure);
            why
        })
    }

    fn power<'c>(&mut self, _: &Role, card: &'c mut Player) -> Option<&'c mut dyn PowerCut> {
        let card = card.medium().software_mut()?;
        Some(card)
    }

    fn order(&mut self, _: &Role, card: &mut Player, order: Order) -> Result<IssuerOrder, StageError> {
        write_order(card, order, |number, sequence| match &self.issuer {
            Some(issuer) => issuer.card_key(number, sequence).map_err(Failure::from),
            None if self.cards.is_empty() => Ok(issuer_key()?),
            None => Err(no_issuer()),
        })
    }
}

/// Why there is no order where no issuer is.
pub fn no_issuer() -> Failure {
    Failure::new(ErrorCode::ScriptStopped, "only the issuer can order that: name its file with --issuer FILE")
        .help("load and unload are the issuer's: the purse must be selected, and its issuer file named")
}

/// The issuer's order to the purse that is selected on this card, under the key that it has for this number and sequence.
///
/// # Errors
/// Why there is none.
pub fn write_order<T: Transport>(
    card: &mut T,
    order: Order,
    key: impl FnOnce(Msisdn, u8) -> Result<Key<IssuerPurpose>, Failure>,
) -> Result<IssuerOrder, StageError> {
    let unselected =
        || StageError::new("the purse is not selected on the basic channel, and does not tell its counter");
    let holder = read::<Holder, T>(card).ok_or_else(unselected)?;
    let counters = read::<Counters, T>(card).ok_or_else(unselected)?;
    let number = holder.number.ok_or_else(|| StageError::new("the purse is nobody's yet"))?;
    let key = key(number, holder.sequence).map_err(|failure| StageError::new(failure.message()))?;
    let identity = Identity {
        number: Some(number),
        currency: holder.currency,
        decimals: holder.decimals,
        sequence: holder.sequence,
        serials_above: 0,
    };
    let counter = counters.issuer.saturating_add(1);
    Ok(match order {
        Order::Load(amount) => Load::new(&key, &identity, amount, counter).order,
        Order::Unload(amount) => Unload::new(&key, &identity, amount, counter).order,
    })
}

/// A data object of the purse that is selected, without selecting anything.
fn read<D: DataObject, T: Transport>(card: &mut T) -> Option<D> {
    let [high, low] = D::TAG.to_be_bytes();
    let bytes = [0x00, 0xCA, high, low, 0x00];
    let (mut scratch, mut response) = ([0; 16], [0; 300]);
    let answer = exchange(card, &Command::decode(&bytes).ok()?, &mut scratch, &mut response).ok()?;
    D::read(tlv::parse(answer.data).ok().filter(|_| answer.sw.is_ok())?.0.value)
}

/// Whether a card is as the script says that it is at the start. Nothing is selected on it afterwards.
fn suits(player: &mut Player, role: &Role) -> Result<(), Failure> {
    if role.number.is_none() && role.balance.is_none() {
        return Ok(());
    }
    let other = |what: String| {
        Failure::new(ErrorCode::ScriptCard, format!("the card for `{}` is not as the script has it: {what}", role.name))
            .help("name another card, change the script's line `card`, or play it to fresh cards: leave --card and --reader out")
    };
    let unreadable = |error: &dyn std::fmt::Display| other(format!("its purse does not answer ({error})"));
    let mut client = Client::select(&mut *player, &PURSE_AID).map_err(|error| unreadable(&error))?;
    let holder: Holder = client.data().map_err(|error| unreadable(&error))?;
    if let (Some(wanted), found) = (role.number, holder.number)
        && found != Some(wanted)
    {
        let found = found.map_or_else(|| "nobody's yet".to_owned(), |number| number.to_string());
        return Err(other(format!("{wanted} is wanted, it is {found}")));
    }
    if let Some(wanted) = role.balance {
        let found = client.balance().map_err(|error| unreadable(&error))?;
        if found != wanted {
            let [wanted, found] = [wanted, found].map(|amount| amount.in_units(holder.decimals).to_string());
            return Err(other(format!("{wanted} is wanted in its purse, there is {found}")));
        }
    }
    player.reset().map_err(|error| unreadable(&error))
}

/// The holder where a script says none.
const NUMBER: &str = "+254700000099";

fn unmade(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(ErrorCode::CardFailed, format!("no card could be made: {error}")).help("please report this")
}

/// A software card for this role, with published test keys.
fn fresh(role: &Role, session: &Session) -> Result<Card, Failure> {
    let number = match role.number {
        Some(number) => number,
        None => NUMBER.parse().map_err(|error| unmade(&error))?,
    };
    fresh_card(number, role.balance.unwrap_or(Amount::ZERO), None, session)
}

/// A software card with published test keys, its holder's number, a balance, and what its menu knows.
///
/// # Errors
/// If it cannot be made, or loaded with so much.
pub fn fresh_card(number: Msisdn, balance: Amount, menu: Option<MenuData>, session: &Session) -> Result<Card, Failure> {
    Ok(phones::fresh::card(number, balance, menu, session.random())?)
}

impl From<FreshError> for Failure {
    fn from(error: FreshError) -> Self {
        match error {
            FreshError::Unmade(_) => Self::new(ErrorCode::CardFailed, error.to_string()).help("please report this"),
            FreshError::Load { .. } => {
                Self::new(ErrorCode::ScriptCard, error.to_string()).help("a purse holds at most 50000.00")
            }
        }
    }
}

impl Player {
    /// The card itself.
    fn medium(&mut self) -> &mut Medium {
        match self {
            Self::Whole(actor) => actor.0.inner_mut(),
            Self::Pieces(pieces) => pieces.inner_mut().0.inner_mut(),
        }
    }
}

impl Transport for Player {
    type Error = PlayerError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, PlayerError> {
        Ok(match self {
            Self::Whole(actor) => actor.transmit(command, response)?,
            Self::Pieces(pieces) => pieces.transmit(command, response)?,
        })
    }

    fn reset(&mut self) -> Result<(), PlayerError> {
        match self {
            Self::Whole(actor) => actor.reset()?,
            Self::Pieces(pieces) => pieces.reset()?,
        }
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        match self {
            Self::Whole(actor) => actor.atr(),
            Self::Pieces(pieces) => pieces.atr(),
        }
    }
}

impl Transport for Actor {
    type Error = MediumError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, MediumError> {
        match self.0.transmit(command, response) {
            Err(MediumError::PowerCut(_)) => Ok(0),
            answered => answered,
        }
    }

    fn reset(&mut self) -> Result<(), MediumError> {
        self.0.reset()
    }

    fn atr(&self) -> &[u8] {
        self.0.atr()
    }
}
