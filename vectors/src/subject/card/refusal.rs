//! `refusal` on a card: a code is typed into the purse that it is meant for.

use apdu::Sw;
use applet_model::purse::status;
use digitally::{Amount, Code as Digits, Currency, Key, Msisdn, Payment, Request, Terms};

use super::{CardError, Cards, PIN, Said, TestCard, just_below, pin, said, times_to_type};
use crate::expect::Expect;
use crate::kind::Test;
use crate::kind::refusal::{Input, Output, Refusal};
use crate::kind::suite::{self, SuiteFields};
use crate::report::{Difference, Verdict};

/// Asks one test of a blank card.
pub(crate) fn ask<C: Cards>(cards: &mut C, shared: &SuiteFields, test: &Test<Refusal>) -> Result<Verdict, CardError> {
    let not_asked = |why: &str| Ok(Verdict::NotAsked(why.into()));
    let (Input::Payer { payer, payee, amount, code, .. } | Input::Payee { payer, payee, amount, code, .. }) =
        &test.input;
    let (Ok(opened), Ok(payer), Ok(payee), Ok(amount)) =
        (shared.open(), suite::number(payer), suite::number(payee), u32::try_from(*amount))
    else {
        return not_asked("no command can carry a malformed field");
    };
    let Some(code) = as_typed(code) else {
        return not_asked("a terminal reads what is typed; a card gets digits only");
    };
    let sides = Sides { payer, payee, amount: Amount::new(amount), code };
    let came = match &test.input {
        Input::Payer { paid, typed_before, .. } => {
            if *paid > 0 && times_to_type(shared, *paid).is_none() {
                return not_asked("a card cannot be brought to remember so high a serial");
            }
            sides.at_payer(cards, shared, &opened, *paid, *typed_before)?
        }
        Input::Payee { payee_nonce, .. } => sides.at_payee(cards, shared, &opened, *payee_nonce)?,
    };
    Ok(compare(test, came))
}

/// The digits among what was typed, however many; nothing if there is more than digits and gaps, or no digit.
fn as_typed(code: &str) -> Option<Digits> {
    let digits = code.chars().filter(char::is_ascii_digit).count();
    let digits = u8::try_from(digits).ok().filter(|digits| (1..=Digits::MAX_DIGITS).contains(digits))?;
    Digits::parse(code, digits).ok()
}

fn compare(test: &Test<Refusal>, came: Result<Output, Expect>) -> Verdict {
    let difference = match (came, &test.output) {
        (Ok(output), Some(expected)) if output == *expected => return Verdict::Passed,
        (Ok(output), Some(expected)) => Difference::new("output.payee_nonce", expected.payee_nonce, output.payee_nonce),
        (Ok(_), None) => Difference::new("outcome", &test.expect, "accept"),
        (Err(outcome), _) if outcome == test.expect => return Verdict::Passed,
        (Err(outcome), _) => Difference::new("outcome", &test.expect, outcome),
    };
    Verdict::Failed(vec![difference])
}

struct Sides {
    payer: Msisdn,
    payee: Msisdn,
    amount: Amount,
    code: Digits,
}

impl Sides {
    fn at_payer<C: Cards>(
        &self,
        cards: &mut C,
        shared: &SuiteFields,
        opened: &(Key<Payment>, Currency),
        paid: u32,
        typed_before: bool,
    ) -> Result<Result<Output, Expect>, CardError> {
        let mut card = TestCard::of(cards, shared, opened, self.payer, 0)?;
        let one = Amount::new(1);
        if let Some(balance) = self.amount.plus(one) {
            card.load(balance)?;
        }
        if let (1.., Ok(terms)) = (paid, Terms::new(self.payer, self.payee, one)) {
            // The purse comes to remember a serial by paying it.
            let earlier = Request::recall(terms, paid).code(&shared.suite(opened));
            for _ in 1..times_to_type(shared, paid).unwrap_or(1) {
                let _refused = said(card.purse.check(self.payee, one, earlier).map(|_| ()))?;
            }
            if let Err(sw) = pay(&mut card, self.payee, one, earlier)? {
                return Err(CardError::new(format!("it refuses serial {paid}, which comes before this test, by {sw}")));
            }
        }
        if typed_before {
            let _refused = said(card.purse.check(self.payee, self.amount, self.code).map(|_| ()))?;
        }
        match pay(&mut card, self.payee, self.amount, self.code)? {
            Ok(()) => {
                let last = said(card.purse.last(0))?.map_err(|sw| CardError::new(format!("LAST: {sw}")))?;
                Ok(Ok(Output { payee_nonce: last.entry.nonce }))
            }
            Err(sw) => Ok(Err(rule(
                sw,
                |sw| match sw {
                    status::MAC_WRONG => Some(Expect::refuse("P-CHK-3")),
                    status::AMBIGUOUS => Some(Expect::refuse("P-CHK-4")),
                    status::ALREADY_PAID => Some(Expect::refuse("P-CHK-1")),
                    _ => None,
                },
                &self.same_side(shared.profile.request.digits()),
            ))),
        }
    }

    fn at_payee<C: Cards>(
        &self,
        cards: &mut C,
        shared: &SuiteFields,
        opened: &(Key<Payment>, Currency),
        nonce: u32,
    ) -> Result<Result<Output, Expect>, CardError> {
        let mut card = TestCard::of(cards, shared, opened, self.payee, just_below(shared, nonce))?;
        let outcome = match card.request(shared, self.payer, self.amount, nonce)? {
            Ok(request) => said(card.purse.confirm(request.id, self.code))?.map(|_| ()),
            Err(sw) => Err(sw),
        };
        Ok(match outcome {
            Ok(()) => Ok(Output { payee_nonce: nonce }),
            Err(sw) => Err(rule(
                sw,
                |sw| match sw {
                    sw if sw.tries_left().is_some() => Some(Expect::refuse("P-CONF-9")),
                    status::ALREADY_RECEIVED => Some(Expect::refuse("P-CONF-8")),
                    _ => None,
                },
                &self.same_side(shared.profile.response.digits()),
            )),
        })
    }

    /// What `6A80` means: it is one word for three rules.
    fn same_side(&self, digits: u8) -> Expect {
        if self.code.digits() != digits {
            Expect::malformed("P-READ-2")
        } else if self.payer == self.payee {
            Expect::refuse("P-NUM-3")
        } else {
            Expect::refuse("P-AMT-1")
        }
    }
}

/// The rule behind a status word.
fn rule(sw: Sw, known: impl Fn(Sw) -> Option<Expect>, wrong_data: &Expect) -> Expect {
    match known(sw) {
        Some(expect) => expect,
        None if sw == Sw::WRONG_DATA => wrong_data.clone(),
        None => Expect::refuse(&format!("{:04X}", sw.value())),
    }
}

/// CHECK, VERIFY, AUTHORISE.
fn pay<T: apdu::Transport>(
    card: &mut TestCard<T>,
    payee: Msisdn,
    amount: Amount,
    code: Digits,
) -> Result<Said<()>, CardError> {
    match card.purse.check(payee, amount, code) {
        Ok(mut pending) => {
            pending.verify(&pin(PIN)?).map_err(|error| CardError::new(format!("VERIFY: {error}")))?;
            Ok(said(pending.authorise())?.map(|_| ()))
        }
        Err(error) => said(Err(error)),
    }
}
