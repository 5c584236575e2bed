//! One card, from blank to its holder's, through the secure channel of its domain; cut off anywhere, it is gone on with.
//!
//! | on the card | in the register, durably before what follows |
//! |---|---|
//! | SELECT of the domain, its key information: transport keys or its own | |
//! | a session with those | *keying*: which piece of plastic this is |
//! | PUT KEY, if it has transport keys; a session with its own | *keyed* |
//! | INSTALL, STORE DATA, SET STATUS, each unless it is done already | |
//! | SELECT of the purse: it is who it should be | *personalised*; the order to load, with its MAC |
//! | LOAD | the receipt; *issued* |
//!
//! What the card says of itself decides what is left to do, and the register whose it is. Nothing is guessed: keys are
//! those of the version that the card names, and after a wrong cryptogram there is no second try, in this run or another,
//! unless the caller says so.

pub(crate) mod channel;
mod error;
mod transport_keys;

use apdu::{Sw, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{Counters, Holder, Identity, Life, Load, PURSE_AID, Personalisation, StoreData, status};
use applet_model::runtime::Random;
use digitally::{Amount, Issuer as CardKey, Key, Payment};
use globalplatform::command::application_parameters;
use globalplatform::command::{GetStatus, Install, NewApplication, PutKey, RegistryEntry, Scope, SetStatus};
use globalplatform::scp03::Level;
use globalplatform::{ApplicationState, CardState, CheckValue, KeySet, Privileges};

pub use error::{PersonaliseError, Step};
pub use transport_keys::{TransportKeys, TransportKeysError};

use crate::keys::{self, Issuer};
use crate::order::{Order, PIN_TRIES, PUK_TRIES, SCHEME};
use crate::register::{Bound, Card, Chip, DomainKeys, Register, State, ValueOrder, ValueReceipt};
use channel::{Channel, Opening, Own};

/// On which terms cards are personalised.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// By whom.
    pub issuer: &'a Issuer,
    /// The keys of blank cards; without them, only cards that have their own keys can be gone on with.
    pub transport: Option<&'a TransportKeys>,
    /// The least that a session has to protect. What the card can do beyond is used.
    pub least: Level,
    /// Whether a card that had a wrong cryptogram before may be tried again.
    pub again: bool,
    /// The time, in seconds since 1970, for the register.
    pub now: u64,
}

impl<'a> Terms<'a> {
    /// The usual ones: commands are enciphered and authenticated at least, and there is no second try.
    #[must_use]
    pub const fn new(issuer: &'a Issuer, transport: Option<&'a TransportKeys>, now: u64) -> Self {
        Self { issuer, transport, least: Level::CDecryption, again: false, now }
    }
}

/// A card that is done.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// The card in the register.
    pub card: Card,
    /// Which piece of plastic it is.
    pub chip: Chip,
    /// The keys of its domain, by name.
    pub keys: DomainKeys,
    /// The check value of its payment key.
    pub payment_key: CheckValue,
    /// The epoch of that key.
    pub epoch: u8,
    /// The level at which it was personalised.
    pub level: Level,
    /// What it has been loaded with.
    pub balance: Amount,
}

/// Personalises the card behind `transport` to be `card`, as it was planned for `order`; or goes on where an earlier run
/// was cut off. `watch` is told each step before it is taken.
///
/// # Errors
/// [`PersonaliseError`]; what was done stays done, and the same call goes on from there.
pub fn personalise<T: Transport>(
    transport: &mut T,
    terms: &Terms<'_>,
    register: &mut Register,
    card: &Card,
    order: &Order,
    random: &mut dyn Random,
    watch: &mut dyn FnMut(Step),
) -> Result<Done, T> {
    // What the caller holds may be older than the register.
    let card = register.card(card.id)?;
    if matches!(card.state, State::Issued | State::Void | State::Earlier) {
        return Err(PersonaliseError::NotToBeMade(card));
    }
    let epoch = register.key_epoch(card.id)?;
    let mut work = Work { terms, register, card, order, random, watch };
    let payment_key = terms.issuer.payment_key(SCHEME, epoch, order.algorithm)?;
    let (channel, Own { chip, names, .. }) = work.open(transport)?;
    let level = channel.level();
    if work.card.state == State::Keyed {
        work.fill(channel, (epoch, &payment_key))?;
    }
    work.hand_over(transport)?;
    let card = Card { state: State::Issued, ..work.card };
    Ok(Done {
        card,
        chip,
        keys: names,
        payment_key: keys::check_value(&payment_key),
        epoch,
        level,
        balance: order.balance,
    })
}

/// All that one card needs.
struct Work<'a> {
    terms: &'a Terms<'a>,
    register: &'a mut Register,
    card: Card,
    order: &'a Order,
    random: &'a mut dyn Random,
    watch: &'a mut dyn FnMut(Step),
}

type Result<A, T> = core::result::Result<A, PersonaliseError<<T as Transport>::Error>>;

impl Work<'_> {
    fn opening<'k, T: Transport>(&mut self, version: u8, transport: Option<&'k KeySet>) -> Result<Opening<'k>, T> {
        let mut challenge = [0; 8];
        self.random.fill(&mut challenge).map_err(crate::KeysError::Random)?;
        let Terms { least, again, .. } = *self.terms;
        Ok(Opening { version, transport, known: None, challenge, least, again })
    }

    /// A session with the card's own keys; it is given them first, if it has those of transport.
    fn open<'t, T: Transport>(&mut self, transport: &'t mut T) -> Result<(Channel<'t, T>, Own), T> {
        let own = self.terms.issuer.domain().version;
        (self.watch)(Step::Select);
        let versions = channel::key_versions(transport)?;
        let first = self.terms.transport.filter(|first| versions.contains(&first.version));
        match (versions.contains(&own), first) {
            (_, Some(first)) if first.version == own => return Err(PersonaliseError::SameVersion(own)),
            (true, Some(_)) => return Err(PersonaliseError::KeysOfBoth { versions }),
            (false, None) => return Err(PersonaliseError::ForeignKeys { versions }),
            _ => {}
        }
        let known = first.map(|first| self.give_keys(transport, first)).transpose()?;
        (self.watch)(Step::Authenticate);
        let opening = Opening { known, ..self.opening::<T>(own, None)? };
        let (channel, own) = Channel::open(transport, opening, self.terms.issuer, self.register)?;
        if self.card.state == State::Keyed && self.card.chip == Some(own.chip) {
            return Ok((channel, own));
        }
        match self.register.card_of(&own.chip)? {
            None => return Err(PersonaliseError::NotInRegister { chip: own.chip }),
            Some(card) if card.id != self.card.id => return Err(PersonaliseError::AnotherCard(card)),
            Some(card) => self.card = card,
        }
        if self.card.state == State::Keying {
            self.register.advance(self.card.id, State::Keyed, self.terms.now)?;
            self.card.state = State::Keyed;
        }
        Ok((channel, own))
    }

    /// PUT KEY: the card's own keys instead of those of transport.
    fn give_keys<T: Transport>(&mut self, transport: &mut T, first: &TransportKeys) -> Result<Own, T> {
        let (issuer, own) = (self.terms.issuer, self.terms.issuer.domain().version);
        (self.watch)(Step::Authenticate);
        let opening = self.opening::<T>(first.version, Some(&first.keys))?;
        let (mut channel, given) = Channel::open(transport, opening, issuer, self.register)?;
        match self.register.bind(self.card.id, &given.chip, &given.names)? {
            Bound::ChipIs(card) => return Err(PersonaliseError::AnotherCard(card)),
            Bound::OrderHas(expected) => return Err(PersonaliseError::AnotherChip { expected, found: given.chip }),
            Bound::Yes => {}
        }
        self.card = self.register.card(self.card.id)?;
        if self.card.state != State::Keying {
            return Err(PersonaliseError::KeysGone(self.card));
        }
        (self.watch)(Step::PutKey);
        // Bit 80 of P1 is taken: a version of FF, which by custom is to be replaced, cannot be named.
        let replaces = if first.version < 0x80 { first.version } else { 0 };
        let mut room = [0; PutKey::MAX_LENGTH];
        let command = PutKey::key_set(replaces, own, &given.keys, first.keys.dek(), &mut room)?;
        let answer = channel.send(Step::PutKey, &command)?;
        if !command.response().is(&answer) {
            return Err(PersonaliseError::CheckValues);
        }
        self.register.advance(self.card.id, State::Keyed, self.terms.now)?;
        self.card.state = State::Keyed;
        Ok(given)
    }

    /// The purse is installed and personalised, the card secured.
    fn fill<T: Transport>(&mut self, mut channel: Channel<'_, T>, payment_key: (u8, &Key<Payment>)) -> Result<(), T> {
        (self.watch)(Step::Status);
        match purse_state(&mut channel)? {
            None => {
                (self.watch)(Step::Install);
                install(&mut channel, self.order)?;
                self.store(&mut channel, payment_key)?;
            }
            Some(ApplicationState::PERSONALIZED) => {}
            Some(ApplicationState::Selectable { .. }) => self.store(&mut channel, payment_key)?,
            Some(state) => return Err(PersonaliseError::PurseState(state)),
        }
        (self.watch)(Step::Secure);
        secure(&mut channel)
    }

    /// STORE DATA. A purse that takes none has had all of it: that it is the right one is checked when it is handed over.
    fn store<T: Transport>(&mut self, channel: &mut Channel<'_, T>, payment_key: (u8, &Key<Payment>)) -> Result<(), T> {
        let (epoch, payment_key) = payment_key;
        let (issuer, Card { number, place, .. }, order) = (self.terms.issuer, self.card, self.order);
        let issuer_key = issuer.card_key(number, place.sequence)?;
        let pin = order.pin.clone().map_or_else(|| issuer.pin(number, place.sequence), Ok)?;
        let puk = order.puk.clone().map_or_else(|| issuer.puk(number, place.sequence), Ok)?;
        let frames = StoreData::frames(&Personalisation {
            identity: self.identity(),
            profile: order.profile,
            danger_accept_broken_profile: order.danger_accept_broken_profile,
            menu: self.register.menu()?,
            limits: order.limits,
            scheme: SCHEME,
            epoch,
            payment_key,
            issuer_key: &issuer_key,
            pin: (PIN_TRIES, &pin),
            puk: (PUK_TRIES, &puk),
        });
        (self.watch)(Step::Personalise);
        channel.send(Step::Personalise, &Install::Personalization { application: PURSE_AID })?;
        for frame in &frames {
            match channel.command(Step::Personalise, &frame.command()?) {
                Ok(_) => {}
                Err(PersonaliseError::Refused { sw: Sw::CONDITIONS_NOT_SATISFIED, .. }) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn identity(&self) -> Identity {
        Identity {
            number: Some(self.card.number),
            currency: self.order.currency.bcd(),
            decimals: self.order.decimals,
            sequence: self.card.place.sequence,
            serials_above: self.card.place.serials_above,
        }
    }

    /// The purse is who it should be, and loaded: once, by its counter.
    fn hand_over<T: Transport>(&mut self, transport: &mut T) -> Result<(), T> {
        let (id, now) = (self.card.id, self.terms.now);
        (self.watch)(Step::Purse);
        let mut purse = Client::select(transport, &PURSE_AID)?;
        let holder: Holder = purse.data()?;
        let expected = (Some(self.card.number), self.card.place.sequence, Life::Personalised);
        if (holder.number, holder.sequence, holder.life()) != expected {
            return Err(PersonaliseError::OtherHolder(holder.number));
        }
        let keyed = self.card.state == State::Keyed;
        if self.order.balance == Amount::ZERO {
            if keyed {
                self.register.advance(id, State::Personalised, now)?;
            }
            return Ok(self.register.advance(id, State::Issued, now)?);
        }
        let key = self.terms.issuer.card_key(self.card.number, self.card.place.sequence)?;
        let (identity, amount) = (self.identity(), self.order.balance);
        let load = Load::new(&key, &identity, amount, FIRST_ORDER);
        let order = ValueOrder { card: id, counter: FIRST_ORDER, amount, mac: load.order.mac };
        if keyed {
            self.register.personalised(&order)?
        } else {
            self.register.order_load(&order)?
        }
        (self.watch)(Step::Load);
        let receipt = execute(&mut purse, &load, &key, &identity)?;
        Ok(self.register.loaded(&order, &receipt, now)?)
    }
}

/// The counter of the first order that a card is given.
const FIRST_ORDER: u32 = 1;

fn execute<T: Transport>(
    purse: &mut Client<&mut T>,
    load: &Load,
    key: &Key<CardKey>,
    identity: &Identity,
) -> Result<ValueReceipt, T> {
    match purse.send(load) {
        Ok(receipt) if load.is_receipted(key, identity, &receipt) => {
            Ok(ValueReceipt::Receipt { balance: receipt.balance, mac: receipt.mac })
        }
        Ok(_) => Err(PersonaliseError::Receipt),
        // It was carried out before, and the receipt lost.
        Err(error) if error.sw() == Some(status::COUNTER) => {
            let Counters { issuer, .. } = purse.data()?;
            let balance = purse.balance()?;
            let was = issuer == load.order.counter && balance == load.order.amount;
            if was { Ok(ValueReceipt::Counted) } else { Err(PersonaliseError::Loaded { issuer, balance }) }
        }
        Err(error) => Err(error.into()),
    }
}

/// The state of the purse in the card's registry, if there is one.
fn purse_state<T: Transport>(channel: &mut Channel<'_, T>) -> Result<Option<ApplicationState>, T> {
    let command = GetStatus { aid: PURSE_AID.as_bytes(), ..GetStatus::all(Scope::Applications) };
    let answer = match channel.send(Step::Status, &command) {
        Err(PersonaliseError::Refused { sw: Sw::REFERENCED_DATA_NOT_FOUND, .. }) => return Ok(None),
        answer => answer?,
    };
    for entry in RegistryEntry::decode_all(&answer) {
        let entry = entry?;
        if entry.aid == PURSE_AID {
            return ApplicationState::from_byte(entry.state).map(Some).ok_or(PersonaliseError::Answer(Step::Status));
        }
    }
    Ok(None)
}

/// INSTALL [for install and make selectable] of a purse of the capacity that was ordered.
fn install<T: Transport>(channel: &mut Channel<'_, T>, order: &Order) -> Result<(), T> {
    let mut room = [0; 32];
    let parameters = application_parameters(&order.capacity.to_bytes(), &mut room)
        .map_err(globalplatform::command::EncodeError::from)?;
    let command = Install::Application(NewApplication {
        load_file: PURSE_AID,
        module: PURSE_AID,
        application: PURSE_AID,
        privileges: Privileges::NONE,
        parameters,
        selectable: true,
    });
    channel.send(Step::Install, &command).map(drop)
}

/// SET STATUS until the card is secured, state by state.
fn secure<T: Transport>(channel: &mut Channel<'_, T>) -> Result<(), T> {
    let answer = channel.send(Step::Secure, &GetStatus::all(Scope::IssuerDomain))?;
    let entry = RegistryEntry::decode_all(&answer).next().ok_or(PersonaliseError::Answer(Step::Secure))??;
    let state = CardState::from_byte(entry.state).ok_or(PersonaliseError::Answer(Step::Secure))?;
    if state > CardState::Secured {
        return Err(PersonaliseError::CardState(state));
    }
    for next in [CardState::Initialized, CardState::Secured] {
        if state < next {
            channel.send(Step::Secure, &SetStatus::card(next))?;
        }
    }
    Ok(())
}
