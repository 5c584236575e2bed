//! The files that come with the crate: every subject passes them.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod blank;

use vectors::{Filter, Library, OnCards, Report, Subject};

fn run(mut subject: impl Subject) -> Vec<Report> {
    vectors::verify(&vectors::embedded(), &mut subject, &Filter::default(), &mut ()).unwrap()
}

fn total(reports: &[Report], kinds: &[&str], count: fn(&Report) -> u64) -> u64 {
    reports.iter().filter(|report| kinds.contains(&report.kind.as_str())).map(count).sum()
}

#[test]
fn the_library_passes_all_static_ones() {
    let reports = run(Library);
    assert_eq!(reports.len(), vectors::embedded().len());
    for report in &reports {
        assert_eq!(report.failures, [], "{}", report.name);
        let live = report.kind == "live";
        assert_eq!((report.passed == 0, report.not_asked == 0), (live, !live), "{}", report.name);
    }
}

/// What no command asks, and what no command can carry, is counted and said, never passed over.
#[test]
fn a_card_passes_all_that_can_be_asked_of_one() {
    let reports = run(OnCards(blank::Blank::default()));
    for report in &reports {
        assert_eq!(report.failures, [], "{}", report.name);
        assert_eq!(report.not_asked == 0, report.why_not.is_empty());
    }
    let askable = ["code", "refusal", "live"];
    let (passed, not) = (total(&reports, &askable, |r| r.passed), total(&reports, &askable, |r| r.not_asked));
    println!("{passed} passed, {not} cannot be asked");
    assert!(passed > 900 && not < 90, "{passed} passed, {not} cannot be asked");
    let others = ["mac", "derive", "accumulated", "apdu", "tlv"];
    assert_eq!(total(&reports, &others, |report| report.passed), 0);
}
