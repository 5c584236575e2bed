//! What goes wrong at a terminal, and how it is left.

use std::fs;
use std::process::{Command, Stdio};

use rexpect::process::Signal;

use crate::window::Window;

#[test]
fn a_window_too_small_says_so_and_grows() {
    let mut window = Window::open(&["phones", "--seed", "1"]);
    window.sees("Esc: quit");
    window.type_in("4");
    window.phone_sees(false, "Ready");
    window.resize(60, 20);
    window.sees("The window is 60 x 20.\nIt has to be 80 x 24:");
    // Nobody sees what this would do.
    window.type_in("r");
    window.resize(61, 20);
    window.sees("The window is 61 x 20.");
    window.resize(100, 30);
    window.sees("Alice");
    window.phone_sees(false, "Ready");
    window.resize(5, 2);
    window.sees("The w");
    window.resize(80, 24);
    window.phone_sees(false, "Ready");
    window.type_in("r");
    window.phone_sees(false, ">Item 1");
    window.type_in("\x03");
    assert_eq!(window.ends(), 0);
    assert!(window.is_as_before());
}

#[test]
fn clicks_press_keys() {
    let mut window = Window::open(&["phones", "--seed", "1", "--one=bob"]);
    window.sees("Bob");
    window.sees("Esc: quit");
    window.click("p power");
    window.phone_sees(false, "Ready");
    window.click("[r]");
    window.phone_sees(false, ">Item 1");
    for _ in 0..4 {
        window.click("v v");
    }
    window.phone_sees(false, ">Purse");
    // Help comes and goes; Esc asks, and any other key goes on.
    window.type_in("?\x1b");
    window.sees("Quit?");
    window.type_in("x");
    window.until("it goes on", |window| !window.text().contains("Quit?"));
    window.type_in("\x03");
    assert_eq!(window.ends(), 0);
}

#[test]
fn signals_give_the_terminal_back() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let mut window = Window::open(&["phones", "--seed", "1"]);
        window.sees("Esc: quit");
        assert!(window.is_raw() && window.screen().alternate_screen());
        window.signal(signal);
        assert_eq!(window.ends(), 0, "{signal}");
        assert!(window.is_as_before(), "{signal}");
    }
}

fn phones(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
    command.arg("phones").args(words).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

fn fails(words: &[&str], says: &[&str]) {
    let output = phones(words).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    for says in says {
        assert!(told.contains(says), "{says}: {told}");
    }
}

#[test]
fn what_cannot_be_is_said_with_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("there.cast"), "mine").unwrap();
    fs::write(path("one.phones"), "boot\nexpect idle\n").unwrap();
    fs::write(path("three.phones"), "phone a\nphone b\nphone c\na: boot\n").unwrap();
    fails(&[], &["no-terminal", "--plain", "--script FILE"]);
    fails(&["--plain", "--left", &path("none.card"), "--right", &path("none.card")], &["card-file-missing"]);
    fails(&["--plain", "--left", "a.card"], &["no card is named for the right phone", "--right FILE", "--one"]);
    fails(&["--plain", "--right", "a.card"], &["no card is named for the left phone", "--left FILE"]);
    fails(&["--script", &path("one.phones"), "--record", &path("there.cast")], &["record-file", "another name"]);
    fails(&["--script", &path("three.phones")], &["the script has 3 phones", "digitally handset"]);
    fails(&["--plain", "--left", "a.card", "--left-reader", "x"], &["cannot be used with"]);
    assert_eq!(fs::read_to_string(path("there.cast")).unwrap(), "mine");
    if cfg!(not(feature = "pcsc")) {
        fails(&["--plain", "--left-reader", "x", "--one"], &["built-without-pcsc", "--features pcsc"]);
    }
    let json = phones(&["--plain", "--json"]).output().unwrap();
    assert_eq!(json.status.code(), Some(2));
    assert!(String::from_utf8(json.stdout).unwrap().contains("\"usage\""));
}

/// A trace would be written over the phones.
#[test]
fn a_trace_on_the_same_terminal_is_refused() {
    let mut window = Window::open(&["phones", "--trace"]);
    window.sees("--trace-pcap FILE");
    assert_eq!(window.ends(), 2);
    assert!(window.is_as_before());
}
