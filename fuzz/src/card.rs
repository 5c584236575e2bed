//! Two purses on two software cards, and bytes that say who does what with them.
//!
//! Some of it is honest (only a card can compute a code, so cards do), some of it is bent on the way (bytes of an honest
//! command are changed), and some is whatever the bytes are. After each step the two cards are asked, on copies, what
//! they hold:
//!
//! - each command was answered, with a status word 6xxx or 9xxx;
//! - money: each entry of a log is worth what the balance moved by; a credit has a debit of its own, between the same
//!   people and of the same amount; loaded and unloaded is what the issuer ordered, once;
//! - a right PIN for each debit;
//! - tries of PIN, PUK and open requests, and the counts of wrong responses, go back only by the commands that may.

mod person;
mod step;

use apdu::Transport;
use applet_model::purse::Entry;
use card_sim::Card;

use person::{Known, Order, Person};
use step::Script;

/// What the bytes say, played.
pub fn card(bytes: &[u8]) {
    let _ = play(bytes);
}

fn play(bytes: &[u8]) -> Game {
    let mut game = Game { people: [Person::new(0), Person::new(1)], shown: Vec::new(), debits: Vec::new() };
    let mut script = Script::new(bytes);
    while let Some((who, step)) = script.next() {
        let ins = step.play(who, &mut game.people, &mut game.shown);
        game.judge(who, ins);
    }
    game
}

/// A card with a purse, personalised and loaded, selected.
pub(crate) fn new_card() -> Card {
    Person::new(0).card
}

/// Sends a command; returns data and status word.
pub(crate) fn transmit(card: &mut Card, command: &[u8]) -> (Vec<u8>, u16) {
    let mut response = [0; 600];
    let length = card.transmit(command, &mut response).unwrap();
    let (data, sw) = response[..length].split_last_chunk().expect("a card always answers");
    let sw = u16::from_be_bytes(*sw);
    assert!(matches!(sw >> 12, 0x6 | 0x9), "{command:02X?} was answered {sw:04X}");
    (data.to_vec(), sw)
}

/// A debit that a card has admitted to, and whether it was credited.
struct Debit {
    payer: usize,
    entry: Entry,
    credited: bool,
}

/// A code that a card has shown: a request with its payee, or a response.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    payee: usize,
    id: u32,
    amount: u32,
    request: digitally::Code,
    response: Option<digitally::Code>,
}

struct Game {
    people: [Person; 2],
    shown: Vec<Shown>,
    debits: Vec<Debit>,
}

impl Game {
    /// Asks the card of `who`, which has just done something, what has changed.
    fn judge(&mut self, who: usize, ins: Option<u8>) {
        let person = &mut self.people[who];
        let before = person.known.clone();
        let after = person.ask();
        person.known = after.clone();
        self.judge_money(who, &before, &after);
        judge_tries(ins, &before, &after);
    }

    fn judge_money(&mut self, who: usize, before: &Known, after: &Known) {
        let number = |index: usize| Some(person::number(index));
        let mut balance = i64::from(before.balance);
        for entry in after.entries.iter().filter(|entry| entry.number > before.newest()) {
            let amount = i64::from(entry.amount.minor_units());
            balance += match entry.kind {
                Entry::PAID => {
                    self.debits.push(Debit { payer: who, entry: *entry, credited: false });
                    -amount
                }
                Entry::RECEIVED => {
                    let debit = self.debits.iter_mut().find(|debit| {
                        !debit.credited
                            && (number(debit.payer), debit.entry.peer) == (entry.peer, number(who))
                            && (debit.entry.amount, debit.entry.nonce) == (entry.amount, entry.nonce)
                    });
                    debit.expect("a credit has a debit of its own").credited = true;
                    amount
                }
                kind => {
                    let load = kind == Entry::LOADED;
                    assert!(load || kind == Entry::UNLOADED, "a log entry of a kind that there is");
                    let order = Order { load, amount: entry.amount.minor_units(), counter: entry.nonce };
                    let orders = &mut self.people[who].orders;
                    let at = orders.iter().position(|given| *given == order).expect("the issuer ordered this, once");
                    orders.remove(at);
                    if load { amount } else { -amount }
                }
            };
            assert_eq!(i64::from(entry.balance.minor_units()), balance, "an entry says what is left");
        }
        assert_eq!(i64::from(after.balance), balance, "the balance is what the logs say");
        let (paid, unloaded) = (after.counters.payments, after.unloaded);
        let shown = after.counters.pin_attempts - after.counters.wrong_pins;
        assert!(paid + unloaded <= shown, "a right PIN for each debit: {shown} for {paid} and {unloaded}");
    }
}

fn judge_tries(ins: Option<u8>, before: &Known, after: &Known) {
    let (was, is) = (&before.counters, &after.counters);
    let by = |allowed: &[u8]| ins.is_some_and(|ins| allowed.contains(&ins));
    // VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER; the last one; CONFIRM.
    assert!(is.pin_tries <= was.pin_tries || by(&[0x20, 0x24, 0x2C]), "PIN tries came back by {ins:02X?}");
    assert!(is.puk_tries <= was.puk_tries || by(&[0x2C]), "PUK tries came back by {ins:02X?}");
    assert!(is.wrong_responses >= was.wrong_responses || by(&[0x44]), "a count went back by {ins:02X?}");
    assert!(
        is.wrong_responses_since_contact >= was.wrong_responses_since_contact || by(&[0x44]),
        "a count went back by {ins:02X?}"
    );
    assert!(
        is.wrong_requests >= was.wrong_requests && is.wrong_pins >= was.wrong_pins && is.opened >= was.opened,
        "a count for ever went back by {ins:02X?}"
    );
    for (id, tries) in &after.tries {
        let had = before.tries.get(id).copied().unwrap_or(person::LIMITS.tries);
        assert!(*tries <= had, "the tries of request {id} came back by {ins:02X?}");
    }
    assert!(before.life <= after.life, "no way back in life");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The judge has something to judge: what is meant honestly is carried out.
    #[test]
    fn honest_steps_pay() {
        let there = [0x83, 4, 0x04, 0, 0x05, 0, 0x06, 0x87, 0, 0];
        let back = [0x03, 7, 0x84, 0, 0x85, 0, 0x86, 0x07, 0, 0];
        let loaded = [0x08, 5, 0x05, 0, 0x09, 2];
        let game = play(&[&there[..], &back, &loaded].concat());
        assert_eq!(game.people.each_ref().map(|person| person.known.balance), [10_600, 9_700]);
        assert!(game.debits.len() == 2 && game.debits.iter().all(|debit| debit.credited));
    }
}
