//! `code` on a card: both codes, computed by the payee's purse, checked by it, and computed by the payer's.

use apdu::Sw;
use digitally::profile::NonceRule;
use digitally::{Code as Digits, Currency, Key, Payment};

use super::{CardError, Cards, PIN, TestCard, just_below, pin, said, times_to_type};
use crate::expect::Expect;
use crate::kind::Test;
use crate::kind::code::{Code, Output, Sound};
use crate::kind::suite::{self, SuiteFields};
use crate::report::{Difference, Verdict};

/// Asks one test of as many blank cards as it needs.
pub(crate) fn ask<C: Cards>(cards: &mut C, shared: &SuiteFields, test: &Test<Code>) -> Result<Verdict, CardError> {
    let not_asked = || Ok(Verdict::NotAsked("no command can carry a malformed field".into()));
    let Ok(opened) = shared.open() else { return not_asked() };
    match (&test.expect, &test.output) {
        (Expect::Accept, Some(expected)) => {
            let Ok(sound) = test.input.sound(shared.profile) else { return not_asked() };
            let mut differences = Vec::new();
            payee(cards, shared, &opened, &sound, expected, &mut differences)?;
            payer(cards, shared, &opened, &sound, expected, &mut differences)?;
            Ok(if differences.is_empty() { Verdict::Passed } else { Verdict::Failed(differences) })
        }
        (Expect::Refuse(_), _) => refused(cards, shared, &opened, test),
        _ => not_asked(),
    }
}

/// REQUEST shows the request, CONFIRM takes the response.
fn payee<C: Cards>(
    cards: &mut C,
    shared: &SuiteFields,
    opened: &(Key<Payment>, Currency),
    sound: &Sound,
    expected: &Output,
    differences: &mut Vec<Difference>,
) -> Result<(), CardError> {
    let (terms, nonce) = (sound.request.terms(), sound.request.payee_nonce());
    let mut card = TestCard::of(cards, shared, opened, *terms.payee(), just_below(shared, nonce))?;
    let request = match card.request(shared, *terms.payer(), terms.amount(), nonce)? {
        Ok(request) => request,
        Err(sw) => {
            differences.push(Difference::new("REQUEST", "9000", sw));
            return Ok(());
        }
    };
    if request.code.to_string() != expected.request.code {
        differences.push(Difference::new("output.request.code", &expected.request.code, request.code));
    }
    let response = digits(&expected.response.code, shared.profile.response.digits())?;
    if let Err(sw) = said(card.purse.confirm(request.id, response))? {
        let got = format!("the payee's purse answers CONFIRM with {sw}");
        differences.push(Difference::new("output.response.code", &expected.response.code, got));
    }
    Ok(())
}

/// CHECK takes the request, AUTHORISE shows the response.
fn payer<C: Cards>(
    cards: &mut C,
    shared: &SuiteFields,
    opened: &(Key<Payment>, Currency),
    sound: &Sound,
    expected: &Output,
    differences: &mut Vec<Difference>,
) -> Result<(), CardError> {
    let terms = sound.request.terms();
    // A serial too far ahead for a new payer cannot be typed; the payee's side above has seen both of its codes.
    let Some(times) = times_to_type(shared, sound.request.payee_nonce()) else { return Ok(()) };
    let mut card = TestCard::of(cards, shared, opened, *terms.payer(), 0)?;
    card.load(terms.amount())?;
    let code = digits(&expected.request.code, shared.profile.request.digits())?;
    for _ in 1..times {
        let _refused = said(card.purse.check(*terms.payee(), terms.amount(), code).map(|_| ()))?;
    }
    let paid = match card.purse.check(*terms.payee(), terms.amount(), code) {
        Ok(mut pending) => {
            pending.verify(&pin(PIN)?).map_err(|error| CardError::new(format!("VERIFY: {error}")))?;
            said(pending.authorise())?
        }
        Err(error) => said(Err(error))?,
    };
    let shown = match paid {
        Ok(paid) => paid.code,
        Err(sw) => {
            let got = format!("the payer's purse answers {sw}");
            differences.push(Difference::new("output.request.code", &expected.request.code, got));
            return Ok(());
        }
    };
    // Where the card draws N_A, it is taken from its answer and R computed for it.
    let expected = match shared.profile.payee_nonce {
        NonceRule::Serial { .. } => expected.response.code.clone(),
        NonceRule::Random => {
            let drawn = shown.split(shared.profile.response.nonce).0.value();
            let drawn = u32::try_from(drawn).unwrap_or(u32::MAX);
            sound.request.response_again(&shared.suite(opened), drawn).to_string()
        }
    };
    if shown.to_string() != expected {
        differences.push(Difference::new("output.response.code", expected, shown));
    }
    Ok(())
}

/// A payment that no purse opens.
fn refused<C: Cards>(
    cards: &mut C,
    shared: &SuiteFields,
    opened: &(Key<Payment>, Currency),
    test: &Test<Code>,
) -> Result<Verdict, CardError> {
    let input = &test.input;
    let (Ok(payer), Ok(payee), Ok(amount)) =
        (suite::number(&input.payer), suite::number(&input.payee), u32::try_from(input.amount))
    else {
        return Ok(Verdict::NotAsked("no command can carry a malformed field".into()));
    };
    let mut card = TestCard::of(cards, shared, opened, payee, just_below(shared, input.payee_nonce))?;
    Ok(match said(card.purse.request(payer, digitally::Amount::new(amount)))? {
        Err(Sw::WRONG_DATA) => Verdict::Passed,
        Err(sw) => Verdict::Failed(vec![Difference::new("REQUEST", Sw::WRONG_DATA, sw)]),
        Ok(_) => Verdict::Failed(vec![Difference::new("outcome", &test.expect, "accept")]),
    })
}

fn digits(code: &str, digits: u8) -> Result<Digits, CardError> {
    Digits::parse(code, digits).map_err(|error| CardError::new(format!("the expected code cannot be typed: {error}")))
}
