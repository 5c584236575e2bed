//! A study of twenty scripted sessions: `digitally phones --script … --study …` for each, `digitally study` on all.
//!
//! How often somebody was to go wrong is counted while the scripts are made, and not read from what the program says.
//! `UPDATE_STUDY=1 cargo test -p cli --test study` writes the example of docs/study.md anew.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SESSIONS: u64 = 20;
const PIN: &str = "1234";
const WRONG_PIN: &str = "9876";
const WRONG_CODE: &str = "11111111";
/// No time here has these digits in it.
const AMOUNT: &str = "739";
/// Which of the sessions is shown in docs/study.md.
const SHOWN: u64 = 3;

/// Words of the menu, in English and Swahili.
const PURSE: [&str; 2] = ["Purse", "Pochi"];
const PAY: [&str; 2] = ["Pay", "Lipa"];
const REQUEST: [&str; 2] = ["Request", "Omba malipo"];
const ENTER: [&str; 2] = ["Enter code", "Weka msimbo"];
const NUMBER: [&str; 2] = ["Type number", "Andika nambari"];

/// What the scripts have people do, counted as they are written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Wrong and all, by step.
    request_codes: [u64; 2],
    pins: [u64; 2],
    payment_codes: [u64; 2],
    cleared: u64,
    back: u64,
    /// Done, refused and aborted.
    payees: [u64; 3],
    payers: [u64; 3],
    /// How many payments have so many PINs.
    attempts: BTreeMap<u64, u64>,
    /// From Request to what was received, in milliseconds.
    transactions: Vec<u64>,
}

/// How a payment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Paid,
    /// The payer ends it at the confirmation.
    Ended,
    /// The payer's battery falls out before the PIN is keyed in.
    NoBattery,
    /// The third PIN is wrong, too.
    Blocked,
    /// The payee does not answer for a minute, and comes back by Enter code.
    Late,
}

/// One script, and the clock that its waits move.
struct Session {
    number: u64,
    language: usize,
    script: String,
    clock: u64,
    waits: u64,
    codes: u64,
}

impl Session {
    fn new(number: u64) -> Self {
        let language = usize::from(number % 2 == 1);
        let mut script = "phone alice\nphone bob\n".to_owned();
        for phone in ["alice", "bob"] {
            script += &format!("{phone}: boot\n");
            if language == 1 {
                for item in ["Purse", "Language", "Kiswahili"] {
                    script += &format!("{phone}: select \"{item}\"\n");
                }
                script += &format!("{phone}: end\n{phone}: reboot\n");
            }
        }
        Self { number, language, script, clock: 0, waits: 0, codes: 0 }
    }

    fn line(&mut self, phone: &str, step: &str) {
        self.script += &format!("{phone}: {step}\n");
    }

    fn select(&mut self, phone: &str, words: [&str; 2]) {
        self.line(phone, &format!("select \"{}\"", words[self.language]));
    }

    /// Somebody takes a while: one to nine seconds, other ones each time.
    fn wait(&mut self, phone: &str) {
        self.waits += 1;
        self.wait_for(phone, 1 + (self.number * 7 + self.waits * 5) % 9);
    }

    fn wait_for(&mut self, phone: &str, seconds: u64) {
        self.clock += seconds * 1_000;
        self.line(phone, &format!("wait {seconds}"));
    }

    /// Keys that in, after a while, and presses OK.
    fn answer(&mut self, phone: &str, typed: &str) {
        self.wait(phone);
        self.line(phone, &format!("type {typed}"));
        self.wait(phone);
        self.line(phone, "ok");
    }

    fn choose(&mut self, phone: &str, whom: &str, number: &str, by_number: bool) {
        self.wait(phone);
        if by_number {
            self.select(phone, NUMBER);
            self.answer(phone, number);
        } else {
            self.line(phone, &format!("select \"{whom}\""));
        }
    }

    /// One payment, from who is paid to who pays, with so many wrong answers.
    fn payment(&mut self, payee: &str, payer: &str, way: Way, counts: &mut Counts) {
        let i = self.number;
        let number = |phone: &str| if phone == "alice" { "0700000001" } else { "0700000002" };
        let name = |phone: &str| if phone == "alice" { "Alice" } else { "Bob" };
        self.codes += 1;
        let (request, code) = (format!("request{}", self.codes), format!("payment{}", self.codes));
        self.select(payee, PURSE);
        self.select(payee, REQUEST);
        let begun = self.clock;
        self.choose(payee, name(payer), number(payer), i == 19);
        if i.is_multiple_of(3) {
            // A digit too many.
            self.line(payee, "type 7");
            self.line(payee, "clear");
            counts.cleared += 1;
        }
        self.answer(payee, AMOUNT);
        self.line(payee, &format!("keep {request} \"???? ????\""));

        self.select(payer, PURSE);
        self.select(payer, PAY);
        self.choose(payer, name(payee), number(payee), i == 19);
        self.answer(payer, AMOUNT);
        if i % 4 == 1 {
            self.wrong(payer, WRONG_CODE);
            counts.request_codes[0] += 1;
            counts.request_codes[1] += 1;
        }
        self.answer(payer, &format!("${request}"));
        counts.request_codes[1] += 1;
        if i % 6 == 4 {
            self.line(payer, "back");
            counts.back += 1;
            self.answer(payer, &format!("${request}"));
            counts.request_codes[1] += 1;
        }
        self.wait(payer);
        match way {
            Way::Ended => {
                self.line(payer, "end");
                self.line(payee, "end");
                counts.payers[2] += 1;
                counts.payees[2] += 1;
                return;
            }
            Way::NoBattery => {
                self.line(payer, "ok");
                self.line(payer, "battery");
                self.line(payee, "back");
                counts.payers[2] += 1;
                counts.payees[2] += 1;
                return;
            }
            _ => self.line(payer, "ok"),
        }
        let wrong = match (way, i) {
            (Way::Blocked, _) => 3,
            (_, 7) => 2,
            (_, i) => u64::from(i % 5 == 2),
        };
        for _ in 0..wrong {
            self.wrong(payer, WRONG_PIN);
        }
        let all = wrong + u64::from(way != Way::Blocked);
        counts.pins[0] += wrong;
        counts.pins[1] += all;
        *counts.attempts.entry(all).or_default() += 1;
        if way == Way::Blocked {
            self.line(payee, "end");
            counts.payers[1] += 1;
            counts.payees[2] += 1;
            return;
        }
        self.answer(payer, PIN);
        self.line(payer, &format!("keep {code} \"???? ????\""));
        counts.payers[0] += 1;

        self.wait(payee);
        self.line(payee, "ok");
        if way == Way::Late {
            self.wait_for(payee, 60);
            self.select(payee, PURSE);
            self.select(payee, ENTER);
        }
        if i % 8 == 6 {
            self.wrong(payee, WRONG_CODE);
            counts.payment_codes[0] += 1;
            counts.payment_codes[1] += 1;
        }
        self.answer(payee, &format!("${code}"));
        counts.payment_codes[1] += 1;
        counts.payees[0] += 1;
        counts.transactions.push(self.clock - begun);
        for phone in [payee, payer] {
            self.wait(phone);
            if way == Way::Late && phone == payer {
                // It showed the code for so long that it is shown again, and then it is cleared.
                self.line(phone, "expect no \"Ready\"");
            }
            self.line(phone, "ok");
            self.line(phone, "end");
        }
    }

    /// Keys in what is wrong, and reads that it is.
    fn wrong(&mut self, phone: &str, typed: &str) {
        self.answer(phone, typed);
        self.wait(phone);
        self.line(phone, "ok");
    }
}

/// The scripts, and what they come to.
fn scripts() -> (Vec<String>, Counts) {
    let mut counts = Counts::default();
    let scripts = (0..SESSIONS).map(|number| {
        let mut session = Session::new(number);
        let way = match number {
            5 => Way::Ended,
            9 => Way::NoBattery,
            12 => Way::Blocked,
            14 => Way::Late,
            _ => Way::Paid,
        };
        session.payment("bob", "alice", way, &mut counts);
        if number == 18 {
            session.payment("alice", "bob", Way::Paid, &mut counts);
        }
        session.script
    });
    (scripts.collect(), counts)
}

fn digitally(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
    command.current_dir(folder).args(args).env("NO_COLOR", "1").output().unwrap()
}

fn done(folder: &Path, args: &[&str]) -> String {
    let output = digitally(folder, args);
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}\n{stdout}\n{stderr}");
    stdout
}

/// The error code of what fails.
fn fails(folder: &Path, args: &[&str]) -> (String, String) {
    let output = digitally(folder, &[args, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(json["error"]["help"].is_string(), "{json}");
    (json["error"]["code"].as_str().unwrap().to_owned(), json["error"]["message"].as_str().unwrap().to_owned())
}

fn csv(number: u64) -> String {
    format!("session-{:02}.csv", number + 1)
}

/// Plays all scripts, and returns what they printed.
fn play(folder: &Path, scripts: &[String]) -> Vec<String> {
    let each = (0..).zip(scripts).map(|(number, script)| {
        let name = format!("session-{:02}.phones", number + 1);
        std::fs::write(folder.join(&name), script).unwrap();
        let seed = (number + 1).to_string();
        done(folder, &["phones", "--script", &name, "--study", &csv(number), "--seed", &seed])
    });
    each.collect()
}

fn files() -> Vec<String> {
    (0..SESSIONS).map(csv).collect()
}

fn study<'a>(files: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    ["study"].into_iter().chain(files.iter().map(String::as_str)).chain(more.iter().copied()).collect()
}

#[test]
fn twenty_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (scripts, counts) = scripts();
    let printed = play(folder, &scripts);
    let files = files();

    let json: Value = serde_json::from_str(&done(folder, &study(&files, &["--json"]))).unwrap();
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{value} in {json}"));
    let ends = |value: &Value| ["done", "refused", "aborted"].map(|end| number(&value[end]));
    let rate = |at: usize, step: &str| {
        assert_eq!(json["wrong"][at]["step"], step);
        [number(&json["wrong"][at]["wrong"]), number(&json["wrong"][at]["of"])]
    };
    let attempts = json["pin_attempts"].as_array().unwrap().iter();
    let mut transactions = counts.transactions.clone();
    let found = Counts {
        request_codes: rate(0, "request-code"),
        pins: rate(1, "pin"),
        payment_codes: rate(2, "payment-code"),
        cleared: number(&json["cleared"]),
        back: number(&json["back"]),
        payees: ends(&json["payees"]),
        payers: ends(&json["payers"]),
        attempts: attempts.map(|row| (number(&row["attempts"]), number(&row["payments"]))).collect(),
        transactions: counts.transactions.clone(),
    };
    assert_eq!(found, counts);
    // As the tasks were set, in case the scripts change.
    assert_eq!((counts.payees, counts.payers), ([18, 0, 3], [18, 1, 2]));
    assert_eq!(counts.attempts, BTreeMap::from([(1, 15), (2, 2), (3, 2)]));
    assert_eq!(number(&json["sessions"]), SESSIONS);
    assert_eq!(number(&json["aborted"]["payments"]), 5);

    // The times are those of the waits.
    transactions.sort_unstable();
    let of = &json["transactions"][0];
    let ends = (*transactions.first().unwrap(), *transactions.last().unwrap());
    assert_eq!((number(&of["least_ms"]), number(&of["greatest_ms"])), ends);
    let middle = transactions.len() / 2;
    assert!(transactions.len().is_multiple_of(2) && number(&of["n"]) == 18);
    assert_eq!(number(&of["median_ms"]), (transactions[middle - 1] + transactions[middle]) / 2);

    nothing_personal(folder, &printed);
    example(folder, &files);
}

/// Nothing that was keyed in, shown or known of people is in any record.
fn nothing_personal(folder: &Path, printed: &[String]) {
    let kept = printed.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once("  # "));
    let codes: Vec<String> = kept.map(|(_, code)| code.to_owned()).collect();
    assert!(codes.len() > 2 * 18 && codes.iter().all(|code| code.len() == 8), "{codes:?}");
    let known = ["alice", "bob", "700000001", "700000002", PIN, WRONG_PIN, WRONG_CODE, AMOUNT].map(str::to_owned);
    for number in 0..SESSIONS {
        let text = std::fs::read_to_string(folder.join(csv(number))).unwrap().to_lowercase();
        for word in codes.iter().chain(&known) {
            assert!(!text.contains(word.as_str()), "{word} in {number}\n{text}");
        }
        // Neither a date nor a time of day, which would have separators, or more digits than an hour has milliseconds.
        assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || ",-_\r\n".contains(c)), "{text}");
        let fields = text.lines().skip(1).flat_map(|line| line.split(','));
        assert!(fields.filter_map(|field| field.parse::<u64>().ok()).all(|number| number < 3_600_000), "{text}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The CSV, the table and the picture of docs/study.md.
fn example(folder: &Path, files: &[String]) {
    let table = done(folder, &study(files, &["--svg", "study.svg"]));
    let svg = std::fs::read_to_string(folder.join("study.svg")).unwrap();
    assert_eq!(table, done(folder, &study(files, &["--svg", "study.svg"])), "it is replaced, and always the same");
    let csv = std::fs::read_to_string(folder.join(csv(SHOWN))).unwrap();
    let page = root().join("docs/study.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once("```text\n$ digitally study").unwrap();
    let (_, after) = rest.split_once("```\n").unwrap();
    let shown = format!("{before}```text\n$ digitally study session-*.csv --svg study.svg\n{table}```\n{after}");
    let expected = [
        (page, shown),
        (root().join("docs/images/study.svg"), svg),
        (root().join("docs/images/study-session.csv"), csv),
    ];
    for (path, made) in expected {
        if std::env::var_os("UPDATE_STUDY").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &made).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == made, "{} is another one now: UPDATE_STUDY=1 writes it anew", path.display());
    }
}

#[test]
fn what_is_no_record_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("on.phones"), "phone a\nphone b\na: boot\n").unwrap();
    let session = ["phones", "--script", "on.phones", "--study", "one.csv"];
    done(folder, &session);
    let text = std::fs::read_to_string(folder.join("one.csv")).unwrap();
    // A record is never written over.
    assert_eq!(fails(folder, &session).0, "study-file-exists");
    assert_eq!(std::fs::read_to_string(folder.join("one.csv")).unwrap(), text);
    done(folder, &["study", "one.csv"]);
    let check = |contents: &str, expected: &str| {
        std::fs::write(folder.join("bad.csv"), contents).unwrap();
        let (code, message) = fails(folder, &["study", "one.csv", "bad.csv"]);
        assert_eq!((code.as_str(), message.as_str()), ("study-malformed", expected));
    };
    check("", "bad.csv, line 1: it is no record of a study: the first column would be digitally-study-1");
    check(
        &text.replace("study-1", "study-7"),
        "bad.csv, line 1: it is a record of another version; this program reads digitally-study-1",
    );
    check(
        &format!("{text}1,1,payer,pin,0,1,soon,5,0,wrong,\r\n"),
        "bad.csv, line 2, time_ms: not a whole number from 0 to 999999999999",
    );
    check(&format!("{text}1,1,payer,pin,0,1,5000,5,0,wrong"), "bad.csv, line 2: it has 10 fields, and not 11");
    check(
        &format!("{text}1,1,payer,pin,0,1,5000,5,0,wrong,"),
        "bad.csv, line 2: it has no end: it was not written whole, or cut off",
    );
    assert_eq!(fails(folder, &["study", "none.csv"]).0, "file-unreadable");
    assert_eq!(fails(folder, &["study", "one.csv", "./one.csv"]).0, "usage");
    assert_eq!(fails(folder, &["study", "one.csv", "--svg", "one.csv"]).0, "usage");
    assert_eq!(fails(folder, &["study", "one.csv", "--svg", "nowhere/x.svg"]).0, "file-unwritable");
    assert_eq!(std::fs::read_to_string(folder.join("one.csv")).unwrap(), text);
}
