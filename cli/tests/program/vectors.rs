//! `digitally vectors` as an issuer's test engineer uses it.

use std::fs;

use crate::world::World;

/// The file of this name that comes with the program.
fn embedded(name: &str) -> String {
    let found = vectors::embedded().into_iter().find_map(|source| match source {
        vectors::Source::Text { name: found, text } if found == name => Some(text.into_owned()),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn failed_vectors_end_in_one_and_malformed_ones_in_two() {
    let world = World::empty();
    let good = embedded("rfc4493.json");
    world.write("good.json", &good);
    assert_eq!(world.done(&["vectors", "verify", "good.json"])["failed"], 0);
    let wrong = good.replacen("bb1d6929", "bb1d6928", 1);
    world.write("wrong.json", &wrong);
    let ran = world.run(&["vectors", "verify", "wrong.json", "--json"]);
    assert_eq!(ran.exit, 1);
    let failure = &ran.json()["files"][0]["failures"][0];
    assert_eq!((&failure["id"], &failure["differences"][0]["field"]), (&"rfc4493-1".into(), &"output.tag".into()));
    let ran = world.run(&["vectors", "verify", "wrong.json"]);
    assert!(ran.exit == 1 && ran.stdout.contains("expected") && ran.stdout.contains("rfc4493-1"), "{ran:?}");
    world.write("malformed.json", "{}");
    world.fails(&["vectors", "verify", "malformed.json"], 2, "vector-file");
    world.fails(&["vectors", "verify", "good.json", "wrong.json"], 2, "vector-file");
    world.fails(&["vectors", "verify", "nowhere.json"], 2, "file-unreadable");
    world.fails(&["vectors", "verify", "."], 2, "file-unreadable");
    world.fails(&["vectors", "verify", "--kind", "mic"], 2, "vector-unknown");
    world.fails(&["vectors", "verify", "--flag", "mic"], 2, "vector-unknown");
    let cut = &good[..good.len() - 20];
    world.write("cut.json", cut);
    let said = world.fails(&["vectors", "verify", "cut.json"], 2, "vector-file");
    assert!(said.starts_with("cut.json:") && said.contains("not JSON"), "{said}");
}

#[test]
fn a_blank_card_is_verified_and_stays_as_it_was() {
    let world = World::new();
    world.done(&["card", "blank", "test.card"]);
    let before = fs::read(world.path("test.card")).unwrap();
    let told = world.done(&["vectors", "verify", "--card", "test.card", "--junit", "report.xml"]);
    assert_eq!((told["failed"].as_u64(), told["subject"].as_str()), (Some(0), Some("the card")));
    assert!(told["passed"].as_u64().unwrap() > 900, "{told}");
    assert_eq!(before, fs::read(world.path("test.card")).unwrap());
    let report = fs::read_to_string(world.path("report.xml")).unwrap();
    let total = told["passed"].as_u64().unwrap() + told["not_asked"].as_u64().unwrap();
    assert_eq!(u64::try_from(report.matches("<testcase ").count()), Ok(total));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        world.write("plain", "");
        let mode = |name: &str| fs::metadata(world.path(name)).unwrap().permissions().mode();
        assert_eq!(mode("report.xml"), mode("plain"), "whoever may read other new files may read the report");
    }
    assert!(report.contains(&format!("tests=\"{total}\" failures=\"0\"")) && report.ends_with("</testsuites>\n"));

    world.fails(&["vectors", "verify", "--card", "alice.card"], 2, "card-not-blank");
    world.fails(&["vectors", "verify", "--card", "nobody.card"], 2, "card-file-missing");
    world.fails(&["card", "blank", "test.card"], 2, "card-file-exists");
    world.fails(&["card", "balance", "--card", "test.card"], 1, "card-blank");
}

#[test]
fn a_failure_stands_in_the_report_for_build_servers() {
    let world = World::empty();
    world.write("wrong.json", &embedded("protocol.json").replacen("\"0014 3503\"", "\"0014 3504\"", 1));
    let ran = world.run(&["vectors", "verify", "wrong.json", "--junit", "r.xml"]);
    assert_eq!(ran.exit, 1);
    let report = fs::read_to_string(world.path("r.xml")).unwrap();
    assert_eq!(report.matches("<failure ").count(), 1);
    assert!(report.contains("name=\"digitally-8-aes-cmac\"><failure"), "{report}");
    assert!(report.contains("message=\"output.request.code: expected 0014 3504, got 0014 3503\""), "{report}");
    // Where there is no result, the report says so, and no older one stays.
    world.write("cut.json", "{");
    let ran = world.run(&["vectors", "verify", "cut.json", "--junit", "r.xml"]);
    let report = fs::read_to_string(world.path("r.xml")).unwrap();
    assert!(ran.exit == 2 && report.contains("errors=\"1\"") && !report.contains("<failure"), "{report}");
    world.fails(&["vectors", "verify", "--junit", "nowhere/r.xml"], 2, "file-unwritable");
}

#[test]
fn programs_under_test() {
    let world = World::empty();
    let run = |command: &str| world.run(&["vectors", "verify", "--timeout", "1", "--command", command, "--json"]);
    for command in ["sh -c 'exit 3'", "sh -c 'sleep 20'", "cat", "/nowhere/program", "'", "sh -c 'echo hello; cat'"] {
        let ran = run(command);
        assert_eq!((ran.exit, ran.json()["error"]["code"].as_str()), (2, Some("vector-subject")), "{command}: {ran:?}");
        assert!(!ran.stdout.contains("passed"), "{ran:?}");
    }
    assert_eq!(world.run(&["vectors", "verify", "--timeout", "0"]).exit, 2);
    assert_eq!(world.run(&["vectors", "verify", "--library", "--command", "cat"]).exit, 2);
}

#[test]
fn generated_explained_listed() {
    let world = World::empty();
    fs::create_dir(world.path("out")).unwrap();
    let made = world.done(&["vectors", "generate", "out"]);
    assert_eq!(made["files"].as_array().unwrap().len(), fs::read_dir(world.path("out")).unwrap().count());
    assert_eq!(fs::read_to_string(world.path("out/live.json")).unwrap(), embedded("live.json"));
    assert_eq!(world.run(&["vectors", "generate", "--check", "out"]).exit, 0);
    world.write("out/live.json", "{}");
    let ran = world.run(&["vectors", "generate", "--check", "out", "--json"]);
    assert_eq!((ran.exit, &ran.json()["differing"][0]), (1, &"live.json".into()));
    world.fails(&["vectors", "generate", "nowhere"], 2, "file-unwritable");
    world.fails(&["vectors", "generate", "--check", "nowhere"], 2, "file-unwritable");
    fs::remove_file(world.path("out/tlv.json")).unwrap();
    let ran = world.run(&["vectors", "generate", "--check", "out"]);
    assert!(ran.exit == 1 && ran.stdout.contains("tlv.json: MISSING"), "{ran:?}");

    let listed = world.done(&["vectors", "list", "--kind", "live", "--flag", "replay"]);
    assert!(listed["tests"].as_array().unwrap().iter().all(|test| test["kind"] == "live"));
    assert!(listed["tests"].as_array().unwrap().len() > 4);
    let ran = world.run(&["vectors", "explain", "digitally-8-aes-cmac"]);
    for value in ["4288496856360043503", "0014 3503", "P-TAG-1", "this program computes the same"] {
        assert!(ran.stdout.contains(value), "{value}: {ran:?}");
    }
    world.fails(&["vectors", "explain", "digitally-9"], 2, "vector-unknown");
    assert_eq!(world.done(&["vectors", "lint"])["complaints"].as_array().unwrap().len(), 0);
    world.write("careless.json", &embedded("rfc4493.json").replacen("\"notes\": {}", "\"notes\": {\"odd\": \"\"}", 1));
    let ran = world.run(&["vectors", "lint", "careless.json"]);
    assert!(ran.exit == 1 && ran.stdout.contains("no test has the flag"), "{ran:?}");
}

/// A file, or a program's answer, must not be able to write a verdict of its own on the terminal.
#[test]
fn control_characters_do_not_reach_the_terminal() {
    let world = World::empty();
    let evil = embedded("rfc4493.json").replacen(
        "\"comment\": \"",
        "\"comment\": \"\\u001b[2Jgood\\nthe library: 4 passed ",
        8,
    );
    let evil = evil.replacen("bb1d6929", "bb1d6928", 1);
    world.write("evil.json", &evil);
    let first = "rfc4493-1";
    for (arguments, code) in [(vec!["verify"], 1), (vec!["list"], 0), (vec!["explain", first], 1), (vec!["lint"], 0)] {
        let ran = world.run(&[&["vectors"], &arguments[..], &["evil.json"]].concat());
        assert_eq!(ran.exit, code, "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains("\nthe library: 4"), "{}", ran.stdout);
    }
}
