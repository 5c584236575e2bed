use super::*;

const ID: RegisterId = *b"issuer 1";

/// P-ISS-3: without a contact, a card starts where the one before it started, plus its cap.
#[test]
fn the_next_card_of_a_number_has_the_next_place() {
    let mut register = Register::in_memory(&ID).unwrap();
    let (alice, bob) = ("+254700000001".parse().unwrap(), "+254700000002".parse().unwrap());
    assert_eq!(register.next_place(alice).unwrap(), Place::FIRST);
    register.record(alice, Place::FIRST, 200).unwrap();
    assert_eq!(register.next_place(alice).unwrap(), Place { sequence: 2, serials_above: 200 });
    assert_eq!(register.next_place(bob).unwrap(), Place::FIRST);
    assert!(register.has_made(alice, 1).unwrap());
    assert!(!register.has_made(alice, 2).unwrap() && !register.has_made(bob, 1).unwrap());
    register.record(alice, Place { sequence: 2, serials_above: 200 }, u16::MAX).unwrap();
    let error = register.next_place(alice).unwrap_err();
    assert!(matches!(error.trouble, Trouble::SerialsUsedUp { cards: 2, .. }), "{error}");
}
