//! The story of the DigiTally talk, told by two real purses: everything a phone shows came from its card.

use applet_model::purse::client::{Client, Pending};
use applet_model::purse::{Capacity, Contact, Entry};
use applet_model::runtime::PinBlock;
use digitally::{Algorithm, Amount, Code as Digits, Msisdn, profile};

use crate::command::card::log;
use crate::failure::refusal::Doing;
use crate::failure::{ErrorCode, Failure};
use crate::issue::{self, Issued, Order};
use crate::issuer::{Choice, Issuer, Register};
use crate::money::Money;
use crate::purse::Purse;
use crate::screen::Screen;
use crate::session::Session;

/// Whose turn it is.
#[derive(Clone, Copy, Debug)]
pub enum Phone {
    /// Hers.
    Alice,
    /// His.
    Bob,
    /// Both of them.
    Both,
}

/// One step, with what both phones show after it.
#[derive(Debug)]
pub struct Step {
    /// From 1 on.
    pub number: u32,
    /// What happens, in one sentence.
    pub title: &'static str,
    /// Who acts.
    pub who: Phone,
    /// Her screen.
    pub alice: Screen,
    /// His screen.
    pub bob: Screen,
    /// The code that is shown in this step.
    pub code: Option<String>,
}

/// How it ended for both.
#[derive(Debug)]
pub struct Ending {
    /// The currency.
    pub money: Money,
    /// For her.
    pub alice: End,
    /// For him.
    pub bob: End,
}

/// How it ended for one.
#[derive(Debug)]
pub struct End {
    /// The balance at the beginning.
    pub before: Amount,
    /// The balance now.
    pub after: Amount,
    /// The log, oldest first.
    pub log: Vec<Entry>,
    /// The contacts.
    pub contacts: Vec<Contact>,
}

const ALICE: &str = "+254700000001";
const BOB: &str = "+254700000002";
const PIN: &str = "2580";
const START: Amount = Amount::new(2000_00);
const PRICE: Amount = Amount::new(400_00);

/// Tells the story step by step.
///
/// # Errors
/// If a card refuses, or nobody listens.
pub fn tell(session: &Session, mut listen: impl FnMut(Step) -> Result<(), Failure>) -> Result<Ending, Failure> {
    let issuer = Issuer::random(&mut *session.random(), Choice::default())?;
    let money = Money::named("KES")?;
    let (mut alice, mut bob) = (person(session, &issuer, "Alice", ALICE)?, person(session, &issuer, "Bob", BOB)?);
    let (alice_number, bob_number) = (number(ALICE)?, number(BOB)?);
    let before = [balance(&mut alice)?, balance(&mut bob)?];

    let mut count = 0u32;
    let mut step = |title, who, alice: &[&str], bob: &[&str], code: Option<&Digits>| {
        count = count.saturating_add(1);
        listen(Step {
            number: count,
            title,
            who,
            alice: Screen::new(alice.iter().copied()),
            bob: Screen::new(bob.iter().copied()),
            code: code.map(|code| code.ungrouped().to_string()),
        })
    };
    let [hers, his] = before.map(ksh);
    step("Two purses, each with its balance.", Phone::Both, &["Balance", &hers], &["Balance", &his], None)?;

    keep(&mut alice, "Bob", bob_number)?;
    keep(&mut bob, "Alice", alice_number)?;
    step(
        "Each stores the other's number.",
        Phone::Both,
        &["Contacts", "1 Bob", BOB],
        &["Contacts", "1 Alice", ALICE],
        None,
    )?;

    let opened = bob.ask(Doing::Requesting(PRICE), |client| client.request(alice_number, PRICE))?;
    let (price, request) = (ksh(PRICE), opened.code.to_string());
    let bob_waits = ["Request", &price, "from Alice", "", &request, "OK: got response"];
    step(
        "Bob picks Alice and types 400: his purse shows a request of eight digits.",
        Phone::Bob,
        &["Pay", "1 Bob"],
        &bob_waits,
        Some(&opened.code),
    )?;
    step(
        "Alice picks Bob, types 400 and the request, which Bob reads to her.",
        Phone::Alice,
        &["Pay Bob", &price, "", &request, "", "OK"],
        &bob_waits,
        None,
    )?;

    let pin = PinBlock::parse(PIN).map_err(|error| Failure::new(ErrorCode::PinMalformed, error.to_string()))?;
    let paid = match alice.client.check(bob_number, PRICE, opened.code) {
        Ok(pending) => {
            let name = Contact { number: Some(bob_number), name: pending.checked.name };
            let afterwards = format!("left {}", ksh(pending.checked.balance));
            step(
                "Her purse finds that numbers and amount agree, and asks for her PIN.",
                Phone::Alice,
                &["Pay", &price, &format!("to {}?", name.text().unwrap_or(BOB)), &afterwards, "PIN: ****"],
                &bob_waits,
                None,
            )?;
            pay(pending, &pin)
        }
        Err(error) => Err((error, Doing::Checking(PRICE))),
    };
    let paid = paid.map_err(|(error, doing)| alice.failure(error, doing))?;
    let (response, left) = (paid.code.to_string(), format!("balance {}", paid.balance.in_units(2)));
    let alice_paid = [&price, "paid to Bob", "", response.as_str(), "", &left];
    step(
        "It debits her and shows a response of eight digits; she reads it to Bob.",
        Phone::Alice,
        &alice_paid,
        &bob_waits,
        Some(&paid.code),
    )?;

    let received = bob.ask(Doing::Confirming(opened.id), |client| client.confirm(opened.id, paid.code))?;
    let now = format!("balance {}", received.balance.in_units(2));
    step(
        "Bob types it: his purse finds it right and credits him. No network needed.",
        Phone::Bob,
        &alice_paid,
        &[&price, "received", "from Alice", "", "", &now],
        None,
    )?;

    let [alice_before, bob_before] = before;
    Ok(Ending { money, alice: end(&mut alice, alice_before)?, bob: end(&mut bob, bob_before)? })
}

/// Presents the PIN and pays.
fn pay<T>(
    mut pending: Pending<'_, T>,
    pin: &PinBlock,
) -> Result<applet_model::purse::Paid, (crate::purse::Error, Doing)>
where
    T: apdu::Transport<Error = crate::medium::MediumError>,
{
    pending.verify(pin).map_err(|error| (error, Doing::Verifying))?;
    pending.authorise().map_err(|error| (error, Doing::Authorising(PRICE)))
}

/// A person with a card of this issuer, personalised and loaded.
fn person(session: &Session, issuer: &Issuer, name: &'static str, msisdn: &str) -> Result<Purse, Failure> {
    let pin = PinBlock::parse(PIN).map_err(|error| Failure::new(ErrorCode::PinMalformed, error.to_string()))?;
    let money = Money::named("KES")?;
    let order = Order {
        number: number(msisdn)?,
        replaces: None,
        currency: money.currency,
        decimals: money.decimals,
        profile: &profile::DIGITALLY_8,
        danger_accept_broken_profile: false,
        algorithm: Algorithm::AesCmac,
        capacity: Capacity::CONSUMER,
        limits: issue::limits(Capacity::CONSUMER, Amount::new(5000_00), Amount::new(50_000_00)),
        balance: START,
        pin: Some(pin),
        puk: None,
    };
    let mut register = Register::in_memory(&issuer.register_id()?)?;
    let making = (card_sim::Card::DEFAULT_ATR, money, format!("--card {name}"));
    let Issued { purse, .. } = issue::issue(&session.of(name), issuer, &mut register, &order, making)?;
    Ok(purse)
}

fn number(text: &str) -> Result<Msisdn, Failure> {
    crate::typed::number(text)
}

fn keep(purse: &mut Purse, name: &str, number: Msisdn) -> Result<(), Failure> {
    let contact = Contact::new(number, name)
        .ok_or_else(|| Failure::new(ErrorCode::ContactNameMalformed, format!("{name} is no name")))?;
    purse.ask(Doing::Contacts, |client| client.store_contact(contact))
}

fn balance(purse: &mut Purse) -> Result<Amount, Failure> {
    purse.ask(Doing::Reading, Client::balance)
}

fn end(purse: &mut Purse, before: Amount) -> Result<End, Failure> {
    Ok(End { before, after: balance(purse)?, log: log(purse)?, contacts: purse.contacts()? })
}

/// As people in Nairobi write it, in at most sixteen characters: `Ksh 400.00`.
fn ksh(amount: Amount) -> String {
    format!("Ksh {}", amount.in_units(2))
}
