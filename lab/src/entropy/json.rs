//! The account as JSON. Money is in minor units; what has no bound or no rate is null.

use digitally::profile::{Field, NonceRule, Split};
use digitally::{Profile, entropy};
use serde_json::{Value, json};

use super::{Account, Better, Figures, Row, Span, Worth};

pub(super) fn json(account: &Account) -> Value {
    json!({
        "policy": account.policy,
        "profiles": account.profiles.iter().map(profile).collect::<Vec<_>>(),
        "rows": account.rows.iter().map(|entry| row(account, entry)).collect::<Vec<_>>(),
    })
}

fn profile(profile: &Profile) -> Value {
    let split = |split: Split| json!({"nonce": split.nonce, "check": split.check});
    let payee_nonce = match profile.payee_nonce {
        NonceRule::Random => json!("random"),
        NonceRule::Serial { further } => json!({"serial": {"further": further}}),
    };
    json!({
        "name": profile.name,
        "request": split(profile.request),
        "response": split(profile.response),
        "payee_nonce": payee_nonce,
        "response_covers": if profile.response_covers.contains(&Field::Amount) { "amount" } else { "check" },
        "windows": {
            "payee": 1,
            "payer": entropy::candidates(profile, false),
            "payer_again": entropy::candidates(profile, true),
            "abandonable": entropy::abandonable(profile, false),
            "abandonable_again": entropy::abandonable(profile, true),
        },
    })
}

fn row(account: &Account, row: &Row) -> Value {
    let entries = account.profiles.iter().zip(&row.figures).zip(&row.better);
    json!({
        "id": row.subject.id,
        "group": row.subject.group.name(),
        "title": row.subject.title,
        "meaning": row.subject.meaning,
        "helped_by": row.subject.help.name(),
        "reason": row.subject.help.reason(),
        "figures": entries.map(|((profile, own), better)| figures(profile, own, *better)).collect::<Vec<_>>(),
    })
}

fn figures(profile: &Profile, figures: &Figures, better: Better) -> Value {
    json!({
        "profile": profile.name,
        "worth": figures.worth.name(),
        "per_try": figures.per_try,
        "per_request": figures.per_request,
        "per_day": figures.per_day.map(span),
        "until_contact": figures.until_contact.map(span),
        "better_than_first_protocol": match better {
            Better::Times(times) => json!(times),
            Better::Ended => json!("ended"),
        },
    })
}

// JSON has no infinity: serde_json writes null.
fn span(span: Span) -> Value {
    json!({"chance": span.chance, "money_expected": span.expected, "money_at_most": span.at_most})
}

impl Worth {
    const fn name(self) -> &'static str {
        match self {
            Self::Made => "money-made",
            Self::Failed => "failed-payment",
            Self::Nothing => "nothing",
        }
    }
}
