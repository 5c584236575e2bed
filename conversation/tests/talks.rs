//! The files in `talks`, played over every way there is.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use conversation::{Outcome, Script};
use world::{InProcess, OverT0, OverT1, Way, files, play, script, talks};

fn as_expected<W: Way>(script: &Script, way: &W) -> Result<Outcome, String> {
    let outcome = play(script, way, &mut |_| {}).map_err(|error| format!("{}: {error}", way.name()))?;
    match &outcome.missed {
        Some(missed) => Err(format!("{}: {missed}", way.name())),
        None => Ok(outcome),
    }
}

/// One line for each way.
fn over_every_way(script: &Script) -> Result<usize, String> {
    let outcomes = [as_expected(script, &InProcess)?, as_expected(script, &OverT0)?, as_expected(script, &OverT1)?];
    for other in &outcomes[1..] {
        outcomes[0].difference(other).map_or(Ok(()), |difference| Err(difference.to_string()))?;
    }
    Ok(outcomes[0].answers.len())
}

/// Plays all files of a folder, and returns how many answers each got.
fn folder(name: &str, play: impl Fn(&Script) -> Result<usize, String>) -> Vec<(String, usize)> {
    let (mut answers, mut failed) = (Vec::new(), Vec::new());
    for file in files(&talks().join(name)) {
        match play(&script(&file)) {
            Ok(count) => answers.push((file.file_stem().unwrap().to_str().unwrap().to_owned(), count)),
            Err(error) => failed.push(error),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    answers
}

#[test]
fn as_expected_and_the_same_over_every_way() {
    let mute: Vec<String> =
        folder("", over_every_way).into_iter().filter(|(_, count)| *count == 0).map(|(name, _)| name).collect();
    assert_eq!(mute, ["people"], "only what others include says nothing by itself");
}

#[test]
fn what_only_whole_commands_show() {
    let answers = folder("whole-commands", |script| Ok(as_expected(script, &OverT1)?.answers.len()));
    assert!(!answers.is_empty() && answers.iter().all(|(_, count)| *count > 0), "{answers:?}");
}
