//! `digitally issuer contact`

mod failure;

use std::path::Path;

use ::issuer::contact::{NewLimits, Report, Terms, Value, ValueDone, Wishes, contact};
use ::issuer::register::ValueKind;
use applet_model::purse::{Life, Settled};
use serde_json::json;

use crate::command::card::CardArg;
use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::issue::now;
use crate::issuer::Opened;
use crate::money::Money;
use crate::output::Output;
use crate::progress::Progress;
use crate::purse::Purse;
use crate::secret::{Secret, Source};
use crate::session::Session;
use crate::typed;

/// Meet a card: take its log up, start its caps again, change what it allows, move value
///
/// Once or a hundred times, the effect is the same; cut off anywhere, the same command goes on. The log goes into the register,
/// each entry with its MAC. A card that was copied back from an older image is found by its counters, and suspended.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally issuer contact --issuer issuer.json --card alice.card\n  \
                        digitally issuer contact --issuer issuer.json --reader '00 00' --top-up 500 --reference 'receipt 17'\n  \
                        digitally issuer contact --issuer issuer.json --card bob.card --suspend")]
pub struct Args {
    /// The issuer file that the card was made with
    #[arg(long, value_name = "FILE")]
    issuer: String,
    #[command(flatten)]
    card: CardArg,
    /// Highest amount of one payment from now on, in currency units
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    max_payment: Option<String>,
    /// Highest balance from now on, in currency units
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    max_balance: Option<String>,
    /// Requests that may be opened between contacts from now on
    #[arg(long, value_name = "N")]
    max_requests: Option<u16>,
    /// Wrong responses that may be typed between contacts from now on
    #[arg(long, value_name = "N")]
    max_wrong_codes: Option<u16>,
    /// Suspend the purse: it pays no more, and is paid no more, until it is resumed
    #[arg(long, conflicts_with = "resume")]
    suspend: bool,
    /// Resume a suspended purse; one that was copied back is never resumed
    #[arg(long)]
    resume: bool,
    /// Load so much, in currency units, once for each --reference
    #[arg(
        long,
        value_name = "AMOUNT",
        conflicts_with = "cash_out",
        requires = "reference",
        allow_negative_numbers = true
    )]
    top_up: Option<String>,
    /// Take so much off, in currency units, once for each --reference; needs the holder's PIN
    #[arg(long, value_name = "AMOUNT", requires = "reference", allow_negative_numbers = true)]
    cash_out: Option<String>,
    /// What you call this top-up or cash-out, for instance the number of its receipt: with the same name it is the same one,
    /// and is not carried out twice
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// A file with the holder's PIN, for --cash-out; - for standard input; without it the PIN is asked for
    #[arg(long, value_name = "FILE", requires = "cash_out")]
    pin_file: Option<String>,
    /// Settle a request of this card yourself: its response is never taken any more. The payer's number, a colon, the serial
    #[arg(id = "settle", long, value_name = "PAYER:SERIAL")]
    settled: Vec<String>,
    /// Try a card again that had other keys than it said
    #[arg(long)]
    yes: bool,
}

impl Args {
    /// Meets the card.
    ///
    /// # Errors
    /// If the card is not this issuer's, refuses, or cannot be reached; what was done stays done.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut opened = Opened::open(Path::new(&self.issuer))?;
        let mut purse = Purse::open(session, self.card.place())?;
        let wishes = self.wishes(&purse.money)?;
        let terms = Terms { again: self.yes, ..Terms::new(&opened.issuer, now()) };
        let mut progress = Progress::new(session);
        let outcome = contact(
            purse.client.transport(),
            &terms,
            &mut opened.register,
            &wishes,
            &mut *session.random(),
            &mut |step| progress.show(|| step.name().to_owned()),
        );
        progress.clear();
        let report = outcome.map_err(|error| failure::of(error, &mut purse, &self.issuer, wishes.value.as_ref()))?;
        let exit = if report.findings.is_empty() { Exit::Done } else { Exit::Refused };
        let text = text(&report, &purse.money, wishes.value.as_ref());
        Ok(Output::new(&json(&report, wishes.value.as_ref()), text, report.after.contact).exiting(exit))
    }

    fn wishes(&self, money: &Money) -> Result<Wishes, Failure> {
        let amount = |text: &Option<String>| text.as_deref().map(|text| typed::amount(text, money)).transpose();
        let value = match (&self.top_up, &self.cash_out) {
            (Some(text), _) => Some((ValueKind::Load, text, None)),
            (None, Some(text)) => {
                let pin = Source::typed(self.pin_file.as_deref()).read(Secret::Pin)?;
                Some((ValueKind::Unload, text, Some(pin)))
            }
            (None, None) => None,
        };
        let value = value.map(|(kind, text, pin)| {
            let reference = self.reference.clone().unwrap_or_default();
            let long = reference.chars().count() > LONGEST_REFERENCE;
            if reference.trim().is_empty() || long || reference.contains(char::is_control) {
                return Err(Failure::new(
                    ErrorCode::Usage,
                    format!("a reference has 1 to {LONGEST_REFERENCE} characters, none of them a control character"),
                )
                .help(
                    "name this order of value, for instance by the number of its receipt: --reference 'receipt 17'",
                ));
            }
            Ok(Value { kind, amount: typed::amount(text, money)?, reference, pin })
        });
        Ok(Wishes {
            limits: NewLimits {
                payment: amount(&self.max_payment)?,
                balance: amount(&self.max_balance)?,
                opens: self.max_requests,
                failures: self.max_wrong_codes,
            },
            suspended: (self.suspend || self.resume).then_some(self.suspend),
            settled: self.settled.iter().map(|text| settled(text)).collect::<Result<_, _>>()?,
            value: value.transpose()?,
        })
    }
}

/// In characters.
const LONGEST_REFERENCE: usize = 64;

fn settled(text: &str) -> Result<Settled, Failure> {
    let parts = text.split_once(':').and_then(|(payer, serial)| Some((payer, serial.parse().ok()?)));
    let (payer, serial) = parts.ok_or_else(|| {
        Failure::new(ErrorCode::Usage, "--settle takes a number, a colon and a serial")
            .typed(text, 0, text.len(), "PAYER:SERIAL")
            .help("for instance --settle +254700000001:17; the serial is the nonce of the payment in the payer's log")
    })?;
    Ok(Settled { payer: Some(typed::number(payer)?), serial })
}

/// How many, in words.
fn count(n: impl Into<u64>, one: &str, many: &str) -> String {
    match n.into() {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        n => format!("{n} {many}"),
    }
}

/// What was moved, in words.
fn moved(done: ValueDone, value: &Value, money: &Money) -> String {
    let way = if value.kind == ValueKind::Load { "loaded" } else { "unloaded" };
    let when = if done == ValueDone::Now { "" } else { " before, and not again" };
    format!("{} {way}{when} ({})", money.show(value.amount), value.reference)
}

fn text(report: &Report, money: &Money, value: Option<&Value>) -> String {
    let Report { card, before, after, .. } = report;
    let mut lines = Vec::new();
    let missing = match report.unseen {
        0 => String::new(),
        n => format!("; {} left the card before", count(n, "entry", "entries")),
    };
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    lines.push((
        "log",
        format!(
            "{} and {} came up{missing}",
            count(number(report.payments), "payment", "payments"),
            count(number(report.history), "other entry", "other entries")
        ),
    ));
    let acknowledged = after.acknowledged.saturating_sub(before.acknowledged);
    if acknowledged > 0 {
        lines.push(("acknowledged", count(acknowledged, "payment", "payments")));
    }
    let (opened, wrong) = (before.counters.opened_since_contact, before.counters.wrong_responses_since_contact);
    if !report.orders.is_empty() && (opened > 0 || wrong > 0) {
        let requests = count(opened, "request", "requests");
        lines.push((
            "caps",
            format!("{requests} and {} start again", count(wrong, "wrong response", "wrong responses")),
        ));
    }
    if after.limits != before.limits {
        let limits = &after.limits;
        let (payment, balance) = (money.show(limits.payment), money.show(limits.balance));
        let (opens, failures) = (limits.opens, limits.failures);
        lines.push((
            "limits",
            format!("{payment} a payment, {balance} in the purse; {opens} requests, {failures} wrong responses"),
        ));
    }
    if after.keys != before.keys {
        lines.push(("keys", format!("epoch {} in use, epoch {} beside it", after.keys.epoch, after.keys.other_epoch)));
    }
    if let Some(menu) = &report.menu {
        lines.push(("menu", super::menu::words(menu)));
    }
    let life = after.holder.life();
    if life != before.holder.life() || life != Life::Personalised {
        lines.push(("life cycle", life.name().to_owned()));
    }
    if let (Some(done), Some(value)) = (report.value, value) {
        lines.push(("value", moved(done, value, money)));
    }
    if let Some(open) = &report.open {
        lines.push(("open", format!("{} of {}: not carried out yet", open.reference, money.show(open.order.amount))));
    }
    lines.push(("balance", money.show(after.balance)));
    for finding in &report.findings {
        lines.push(("found", format!("{finding}; the card is suspended, and has to be replaced")));
    }
    let done = match (report.orders.as_slice(), report.value) {
        ([], None) => "met, nothing to change".to_owned(),
        ([], Some(_)) => "met".to_owned(),
        _ => format!("contact {}", after.contact),
    };
    let head = format!("{}, card {}: {done}\n", card.number, card.place.sequence);
    lines.into_iter().fold(head, |text, (what, line)| format!("{text}  {what:<12}  {line}\n"))
}

fn json(report: &Report, value: Option<&Value>) -> serde_json::Value {
    let Report { card, before, after, .. } = report;
    let value = report.value.zip(value).map(|(done, value)| {
        json!({
            "kind": value.kind.name(),
            "amount": value.amount.minor_units(),
            "reference": value.reference,
            "carried_out": if done == ValueDone::Now { "now" } else { "before" },
        })
    });
    let open = report.open.as_ref().map(|open| {
        json!({"kind": open.kind.name(), "amount": open.order.amount.minor_units(), "reference": open.reference})
    });
    json!({
        "msisdn": card.number.to_string(),
        "sequence": card.place.sequence,
        "contact": after.contact,
        "orders": report.orders,
        "log": {"payments": report.payments, "history": report.history, "unseen": report.unseen},
        "acknowledged": after.acknowledged.saturating_sub(before.acknowledged),
        "caps": {
            "requests": before.counters.opened_since_contact,
            "wrong_codes": before.counters.wrong_responses_since_contact,
        },
        "limits": {
            "payment": after.limits.payment.minor_units(),
            "balance": after.limits.balance.minor_units(),
            "requests": after.limits.opens,
            "wrong_codes": after.limits.failures,
        },
        "key_epoch": after.keys.epoch,
        "other_key_epoch": (after.keys.other_scheme > 0 || after.keys.other_epoch > 0).then_some(after.keys.other_epoch),
        "menu": report.menu.as_ref().map(super::menu::json),
        "life_cycle": after.holder.life().name(),
        "value": value,
        "open": open,
        "balance": after.balance.minor_units(),
        "findings": report.findings,
    })
}
