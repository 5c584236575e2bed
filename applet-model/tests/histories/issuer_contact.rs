//! What a contact with the issuer changes on a card, and what it cannot.

use apdu::Sw;
use applet_model::purse::{
    AttestedEntry, ContactOrder, Entry, File, Folded, Holder, KeyName, Life, Limits, OpenRequest, ProfileData, Settled,
    status,
};
use applet_model::runtime::Fixed;
use digitally::{Algorithm, Code, Key, Payment, Request, Scheme, Suite, Terms};
use globalplatform::{Access, KeySet};

use crate::account::history;
use crate::world::{LIMITS, PIN, PUK, Person, Setup, amount, code, identity, issuer_key, pin, store};

const SECOND: KeyName = KeyName { scheme: Scheme::Universal, epoch: 2 };
const THIRD: KeyName = KeyName { scheme: Scheme::Universal, epoch: 3 };

/// An order that changes nothing but what every order changes.
fn plain(number: u32, acknowledged: u32) -> ContactOrder<'static> {
    ContactOrder {
        number,
        acknowledged,
        limits: None,
        menu: None,
        key: None,
        use_key: None,
        suspended: None,
        settled: &[],
    }
}

fn key(byte: u8) -> Key<Payment> {
    Key::new(Algorithm::AesCmac, &[byte; 16]).unwrap()
}

fn order(person: &mut Person, order: &ContactOrder<'_>) -> Result<(), Sw> {
    let keys = KeySet::published();
    person.purse.order(Access::published(&keys), order).map_err(|error| error.sw().unwrap())
}

/// P-ISS-2, P-CAP-2, P-CAP-3: spent caps start again; what is counted for ever goes on.
#[test]
fn spent_caps_start_again() {
    let setup = Setup { limits: Limits { opens: 3, failures: 2, ..LIMITS }, ..Setup::default() };
    history(&setup, |[alice, bob]| {
        for contact in 1..=3 {
            for _ in 0..2 {
                bob.request(alice.number, 400).unwrap();
            }
            let opened = bob.request(alice.number, 400).unwrap();
            assert_eq!(bob.request(alice.number, 400).unwrap_err(), status::OPEN_CAP);
            for left in [4, 3] {
                assert_eq!(bob.confirm(opened.id, code(7, 8)), Err(Sw::counter(left)));
            }
            let paid = alice.pay(bob.number, 400, opened.code).unwrap();
            assert_eq!(bob.confirm(opened.id, paid.code), Err(status::RESPONSE_CAP));

            order(bob, &plain(contact, 0)).unwrap();
            let counters = bob.counters();
            assert_eq!((counters.opened_since_contact, counters.wrong_responses_since_contact), (0, 0));
            assert_eq!((counters.opened, counters.wrong_responses), (3 * contact, 2 * contact));
            bob.confirm(opened.id, paid.code).unwrap();
            order(alice, &plain(contact, contact)).unwrap();
        }
        0
    });
}

/// P-LAST-2, P-CAP-5: a full log takes payments again when its debits are acknowledged, and shows them until then.
#[test]
fn acknowledged_debits_make_room() {
    let setup = Setup { limits: Limits { unacknowledged: 2, ..LIMITS }, ..Setup::default() };
    history(&setup, |[alice, bob]| {
        let mut pay = |alice: &mut Person| {
            let opened = bob.request(alice.number, 100).unwrap();
            let paid = alice.pay(bob.number, 100, opened.code)?;
            bob.confirm(opened.id, paid.code)
        };
        pay(alice).unwrap();
        pay(alice).unwrap();
        assert_eq!(pay(alice), Err(status::LOG_FULL));
        assert_eq!(order(alice, &plain(1, 3)), Err(Sw::WRONG_DATA), "more than there are");
        order(alice, &plain(1, 1)).unwrap();
        assert_eq!(alice.counters().unacknowledged, 1);
        pay(alice).unwrap();
        assert_eq!(pay(alice), Err(status::LOG_FULL));
        assert_eq!(order(alice, &plain(2, 0)), Err(Sw::WRONG_DATA), "fewer than before");
        order(alice, &plain(2, 3)).unwrap();
        pay(alice).unwrap();
        0
    });
}

/// No order is carried out twice, and none that is older than the last one; of a refused one, nothing is.
#[test]
fn an_order_is_new_and_whole_or_nothing() {
    let (mut alice, limits) = (Person::new(1, &Setup::default()), Limits { payment: amount(1), ..LIMITS });
    order(&mut alice, &plain(7, 0)).unwrap();
    for number in [0, 6, 7] {
        assert_eq!(order(&mut alice, &ContactOrder { limits: Some(limits), ..plain(number, 0) }), Err(status::COUNTER));
    }
    let contact = "02 01 08 00 00 00 08 00 00 00 00";
    let limits = "01 03 10 00 00 00 01 00 00 00 01 00 01 00 01 05 05 00 01";
    for (rest, refused) in [
        ("03 01 01 00", 0x6A88),                                  // no such group
        ("01 01 10", 0x6A85),                                     // cut off
        ("02 03 01 02", 0x6A80),                                  // neither suspended nor not
        ("02 02 02 01 09", 0x6A80),                               // a key that it does not hold
        ("02 04 0C 00 00 00 00 00 00 00 00 00 00 00 05", 0x6A80), // nobody's request
        (contact, 0x6A88),                                        // twice
    ] {
        let data = format!("{contact} {limits} {rest}");
        let lc = data.split_whitespace().count();
        assert_eq!(store(&mut alice, &format!("80 E2 88 00 {lc:02X} {data}")), refused, "{rest}");
    }
    let lc = limits.split_whitespace().count();
    assert_eq!(store(&mut alice, &format!("80 E2 88 00 {lc:02X} {limits}")), 0x6985, "no contact");
    assert_eq!(store(&mut alice, &format!("80 E2 08 00 0B {contact}")), 0x6A86, "more blocks");
    assert_eq!(alice.purse.data::<Limits>().unwrap(), LIMITS);
    assert_eq!(alice.purse.attest([0; 8]).unwrap().statement.contact, 7);
}

#[test]
fn limits_change() {
    let mut alice = Person::new(1, &Setup::default());
    let limits = Limits { payment: amount(7_00), opens: 1, ..LIMITS };
    order(&mut alice, &ContactOrder { limits: Some(limits), ..plain(1, 0) }).unwrap();
    assert_eq!(alice.purse.data::<Limits>().unwrap(), limits);
    let wrong = Limits { unacknowledged: 65, ..LIMITS };
    assert_eq!(order(&mut alice, &ContactOrder { limits: Some(wrong), ..plain(2, 0) }), Err(Sw::WRONG_DATA));
}

/// A suspended purse neither pays nor is paid, shows what it holds, and can be emptied by its issuer and its holder together.
#[test]
fn a_suspended_purse_shows_and_is_emptied_but_does_not_pay() {
    history(&Setup::default(), |[alice, bob]| {
        let opened = bob.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, opened.code).unwrap();
        let suspended = |contact, suspended| ContactOrder { suspended: Some(suspended), ..plain(contact, 0) };
        order(alice, &suspended(1, true)).unwrap();
        order(bob, &suspended(1, true)).unwrap();
        assert_eq!(alice.purse.data::<Holder>().unwrap().life(), Life::Suspended);

        let refused = Err(Sw::CONDITIONS_NOT_SATISFIED);
        assert_eq!(bob.request(alice.number, 400).map(drop), refused);
        assert_eq!(bob.confirm(opened.id, paid.code).map(drop), refused);
        assert_eq!(alice.check(bob.number, 400, opened.code), refused);
        assert_eq!(alice.load(1, 100).map(drop), refused);
        assert_eq!(alice.purse.last(0).unwrap().code.value(), paid.code.value(), "S8");
        assert_eq!((alice.balance(), alice.log(File::Payments).len()), (1996_00, 1));
        assert_eq!(alice.unload(1, 100), Err(Sw::SECURITY_STATUS_NOT_SATISFIED), "S7");
        alice.purse.verify(&pin(PIN)).unwrap();
        alice.unload(1, 100).unwrap();

        order(alice, &suspended(2, false)).unwrap();
        order(bob, &suspended(2, false)).unwrap();
        bob.confirm(opened.id, paid.code).unwrap();
        alice.load(1, 100).unwrap();
        0
    });
}

/// Suspending and resuming is no way out for a purse whose PUK is used up.
#[test]
fn a_blocked_purse_stays_blocked() {
    let mut alice = Person::new(1, &Setup::default());
    order(&mut alice, &ContactOrder { suspended: Some(true), ..plain(1, 0) }).unwrap();
    order(&mut alice, &ContactOrder { suspended: Some(false), ..plain(2, 0) }).unwrap();
    for _ in 0..10 {
        alice.purse.unblock_pin(&pin("11111111"), &pin(PIN)).unwrap_err();
    }
    for (contact, suspended) in [(3, true), (4, false)] {
        order(&mut alice, &ContactOrder { suspended: Some(suspended), ..plain(contact, 0) }).unwrap();
        assert_eq!(alice.purse.data::<Holder>().unwrap().life(), Life::Blocked);
    }
    assert!(alice.purse.unblock_pin(&pin(PUK), &pin(PIN)).is_err());
    assert_eq!(alice.purse.attest([1; 8]).unwrap().statement.contact, 4, "it still answers its issuer");
}

/// P-ISS-1: the request leaves, its response is not taken any more, and no later request has its serial.
#[test]
fn a_settled_request_is_never_credited() {
    history(&Setup::default(), |[alice, bob]| {
        let first = bob.request(alice.number, 400).unwrap();
        let second = bob.request(alice.number, 500).unwrap();
        let paid = alice.pay(bob.number, 400, first.code).unwrap();
        let serial = alice.log(File::Payments)[0].nonce;
        let settled = [Settled { payer: Some(alice.number), serial }];
        order(bob, &ContactOrder { settled: &settled, ..plain(1, 0) }).unwrap();
        assert_eq!(bob.confirm(first.id, paid.code), Err(Sw::REFERENCED_DATA_NOT_FOUND));
        let open: Vec<OpenRequest> =
            (1..).map_while(|n| bob.purse.open_request(n).unwrap()).map(|shown| shown.open).collect();
        assert_eq!(open.iter().map(|open| open.id).collect::<Vec<_>>(), [second.id], "the other one stays");

        let ahead = [Settled { payer: Some(alice.number), serial: 700 }];
        order(bob, &ContactOrder { settled: &ahead, ..plain(2, 0) }).unwrap();
        assert_eq!(bob.purse.attest([0; 8]).unwrap().statement.highest_serial, 700);
        bob.request(alice.number, 400).unwrap();
        assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.nonce, 701);
        // Never down again.
        order(bob, &ContactOrder { settled: &settled, ..plain(3, 0) }).unwrap();
        bob.request(alice.number, 400).unwrap();
        assert_eq!(bob.purse.open_request(1).unwrap().unwrap().open.nonce, 702);
        let many = [settled[0]; 5];
        let frame = ContactOrder { settled: &many, ..plain(4, 0) }.frame();
        let four = ContactOrder { settled: &many[..4], ..plain(4, 0) }.frame();
        assert_eq!(frame.command().unwrap().data(), four.command().unwrap().data(), "four at most");
        400
    });
}

/// P-CHK-6: a fleet changes its key card by card, and everybody pays everybody all the time.
#[test]
fn a_new_key_is_given_to_all_and_then_used() {
    history(&Setup::default(), |[alice, bob]| {
        let mut in_flight = 0;
        let pay = |alice: &mut Person, bob: &mut Person| {
            let opened = bob.request(alice.number, 400).unwrap();
            let paid = alice.pay(bob.number, 400, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
        };
        // Opened and paid under the first key.
        let old = bob.request(alice.number, 700).unwrap();
        let paid = alice.pay(bob.number, 700, old.code).unwrap();

        let second = key(2);
        let give = |contact| ContactOrder { key: Some((SECOND, &second)), ..plain(contact, 0) };
        let switch = |contact| ContactOrder { use_key: Some(SECOND), ..plain(contact, 0) };
        order(alice, &give(1)).unwrap();
        pay(alice, bob);
        order(bob, &give(1)).unwrap();
        pay(bob, alice);
        order(bob, &switch(2)).unwrap();
        assert_eq!(bob.purse.data::<ProfileData>().unwrap().epoch, 2);
        pay(alice, bob);
        pay(bob, alice);
        let log = alice.log(File::Payments);
        assert_eq!(log.iter().map(|entry| entry.epoch).collect::<Vec<_>>(), [2, 1, 1], "each under its payee's key");
        order(alice, &switch(2)).unwrap();
        pay(bob, alice);
        // What was under way under the first key still ends well.
        assert_eq!(alice.purse.last(2).unwrap().code.value(), paid.code.value());
        assert_eq!(alice.check(bob.number, 700, old.code), Err(status::ALREADY_PAID));
        bob.confirm(old.id, paid.code).unwrap();
        assert_eq!(bob.confirm(old.id, paid.code), Err(status::ALREADY_RECEIVED));

        // The third one takes the place of the first, and what needed that one is gone.
        let left = bob.request(alice.number, 900).unwrap();
        let unpaid = alice.pay(bob.number, 900, left.code).unwrap();
        in_flight += 900;
        let third = key(3);
        let both =
            |acknowledged| ContactOrder { key: Some((THIRD, &third)), use_key: Some(THIRD), ..plain(3, acknowledged) };
        assert_eq!(order(bob, &both(1)), Err(Sw::WRONG_DATA), "S8: the issuer has not seen all debits under the first");
        order(bob, &both(2)).unwrap();
        assert_eq!(bob.purse.attest([0; 8]).unwrap().statement.keys.to_names(), (3, 2));
        assert_eq!(bob.confirm(left.id, unpaid.code).unwrap(), bob.balance(), "the second is held");
        in_flight -= 900;
        order(bob, &ContactOrder { key: Some((SECOND, &second)), ..plain(4, 2) }).unwrap();
        in_flight
    });
}

/// A key that is gone: what was opened or paid under it says so, and costs nothing.
#[test]
fn what_needs_a_key_that_is_gone_says_so() {
    let setup = Setup::default();
    let (mut alice, mut bob) = (Person::new(1, &setup), Person::new(2, &setup));
    let opened = bob.request(alice.number, 400).unwrap();
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    let (second, third) = (key(2), key(3));
    for person in [&mut alice, &mut bob] {
        order(person, &ContactOrder { key: Some((SECOND, &second)), use_key: Some(SECOND), ..plain(1, 0) }).unwrap();
        let made = person.counters().payments;
        order(person, &ContactOrder { key: Some((THIRD, &third)), ..plain(2, made) }).unwrap();
    }
    assert_eq!(bob.confirm(opened.id, paid.code), Err(Sw::REFERENCE_DATA_NOT_USABLE));
    assert_eq!(alice.purse.last(0).unwrap_err().sw(), Some(Sw::REFERENCE_DATA_NOT_USABLE));
    assert_eq!(bob.counters().wrong_responses, 0);
    assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::MAC_WRONG));
    // The name of the key in use belongs to that key alone; the same one again changes nothing.
    let imposter = key(9);
    assert_eq!(order(&mut bob, &ContactOrder { key: Some((SECOND, &imposter)), ..plain(3, 0) }), Err(Sw::WRONG_DATA));
    order(&mut bob, &ContactOrder { key: Some((SECOND, &second)), ..plain(3, 0) }).unwrap();
    assert_eq!(bob.purse.attest([0; 8]).unwrap().statement.keys.to_names(), (2, 3));
}

/// P-CHK-6: a code that is right under both keys names neither, and the payee opens another request.
#[test]
fn a_code_that_fits_under_both_keys_is_ambiguous() {
    let setup = Setup::default();
    let (mut alice, mut bob) = (Person::new(1, &setup), Person::new(2, &setup));
    let (first, second) = (crate::world::payment_key(Algorithm::AesCmac), key(2));
    order(&mut alice, &ContactOrder { key: Some((SECOND, &second)), ..plain(1, 0) }).unwrap();
    let (payer, payee) = (alice.number, bob.number);
    let codes = |minor| {
        let terms = Terms::new(payer, payee, amount(minor)).unwrap();
        let of = |epoch, key| Request::recall(terms, 1).code(&suite(&setup, epoch, key));
        (of(1, &first), of(2, &second))
    };
    let minor = (1..LIMITS.payment.minor_units()).find(|minor| same(codes(*minor))).unwrap();
    let opened = bob.request(alice.number, minor).unwrap();
    assert_eq!(opened.code.value(), codes(minor).1.value());
    assert_eq!(alice.check(bob.number, minor, opened.code), Err(status::AMBIGUOUS));
    assert_eq!(alice.counters().wrong_requests, 0);
    let again = bob.request(alice.number, minor).unwrap();
    alice.check(bob.number, minor, again.code).unwrap();
}

fn same((one, other): (Code, Code)) -> bool {
    one.value() == other.value()
}

fn suite<'k>(setup: &Setup, epoch: u8, key: &'k Key<Payment>) -> Suite<'k> {
    let currency = digitally::Currency::new(404).unwrap();
    Suite { profile: setup.profile, scheme: Scheme::Universal, epoch, currency, key }
}

/// The statement says what GET DATA does, and its MAC is what `docs/applet.md` says.
#[test]
fn a_statement_is_what_the_card_is() {
    history(&Setup::default(), |[alice, bob]| {
        let opened = bob.request(alice.number, 400).unwrap();
        let paid = alice.pay(bob.number, 400, opened.code).unwrap();
        bob.confirm(opened.id, paid.code).unwrap();
        order(bob, &plain(5, 0)).unwrap();
        let challenge = *b"\x01\x02\x03\x04\x05\x06\x07\x08";
        let attested = bob.purse.attest(challenge).unwrap();
        let statement = attested.statement;
        assert_eq!(statement.holder, bob.purse.data::<Holder>().unwrap());
        assert_eq!(statement.counters, bob.counters());
        assert_eq!(statement.limits, LIMITS);
        assert_eq!(statement.folded, bob.purse.data::<Folded>().unwrap());
        assert_eq!((statement.contact, statement.acknowledged, statement.highest_serial), (5, 0, 1));
        assert_eq!((statement.history, statement.entries, statement.balance.minor_units()), (2, 2, 2004_00));

        let mut message = vec![0x66, 0x01];
        message.extend(challenge);
        let mut bytes = [0; 125];
        statement.store(&mut bytes);
        message.extend(bytes);
        assert_eq!(attested.mac, issuer_key(2).tag(&message).first_8());
        assert!(attested.is_of(&issuer_key(2), challenge));
        assert!(!attested.is_of(&issuer_key(2), [0; 8]) && !attested.is_of(&issuer_key(1), challenge));
        0
    });
}

/// The files with MACs hold the entries of the log, and the MAC is what `docs/applet.md` says.
#[test]
fn log_entries_carry_macs() {
    history(&Setup::default(), |[alice, bob]| {
        for _ in 0..3 {
            let opened = bob.request(alice.number, 400).unwrap();
            let paid = alice.pay(bob.number, 400, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
        }
        for (i, person, file, attested) in
            [(1, alice, File::Payments, File::AttestedPayments), (2, bob, File::History, File::AttestedHistory)]
        {
            let entries: Vec<AttestedEntry> =
                (1..).map_while(|n| person.purse.attested_entry(attested, n).unwrap()).collect();
            assert!(entries.len() >= 3);
            assert_eq!(entries.iter().map(|one| one.entry).collect::<Vec<_>>(), person.log(file));
            for AttestedEntry { entry, mac } in entries {
                let mut message = vec![0x65, 0x01, 0x04, 0x04];
                message.extend(person.number.bcd());
                message.push(1);
                let mut bytes = [0; Entry::LEN];
                entry.store(&mut bytes);
                message.extend(bytes);
                assert_eq!(mac, issuer_key(i).tag(&message).first_8());
                assert!(AttestedEntry { entry, mac }.is_of(&issuer_key(i), &identity(i)));
                let other = Entry { amount: amount(entry.amount.minor_units() + 1), ..entry };
                assert!(!AttestedEntry { entry: other, mac }.is_of(&issuer_key(i), &identity(i)));
            }
        }
        0
    });
}

trait Names {
    fn to_names(self) -> (u8, u8);
}

impl Names for applet_model::purse::KeyNames {
    fn to_names(self) -> (u8, u8) {
        assert_eq!((self.scheme, self.other_scheme), (Scheme::Universal.number(), Scheme::Universal.number()));
        (self.epoch, self.other_epoch)
    }
}
