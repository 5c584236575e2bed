//! Every command that writes, in the states in which it writes most or last.

use applet_model::purse::{
    AppendContact, Authorise, Cancel, Capacity, ChangeReferenceData, Check, Confirm, Contact, ContactOrder,
    EraseContact, File, Frame, Holder, Instruction, KeyName, Life, Limits, Load, PURSE_AID, Personalisation,
    RequestPayment, ResetRetryCounter, StoreData, Unload, Verify, status,
};
use digitally::{Algorithm, Amount, Code, Key, Scheme};
use globalplatform::command::Install;
use globalplatform::{Access, Channel, KeySet};

use super::people::{
    AMOUNT, NEW_PIN, PUK, People, SMALL, WRONG_PIN, Who, bytes, encoded, entries, identity, issuer_key, number,
    personalisation, pin,
};
use super::{Gains, Prepared, Scene, TearError};

type Made = Result<Prepared, TearError>;

/// All scenes; those of a payment come first, in its order.
#[must_use]
pub fn scenes() -> Vec<Scene> {
    let payment = |name, make| Scene { name, of_payment: true, make };
    let other = |name, make| Scene { name, of_payment: false, make };
    vec![
        payment("REQUEST", request),
        payment("CHECK", check),
        payment("VERIFY", verify),
        payment("AUTHORISE", authorise),
        payment("CONFIRM", confirm),
        other("REQUEST, over the oldest", request_over_the_oldest),
        other("CANCEL", cancel),
        other("CHECK, wrong code", check_wrong),
        other("VERIFY, wrong PIN", verify_wrong),
        other("VERIFY, the last wrong PIN", verify_last_wrong),
        other("VERIFY, right after a wrong one", verify_after_wrong),
        other("AUTHORISE, over another payee", authorise_over_another_payee),
        other("CONFIRM, wrong code", confirm_wrong),
        other("CONFIRM, right after wrong ones", confirm_after_wrong),
        other("CONFIRM, folding the history", confirm_folding),
        other("CHANGE REFERENCE DATA", change_pin),
        other("CHANGE REFERENCE DATA, wrong PIN", change_pin_wrong),
        other("RESET RETRY COUNTER", unblock),
        other("RESET RETRY COUNTER, wrong PUK", unblock_wrong),
        other("RESET RETRY COUNTER, the last wrong PUK", unblock_last_wrong),
        other("LOAD", load),
        other("LOAD, folding the history", load_folding),
        other("UNLOAD", unload),
        other("APPEND RECORD", append_contact),
        other("APPEND RECORD, over a name", replace_contact),
        other("ERASE RECORD", erase_contact),
        other("STORE DATA, first block", store_first),
        other("STORE DATA, last block", store_last),
        other("STORE DATA, the issuer's order", store_order),
    ]
}

impl Prepared {
    /// A command after which the payment can be finished.
    fn new(people: People, who: Who, command: &impl Instruction) -> Made {
        Ok(Self { people, who, command: bytes(command)?, gains: Gains::Never, settle: |people, _| people.finish() })
    }

    /// One that may bring tries back.
    fn gaining(self) -> Self {
        Self { gains: Gains::AtTheEnd, ..self }
    }

    /// One that is followed up otherwise.
    fn settled(self, settle: fn(&mut People, bool) -> Result<(), TearError>) -> Self {
        Self { settle, ..self }
    }
}

/// A response that is wrong, whatever the right one is: it is wrong in its last digit.
fn wrong(code: Code) -> Result<Code, TearError> {
    let text = code.ungrouped().to_string();
    let value = text.parse::<u128>().map_err(TearError::setup)?;
    let other = if value % 10 == 9 { value.saturating_sub(1) } else { value.saturating_add(1) };
    Code::new(other, code.digits()).map_err(TearError::setup)
}

fn new_request() -> Result<RequestPayment, TearError> {
    Ok(RequestPayment { payer: Some(number(Who::Alice)?), amount: AMOUNT })
}

fn request() -> Made {
    Prepared::new(People::new(Capacity::CONSUMER)?, Who::Bob, &new_request()?)
}

fn request_over_the_oldest() -> Made {
    let mut people = People::new(SMALL)?;
    for _ in 0..SMALL.requests {
        people.open()?;
    }
    people.request = None;
    Prepared::new(people, Who::Bob, &new_request()?)
}

fn cancel() -> Made {
    let mut people = People::new(Capacity::CONSUMER)?;
    let id = people.open()?.id;
    Prepared::new(people, Who::Bob, &Cancel { id })
}

/// People between whom a request is open, and Alice's CHECK of this code for it.
fn checking(code: impl FnOnce(Code) -> Result<Code, TearError>) -> Made {
    let mut people = People::new(Capacity::CONSUMER)?;
    let code = code(people.open()?.code)?;
    Prepared::new(people, Who::Alice, &Check { payee: number(Who::Bob)?, amount: AMOUNT, code })
}

fn check() -> Made {
    checking(Ok)
}

fn check_wrong() -> Made {
    checking(wrong)
}

/// Alice has typed a request in and wrong PINs, so many, and now this one.
fn verifying(wrong: u8, text: &str) -> Made {
    let mut people = People::new(Capacity::CONSUMER)?;
    people.check()?;
    for _ in 0..wrong {
        let _ = people.purse(Who::Alice).verify(&pin(WRONG_PIN)?);
    }
    Prepared::new(people, Who::Alice, &Verify { pin: Some(pin(text)?) })
}

fn verify() -> Made {
    Ok(verifying(0, super::people::PIN)?.gaining())
}

fn verify_wrong() -> Made {
    verifying(0, WRONG_PIN)
}

fn verify_last_wrong() -> Made {
    // Blocked, or not yet: the unblocking key helps in any case.
    Ok(verifying(2, WRONG_PIN)?.settled(|people, _| {
        people.purse(Who::Alice).unblock_pin(&pin(PUK)?, &pin(super::people::PIN)?)?;
        people.finish()
    }))
}

fn verify_after_wrong() -> Made {
    Ok(verifying(2, super::people::PIN)?.gaining().settled(|people, done| {
        // In between, the last try is counted: as if it had been wrong.
        if !done {
            people.purse(Who::Alice).unblock_pin(&pin(PUK)?, &pin(super::people::PIN)?)?;
        }
        people.finish()
    }))
}

/// Alice is about to pay.
fn authorising(capacity: Capacity, before: fn(&mut People) -> Result<(), TearError>) -> Made {
    let mut people = People::new(capacity)?;
    before(&mut people)?;
    people.check()?;
    people.purse(Who::Alice).verify(&pin(super::people::PIN)?)?;
    Prepared::new(people, Who::Alice, &Authorise)
}

fn authorise() -> Made {
    authorising(Capacity::CONSUMER, |_| Ok(()))
}

/// The one place for a payee is Carol's.
fn authorise_over_another_payee() -> Made {
    Ok(authorising(SMALL, pay_carol)?.settled(|people, _| {
        let paid = entries(people.purse(Who::Alice), File::Payments)?;
        let [alice, _] = people.balances()?;
        let expected = u32::try_from(paid).unwrap_or_default().saturating_mul(AMOUNT.minor_units());
        if alice.saturating_add(expected) != 2_000_00 {
            return Err(TearError::wrong(format!("{paid} payments, and the balance is {alice}")));
        }
        // The newest payment is Bob's if it was made.
        if paid == 1 {
            people.pay()?;
        }
        let request = people.request.ok_or_else(|| TearError::wrong("there is no request"))?;
        let last = people.purse(Who::Alice).last(0)?;
        people.purse(Who::Bob).confirm(request.id, last.code)?;
        Ok(())
    }))
}

/// Alice has paid somebody else, whose card is Bob's with another number.
fn pay_carol(people: &mut People) -> Result<(), TearError> {
    let mut carol = super::people::blank(SMALL)?;
    let number = "+254700000003".parse().map_err(TearError::setup)?;
    personalisation(Who::Bob, SMALL, |of| {
        let identity = applet_model::purse::Identity { number: Some(number), ..of.identity };
        Ok(carol.personalise(Access::published(&KeySet::published()), &Personalisation { identity, ..*of })?)
    })?;
    let opened = carol.request(super::people::number(Who::Alice)?, AMOUNT)?;
    let mut pending = people.purse(Who::Alice).check(number, AMOUNT, opened.code)?;
    pending.verify(&pin(super::people::PIN)?)?;
    pending.authorise()?;
    Ok(())
}

/// Alice has paid, and Bob has typed wrong responses, so many, and now this one.
fn confirming(capacity: Capacity, wrongs: u8, code: impl FnOnce(Code) -> Result<Code, TearError>) -> Made {
    let mut people = People::new(capacity)?;
    let id = people.open()?.id;
    let right = people.pay()?;
    for _ in 0..wrongs {
        let _ = people.purse(Who::Bob).confirm(id, wrong(right)?);
    }
    Prepared::new(people, Who::Bob, &Confirm { id, code: code(right)? })
}

fn confirm() -> Made {
    // The count that is taken before the comparison is given back with the credit.
    Ok(confirming(Capacity::CONSUMER, 0, Ok)?.gaining())
}

fn confirm_wrong() -> Made {
    confirming(Capacity::CONSUMER, 0, wrong)
}

fn confirm_after_wrong() -> Made {
    Ok(confirming(Capacity::CONSUMER, 3, Ok)?.gaining())
}

/// The one place of the history is that of the load.
fn confirm_folding() -> Made {
    Ok(confirming(SMALL, 0, Ok)?.gaining())
}

/// The PIN is the old one or the new one, and the other does not work.
fn with_either_pin(people: &mut People, done: bool) -> Result<(), TearError> {
    people.pin = if done { people.next_pin } else { super::people::PIN };
    let finished = people.finish();
    people.pin = super::people::PIN;
    finished
}

fn changing(old: &str) -> Made {
    let mut people = People::new(Capacity::CONSUMER)?;
    people.open()?;
    people.next_pin = NEW_PIN;
    let change = ChangeReferenceData { old: pin(old)?, new: pin(NEW_PIN)? };
    Prepared::new(people, Who::Alice, &change)
}

fn change_pin() -> Made {
    Ok(changing(super::people::PIN)?.gaining().settled(with_either_pin))
}

fn change_pin_wrong() -> Made {
    changing(WRONG_PIN)
}

/// Alice's PIN is blocked, she has typed wrong PUKs, so many, and now this one.
fn unblocking(wrong: u8, puk: &str) -> Made {
    let mut people = People::new(Capacity::CONSUMER)?;
    people.open()?;
    people.next_pin = NEW_PIN;
    for _ in 0..3 {
        let _ = people.purse(Who::Alice).verify(&pin(WRONG_PIN)?);
    }
    for _ in 0..wrong {
        let _ = people.purse(Who::Alice).unblock_pin(&pin(WRONG_PIN)?, &pin(NEW_PIN)?);
    }
    Prepared::new(people, Who::Alice, &ResetRetryCounter { puk: pin(puk)?, new: pin(NEW_PIN)? })
}

fn unblock() -> Made {
    Ok(unblocking(0, PUK)?.gaining().settled(|people, done| {
        if !done {
            // The try may have been counted; the key is right and brings it back.
            people.purse(Who::Alice).unblock_pin(&pin(PUK)?, &pin(super::people::PIN)?)?;
        }
        with_either_pin(people, done)
    }))
}

fn unblock_wrong() -> Made {
    Ok(unblocking(0, WRONG_PIN)?.settled(|people, _| {
        people.purse(Who::Alice).unblock_pin(&pin(PUK)?, &pin(super::people::PIN)?)?;
        people.finish()
    }))
}

fn unblock_last_wrong() -> Made {
    Ok(unblocking(2, WRONG_PIN)?.settled(|people, _| {
        let tries: applet_model::purse::Counters = people.purse(Who::Alice).data()?;
        let holder: Holder = people.purse(Who::Alice).data()?;
        // Once the last try is counted, the purse is blocked, wherever the power failed.
        if (tries.puk_tries == 0) != (holder.life() == Life::Blocked) {
            return Err(TearError::wrong(format!(
                "{} PUK tries, and the purse is {}",
                tries.puk_tries,
                holder.life().name()
            )));
        }
        if tries.puk_tries == 0 {
            return Ok(());
        }
        people.purse(Who::Alice).unblock_pin(&pin(PUK)?, &pin(super::people::PIN)?)?;
        people.finish()
    }))
}

/// What an order of the issuer moves.
const ORDERED: Amount = Amount::new(250_00);

fn loading(capacity: Capacity) -> Made {
    let mut people = People::new(capacity)?;
    people.open()?;
    let order = Load::new(&issuer_key(Who::Alice)?, &identity(Who::Alice)?, ORDERED, 2);
    Ok(Prepared::new(people, Who::Alice, &order)?.settled(|people, done| {
        // Sent again, it is carried out if it was not; then the sum is larger by the order.
        let order = Load::new(&issuer_key(Who::Alice)?, &identity(Who::Alice)?, ORDERED, 2);
        let again = people.purse(Who::Alice).send(&order);
        after_order(people, again.map(|_| ()), done, i64::from(ORDERED.minor_units()))
    }))
}

/// That an order was carried out once, and the payment can be finished with it.
fn after_order(
    people: &mut People,
    again: Result<(), applet_model::purse::client::ClientError<std::convert::Infallible>>,
    done: bool,
    change: i64,
) -> Result<(), TearError> {
    let expected = if done { Some(status::COUNTER) } else { None };
    let found = again.err().and_then(|error| error.sw());
    if found != expected {
        return Err(TearError::wrong(format!("the order sent again is answered {found:?}, not {expected:?}")));
    }
    let sum = people.sum;
    people.sum = sum.saturating_add_signed(change);
    let finished = people.finish();
    people.sum = sum;
    finished
}

fn load() -> Made {
    loading(Capacity::CONSUMER)
}

fn load_folding() -> Made {
    loading(SMALL)
}

fn unload() -> Made {
    let mut people = People::new(Capacity::CONSUMER)?;
    people.open()?;
    people.purse(Who::Alice).verify(&pin(super::people::PIN)?)?;
    let order = Unload::new(&issuer_key(Who::Alice)?, &identity(Who::Alice)?, ORDERED, 2);
    Ok(Prepared::new(people, Who::Alice, &order)?.settled(|people, done| {
        people.purse(Who::Alice).verify(&pin(super::people::PIN)?)?;
        let order = Unload::new(&issuer_key(Who::Alice)?, &identity(Who::Alice)?, ORDERED, 2);
        let again = people.purse(Who::Alice).send(&order);
        after_order(people, again.map(|_| ()), done, i64::from(ORDERED.minor_units()).saturating_neg())
    }))
}

/// Alice, who knows Bob by this name, if by any.
fn with_contact(name: Option<&str>) -> Result<People, TearError> {
    let mut people = People::new(Capacity::CONSUMER)?;
    if let Some(name) = name {
        people.purse(Who::Alice).store_contact(bob(name)?)?;
    }
    Ok(people)
}

fn bob(name: &str) -> Result<Contact, TearError> {
    Contact::new(number(Who::Bob)?, name).ok_or_else(|| TearError::wrong("a name is too long"))
}

fn append_contact() -> Made {
    Prepared::new(with_contact(None)?, Who::Alice, &AppendContact { contact: bob("Bob")? })
}

fn replace_contact() -> Made {
    Prepared::new(with_contact(Some("Robert"))?, Who::Alice, &AppendContact { contact: bob("Bob")? })
}

fn erase_contact() -> Made {
    Prepared::new(with_contact(Some("Bob"))?, Who::Alice, &EraseContact { number: 1 })
}

/// A card is personalised through its issuer domain, and this block is the next one.
/// One of these blocks as it comes to a purse through the secure channel of its card's domain, the earlier ones sent.
fn secured(people: &mut People, who: Who, frames: &[Frame], block: usize) -> Result<Vec<u8>, TearError> {
    let keys = KeySet::published();
    let mut channel = Channel::open(people.card(who), Access::published(&keys)).map_err(TearError::setup)?;
    channel.order(&Install::Personalization { application: PURSE_AID }).map_err(TearError::setup)?;
    for earlier in frames.iter().take(block) {
        channel.send(&earlier.command().map_err(TearError::setup)?, &mut [0; 258]).map_err(TearError::setup)?;
    }
    let next = frames.get(block).ok_or_else(|| TearError::wrong("there is no such block"))?;
    let (mut session, mut room) = (channel.into_session(), [0; 255]);
    let (_, protected) =
        session.wrap(&next.command().map_err(TearError::setup)?, &mut room).map_err(TearError::setup)?;
    encoded(&protected)
}

fn storing(block: usize) -> Made {
    let mut people = People::with_blank(Capacity::CONSUMER)?;
    let command = personalisation(Who::Alice, Capacity::CONSUMER, |of| {
        secured(&mut people, Who::Alice, &StoreData::frames(of), block)
    })?;
    let settle = |people: &mut People, _done: bool| {
        let holder: Holder = people.purse(Who::Alice).data()?;
        if holder.life() == Life::Blank {
            // From the beginning, as an issuer does who does not know how far he came.
            personalisation(Who::Alice, Capacity::CONSUMER, |of| {
                Ok(people.purse(Who::Alice).personalise(Access::published(&KeySet::published()), of)?)
            })?;
        }
        let order = Load::new(&issuer_key(Who::Alice)?, &identity(Who::Alice)?, AMOUNT, 1);
        people.purse(Who::Alice).send(&order)?;
        let sum = people.sum;
        people.sum = sum.saturating_add(AMOUNT.minor_units().into());
        let finished = people.finish();
        people.sum = sum;
        finished
    };
    Ok(Prepared { people, who: Who::Alice, command, gains: Gains::AtOnce, settle })
}

fn store_first() -> Made {
    storing(0)
}

fn store_last() -> Made {
    storing(1)
}

/// Bob has used his caps, and meets his issuer: they start again, his limits change, and he gets and uses another key. The
/// request that is open can be paid and credited before and after.
fn store_order() -> Made {
    let mut people = People::new(Capacity::CONSUMER)?;
    let request = people.open()?;
    let _ = people.purse(Who::Bob).confirm(request.id, Code::new(7, 8).map_err(TearError::setup)?);
    let limits: Limits = people.purse(Who::Bob).data()?;
    let name = KeyName { scheme: Scheme::Universal, epoch: 2 };
    let key = Key::new(Algorithm::AesCmac, &[2; 16]).map_err(TearError::setup)?;
    let order = ContactOrder {
        number: 1,
        acknowledged: 0,
        limits: Some(Limits { opens: 7, ..limits }),
        key: Some((name, &key)),
        use_key: Some(name),
        suspended: None,
        settled: &[],
        menu: None,
    };
    let command = secured(&mut people, Who::Bob, &[order.frame()], 0)?;
    let settle = |people: &mut People, done: bool| {
        let statement = people.purse(Who::Bob).attest([0; 8])?.statement;
        let carried_out = (statement.contact, statement.limits.opens, statement.keys.epoch);
        let counted = statement.counters.opened_since_contact;
        if (carried_out == (1, 7, 2) && counted == 0) != done || (carried_out.0 == 0) == done {
            return Err(TearError::wrong(format!("half an order: {carried_out:?}, {counted} requests counted")));
        }
        people.finish()
    };
    Ok(Prepared { people, who: Who::Bob, command, gains: Gains::AtTheEnd, settle })
}
