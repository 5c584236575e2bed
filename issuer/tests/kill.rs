//! A batch whose program is killed again and again, by SIGKILL, wherever it is: at the end there is one card for each
//! line, none twice and none lost, and two of them pay each other.
//!
//! A program of its own, since it starts itself as the victim. `ISSUER_CARDS` says how many cards; 200 if it does not,
//! 1,000 where `PROPTEST_CASES` asks for many cases (`./test --long`).
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::print_stdout, clippy::inconsistent_digit_grouping)]

mod cards;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use applet_model::purse::client::Client;
use applet_model::purse::{Holder, PURSE_AID};
use applet_model::runtime::PinBlock;
use card_sim::{CardFile, FileError, OsRandom};
use cards::*;
use digitally::Amount;
use issuer::Opened;
use issuer::batch::Batch;
use issuer::keys::Choice;
use issuer::personalise::{Done, Terms};
use issuer::register::{Card, State};
use issuer::run::{CardSource, run};

const VICTIM: &str = "ISSUER_KILL_TEST_FOLDER";
const BALANCE: u32 = 20_00;

/// Blank cards in image files, named by their place in the register.
struct Folder(PathBuf);

impl CardSource for Folder {
    type Card = CardFile;
    type Error = FileError;

    fn card(&mut self, card: &Card) -> Result<Option<CardFile>, FileError> {
        let path = self.0.join(format!("{}.card", card.number));
        if path.exists() {
            return CardFile::open(&path, &MODULES, Box::new(OsRandom)).map(Some);
        }
        CardFile::create(&path, blank(u32::try_from(card.id).unwrap())).map(Some)
    }

    fn done(&mut self, _: CardFile, _: &Done) -> Result<(), FileError> {
        Ok(())
    }
}

fn victim(folder: &Path) {
    let text = std::fs::read(folder.join("people.csv")).unwrap();
    let batch = Batch::read(&text).unwrap();
    let mut opened = Opened::open_or_create(&folder.join("issuer.json"), &mut OsRandom, Choice::default()).unwrap();
    let transport = transport_keys();
    let terms = Terms::new(&opened.issuer, Some(&transport), NOW);
    let orders: Vec<_> = batch.lines.iter().map(|line| (Some(line.line), &line.order)).collect();
    let mut source = Folder(folder.to_owned());
    let tally = run(Some("people.csv"), &orders, &mut source, &terms, &mut opened.register, &mut OsRandom, &mut |_| {})
        .unwrap();
    assert_eq!((tally.made + tally.already, tally.refused, tally.left), (orders.len(), 0, 0));
}

fn main() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        return victim(Path::new(&folder));
    }
    let number_in = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    let many = number_in("PROPTEST_CASES").is_some_and(|cases| cases > 1000);
    let count = number_in("ISSUER_CARDS").unwrap_or(if many { 1000 } else { 200 });
    let folder = tempfile::tempdir().unwrap();
    let mut csv = "number,pin,balance\n".to_owned();
    for n in 1..=count {
        // Every third has a derived PIN.
        let pin = if n % 3 == 0 { "" } else { "1234" };
        csv += &format!("{},{pin},20\n", number(n));
    }
    std::fs::write(folder.path().join("people.csv"), csv).unwrap();

    let (begun, mut kills, mut pause) = (Instant::now(), 0, 1_u64);
    loop {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(VICTIM, folder.path())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        // Anything from 20 ms to 0.9 s, told by a generator of Lehmer's; the more cards, the fewer and later the kills.
        pause = pause * 48_271 % 0x7FFF_FFFF;
        let until = Instant::now() + Duration::from_millis(20 + pause % if kills < 20 { 300 } else { 900 });
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if Instant::now() > until {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        match ended {
            None => kills += 1,
            Some(status) => {
                assert!(status.success(), "the run failed after {kills} kills: {status}");
                break;
            }
        }
    }
    assert!(kills >= 5, "{kills} kills are too few to say anything");

    let opened = Opened::open(&folder.path().join("issuer.json")).unwrap();
    opened.register.check().unwrap();
    let cards = opened.register.cards().unwrap();
    assert_eq!(cards.len(), usize::try_from(count).unwrap());
    assert!(cards.iter().all(|card| card.state == State::Issued && card.place.sequence == 1));
    let distinct = |key: fn(&Card) -> Vec<u8>| cards.iter().map(key).collect::<BTreeSet<_>>().len();
    assert_eq!(distinct(|card| card.chip.unwrap().to_vec()), cards.len());
    assert_eq!(distinct(|card| card.number.to_string().into_bytes()), cards.len());
    assert_eq!(opened.register.loaded_in_all().unwrap(), u64::from(count * BALANCE));
    let images = std::fs::read_dir(folder.path()).unwrap();
    let images = images.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|name| name == "card"));
    assert_eq!(images.count(), cards.len());
    for (n, card) in (1..).zip(&cards) {
        let mut purse =
            Client::select(Folder(folder.path().to_owned()).card(card).unwrap().unwrap(), &PURSE_AID).unwrap();
        let holder: Holder = purse.data().unwrap();
        assert_eq!((holder.number, holder.sequence), (Some(card.number), 1));
        assert_eq!(purse.balance().unwrap(), Amount::new(BALANCE));
        let pin = if n % 3 == 0 { opened.issuer.pin(card.number, 1) } else { Ok(PinBlock::parse("1234").unwrap()) };
        purse.verify(&pin.unwrap()).unwrap();
    }
    pay(folder.path(), &cards);
    println!("{count} cards, one for each line, after {kills} kills in {:?}", begun.elapsed());
}

/// The first pays the last.
fn pay(folder: &Path, cards: &[Card]) {
    let purse =
        |card: &Card| Client::select(Folder(folder.to_owned()).card(card).unwrap().unwrap(), &PURSE_AID).unwrap();
    let (payer, payee) = (cards.first().unwrap(), cards.last().unwrap());
    let (mut from, mut to) = (purse(payer), purse(payee));
    let price = Amount::new(5_00);
    let request = to.request(payer.number, price).unwrap();
    let mut pending = from.check(payee.number, price, request.code).unwrap();
    pending.verify(&PinBlock::parse("1234").unwrap()).unwrap();
    let paid = pending.authorise().unwrap();
    to.confirm(request.id, paid.code).unwrap();
    assert_eq!(from.balance().unwrap(), Amount::new(BALANCE - 5_00));
    assert_eq!(to.balance().unwrap(), Amount::new(BALANCE + 5_00));
}
