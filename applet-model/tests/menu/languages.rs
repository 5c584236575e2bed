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

/// A group that does not say what it means is refused, and the one before stays.
#[test]
fn bytes_that_say_nothing() {
    let mut alice = Phone::new(ALICE, Language::Swahili);
    let command = |group: &[u8]| {
        let contact = [&[0x02, 0x01, 8, 0, 0, 0, 1, 0, 0, 0, 0][..], &[0x01, 0x04, 12], group].concat();
        [&[0x80, 0xE2, 0x88, 0x00, u8::try_from(contact.len()).unwrap()][..], &contact].concat()
    };
    let good = [0x02, 0x56, 0xF0, 0x00, 0xFF, 0xFF, 0x25, 0x67, 0, 0, 0, 0x99];
    for (at, wrong) in [(0, 0x12), (1, 0x5A), (2, 0x0F), (3, 0x02), (4, 0xA0), (7, 0xF7)] {
        let mut group = good;
        group[at] = wrong;
        assert_eq!(alice.bare.hand_on(&command(&group)), Err(apdu::Sw::WRONG_DATA), "{at}");
    }
    assert_eq!(alice.bare.hand_on(&command(&[0xFF; 12])), Err(apdu::Sw::WRONG_DATA));
    assert_eq!(alice.entry().as_deref(), Some("Pochi"));
    alice.bare.hand_on(&command(&good)).unwrap();
    alice.open().pick("Pay").pick("Type number").keys("0700000002").shows("Amount\n+256700000002");
}

/// GET DATA DF27 says what the issuer sent last, whatever the holder chose since.
#[test]
fn the_card_says_what_it_has() {
    let data = |phone: &mut Phone| {
        let command = [0x00, 0xCA, 0xDF, 0x27, 0x00];
        phone.bare.process(&apdu::Command::decode(&command).unwrap()).unwrap()
    };
    let object = |group: [u8; 12]| [&[0xDF, 0x27, 12][..], &group].concat();
    let kenyan = |language| [0x02, 0x54, 0xF0, language, 0xFF, 0xFF, 0x25, 0x47, 0, 0, 0, 0x99];
    let mut alice = Phone::new(ALICE, Language::English);
    assert_eq!(data(&mut alice), object(kenyan(0)));
    alice.bare.order(&order(kenya(Language::Swahili))).unwrap();
    assert_eq!(data(&mut alice), object(kenyan(1)));
    alice.open().pick("Lugha").pick("English");
    assert_eq!(data(&mut alice), object(kenyan(1)));
    let mut blank = Phone::of(crate::world::bare::Bare::blank());
    assert_eq!(data(&mut blank), object([0; 12]));
}
