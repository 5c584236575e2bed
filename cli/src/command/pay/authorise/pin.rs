//! The PIN for one payment, and the payment.

use apdu::{Sw, Transport};
use applet_model::purse::Paid;
use applet_model::purse::client::Pending;
use applet_model::runtime::PinBlock;
use digitally::Amount;

use crate::failure::refusal::{Doing, tries};
use crate::failure::{ErrorCode, Failure};
use crate::medium::MediumError;
use crate::output;
use crate::purse::Error;

/// A payment made, or what the purse refused.
pub type Outcome = Result<Paid, (Error, Doing)>;

/// Asks for the PIN and pays. `ask` gives nothing where the person gave up; if she may `retry`, a wrong PIN is asked for
/// again while tries are left.
///
/// # Errors
/// If there is no PIN to be had. The purse's own refusal is the [`Outcome`].
pub fn pay<T: Transport<Error = MediumError>>(
    mut pending: Pending<'_, T>,
    amount: Amount,
    ask: &mut dyn FnMut() -> Result<Option<PinBlock>, Failure>,
    retry: bool,
) -> Result<Outcome, Failure> {
    let mut wrong = None;
    loop {
        let pin = match ask() {
            Err(failure) if retry && failure.code() == ErrorCode::PinMalformed => {
                output::note(failure);
                continue;
            }
            pin => pin?,
        };
        let Some(pin) = pin else {
            return match wrong {
                Some(error) => Ok(Err((error, Doing::Verifying))),
                None => Err(Failure::new(ErrorCode::PinMissing, "no PIN was typed; nothing was debited")
                    .help("run the command again; the request stays good")),
            };
        };
        let Err(error) = pending.verify(&pin) else {
            return Ok(pending.authorise().map_err(|error| (error, Doing::Authorising(amount))));
        };
        match error.sw().and_then(Sw::tries_left) {
            Some(left) if retry && left > 0 => {
                output::note(format!("wrong PIN, {}; Enter alone gives up", tries(left)));
                wrong = Some(error);
            }
            _ => return Ok(Err((error, Doing::Verifying))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Global;
    use crate::issue::{Order, issue, limits};
    use crate::issuer::{Choice, Issuer, Register};
    use crate::money::Money;
    use crate::purse::Purse;
    use crate::session::Session;
    use applet_model::purse::Capacity;
    use digitally::{Algorithm, profile};

    const PRICE: Amount = Amount::new(1_00);
    const START: Amount = Amount::new(2000_00);

    fn person(session: &Session, issuer: &Issuer, number: &str) -> Purse {
        let money = Money::named("KES").unwrap();
        let order = Order {
            number: number.parse().unwrap(),
            replaces: None,
            currency: money.currency,
            decimals: money.decimals,
            profile: &profile::DIGITALLY_8,
            danger_accept_broken_profile: false,
            algorithm: Algorithm::AesCmac,
            capacity: Capacity::CONSUMER,
            limits: limits(Capacity::CONSUMER, PRICE, Amount::new(2001_00)),
            balance: START,
            pin: Some(PinBlock::parse("2580").unwrap()),
            puk: None,
        };
        let mut register = Register::in_memory(&issuer.register_id().unwrap()).unwrap();
        let making = (card_sim::Card::DEFAULT_ATR, money, number.to_owned());
        issue(session, issuer, &mut register, &order, making).unwrap().purse
    }

    /// Alice types these PINs, the empty one being Enter alone; what came of it, and her balance afterwards.
    fn check(typed: &[&str], retry: bool) -> (Result<Option<Sw>, ErrorCode>, u32) {
        let global = Global { quiet: true, ..Global::default() };
        let session = Session::new(&global).unwrap();
        let issuer = Issuer::random(&mut *session.random(), Choice::default()).unwrap();
        let mut alice = person(&session, &issuer, "+254700000001");
        let mut bob = person(&session, &issuer, "+254700000002");
        let opened = bob.client.request(alice.holder.number.unwrap(), PRICE).unwrap();
        let pending = alice.client.check(bob.holder.number.unwrap(), PRICE, opened.code).unwrap();
        let mut typed = typed.iter();
        let mut ask = || match *typed.next().expect("no more is asked for") {
            "" => Ok(None),
            pin => {
                PinBlock::parse(pin).map(Some).map_err(|error| Failure::new(ErrorCode::PinMalformed, error.to_string()))
            }
        };
        let outcome = pay(pending, PRICE, &mut ask, retry);
        assert_eq!(typed.len(), 0, "all that was typed was asked for");
        let outcome =
            outcome.map(|paid| paid.err().and_then(|(error, _)| error.sw())).map_err(|failure| failure.code());
        (outcome, alice.client.balance().unwrap().minor_units())
    }

    #[test]
    fn at_a_prompt_a_wrong_pin_may_be_typed_again() {
        assert_eq!(check(&["2580"], true), (Ok(None), 1999_00));
        assert_eq!(check(&["1111", "12", "2580"], true), (Ok(None), 1999_00));
        assert_eq!(check(&["1111", ""], true), (Ok(Some(Sw::counter(2))), 2000_00));
        assert_eq!(check(&["1111", "1111", "1111"], true), (Ok(Some(Sw::counter(0))), 2000_00));
        assert_eq!(check(&[""], true), (Err(ErrorCode::PinMissing), 2000_00));
    }

    #[test]
    fn a_file_is_read_once() {
        assert_eq!(check(&["2580"], false), (Ok(None), 1999_00));
        assert_eq!(check(&["1111"], false), (Ok(Some(Sw::counter(2))), 2000_00));
        assert_eq!(check(&["12"], false), (Err(ErrorCode::PinMalformed), 2000_00));
    }
}
