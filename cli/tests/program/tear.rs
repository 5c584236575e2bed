//! The power fails in every write of a command, each command a process of its own: the old state or the new one, and the
//! next command goes on from there.

use std::fs;

use crate::world::{ALICE, World, authorise, confirm, mistyped};

/// More writes than any command of a payment makes.
const MANY: u32 = 100;

/// The same command on fresh copies of `card`, its power cut in the first write, in the second, and so on, until a round
/// passes without a cut. Each is looked at afterwards, and whether it was answered. Returns how many were cut.
fn at_every_write(
    world: &World,
    card: &str,
    suffix: &str,
    command: impl Fn() -> Vec<String>,
    look: impl Fn(u32, bool),
) -> u32 {
    let whole = fs::read(world.path(card)).unwrap();
    for write in 1..MANY {
        world.put(card, &whole);
        world.tear(card, &format!("{write}{suffix}"));
        let words = command();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = world.run(&[&words[..], &["--json"]].concat());
        let cut = ran.json()["error"]["code"] == "power-cut";
        if cut {
            let error = &ran.json()["error"];
            assert_eq!(ran.exit, 2, "{ran:?}");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(&format!("in write {write} since it was opened")), "{message}");
            assert!(error["help"].as_str().unwrap().contains("\n  digitally "), "{error}");
        } else {
            world.done(&["card", "tear", "--card", card, "--off"]);
        }
        look(write, !cut);
        if !cut {
            return write - 1;
        }
    }
    panic!("it never passes");
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl World {
    fn put(&self, card: &str, image: &[u8]) {
        fs::write(self.path(card), image).unwrap();
    }

    fn tear(&self, card: &str, at: &str) {
        let words = ["card", "tear", "--card", card, "--at", at];
        match at.strip_suffix(" unstable") {
            Some(at) => self.done(&["card", "tear", "--card", card, "--at", at, "--unstable"]),
            None => self.done(&words),
        };
    }

    fn pin_tries(&self, card: &str) -> u64 {
        self.done(&["card", "pin", "status", "--card", card])["pin_tries"].as_u64().unwrap()
    }
}

#[test]
fn a_torn_payment_is_made_and_shown_or_not_made() {
    let world = World::new();
    let request = world.request("400");
    // One wrong PIN before, so that a try could be gained.
    let mut wrong = authorise("400", &request);
    *wrong.last_mut().unwrap() = "wrong-pin.txt";
    world.fails(&wrong, 1, "pin-wrong");
    let before = fs::read(world.path("alice.card")).unwrap();
    let response = world.authorise("400", &request);
    world.put("alice.card", &before);

    for suffix in ["", ":3", ":2 unstable"] {
        let look = |write: u32, answered: bool| {
            let paid = world.balance("alice.card") == 160_000;
            assert!(paid || world.balance("alice.card") == 200_000, "write {write}");
            assert!(paid || !answered, "write {write}");
            let last = ["pay", "last", "--card", "alice.card"];
            if paid {
                assert_eq!(world.done(&last)["code"].as_str(), Some(response.as_str()), "write {write}");
                world.fails(&authorise("400", &request), 1, "already-paid");
            } else {
                world.fails(&last, 1, "no-payment");
                assert!(world.pin_tries("alice.card") <= if write > 4 { 3 } else { 2 }, "write {write}");
                assert_eq!(world.authorise("400", &request), response);
            }
            assert_eq!(world.balance("alice.card"), 160_000);
        };
        let cuts = at_every_write(&world, "alice.card", suffix, || owned(&authorise("400", &request)), look);
        // What VERIFY and AUTHORISE write at most, which is what they write.
        assert_eq!(cuts, 20, "{suffix}");
        world.put("alice.card", &before);
    }
}

/// However the power fails, a wrong PIN costs a try before anybody hears that it was wrong.
#[test]
fn a_torn_wrong_pin_gains_no_try() {
    let world = World::new();
    let request = world.request("400");
    let mut wrong = authorise("400", &request);
    *wrong.last_mut().unwrap() = "wrong-pin.txt";
    let look = |write: u32, answered: bool| {
        let tries = world.pin_tries("alice.card");
        assert!(tries == 2 || (tries == 3 && !answered && write <= 3), "write {write}: {tries}");
        assert_eq!(world.balance("alice.card"), 200_000);
    };
    assert_eq!(at_every_write(&world, "alice.card", "", || owned(&wrong), look), 4);
}

#[test]
fn a_torn_request_is_open_or_not_and_the_next_one_is_another() {
    let world = World::new();
    let words = ["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", "400"];
    let look = |write: u32, answered: bool| {
        let log = world.done(&["card", "log", "--card", "bob.card"]);
        let open = log["requests"].as_array().unwrap().iter().fold(0_u64, |sum, _| sum + 1);
        assert!(open == 1 || (open == 0 && !answered), "write {write}: {open}");
        let opened = world.done(&words);
        assert_eq!(opened["request"].as_u64(), Some(open + 1), "write {write}");
    };
    assert_eq!(at_every_write(&world, "bob.card", "", || owned(&words), look), 8);
}

#[test]
fn a_torn_confirmation_credits_once() {
    let world = World::new();
    let response = world.authorise("400", &world.request("400"));
    let look = |write: u32, answered: bool| {
        let credited = world.balance("bob.card") == 40_000;
        assert!(credited || (world.balance("bob.card") == 0 && !answered), "write {write}");
        if credited {
            world.fails(&confirm(&response), 1, "already-received");
        } else {
            world.done(&confirm(&response));
        }
        assert_eq!(world.balance("bob.card"), 40_000);
    };
    // Without a full history: two writes less than at most.
    let cuts = at_every_write(&world, "bob.card", "", || owned(&confirm(&response)), look);
    assert_eq!(cuts, 24);
}

#[test]
fn a_torn_wrong_response_gains_no_try() {
    let world = World::new();
    let response = world.authorise("400", &world.request("400"));
    let wrong = mistyped(&response);
    let look = |write: u32, answered: bool| {
        let info = world.done(&["card", "info", "--card", "bob.card"]);
        let counted = info["counters"]["wrong_responses"].as_u64().unwrap();
        let tries = world.done(&["card", "log", "--card", "bob.card"])["requests"][0]["tries"].as_u64().unwrap();
        assert!((4..=5).contains(&tries) && counted <= 1, "write {write}");
        // The card's counter is first: a guess that reached the comparison is in both.
        assert!(counted >= 5 - tries, "write {write}");
        assert!(!answered || (tries, counted) == (4, 1), "write {write}");
    };
    assert_eq!(at_every_write(&world, "bob.card", "", || owned(&confirm(&wrong)), look), 8);
}

#[test]
fn a_torn_change_of_pin_leaves_the_old_one_or_the_new_one() {
    let world = World::new();
    world.write("new-pin.txt", "147036\n");
    let change = |old, new| ["card", "pin", "change", "--card", "alice.card", "--pin-file", old, "--new-pin-file", new];
    let look = |write: u32, answered: bool| {
        let works = |pin| world.run(&change(pin, pin)).exit == 0;
        let (old, new) = (works("pin.txt"), works("new-pin.txt"));
        assert!(old != new && (new || !answered), "write {write}: {old} {new}");
        assert!(world.pin_tries("alice.card") <= 3);
    };
    let cuts = at_every_write(&world, "alice.card", ":5", || owned(&change("pin.txt", "new-pin.txt")), look);
    assert!(cuts >= 8, "{cuts}");
}

/// The card recovers from a cut, and the power fails again, wherever it likes: it recovers once more.
#[test]
fn a_torn_recovery_says_so_and_is_recovered_from() {
    let world = World::new();
    let request = world.request("400");
    world.tear("alice.card", "18:3");
    world.fails(&authorise("400", &request), 2, "power-cut");
    let half_done = world.done(&["card", "tear", "--card", "alice.card"]);
    assert_eq!(half_done["journal"]["state"], "half done");
    let torn = fs::read(world.path("alice.card")).unwrap();
    let balance = ["card", "balance", "--card", "alice.card"];
    for write in 1..MANY {
        world.put("alice.card", &torn);
        world.tear("alice.card", &format!("{write}:1"));
        let ran = world.run(&[&balance[..], &["--json"]].concat());
        if ran.exit == 0 {
            // It was not reached: it waits.
            assert_eq!(world.done(&["card", "tear", "--card", "alice.card"])["armed"]["write"], 1);
            assert!(write > 3, "{write}");
            return;
        }
        let said = world.fails(&["card", "tear", "--card", "alice.card", "--at", "0"], 2, "cut-malformed");
        assert!(said.contains("from 1"), "{said}");
        let error = &ran.json()["error"];
        assert_eq!((ran.exit, error["code"].as_str()), (2, Some("power-cut")), "{ran:?}");
        assert!(error["message"].as_str().unwrap().contains("recovered from a cut before"), "{error}");
        assert_eq!(world.balance("alice.card"), 200_000, "write {write}");
        assert_eq!(world.done(&["card", "tear", "--card", "alice.card"])["journal"]["state"], "idle");
        world.authorise("400", &request);
    }
    panic!("it never recovers");
}

/// Arming is no writing: neither is showing what is armed, nor disarming.
#[test]
fn cuts_are_armed_shown_counted_down_and_disarmed() {
    let world = World::new();
    let tear = |more: &[&str]| world.done(&[&["card", "tear", "--card", "alice.card"], more].concat());
    let before = fs::read(world.path("alice.card")).unwrap();
    let state = tear(&[]);
    assert_eq!(fs::read(world.path("alice.card")).unwrap(), before, "looking changes nothing");
    assert!(state["armed"].is_null() && state["unstable"].as_array().unwrap().is_empty(), "{state}");
    assert!(state["wear"]["writes"].as_u64().unwrap() > 30 && state["wear"]["hottest"]["field"].is_string(), "{state}");
    let armed = tear(&["--at", "30:4", "--unstable"]);
    assert_eq!(armed["armed"], serde_json::json!({"write": 30, "bytes": 4, "unstable": true}));
    assert_eq!(armed["wear"], state["wear"]);
    // A payment makes 20.
    world.authorise("400", &world.request("400"));
    assert_eq!(tear(&[])["armed"]["write"], 10);
    let quiet = world.run(&["card", "tear", "--card", "alice.card", "--quiet"]);
    assert_eq!(quiet.stdout, "10:4\n");
    assert!(tear(&["--off"])["armed"].is_null());
    let code = world.request("30");
    world.authorise("30", &code);
    for (words, code) in [
        (&["--at", "1", "--off"][..], "usage"),
        (&["--unstable"], "usage"),
        (&["--at", "-1"], "cut-malformed"),
        (&["--at", "1:65536"], "cut-malformed"),
    ] {
        world.fails(&[&["card", "tear", "--card", "alice.card"], words].concat(), 2, code);
    }
}

/// A trace says what an exchange has written, and nothing where nothing was.
#[test]
fn a_trace_counts_writes() {
    let world = World::new();
    let request = world.request("400");
    let ran = world.run(&[&authorise("400", &request)[..], &["--trace"]].concat());
    let counts: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("non-volatile")).collect();
    assert_eq!(counts, ["    8 writes to non-volatile memory", "    12 writes to non-volatile memory"], "{ran:?}");
    let ran = world.run(&["card", "log", "--card", "alice.card", "--trace"]);
    assert!(!ran.stderr.contains("non-volatile"), "{ran:?}");
    // The numbers that `card info` states as the most.
    let info = world.done(&["card", "info", "--card", "alice.card"]);
    assert_eq!((&info["payment"]["payer"]["writes"], &info["payment"]["payee"]["writes"]), (&20.into(), &34.into()));
}

/// Vectors run on copies of a blank card: a cut that is armed is not for these, and stays armed.
#[test]
fn vectors_do_not_meet_an_armed_cut() {
    let world = World::empty();
    world.done(&["card", "blank", "blank.card"]);
    world.tear("blank.card", "3");
    let image = fs::read(world.path("blank.card")).unwrap();
    world.done(&["vectors", "verify", "--card", "blank.card"]);
    assert_eq!(fs::read(world.path("blank.card")).unwrap(), image);
}
