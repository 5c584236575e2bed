//! Programs as implementations under test: honest ones, and all the ways in which one goes wrong.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]

mod text;

use std::time::Duration;

use vectors::{Filter, Program, ProgramError, Report, Source, SubjectError, VectorError};

/// Asks a program, a shell script, the four tests of RFC 4493.
fn ask(script: &str) -> Result<Report, VectorError> {
    ask_file(script, text::embedded().into_iter().find(|(name, _)| name == "rfc4493.json").unwrap().1)
}

fn ask_file(script: &str, text: String) -> Result<Report, VectorError> {
    let source = [Source::Text { name: "file.json".into(), text: text.into() }];
    let command = format!("sh -c {}", shell_words(script));
    let mut program = Program::start(&command, Duration::from_secs(2)).unwrap();
    let reports = vectors::verify(&source, &mut program, &Filter::default(), &mut ())?;
    Ok(reports.into_iter().next().unwrap())
}

fn shell_words(script: &str) -> String {
    format!("'{}'", script.replace('\'', r"'\''"))
}

/// Answers every question, by its number, with these tags.
fn answering(tags: [&str; 4]) -> String {
    let mut script = String::from("n=1; while read -r line; do case $n in\n");
    for (i, tag) in tags.iter().enumerate() {
        let n = i + 1;
        script.push_str(&format!(
            "{n}) echo '{{\"id\":\"rfc4493-{n}\",\"outcome\":\"accept\",\"output\":{{\"tag\":\"{tag}\"}}}}';;\n"
        ));
    }
    script.push_str("esac; n=$((n+1)); done");
    script
}

const TAGS: [&str; 4] = [
    "bb1d6929e95937287fa37d129b756746",
    "070a16b46b4d4144f79bdd9dd04a287c",
    "dfa66747de9ae63030ca32611497c827",
    "51f0bebf7e3b9d92fc49741779363cfe",
];

fn failed(script: &str) -> ProgramError {
    wrong(script, ask(script))
}

fn wrong(script: &str, result: Result<Report, VectorError>) -> ProgramError {
    match result {
        Err(VectorError::Subject(SubjectError::Program(error))) => error,
        other => panic!("{script}: {other:?}"),
    }
}

#[test]
fn right_and_wrong_answers() {
    let report = ask(&answering(TAGS)).unwrap();
    assert_eq!((report.passed, report.failed), (4, 0));
    let report = ask(&answering([TAGS[0], TAGS[1], TAGS[1], TAGS[3]])).unwrap();
    assert_eq!((report.passed, report.failed), (3, 1));
    let failure = &report.failures[0];
    assert_eq!(failure.id, "rfc4493-3");
    let difference = &failure.differences[0];
    assert_eq!([&difference.field, &difference.expected, &difference.got], ["output.tag", TAGS[2], TAGS[1]]);
}

#[test]
fn refusals_and_what_is_not_supported() {
    let script = r#"while read -r line; do id=${line#*:\"}; id=${id%%\"*}
        case $id in *1) echo "{\"id\":\"$id\",\"outcome\":\"refuse:P-ALG-2\"}";; *) echo "{\"id\":\"$id\",\"outcome\":\"unsupported\"}";; esac; done"#;
    let report = ask(script).unwrap();
    assert_eq!((report.passed, report.failed, report.not_asked), (0, 1, 3));
    assert_eq!(report.failures[0].differences[0].got, "refuse:P-ALG-2");
    assert!(report.why_not.keys().next().unwrap().contains("does not support"));
}

#[test]
fn programs_that_go_wrong() {
    let first = r#"echo '{"id":"rfc4493-1","outcome":"accept","output":{"tag":"bb1d6929e95937287fa37d129b756746"}}'"#;
    let died = failed("echo no such key >&2; exit 3");
    assert!(
        matches!(&died, ProgramError::Died { status, when, said }
        if status.contains('3') && when.contains("rfc4493-1") && said == "no such key"),
        "{died:?}"
    );
    let died = failed(&format!("read -r line; {first}; exit 0"));
    assert!(matches!(&died, ProgramError::Died { when, .. } if when.contains("rfc4493-2")), "{died:?}");
    let died = failed(&format!("{}; exit 4", answering(TAGS)));
    assert!(matches!(&died, ProgramError::Died { when, .. } if when == "after the last test"), "{died:?}");
    let hung = failed("while :; do sleep 1; done");
    assert!(matches!(&hung, ProgramError::Hung { id, seconds: 2, .. } if id == "rfc4493-1"), "{hung:?}");
    let twice = failed(&format!("read -r line; {first}; read -r line; {first}; read -r line"));
    assert!(
        matches!(&twice, ProgramError::OtherTest { asked, answered, last }
        if asked == "rfc4493-2" && answered == "rfc4493-1" && last == "rfc4493-1"),
        "{twice:?}"
    );
    assert!(twice.to_string().ends_with("answered test rfc4493-1 for the second time"), "{twice}");
    let many = failed(&format!("{}; echo again", answering(TAGS)));
    assert!(matches!(&many, ProgramError::TooMany { id, line } if id == "rfc4493-4" && line == "again"), "{many:?}");
    for (garbage, why) in [
        ("echo hello", "expected value"),
        (r#"echo '{"id":"rfc4493-1","outcome":"fine"}'"#, "unknown outcome `fine`"),
        (r#"echo '{"id":"rfc4493-1","outcome":"accept"}'"#, "`output` is an object with `accept`"),
        (r#"echo '{"id":"rfc4493-1","outcome":"refuse:P-ALG-2","output":{}}'"#, "`output` is an object"),
        (r#"echo '{"id":"rfc4493-1","outcome":"accept","output":{},"more":1}'"#, "unknown field `more`"),
        (r#"echo '["rfc4493-1","unsupported"]'"#, "invalid type: sequence"),
        (r#"echo '{"id":"rfc4493-1","outcome":"unsupported","output":null}'"#, "invalid type: null"),
        (r#"echo '{"id":"rfc4493-1","outcome":"unsupported"} {}'"#, "trailing characters"),
        (r"printf '\377\376\n'", "expected value"),
        ("head -c 2000000 /dev/zero | tr '\\0' x; sleep 1", "longer than"),
    ] {
        let error = failed(&format!("read -r line; {garbage}; read -r line"));
        assert!(
            matches!(&error, ProgramError::Garbage { why: found, .. } if found.contains(why)),
            "{garbage}: {error:?}"
        );
        assert!(!error.to_string().contains('\u{0}'));
    }
}

/// All failures are counted, and as many listed as fit into some megabytes.
#[test]
fn long_wrong_answers_are_not_all_kept() {
    let rfc = text::embedded().into_iter().find(|(name, _)| name == "rfc4493.json").unwrap().1;
    let mut file: serde_json::Value = serde_json::from_str(&rfc).unwrap();
    let test = file["groups"][0]["tests"][0].clone();
    let tests = (0..20).map(|i| {
        let mut test = test.clone();
        test["id"] = format!("test-{i}").into();
        test
    });
    file["groups"][0]["tests"] = tests.collect();
    let script = r#"x=$(head -c 900000 /dev/zero | tr '\0' x)
        while read -r line; do id=${line#*:\"}; id=${id%%\"*}
        echo "{\"id\":\"$id\",\"outcome\":\"accept\",\"output\":{\"tag\":\"$x\"}}"; done"#;
    let report = ask_file(script, file.to_string()).unwrap();
    assert_eq!(report.failed, 20);
    let kept: usize = report.failures.iter().map(|failure| failure.differences[0].got.len()).sum();
    assert!((1_000_000..9_000_000).contains(&kept), "{kept}");
}

/// More than a pipe holds, on both sides.
#[test]
fn programs_that_do_not_read() {
    let rfc = text::embedded().into_iter().find(|(name, _)| name == "rfc4493.json").unwrap().1;
    let large = rfc.replacen("\"message\": \"\"", &format!("\"message\": \"{}\"", "00".repeat(100_000)), 1);
    assert!(large.len() > 200_000);
    let ask_large = |script: &str| wrong(script, ask_file(script, large.clone()));
    let hung = ask_large("exec sleep 60");
    assert!(matches!(&hung, ProgramError::Hung { id, .. } if id == "rfc4493-1"), "{hung:?}");
    let answered = r#"echo '{"id":"rfc4493-1","outcome":"refuse:P-ALG-2"}'; exec sleep 60"#;
    assert!(matches!(ask_large(answered), ProgramError::Hung { .. } | ProgramError::Unasked { .. }));
    let talks = "head -c 3000000 /dev/zero | tr '\\0' x; echo; cat > /dev/null";
    let garbage = ask_large(talks);
    assert!(matches!(&garbage, ProgramError::Garbage { why, .. } if why.contains("longer")), "{garbage:?}");
    // Right answers, without having seen a question.
    let blind = format!("exec 0<&-; {}", answering(TAGS).replace("while read -r line; do", "while [ $n -le 4 ]; do"));
    let blind = failed(&blind);
    assert!(matches!(blind, ProgramError::Died { .. } | ProgramError::Unasked { .. }), "{blind:?}");
}

#[test]
fn programs_that_end_slowly_or_leave_somebody_behind() {
    let report = ask(&format!("{}; exec 1>&-; sleep 0.7; exit 0", answering(TAGS))).unwrap();
    assert_eq!(report.passed, 4);
    let start = std::time::Instant::now();
    let died = failed("sleep 60 < /dev/null > /dev/null & echo no such key >&2; exit 3");
    assert!(
        matches!(&died, ProgramError::Died { status, said, .. } if status.contains('3') && said == "no such key"),
        "{died:?}"
    );
    let hung = failed("echo thinking >&2; sleep 60 & wait");
    assert!(matches!(&hung, ProgramError::Hung { said, .. } if said == "thinking"), "{hung:?}");
    assert!(start.elapsed() < Duration::from_secs(30), "the last words of a child left behind were waited for");
}

#[test]
fn programs_that_do_not_start() {
    let start = |command: &str| Program::start(command, Duration::from_secs(1)).map(|_| ()).unwrap_err();
    assert!(matches!(start(""), ProgramError::CommandLine { .. }));
    assert!(matches!(start("python3 'open"), ProgramError::CommandLine { .. }));
    let error = start("/nowhere/answer --all");
    assert!(matches!(&error, ProgramError::Start { program, .. } if program == "/nowhere/answer"), "{error:?}");
}
