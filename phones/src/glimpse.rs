//! What is in a card, read from a copy of it: the card itself hears nothing of it.

use apdu::{PowerCut, Transport};
use applet_model::purse::client::{Client, ClientError};
use applet_model::purse::{Contact, Counters, Entry, File, Holder, Life, Limits, PURSE_AID, ProfileData, ShownRequest};
use card_sim::{Card, SeededRandom, image};
use digitally::{Algorithm, Amount, Code, Msisdn, Profile, Scheme, profile};
use zeroize::Zeroizing;

use crate::fresh::MODULES;

/// What a purse tells anybody who asks it.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// Its holder, and its currency.
    pub holder: Holder,
    /// Its protocol, and the name of its key.
    pub profile: ProfileData,
    /// Its caps.
    pub limits: Limits,
    /// What it has counted.
    pub counters: Counters,
    /// What is in it.
    pub balance: Amount,
    /// Its holder's people.
    pub contacts: Vec<Contact>,
    /// Open requests, the newest first.
    pub requests: Vec<ShownRequest>,
    /// Payments made, the newest first.
    pub payments: Vec<Entry>,
    /// The code of the newest payment.
    pub last: Option<Code>,
    /// What was received, loaded and unloaded, the newest first.
    pub history: Vec<Entry>,
}

impl Glimpse {
    /// Looks at a copy of this card, powered up. Nothing if there is no purse on it that answers.
    #[must_use]
    pub fn of(card: &Card) -> Option<Self> {
        let image = Zeroizing::new(image::encode(card));
        // Nothing that is read needs a random number.
        let mut copy = image::decode_unpowered(&image, &MODULES, Box::new(SeededRandom::new(0))).ok()?;
        // Where the power of the card is to fail, that of the copy is not.
        copy.arm(None);
        copy.wake();
        Self::read(&mut Client::select(copy, &PURSE_AID).ok()?).ok()
    }

    fn read<T: Transport>(purse: &mut Client<T>) -> Result<Self, ClientError<T::Error>> {
        Ok(Self {
            holder: purse.data()?,
            profile: purse.data()?,
            limits: purse.data()?,
            counters: purse.data()?,
            balance: purse.balance()?,
            contacts: all(|number| purse.contact(number))?,
            // Under a key that is gone, no code can be shown.
            requests: all(|number| purse.open_request(number)).unwrap_or_default(),
            payments: all(|number| purse.entry(File::Payments, number))?,
            last: purse.last(0).ok().map(|last| last.code),
            history: all(|number| purse.entry(File::History, number))?,
        })
    }

    /// The holder's number.
    #[must_use]
    pub const fn number(&self) -> Option<Msisdn> {
        self.holder.number
    }

    /// The protocol, if it is one of ours.
    #[must_use]
    pub fn protocol(&self) -> Option<&'static Profile> {
        profile::ALL.iter().find(|profile| profile.number == self.profile.profile)
    }

    /// How the key came to be shared.
    #[must_use]
    pub const fn scheme(&self) -> Option<Scheme> {
        Scheme::from_number(self.profile.scheme)
    }

    /// The algorithm of the key.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_number(self.profile.algorithm)
    }

    /// Whether it takes part in payments.
    #[must_use]
    pub fn pays(&self) -> bool {
        self.holder.life() == Life::Personalised
    }

    /// What its holder calls the one with this number.
    #[must_use]
    pub fn name_of(&self, number: Msisdn) -> Option<&str> {
        self.contacts.iter().find(|contact| contact.number == Some(number)).and_then(Contact::text)
    }

    /// An amount as the purse shows it.
    #[must_use]
    pub fn money(&self, amount: Amount) -> String {
        amount.in_units(self.holder.decimals).to_string()
    }
}

/// Each record from number 1 on, as far as there are any.
fn all<A, E>(mut record: impl FnMut(u8) -> Result<Option<A>, E>) -> Result<Vec<A>, E> {
    (1..=u8::MAX).map_while(|number| record(number).transpose()).collect()
}
