//! How scripts are played: what is sent, what is kept, what is said of a card that answers something else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod world;

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use apdu::{Cut, PowerCut, Transport};
use conversation::{Answer, Mismatch, NoIncludes, Outcome, Role, RunError, Script, Stage, StageError};
use world::{InProcess, files, play, script, talks};

/// A card that answers from a list, and writes down what it hears; it has no power once it is cut.
#[derive(Clone, Default)]
struct Scripted {
    answers: Rc<RefCell<Vec<Vec<u8>>>>,
    heard: Rc<RefCell<Vec<String>>>,
    cut: Option<Cut>,
    can_be_cut: bool,
}

impl Transport for Scripted {
    type Error = Infallible;
    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        self.heard.borrow_mut().push(hex::encode_upper(command));
        if self.cut.is_some() {
            return Ok(0);
        }
        let mut answers = self.answers.borrow_mut();
        let answer = if answers.is_empty() { vec![0x90, 0x00] } else { answers.remove(0) };
        response[..answer.len()].copy_from_slice(&answer);
        Ok(answer.len())
    }
    fn reset(&mut self) -> Result<(), Infallible> {
        self.heard.borrow_mut().push("reset".into());
        self.cut = None;
        Ok(())
    }
    fn atr(&self) -> &[u8] {
        &[]
    }
}

impl PowerCut for Scripted {
    fn arm(&mut self, cut: Option<Cut>) {
        self.heard.borrow_mut().push(format!("{cut:?}"));
        self.cut = cut;
    }
    fn armed(&self) -> Option<Cut> {
        self.cut
    }
}

struct One(Scripted);

impl Stage for One {
    type Card = Scripted;
    fn bring(&mut self, role: &Role) -> Result<Scripted, StageError> {
        if role.name == "nobody" { Err(StageError::new("nobody is there")) } else { Ok(self.0.clone()) }
    }
    fn power<'c>(&mut self, _: &Role, card: &'c mut Scripted) -> Option<&'c mut dyn PowerCut> {
        if card.can_be_cut { Some(card) } else { None }
    }
}

/// Plays lines to a card that gives these answers (hex); returns what became of it and what the card heard.
fn say(lines: &str, answers: &[&str]) -> (Result<Outcome, RunError>, Vec<String>) {
    let answers = answers.iter().map(|answer| hex::decode(answer.replace(' ', "")).unwrap()).collect();
    let card = Scripted { answers: Rc::new(RefCell::new(answers)), can_be_cut: true, ..Scripted::default() };
    let heard = card.heard.clone();
    let script = Script::parse("t", &format!("card +254700000001\n{lines}"), &mut NoIncludes).unwrap();
    let outcome = script.run(&mut One(card), &mut |_| {});
    (outcome, heard.take())
}

fn missed(lines: &str, answers: &[&str]) -> String {
    say(lines, answers).0.unwrap().missed.unwrap().to_string()
}

#[test]
fn commands_on_channels() {
    let lines = "card.1> select\n.3> balance\ncard.4> read paid 1\ncard.19> cancel 7\n> open channel\n< channel as $c\ncard.$c> holder\n> 805C000204";
    let (outcome, heard) = say(lines, &["9000", "9000", "9000", "9000", "05 9000"]);
    assert!(outcome.unwrap().is_as_expected());
    let expected = [
        "01A404000BF06469676974616C6C790100",
        "835C000204",
        "40B2010C00",
        "CF4600000400000007",
        "0070000001",
        "41CADF2000",
        "805C000204",
    ];
    assert_eq!(heard, expected);
    // A channel that there is not, only known when the card has said it.
    let (outcome, _) = say("> open channel\n< channel as $c\ncard.$c> holder", &["14 9000"]);
    assert_eq!(outcome.unwrap_err().to_string(), "t:4: there is no channel 20");
}

#[test]
fn pieces_are_put_together_and_bytes_go_as_they_are() {
    let (outcome, heard) = say(
        "> 00 CA DF 23 00\n< 01 02 03 90 00\n> transmit 00 CA DF 23 00\n< 61 01",
        &["01 02 61 01", "03 9000", "61 01"],
    );
    assert!(outcome.unwrap().is_as_expected());
    assert_eq!(heard, ["00CADF2300", "00C0000001", "00CADF2300"]);
    let (outcome, heard) = say("> 00 CA DF 23 05\n> transmit 00 CA DF 23 05\n< 6C02", &["6C 02", "0102 9000", "6C 02"]);
    assert!(outcome.unwrap().is_as_expected());
    assert_eq!(heard, ["00CADF2305", "00CADF2302", "00CADF2305"]);
    // What is no command goes too.
    assert_eq!(say("> 80\n> 8050000005 01", &[]).1, ["80", "805000000501"]);
}

#[test]
fn variables_carry_what_was_answered() {
    let lines = "> request 1.00 from +254700000002\n< id as $id code as $code\n> confirm $id code $code\n< payer $card amount as $paid\n\
                 > check $paid to +254700000002 code $code\n> 00 $id $code $card 00\n> last $id\n> 80 AA 00 00 02\n< $x:2 $y:.. 9000 no\n";
    let lines = lines.replace(" 9000 no", " 90 00");
    let (outcome, heard) = say(
        &lines,
        &[
            "00000007 47610825 9000",
            "00000001 FFFF254700000001 00000064 00000064 9000",
            &format!("{} 00000000 9000", "00".repeat(16)),
            "9000",
            "9000",
            "0102030405 9000",
        ],
    );
    let outcome = outcome.unwrap();
    assert!(outcome.is_as_expected(), "{}", outcome.missed.unwrap());
    assert_eq!(heard[1], "80440000080000000747610825".to_owned() + "00");
    assert_eq!(heard[2], "8042000010FFFF2547000000020000006447610825".to_owned() + "00");
    assert_eq!(heard[3], "000000000747610825FFFF25470000000100");
    assert_eq!(heard[4], "805A070000");
    // Bytes that nobody said the kind of become whatever they can.
    let (outcome, heard) =
        say("> 80 AA 00 00 00\n< data $id:4 $code:..\n> confirm $id code $code", &["00000009 F123 9000"]);
    assert!(outcome.unwrap().is_as_expected());
    assert_eq!(heard[1], "804400000600000009F12300");
    let (outcome, _) = say("> 80 AA 00 00 00\n< data $code:..\n> confirm 1 code $code", &["AB 9000"]);
    assert_eq!(outcome.unwrap_err().to_string(), "t:4: `$code` is AB now, and a code such as 4761 0825 is expected");
    let (outcome, _) = say("> 80 AA 00 00 00\n< data $n:2\n> last $n", &["0100 9000"]);
    assert_eq!(outcome.unwrap_err().to_string(), "t:4: `$n` is 01 00 now, and a number such as 1 is expected");
}

#[test]
fn power_is_cut_and_comes_back() {
    let lines =
        "cut at write 3 after 2 bytes unstable\n> balance\n< silence\n> 80\n< silence\ncut never\nreset\n> verify";
    let (outcome, heard) = say(lines, &[]);
    let outcome = outcome.unwrap();
    let answers: Vec<bool> = outcome.answers.iter().map(|answered| answered.answer == Answer::Silence).collect();
    assert!(outcome.is_as_expected(), "{}", outcome.missed.unwrap());
    assert_eq!(answers, [true, true, false]);
    assert_eq!(heard[0], format!("{:?}", Some(Cut { write: 3, bytes: 2, unstable: true })));
    assert_eq!(heard[3..], ["None", "reset", "00200081"]);
}

#[test]
fn a_card_that_cannot_be_cut_is_found_before_anything_is_said() {
    let script = Script::parse("t", "card +254700000001\n> select\nreset\ncut at write 1", &mut NoIncludes).unwrap();
    let card = Scripted::default();
    let error = script.run(&mut One(card.clone()), &mut |_| panic!("nothing is said")).unwrap_err();
    assert_eq!(error.to_string(), "t:4: `cut` cannot be done: the power of the card `card` is not in our hands");
    assert!(card.heard.borrow().is_empty());
    assert!(script.cuts("card") && !script.cuts("alice"));
}

#[test]
fn what_the_host_cannot_do() {
    let run = |text: &str| {
        let script = Script::parse("t", text, &mut NoIncludes).unwrap();
        script.run(&mut One(Scripted::default()), &mut |_| {}).unwrap_err().to_string()
    };
    assert_eq!(run("card nobody"), "there is no card for `nobody`: nobody is there");
    assert_eq!(run("card\n> load 5"), "t:2: there is no order: there is no issuer here who could order that");
}

#[test]
fn a_card_that_speaks_no_iso() {
    let (outcome, _) = say("> balance", &["90"]);
    assert_eq!(outcome.unwrap_err().to_string(), "t:2: the card could not be asked: the response has no status word");
    let (outcome, _) = say("> 80", &["90"]);
    let error = outcome.unwrap_err().to_string();
    assert_eq!(
        error,
        "t:2: the card could not be asked: a response has at least the 2 bytes of its status word, this one has 1"
    );
}

#[test]
fn mismatches_in_words_and_bytes() {
    let all = [
        missed("> verify 0000\n< 63C1", &["63C2"]),
        missed("> select", &["6A82"]),
        missed("> verify 0000\n< 6?C1", &["6BC0"]),
        missed("> balance\n\n< silence", &["00000000 9000"]),
        missed("cut at write 1\n> balance\n< balance 4.00", &[]),
        missed("> balance\n< balance 4.00", &["00000191 9000"]),
        missed("> balance\n< balance 4.00", &["0000 9000"]),
        missed("> balance\n< no data", &["0000 9000"]),
        missed("> balance\n< 00 ?? EA 60 90 00", &["00009C40 9000"]),
        missed("> balance\n< data 00 .. 61", &["00009C40 9000"]),
        missed("> balance\n< balance as $b", &["9000"]),
        missed("> select\n< label digitally", &["6F0784 05F001020304 9000"]),
        missed("> select\n< aid F0010203 version 0001", &["6F0784 05F001020304 9000"]),
        missed(
            "> check 1 to +254700000002 code 7\n< name Bob after 3.00",
            &[&format!("426F62{}0000012C 9000", "00".repeat(12) + "21")],
        ),
        missed("> request 1 from +254700000002\n< code 4761 0825", &["00000001 47610826 9000"]),
        missed("> holder\n< state blank currency 800", &["DF200D FFFF254700000001 0404 02 01 01 9000"]),
        missed(
            &format!("> 00\n< data {}", "AA".repeat(300)),
            &[&format!("{}BB{}9000", "AA".repeat(40), "AA".repeat(259))],
        ),
    ];
    insta::assert_snapshot!("mismatches", all.join("\n\n"));
}

/// A later line that fails names itself, and what comes behind it is not said.
#[test]
fn the_first_mismatch_ends_it() {
    let (outcome, heard) = say("> balance\n< 9000\n< balance 1.00\n> balance", &["00000000 9000"]);
    let missed = outcome.unwrap().missed.unwrap();
    assert_eq!((missed.place.line, heard.len()), (4, 1));
    assert!(matches!(missed.mismatch, Mismatch::Fields { .. }));
}

#[test]
fn outcomes_are_compared() {
    let (one, _) = say("> balance\n> verify 1234\n< ????", &["00000000 9000", "63C2"]);
    let (other, _) = say("> balance\n> verify 1234\n< ????", &["00000000 9000", "63C1"]);
    let (short, _) = say("> balance\n< 9000", &["00000000 9000"]);
    let (one, other, short) = (one.unwrap(), other.unwrap(), short.unwrap());
    assert!(one.difference(&one).is_none());
    let text = one.difference(&other).unwrap().to_string();
    assert_eq!(
        text,
        "t:3: card> verify ****\n  one    63C2 counter in the last digit, such as the tries left\n  other  63C1 counter in the last digit, such as the tries left"
    );
    assert!(one.difference(&short).unwrap().to_string().ends_with("\n  other  was not asked"));
}

/// What carries a PIN is neither in `Display` of a step nor in an outcome; the bytes are there for whoever asks.
#[test]
fn pins_are_not_shown() {
    let lines = "> verify 1234\n> change pin 1234 to 4321\n> unblock pin 87654321 to 4321\n> 00 20 00 81 08 31 32 33 34 FF FF FF FF\n> 00 $body";
    let script =
        Script::parse("t", &format!("card\nset body 20 00 81 08 31323334 FFFFFFFF\n{lines}"), &mut NoIncludes).unwrap();
    let (mut text, mut sent) = (String::new(), 0);
    let outcome = script.run(&mut One(Scripted::default()), &mut |step| {
        text += &format!("{step}\n{step:?}\n");
        sent += step.sent.len();
    });
    text += &format!("{:?}{script:?}", outcome.unwrap());
    for secret in ["1234", "4321", "31 32", "3132", "87654321", "38 37", "34 33"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("t:3: card> verify ****\n  > 00 20 00 81 … (13 bytes)\n  < 9000"), "{text}");
    assert_eq!(sent, 13 + 21 + 21 + 13 + 13);
    assert!(script.to_string().contains("verify 1234"), "the script itself is its writer's");
}

/// All files read as the same script again from their usual form, those too that no card can play yet.
#[test]
fn the_usual_form_is_the_same_script() {
    let mut count = 0;
    for file in ["", "whole-commands"].iter().flat_map(|folder| files(&talks().join(folder))) {
        let script = script(&file);
        let usual = script.to_string();
        let again = Script::parse("usual", &usual, &mut NoIncludes).unwrap_or_else(|error| panic!("{error}\n{usual}"));
        assert!(again == script && again.to_string() == usual, "{usual}");
        count += 1;
    }
    assert!(count >= 16, "{count}");
}

#[test]
fn the_usual_form() {
    let text = "decimals 0\ncard  alice +254700000001 7 # her\nset who  \"Bob  O\"\nset code 4761 0825\nalice>00a4 0400\n<9000\n<  .. 9? ??\n\
                alice.1 > select f064 next quietly\nalice> add contact +254700000002 $who\nalice> check 5 to +254700000002 code $code\n\
                <after 2 name \"\"\nalice> confirm 01 code \"4761-0825\"\n< no data\ncut at write 1 after 0 bytes\ncut alice at write 2 after 1 byte unstable\nreset";
    let usual = "decimals 0\ncard alice +254700000001 7\nset who \"Bob  O\"\nset code 4761 0825\nalice> 00 A4 04 00\n< 9000\n< .. 9? ??\n\
                 alice.1> select F064 next quietly\nalice> add contact +254700000002 $who\nalice> check 5 to +254700000002 code $code\n\
                 < 9000 after 2 name \"\"\nalice> confirm 1 code 47610825\n< 9000 no data\ncut alice at write 1\n\
                 cut alice at write 2 after 1 byte unstable\nreset alice\n";
    assert_eq!(Script::parse("t", text, &mut NoIncludes).unwrap().to_string(), usual);
}

/// One of the files, step by step, as a host would print it.
#[test]
fn a_trace() {
    let script = script(&talks().join("pin.talk"));
    let mut steps = Vec::new();
    play(&script, &InProcess, &mut |step| steps.push(step.to_string())).unwrap();
    let place = format!("{}:6", talks().join("pin.talk").display());
    let shown = "card> verify\n  > 00 20 00 81\n  < 63C3 counter in the last digit, such as the tries left";
    assert_eq!(steps[1], format!("{place}: {shown}"));
}

/// A tear that is never reached tests nothing, and says so.
#[test]
fn a_cut_that_does_not_come_is_an_error() {
    let run = |text: &str| {
        let script = conversation::Script::parse("late.talk", text, &mut conversation::NoIncludes).unwrap();
        play(&script, &InProcess, &mut |_| {}).map(|outcome| outcome.is_as_expected())
    };
    let late = run("card +254700000001 5.00\n> select\ncut at write 99\n> balance\n").unwrap_err();
    assert_eq!(late.to_string(), "late.talk:3: the power of the card `card` did not fail: it made fewer writes");
    assert!(run("card +254700000001 5.00\n> select\ncut at write 99\n> balance\ncut never\n").unwrap());
    assert!(run("card +254700000001 5.00\n> select\ncut at write 1\n> verify 0000\n< silence\n").unwrap());
}
