//! Cards that are replaced, and cards that are copied.

use apdu::Sw;
use applet_model::purse::{File, Identity, Limits, status};

use crate::account::{account, credits, debits};
use crate::world::{self, LIMITS, Person, Setup, two};

/// Another card for the same person, with serials above this number.
fn next_card(i: u32, sequence: u8, serials_above: u32, setup: &Setup) -> Person {
    let mut card = Person::blank(i, setup);
    card.personalise_as(Identity { sequence, serials_above, ..world::identity(i) }, i, setup, false).unwrap();
    card
}

/// S3; P-AUTH-4, P-CONF-9, P-ISS-4: Alice's new card remembers neither whom she paid nor what, as if the debit had left
/// table and log: it pays a request of Bob's a second time. He is credited once; the second debit stays in flight, both
/// cards can show the response, and the logs name the same payment twice.
#[test]
fn a_payer_without_memory_pays_twice_and_the_payee_is_credited_once() {
    let setup = Setup::default();
    let (mut alice, mut bob) = two(&setup);
    let opened = bob.request(alice.number, 400).unwrap();
    let first = alice.pay(bob.number, 400, opened.code).unwrap();
    let mut second_card = next_card(1, 2, 200, &setup);
    let load = world::identity(1);
    assert_eq!(load.number, Some(second_card.number));
    // Her own orders name the number, not the card: the same issuer's key loads it.
    second_card.load(1, 1000).unwrap();
    let second = second_card.pay(bob.number, 400, opened.code).unwrap();
    assert_eq!(first.code.value(), second.code.value(), "one request has one response");
    bob.confirm(opened.id, first.code).unwrap();
    assert_eq!(bob.confirm(opened.id, second.code), Err(status::ALREADY_RECEIVED));
    assert_eq!(debits(&mut alice), debits(&mut second_card), "the same identity twice on the payer's side");
    assert_eq!(alice.balance() + second_card.balance() + bob.balance() + 400, 2 * setup.balance + 1000, "S1");
}

/// S3; P-ISS-3, P-SER-2: Bob's cards may open five requests each between two contacts with the issuer, and there is
/// none. The second card starts at 5, the third at 10: no serial is used twice, and no response for one card is taken
/// by another.
#[test]
fn replaced_payees_never_reuse_a_serial() {
    let setup = Setup { limits: Limits { opens: 5, ..LIMITS }, balance: 0, ..Setup::default() };
    let mut alice = Person::new(1, &Setup::default());
    let mut serials = Vec::new();
    let mut responses: Vec<digitally::Code> = Vec::new();
    for sequence in 1..=3u8 {
        let mut bob = next_card(2, sequence, u32::from(sequence - 1) * 5, &setup);
        for _ in 0..5 {
            let opened = bob.request(alice.number, 400).unwrap();
            serials.push(bob.purse.open_request(1).unwrap().unwrap().open.nonce);
            for (old, response) in responses.iter().rev().take(4).enumerate() {
                assert!(bob.confirm(opened.id, *response).is_err(), "{old}");
            }
            let paid = alice.pay(bob.number, 400, opened.code).unwrap();
            bob.confirm(opened.id, paid.code).unwrap();
            responses.push(paid.code);
        }
        assert_eq!(bob.request(alice.number, 400).unwrap_err(), status::OPEN_CAP);
        assert_eq!(bob.balance(), 5 * 400);
    }
    assert_eq!(serials, (1..=15).collect::<Vec<u32>>());
}

/// P-ISS-4, S3: Bob's card is copied, and the same response typed into both. Each of them credits it: no card can know.
/// Their logs tell: one payment stands twice on the payee's side, and once on the payer's.
#[test]
fn a_copied_card_shows_in_the_logs() {
    let setup = Setup::default();
    let (mut alice, mut bob) = two(&setup);
    let opened = bob.request(alice.number, 400).unwrap();
    let mut copy = Person::blank(2, &setup);
    let state = bob.purse.transport().snapshot();
    copy.purse.transport().restore(&state).unwrap();
    let paid = alice.pay(bob.number, 400, opened.code).unwrap();
    bob.confirm(opened.id, paid.code).unwrap();
    copy.confirm(opened.id, paid.code).unwrap();
    let payment = debits(&mut alice);
    assert_eq!((payment.len(), credits(&mut bob)), (1, payment.clone()));
    assert_eq!(credits(&mut copy), payment, "the same identity twice on the payee's side");
    assert_eq!(alice.balance() + bob.balance(), 2 * setup.balance, "S1, but for the copy");
}

/// P-ISS-4, S4: two cards of one number without the distance of P-ISS-3 give one identity two contents, and their logs
/// show that, too: same payer, payee and n, another amount.
#[test]
fn one_identity_with_two_contents_shows_in_the_logs() {
    let setup = Setup::default();
    let (mut alice, mut bob) = two(&setup);
    let mut wrong = next_card(2, 2, 0, &setup);
    let mut other = next_card(1, 2, 200, &setup);
    other.load(1, 1000).unwrap();
    for (payer, payee, minor) in [(&mut alice, &mut bob, 400), (&mut other, &mut wrong, 500)] {
        let opened = payee.request(payer.number, minor).unwrap();
        let paid = payer.pay(payee.number, minor, opened.code).unwrap();
        payee.confirm(opened.id, paid.code).unwrap();
    }
    let [one, two] = [credits(&mut bob)[0], credits(&mut wrong)[0]];
    assert_eq!((one.0, one.1, one.3), (two.0, two.1, two.3));
    assert_ne!(one.2, two.2);
}

/// S3, S1; P-ISS-3, P-CONF-1: a response that was for Bob's old card is typed into his new one, at a request for the
/// same payer and amount; then the old card is found again, and takes it.
#[test]
fn a_response_for_the_old_card_waits_for_the_old_card() {
    let setup = Setup::default();
    let (mut alice, mut old) = two(&setup);
    let opened = old.request(alice.number, 400).unwrap();
    let paid = alice.pay(old.number, 400, opened.code).unwrap();
    let mut new = next_card(2, 2, 200, &setup);
    let asked = new.request(alice.number, 400).unwrap();
    assert_eq!(new.confirm(asked.id, paid.code), Err(Sw::counter(4)));
    assert_eq!((new.balance(), new.log(File::History).len()), (0, 0));
    old.confirm(opened.id, paid.code).unwrap();
    account(&mut [alice, old, new], 2 * setup.balance, 0);
}
