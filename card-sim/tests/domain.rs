//! The issuer domain, as its issuer and card tools see it.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "domain/host.rs"]
mod host;

use apdu::{Aid, Command, Sw, Transport};
use card_sim::DomainSetup;
use card_sim::{Card, ISSUER_DOMAIN, InstallError, Module, OsRandom, PUBLISHED_KEY_VERSION, SeededRandom, image};
use globalplatform::command::{
    Delete, Encryption, Format, GetData, GetStatus, Install, Instruction, NewApplication, PutKey, RegistryEntry, Scope,
    SetStatus, StoreData, Target, WRONG_CHECK_VALUE,
};
use globalplatform::data::{CardRecognition, Cplc, KeyInformation};
use globalplatform::scp03::{Level, Parameter};
use globalplatform::{ApplicationState, CardState, KeySet, Privileges};
use host::*;

const LOCK: ApplicationState = ApplicationState::Locked { before: 0 };

fn store(number: u8, last: bool, data: &[u8]) -> StoreData<'_> {
    StoreData { number, last, encryption: Encryption::Unsaid, format: Format::Unsaid, response: true, data }
}

/// The state of an applet in the registry.
fn state(issuer: &mut Issuer, card: &mut Card, aid: Aid) -> Option<u8> {
    let status = GetStatus { aid: aid.as_bytes(), ..GetStatus::all(Scope::Applications) };
    let (data, _) = issuer.ask(card, &status);
    RegistryEntry::decode_all(&data).map(|entry| entry.unwrap()).find(|entry| entry.aid == aid).map(|entry| entry.state)
}

fn data(card: &mut Card, wanted: GetData) -> Result<Vec<u8>, Sw> {
    let (data, sw) = send_on(card, 0, &wanted.encode(&mut []).unwrap());
    if sw.is_ok() { Ok(data) } else { Err(sw) }
}

const fn delete(aid: Aid) -> Delete {
    Delete::Object { aid, related: false }
}

fn new(application: Aid) -> NewApplication<'static> {
    match diary_named(application) {
        Install::Application(new) => new,
        other => panic!("{other:?}"),
    }
}

/// Every option, key size and level: an applet is installed, personalised and used.
#[test]
fn from_blank_to_personalised() {
    for parameter in Parameter::ALL {
        for length in [48, 72, 96] {
            let keys = KeySet::from_bytes(&vec![0x5A; length]).unwrap();
            for level in Level::ALL.into_iter().filter(|level| level.command_mac() && level.permitted_by(parameter)) {
                let mut card = with(&keys, parameter.byte());
                let mut issuer = Issuer::open(&mut card, &keys, PUBLISHED_KEY_VERSION, level).unwrap();
                assert_eq!(issuer.ask(&mut card, &diary_named(FIRST)), (vec![0], Sw::OK));
                assert_eq!(state(&mut issuer, &mut card, FIRST), Some(0x07));
                assert_eq!(issuer.tell(&mut card, &Install::Personalization { application: FIRST }), Sw::OK);
                let answer = issuer.ask(&mut card, &store(0, false, b"Dear dia"));
                assert_eq!(answer, (b"aid raeD".to_vec(), Sw::OK));
                assert_eq!(issuer.tell(&mut card, &store(1, true, b"ry, toda")), Sw::OK);
                assert_eq!(state(&mut issuer, &mut card, FIRST), Some(ApplicationState::PERSONALIZED.byte()));
                assert_eq!(pages(&mut card, FIRST).unwrap(), b"Dear diary, toda");
            }
        }
    }
}

#[test]
fn selected_by_name_by_part_of_it_or_by_none() {
    let fci = b"\x6F\x10\x84\x08\xA0\x00\x00\x01\x51\x00\x00\x00\xA5\x04\x9F\x65\x01\xFF".to_vec();
    for name in [&[][..], &ISSUER_DOMAIN.as_bytes()[..5], ISSUER_DOMAIN.as_bytes()] {
        let mut card = blank();
        let length = u8::try_from(name.len()).unwrap();
        assert_eq!(
            raw(&mut card, &[&[0, 0xA4, 4, 0, length], name, &[0][..usize::from(length > 0)]].concat()),
            (fci.clone(), Sw::OK)
        );
        assert_eq!(card.selected(), Some(ISSUER_DOMAIN));
    }
    // A card without a domain has none.
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(OsRandom)).unwrap();
    assert_eq!(raw(&mut card, &[0, 0xA4, 4, 0, 0]).1, Sw::FILE_NOT_FOUND);
    assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::FILE_NOT_FOUND);
}

#[test]
fn what_the_manufacturer_may_not_do() {
    let keys = published();
    let mut card = blank();
    let setup = DomainSetup::blank(&keys);
    assert_eq!(card.install_domain(&setup), Err(InstallError::NameTaken { aid: ISSUER_DOMAIN }));
    assert_eq!(
        card.install(&[], ISSUER_DOMAIN, FIRST, &[]),
        Err(InstallError::UnknownModule { aid: ISSUER_DOMAIN }),
        "a second domain"
    );
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(OsRandom)).unwrap();
    for setup in [DomainSetup { key_version: 0, ..DomainSetup::blank(&keys) }, DomainSetup { failure_cap: 0, ..setup }]
    {
        assert_eq!(card.install_domain(&setup), Err(InstallError::Parameters { module: ISSUER_DOMAIN }));
    }
    assert_eq!(card.demands().count(), 0);
    // What was there before the domain came stays selectable, and what comes later is.
    card.install(MODULES, DIARY, FIRST, &[]).unwrap();
    card.install_domain(&DomainSetup::blank(&keys)).unwrap();
    card.install(MODULES, DIARY, SECOND, &[]).unwrap();
    let Ok(()) = card.reset();
    assert!(pages(&mut card, FIRST).is_some() && pages(&mut card, SECOND).is_some());
    // 16 applets, and no more.
    for number in 2..16 {
        card.install(MODULES, DIARY, Aid::new(&[1, 2, 3, 4, number]).unwrap(), &[]).unwrap();
    }
    let one_more = Aid::from_array(b"one more");
    assert_eq!(card.install(MODULES, DIARY, one_more, &[]), Err(InstallError::RegistryFull));
    let mut issuer = Issuer::blank(&mut card);
    assert_eq!(issuer.tell(&mut card, &diary_named(one_more)), Sw::NOT_ENOUGH_MEMORY);
    assert_eq!(issuer.tell(&mut card, &delete(SECOND)), Sw::OK);
    assert_eq!(issuer.tell(&mut card, &diary_named(one_more)), Sw::OK);
}

#[test]
fn data_objects() {
    let mut card = blank();
    assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::OK);
    let recognition = CardRecognition::decode(&data(&mut card, GetData::CARD_DATA).unwrap()).unwrap();
    assert_eq!(recognition, CardRecognition { version: [2, 3, 1], protocol: 3, i: 0x70 });
    let keys = data(&mut card, GetData::KEY_INFORMATION).unwrap();
    let keys: Vec<_> = KeyInformation::decode(&keys).unwrap().map(Result::unwrap).collect();
    assert_eq!(keys, KeyInformation::of_set(0xFF, &published()));
    assert_eq!(data(&mut card, GetData::SEQUENCE_COUNTER).unwrap(), [0xC1, 3, 0, 0, 0]);
    assert_eq!(data(&mut card, GetData::CPLC).unwrap(), Cplc::default().encode());
    let missing = Err(Sw::REFERENCED_DATA_NOT_FOUND);
    for wanted in [GetData::ISSUER_IDENTIFICATION, GetData::CARD_IMAGE, GetData::DIVERSIFICATION, GetData { tag: 0 }] {
        assert_eq!(data(&mut card, wanted), missing);
    }

    let mut issuer = Issuer::blank(&mut card);
    let cplc = Cplc { serial: [1, 2, 3, 4], ..Cplc::default() };
    assert_eq!(issuer.tell(&mut card, &store(0, false, b"\x42\x02\x12\x34\x45\x10sixteen bytes in")), Sw::OK);
    assert_eq!(issuer.tell(&mut card, &store(1, true, &cplc.encode())), Sw::OK);
    // All of a block or nothing; in order; what it has, and as long as it can be.
    for (block, sw) in [
        (store(0, true, b"\x42\x01\x99\x46\x01\x00"), Sw::REFERENCED_DATA_NOT_FOUND),
        (store(0, true, b"\x42\x01\x99\x45\x11seventeen bytes i"), Sw::WRONG_DATA),
        (store(0, true, b"\x42\x01\x99\x9F\x7F\x01\x00"), Sw::WRONG_DATA),
        (store(0, true, b"\x42\x01\x99\x45\x02"), Sw::WRONG_DATA),
        (store(1, true, b"\x42\x01\x99"), Sw::CONDITIONS_NOT_SATISFIED),
        (StoreData { format: Format::Dgi, ..store(0, true, b"\x42\x01\x99") }, Sw::INCORRECT_P1_P2),
        (StoreData { encryption: Encryption::Encrypted, ..store(0, true, b"\x42\x01\x99") }, Sw::INCORRECT_P1_P2),
    ] {
        assert_eq!(issuer.tell(&mut card, &block), sw, "{block:?}");
    }
    let Ok(()) = card.reset();
    assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::OK);
    assert_eq!(data(&mut card, GetData::ISSUER_IDENTIFICATION).unwrap(), b"\x42\x02\x12\x34");
    assert_eq!(data(&mut card, GetData::CARD_IMAGE).unwrap(), b"\x45\x10sixteen bytes in");
    assert_eq!(data(&mut card, GetData::CPLC).unwrap(), cplc.encode());
}

/// What GET STATUS says, piece by piece.
fn listed(issuer: &mut Issuer, card: &mut Card, scope: Scope, tags: &[u8]) -> (Vec<u8>, usize) {
    let (mut all, mut pieces) = (Vec::new(), 0);
    loop {
        let status = GetStatus { next: pieces > 0, tags, ..GetStatus::all(scope) };
        let (data, sw) = issuer.ask(card, &status);
        all.extend(data);
        pieces += 1;
        match sw {
            GetStatus::MORE => {}
            Sw::OK => return (all, pieces),
            sw => panic!("{sw}"),
        }
    }
}

#[test]
fn what_is_on_the_card() {
    let mut card = blank();
    let names: Vec<Aid> =
        (0..12).map(|number| Aid::new(&[b"sixteen bytes: "[..].into(), vec![number]].concat()).unwrap()).collect();
    for name in &names {
        card.install(MODULES, DIARY, *name, &[]).unwrap();
    }
    let mut issuer = Issuer::blank(&mut card);
    let (data, pieces) = listed(&mut issuer, &mut card, Scope::Applications, &[]);
    assert_eq!(pieces, 3);
    let entries: Vec<_> = RegistryEntry::decode_all(&data).map(Result::unwrap).collect();
    assert_eq!(entries.iter().map(|entry| entry.aid).collect::<Vec<_>>(), names);
    assert_eq!(
        entries[0],
        RegistryEntry {
            aid: names[0],
            state: 0x07,
            privileges: Some(Privileges::NONE),
            load_file: Some(DIARY),
            version: None,
            domain: Some(ISSUER_DOMAIN),
        }
    );
    let (data, pieces) = listed(&mut issuer, &mut card, Scope::Applications, &[0x9F, 0x70, 0x4F]);
    assert_eq!((pieces, &data[..24]), (2, &b"\xE3\x16\x4F\x10sixteen bytes: \x00\x9F\x70\x01\x07"[..]));

    let (data, _) = listed(&mut issuer, &mut card, Scope::IssuerDomain, &[]);
    let domain = RegistryEntry::decode_all(&data).map(Result::unwrap).next().unwrap();
    assert_eq!((domain.aid, domain.state, domain.privileges), (ISSUER_DOMAIN, 0x01, Some(Privileges([0x98, 0x5C, 0]))));
    let (files, _) = listed(&mut issuer, &mut card, Scope::LoadFiles, &[]);
    let files: Vec<_> = RegistryEntry::decode_all(&files).map(|entry| entry.unwrap().aid).collect();
    assert_eq!(files, MODULES.iter().map(|module| module.aid).collect::<Vec<_>>());
    let (modules, _) = listed(&mut issuer, &mut card, Scope::LoadFilesAndModules, &[0x84]);
    assert_eq!(modules, b"\xE3\x08\x84\x06\xF0diary\xE3\x08\x84\x06\xF0other");

    let ask = |issuer: &mut Issuer, card: &mut Card, status| issuer.ask(card, &status).1;
    let none = GetStatus { aid: b"nothing", ..GetStatus::all(Scope::Applications) };
    assert_eq!(ask(&mut issuer, &mut card, none), Sw::REFERENCED_DATA_NOT_FOUND);
    let next = GetStatus { next: true, ..GetStatus::all(Scope::Applications) };
    assert_eq!(ask(&mut issuer, &mut card, next), Sw::CONDITIONS_NOT_SATISFIED, "after nothing");
    assert_eq!(ask(&mut issuer, &mut card, GetStatus::all(Scope::Applications)), GetStatus::MORE);
    let other = GetStatus { next: true, ..GetStatus::all(Scope::LoadFiles) };
    assert_eq!(ask(&mut issuer, &mut card, other), Sw::CONDITIONS_NOT_SATISFIED, "of something else");
    let old = Command::new(apdu::Cla::PROPRIETARY, 0xF2, 0x40, 0, &[0x4F, 0], 256).unwrap();
    assert_eq!(issuer.send(&mut card, &old).1, Sw::INCORRECT_P1_P2, "the form of old");
}

#[test]
fn two_applets_of_one_module_are_two() {
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    for (aid, text) in [(FIRST, b"firstone"), (SECOND, b"thesecon")] {
        assert_eq!(issuer.tell(&mut card, &diary_named(aid)), Sw::OK);
        assert_eq!(issuer.tell(&mut card, &Install::Personalization { application: aid }), Sw::OK);
        assert_eq!(issuer.tell(&mut card, &store(0, true, text)), Sw::OK);
    }
    // The first goes while the second is selected on another channel: that goes on, from the place it moves to.
    assert_eq!(raw(&mut card, &[0, 0x70, 0, 1]).1, Sw::OK);
    assert_eq!(select_on(&mut card, 1, SECOND), Sw::OK);
    assert_eq!(issuer.tell(&mut card, &delete(SECOND)), Sw::CONDITIONS_NOT_SATISFIED, "it is selected");
    assert_eq!(issuer.tell(&mut card, &delete(FIRST)), Sw::OK);
    assert_eq!(card.selected_on(channel(1)), Some(SECOND));
    assert_eq!(raw(&mut card, &[0x81, 0x01, 0, 0, 0]).0, b"thesecon\0\0\0\0\0\0\0\0");
    assert_eq!(issuer.tell(&mut card, &delete(FIRST)), Sw::REFERENCED_DATA_NOT_FOUND);
    // The one that comes again begins anew.
    assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::OK);
    let mut card = image::decode(&image::encode(&card), MODULES, Box::new(SeededRandom::new(2))).unwrap();
    assert_eq!(pages(&mut card, FIRST).unwrap(), b"  blank \0\0\0\0\0\0\0\0");
    assert_eq!(pages(&mut card, SECOND).unwrap(), b"thesecon\0\0\0\0\0\0\0\0");
}

/// The domain itself is not the first instance: it moves when one before it is deleted.
#[test]
fn an_applet_before_the_domain_is_deleted() {
    let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(7))).unwrap();
    card.install(MODULES, DIARY, FIRST, &[]).unwrap();
    card.install_domain(&DomainSetup::blank(&published())).unwrap();
    let mut issuer = Issuer::blank(&mut card);
    assert_eq!(issuer.tell(&mut card, &delete(FIRST)), Sw::OK);
    assert_eq!(issuer.tell(&mut card, &diary_named(SECOND)), Sw::OK);
    assert_eq!(card.contents().map(|held| held.aid).collect::<Vec<_>>(), [ISSUER_DOMAIN, SECOND]);
    let Ok(()) = card.reset();
    Issuer::blank(&mut card);
}

#[test]
fn what_is_not_installed() {
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    let other = MODULES[1].aid;
    let unknown = Aid::from_array(b"unknown");
    for (new, sw) in [
        (NewApplication { module: unknown, load_file: unknown, ..new(FIRST) }, Sw::REFERENCED_DATA_NOT_FOUND),
        (NewApplication { load_file: other, ..new(FIRST) }, Sw::REFERENCED_DATA_NOT_FOUND),
        (
            NewApplication { module: ISSUER_DOMAIN, load_file: ISSUER_DOMAIN, ..new(FIRST) },
            Sw::REFERENCED_DATA_NOT_FOUND,
        ),
        (NewApplication { module: other, load_file: other, ..new(FIRST) }, Sw::WRONG_DATA),
        (NewApplication { parameters: &[0xC9, 1, 0], ..new(FIRST) }, Sw::WRONG_DATA),
        (NewApplication { parameters: &[0xC9, 9], ..new(FIRST) }, Sw::WRONG_DATA),
        (NewApplication { privileges: Privileges::SECURITY_DOMAIN, ..new(FIRST) }, Sw::WRONG_DATA),
        (NewApplication { parameters: &[0xC9, 1, 0xFF], ..new(FIRST) }, Sw::FUNCTION_NOT_SUPPORTED),
        (new(ISSUER_DOMAIN), Sw::CONDITIONS_NOT_SATISFIED),
    ] {
        assert_eq!(issuer.tell(&mut card, &Install::Application(new)), sw, "{new:?}");
        assert_eq!(card.contents().count(), 1);
    }
    assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::OK);
    assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::CONDITIONS_NOT_SATISFIED);
    let now = |application, privileges| Install::MakeSelectable { application, privileges };
    assert_eq!(issuer.tell(&mut card, &now(FIRST, Privileges::NONE)), Sw::CONDITIONS_NOT_SATISFIED);
    assert_eq!(issuer.tell(&mut card, &now(SECOND, Privileges::NONE)), Sw::REFERENCED_DATA_NOT_FOUND);
    for (command, sw) in [(delete(ISSUER_DOMAIN), 0x6985), (delete(DIARY), 0x6985), (delete(unknown), 0x6A88)] {
        assert_eq!(issuer.tell(&mut card, &command).value(), sw, "{command:?}");
    }
    for (application, sw) in [(SECOND, 0x6A88), (ISSUER_DOMAIN, 0x6A88)] {
        assert_eq!(issuer.tell(&mut card, &Install::Personalization { application }).value(), sw);
    }
}

#[test]
fn life_of_an_applet() {
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    let later = NewApplication { selectable: false, ..new(FIRST) };
    assert_eq!(issuer.tell(&mut card, &Install::Application(later)), Sw::OK);
    assert_eq!(state(&mut issuer, &mut card, FIRST), Some(0x03));
    assert_eq!(select(&mut card, FIRST), Sw::FILE_NOT_FOUND);
    let now = Install::MakeSelectable { application: FIRST, privileges: Privileges::NONE };
    assert_eq!(issuer.tell(&mut card, &now), Sw::OK);
    // Locked where it is selected on another channel: it is left, and not found again until it is unlocked.
    assert_eq!(raw(&mut card, &[0, 0x70, 0, 1]).1, Sw::OK);
    assert_eq!(select_on(&mut card, 1, FIRST), Sw::OK);
    for _ in 0..2 {
        assert_eq!(issuer.tell(&mut card, &SetStatus::application(FIRST, LOCK)), Sw::OK);
        assert_eq!(state(&mut issuer, &mut card, FIRST), Some(0x87));
    }
    assert_eq!(card.selected_on(channel(1)), None);
    assert_eq!(select_on(&mut card, 1, FIRST), Sw::FILE_NOT_FOUND);
    let personalise = Install::Personalization { application: FIRST };
    assert_eq!(issuer.tell(&mut card, &personalise), Sw::CONDITIONS_NOT_SATISFIED);
    assert_eq!(issuer.tell(&mut card, &now), Sw::CONDITIONS_NOT_SATISFIED);
    for _ in 0..2 {
        let unlocked = SetStatus::application(FIRST, ApplicationState::SELECTABLE);
        assert_eq!(issuer.tell(&mut card, &unlocked), Sw::OK);
        assert_eq!(state(&mut issuer, &mut card, FIRST), Some(0x07));
    }
    assert_eq!(select_on(&mut card, 1, FIRST), Sw::OK);
    // A block that the applet refuses is its own business; the last one ends it, whatever the applet says.
    assert_eq!(issuer.tell(&mut card, &personalise), Sw::OK);
    assert_eq!(issuer.tell(&mut card, &store(0, false, b"short")), Sw::WRONG_LENGTH);
    assert_eq!(issuer.tell(&mut card, &store(7, true, b"too many")), Sw::INCORRECT_P1_P2);
    assert_eq!(state(&mut issuer, &mut card, FIRST), Some(0x07));
    assert_eq!(issuer.tell(&mut card, &store(0, true, b"\x42\x01\x01")), Sw::OK, "for the domain again");
    // Between two blocks it is locked, or gone.
    for (command, sw) in [(None, 0x6985), (Some(delete(FIRST)), 0x6A88)] {
        assert_eq!(issuer.tell(&mut card, &SetStatus::application(FIRST, ApplicationState::SELECTABLE)), Sw::OK);
        assert_eq!(issuer.tell(&mut card, &personalise), Sw::OK);
        let done = match command {
            None => issuer.tell(&mut card, &SetStatus::application(FIRST, LOCK)),
            Some(delete) => {
                assert_eq!(raw(&mut card, &[0, 0x70, 0x80, 1]).1, Sw::OK);
                issuer.tell(&mut card, &delete)
            }
        };
        assert_eq!(done, Sw::OK);
        assert_eq!(issuer.tell(&mut card, &store(0, false, b"Dear dia")).value(), sw);
        if command.is_none() {
            assert_eq!(raw(&mut card, &[0, 0x70, 0, 1]).1.value() & 0xF000, 0x6000);
        }
    }
    assert_eq!(issuer.tell(&mut card, &SetStatus::application(FIRST, LOCK)), Sw::REFERENCED_DATA_NOT_FOUND);
    let all = SetStatus { target: Target::DomainAndApplications(ISSUER_DOMAIN), state: 0x80 };
    assert_eq!(issuer.tell(&mut card, &all), Sw::INCORRECT_P1_P2);
}

#[test]
fn life_of_a_card() {
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::OK);
    let mut state = CardState::OpReady;
    for next in CardState::ALL.into_iter().filter(|next| *next != CardState::Terminated) {
        assert_eq!(issuer.tell(&mut card, &SetStatus::card(next)), Sw::OK, "{state:?} to {next:?}");
        state = next;
        for other in CardState::ALL.into_iter().filter(|other| !state.may_become(*other) && *other != state) {
            assert_eq!(issuer.tell(&mut card, &SetStatus::card(other)), Sw::CONDITIONS_NOT_SATISFIED);
        }
    }
    assert_eq!(issuer.tell(&mut card, &SetStatus { target: Target::Card, state: 0x03 }), Sw::WRONG_DATA);

    // Locked: the domain alone is found, and says so; it changes nothing but the card's state.
    let Ok(()) = card.reset();
    assert_eq!(select(&mut card, FIRST), Sw::FILE_NOT_FOUND);
    assert_eq!(raw(&mut card, &[0, 0xA4, 4, 0x0C, 0]), (vec![], Sw::FILE_DEACTIVATED));
    let (fci, sw) = raw(&mut card, &[0, 0xA4, 4, 0, 0]);
    assert_eq!((fci.len(), sw), (18, Sw::FILE_DEACTIVATED));
    let keys = published();
    let mut issuer = Issuer::open_on(&mut card, 0, &keys, 0, Level::Full).unwrap();
    let mut room = [0; PutKey::MAX_LENGTH];
    let put = PutKey::key_set(0, 1, &keys, keys.dek(), &mut room).unwrap();
    let refused = Sw::CONDITIONS_NOT_SATISFIED;
    assert_eq!(issuer.tell(&mut card, &put), refused);
    assert_eq!(issuer.tell(&mut card, &diary_named(SECOND)), refused);
    assert_eq!(issuer.tell(&mut card, &delete(FIRST)), refused);
    assert_eq!(issuer.tell(&mut card, &store(0, true, b"\x42\x01\x01")), refused);
    assert_eq!(issuer.tell(&mut card, &SetStatus::card(CardState::Secured)), Sw::OK);
    assert!(pages(&mut card, FIRST).is_some());

    // The end: an applet that is selected elsewhere is left, and what the domain has to say is data.
    let mut issuer = Issuer::open(&mut card, &keys, 0, Level::Full).unwrap();
    assert_eq!(raw(&mut card, &[0, 0x70, 0, 1]).1, Sw::OK);
    assert_eq!(select_on(&mut card, 1, FIRST), Sw::OK);
    assert_eq!(issuer.tell(&mut card, &SetStatus::card(CardState::Terminated)), Sw::OK);
    assert_eq!(card.selected_on(channel(1)), None);
    assert_eq!(issuer.tell(&mut card, &GetStatus::all(Scope::IssuerDomain)), refused);
    for _ in 0..2 {
        assert!(data(&mut card, GetData::CPLC).is_ok());
        assert_eq!(raw(&mut card, &[0x80, 0x50, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]).1, refused);
        assert_eq!(select(&mut card, FIRST), Sw::FILE_NOT_FOUND);
        assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::OK);
        let Ok(()) = card.reset();
        assert_eq!(select(&mut card, ISSUER_DOMAIN), Sw::OK);
    }
}

#[test]
fn keys_come_and_go() {
    let mut card = blank();
    let (old, new) = (published(), KeySet::from_bytes(&[0x33; 96]).unwrap());
    let mut issuer = Issuer::blank(&mut card);
    let mut room = [0; PutKey::MAX_LENGTH];
    let mut put = |issuer: &mut Issuer, card: &mut Card, replaces, version, keys: &KeySet, dek: &KeySet| {
        let put = PutKey::key_set(replaces, version, keys, dek.dek(), &mut room).unwrap();
        let (answer, sw) = issuer.ask(card, &put);
        assert_eq!(put.response().is(&answer), sw.is_ok());
        sw
    };
    let gone = |version| Delete::Keys { id: None, version: Some(version) };
    let missing = Sw::REFERENCED_DATA_NOT_FOUND;
    assert_eq!(issuer.tell(&mut card, &gone(PUBLISHED_KEY_VERSION)), Sw::CONDITIONS_NOT_SATISFIED, "the last");
    // Under another DEK the keys come out wrong.
    assert_eq!(put(&mut issuer, &mut card, 0, 1, &new, &new), WRONG_CHECK_VALUE);
    assert_eq!(put(&mut issuer, &mut card, 5, 1, &new, &old), missing);
    // The first replaces those of version FF; the session goes on, under the DEK that it began with.
    assert_eq!(put(&mut issuer, &mut card, 0, 1, &new, &old), Sw::OK);
    assert_eq!(put(&mut issuer, &mut card, 0, 2, &new, &old), Sw::OK);
    assert_eq!(Issuer::open(&mut card, &old, PUBLISHED_KEY_VERSION, Level::Full).err(), Some(missing));
    let mut issuer = Issuer::open(&mut card, &new, 2, Level::Full).unwrap();
    assert_eq!(put(&mut issuer, &mut card, 0, 1, &old, &new), Sw::WRONG_DATA, "there is one");
    assert_eq!(put(&mut issuer, &mut card, 2, 1, &old, &new), Sw::WRONG_DATA, "there is one");
    assert_eq!(put(&mut issuer, &mut card, 1, 7, &old, &new), Sw::OK);
    assert_eq!(put(&mut issuer, &mut card, 7, 7, &old, &new), Sw::OK);
    assert_eq!(put(&mut issuer, &mut card, 0, 3, &old, &new), Sw::OK);
    assert_eq!(put(&mut issuer, &mut card, 0, 4, &old, &new), Sw::OK);
    assert_eq!(put(&mut issuer, &mut card, 0, 5, &old, &new), Sw::NOT_ENOUGH_MEMORY);
    let info = issuer.ask(&mut card, &GetData::KEY_INFORMATION).0;
    let info: Vec<_> = KeyInformation::decode(&info).unwrap().map(|key| key.unwrap()).collect();
    let sets = [(7, 16), (2, 32), (3, 16), (4, 16)];
    assert!(info.chunks(3).zip(sets).all(|(keys, set)| keys.iter().all(|key| (key.version, key.length) == set)));
    assert_eq!(info.len(), 12);
    // One key alone is neither put nor deleted.
    let mut one = [0; PutKey::MAX_LENGTH];
    let one = PutKey::key(7, 7, 1, new.enc(), new.dek(), &mut one).unwrap();
    assert_eq!(issuer.tell(&mut card, &one), Sw::WRONG_DATA);
    for keys in [Delete::Keys { id: Some(1), version: Some(7) }, Delete::Keys { id: Some(1), version: None }, gone(0)] {
        assert_eq!(issuer.tell(&mut card, &keys), Sw::CONDITIONS_NOT_SATISFIED);
    }
    assert_eq!(issuer.tell(&mut card, &gone(9)), missing);
    // Also those of the session.
    for version in [7, 2, 3] {
        assert_eq!(issuer.ask(&mut card, &gone(version)), (vec![0], Sw::OK));
    }
    assert_eq!(issuer.tell(&mut card, &gone(4)), Sw::CONDITIONS_NOT_SATISFIED, "the last");
    Issuer::open(&mut card, &old, 0, Level::Full).unwrap();
    // Nothing is left of those that are gone.
    let memory: Vec<u8> = card.contents().find(|held| held.aid == ISSUER_DOMAIN).unwrap().memory.to_vec();
    assert!(!memory.windows(8).any(|bytes| bytes == [0x33; 8]));
}

/// The image of a card with a domain: its session is gone with the power, and its modules must be known.
#[test]
fn from_an_image() {
    let mut card = blank();
    let mut issuer = Issuer::blank(&mut card);
    assert_eq!(issuer.tell(&mut card, &diary_named(FIRST)), Sw::OK);
    let image = image::encode(&card);
    assert!(image::decode(&image, &[], Box::new(OsRandom)).is_err());
    // A module that calls itself the domain's does not take its place.
    let impostor = Module { aid: ISSUER_DOMAIN, make: |_| None };
    let modules = [&[impostor], MODULES].concat();
    let mut back = image::decode(&image, &modules, Box::new(OsRandom)).unwrap();
    assert!(back.demands().eq(card.demands()));
    let mut room = [0; 64];
    let bytes = issuer.wrapped(&GetStatus::all(Scope::IssuerDomain).encode(&mut room).unwrap());
    assert_eq!(select(&mut back, ISSUER_DOMAIN), Sw::OK);
    assert_eq!(raw(&mut back, &bytes).1, Sw::SECURITY_STATUS_NOT_SATISFIED);
    let mut issuer = Issuer::blank(&mut back);
    let second = NewApplication { module: ISSUER_DOMAIN, load_file: ISSUER_DOMAIN, ..new(SECOND) };
    assert_eq!(issuer.tell(&mut back, &Install::Application(second)), Sw::CONDITIONS_NOT_SATISFIED);
    assert_eq!(issuer.tell(&mut back, &diary_named(SECOND)), Sw::OK);
}
