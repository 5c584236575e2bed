//! What a card has to be ordered, so that it is as it should be.

use applet_model::purse::{ContactOrder, Life, Limits, MenuData, Settled, Statement};

use super::Wishes;
use crate::order::SCHEME;
use crate::register::{Card, Epochs, Register, RegisterError};

/// What a card has to be ordered, as it is.
pub(super) struct Wanted {
    pub(super) acknowledged: u32,
    pub(super) limits: Option<Limits>,
    pub(super) key: Option<u8>,
    pub(super) use_key: Option<u8>,
    pub(super) suspended: Option<bool>,
    pub(super) settled: Vec<Settled>,
    pub(super) menu: Option<MenuData>,
}

impl Wanted {
    /// Nothing, if the card is as it should be.
    pub(super) fn of(
        statement: &Statement,
        wishes: &Wishes,
        epochs: Epochs,
        menu: Option<MenuData>,
        register: &Register,
        card: &Card,
    ) -> Result<Option<Self>, RegisterError> {
        let found = !register.findings(card.id)?.is_empty();
        let limits = wishes.limits.of(statement.limits);
        let suspended = wishes.suspended.filter(|wanted| match statement.holder.life() {
            Life::Suspended => !wanted,
            Life::Personalised => *wanted,
            Life::Blank | Life::Blocked => false,
        });
        let mut settled = Vec::new();
        for one in &wishes.settled {
            if settled.len() < ContactOrder::MOST_SETTLED && !register.is_settled(card.id, one)? {
                settled.push(*one);
            }
        }
        let (held, other) = (statement.keys.epoch, statement.keys.other_epoch);
        let is_held = |epoch| epoch == held || (statement.keys.other_scheme == SCHEME.number() && epoch == other);
        let missing = [Some(epochs.in_use), epochs.beside].into_iter().flatten().find(|epoch| !is_held(*epoch));
        // One key at a time: the one to use first, and the other one beside it when that is in use.
        let key = missing.filter(|epoch| *epoch == epochs.in_use || held == epochs.in_use);
        let use_key = (held != epochs.in_use).then_some(epochs.in_use);
        // A card that is not what it was gets nothing, and what it paid is not taken over.
        let wanted = if found {
            let acknowledged = statement.acknowledged;
            Self { acknowledged, limits: None, key: None, use_key: None, suspended, settled: Vec::new(), menu }
        } else {
            let limits = Some(limits).filter(|limits| *limits != statement.limits);
            Self { acknowledged: statement.counters.payments, limits, key, use_key, suspended, settled, menu }
        };
        let counted = statement.counters.opened_since_contact > 0
            || statement.counters.wrong_responses_since_contact > 0
            || wanted.acknowledged > statement.acknowledged;
        let changes = wanted.limits.is_some()
            || wanted.key.is_some()
            || wanted.use_key.is_some()
            || wanted.suspended.is_some()
            || wanted.menu.is_some()
            || !wanted.settled.is_empty();
        Ok(Some(wanted).filter(|_| changes || (counted && !found)))
    }
}
