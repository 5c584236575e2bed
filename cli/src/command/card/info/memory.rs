//! What a card's memory is spent on, against the budget of an overlay SIM; what a payment writes; and how worn it is.

use std::fmt::Write;

use applet_model::purse::{self, Capacity, PAYEE, PAYER, RESERVED, Work, byte_table, writes};
use applet_model::runtime::{Applet, Demand, WriteCost};
use card_sim::Card;
use serde_json::{Value, json};

use crate::memory::Condition;

/// Persistent memory of an overlay SIM, in bytes.
const PERSISTENT: usize = 32 * 1024;
/// Its transient memory.
const TRANSIENT: usize = 2 * 1024;

/// Memory, its use and its wear.
pub struct Memory {
    capacity: Capacity,
    /// What the purse takes.
    purse: Demand,
    /// What only a software card tells.
    card: Option<Own>,
}

/// What a software card tells of itself.
struct Own {
    /// What it takes beside its applets.
    demand: Demand,
    /// What the applets other than the purse take.
    others: Demand,
    cost: WriteCost,
    condition: Condition,
}

impl Memory {
    /// The memory of a purse of this capacity, and of the software card that it is on, if it is on one.
    pub fn of(capacity: Capacity, card: Option<&Card>) -> Self {
        let purse = purse::Purse::new(capacity).demand();
        let own = |card: &Card| {
            let none = Demand { persistent: 0, until_deselect: 0, until_reset: 0 };
            let all = card.demands().fold(none, |sum, (_, one)| plus(sum, one));
            let others = Demand {
                persistent: all.persistent.saturating_sub(purse.persistent),
                until_deselect: all.until_deselect.saturating_sub(purse.until_deselect),
                until_reset: all.until_reset.saturating_sub(purse.until_reset),
            };
            Own { demand: Card::own_demand(), others, cost: Card::WRITE_COST, condition: Condition::of(card) }
        };
        Self { capacity, purse, card: card.map(own) }
    }

    /// All that is taken on the card, as far as it is known; without what is reserved.
    fn all(&self) -> Demand {
        self.card.as_ref().map_or(self.purse, |card| plus(plus(self.purse, card.demand), card.others))
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = "persistent memory, in bytes\n".to_owned();
        let mut row = |what: &str, bytes: usize| {
            let _ = writeln!(text, "  {what:48} {bytes:>6}");
        };
        for (what, bytes) in byte_table(self.capacity) {
            row(what, bytes);
        }
        row("reserved for pairwise keys", RESERVED);
        if let Some(card) = &self.card {
            row("the card's journal", card.demand.persistent);
            if card.others.persistent > 0 {
                row("other applets", card.others.persistent);
            }
        }
        let all = self.all();
        let _ = writeln!(text, "  {:48} {:>6} of {PERSISTENT}", "all", all.persistent.saturating_add(RESERVED));
        let _ = writeln!(text, "transient memory, in bytes\n  {:48} {:>6}", "the purse", transient(self.purse));
        if let Some(card) = &self.card {
            let what = "the card: a command in pieces, an answer";
            let _ = writeln!(text, "  {what:48} {:>6}", transient(card.demand));
            if card.others != (Demand { persistent: card.others.persistent, until_deselect: 0, until_reset: 0 }) {
                let _ = writeln!(text, "  {:48} {:>6}", "other applets", transient(card.others));
            }
        }
        let _ = writeln!(text, "  {:48} {:>6} of {TRANSIENT}", "all", transient(all));
        if let Some(Own { cost, condition, .. }) = &self.card {
            let commands = |work: &[Work]| {
                let each = work.iter().map(|one| format!("{} {}", one.command, one.writes(*cost)));
                format!("{} ({})", writes(work, *cost), each.collect::<Vec<_>>().join(", "))
            };
            let _ = writeln!(text, "a payment    writes at most {} as payer,", commands(&PAYER));
            let _ = writeln!(text, "             {} as payee", commands(&PAYEE));
            text += &condition.wear_text();
        }
        text
    }

    /// As JSON: the memory, the writes of a payment, and the wear; the last two null where the card does not tell.
    pub fn json(&self) -> [Value; 3] {
        let rows: Vec<_> = byte_table(self.capacity).map(|(what, bytes)| json!({"what": what, "bytes": bytes})).into();
        let all = self.all();
        let demand = |demand: &Demand| json!({"persistent": demand.persistent, "transient": transient(*demand)});
        let memory = json!({
            "rows": rows,
            "persistent": self.purse.persistent,
            "reserved": RESERVED,
            "transient": transient(self.purse),
            "card": self.card.as_ref().map(|card| demand(&card.demand)),
            "other_applets": self.card.as_ref().map(|card| demand(&card.others)),
            "all": {"persistent": all.persistent.saturating_add(RESERVED), "transient": transient(all)},
            "persistent_budget": PERSISTENT,
            "transient_budget": TRANSIENT,
        });
        let side = |work: &[Work], cost: WriteCost| {
            let commands = work.iter().map(|one| json!({"command": one.command, "writes": one.writes(cost)}));
            json!({"writes": writes(work, cost), "commands": commands.collect::<Vec<_>>()})
        };
        let payment =
            self.card.as_ref().map(|card| json!({"payer": side(&PAYER, card.cost), "payee": side(&PAYEE, card.cost)}));
        [memory, json!(payment), json!(self.card.as_ref().map(|card| card.condition.wear_json()))]
    }
}

const fn transient(demand: Demand) -> usize {
    demand.until_deselect.saturating_add(demand.until_reset)
}

const fn plus(a: Demand, b: Demand) -> Demand {
    Demand {
        persistent: a.persistent.saturating_add(b.persistent),
        until_deselect: a.until_deselect.saturating_add(b.until_deselect),
        until_reset: a.until_reset.saturating_add(b.until_reset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// DESIGN: 32 KiB and 2 KiB for all that is on an overlay SIM, the card's own included.
    #[test]
    fn purse_and_card_are_within_the_budget() {
        let own = Card::own_demand();
        for capacity in [Capacity::CONSUMER, Capacity::MERCHANT] {
            let all = plus(purse::Purse::new(capacity).demand(), own);
            assert!(all.persistent + RESERVED <= PERSISTENT, "{all:?}");
            assert!(transient(all) <= TRANSIENT, "{all:?}");
        }
    }

    /// A card in a reader tells neither its journal nor its wear.
    #[test]
    fn a_card_that_tells_less_is_shown_with_less() {
        let memory = Memory::of(Capacity::CONSUMER, None);
        let [bytes, payment, wear] = memory.json();
        assert!(bytes["card"].is_null() && payment.is_null() && wear.is_null());
        let text = memory.text();
        let demand = purse::Purse::new(Capacity::CONSUMER).demand();
        let [persistent, transient] = [demand.persistent + RESERVED, transient(demand)];
        let sums = [format!("{persistent} of 32768"), format!("{transient} of 2048")];
        assert!(sums.iter().all(|sum| text.contains(sum)) && !text.contains("writes"), "{text}");
    }
}
