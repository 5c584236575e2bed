//! GET DATA — `00 CA DF xx 00` (also with class 80, as GlobalPlatform has it): one data object.
//!
//! | tag | bytes | contents |
//! |---|---|---|
//! | DF20 | 13 | holder: number 8, currency 2, decimals 1, card sequence number 1, life cycle 1 |
//! | DF21 | 8 | profile 1, key scheme 1, key epoch 1, algorithm 1, digits of request 1 + 1, of response 1 + 1 |
//! | DF22 | 16 | limits: payment 4, balance 4, opens 2, wrong responses 2, tries a request 1, wrong requests a session 1, unacknowledged 2 |
//! | DF23 | 40 | counters, see [`Counters`] |
//! | DF24 | 12 | capacity: counters, requests, payees, payments, history, contacts, 2 each |
//! | DF25 | 28 | folded history: count 4, sum received 8, MAC chain 16 |
//! | DF27 | 12 | what the menu needs to know, as the issuer sent it last, see [`MenuData`] |
//!
//! The answer is the whole object: tag, length, value. `6A88` no such object. A blank purse answers with zeros.

use apdu::{Command, Sw, Tag, tlv};
use digitally::{Algorithm, Msisdn, Scheme};

use super::frame::{Answer, Frame, Instruction, no_data};
use super::menu::MenuData;
use super::records::{Folded, Limits};
use super::{Capacity, Life, Purse};
use crate::runtime::{Context, Fixed, record};

/// The command, for one data object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetData {
    /// P1 and P2: the tag.
    pub tag: u16,
}

/// A data object of the purse: its value, and the tag under which it is asked for.
pub trait DataObject: Answer {
    /// The tag.
    const TAG: u16;
}

record! {
    /// Who holds the purse. DF20.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Holder {
        /// The holder's number.
        pub number: Option<Msisdn>,
        /// ISO 4217 number, BCD.
        pub currency: [u8; 2],
        /// Decimals of the currency.
        pub decimals: u8,
        /// Which card of this holder it is.
        pub sequence: u8,
        /// See [`Life::from_number`].
        pub life: u8,
    }
}

record! {
    /// The protocol and the name of its key. DF21.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ProfileData {
        /// Number of the profile.
        pub profile: u8,
        /// See [`Scheme::from_number`].
        pub scheme: u8,
        /// Generation of the key.
        pub epoch: u8,
        /// See [`Algorithm::from_number`].
        pub algorithm: u8,
        /// Digits of a request: nonce, then check.
        pub request: [u8; 2],
        /// Digits of a response: nonce, then check.
        pub response: [u8; 2],
    }
}

record! {
    /// What the purse has counted. DF23.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Counters {
        /// Payments made.
        pub payments: u32,
        /// Payments received.
        pub received: u32,
        /// Requests opened.
        pub opened: u32,
        /// Wrong responses typed in.
        pub wrong_responses: u32,
        /// Wrong requests typed in.
        pub wrong_requests: u32,
        /// PINs presented.
        pub pin_attempts: u32,
        /// Wrong PINs among them.
        pub wrong_pins: u32,
        /// The issuer's orders carried out: the next LOAD or UNLOAD carries one more.
        pub issuer: u32,
        /// Requests opened since the last issuer contact.
        pub opened_since_contact: u16,
        /// Wrong responses since the last issuer contact.
        pub wrong_responses_since_contact: u16,
        /// Payments made since the last issuer contact.
        pub unacknowledged: u16,
        /// Tries left for the PIN.
        pub pin_tries: u8,
        /// Tries left for the PUK.
        pub puk_tries: u8,
    }
}

impl DataObject for Holder {
    const TAG: u16 = 0xDF20;
}
impl DataObject for ProfileData {
    const TAG: u16 = 0xDF21;
}
impl DataObject for Limits {
    const TAG: u16 = 0xDF22;
}
impl DataObject for Counters {
    const TAG: u16 = 0xDF23;
}
impl DataObject for Capacity {
    const TAG: u16 = 0xDF24;
}
impl DataObject for Folded {
    const TAG: u16 = 0xDF25;
}
impl DataObject for MenuData {
    const TAG: u16 = 0xDF27;
}

impl Answer for Capacity {
    fn read(data: &[u8]) -> Option<Self> {
        Self::from_bytes(data)
    }
}

impl ProfileData {
    /// The key scheme, if it is a known one.
    #[must_use]
    pub const fn scheme(&self) -> Option<Scheme> {
        Scheme::from_number(self.scheme)
    }

    /// The MAC algorithm, if it is a known one.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_number(self.algorithm)
    }
}

impl Holder {
    /// The state of life.
    #[must_use]
    pub const fn life(&self) -> Life {
        Life::from_number(self.life)
    }
}

impl GetData {
    pub(super) const INS: u8 = 0xCA;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        no_data(command)?;
        Ok(Self { tag: u16::from_be_bytes([command.p1(), command.p2()]) })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        match self.tag {
            Holder::TAG => put(context, self.tag, &purse.holder(context)),
            ProfileData::TAG => put(context, self.tag, &purse.profile_data(context)),
            Limits::TAG => put(context, self.tag, &purse.limits(context)),
            Counters::TAG => put(context, self.tag, &purse.counters(context)),
            Capacity::TAG => put(context, self.tag, &purse.places.capacity.to_bytes()),
            Folded::TAG => put(context, self.tag, &context.memory.read(purse.places.folded)),
            MenuData::TAG => put(context, self.tag, &context.memory.read(purse.places.menu)),
            _ => Err(Sw::REFERENCED_DATA_NOT_FOUND),
        }
    }

    pub(super) fn frame(self) -> Frame {
        let [p1, p2] = self.tag.to_be_bytes();
        Frame::new(0x00, Self::INS, p1, p2).expecting_any()
    }
}

/// GET DATA for the object of type `D`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Get<D>(pub(super) core::marker::PhantomData<fn() -> D>);

/// A data object as it is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<D>(pub(super) D);

impl<D: DataObject> Instruction for Get<D> {
    type Answer = Object<D>;

    fn frame(&self) -> Frame {
        GetData { tag: D::TAG }.frame()
    }
}

impl<D: DataObject> Answer for Object<D> {
    fn read(data: &[u8]) -> Option<Self> {
        let (object, rest) = tlv::parse(data).ok()?;
        let asked_for = object.tag == Tag::new(u32::from(D::TAG)) && rest.is_empty();
        D::read(object.value).filter(|_| asked_for).map(Self)
    }
}

fn put<T: Fixed>(context: &mut Context<'_>, tag: u16, value: &T) -> Result<(), Sw> {
    let [high, low] = tag.to_be_bytes();
    let len = u8::try_from(T::LEN).ok().filter(|len| *len < 0x80).ok_or(Sw::UNKNOWN)?;
    context.reply.put(&[high, low, len])?;
    context.reply.value(value)
}

impl Purse {
    pub(super) fn holder(&self, context: &Context<'_>) -> Holder {
        let identity = context.memory.read(self.places.identity);
        Holder {
            number: identity.number,
            currency: identity.currency,
            decimals: identity.decimals,
            sequence: identity.sequence,
            life: self.life(context).number(),
        }
    }

    pub(super) fn profile_data(&self, context: &Context<'_>) -> ProfileData {
        let [place, _] = self.key_places(context.memory.read(self.places.key_in_use));
        let slot = context.memory.read(place);
        let digits = self.profile(slot.profile).map_or([[0; 2]; 2], |profile| {
            [[profile.request.nonce, profile.request.check], [profile.response.nonce, profile.response.check]]
        });
        let [request, response] = digits;
        ProfileData {
            profile: slot.profile,
            scheme: slot.scheme,
            epoch: slot.epoch,
            algorithm: slot.algorithm,
            request,
            response,
        }
    }

    pub(super) fn counters(&self, context: &Context<'_>) -> Counters {
        let (places, memory) = (&self.places, &context.memory);
        let (pin, puk) = (places.pin.tries(memory), places.puk.tries(memory));
        let (opened, failed) = (memory.read(places.opened), memory.read(places.failed));
        Counters {
            payments: memory.read(places.payments.count),
            received: memory.read(places.received_ever),
            opened: opened.ever,
            wrong_responses: failed.ever,
            wrong_requests: memory.read(places.refused_ever),
            pin_attempts: pin.attempts,
            wrong_pins: pin.failures,
            issuer: memory.read(places.issuer_counter),
            opened_since_contact: opened.since_contact,
            wrong_responses_since_contact: failed.since_contact,
            unacknowledged: u16::try_from(self.unacknowledged(context)).unwrap_or(u16::MAX),
            pin_tries: pin.left,
            puk_tries: puk.left,
        }
    }
}
