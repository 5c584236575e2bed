//! What is no script: each fault with its place and what is said about it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

use std::collections::HashMap;

use conversation::{Included, Includes, NoIncludes, Script, ScriptError, fuzz};
use proptest::prelude::*;

const TWO: &str = "card alice +254700000001 1000.00\ncard bob +254700000002\n";
const ONE: &str = "card +254700000001\n";

fn error(text: &str) -> ScriptError {
    Script::parse("t", text, &mut NoIncludes).map(|script| script.to_string()).expect_err(text)
}

/// Behind two cards, or behind one: the line and column of the last line, and the sentence.
#[test]
fn every_fault_has_its_place() {
    let check = |before: &str, line: &str, column: u32, length: usize, message: &str| {
        let error = error(&format!("{before}{line}"));
        assert_eq!(error.message, message, "{line}");
        let number = u32::try_from(before.lines().count() + line.lines().count()).unwrap();
        assert_eq!((error.line, error.column, error.span.len()), (number, column, length), "{line}");
        assert_eq!(error.to_string(), format!("t:{number}:{column}: {message}"));
    };
    let statements = "`card`, `set`, `include`, `decimals`, `cut`, `reset`, `alice> …` or `< …`";
    // Lines.
    check("", "say hello", 1, 3, &format!("expected {statements}, found `say`"));
    check("", "\"card\" alice", 1, 6, &format!("expected {statements}, found `card`"));
    check("", "set who \"Bob", 9, 4, "this quote does not end; `\\\"` is a quote and `\\\\` a backslash inside one");
    check(
        "",
        "set who \"B\\ob\"",
        9,
        6,
        "this quote does not end; `\\\"` is a quote and `\\\\` a backslash inside one",
    );
    check("", "set bell \u{7}", 10, 1, "the control character U+0007 cannot stand in a script");
    check("", "set é \u{202E}x", 7, 3, "the control character U+202E cannot stand in a script");
    check(TWO, "set decimals 2\ndecimals 2", 1, 8, "`decimals` comes before everything else");
    check("", "decimals 5", 10, 1, "expected the decimals of the currency, 0 to 4, found `5`");
    // Cards.
    check(
        "",
        "card alice 254700000001x",
        12,
        13,
        "expected an amount such as 400.00: an amount is written in digits with at most one decimal point",
    );
    check(
        "",
        "card alice +0700",
        12,
        5,
        "expected a phone number such as +254700000001: a country code does not start with 0",
    );
    check(
        "",
        "card alice +254700000001 10.001",
        26,
        6,
        "expected an amount such as 400.00: this currency has 2 decimals",
    );
    check("", "card alice +254700000001 1 2", 28, 1, "nothing more is expected on this line");
    check(
        "",
        "card alice bob",
        12,
        3,
        "expected a name such as `alice`, a phone number such as +254700000001, or an amount such as 400.00, found `bob`",
    );
    check("", "card never", 6, 5, "a card cannot be called `never`: `cut` would misread it");
    check(
        "",
        "set pin 12a4\ncard\n> verify $pin",
        10,
        4,
        "expected a PIN such as 1234: `$pin` is something else, and a PIN has digits only",
    );
    check(TWO, "card bob", 6, 3, "`bob` has its meaning already, from t:2");
    // Names.
    check("", "set", 4, 0, "the line ends where a name, and what it stands for is expected");
    check("", "set amount", 11, 0, "the line ends where what the name stands for is expected");
    check("", "set $amount 400", 5, 7, "`set` takes the name alone; the `$` comes where it is used");
    check(
        "",
        "set 4ever 400",
        5,
        5,
        "`4ever` is no name: a name begins with a letter, and goes on with letters, digits, `-` and `_`, 32 at most",
    );
    check("", "set a 1\nset a 2", 5, 1, "`a` has its meaning already, from t:1");
    check("", "set a 1\nset b $a", 7, 2, "`set` gives a name to what is written there, not to another variable");
    check(TWO, "set alice 2", 5, 5, "`alice` has its meaning already, from t:1");
    // Whom.
    check("", "> select", 1, 1, "there is no card before this line; say `card`");
    check(TWO, "> select", 1, 1, "there are 2 cards: say which is meant");
    check(TWO, "carol> select", 1, 5, "there is no card `carol` before this line");
    check(TWO, "\"alice\"> select", 1, 7, "expected the name of a card, found `alice`");
    check(TWO, "alice.20> select", 7, 2, "there are channels 0 to 19, and no channel 20");
    check(TWO, "alice.x> select", 7, 1, "expected a number such as 1: a number has digits only");
    check(TWO, "alice.$c> select", 7, 2, "`$c` is not set before this line");
    check(
        TWO,
        "alice.1> 80 5C 00 02 04",
        10,
        2,
        "bytes carry their own class byte, and with it the channel: say them without one",
    );
    check(TWO, "alice>", 7, 0, "the line ends where a command is expected");
    // Commands.
    check(
        ONE,
        "> debit 400",
        3,
        5,
        "`debit` is no command: there are `select`, `verify`, `change`, `unblock`, `balance`, `request`, `cancel`, \
         `confirm`, `check`, `authorise`, `last`, `read`, `add`, `erase`, `holder`, `profile`, `limits`, `counters`, \
         `capacity`, `totals`, `open`, `close`, `load`, `unload`, `transmit`, and bytes in pairs of hex digits",
    );
    check(ONE, "> read payments 1", 8, 8, "expected one of `paid`, `history`, `contact`, `request`, found `payments`");
    check(ONE, "> change", 9, 0, "the line ends where `pin` is expected");
    check(ONE, "> change pin 1234 4321", 19, 4, "expected `to`");
    check(ONE, "> verify 12a4", 10, 4, "expected a PIN such as 1234: a PIN has digits only");
    check(ONE, "> verify 123", 10, 3, "expected a PIN such as 1234: a PIN has 4 to 8 digits, not 3");
    check(TWO, "bob> request 400 of $alice", 18, 2, "expected `from`, found `of`");
    check(
        TWO,
        "bob> request 4oo from $alice",
        14,
        3,
        "expected an amount such as 400.00: an amount is written in digits with at most one decimal point",
    );
    check(TWO, "bob> request -1 from $alice", 14, 2, "expected an amount such as 400.00: an amount is never negative");
    check(
        TWO,
        "bob> request 42949672.96 from $alice",
        14,
        11,
        "expected an amount such as 400.00: the amount is larger than any purse can hold",
    );
    check(
        TWO,
        "bob> request \"400\" from $alice",
        14,
        5,
        "expected an amount such as 400.00: it is written without quotes",
    );
    check(
        TWO,
        "bob> request 400 from 0700000001",
        23,
        10,
        "expected a phone number such as +254700000001: a phone number starts with + and the country code",
    );
    check(TWO, "bob> request 400 from $carol", 23, 6, "`$carol` is not set before this line");
    check("card a\ncard b\n", "a> request 400 from $b", 21, 2, "the script does not say the number of the card `b`");
    check(
        TWO,
        "bob> request $alice from $alice",
        14,
        6,
        "expected an amount such as 400.00: `$alice` is a phone number",
    );
    check(
        TWO,
        "set much 4oo\nbob> request $much from $alice",
        14,
        5,
        "expected an amount such as 400.00: `$much` is `4oo`, and an amount is written in digits with at most one decimal point",
    );
    check(
        TWO,
        "bob> request 1 from $alice\n< code as $c\nbob> cancel $c",
        13,
        2,
        "expected a number such as 1: `$c` keeps a code such as 4761 0825",
    );
    check(TWO, "bob> confirm 1 4761 0825", 16, 4, "expected `code`, found `4761`");
    check(TWO, "bob> confirm 1 code 4761 O825", 26, 4, "nothing more is expected on this line");
    check(TWO, "bob> confirm 4294967296 code 1", 14, 10, "expected a number such as 1: it is at most 4294967295");
    check(ONE, "> last 256", 8, 3, "expected a number such as 1: it is at most 255");
    check(
        ONE,
        "> add contact +254700000002 \"Bartholomew Otieno\"",
        29,
        20,
        "expected a name such as Bob or \"Bob Otieno\": a name has at most 16 bytes of UTF-8, this one has 18",
    );
    check(
        ONE,
        "> select F06",
        10,
        3,
        "expected an application's name of 1 to 16 bytes in hex digits: bytes are pairs of hex digits, and 3 is an odd number of them",
    );
    check(
        ONE,
        "> select 0102030405060708090A0B0C0D0E0F1011",
        10,
        34,
        "expected an application's name of 1 to 16 bytes in hex digits: the name of an application has 1 to 16 bytes, not 17",
    );
    check(ONE, "> balance now", 11, 3, "nothing more is expected on this line");
    check(ONE, "> 80 5C 0 02", 9, 1, "bytes are pairs of hex digits, and 1 is an odd number of them");
    check(ONE, "> 80 5C zz", 9, 2, "expected bytes in pairs of hex digits, or a variable, found `zz`");
    check(ONE, "set n 1x\n> 80 5C $n", 9, 2, "`$n` is not bytes: bytes are written in pairs of hex digits");
    check(ONE, "> transmit", 11, 0, "the line ends where bytes in pairs of hex digits is expected");
    // Answers.
    check(ONE, "< 9000", 1, 1, "`<` says what the command before it must answer, and there is none");
    check(ONE, "reset\n< 9000", 1, 1, "`<` says what the command before it must answer, and there is none");
    check(ONE, "> balance\n<", 2, 0, "the line ends where a status such as 9000, a field, or `silence` is expected");
    check(
        ONE,
        "> balance\n< 0000EA609000",
        3,
        12,
        "a status has four digits, the first 6 or 9; the bytes of an answer are written in pairs, as `00 00 90 00`",
    );
    check(
        ONE,
        "> balance\n< 5000",
        3,
        4,
        "a status has four digits, the first 6 or 9; the bytes of an answer are written in pairs, as `00 00 90 00`",
    );
    check(
        ONE,
        "> balance\n< 00 0000 90 00",
        6,
        4,
        "expected a pair of hex digits, as the bytes before it are written, found `0000`",
    );
    check(ONE, "> balance\n< 9000 balanse 4", 8, 7, "`balanse` is no field of this answer: it has `balance`");
    check(ONE, "> verify\n< 9000 tries 3", 8, 5, "`tries` is no field: this command answers no data");
    check(
        ONE,
        "> 80 5C 00 02 04\n< 9000 balance 4",
        8,
        7,
        "expected `data` and bytes, or `no data`: only commands in words have fields, found `balance`",
    );
    check(ONE, "> balance\n< 9000 balance", 15, 0, "the line ends where an amount such as 400.00 is expected");
    check(ONE, "> balance\n< balance 1 balance 2", 13, 7, "the field `balance` is here already");
    check(ONE, "> balance\n< balance as left", 14, 4, "expected a variable such as `$code`, found `left`");
    check(
        ONE,
        "> balance\n< balance as $b\n> balance\n< balance as $b",
        14,
        2,
        "`b` has its meaning already, from t:3",
    );
    check(ONE, "> balance\n< 9000 no", 10, 0, "the line ends where `data` is expected");
    check(ONE, "> balance\n< 9000 data", 12, 0, "the line ends where a pattern of bytes is expected");
    check(
        ONE,
        "> balance\n< 9000 data 0x",
        13,
        2,
        "expected bytes in pairs of hex digits (`?` for any digit), `..` for any bytes, or a variable, found `0x`",
    );
    check(ONE, "> balance\n< 9000 data $b:0", 13, 4, "`$b:4` keeps four bytes as `$b`, `$b:..` any number of them");
    check(ONE, "> balance\n< $b:4 $b:2", 8, 4, "`b` has its meaning already, from t:3");
    check(ONE, "> balance\n< silence 9000", 11, 4, "nothing more is expected on this line");
    check(
        ONE,
        "> holder\n< state lost",
        9,
        4,
        "expected one of `blank`, `personalised`, `blocked`: it has no such value",
    );
    // Power.
    check(TWO, "cut at write 1", 1, 3, "there are 2 cards: say which is meant");
    check(TWO, "cut carol at write 1", 5, 5, "there is no card `carol` before this line");
    check(ONE, "cut", 4, 0, "the line ends where `at write 1`, or `never` is expected");
    check(ONE, "cut at write 0", 14, 1, "writes are counted from 1, the next one");
    check(ONE, "cut at write 1 after 2", 23, 0, "the line ends where `bytes` is expected");
    check(ONE, "cut at write 1 after 65536 bytes", 22, 5, "a write has at most 65535 bytes");
    check(ONE, "cut at write one", 14, 3, "expected the number of a write, found `one`");
    check(ONE, "reset bob", 7, 3, "there is no card `bob` before this line");
    // Includes.
    check("", "include people.talk", 9, 11, "expected the name of a file, in quotes, found `people.talk`");
    check("", "include", 8, 0, "the line ends where the name of a file, in quotes is expected");
    check("", "include \"a\"", 9, 3, "`a` cannot be included: nothing can be included here");
}

/// Files in memory.
struct Shelf(HashMap<&'static str, String>);

impl Includes for Shelf {
    fn open(&mut self, _: &str, path: &str) -> Result<Included, String> {
        let text = self.0.get(path).cloned().ok_or("there is no such file")?;
        Ok(Included { name: path.into(), text })
    }
}

#[test]
fn includes_that_do_not_end() {
    let mut shelf = Shelf(HashMap::from([
        ("a", "include \"b\"".to_owned()),
        ("b", "\n  include \"a\"".to_owned()),
        ("people", "card alice\nalice> select".to_owned()),
        ("answer", "# nothing is said here\n< 9000".to_owned()),
        ("wrong", "set x \"".to_owned()),
        ("large", "#".repeat(Script::LONGEST)),
    ]));
    let mut check = |text: &str, message: &str| {
        assert_eq!(Script::parse("t", text, &mut shelf).unwrap_err().to_string(), message);
    };
    check("include \"a\"", "b:2:11: files include each other for ever: t → a → b → a");
    check("include \"c\"", "t:1:9: `c` cannot be included: there is no such file");
    check(
        "include \"people\"\ninclude \"answer\"",
        "answer:2:1: `<` says what the command before it must answer, and there is none",
    );
    check("include \"people\"\n< 9000", "t:2:1: `<` says what the command before it must answer, and there is none");
    check("include \"people\"\ninclude \"people\"", "people:1:6: `alice` has its meaning already, from people:1");
    check(
        "include \"wrong\"",
        "wrong:1:7: this quote does not end; `\\\"` is a quote and `\\\\` a backslash inside one",
    );
    check("include \"large\"", "large:1:1: a script with all that it includes has at most 1048576 bytes");
    for level in 0..9 {
        shelf.0.insert(["0", "1", "2", "3", "4", "5", "6", "7", "8"][level], format!("include \"{}\"", level + 1));
    }
    let error = Script::parse("t", "include \"0\"", &mut shelf).unwrap_err();
    assert_eq!(error.to_string(), "6:1:9: files include each other at most 8 deep");
    // Many times twice is no way around the bounds.
    for level in 0..6 {
        shelf.0.insert(["0", "1", "2", "3", "4", "5"][level], format!("include \"{}\"\n", level + 1).repeat(100));
    }
    shelf.0.insert("6", String::new());
    let error = Script::parse("t", "include \"0\"", &mut shelf).unwrap_err();
    assert_eq!(error.message, "a script has at most 20000 lines that do something");
}

#[test]
fn hostile_sizes() {
    assert_eq!(
        error(&"#".repeat(Script::LONGEST + 1)).message,
        "a script with all that it includes has at most 1048576 bytes"
    );
    let many = format!("{ONE}{}", "reset\n".repeat(Script::MOST_STATEMENTS));
    assert_eq!(error(&many).to_string(), "t:20001:1: a script has at most 20000 lines that do something");
    let names: String = (0..1_001).map(|i| format!("set n{i} 1\n")).collect();
    assert_eq!(error(&names).to_string(), "t:1001:5: a script has at most 1000 names");
    let cards: String = (0..17).map(|i| format!("card c{i}\n")).collect();
    assert_eq!(error(&cards).to_string(), "t:17:1: a script has at most 16 cards");
    let bytes = format!("{ONE}> {}", "00".repeat(65_545));
    assert_eq!(error(&bytes).to_string(), "t:2:3: a command has at most 65544 bytes");
    let word = error(&"x".repeat(100_000));
    assert!(word.message.len() < 200, "{}", word.message);
}

/// Pieces of scripts, so that random ones are nearly right.
const PIECES: [&str; 60] = [
    "card ",
    "alice ",
    "+254700000001 ",
    "10.00 ",
    "\n",
    "\n",
    "> ",
    "< ",
    "alice> ",
    "select ",
    "verify ",
    "1234 ",
    "change pin ",
    "to ",
    "request ",
    "from ",
    "$alice ",
    "9000 ",
    "63C? ",
    "data ",
    "no data ",
    ".. ",
    "?? ",
    "6F ",
    "$x ",
    "$x:2 ",
    "$y:.. ",
    "as $x ",
    "balance ",
    "code ",
    "id ",
    "set x ",
    "set y ",
    "00 A4 ",
    "F064 ",
    "next ",
    "quietly ",
    "cut ",
    "at write ",
    "after ",
    "2 ",
    "bytes ",
    "unstable ",
    "never ",
    "reset ",
    "silence ",
    "read ",
    "paid ",
    "contact ",
    "name ",
    "\"Bob \\\" O\" ",
    "# c ",
    "transmit ",
    "add contact ",
    "load ",
    "alice.1> ",
    "holder ",
    "state ",
    "blank ",
    "decimals ",
];

proptest! {
    #[test]
    fn random_bytes(bytes: Vec<u8>) {
        fuzz(&bytes)?;
    }

    #[test]
    fn random_pieces(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..40)) {
        fuzz(format!("card alice +254700000001\n{}", pieces.concat()).as_bytes())?;
    }

    /// Lines that are right by themselves: most of these can be read.
    #[test]
    fn random_lines(lines in proptest::collection::vec(proptest::sample::select(&LINES[..]), 0..12)) {
        fuzz(format!("card +254700000001\n{}", lines.join("\n")).as_bytes())?;
    }
}

const LINES: [&str; 24] = [
    "> select",
    "> select F064 next quietly",
    "> verify 1234",
    "> change pin 1234 to 4321",
    "> 00 20 00 81",
    "> 90 00",
    "> transmit 9000",
    "> load 1",
    "> check 400 to +254700000002 code 4761-0825",
    "< 9000",
    "< ????",
    "< silence",
    "< no data",
    "< data ..",
    "< .. 00",
    "< ?? ..",
    "< data ..  ?0",
    "reset",
    "reset card",
    "cut never",
    "> 00",
    "card> open channel",
    "card.1> last",
    "> read contact 1",
];

/// Every file of the tests, cut off after each byte and with each byte changed: never a panic, and the place is right.
#[test]
fn truncated_and_changed_files() {
    let talks = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/talks");
    let mut read = 0;
    for name in ["payment", "contacts", "selection", "power"] {
        let people = std::fs::read_to_string(talks.join("people.talk")).unwrap();
        let text = std::fs::read_to_string(talks.join(format!("{name}.talk"))).unwrap();
        let text = text.replace("include \"people.talk\"", &people).replace("include \"../people.talk\"", &people);
        fuzz(text.as_bytes()).unwrap();
        for at in 0..text.len() {
            fuzz(&text.as_bytes()[..at]).unwrap_or_else(|error| panic!("{name}, {at} bytes: {error}"));
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1 << (at % 7);
            fuzz(&changed).unwrap_or_else(|error| panic!("{name}, byte {at}: {error}"));
            read += 1;
        }
    }
    assert!(read > 4_000);
}

/// The random ones above are worth something only if there is much in them that can be read.
#[test]
fn the_lines_are_lines() {
    let text = format!("{ONE}{}", LINES.join("\n"));
    let script = Script::parse("t", &text, &mut NoIncludes).unwrap();
    assert_eq!(script.to_string().lines().count(), text.lines().count());
    fuzz(text.as_bytes()).unwrap();
}
