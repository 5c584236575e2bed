//! CHECK — `80 42 00 00 Lc payee amount code 00`: the payer types a request; the purse says whether all three agree.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 8 | the payee's number, BCD |
//! | | 4 | amount in minor units |
//! | | n | the request code, BCD |
//! | answer | 16 | the payee's name among the contacts, padded with zeros; all zero if there is none |
//! | | 4 | balance afterwards, if it is paid |
//!
//! `9302` number, amount or code differs; `9415` paid already; `9417` two serials fit; `9419` too many wrong requests
//! since power-up; `9413`, `9401`, `9412` limit, balance, log; `6A80` amount zero, payee = holder, or not a code of
//! this profile.
//!
//! Where the purse holds two keys, the request may have been opened under either (P-CHK-6).
//!
//! A right request waits for the PIN: VERIFY, then AUTHORISE. Any other command drops it. A PIN that was verified
//! before does not count.

use apdu::{Command, Sw};
use digitally::profile::NonceRule;
use digitally::{Amount, Code, Counter, Memory, Msisdn, Refusal, Request, Terms};

use super::confirm::typed_code;
use super::core::{Keyring, Keyrings};
use super::frame::{Frame, Instruction, parameters};
use super::records::{Contact, Entry, Pending, Refused};
use super::{Purse, status};
use crate::runtime::{Context, Fields, record};

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Who is to be paid.
    pub payee: Msisdn,
    /// How much.
    pub amount: Amount,
    /// What the payee showed.
    pub code: Code,
}

record! {
    /// The answer: the request is right and may be paid.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Checked {
        /// The payee's name among the contacts, padded with zeros.
        pub name: [u8; Contact::NAME],
        /// The balance after the payment.
        pub balance: Amount,
    }
}

impl Check {
    pub(super) const INS: u8 = 0x42;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, 0x00, 0x00)?;
        let mut fields = Fields::new(command.data());
        let payee: Option<Msisdn> = fields.take().ok_or(Sw::WRONG_LENGTH)?;
        let amount = fields.take().ok_or(Sw::WRONG_LENGTH)?;
        Ok(Self { payee: payee.ok_or(Sw::WRONG_DATA)?, amount, code: typed_code(fields)? })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        purse.places.verified.set(context, false);
        let keyrings = purse.keyrings(context)?;
        if self.code.digits() != keyrings.in_use.suite().profile.request.digits() {
            return Err(Sw::WRONG_DATA);
        }
        let terms = Purse::terms(purse.own_number(context)?, self.payee, self.amount)?;
        let refused = context.until_reset.read(purse.places.refused);
        if refused.count >= purse.limits(context).refusals {
            return Err(status::SESSION_CAP);
        }
        // Only the very next CHECK can be "the same code a second time in a row".
        let forgotten = Refused { payee: None, ..refused };
        context.until_reset.write(purse.places.refused, &forgotten);
        purse.refuse_if_paid(context, &keyrings, &terms, &self.code)?;
        let typed_twice =
            (refused.payee, refused.amount, refused.code) == (Some(self.payee), self.amount, self.code.value());
        let memory = Memory { paid: Counter::at(purse.highest_paid(context, self.payee)), typed_before: typed_twice };
        let (keyring, request) = match read(&keyrings, terms, &self.code, memory) {
            Ok(found) => found,
            Err(Refusal::Ambiguous) => return Err(status::AMBIGUOUS),
            Err(_) => return Err(purse.count_refusal(context, refused, &self)?),
        };
        purse.may_pay(context, self.amount)?;
        let balance = purse.balance(context).minus(self.amount).ok_or(status::INSUFFICIENT_BALANCE)?;
        let pending = Pending {
            payee: Some(self.payee),
            amount: self.amount,
            nonce: request.payee_nonce(),
            scheme: keyring.scheme.number(),
            epoch: keyring.epoch,
        };
        context.until_deselect.write(purse.places.pending, &pending);
        context.until_deselect.write(purse.places.waits, &1);
        let name = purse.contact(context, self.payee).map_or([0; Contact::NAME], |contact| contact.name);
        context.reply.value(&Checked { name, balance })
    }

    /// The debit because of which this request was answered as paid already.
    pub(super) fn paid_before(&self, purse: &Purse, context: &Context<'_>) -> Result<Option<Entry>, Sw> {
        let terms = Purse::terms(purse.own_number(context)?, self.payee, self.amount)?;
        Ok(purse.debit_for(context, &purse.keyrings(context)?, &terms, &self.code))
    }
}

impl Instruction for Check {
    type Answer = Checked;

    fn frame(&self) -> Frame {
        let frame = Frame::new(0x80, Self::INS, 0x00, 0x00);
        frame.with_value(&Some(self.payee)).with_value(&self.amount).with_code(&self.code).expecting_any()
    }
}

/// The request that the code stands for, and the key that it was opened under. One that fits under both keys is two.
fn read<'k>(
    keyrings: &'k Keyrings<'static>,
    terms: Terms,
    code: &Code,
    memory: Memory,
) -> Result<(&'k Keyring<'static>, Request), Refusal> {
    let mut found = Err(Refusal::Differs);
    for keyring in keyrings.iter() {
        match Request::read(&keyring.suite(), terms, code, memory) {
            Ok(request) if found.is_err() => found = Ok((keyring, request)),
            Ok(_) => return Err(Refusal::Ambiguous),
            Err(Refusal::Differs) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    found
}

impl Purse {
    /// Counts a wrong request and remembers it until the next CHECK.
    fn count_refusal(&self, context: &mut Context<'_>, refused: Refused, check: &Check) -> Result<Sw, Sw> {
        let refused = Refused {
            count: refused.count.saturating_add(1),
            payee: Some(check.payee),
            amount: check.amount,
            code: check.code.value(),
        };
        context.until_reset.write(self.places.refused, &refused);
        let ever = context.memory.read(self.places.refused_ever);
        context.memory.write(self.places.refused_ever, &ever.saturating_add(1))?;
        Ok(status::MAC_WRONG)
    }

    fn refuse_if_paid(
        &self,
        context: &Context<'_>,
        keyrings: &Keyrings<'_>,
        terms: &Terms,
        code: &Code,
    ) -> Result<(), Sw> {
        match self.debit_for(context, keyrings, terms, code) {
            Some(_) => Err(status::ALREADY_PAID),
            None => Ok(()),
        }
    }

    /// Rule 1: a request that is in the log has been paid. The latest debit for it.
    ///
    /// Where nonces repeat (random ones do), the log does not tell an old request from a new one.
    fn debit_for(&self, context: &Context<'_>, keyrings: &Keyrings<'_>, terms: &Terms, code: &Code) -> Option<Entry> {
        let suite = keyrings.in_use.suite();
        if suite.profile.payee_nonce == NonceRule::Random {
            return None;
        }
        let (tail, check) = code.split(suite.profile.request.nonce);
        let range = suite.profile.nonce_range();
        let same = |entry: &Entry| {
            entry.peer == Some(*terms.payee())
                && entry.amount == terms.amount()
                && entry.nonce.checked_rem(range).map(u128::from) == Some(tail.value())
        };
        let mut payments = self.places.payments.newest_first(&context.memory).filter(same);
        // Under a key that is gone, no request fits.
        let fits = |entry: &Entry| {
            let keyring = keyrings.of(entry.scheme, entry.epoch);
            keyring.is_some_and(|keyring| Request::recall(*terms, entry.nonce).matches(&keyring.suite(), &check))
        };
        payments.find(fits)
    }
}
