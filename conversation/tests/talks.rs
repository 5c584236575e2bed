//! The files in `talks`, played over every way there is.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod world;

use conversation::{Outcome, Script};
use world::{InProcess, Passed, Way, files, play, script, talks};

fn as_expected<W: Way>(script: &Script, file: &str, way: &W) -> Outcome {
    let outcome = play(script, way, &mut |_| {}).unwrap_or_else(|error| panic!("{}: {error}", way.name()));
    if let Some(missed) = &outcome.missed {
        panic!("{file}, {}:\n{missed}", way.name());
    }
    outcome
}

#[test]
fn as_expected_and_the_same_over_every_way() {
    let mut played = 0;
    for file in files(&talks()) {
        let (script, name) = (script(&file), file.display().to_string());
        let outcomes = [as_expected(&script, &name, &InProcess), as_expected(&script, &name, &Passed)];
        for other in &outcomes[1..] {
            if let Some(difference) = outcomes[0].difference(other) {
                panic!("{difference}");
            }
        }
        played += usize::from(!outcomes[0].answers.is_empty());
    }
    // All but `people.talk`, which others include.
    assert_eq!(played, files(&talks()).len() - 1);
}
