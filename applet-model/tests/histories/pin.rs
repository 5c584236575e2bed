//! S7: a PIN for this payment, and for no other.

use apdu::Sw;
use applet_model::purse::Authorise;

use crate::account::history;
use crate::world::{LIMITS, PIN, PUK, Person, Setup, WRONG_PIN, amount, pin, refused};

/// What Alice does, in some order.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Do {
    /// CHECK of a right request over 400.
    Check,
    /// CHECK of a right request over 500.
    CheckOther,
    /// CHECK of a wrong one.
    CheckWrong,
    Pin,
    WrongPin,
    Authorise,
    Reset,
    Select,
    Balance,
    Last,
    ChangePin,
    Unblock,
    Unload,
}
use Do::{
    Authorise as Pay, Balance, ChangePin, Check, CheckOther, CheckWrong, Last, Pin, Reset, Select, Unblock, Unload,
    WrongPin,
};

const NO_PIN: Sw = Sw::SECURITY_STATUS_NOT_SATISFIED;
const NO_REQUEST: Sw = Sw::CONDITIONS_NOT_SATISFIED;

/// S7; P-PIN-1, P-CHK-8: every order but CHECK, VERIFY, AUTHORISE ends in a refusal, and debits nothing: the PIN before
/// CHECK, the PIN for another request, a PIN used once for two, a right PIN and then a wrong one, anything in between.
#[test]
fn only_check_then_pin_then_authorise_debits() {
    let orders: [(&[Do], Sw); 22] = [
        (&[Pay], NO_REQUEST),
        (&[Pin, Pay], NO_REQUEST),
        (&[Check, Pay], NO_PIN),
        (&[Pin, Check, Pay], NO_PIN),
        (&[Check, WrongPin, Pay], NO_PIN),
        (&[Check, Pin, WrongPin, Pay], NO_PIN),
        (&[Check, Pay, Pin, Pay], NO_REQUEST),
        (&[Check, WrongPin, Pay, Pin, Pay], NO_REQUEST),
        (&[Check, Pin, CheckOther, Pay], NO_PIN),
        (&[Check, Pin, Check, Pay], NO_PIN),
        (&[Check, Pin, CheckWrong, Pay], NO_REQUEST),
        (&[CheckWrong, Pin, Pay], NO_REQUEST),
        (&[Check, Pin, Reset, Pay], NO_REQUEST),
        (&[Check, Reset, Pin, Pay], NO_REQUEST),
        (&[Check, Pin, Select, Pay], NO_REQUEST),
        (&[Check, Select, Pin, Pay], NO_REQUEST),
        (&[Check, Pin, Balance, Pay], NO_REQUEST),
        (&[Check, Last, Pin, Pay], NO_REQUEST),
        (&[Check, ChangePin, Pay], NO_REQUEST),
        (&[Check, Unblock, Pay], NO_REQUEST),
        (&[Check, Pin, Unload, Pay], NO_REQUEST),
        (&[Pin, Unload, Check, Pay], NO_PIN),
    ];
    for (order, expected) in orders {
        history(&Setup::default(), |[alice, bob]| {
            let asked = [400, 500].map(|minor| (minor, bob.request(alice.number, minor).unwrap().code));
            let unloaded = u32::from(order.contains(&Unload));
            let mut last = None;
            for step in order {
                last = do_it(alice, *step, asked);
            }
            assert_eq!(last, Some(expected), "{order:?}");
            assert_eq!(alice.balance(), 2000_00 - unloaded, "{order:?}");
            assert_eq!(alice.counters().payments, 0);
            if unloaded == 1 {
                alice.load(1, 1).unwrap();
            }
            // And the right order still works.
            alice.pay(bob.number, 400, asked[0].1).unwrap();
            400
        });
    }
}

/// One step; its refusal, if it was refused.
fn do_it(alice: &mut Person, step: Do, asked: [(u32, digitally::Code); 2]) -> Option<Sw> {
    let [(minor, code), (other, other_code)] = asked;
    let bob = crate::world::number(2);
    match step {
        Check => alice.check(bob, minor, code).err(),
        CheckOther => alice.check(bob, other, other_code).err(),
        CheckWrong => alice.check(bob, minor + 1, code).err(),
        Pin => refused(alice.purse.verify(&pin(PIN))),
        WrongPin => refused(alice.purse.verify(&pin(WRONG_PIN))),
        Do::Authorise => refused(alice.purse.send(&Authorise)),
        Reset => {
            alice.reset();
            None
        }
        Select => {
            alice.select();
            None
        }
        Balance => refused(alice.purse.balance()),
        Last => refused(alice.purse.last(0)),
        ChangePin => refused(alice.purse.change_pin(&pin(PIN), &pin(PIN))),
        Unblock => refused(alice.purse.unblock_pin(&pin(PUK), &pin(PIN))),
        Unload => alice.unload(1, 1).err(),
    }
}

/// S7; P-PIN-1: a successful payment uses PIN and request up: not the same payment again, and not another one.
#[test]
fn one_pin_is_one_payment() {
    history(&Setup::default(), |[alice, bob]| {
        let asked = [400, 500].map(|minor| bob.request(alice.number, minor).unwrap());
        alice.pay(bob.number, 400, asked[0].code).unwrap();
        assert_eq!(refused(alice.purse.send(&Authorise)), Some(NO_REQUEST));
        alice.check(bob.number, 500, asked[1].code).unwrap();
        assert_eq!(refused(alice.purse.send(&Authorise)), Some(NO_PIN));
        assert_eq!(alice.unload(1, 1), Err(NO_PIN));
        assert_eq!(alice.balance(), 2000_00 - 400);
        400
    });
}

/// S7; P-PIN-1: after a wrong PIN the right one may follow for the same request; once the PIN is blocked, nothing is paid
/// until it is unblocked, and then only with CHECK and PIN again.
#[test]
fn a_blocked_pin_pays_nothing() {
    history(&Setup { limits: LIMITS, ..Setup::default() }, |[alice, bob]| {
        let asked = [400, 500].map(|minor| bob.request(alice.number, minor).unwrap());
        let mut pending = alice.purse.check(bob.number, amount(400), asked[0].code).unwrap();
        assert_eq!(refused(pending.verify(&pin(WRONG_PIN))), Some(Sw::counter(2)));
        pending.verify(&pin(PIN)).unwrap();
        pending.authorise().unwrap();

        let mut pending = alice.purse.check(bob.number, amount(500), asked[1].code).unwrap();
        for left in [2, 1, 0] {
            assert_eq!(refused(pending.verify(&pin(WRONG_PIN))), Some(Sw::counter(left)));
        }
        assert_eq!(refused(pending.verify(&pin(PIN))), Some(Sw::AUTHENTICATION_METHOD_BLOCKED));
        assert_eq!(refused(pending.authorise()), Some(NO_PIN));
        alice.purse.unblock_pin(&pin(PUK), &pin(PIN)).unwrap();
        assert_eq!(refused(alice.purse.send(&Authorise)), Some(NO_REQUEST));
        alice.pay(bob.number, 500, asked[1].code).unwrap();
        900
    });
}
