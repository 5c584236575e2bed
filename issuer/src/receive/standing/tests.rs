#![allow(clippy::arithmetic_side_effects)]
use applet_model::purse::{Folded, Statement};
use applet_model::runtime::Fixed;
use proptest::prelude::*;

use super::*;

/// What a card says that has made so many payments and has had so much history, of which so much has left.
fn statement(payments: u32, history: u32, folded: u32) -> Statement {
    let mut statement = Statement::load(&[0; Statement::LEN]);
    statement.counters.payments = payments;
    (statement.history, statement.entries) = (history, payments + history);
    statement.folded = Folded { count: folded, ..statement.folded };
    statement
}

fn ranges(numbers: &[Numbers]) -> Vec<(u32, u32)> {
    numbers.iter().map(|numbers| (numbers.first, numbers.last)).collect()
}

type Ranges<'a> = &'a [(u32, u32)];

#[track_caller]
fn check(log: &[Place], newest: u32, met: Option<u32>, said: Option<Statement>, missing: Ranges<'_>, gone: Ranges<'_>) {
    let known = met.map(|entries| {
        let mut statement = statement(0, 0, 0);
        statement.entries = entries;
        Known { statement, payments_before: 0, at: 0 }
    });
    let found = apart(log, newest, known.as_ref(), said.as_ref());
    assert_eq!((ranges(&found.0), ranges(&found.1)), (missing.to_vec(), gone.to_vec()), "missing, and gone");
}

const PAID: bool = true;
const HISTORY: bool = false;

#[test]
fn what_is_not_there_is_named() {
    check(&[], 0, None, None, &[], &[]);
    // Without a statement, what is above the newest entry is unknown, and all below it may come.
    check(&[(3, HISTORY), (7, PAID)], 7, None, None, &[(1, 2), (4, 6)], &[]);
    // A statement tells how many there are.
    check(&[(1, HISTORY)], 9, None, Some(statement(4, 5, 0)), &[(2, 9)], &[]);
    // After a contact, nothing older comes any more.
    let log = [(3, HISTORY), (7, HISTORY)];
    check(&log, 9, Some(4), Some(statement(0, 9, 0)), &[(5, 6), (8, 9)], &[(1, 2), (4, 4)]);
}

#[test]
fn history_that_has_left_the_card_does_not_come() {
    // Ten entries, of which the card holds six; the four oldest are gone.
    let log: Vec<Place> = (5..=10).map(|number| (number, HISTORY)).collect();
    check(&log, 10, None, Some(statement(0, 10, 4)), &[], &[(1, 4)]);
    // Two of the six are missing as well, one of them next to those that are gone.
    let log: Vec<Place> = [6, 7, 9, 10].map(|number| (number, HISTORY)).to_vec();
    check(&log, 10, None, Some(statement(0, 10, 4)), &[(5, 5), (8, 8)], &[(1, 4)]);
    // Payments that are there take no place in the history.
    let log = [(3, PAID), (6, HISTORY), (8, PAID)];
    check(&log, 8, None, Some(statement(2, 6, 3)), &[(5, 5), (7, 7)], &[(1, 2), (4, 4)]);
    // A payment is missing: it may be any of them.
    let log = [(6, HISTORY), (8, PAID)];
    check(&log, 8, None, Some(statement(2, 6, 3)), &[(1, 5), (7, 7)], &[]);
    // What came after the statement is not told of by it.
    let log: Vec<Place> = [5, 6, 7, 8, 9, 10, 13].map(|number| (number, HISTORY)).to_vec();
    check(&log, 13, None, Some(statement(0, 10, 4)), &[(11, 12)], &[(1, 4)]);
}

#[test]
fn to_the_last_number() {
    check(&[(u32::MAX, HISTORY)], u32::MAX, None, None, &[(1, u32::MAX - 1)], &[]);
    check(&[(u32::MAX, HISTORY)], u32::MAX, Some(u32::MAX), None, &[(1, u32::MAX - 1)], &[]);
    check(&[], u32::MAX, Some(u32::MAX), Some(statement(0, u32::MAX, u32::MAX)), &[], &[(1, u32::MAX)]);
    assert_eq!(Numbers { first: 3, last: 3 }.to_string(), "3");
    assert_eq!(Numbers { first: 3, last: 5 }.to_string(), "3 to 5");
}

proptest! {
    /// Every number is there, missing or gone, and once; and with no payment missing, those are gone that are history and left.
    #[test]
    fn as_a_card_would_say(
        kinds in prop::collection::vec((any::<bool>(), any::<bool>()), 0..60),
        held in 0_usize..20,
    ) {
        let number = |index: usize| u32::try_from(index).unwrap() + 1;
        let all: Vec<Place> = kinds.iter().enumerate().map(|(index, (paid, _))| (number(index), *paid)).collect();
        let history: Vec<u32> = all.iter().filter(|(_, paid)| !paid).map(|(number, _)| *number).collect();
        let left = history.len().saturating_sub(held);
        let payments = all.len() - history.len();
        let count = |count: usize| u32::try_from(count).unwrap();
        let said = statement(count(payments), count(history.len()), count(left));
        let there: Vec<Place> =
            all.iter().zip(&kinds).filter(|((_, paid), (_, come))| *paid || *come).map(|(place, _)| *place).collect();
        let (missing, gone) = apart(&there, count(all.len()), None, Some(&said));
        let flat = |numbers: &[Numbers]| numbers.iter().flat_map(|one| one.first..=one.last).collect::<Vec<u32>>();
        let absent = |number: &&u32| !there.iter().any(|(there, _)| there == *number);
        let expected: Vec<u32> = history[..left].iter().filter(absent).copied().collect();
        prop_assert_eq!(flat(&gone), expected);
        let expected: Vec<u32> = history[left..].iter().filter(absent).copied().collect();
        prop_assert_eq!(flat(&missing), expected);
    }
}
