//! `digitally demo`: the story that the project is about, on two cards in memory.

mod story;

use applet_model::purse::Entry;
use digitally::Amount;
use serde_json::json;

use self::story::{Phone, Step};
use super::card::log_lines;
use crate::failure::Failure;
use crate::output::{self, Format, Output};
use crate::screen::Screen;
use crate::session::Session;

/// Watch Alice pay Bob by eight digits each way: two cards in memory, no files
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally demo\n  digitally demo --trace")]
pub struct Args {}

const NEXT: &str = "\
Now with cards of your own (the PIN is asked for):
  digitally card new alice.card --issuer issuer.json --msisdn +254700000001 \\
    --balance 2000
  digitally card new bob.card --issuer issuer.json --msisdn +254700000002
  digitally pay request --card bob.card --from +254700000001 --amount 400
";

impl Args {
    /// Tells the story, each step as it happens.
    ///
    /// # Errors
    /// If a card refuses, which would be a defect.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut steps = Vec::new();
        let ending = story::tell(session, |step| {
            if session.format == Format::Text {
                output::print(&drawn(&step))?;
            }
            steps.push(step);
            Ok(())
        })?;
        let [(alice_before, alice), (bob_before, bob)] =
            [&ending.alice, &ending.bob].map(|end| (end.before, end.after));
        let decimals = ending.money.decimals;
        let json = json!({
            "currency": ending.money.name,
            "decimals": decimals,
            "steps": steps.iter().map(step_json).collect::<Vec<_>>(),
            "balances": {
                "before": {"alice": alice_before.minor_units(), "bob": bob_before.minor_units()},
                "after": {"alice": alice.minor_units(), "bob": bob.minor_units()},
            },
        });
        let table = |name: &str, before: Amount, after: Amount| {
            format!("  {name:6}  {:>14}  ->  {:>14}\n", ending.money.show(before), ending.money.show(after))
        };
        let logs = |entries: &[Entry], contacts: &[_]| -> String {
            log_lines(entries, contacts, &ending.money).map(|line| format!("  {line}\n")).collect()
        };
        let text = format!(
            "Balances, as the cards tell them\n{}{}\nAlice's log\n{}Bob's log\n{}\n{NEXT}",
            table("Alice", alice_before, alice),
            table("Bob", bob_before, bob),
            logs(&ending.alice.log, &ending.alice.contacts),
            logs(&ending.bob.log, &ending.bob.contacts),
        );
        let quiet = format!("{} {}", alice.in_units(decimals), bob.in_units(decimals));
        Ok(Output::new(&json, text, quiet))
    }
}

fn drawn(step: &Step) -> String {
    let screens = Screen::side_by_side(("Alice", &step.alice), ("Bob", &step.bob));
    format!("{}. {}\n{}\n", step.number, step.title, screens)
}

fn step_json(step: &Step) -> serde_json::Value {
    let phone = |screen: &Screen| screen.lines().map(str::to_owned).collect::<Vec<_>>();
    json!({
        "number": step.number,
        "title": step.title,
        "who": match step.who { Phone::Alice => "alice", Phone::Bob => "bob", Phone::Both => "both" },
        "alice": phone(&step.alice),
        "bob": phone(&step.bob),
        "code": step.code,
    })
}
