//! A folder with Alice's and Bob's cards, and the program to run in it.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{PoisonError, RwLock};

use applet_model::purse::{Capacity, PURSE_AID, Purse};
use card_sim::Module;
use serde_json::Value;
use tempfile::TempDir;

pub const ALICE: &str = "+254700000001";
pub const BOB: &str = "+254700000002";
pub const PIN: &str = "2580";

/// What our cards have installed.
pub const MODULES: [Module; 1] =
    [Module { aid: PURSE_AID, make: |parameters| Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?))) }];

/// Held for writing where this process closes a card's file itself: a child that another test is just starting has a
/// copy of it, and with it the lock, until it becomes the program.
static STARTING: RwLock<()> = RwLock::new(());

/// Does something, in which a card's file is closed, while no child is being started.
pub fn alone<R>(work: impl FnOnce() -> R) -> R {
    let _alone = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Starts a child.
pub fn starting<R>(work: impl FnOnce() -> R) -> R {
    let _starting = STARTING.read().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// The folder.
pub struct World {
    pub folder: TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub struct Ran {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// An empty folder with a PIN in `pin.txt`.
    pub fn empty() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.write("pin.txt", &format!("{PIN}\n"));
        world.write("wrong-pin.txt", "0852\n");
        world
    }

    /// Alice has 2000, Bob nothing; they know each other.
    pub fn new() -> Self {
        let world = Self::empty();
        let new = |card, number, balance| {
            let typed = ["card", "new", card, "--issuer", "issuer.json", "--msisdn", number, "--balance", balance];
            world.done(&[&typed[..], &["--currency", "KES", "--pin-file", "pin.txt"]].concat());
        };
        new("alice.card", ALICE, "2000");
        new("bob.card", BOB, "0");
        world.done(&["card", "contacts", "add", "--card", "alice.card", "--name", "Bob", "--msisdn", BOB]);
        world.done(&["card", "contacts", "add", "--card", "bob.card", "--name", "Alice", "--msisdn", ALICE]);
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program, ready to run in this folder.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
        command.args(words).current_dir(self.folder.path()).env_remove("NO_COLOR").env_remove("COLUMNS");
        command
    }

    /// Starts the program with pipes at all ends.
    pub fn start(&self, words: &[&str]) -> Child {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        starting(|| command.spawn().expect("it starts"))
    }

    /// Runs the program with nothing on standard input.
    pub fn run(&self, words: &[&str]) -> Ran {
        self.run_with(words, "")
    }

    /// Runs the program with this on standard input.
    pub fn run_with(&self, words: &[&str], input: &str) -> Ran {
        let mut child = self.start(words);
        // It may end without reading any of it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ran {
            exit: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs the program, which must succeed, and returns the JSON object it prints.
    pub fn done(&self, words: &[&str]) -> Value {
        let ran = self.run(&[words, &["--json"]].concat());
        assert_eq!(ran.exit, 0, "{words:?}: {ran:?}");
        ran.json()
    }

    /// Runs the program, which must fail with this exit code and this error, in words and as JSON.
    /// Returns what it said in words.
    pub fn fails(&self, words: &[&str], exit: i32, code: &str) -> String {
        let ran = self.run(&[words, &["--json"]].concat());
        let error = &ran.json()["error"];
        assert_eq!((ran.exit, error["code"].as_str().unwrap()), (exit, code), "{words:?}: {ran:?}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{error}");
        assert!(!error["help"].as_str().unwrap().is_empty(), "{error}");
        let message = error["message"].as_str().unwrap();
        format!("{message}\n{}", error["help"].as_str().unwrap())
    }

    /// Balance and log of a card, as they stand.
    pub fn state(&self, card: &str) -> (Value, Value) {
        (self.done(&["card", "balance", "--card", card]), self.done(&["card", "log", "--card", card]))
    }

    pub fn balance(&self, card: &str) -> u64 {
        self.done(&["card", "balance", "--card", card])["balance"].as_u64().unwrap()
    }

    /// Bob asks Alice for so much; the code.
    pub fn request(&self, amount: &str) -> String {
        let opened = self.done(&["pay", "request", "--card", "bob.card", "--from", ALICE, "--amount", amount]);
        opened["code"].as_str().unwrap().to_owned()
    }

    /// Alice pays Bob; the response.
    pub fn authorise(&self, amount: &str, code: &str) -> String {
        let paid = self.done(&authorise(amount, code));
        paid["code"].as_str().unwrap().to_owned()
    }
}

impl Ran {
    /// The one JSON object on standard output.
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert!(value.is_object(), "{value}");
        value
    }
}

/// What Alice types to pay Bob.
pub fn authorise<'w>(amount: &'w str, code: &'w str) -> Vec<&'w str> {
    let words = ["pay", "authorise", "--card", "alice.card", "--to", BOB, "--amount", amount, "--code", code];
    [&words[..], &["--pin-file", "pin.txt"]].concat()
}

/// What Bob types with Alice's response.
pub fn confirm(code: &str) -> Vec<&str> {
    vec!["pay", "confirm", "--card", "bob.card", "--code", code]
}

/// A code with its last digit changed.
pub fn mistyped(code: &str) -> String {
    let (head, last) = code.split_at(code.len() - 1);
    format!("{head}{}", (last.parse::<u32>().unwrap() + 1) % 10)
}
