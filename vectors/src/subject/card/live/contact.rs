//! Contacts with the issuer, in a conversation: its orders, and what goes up to it.

use apdu::{Sw, Transport};
use applet_model::purse::{ContactOrder, File, Settled, Statement};
use globalplatform::{Access, KeySet};

use super::super::{CardError, Cards, issuer_key, said};
use super::{Outcome, Talk, compared, plain};
use crate::kind::live::{Action, LogFile, Step};
use crate::report::Difference;

impl<T: Transport> Talk<'_, T> {
    /// The order of an issuer, through the domain.
    pub(super) fn contact<C: Cards<Card = T>>(
        &mut self,
        step: &Step,
        cards: &mut C,
    ) -> Result<Option<Difference>, CardError> {
        let Action::Contact { number, acknowledged, suspended, settled } = &step.action else { return Ok(None) };
        let opened = |name: &String| {
            let opened = self.opened(name)?;
            let payer = Some(*opened.request.terms().payer());
            Ok(Settled { payer, serial: opened.request.payee_nonce() })
        };
        let settled = settled.iter().map(opened).collect::<Result<Vec<_>, CardError>>()?;
        let order = ContactOrder {
            number: *number,
            acknowledged: *acknowledged,
            limits: None,
            key: None,
            use_key: None,
            suspended: *suspended,
            settled: &settled,
            menu: None,
        };
        let published = KeySet::published();
        let access = cards.access()?.unwrap_or_else(|| Access::published(&published));
        let carried_out = said(self.purse(step)?.order(access, &order))?;
        Ok(compared(step, plain(carried_out)))
    }

    pub(super) fn states(&mut self, step: &Step) -> Result<Outcome, CardError> {
        // Any challenge does: whoever is asked has the key anyway.
        let challenge = *b"vectors\x01";
        let person = self.person(&step.card)?;
        let key = issuer_key(&person.issuer_key)?;
        let attested = match said(person.card.purse.attest(challenge))? {
            Ok(attested) => attested,
            Err(sw) => return Ok(Outcome::Refused(sw)),
        };
        if !attested.is_of(&key, challenge) {
            return Ok(Outcome::Differs(Difference::new("mac", "the card's", "another one")));
        }
        let Statement { contact, acknowledged, entries, balance, counters, holder, .. } = attested.statement;
        let got = Action::States {
            contact,
            acknowledged,
            entries,
            opened: counters.opened_since_contact,
            failed: counters.wrong_responses_since_contact,
            balance: balance.minor_units(),
            life: holder.life,
        };
        same(&step.action, &got)
    }

    pub(super) fn logged(&mut self, step: &Step, file: LogFile, record: u8) -> Result<Outcome, CardError> {
        let person = self.person(&step.card)?;
        let (key, identity) = (issuer_key(&person.issuer_key)?, person.card.identity);
        let which = match file {
            LogFile::Payments => File::AttestedPayments,
            LogFile::History => File::AttestedHistory,
        };
        let attested = match said(person.card.purse.attested_entry(which, record))? {
            Ok(Some(attested)) => attested,
            Ok(None) => return Ok(Outcome::Refused(Sw::RECORD_NOT_FOUND)),
            Err(sw) => return Ok(Outcome::Refused(sw)),
        };
        if !attested.is_of(&key, &identity) {
            return Ok(Outcome::Differs(Difference::new("mac", "the card's", "another one")));
        }
        let (number, amount) = (attested.entry.number, attested.entry.amount.minor_units());
        same(&step.action, &Action::Logged { file, record, number, amount })
    }
}

/// What a card says beside what it should say, field by field as they stand in the test.
fn same(expected: &Action, got: &Action) -> Result<Outcome, CardError> {
    let text = |action| serde_json::to_string(action).map_err(|error| CardError::new(error.to_string()));
    Ok(Outcome::Value { field: "do", expected: Some(text(expected)?), got: Some(text(got)?) })
}
