//! `sim serve` against a driver that is played here: no pcscd, no vpcd.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::world::World;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);
const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0B\xF0digitally\x01";
const GET_BALANCE: &[u8] = &[0x80, 0x5C, 0x00, 0x02, 0x04];
const WRONG_PIN: &[u8] = b"\x00\x20\x00\x81\x089999\xFF\xFF\xFF\xFF";

/// A running `sim serve`, and what it says on standard error.
struct Serving {
    child: Child,
    orders: Option<ChildStdin>,
    said: Receiver<String>,
}

impl Serving {
    fn start(world: &World, words: &[&str]) -> Self {
        let mut child = world.start(&[&["sim", "serve"], words].concat());
        let (sender, said) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || stderr.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        Self { orders: child.stdin.take(), child, said }
    }

    fn order(&mut self, line: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{line}").unwrap();
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for a line with this in it.
    fn says(&self, part: &str) {
        let mut before = Vec::new();
        loop {
            match self.said.recv_timeout(LONG) {
                Ok(line) if line.contains(part) => return,
                Ok(line) => before.push(line),
                Err(error) => panic!("{part}: {error}: {before:?}"),
            }
        }
    }

    /// Its exit code, and what it said on standard output.
    fn end(mut self) -> (Option<i32>, String) {
        drop(self.orders.take());
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap().code(), text)
    }
}

/// A test that fails leaves nothing behind.
impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port at which we play the driver, as the option wants it.
fn driver() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (mut link, _) = listener.accept().unwrap();
    link.set_read_timeout(Some(LONG)).unwrap();
    link.set_nodelay(true).unwrap();
    link.write_all(&[0, 1, 1]).unwrap();
    link
}

fn ask(link: &mut TcpStream, command: &[u8]) -> Vec<u8> {
    let message = [&u16::try_from(command.len()).unwrap().to_be_bytes(), command].concat();
    link.write_all(&message).unwrap();
    let mut length = [0; 2];
    link.read_exact(&mut length).unwrap();
    let mut answer = vec![0; u16::from_be_bytes(length).into()];
    link.read_exact(&mut answer).unwrap();
    answer
}

#[test]
fn a_card_is_inserted_removed_inserted_and_stopped() {
    let world = World::new();
    let (listener, address) = driver();
    let mut serving = Serving::start(&world, &["--card", "alice.card", "--vpcd", &address, "--control", "--trace"]);
    let mut link = accept(&listener);
    serving.says("alice.card: inserted into the reader at 127.0.0.1:");
    serving.says("alice.card: powered up");
    // T=1, as its ATR offers both: case 3 is answered as T=0 would, case 2 in one piece.
    assert_eq!(ask(&mut link, SELECT), [0x61, 33]);
    assert_eq!(ask(&mut link, GET_BALANCE), [0x00, 0x03, 0x0D, 0x40, 0x90, 0x00]);
    serving.says("alice.card: > GET BALANCE");
    assert_eq!(ask(&mut link, WRONG_PIN), [0x63, 0xC2]);
    serving.order("remove bob.card");
    serving.says("no card here is bob.card");
    serving.order("remove alice.card");
    serving.says("alice.card: removed");
    assert_eq!(link.read(&mut [0]).unwrap_or(0), 0);
    serving.order("jump");
    serving.says("not an order: jump");
    serving.order("status");
    serving.says("alice.card: removed");
    serving.signal("USR1");
    let mut link = accept(&listener);
    serving.says("alice.card: powered up");
    // It was without power: nothing is selected.
    assert_eq!(ask(&mut link, GET_BALANCE), [0x6D, 0x00]);
    // The driver goes, as it does when pcscd ends, and comes back.
    drop(link);
    serving.says("alice.card: the reader has gone");
    let link = accept(&listener);
    serving.says("alice.card: inserted");
    serving.order("stop");
    let (code, told) = serving.end();
    assert_eq!((code, told.as_str()), (Some(0), "alice.card: commands 4, resets 3, insertions 3\n"));
    drop(link);
    let pin = world.done(&["card", "pin", "status", "--card", "alice.card"]);
    assert_eq!(pin["pin_tries"], 2, "what the card counted is in its file");
}

#[test]
fn signals_end_it_well() {
    let world = World::new();
    for signal in ["INT", "TERM"] {
        let (listener, address) = driver();
        let words = ["--card", "alice.card", "--vpcd", &address, "--json"];
        let serving = Serving::start(&world, &words);
        let link = accept(&listener);
        serving.says("powered up");
        // While the file is in use, nobody else has it.
        let said = world.fails(&["sim", "serve", "--card", "alice.card", "--vpcd", &address], 2, "image-in-use");
        assert!(said.contains("another process"), "{said}");
        serving.signal(signal);
        let (code, told) = serving.end();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!((code, &told["cards"][0]["resets"]), (Some(0), &1.into()), "{signal}");
        drop(link);
    }
    // Also while it waits for a driver.
    let (listener, address) = driver();
    drop(listener);
    let serving = Serving::start(&world, &["--card", "alice.card", "--vpcd", &address, "--wait"]);
    serving.says("waits for vpcd");
    serving.signal("TERM");
    assert_eq!(serving.end().0, Some(0));
}

/// Each card has a reader of its own, one port further; T=0 where the ATR or the option says so.
#[test]
fn several_cards() {
    let world = World::empty();
    for protocol in ["t0", "t1", "both"] {
        world.done(&["card", "blank", protocol, "--protocol", protocol]);
    }
    // Two ports in a row that are free.
    let (first, second, address) = std::iter::repeat_with(driver)
        .find_map(|(first, address)| {
            let port = first.local_addr().unwrap().port();
            let second = TcpListener::bind(("127.0.0.1", port.checked_add(1)?)).ok()?;
            Some((first, second, address))
        })
        .unwrap();
    let case_4 = [SELECT, &[0x00]].concat();
    for (cards, more, forms) in [
        (["t0", "t1"], &[][..], [2, 35]),
        (["both", "t0"], &[], [35, 2]),
        (["both", "t1"], &["--protocol", "t0"], [2, 2]),
        (["both", "t0"], &["--protocol", "t1"], [35, 35]),
    ] {
        let words = [&["--card", cards[0], "--card", cards[1], "--vpcd", &address], more].concat();
        let serving = Serving::start(&world, &words);
        let mut links = [accept(&first), accept(&second)];
        let found = [ask(&mut links[0], &case_4).len(), ask(&mut links[1], &case_4).len()];
        assert_eq!(found, forms, "{cards:?} {more:?}");
        serving.signal("TERM");
        assert_eq!(serving.end().0, Some(0));
    }
    // The second reader only.
    drop(first);
    let serving = Serving::start(&world, &["--card", "t0", "--vpcd", &address, "--slot", "1"]);
    drop(accept(&second));
    serving.signal("TERM");
    assert_eq!(serving.end().0, Some(0));
}

/// A cut of power behind a reader: the card says nothing, is pulled out, comes back, and has counted the try or not.
#[test]
fn a_card_whose_power_fails_is_put_back() {
    let world = World::new();
    for write in 1..=5_u32 {
        world.done(&["card", "tear", "--card", "alice.card", "--at", &write.to_string()]);
        let (listener, address) = driver();
        let serving = Serving::start(&world, &["--card", "alice.card", "--vpcd", &address]);
        let mut link = accept(&listener);
        ask(&mut link, SELECT);
        let answer = ask(&mut link, WRONG_PIN);
        if write == 5 {
            assert_eq!(answer.len(), 2, "four writes are all it takes");
        } else {
            assert!(answer.is_empty() && link.read(&mut [0]).unwrap_or(0) == 0, "write {write}");
            serving.says("its power has failed");
            let mut link = accept(&listener);
            ask(&mut link, SELECT);
            assert_eq!(ask(&mut link, GET_BALANCE), [0x00, 0x03, 0x0D, 0x40, 0x90, 0x00]);
        }
        serving.signal("TERM");
        assert_eq!(serving.end().0, Some(0));
        world.done(&["card", "tear", "--card", "alice.card", "--off"]);
        // A right PIN, so that no try is missing in the next round.
        world.done(&[
            "card",
            "pin",
            "change",
            "--card",
            "alice.card",
            "--pin-file",
            "pin.txt",
            "--new-pin-file",
            "pin.txt",
        ]);
    }
}

/// Reset it remembers, powered up it does not; its file is never written, and another process may have it.
#[test]
fn a_card_that_forgets() {
    let world = World::new();
    let before = std::fs::read(world.path("alice.card")).unwrap();
    let (listener, address) = driver();
    let serving = Serving::start(&world, &["--card", "alice.card", "--vpcd", &address, "--forget"]);
    let mut link = accept(&listener);
    for (controls, tries) in [(&[][..], 2), (&[2], 1), (&[0, 1], 2), (&[0, 1, 2], 2), (&[2], 1), (&[0, 1, 0, 1], 2)] {
        for control in controls {
            link.write_all(&[0, 1, *control]).unwrap();
        }
        ask(&mut link, SELECT);
        assert_eq!(ask(&mut link, WRONG_PIN), [0x63, 0xC0 + tries], "{controls:?}");
    }
    drop(link);
    let mut link = accept(&listener);
    ask(&mut link, SELECT);
    assert_eq!(ask(&mut link, WRONG_PIN), [0x63, 0xC2], "pulled out and put back");
    world.done(&["card", "balance", "--card", "alice.card"]);
    serving.signal("TERM");
    assert_eq!(serving.end().0, Some(0));
    assert!(std::fs::read(world.path("alice.card")).unwrap() == before);
}

#[test]
fn what_can_be_wrong() {
    let world = World::new();
    let (listener, address) = driver();
    drop(listener);
    let said = world.fails(&["sim", "serve", "--card", "alice.card", "--vpcd", &address], 2, "vpcd-silent");
    for part in ["vpcd listens there", "the card connects", "--wait", "\n  digitally doctor"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let serve = |more: &[&str], code: &str| world.fails(&[&["sim", "serve"], more].concat(), 2, code);
    serve(&["--card", "nobody.card"], "card-file-missing");
    serve(&["--card", "pin.txt"], "image-foreign");
    serve(&["--card", "alice.card", "--card", "alice.card", "--wait"], "image-in-use");
    serve(&["--card", "alice.card", "--vpcd", "35963"], "vpcd-malformed");
    serve(&["--card", "alice.card", "--vpcd", "localhost:65536"], "vpcd-malformed");
    serve(&["--card", "alice.card", "--vpcd", "localhost:65535", "--slot", "1"], "vpcd-malformed");
    serve(&["--card", "alice.card", "--slot", "-1"], "usage");
    serve(&[], "usage");
}
