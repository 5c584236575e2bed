//! The account as text, for a terminal of 120 columns.

use std::fmt::Write;

use digitally::{Profile, entropy};

use super::number::{self, money, whole_money};
use super::{Account, Better, Figures, Group, Help, Row, Span, Worth};
use crate::Policy;

pub(super) fn table(account: &Account) -> String {
    let mut text = String::new();
    head(&mut text, &account.policy);
    let mut group = None;
    for row in &account.rows {
        if group != Some(row.subject.group) {
            group = Some(row.subject.group);
            heading(&mut text, row.subject.group);
        }
        block(&mut text, account, row);
    }
    windows(&mut text, account);
    text
}

// Writing to a string cannot fail.
fn head(text: &mut String, policy: &Policy) {
    let Policy { name, currency, decimals, .. } = policy;
    let limit = money(f64::from(policy.limit), *decimals);
    let _ = writeln!(
        text,
        "Policy {name}: {} tries a request; {} failed responses and {} requests between contacts, {} days apart.\n\
         Payments up to {limit} {currency}, {} a day. An attacker has {} recorded responses,\n\
         and types {} responses and opens {} requests a day.\n\
         Each number is a chance; money is in {currency}, expected and at most, each success at the limit of a payment.",
        policy.tries_per_request,
        policy.failed_responses,
        policy.requests,
        policy.days_between_contacts,
        policy.payments_per_day,
        policy.recorded,
        policy.attack_tries_per_day,
        policy.attack_requests_per_day,
    );
}

fn heading(text: &mut String, group: Group) {
    let title = match group {
        Group::Attack => "ATTACKS",
        Group::Mistake => "MISTAKES OF HONEST PEOPLE",
        Group::State => "STATE LEFT BEHIND",
    };
    let _ = writeln!(
        text,
        "\n{title}\n  {:<14} {:>9} {:>9} {:>9} {:>9}  {:>23}  {:>23}  {:>9}",
        "", "a try", "a request", "a day", "contact", "money a day", "money until contact", "better"
    );
}

fn block(text: &mut String, account: &Account, row: &Row) {
    let subject = row.subject;
    let _ = writeln!(text, "\n{}: {}", subject.title, worths(account, row));
    let _ = writeln!(text, "  {}", subject.meaning);
    if let Help::Neither(reason) = subject.help {
        let _ = writeln!(text, "  Not helped: {reason}.");
    }
    for ((profile, figures), better) in account.profiles.iter().zip(&row.figures).zip(&row.better) {
        line(text, account.policy.decimals, profile, figures, *better);
    }
}

/// What a success is, and under which profiles where they differ.
fn worths(account: &Account, row: &Row) -> String {
    let all = [Worth::Made, Worth::Failed, Worth::Nothing].map(|worth| {
        let entries = account.profiles.iter().zip(&row.figures).filter(|(_, figures)| figures.worth == worth);
        (worth.in_words(), entries.map(|(profile, _)| profile.name).collect::<Vec<_>>())
    });
    let part = |(words, names): &(&str, Vec<&str>)| match names.len() {
        0 => None,
        count if count == account.profiles.len() => Some((*words).to_owned()),
        _ => Some(format!("{words} ({})", names.join(", "))),
    };
    all.iter().filter_map(part).collect::<Vec<_>>().join(", ")
}

impl Worth {
    /// In words.
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Made => "money made",
            Self::Failed => "a failed payment",
            Self::Nothing => "no harm",
        }
    }
}

fn line(text: &mut String, decimals: u8, profile: &Profile, figures: &Figures, better: Better) {
    let chance = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number::chance);
    let expected = |span: Option<Span>| span.map_or_else(|| "-".to_owned(), |span| money(span.expected, decimals));
    let at_most = |span: Option<Span>| span.map_or_else(|| "-".to_owned(), |span| whole_money(span.at_most, decimals));
    let (day, contact) = (figures.per_day, figures.until_contact);
    let _ = writeln!(
        text,
        "  {:<14} {:>9} {:>9} {:>9} {:>9}  {:>11} {:>11}  {:>11} {:>11}  {:>9}",
        profile.name,
        number::chance(figures.per_try),
        chance(figures.per_request),
        chance(day.map(|span| span.chance)),
        chance(contact.map(|span| span.chance)),
        expected(day),
        at_most(day),
        expected(contact),
        at_most(contact),
        match better {
            Better::Times(times) => number::times(times),
            Better::Ended => "ended".to_owned(),
        },
    );
}

/// How far the payer looks, and for how long that is enough.
fn windows(text: &mut String, account: &Account) {
    let _ =
        writeln!(text, "\nWindows: N_B that are tried for one typed code, and requests in a row that may be abandoned");
    for profile in &account.profiles {
        let [once, twice] = [false, true].map(|again| entropy::candidates(profile, again));
        let _ = write!(text, "  {:<14} payee 1, payer {once}, the same code again {twice}; ", profile.name);
        match (entropy::abandonable(profile, false), entropy::abandonable(profile, true)) {
            (Some(nearest), Some(farthest)) => {
                let policy = &account.policy;
                let days = f64::from(nearest) * f64::from(policy.serial_buckets) / f64::from(policy.payments_per_day);
                let _ = writeln!(
                    text,
                    "abandoned {nearest}, again {farthest}:\n\
                     {:17}a payer never seen before types twice after {:.1} years of {} requests a day in {} buckets",
                    "",
                    days / 365.25,
                    policy.payments_per_day,
                    policy.serial_buckets,
                );
            }
            _ => {
                let _ = writeln!(text, "abandoned without end: N_B is shown in full");
            }
        }
    }
}
