//! `card shell`, through a pipe and at a terminal.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use rexpect::session::{PtySession, spawn_command};
use serde_json::Value;

use crate::world::{BOB, PIN, Ran, World, starting};

const SHELL: &[&str] = &["card", "shell", "--card", "alice.card"];

fn piped(world: &World, more: &[&str], input: &str) -> Ran {
    world.run_with(&[SHELL, more].concat(), input)
}

/// A whole talk: words, bytes, expected answers, names, a power cut, a reset; and the issuer.
#[test]
fn a_talk_through_a_pipe() {
    let world = World::new();
    let talk = format!(
        "# the card of {BOB}\n\nselect\nbalance\n< balance 2000.00\nverify\n< 63C3\n> verify {PIN}\n\
         request 400.00 from {BOB}\n< id as $id code as $code\ncancel $id\n80:5C 00-02 04\n< 00 03 0D 40 90 00\n\
         decode 63 C2\natr\nhelp confirm\ncut at write 2\nverify {PIN}\n< silence\nreset\nselect\nverify\n< 63C?\n\
         set much 2000.00\nbalance\n< balance $much\nquit\nnever read\n"
    );
    let ran = piped(&world, &[], &talk);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{ran:?}");
    insta::assert_snapshot!(ran.stdout);
    let ran = piped(&world, &["--issuer", "issuer.json"], "select\nload 5\n< balance 2005.00\n");
    assert_eq!((ran.exit, world.balance("alice.card")), (0, 2_005_00), "{ran:?}");
}

/// Ends at the first line that fails, or goes on; the exit code tells which way it failed.
#[test]
fn a_line_that_fails_is_the_last_one() {
    let world = World::new();
    let check = |input: &str, exits: [i32; 2], asked: [usize; 2], says: &str| {
        for (more, (exit, asked)) in [&[][..], &["--keep-going"]].into_iter().zip(exits.into_iter().zip(asked)) {
            let ran = piped(&world, more, input);
            assert_eq!((ran.exit, ran.stdout.matches("GET BALANCE").count()), (exit, asked), "{input:?} {ran:?}");
            assert!(!more.is_empty() || (ran.stdout.clone() + &ran.stderr).contains(says), "{says}: {ran:?}");
        }
    };
    check("select\nbalance\n", [0, 0], [1, 1], "9000");
    check("balance\nbalance\n", [1, 1], [1, 2], "line 1: the answer is not 9000");
    check("balance", [1, 1], [1, 1], "6D00");
    check("balance\n# so\n\n< 6D00\nbalance\n<6D??\n", [0, 0], [2, 2], "6D00");
    check("balance\n< 9000\nbalance\n", [1, 1], [1, 2], "expected  9000");
    check("balanse\nselect\nbalance\n", [2, 2], [0, 1], "is no command");
    check("00A4\nselect\nbalance\n", [2, 2], [0, 1], "transmit HEX");
    check("transmit 00A4\n< 6700\nselect\nbalance\n", [0, 0], [1, 1], "6700");
    check("select\nload 5\nbalance\n", [2, 2], [0, 1], "--issuer FILE");
    check("select\nbalance\n< 9000 id as $id\n", [2, 2], [1, 1], "id");
    check("help nothing\nselect\nbalance\n", [2, 2], [0, 1], "no such word");
    check("card alice\nselect\nbalance\n", [2, 2], [0, 1], "here there is one card");
    check("< 9000\nselect\nbalance\n", [2, 2], [0, 1], "says what the command before it must answer");
    // A card without power stays so until it is reset.
    check("select\ncut at write 1\nverify 2580\n< silence\nbalance\n", [1, 1], [1, 1], "`reset` powers it up");
}

/// One object a line, whatever the line is.
#[test]
fn json_has_an_object_for_each_line() {
    let world = World::new();
    let ran =
        piped(&world, &["--json", "--keep-going"], "atr\nselect\nverify 2580\nbalanse\nbalance\n< 9001\nhelp quit\n");
    assert_eq!((ran.exit, ran.stderr.as_str()), (2, ""));
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<&str> = lines.iter().map(|line| line["said"].as_str().unwrap_or("-")).collect();
    assert_eq!(said, ["atr", "select", "verify ****", "-", "balance", "<", "help"]);
    assert!(lines.iter().zip(1..).all(|(line, number)| line["line"] == number), "{ran:?}");
    assert_eq!((&lines[1]["sw"], &lines[3]["error"]["code"]), (&"9000".into(), &"script-malformed".into()));
    assert_eq!(
        (&lines[4]["exchanges"][0]["answer"]["data"], &lines[5]["as_expected"]),
        (&"00030D40".into(), &false.into())
    );
    assert!(!ran.stdout.contains("2580") && !ran.stdout.contains("32353830"), "{}", ran.stdout);
    let quiet = piped(&world, &["--quiet"], "select quietly\nbalance\n");
    assert_eq!((quiet.exit, quiet.stdout.as_str()), (0, "9000\n00030D409000\n"));
}

/// The program at a terminal of its own, where this folder is home.
fn at_terminal(world: &World, more: &[&str]) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
    command.args([SHELL, more].concat()).current_dir(world.folder.path());
    command.env("XDG_STATE_HOME", world.path("state")).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut session = starting(|| spawn_command(command, Some(20_000)).unwrap());
    session.exp_string("card> ").unwrap();
    session
}

/// Keys, without the end of a line.
fn types(session: &mut PtySession, keys: &str) {
    session.send(keys).unwrap();
    session.flush().unwrap();
}

fn ends(mut session: PtySession) {
    session.send_control('d').unwrap();
    session.exp_eof().unwrap();
}

/// Completion, a PIN that is asked for and not shown, and a history without it that the next run has.
#[test]
fn at_a_terminal() {
    let world = World::new();
    let mut session = at_terminal(&world, &[]);
    types(&mut session, "sel\t");
    session.exp_string("select").unwrap();
    session.send_line("").unwrap();
    session.exp_string("9000 success").unwrap();
    session.exp_string("card> ").unwrap();
    session.send_line("verify").unwrap();
    session.exp_string("only the tries left): ").unwrap();
    session.send_line(PIN).unwrap();
    let shown = session.exp_string("9000 success").unwrap();
    assert!(shown.contains("VERIFY") && !shown.contains(PIN), "{shown}");
    session.exp_string("card> ").unwrap();
    // One with the PIN in it works, and is not kept; nor is one that may have it.
    session.send_line(&format!("verify {PIN}")).unwrap();
    session.exp_string("9000 success").unwrap();
    session.exp_string("card> ").unwrap();
    session.send_line(&format!("verfy {PIN}")).unwrap();
    session.exp_string("is no command").unwrap();
    session.exp_string("card> ").unwrap();
    // A line that failed is not the last one.
    session.send_line("read pa\t9").unwrap();
    session.exp_string("6A83").unwrap();
    session.exp_string("card> ").unwrap();
    ends(session);

    let file = world.path("state/digitally/history");
    let history = std::fs::read_to_string(&file).unwrap();
    assert_eq!(history.lines().skip(1).collect::<Vec<_>>(), ["select", "verify", "read paid 9"], "{history}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    // The arrow brings back the last line of the run before.
    let mut session = at_terminal(&world, &[]);
    types(&mut session, "\x1b[A");
    session.exp_string("read paid 9").unwrap();
    session.send_line("").unwrap();
    session.exp_string("6D00").unwrap();
    session.exp_string("card> ").unwrap();
    ends(session);
}

/// Neither bytes that are no text nor Ctrl-D where a PIN is asked for ends it.
#[test]
fn a_slip_of_the_hand_does_not_end_it() {
    let world = World::new();
    let mut session = at_terminal(&world, &[]);
    session.process().get_file_handle().unwrap().write_all(b"sel\xFF\r").unwrap();
    session.exp_string("lines are UTF-8 text").unwrap();
    session.exp_string("card> ").unwrap();
    session.send_line("select").unwrap();
    session.exp_string("9000 success").unwrap();
    session.exp_string("card> ").unwrap();
    session.send_line("verify").unwrap();
    session.exp_string("only the tries left): ").unwrap();
    session.send_control('d').unwrap();
    session.exp_string("given up at the prompt").unwrap();
    session.exp_string("card> ").unwrap();
    ends(session);
}

/// What is malformed is shown with its digits masked where they may be a PIN or a code.
#[test]
fn a_malformed_line_shows_no_secret() {
    let world = World::new();
    for line in [
        "change 9071 90715",
        "unblock 90719071 9071",
        "confirm 9071907",
        "confirm 90719071 x",
        "check 9071 x",
        "verify pin 9071 9071",
        "authorise 4.00 to +254700000002 cod 90719071",
        "transmit 0020008104 39303731 9071x",
    ] {
        let ran = piped(&world, &["--trace"], line);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{line}: {ran:?}");
        assert!(!ran.stderr.contains("9071") && !ran.stderr.contains("39303731"), "{line}: {}", ran.stderr);
        world.write("wrong.talk", &format!("card +254700000001 10.00\n> {line}\n"));
        let ran = world.run(&["card", "script", "wrong.talk"]);
        assert!(ran.exit == 2 && ran.stderr.contains("wrong.talk:2:"), "{line}: {ran:?}");
        assert!(!(ran.stderr.contains("9071") || ran.stderr.contains("39303731")), "{line}: {}", ran.stderr);
    }
}

/// Where nobody can read the answers no more lines are said, and that is told once.
#[test]
fn standard_output_is_full() {
    let world = World::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
    command.args(SHELL).arg("--keep-going").current_dir(world.folder.path()).stdin(Stdio::piped());
    command.stdout(File::create("/dev/full").unwrap()).stderr(Stdio::piped());
    let mut child = starting(|| command.spawn().unwrap());
    child.stdin.take().unwrap().write_all(b"select\nverify 0852\n").unwrap();
    let ran = child.wait_with_output().unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    assert_eq!((ran.status.code(), told.matches("output-failed").count()), (Some(2), 1), "{told}");
    assert!(piped(&world, &[], "select\nverify\n< 63C3\n").exit == 0, "no try was counted");
}

#[test]
fn no_history_is_kept_if_none_is_wanted() {
    let world = World::new();
    let mut session = at_terminal(&world, &["--no-history"]);
    session.send_line("select").unwrap();
    session.exp_string("9000 success").unwrap();
    session.exp_string("card> ").unwrap();
    ends(session);
    assert!(!world.path("state").exists());
}
