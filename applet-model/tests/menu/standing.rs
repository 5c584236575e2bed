//! Purses that cannot pay: what their menu still has; and cards of releases that had no menu.

use applet_model::purse::{ContactOrder, Language, ResetRetryCounter};
use applet_model::runtime::PinBlock;

use crate::world::bare::{ALICE, Bare};
use crate::world::phone::Phone;

#[test]
fn a_blank_purse_has_no_entry() {
    assert_eq!(Phone::of(Bare::blank()).entry(), None);
}

#[test]
fn suspended_and_blocked_ones_show_what_is_there() {
    let mut suspended = Phone::new(ALICE, Language::English);
    let order = ContactOrder {
        number: 1,
        acknowledged: 0,
        limits: None,
        menu: None,
        key: None,
        use_key: None,
        suspended: Some(true),
        settled: &[],
    };
    let mut halfway = suspended.clone();
    halfway.open().pick("Request").pick("Type number").keys("0700000002");
    halfway.bare.order(&order).unwrap();
    halfway.keys("50").shows("Not possible now").ok().shows("Purse: Balance, Last code, History, Upload");
    suspended.bare.order(&order).unwrap();
    let mut blocked = Phone::new(ALICE, Language::English);
    let wrong = PinBlock::parse("99999999").unwrap();
    for _ in 0..3 {
        blocked.bare.send(&ResetRetryCounter { puk: wrong.clone(), new: wrong.clone() }).unwrap_err();
    }
    for phone in [&mut suspended, &mut blocked] {
        phone.open().shows("Purse: Balance, Last code, History, Upload");
        // What was in the list before.
        phone.item(1).shows("No longer there").ok().pick("Balance").shows("Balance\n100.00").ok();
        phone.pick("History").pick("+100.00").shows("No. 1\nLoaded 100.00\nBalance 100.00").back().back();
        phone.pick("Last code").shows("No payment yet").ok().pick("Upload").ok().ok().ok().shows("All sent");
    }
}

/// Zeros stand where an older card had nothing: numbers with +, no upload, English.
#[test]
fn a_card_of_an_older_release() {
    for mut alice in [Phone::of(Bare::new(ALICE)), {
        let mut old = Phone::new(ALICE, Language::Swahili);
        let end = old.bare.store.bytes.len();
        old.bare.store.bytes[end - 17..].fill(0);
        old
    }] {
        assert_eq!(alice.entry().as_deref(), Some("Purse"));
        alice.open();
        assert!(!alice.screen().contains("Upload"), "{}", alice.screen());
        alice.pick("Pay").pick("Type number").keys("0700000002").shows("Start with + and country code").ok();
        alice.keys("+254700000002").shows("Amount\n+254700000002");
    }
}
