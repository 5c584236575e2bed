//! What the menus of cards need to know: new cards have it, others get it once.

use applet_model::purse::{Country, Language, MenuData, TrunkPrefix};
use issuer::contact::{NewLimits, Wishes};
use issuer::register::Epochs;

use crate::cards;
use crate::world::{Person, World, issue};

fn kenya() -> MenuData {
    MenuData {
        country: Country::new(254).unwrap(),
        trunk: TrunkPrefix::new("0").unwrap(),
        language: Language::Swahili,
        upload: Some("+254700000099".parse().unwrap()),
    }
}

fn has(person: &mut Person) -> MenuData {
    person.purse().data().unwrap()
}

#[test]
fn without_settings_nothing_changes() {
    let mut world = World::new();
    let cards = world.images();
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((met.menu, met.orders.len()), (None, 0));
    assert_eq!(world.images(), cards);
    assert_eq!(has(&mut world.alice).upload, None);
}

/// A new card has the settings of the day; one that was issued gets them at its next contact, and only when they differ.
#[test]
fn settings_reach_every_card_once() {
    let mut world = World::new();
    world.register.set_menu(&kenya()).unwrap();
    assert_eq!(world.register.menu().unwrap(), Some(kenya()));
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((met.menu, met.orders.as_slice()), (Some(kenya()), [1].as_slice()));
    assert_eq!(has(&mut world.alice), kenya());
    let cards = world.images();
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((met.menu, met.orders.len()), (None, 0));
    assert_eq!(world.images(), cards);

    world.bob = Person { number: cards::number(3), card: issue(&world.issuer, &mut world.register, 3) };
    assert_eq!(has(&mut world.bob), kenya());
    assert_eq!(world.meet_bob(&Wishes::default()).unwrap().orders.len(), 0);

    // Other settings, and none: each goes down once, with whatever else is to be changed.
    let elsewhere = MenuData { upload: None, ..kenya() };
    for menu in [elsewhere, MenuData::NONE] {
        world.register.set_menu(&menu).unwrap();
        let limits = NewLimits { opens: Some(7), ..NewLimits::default() };
        let met = world.meet_alice(&Wishes { limits, ..Wishes::default() }).unwrap();
        assert_eq!((met.menu, met.orders.len()), (Some(menu), 1));
        assert_eq!(has(&mut world.alice), menu);
        assert_eq!(world.meet_alice(&Wishes::default()).unwrap().orders.len(), 0);
    }
}

/// A card that is two keys behind needs two orders, and the settings once; one that is not what it was gets none.
#[test]
fn with_keys_and_with_findings() {
    let mut world = World::new();
    world.register.set_menu(&kenya()).unwrap();
    world.register.set_epochs(Epochs { in_use: 3, beside: Some(2) }).unwrap();
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert_eq!((met.menu, met.orders.len(), met.after.keys.epoch), (Some(kenya()), 2, 3));
    let old = world.alice.card.snapshot();
    world.meet_bob(&Wishes::default()).unwrap();
    world.pay(1);
    world.meet_alice(&Wishes::default()).unwrap();
    world.alice.card.restore(&old).unwrap();
    world.register.set_menu(&MenuData::NONE).unwrap();
    let met = world.meet_alice(&Wishes::default()).unwrap();
    assert!(!met.findings.is_empty());
    assert_eq!(met.menu, None);
    assert_eq!(has(&mut world.alice), kenya());
}
