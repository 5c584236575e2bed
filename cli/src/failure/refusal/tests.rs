use super::*;

const AMOUNT: Amount = Amount::new(400_00);

const ALL: [Doing; 13] = [
    Doing::Personalising,
    Doing::Loading(AMOUNT),
    Doing::Reading,
    Doing::Contacts,
    Doing::ChangingPin,
    Doing::UnblockingPin,
    Doing::Requesting(AMOUNT),
    Doing::Checking(AMOUNT),
    Doing::Verifying,
    Doing::Authorising(AMOUNT),
    Doing::Confirming(7),
    Doing::Cancelling(7),
    Doing::ShowingAgain,
];

fn facts(life: Life) -> Facts {
    Facts {
        card: "--card alice.card".to_owned(),
        number: "+254700000001".parse().ok(),
        life,
        money: Money::named("KES").unwrap(),
        limits: None,
        balance: Some(Amount::new(100)),
    }
}

fn code(sw: Sw, doing: Doing) -> ErrorCode {
    refusal(sw, doing, &facts(Life::Personalised)).code()
}

#[test]
fn every_word_of_the_purse_has_its_own_error() {
    let mut seen = Vec::new();
    for (sw, name, _) in status::ALL {
        let found = code(sw, Doing::Checking(AMOUNT));
        assert_ne!(found, ErrorCode::CardRefused, "{sw} {name}");
        assert!(!seen.contains(&found), "{} stands for two words", found.name());
        seen.push(found);
        for doing in ALL {
            assert_ne!(code(sw, doing), ErrorCode::CardRefused, "{sw} {name} while {doing:?}");
        }
    }
}

#[test]
fn words_of_the_standard_say_what_they_mean_here() {
    let check = |sw, doing, expected| assert_eq!(code(sw, doing), expected, "{sw} while {doing:?}");
    check(Sw::counter(2), Doing::Verifying, ErrorCode::PinWrong);
    check(Sw::counter(0), Doing::Verifying, ErrorCode::PinBlocked);
    check(Sw::counter(2), Doing::ChangingPin, ErrorCode::PinWrong);
    check(Sw::counter(2), Doing::UnblockingPin, ErrorCode::PukWrong);
    check(Sw::counter(0), Doing::UnblockingPin, ErrorCode::PurseBlocked);
    check(Sw::counter(4), Doing::Confirming(7), ErrorCode::ResponseWrong);
    check(Sw::AUTHENTICATION_METHOD_BLOCKED, Doing::Verifying, ErrorCode::PinBlocked);
    check(Sw::AUTHENTICATION_METHOD_BLOCKED, Doing::Confirming(7), ErrorCode::RequestExhausted);
    check(Sw::REFERENCED_DATA_NOT_FOUND, Doing::Confirming(7), ErrorCode::NoRequest);
    check(Sw::REFERENCED_DATA_NOT_FOUND, Doing::Cancelling(7), ErrorCode::NoRequest);
    check(Sw::RECORD_NOT_FOUND, Doing::ShowingAgain, ErrorCode::NoPayment);
    check(Sw::NOT_ENOUGH_MEMORY, Doing::Contacts, ErrorCode::ContactsFull);
    check(Sw::MEMORY_FAILURE, Doing::Authorising(AMOUNT), ErrorCode::CardFailed);
    check(Sw::SECURITY_STATUS_NOT_SATISFIED, Doing::Authorising(AMOUNT), ErrorCode::PinNotVerified);
    check(Sw::CONDITIONS_NOT_SATISFIED, Doing::Authorising(AMOUNT), ErrorCode::NothingChecked);
    check(Sw::new(0x6FAB), Doing::Reading, ErrorCode::CardRefused);
}

#[test]
fn a_blank_and_a_blocked_purse_say_so_whatever_was_asked() {
    for doing in ALL {
        let of = |life| refusal(Sw::CONDITIONS_NOT_SATISFIED, doing, &facts(life)).code();
        assert_eq!(of(Life::Blank), ErrorCode::CardBlank, "{doing:?}");
        assert_eq!(of(Life::Blocked), ErrorCode::PurseBlocked, "{doing:?}");
    }
}

#[test]
fn every_refusal_has_a_next_step() {
    for doing in ALL {
        for value in (0x6100..=0x6FFF).chain(0x9300..=0x94FF) {
            let failure = refusal(Sw::new(value), doing, &facts(Life::Personalised));
            assert!(failure.advice().is_some(), "{value:04X} while {doing:?}");
        }
    }
}
