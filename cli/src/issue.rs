//! Making a software card somebody's: blank as its manufacturer delivers it, then personalised through its issuer domain.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

pub use ::issuer::order::{Order, SCHEME, limits};
use ::issuer::personalise::{Done, PersonaliseError, Step, Terms, TransportKeys, personalise};
use ::issuer::register::{Plan, Register};
use applet_model::purse::Life;
use applet_model::purse::client::ClientError;
use digitally::Amount;
use globalplatform::{KeySet, PUBLISHED_KEY_VERSION};

use crate::failure::refusal::{Doing, Facts, refusal};
use crate::failure::{ErrorCode, Failure};
use crate::issuer::{Issuer, check_value};
use crate::medium::{Medium, MediumError};
use crate::money::Money;
use crate::purse::Purse;
use crate::session::Session;
use crate::trace::Traced;

/// A card that was made, in memory.
#[derive(Debug)]
pub struct Issued {
    /// Its purse, selected.
    pub purse: Purse,
    /// What the register knows of it, and the check values of its keys.
    pub done: Done,
}

/// The keys that blank software cards have: published ones.
pub fn transport_keys() -> TransportKeys {
    TransportKeys { version: PUBLISHED_KEY_VERSION, keys: KeySet::published() }
}

/// The option that names the keys of blank cards.
#[derive(Debug, clap::Args)]
pub struct TransportKeysArg {
    /// A file with the keys that blank cards have from their manufacturer, readable by you only; without it those that
    /// everybody knows, which blank software cards have. Other keys than these are never tried
    #[arg(long, value_name = "FILE")]
    transport_keys: Option<PathBuf>,
}

impl TransportKeysArg {
    /// The keys of the file, if one was named.
    ///
    /// # Errors
    /// If it cannot be read, is malformed, or others can read it.
    pub fn named(&self) -> Result<Option<TransportKeys>, Failure> {
        Ok(self.transport_keys.as_deref().map(TransportKeys::open).transpose()?)
    }
}

/// The time, for a register: seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Makes a card in memory with this ATR, personalises it, and loads it. `card` is what messages call it.
///
/// # Errors
/// If a key cannot be derived, the register cannot be written, or the card refuses.
pub fn issue(
    session: &Session,
    issuer: &Issuer,
    register: &mut Register,
    order: &Order,
    (atr, money, card): (&[u8], Money, String),
) -> Result<Issued, Failure> {
    let epoch = register.epochs()?.in_use;
    let payment_key = issuer.payment_key(SCHEME, epoch, order.algorithm)?;
    let now = now();
    let plan = Plan { order, seal: issuer.seal(order)?, key_check: check_value(&payment_key), epoch, line: None };
    let planned = register.plan(None, &[plan], now)?.pop();
    let planned = planned.ok_or_else(|| Failure::new(ErrorCode::CardNotMade, "nothing was planned"))?;
    let planned = planned.map_err(|why| Failure::new(ErrorCode::CardNotMade, why.to_string()))?;
    let mut blank = Traced::new(Medium::blank(atr, None, session)?, session.tracing.clone(), session.whose.clone());
    let transport = transport_keys();
    let terms = Terms::new(issuer, Some(&transport), now);
    let made = personalise(&mut blank, &terms, register, &planned, order, &mut *session.random(), &mut |_| {});
    let done = match made {
        Ok(done) => done,
        Err(error) => {
            // It was never out of our memory: the next card has its place.
            register.forget(planned.id)?;
            return Err(not_made(&error, order, &money, &card));
        }
    };
    let mut purse = Purse::select(session, blank.into_inner(), card)?;
    purse.money = money;
    Ok(Issued { purse, done })
}

/// Why there is no card: what was ordered, if the purse refused it.
fn not_made(error: &PersonaliseError<MediumError>, order: &Order, money: &Money, card: &str) -> Failure {
    let facts = || Facts {
        card: card.to_owned(),
        number: Some(order.number),
        life: Life::Personalised,
        money: money.clone(),
        limits: Some(order.limits),
        balance: Some(Amount::ZERO),
    };
    match error {
        PersonaliseError::Purse(ClientError::Refused(sw)) => refusal(*sw, Doing::Loading(order.balance), &facts()),
        PersonaliseError::Refused { step: Step::Personalise, sw } => refusal(*sw, Doing::Personalising, &facts()),
        PersonaliseError::Receipt => {
            Failure::new(ErrorCode::IssuerReceipt, error.to_string()).help("no card was made; please report this")
        }
        error => Failure::new(ErrorCode::CardNotMade, format!("the card was not made: {error}"))
            .help("see every exchange with --trace; nothing was written but the register"),
    }
}
