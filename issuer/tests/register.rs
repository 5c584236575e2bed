//! A register that cannot be written: what is said, and that nothing is half written.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::print_stderr, clippy::inconsistent_digit_grouping)]

mod cards;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cards::*;
use globalplatform::CheckValue;
use issuer::register::{Bound, Epochs, Plan, PlanRefusal, RegisterId, State, Trouble};
use issuer::{Order, Register};

const ID: RegisterId = *b"issuer 1";
const SHORT: Duration = Duration::from_millis(300);

fn open(path: &Path) -> Register {
    Register::open_or_create(path, &ID, SHORT).unwrap()
}

fn plan_all(register: &mut Register, orders: &[Order]) -> Result<usize, Trouble> {
    let issuer = issuer();
    let plan =
        |order| Plan { order, seal: issuer.seal(order).unwrap(), key_check: CheckValue([1; 3]), epoch: 1, line: None };
    let plans: Vec<_> = orders.iter().map(plan).collect();
    let planned = register.plan(Some("test"), &plans, NOW).map_err(|error| error.trouble)?;
    Ok(planned.iter().filter(|outcome| outcome.is_ok()).count())
}

fn orders(count: u32) -> Vec<Order> {
    (1..=count).map(|n| order(n, 100)).collect()
}

#[test]
fn planning_twice_is_planning_once_and_duplicates_are_refused() {
    let mut register = register();
    assert_eq!(plan_all(&mut register, &orders(10)).unwrap(), 10);
    assert_eq!(plan_all(&mut register, &orders(10)).unwrap(), 10);
    assert_eq!(register.count(Some(State::Planned)).unwrap(), 10);
    let issuer = issuer();
    let mut one = |order: &Order| {
        let plan =
            Plan { order, seal: issuer.seal(order).unwrap(), key_check: CheckValue([1; 3]), epoch: 1, line: None };
        register.plan(None, &[plan], NOW).unwrap().remove(0)
    };
    let number = number(3);
    assert_eq!(one(&order(3, 200)).unwrap_err(), PlanRefusal::Duplicate { number, sequence: 1 });
    let replacing = |replaces| Order { replaces: Some(replaces), ..order(3, 100) };
    assert_eq!(one(&replacing(2)).unwrap_err(), PlanRefusal::NothingToReplace { number, replaces: 2, newest: 1 });
    let second = one(&replacing(1)).unwrap();
    assert_eq!((second.place.sequence, second.place.serials_above), (2, 200));
    assert_eq!(one(&replacing(1)).unwrap(), second, "the same order again");
    // Another PIN is another order.
    let pin = Some(applet_model::runtime::PinBlock::parse("9999").unwrap());
    assert_eq!(
        one(&Order { pin, ..order(4, 100) }).unwrap_err(),
        PlanRefusal::Duplicate { number: cards::number(4), sequence: 1 }
    );
    let nobody = Order { replaces: Some(1), ..order(99, 100) };
    assert!(matches!(one(&nobody), Err(PlanRefusal::NothingToReplace { newest: 0, .. })));
}

/// P-ISS-3: a card that was given up keeps its serials and its keys' place.
#[test]
fn a_card_given_up_is_planned_again_at_the_next_place() {
    let mut register = register();
    plan_all(&mut register, &orders(1)).unwrap();
    let card = register.cards().unwrap()[0];
    let issuer = issuer();
    let names = issuer.domain_key_names(&issuer.domain_keys(&[3; 10]).unwrap());
    assert_eq!(register.bind(card.id, &[3; 10], &names).unwrap(), Bound::Yes);
    assert_eq!(register.bind(card.id, &[4; 10], &names).unwrap(), Bound::OrderHas([3; 10]));
    register.give_up(card.id).unwrap();
    assert!(register.give_up(card.id).is_err(), "once");
    plan_all(&mut register, &orders(1)).unwrap();
    let again = register.cards().unwrap()[1];
    assert_eq!((again.place.sequence, again.place.serials_above), (2, 200));
    assert!(matches!(register.bind(again.id, &[3; 10], &names).unwrap(), Bound::ChipIs(other) if other.id == card.id));
    assert_eq!(register.bind(again.id, &[4; 10], &names).unwrap(), Bound::Yes);
    for state in [State::Personalised, State::Issued] {
        assert!(register.advance(again.id, state, NOW).is_err(), "no state is skipped");
    }
}

#[test]
fn a_locked_register_is_waited_for_and_then_said_to_be_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.register");
    let mut register = open(&path);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    assert!(matches!(plan_all(&mut register, &orders(2)), Err(Trouble::Locked { .. })));
    assert!(begun.elapsed() >= SHORT, "{:?}", begun.elapsed());
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(register.count(None).unwrap(), 0);
    assert_eq!(plan_all(&mut register, &orders(2)).unwrap(), 2);
}

#[test]
fn a_later_register_and_other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.register");
    drop(open(&path));
    let trouble = |path: &Path| Register::open(path, &ID, SHORT).unwrap_err().trouble;
    let other = rusqlite::Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 3).unwrap();
    assert!(matches!(trouble(&path), Trouble::Version { found: 3 }));
    other.pragma_update(None, "user_version", 2).unwrap();
    other.pragma_update(None, "application_id", 5).unwrap();
    assert!(matches!(trouble(&path), Trouble::NotARegister));
    let foreign = folder.path().join("foreign");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    assert!(matches!(trouble(&foreign), Trouble::NotARegister));
    assert!(matches!(Register::open_or_create(&foreign, &ID, SHORT).unwrap_err().trouble, Trouble::NotARegister));
    assert!(matches!(trouble(&folder.path().join("none")), Trouble::Missing));
    let nowhere = Register::open_or_create(&folder.path().join("no/such/folder"), &ID, SHORT).unwrap_err();
    assert!(matches!(nowhere.trouble, Trouble::Create(_)));
}

/// A register of version 1, as the release before wrote it, becomes one of this version with all that it had; cut off in between,
/// it is still one of version 1.
#[test]
fn a_register_of_version_1_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.register");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../src/register/schema.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x6467_7267).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute("INSERT INTO issuer (one, id) VALUES (1, ?1)", [ID]).unwrap();
    old.execute_batch(
        "INSERT INTO card (number, sequence, serials_above, serials_most, state, chip)
         VALUES ('+254700000001', 1, 0, 200, 'issued', x'00010203040506070809');
         INSERT INTO value_order (card, counter, kind, amount, mac, counted) VALUES (1, 1, 'load', 5, x'0000000000000000', 1);",
    )
    .unwrap();
    // Another one reads it: it cannot be changed now, and stays what it is.
    old.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(Register::open(&path, &ID, SHORT).unwrap_err().trouble, Trouble::Locked { .. }));
    old.execute_batch("ROLLBACK").unwrap();
    drop(old);
    for _ in 0..2 {
        let register = Register::open(&path, &ID, SHORT).unwrap();
        assert_eq!((register.cards().unwrap().len(), register.loaded_in_all().unwrap()), (1, 5));
        assert_eq!(register.epochs().unwrap(), Epochs { in_use: 1, beside: None });
        assert_eq!((register.known(1).unwrap(), register.open_value_order(1).unwrap()), (None, None));
        register.check().unwrap();
    }
}

/// A small file system of its own, gone with this value.
struct Small(PathBuf);

impl Small {
    /// None where this machine lets us mount none.
    fn mount(folder: &Path, options: &str) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.0).output().unwrap();
    }
}

/// SQLite's own bound on the pages of a file says `SQLITE_FULL`, as a full disk does.
#[test]
fn a_register_at_its_bound_is_full_and_keeps_what_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.register");
    let mut register = open(&path);
    plan_all(&mut register, &orders(5)).unwrap();
    register.bound(20).unwrap();
    assert!(matches!(plan_all(&mut register, &orders(2000)), Err(Trouble::Full)));
    assert_eq!(register.count(None).unwrap(), 5, "all or nothing");
    register.check().unwrap();
    drop(register);
    assert_eq!(plan_all(&mut open(&path), &orders(2000)).unwrap(), 2000, "with room it goes on");
}

#[test]
fn a_full_disk_and_a_read_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let Some(small) = Small::mount(folder.path(), "size=192k") else {
        eprintln!("CANNOT RUN HERE, no right to mount: a full disk is seen by SQLite's own bound only");
        return;
    };
    let path = folder.path().join("issuer.register");
    let mut register = open(&path);
    plan_all(&mut register, &orders(5)).unwrap();
    assert!(matches!(plan_all(&mut register, &orders(2000)), Err(Trouble::Full)));
    assert_eq!(register.count(None).unwrap(), 5, "all or nothing");
    register.check().unwrap();
    drop(register);
    Command::new("mount").args(["-o", "remount,ro"]).arg(folder.path()).status().unwrap();
    match Register::open(&path, &ID, SHORT) {
        Ok(mut register) => {
            assert_eq!(register.count(None).unwrap(), 5, "it can be read");
            assert!(matches!(plan_all(&mut register, &orders(6)), Err(Trouble::ReadOnly)));
        }
        Err(error) => assert!(matches!(error.trouble, Trouble::ReadOnly | Trouble::Disk(_)), "{error}"),
    }
    drop(small);
}
