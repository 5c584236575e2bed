//! Making a card somebody's: personalisation and the first load, through APDUs.

pub use ::issuer::order::{EPOCH, PIN_TRIES, PUK_TRIES, SCHEME, limits};
use applet_model::purse::client::Client;
use applet_model::purse::{Capacity, Counters, Identity, Limits, Load, Personalisation};
use applet_model::runtime::PinBlock;
use digitally::{Algorithm, Amount, Msisdn, Profile};
use globalplatform::{Access, CheckValue, KeySet};

use crate::failure::refusal::Doing;
use crate::failure::{ErrorCode, Failure};
use crate::issuer::{Issuer, Place, check_value};

use crate::medium::Medium;
use crate::money::Money;
use crate::purse::Purse;
use crate::session::Session;

/// Everything about a card to be.
#[derive(Debug)]
pub struct Template<'a> {
    /// Whose it is.
    pub number: Msisdn,
    /// Which card of theirs it is.
    pub place: Place,
    /// In which currency.
    pub money: Money,
    /// The protocol.
    pub profile: &'a Profile,
    /// Says that a broken profile is wanted, knowing the danger.
    pub danger_accept_broken_profile: bool,
    /// The MAC algorithm.
    pub algorithm: Algorithm,
    /// How much it can hold.
    pub capacity: Capacity,
    /// Its answer to reset.
    pub atr: &'a [u8],
    /// What it allows.
    pub limits: Limits,
    /// The PIN.
    pub pin: &'a PinBlock,
    /// The unblocking key; the issuer's derived one if there is none.
    pub puk: Option<PinBlock>,
    /// What is loaded at once.
    pub balance: Amount,
}

/// A card that was made, in memory, and the check value of its payment key.
#[derive(Debug)]
pub struct Issued {
    /// Its purse, selected.
    pub purse: Purse,
    /// The check value.
    pub check_value: CheckValue,
}

/// Makes a card in memory, personalises it, and loads it. `card` is what messages call it.
///
/// # Errors
/// If a key cannot be derived or the card refuses.
pub fn issue(session: &Session, issuer: &Issuer, template: Template<'_>, card: String) -> Result<Issued, Failure> {
    let payment_key = issuer.payment_key(SCHEME, EPOCH, template.algorithm)?;
    let Place { sequence, serials_above } = template.place;
    let issuer_key = issuer.card_key(template.number, sequence)?;
    let puk = match template.puk {
        Some(puk) => puk,
        None => issuer.puk(template.number, sequence)?,
    };
    let identity = Identity {
        number: Some(template.number),
        currency: template.money.currency.bcd(),
        decimals: template.money.decimals,
        sequence,
        serials_above,
    };
    let mut purse = Purse::select(session, Medium::blank(template.atr, template.capacity, session)?, card)?;
    let personalisation = Personalisation {
        identity,
        profile: template.profile,
        danger_accept_broken_profile: template.danger_accept_broken_profile,
        limits: template.limits,
        scheme: SCHEME,
        epoch: EPOCH,
        payment_key: &payment_key,
        issuer_key: &issuer_key,
        pin: (PIN_TRIES, template.pin),
        puk: (PUK_TRIES, &puk),
    };
    purse.ask(Doing::Personalising, |client| {
        client.personalise(Access::published(&KeySet::published()), &personalisation)
    })?;
    purse.holder = purse.data()?;
    purse.money = template.money;
    if template.balance > Amount::ZERO {
        let counters: Counters = purse.data()?;
        let next = counters.issuer.saturating_add(1);
        let load = Load::new(&issuer_key, &identity, template.balance, next);
        let receipt = purse.ask(Doing::Loading(template.balance), |client: &mut Client<_>| client.send(&load))?;
        if !load.is_receipted(&issuer_key, &identity, &receipt) {
            return Err(Failure::new(
                ErrorCode::IssuerReceipt,
                "the card's receipt for the value loaded is not authentic",
            )
            .help("no card was made; please report this"));
        }
    }
    Ok(Issued { purse, check_value: check_value(&payment_key) })
}
