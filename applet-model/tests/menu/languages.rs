//! The language, and the issuer's word on it.

use applet_model::purse::{ContactOrder, Language};

use crate::world::bare::ALICE;
use crate::world::phone::{Phone, kenya};

fn order(menu: applet_model::purse::MenuData) -> ContactOrder<'static> {
    ContactOrder {
        number: 1,
        acknowledged: 0,
        limits: None,
        menu: Some(menu),
        key: None,
        use_key: None,
        suspended: None,
        settled: &[],
    }
}

/// The holder's choice lasts, without power too, and whatever the issuer says later.
#[test]
fn the_holder_chooses() {
    let mut alice = Phone::new(ALICE, Language::English);
    alice.open().pick("Language").shows("Language: English, Kiswahili").pick("Kiswahili");
    assert!(alice.screen().starts_with("Pochi: Lipa, "), "{}", alice.screen());
    alice.bare.power_cycle();
    assert_eq!(alice.entry().as_deref(), Some("Pochi"));
    alice.bare.order(&order(kenya(Language::English))).unwrap();
    assert_eq!(alice.entry().as_deref(), Some("Pochi"));
    alice.open().pick("Lugha").shows("Lugha: English, Kiswahili").item(3).shows("Haipo tena").ok().pick("English");
    assert_eq!(alice.entry().as_deref(), Some("Purse"));
}

/// Until then the issuer does.
#[test]
fn the_issuer_chooses() {
    let mut alice = Phone::new(ALICE, Language::English);
    alice.bare.order(&order(kenya(Language::Swahili))).unwrap();
    assert_eq!(alice.entry().as_deref(), Some("Pochi"));
    let unknown = order(kenya(Language::Other(7)));
    assert_eq!(alice.bare.order(&ContactOrder { number: 2, ..unknown }), Err(apdu::Sw::WRONG_DATA));
}
