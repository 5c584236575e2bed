//! Which key and which terms a code belongs to: every difference between two purses is a refusal.

use apdu::Sw;
use applet_model::purse::{Identity, status};
use digitally::{Algorithm, Amount, Code, Currency, Key, Msisdn, Payment, Request, Scheme, Suite, Terms, profile};

use crate::account::history;
use crate::world::{self, Person, Setup, code, payment_key, pin, two};

/// The suite of the purses of `setup`, for a test that computes what a purse should.
fn suite<'k>(setup: &Setup, key: &'k Key<Payment>) -> Suite<'k> {
    let (scheme, epoch) = (setup.scheme, setup.epoch);
    Suite { profile: setup.profile, scheme, epoch, currency: Currency::new(404).unwrap(), key }
}

fn request(payer: Msisdn, payee: Msisdn, minor: u32, nonce: u32) -> Request {
    Request::recall(Terms::new(payer, payee, Amount::new(minor)).unwrap(), nonce)
}

/// P-EPO-1, P-SCH-1, P-ALG-1: purses with the same scheme, epoch and algorithm pay each other, at the first epoch and
/// the last, under every scheme; the log keeps which key it was.
#[test]
fn purses_that_share_scheme_epoch_and_algorithm_pay() {
    for (scheme, epoch) in [(Scheme::Universal, 0), (Scheme::Pairwise, 255), (Scheme::Ticket, 7)] {
        for algorithm in Algorithm::ALL {
            history(&Setup { scheme, epoch, algorithm, ..Setup::default() }, |[alice, bob]| {
                let opened = bob.request(alice.number, 400).unwrap();
                let paid = alice.pay(bob.number, 400, opened.code).unwrap();
                bob.confirm(opened.id, paid.code).unwrap();
                let entry = alice.purse.last(0).unwrap().entry;
                assert_eq!((entry.scheme, entry.epoch), (scheme.number(), epoch));
                0
            });
        }
    }
}

/// S4; P-EPO-1, P-SCH-1, P-ALG-1, P-CUR-1, P-INP-1: Alice's purse differs from Bob's in one thing, though the key bytes
/// are the same: she refuses his request, and he the response that her purse would compute for it.
#[test]
fn purses_that_differ_in_one_thing_understand_nothing() {
    let usual = Setup::default();
    let others = [
        ("epoch", Setup { epoch: 2, ..usual.clone() }, 404),
        ("scheme", Setup { scheme: Scheme::Ticket, ..usual.clone() }, 404),
        ("algorithm", Setup { algorithm: Algorithm::HmacSha256, ..usual.clone() }, 404),
        ("currency", usual.clone(), 800),
        ("currency with a leading zero", usual.clone(), 40),
    ];
    for (what, setup, currency) in others {
        let currency = Currency::new(currency).unwrap();
        let mut people = [Person::blank(1, &setup), Person::new(2, &usual)];
        let [alice, bob] = &mut people;
        let identity = Identity { currency: currency.bcd(), ..world::identity(1) };
        alice.personalise_as(identity, 1, &setup, false).unwrap();
        let opened = bob.request(alice.number, 400).unwrap();
        assert_eq!(alice.check(bob.number, 400, opened.code), Err(status::MAC_WRONG), "{what}");
        let key = payment_key(setup.algorithm);
        let hers =
            request(alice.number, bob.number, 400, 1).response_again(&Suite { currency, ..suite(&setup, &key) }, 0);
        assert_eq!(bob.confirm(opened.id, hers), Err(Sw::counter(4)), "{what}");
        let key = payment_key(usual.algorithm);
        let right = request(alice.number, bob.number, 400, 1).response_again(&suite(&usual, &key), 0);
        bob.confirm(opened.id, right).unwrap();
    }
}

/// P-SCH-1, P-ALG-1, P-ALG-2: a blank purse takes no key of an unknown scheme or algorithm, nor of a length that its
/// algorithm does not have.
#[test]
fn unknown_schemes_algorithms_and_lengths_are_refused() {
    let mut blank = Person::blank(1, &Setup::default());
    let mut store = |scheme: u8, algorithm: u8, len: usize| {
        let key = format!("8001 {:02X} {scheme:02X} 01 {algorithm:02X} {}", len + 3, "4B".repeat(len));
        world::store(&mut blank, &format!("80 E2 08 00 {:02X} {key}", len + 6))
    };
    for number in 0..=255 {
        assert_eq!(store(number, 0, 16) == 0x9000, number <= 2, "scheme {number}");
        assert_eq!(store(0, number, 16) == 0x9000, number <= 1, "algorithm {number}");
    }
    for len in 0..=40 {
        assert_eq!(store(0, 0, len) == 0x9000, [16, 24, 32].contains(&len), "AES, {len} bytes");
        assert_eq!(store(0, 1, len) == 0x9000, (16..=32).contains(&len), "HMAC, {len} bytes");
    }
}

/// P-CONF-2, P-SER-1, S5: Bob types what would be right for another serial: of the neighbours, of the serials with the
/// same tail, of the request of another payer. Each costs its try; only the one for his serial, in full, is right.
#[test]
fn one_response_fits_and_no_neighbour() {
    let setup = Setup { limits: applet_model::purse::Limits { tries: 15, ..world::LIMITS }, ..Setup::default() };
    let key = payment_key(setup.algorithm);
    history(&setup, |[alice, bob]| {
        let opened = bob.request(alice.number, 400).unwrap();
        let (payer, payee) = (alice.number, bob.number);
        let response = |nonce, minor| request(payer, payee, minor, nonce).response_again(&suite(&setup, &key), 0);
        let others = [0, 2, 3, 11, 101, 1_001, 2_001, 15_001, 1_000_001, u32::MAX];
        for (typed, nonce) in others.into_iter().enumerate() {
            assert_eq!(bob.confirm(opened.id, response(nonce, 400)), Err(Sw::counter(14 - typed as u8)), "n = {nonce}");
        }
        assert_eq!(bob.confirm(opened.id, response(1, 401)), Err(Sw::counter(4)));
        let paid = alice.pay(bob.number, 400, opened.code).unwrap();
        assert_eq!(paid.code.value(), response(1, 400).value());
        bob.confirm(opened.id, paid.code).unwrap();
        0
    });
}

/// P-CONF-3: in `first-protocol` and `fixed` the payee takes N_A from the first four digits: R for any N_A is right under
/// that N_A and under no other.
#[test]
fn any_payer_nonce_is_right_with_its_own_r() {
    for profile in [&profile::FIRST_PROTOCOL, &profile::FIXED] {
        let setup = Setup { profile, balance: 0, ..Setup::default() };
        let key = payment_key(setup.algorithm);
        let alice = world::number(1);
        let mut bob = Person::blank(2, &setup);
        bob.personalise(2, &setup, profile.broken().is_some()).unwrap();
        for payer_nonce in [0, 1, 4242, 9999] {
            let opened = bob.request(alice, 400).unwrap();
            let nonce = bob.purse.open_request(1).unwrap().unwrap().open.nonce;
            let right = request(alice, bob.number, 400, nonce).response_again(&suite(&setup, &key), payer_nonce);
            assert_eq!(right.split(4).0.value(), u128::from(payer_nonce));
            let other_head = code((right.value() + 10_000) % 100_000_000, 8);
            assert_eq!(bob.confirm(opened.id, other_head), Err(Sw::counter(4)), "{}", profile.name);
            bob.confirm(opened.id, right).unwrap();
        }
        assert_eq!(bob.balance(), 4 * 400);
    }
}

/// The code that a MAC of another kind over the same fields would give.
fn of_kind(kind: u8, message: &[u8], key: &Key<Payment>, digits: u8) -> Code {
    let mut bytes = message.to_vec();
    bytes[0] = kind;
    let number = u64::from_be_bytes(key.tag(&bytes).first_8());
    code(u128::from(number % 10u64.pow(digits.into())), digits)
}

/// P-INP-2, P-INP-1: codes computed with kind 53, or with any other kind than its own, are neither a request nor a
/// response. (A MAC of kind 51 never passes as a response, nor one of kind 52 as a request.)
#[test]
fn no_other_kind_is_accepted() {
    let setup = Setup::default();
    let key = payment_key(setup.algorithm);
    let suite = suite(&setup, &key);
    let (mut alice, mut bob) = two(&setup);
    let opened = bob.request(alice.number, 400).unwrap();
    let right = request(alice.number, bob.number, 400, 1);
    for (typed, kind) in [0x53, 0x51, 0x50, 0x00].into_iter().enumerate() {
        let response = of_kind(kind, right.response_message(&suite, 0).bytes(), &key, 8);
        assert_eq!(bob.confirm(opened.id, response), Err(Sw::counter(4 - typed as u8)), "kind {kind:02X}");
    }
    for kind in [0x53, 0x52, 0x50, 0x00] {
        let check = of_kind(kind, right.request_message(&suite).bytes(), &key, 5);
        let shown = code(100_000 + check.value(), 8);
        assert_eq!(alice.check(bob.number, 400, shown), Err(status::MAC_WRONG), "kind {kind:02X}");
    }
    assert_eq!(of_kind(0x51, right.request_message(&suite).bytes(), &key, 5).value(), opened.code.split(3).1.value());
    let own = of_kind(0x52, right.response_message(&suite, 0).bytes(), &key, 8);
    bob.confirm(opened.id, own).unwrap();
}

/// P-CONF-1: a request remembers under which key it was opened.
#[test]
fn a_request_and_a_payment_name_their_key() {
    history(&Setup { scheme: Scheme::Pairwise, epoch: 9, ..Setup::default() }, |[alice, bob]| {
        bob.request(alice.number, 400).unwrap();
        let open = bob.purse.open_request(1).unwrap().unwrap().open;
        assert_eq!((open.scheme, open.epoch), (Scheme::Pairwise.number(), 9));
        0
    });
}

/// P-BRK-1: no purse takes `first-protocol` without the word for danger, nor with another word in its place; the other
/// profiles need none.
#[test]
fn the_broken_profile_needs_its_word() {
    for (profile, danger, expected) in [
        (&profile::FIRST_PROTOCOL, false, Err(status::BROKEN_PROFILE)),
        (&profile::FIRST_PROTOCOL, true, Ok(())),
        (&profile::FIXED, false, Ok(())),
        (&profile::DIGITALLY_8, false, Ok(())),
    ] {
        let setup = Setup { profile, ..Setup::default() };
        let mut bob = Person::blank(2, &setup);
        assert_eq!(world::store(&mut bob, "80 E2 08 00 09 01D0 06 42524F4B4545"), 0x6A80, "not the word");
        assert_eq!(bob.personalise(2, &setup, danger), expected, "{}", profile.name);
        assert_eq!(bob.purse.verify(&pin(world::PIN)).is_ok(), expected.is_ok());
    }
}
