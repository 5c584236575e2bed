//! Topping up and cashing out: LOAD and UNLOAD, each once for each reference.

use apdu::{Sw, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{IssuerReceipt, Load, PURSE_AID, Statement, Unload, status};
use digitally::Amount;

use super::{ContactError, Meeting, Result, Step, Value, ValueDone};
use crate::register::{OpenOrder, ValueKind, ValueOrder, ValueReceipt};

/// Whether a purse that answers so has carried nothing out. What else it may answer, its counter has to explain.
const fn is_refusal(sw: Sw) -> bool {
    matches!(
        sw,
        status::MAC_WRONG
            | status::BALANCE_LIMIT
            | status::INSUFFICIENT_BALANCE
            | Sw::SECURITY_STATUS_NOT_SATISFIED
            | Sw::CONDITIONS_NOT_SATISFIED
            | Sw::WRONG_DATA
    )
}

impl Meeting<'_> {
    /// Carries an order of value out, once.
    pub(super) fn value<T: Transport>(
        &mut self,
        transport: &mut T,
        statement: &Statement,
        wanted: &Value,
    ) -> Result<ValueDone, T> {
        if wanted.amount == Amount::ZERO {
            return Err(ContactError::NoAmount);
        }
        if let Some(open) = self.register.open_value_order(self.card.id)?
            && open.reference != wanted.reference
        {
            return Err(ContactError::Open(open));
        }
        let order = match self.register.value_order(self.card.id, &wanted.reference)? {
            Some(known) if (known.kind, known.order.amount) != (wanted.kind, wanted.amount) => {
                return Err(ContactError::ReferenceTaken(known));
            }
            Some(known) if known.done => return Ok(ValueDone::Before),
            known => known.map(|known| known.order),
        };
        let counter = statement.counters.issuer.checked_add(1).ok_or(ContactError::Counter)?;
        let key = self.terms.issuer.card_key(self.card.number, self.card.place.sequence)?;
        let (identity, amount) = (self.identity, wanted.amount);
        let load = Load::new(&key, &identity, amount, counter);
        let unload = Unload::new(&key, &identity, amount, counter);
        let mut purse = Client::select(transport, &PURSE_AID)?;
        if wanted.kind == ValueKind::Unload {
            purse.verify(wanted.pin.as_ref().ok_or(ContactError::NoPin)?).map_err(ContactError::Pin)?;
        }
        let order = match order {
            Some(order) => order,
            None => {
                let mac = if wanted.kind == ValueKind::Load { load.order.mac } else { unload.order.mac };
                let order = ValueOrder { card: self.card.id, counter, amount, mac };
                let (reference, kind) = (wanted.reference.clone(), wanted.kind);
                self.register.order_value(&OpenOrder { reference, kind, order, done: false })?;
                order
            }
        };
        (self.watch)(Step::Value);
        let (sent, authentic): (_, &dyn Fn(&IssuerReceipt) -> bool) = match wanted.kind {
            ValueKind::Load => (purse.send(&load), &|receipt| load.is_receipted(&key, &identity, receipt)),
            ValueKind::Unload => (purse.send(&unload), &|receipt| unload.is_receipted(&key, &identity, receipt)),
        };
        let receipt = match sent {
            Ok(receipt) if authentic(&receipt) => receipt,
            Ok(_) => return Err(ContactError::Receipt),
            Err(error) => {
                // A card that refuses has not carried it out; and nobody else has it.
                if error.sw().is_some_and(is_refusal) {
                    self.register.withdraw_value(&order)?;
                }
                return Err(ContactError::Value { kind: wanted.kind, error });
            }
        };
        let receipt = ValueReceipt::Receipt { balance: receipt.balance, mac: receipt.mac };
        self.register.loaded(&order, &receipt, self.terms.now)?;
        Ok(ValueDone::Now)
    }
}
