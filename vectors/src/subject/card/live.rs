//! `live` on cards: a conversation, step by step, until one goes another way than written.

mod contact;
mod person;

use std::collections::{BTreeMap, BTreeSet};

use apdu::{Sw, Transport};
use applet_model::purse::{
    Authorise, Cancel, Check, Confirm, GetBalance, Last, PURSE_AID, RequestPayment, ResetRetryCounter, Verify,
};
use digitally::{Amount, Code, Msisdn, Request, Terms};
use person::{Person, number};

use super::{CardError, Cards, Said, pin, said};
use crate::kind::Test;
use crate::kind::live::{Action, Live, Shared, Step, Typed};
use crate::kind::suite;
use crate::report::{Difference, Verdict};

/// Holds the conversation of one test with new cards: one for each who speaks in it.
pub(crate) fn run<C: Cards>(cards: &mut C, shared: &Shared, test: &Test<Live>) -> Result<Verdict, CardError> {
    let speakers: BTreeSet<&str> = test.input.steps.iter().map(|step| step.card.as_str()).collect();
    if let Some(most) = cards.at_once().filter(|most| *most < speakers.len()) {
        let cards = if most == 1 { "card" } else { "cards" };
        return Ok(Verdict::NotAsked(format!(
            "it takes {} cards at once, and there can be {most} {cards}",
            speakers.len()
        )));
    }
    let (mut people, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    for (name, fields) in &shared.cards {
        let of_name = |error: CardError| CardError::new(format!("card of {name}: {}", error.message));
        numbers.insert(name.as_str(), number(fields).map_err(of_name)?);
        if speakers.contains(name.as_str()) {
            people.insert(name.as_str(), Person::new(cards, fields).map_err(of_name)?);
        }
    }
    let mut talk = Talk { people, numbers, requests: BTreeMap::new(), payments: BTreeMap::new() };
    for (i, step) in test.input.steps.iter().enumerate() {
        let outcome = match &step.action {
            Action::Contact { .. } => talk.contact(step, cards),
            _ => talk.step(step),
        };
        let difference = outcome.map_err(|error| CardError::new(format!("input.steps[{i}]: {}", error.message)))?;
        if let Some(Difference { field, expected, got }) = difference {
            let field = format!("input.steps[{i}].{field}");
            return Ok(Verdict::Failed(vec![Difference { field, expected, got }]));
        }
    }
    Ok(Verdict::Passed)
}

struct Talk<'s, T> {
    /// Those who say something.
    people: BTreeMap<&'s str, Person<T>>,
    /// Of these, and of those whose cards say nothing.
    numbers: BTreeMap<&'s str, Msisdn>,
    requests: BTreeMap<&'s str, Opened>,
    payments: BTreeMap<&'s str, Code>,
}

/// A request that a card showed.
struct Opened {
    id: u32,
    code: Code,
    request: Request,
    payee: String,
}

impl<'s, T: Transport> Talk<'s, T> {
    /// Does one step; what went another way than written.
    fn step(&mut self, step: &'s Step) -> Result<Option<Difference>, CardError> {
        let outcome = match &step.action {
            Action::Request { payer, amount, name } => self.request(step, payer, *amount, name)?,
            Action::Check { payee, amount, code } => self.check(step, payee, *amount, code)?,
            Action::Authorise { name } => self.authorise(step, name)?,
            Action::Confirm { request, code } => self.confirm(step, request, code)?,
            Action::Cancel { request } => {
                let id = self.opened(request)?.id;
                plain(said(self.purse(step)?.send(&Cancel { id }))?)
            }
            Action::Last { back, shows } => {
                let expected = self.payments.get(shows.as_str()).copied();
                match said(self.purse(step)?.send(&Last { back: *back }))? {
                    Ok(last) => {
                        Outcome::Value { field: "code", expected: expected.map(text), got: Some(last.code.to_string()) }
                    }
                    Err(sw) => Outcome::Refused(sw),
                }
            }
            Action::Balance { amount } => match said(self.purse(step)?.send(&GetBalance))? {
                Ok(balance) => {
                    let got = Some(balance.minor_units().to_string());
                    Outcome::Value { field: "amount", expected: Some(amount.to_string()), got }
                }
                Err(sw) => Outcome::Refused(sw),
            },
            Action::Verify { pin: digits } => {
                let pin = Some(pin(digits)?);
                plain(said(self.purse(step)?.send(&Verify { pin }))?)
            }
            Action::Unblock { puk, pin: new } => {
                let order = ResetRetryCounter { puk: pin(puk)?, new: pin(new)? };
                plain(said(self.purse(step)?.send(&order))?)
            }
            Action::Load { amount } => plain(self.person(&step.card)?.order(*amount, true)?),
            Action::Unload { amount } => plain(self.person(&step.card)?.order(*amount, false)?),
            Action::Select => {
                let select = [&[0x00, 0xA4, 0x04, 0x00, 0x0B], PURSE_AID.as_bytes(), &[0x00]].concat();
                self.send(step, &select, None)?
            }
            Action::Reset => {
                let person = self.person(&step.card)?;
                person.card.purse.transport().reset().map_err(|error| CardError::new(error.to_string()))?;
                let select = [&[0x00, 0xA4, 0x04, 0x00, 0x0B], PURSE_AID.as_bytes(), &[0x00]].concat();
                self.send(step, &select, None)?
            }
            Action::Send { command, data } => self.send(step, command.bytes(), Some(data.to_string()))?,
            Action::States { .. } => self.states(step)?,
            Action::Logged { file, record, .. } => self.logged(step, *file, *record)?,
            Action::Contact { .. } => return Err(CardError::new("a contact goes through the card's domain")),
        };
        Ok(compared(step, outcome))
    }
}

/// How the outcome of a step differs from what was written, if it does.
fn compared(step: &Step, outcome: Outcome) -> Option<Difference> {
    let expected = sw(step);
    match outcome {
        Outcome::Refused(sw) if sw == expected => None,
        Outcome::Refused(sw) => Some(Difference::new("sw", expected, sw)),
        Outcome::Differs(difference) => Some(difference),
        Outcome::Done | Outcome::Value { .. } if !expected.is_ok() => Some(Difference::new("sw", expected, Sw::OK)),
        Outcome::Value { field, expected, got } if expected != got => {
            let nothing = || "nothing".to_owned();
            Some(Difference::new(field, expected.unwrap_or_else(nothing), got.unwrap_or_else(nothing)))
        }
        Outcome::Done | Outcome::Value { .. } => None,
    }
}

impl<'s, T: Transport> Talk<'s, T> {
    fn request(&mut self, step: &'s Step, payer: &str, amount: u32, name: &'s str) -> Result<Outcome, CardError> {
        let (payer, amount) = (self.number(payer)?, Amount::new(amount));
        let person = self.person(&step.card)?;
        let opened = match said(person.card.purse.send(&RequestPayment { payer: Some(payer), amount }))? {
            Ok(opened) => opened,
            Err(sw) => return Ok(Outcome::Refused(sw)),
        };
        if !sw(step).is_ok() {
            return Ok(Outcome::Done);
        }
        let terms = Terms::new(payer, person.number, amount)
            .map_err(|error| CardError::new(format!("the card opened what no card may: {error}")))?;
        let request = match person.recognise(terms, &opened.code) {
            Ok(request) => request,
            Err(difference) => return Ok(Outcome::Differs(difference)),
        };
        let payee = step.card.clone();
        self.requests.insert(name, Opened { id: opened.id, code: opened.code, request, payee });
        Ok(Outcome::Done)
    }

    fn check(&mut self, step: &Step, payee: &str, amount: u32, code: &Typed) -> Result<Outcome, CardError> {
        let (payee, amount) = (self.number(payee)?, Amount::new(amount));
        let (code, nonce) = self.typed(code)?;
        let person = self.person(&step.card)?;
        person.checked = None;
        Ok(match said(person.card.purse.send(&Check { payee, amount, code }))? {
            Ok(_) => {
                person.checked = Terms::new(person.number, payee, amount).ok().map(|terms| (terms, nonce));
                Outcome::Done
            }
            Err(sw) => Outcome::Refused(sw),
        })
    }

    fn authorise(&mut self, step: &'s Step, name: &'s str) -> Result<Outcome, CardError> {
        let person = self.person(&step.card)?;
        let checked = person.checked.take();
        let paid = match said(person.card.purse.send(&Authorise))? {
            Ok(paid) => paid,
            Err(sw) => return Ok(Outcome::Refused(sw)),
        };
        let suite = person.suite.suite(&person.opened);
        if let Some((terms, Some(nonce))) = checked {
            let drawn = paid.code.split(suite.profile.response.nonce).0.value();
            let expected = Request::recall(terms, nonce).response_again(&suite, u32::try_from(drawn).unwrap_or(0));
            if expected.to_string() != paid.code.to_string() {
                return Ok(Outcome::Differs(Difference::new("code", expected, paid.code)));
            }
        }
        self.payments.insert(name, paid.code);
        Ok(Outcome::Done)
    }

    fn confirm(&mut self, step: &Step, request: &str, code: &Typed) -> Result<Outcome, CardError> {
        let (id, (code, _)) = (self.opened(request)?.id, self.typed(code)?);
        Ok(plain(said(self.purse(step)?.send(&Confirm { id, code }))?))
    }

    fn send(&mut self, step: &Step, command: &[u8], expected: Option<String>) -> Result<Outcome, CardError> {
        let mut response = [0; 514];
        let person = self.person(&step.card)?;
        let sent = person.card.purse.transport().transmit(command, &mut response);
        let len = sent.map_err(|error| CardError::new(error.to_string()))?;
        let response = apdu::Response::decode(response.get(..len).unwrap_or_default())
            .map_err(|error| CardError::new(error.to_string()))?;
        Ok(match (response.sw.is_ok(), expected) {
            (false, _) => Outcome::Refused(response.sw),
            (true, None) => Outcome::Done,
            (true, expected) => Outcome::Value { field: "data", expected, got: Some(hex::encode(response.data)) },
        })
    }

    /// The digits of a code, and N_B if it belongs to a request that is known.
    fn typed(&self, typed: &Typed) -> Result<(Code, Option<u32>), CardError> {
        let (code, nonce) = if let Some(name) = &typed.shown {
            match (self.requests.get(name.as_str()), self.payments.get(name.as_str())) {
                (Some(opened), _) => (opened.code, Some(opened.request.payee_nonce())),
                (None, Some(code)) => (*code, None),
                (None, None) => return Err(CardError::new(format!("nothing has the name `{name}`"))),
            }
        } else if let Some(digits) = &typed.digits {
            let count = digits.bytes().filter(u8::is_ascii_digit).count();
            let code = Code::parse(digits, u8::try_from(count).unwrap_or(u8::MAX));
            (code.map_err(|error| CardError::new(format!("`{digits}`: {error}")))?, None)
        } else {
            self.computed(typed)?
        };
        if typed.plus == 0 {
            return Ok((code, nonce));
        }
        let range = 10u128.checked_pow(code.digits().into());
        let value =
            code.value().checked_add(typed.plus.into()).zip(range).and_then(|(sum, range)| sum.checked_rem(range));
        let changed =
            Code::new(value.unwrap_or(0), code.digits()).map_err(|error| CardError::new(error.to_string()))?;
        Ok((changed, None))
    }

    fn computed(&self, typed: &Typed) -> Result<(Code, Option<u32>), CardError> {
        let name = typed.request.as_ref().or(typed.response.as_ref()).map(String::as_str).unwrap_or_default();
        let opened = self.opened(name)?;
        let changes = typed.with.clone().unwrap_or_default();
        let person = self.people.get(opened.payee.as_str());
        let mut fields = person.map(|person| person.suite.clone()).ok_or_else(|| CardError::new("no such card"))?;
        fields.epoch = changes.epoch.unwrap_or(fields.epoch);
        fields.currency = changes.currency.unwrap_or(fields.currency);
        let key = fields.open().map_err(|rule| CardError::new(format!("the changed suite is {rule}")))?;
        let terms = opened.request.terms();
        let number = |change: &Option<String>, own: &Msisdn| change.as_ref().map_or(Ok(*own), |name| self.number(name));
        let terms = Terms::new(
            number(&changes.payer, terms.payer())?,
            number(&changes.payee, terms.payee())?,
            changes.amount.map_or(terms.amount(), Amount::new),
        )
        .map_err(|error| CardError::new(error.to_string()))?;
        let nonce = opened.request.payee_nonce().saturating_add(changes.nonce_plus);
        let (request, suite) = (Request::recall(terms, nonce), fields.suite(&key));
        let code = if typed.request.is_some() { request.code(&suite) } else { request.response_again(&suite, 0) };
        Ok((code, Some(nonce)))
    }

    fn person(&mut self, name: &str) -> Result<&mut Person<T>, CardError> {
        self.people.get_mut(name).ok_or_else(|| CardError::new(format!("there is no card of `{name}`")))
    }

    fn purse(&mut self, step: &Step) -> Result<&mut applet_model::purse::client::Client<T>, CardError> {
        Ok(&mut self.person(&step.card)?.card.purse)
    }

    fn opened(&self, name: &str) -> Result<&Opened, CardError> {
        self.requests.get(name).ok_or_else(|| CardError::new(format!("no request has the name `{name}`")))
    }

    /// The number of somebody with a card, or the number itself.
    fn number(&self, name: &str) -> Result<Msisdn, CardError> {
        let own = self.numbers.get(name).copied();
        own.map_or_else(|| suite::number(name).map_err(|_| CardError::new(format!("`{name}` is nobody"))), Ok)
    }
}

/// What became of a step.
enum Outcome {
    Done,
    Refused(Sw),
    /// Done, with something to compare.
    Value {
        field: &'static str,
        expected: Option<String>,
        got: Option<String>,
    },
    Differs(Difference),
}

fn plain<A>(said: Said<A>) -> Outcome {
    match said {
        Ok(_) => Outcome::Done,
        Err(sw) => Outcome::Refused(sw),
    }
}

fn sw(step: &Step) -> Sw {
    step.sw.bytes().first_chunk().map_or(Sw::UNKNOWN, |bytes| Sw::from_bytes(*bytes))
}

fn text(code: Code) -> String {
    code.to_string()
}
