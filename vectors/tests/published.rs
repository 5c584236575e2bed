//! The files that come with the crate: every subject passes them.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod blank;

use std::cell::Cell;
use std::rc::Rc;

use apdu::Transport;
use card_sim::Card;
use vectors::{CardError, Cards, Filter, Library, OnCards, Report, Subject};

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

/// As readers have them: so many at once, and no more.
struct Few {
    blank: blank::Blank,
    most: usize,
    lent: Rc<Cell<usize>>,
}

struct Lent(Card, Rc<Cell<usize>>);

impl Drop for Lent {
    fn drop(&mut self) {
        self.1.set(self.1.get() - 1);
    }
}

impl Transport for Lent {
    type Error = <Card as Transport>::Error;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.transmit(command, response)
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        self.0.reset()
    }

    fn atr(&self) -> &[u8] {
        self.0.atr()
    }
}

impl Cards for Few {
    type Card = Lent;

    fn blank(&mut self) -> Result<Lent, CardError> {
        assert!(self.lent.get() < self.most, "a card more than there can be");
        self.lent.set(self.lent.get() + 1);
        Ok(Lent(self.blank.blank()?, Rc::clone(&self.lent)))
    }

    fn at_once(&self) -> Option<usize> {
        Some(self.most)
    }
}

/// With few readers, what takes more cards is not asked, with the reason; with enough, all is asked.
#[test]
fn no_more_cards_at_once_than_there_are() {
    let mut asked = Vec::new();
    for most in 1..=3 {
        let reports = run(OnCards(Few { blank: blank::Blank::default(), most, lent: Rc::default() }));
        let live = reports.iter().find(|report| report.kind == "live").unwrap();
        assert_eq!(live.failures, []);
        assert!(
            live.why_not.keys().all(|why| why.contains(&format!("there can be {most} card"))),
            "{:?}",
            live.why_not
        );
        asked.push(live.passed);
    }
    assert!(0 < asked[0] && asked[0] < asked[1] && asked[1] < asked[2], "{asked:?}");
    assert_eq!(asked[2], 83);
}
