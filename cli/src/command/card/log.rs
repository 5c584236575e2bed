//! `digitally card log`

use std::fmt::Write;

use applet_model::purse::{Contact, Entry, File, Folded, ShownRequest};
use serde_json::{Value, json};

use super::CardArg;
use crate::failure::Failure;
use crate::money::Money;
use crate::output::Output;
use crate::purse::{Purse, named};
use crate::session::Session;
use crate::trace::kind;

/// Show what was paid and received, newest last, and the open requests
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card log --card bob.card")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
}

impl Args {
    /// Reads both logs and the open requests.
    ///
    /// # Errors
    /// If the card cannot be read.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let contacts = purse.contacts()?;
        let entries = log(&mut purse)?;
        let folded: Folded = purse.data()?;
        let requests = purse.requests()?;
        let json = json!({
            "currency": purse.money.name,
            "decimals": purse.money.decimals,
            "folded": folded.count,
            "entries": entries.iter().map(|entry| entry_json(entry, &contacts)).collect::<Vec<_>>(),
            "requests": requests.iter().map(|shown| request_json(shown, &contacts)).collect::<Vec<_>>(),
        });
        let mut text = String::new();
        if folded.count > 0 {
            let _ = writeln!(text, "{} older entries made room; their sum and MAC chain remain", folded.count);
        }
        if entries.is_empty() {
            text.push_str("nothing was paid or received yet\n");
        }
        for line in log_lines(&entries, &contacts, &purse.money) {
            let _ = writeln!(text, "{line}");
        }
        if !requests.is_empty() {
            text.push_str("open requests, newest first:\n");
        }
        for shown in &requests {
            let _ = writeln!(text, "{}", request_line(shown, &contacts, &purse.money));
        }
        let quiet: Vec<_> = log_lines(&entries, &contacts, &purse.money).collect();
        Ok(Output::new(&json, text, quiet.join("\n")))
    }
}

/// Both logs in one, oldest first.
///
/// # Errors
/// If the card cannot be read.
pub fn log(purse: &mut Purse) -> Result<Vec<Entry>, Failure> {
    let mut entries = purse.entries(File::Payments)?;
    entries.extend(purse.entries(File::History)?);
    entries.sort_by_key(|entry| entry.number);
    Ok(entries)
}

/// Entries as lines of a table.
pub fn log_lines<'a>(entries: &'a [Entry], contacts: &'a [Contact], money: &'a Money) -> impl Iterator<Item = String> {
    entries.iter().map(|entry| {
        let sign = if matches!(entry.kind, Entry::PAID | Entry::UNLOADED) { '-' } else { '+' };
        let peer = match entry.peer {
            Some(number) => named(contacts, number).to_string(),
            None => "issuer".to_owned(),
        };
        let amount = format!("{sign}{}", entry.amount.in_units(money.decimals));
        let balance = money.show(entry.balance);
        format!(
            "{number:>4}  {kind:8}  {amount:>12}  {peer}, balance {balance}",
            number = entry.number,
            kind = kind(entry)
        )
    })
}

fn request_line(shown: &ShownRequest, contacts: &[Contact], money: &Money) -> String {
    let open = &shown.open;
    let payer = open.payer.map(|number| named(contacts, number).to_string()).unwrap_or_default();
    let state = if open.cancelled == 0 { "" } else { ", cancelled" };
    format!(
        "{id:>4}  {code}  {amount} from {payer}, {tries} tries left{state}",
        id = open.id,
        code = shown.code,
        amount = money.show(open.amount),
        tries = open.tries,
    )
}

fn entry_json(entry: &Entry, contacts: &[Contact]) -> Value {
    let peer = entry.peer.map(|number| named(contacts, number));
    json!({
        "number": entry.number,
        "kind": kind(entry),
        "peer": peer.as_ref().map(|peer| peer.number.to_string()),
        "name": peer.and_then(|peer| peer.name),
        "amount": entry.amount.minor_units(),
        "balance": entry.balance.minor_units(),
    })
}

fn request_json(shown: &ShownRequest, contacts: &[Contact]) -> Value {
    let open = &shown.open;
    let payer = open.payer.map(|number| named(contacts, number));
    json!({
        "request": open.id,
        "payer": payer.as_ref().map(|payer| payer.number.to_string()),
        "name": payer.and_then(|payer| payer.name),
        "amount": open.amount.minor_units(),
        "tries": open.tries,
        "cancelled": open.cancelled != 0,
        "code": shown.code.ungrouped().to_string(),
    })
}
