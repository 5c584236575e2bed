//! A contact: a card meets its issuer, over any transport, once or a hundred times with the same effect.
//!
//! | on the card | in the register, durably before what follows |
//! |---|---|
//! | SELECT of the purse, INTERNAL AUTHENTICATE, its log with MACs | all of it in one transaction, with what is found wrong |
//! | | what it is about to be ordered, under the next number |
//! | STORE DATA through the secure channel: one transaction | |
//! | INTERNAL AUTHENTICATE again | the statement, which names the order: it is carried out |
//! | | an order of value, with its MAC, under the caller's name for it |
//! | LOAD or UNLOAD | the receipt |
//! | INTERNAL AUTHENTICATE and the log once more | all of it |
//!
//! Cut off anywhere, the next contact finds out by the card's statement what was carried out, and goes on from there. A card
//! that has less behind it than the register knows was copied back from an older image, and is suspended.

pub(crate) mod account;
mod error;
mod value;
mod wanted;

use apdu::{Sw, Transport};
use applet_model::purse::client::Client;
use applet_model::purse::{
    Attested, AttestedEntry, ContactOrder, File, Holder, Identity, KeyName, Life, Limits, MenuData, PURSE_AID,
    ProfileData, Settled, Statement,
};
use applet_model::runtime::{PinBlock, Random};
use digitally::{Amount, Issuer as CardKey, Key};
use globalplatform::command::Install;
use globalplatform::scp03::Level;

pub use account::Finding;
pub use error::ContactError;

use crate::keys::Issuer;
use crate::order::SCHEME;
use crate::personalise::channel::{Channel, Opening};
use crate::personalise::{self, PersonaliseError};
use crate::register::{Came, Card, Known, Learned, OpenOrder, Ordered, Register, ValueKind, ValueReceipt};
use wanted::Wanted;

/// On which terms cards are met.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// By whom.
    pub issuer: &'a Issuer,
    /// The least that a session has to protect.
    pub least: Level,
    /// Whether a card that had a wrong cryptogram before may be tried again.
    pub again: bool,
    /// The time, in seconds since 1970, for the register.
    pub now: u64,
}

impl<'a> Terms<'a> {
    /// The usual ones: commands are enciphered and authenticated at least, and there is no second try.
    #[must_use]
    pub const fn new(issuer: &'a Issuer, now: u64) -> Self {
        Self { issuer, least: Level::CDecryption, again: false, now }
    }
}

/// What a contact is to change, beyond what every contact does.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// New limits, each unless it stays.
    pub limits: NewLimits,
    /// Whether the card is to be suspended or resumed.
    pub suspended: Option<bool>,
    /// Requests that the issuer settles itself.
    pub settled: Vec<Settled>,
    /// Value to load or unload.
    pub value: Option<Value>,
}

/// New limits, each unless it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewLimits {
    /// Highest amount of one payment.
    pub payment: Option<Amount>,
    /// Highest balance.
    pub balance: Option<Amount>,
    /// Requests between contacts.
    pub opens: Option<u16>,
    /// Wrong responses between contacts.
    pub failures: Option<u16>,
}

impl NewLimits {
    fn of(self, old: Limits) -> Limits {
        Limits {
            payment: self.payment.unwrap_or(old.payment),
            balance: self.balance.unwrap_or(old.balance),
            opens: self.opens.unwrap_or(old.opens),
            failures: self.failures.unwrap_or(old.failures),
            ..old
        }
    }
}

/// Value to load or unload, once: with the same reference it is the same order, however often it is asked for.
#[derive(Clone, Debug)]
pub struct Value {
    /// Which way.
    pub kind: ValueKind,
    /// How much.
    pub amount: Amount,
    /// What the caller calls it.
    pub reference: String,
    /// The holder's PIN, which UNLOAD needs.
    pub pin: Option<PinBlock>,
}

/// What became of an order of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueDone {
    /// It was carried out now.
    Now,
    /// It had been carried out before.
    Before,
}

/// What a contact did.
#[derive(Clone, Debug)]
pub struct Report {
    /// The card in the register.
    pub card: Card,
    /// What the card said before anything was changed.
    pub before: Statement,
    /// What it says now.
    pub after: Statement,
    /// Payments made that came up for the first time.
    pub payments: usize,
    /// Other log entries that came up for the first time.
    pub history: usize,
    /// Log entries that left the card before they came up.
    pub unseen: u32,
    /// What is wrong with the card, now or before.
    pub findings: Vec<String>,
    /// Numbers of the orders that the card carried out.
    pub orders: Vec<u32>,
    /// What became of the order of value, if one was wanted.
    pub value: Option<ValueDone>,
    /// What its menu was brought, if it had something else.
    pub menu: Option<MenuData>,
    /// An order of value that was begun before and has not been carried out.
    pub open: Option<OpenOrder>,
}

/// A step on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The purse states what it is.
    Statement,
    /// Its log comes up.
    Log,
    /// It carries an order out.
    Order,
    /// Value is loaded or unloaded.
    Value,
}

impl Step {
    /// In words: what is being done.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Statement => "asking the purse for a statement",
            Self::Log => "reading its log",
            Self::Order => "giving it its order",
            Self::Value => "moving value",
        }
    }
}

type Result<A, T> = core::result::Result<A, ContactError<<T as Transport>::Error>>;

/// Meets the card behind `transport`. `watch` is told each step before it is taken.
///
/// # Errors
/// [`ContactError`]; what was done stays done, and the same call goes on from there.
pub fn contact<T: Transport>(
    transport: &mut T,
    terms: &Terms<'_>,
    register: &mut Register,
    wishes: &Wishes,
    random: &mut dyn Random,
    watch: &mut dyn FnMut(Step),
) -> Result<Report, T> {
    let holder: Holder = Client::select(&mut *transport, &PURSE_AID)?.data()?;
    let number = holder.number.filter(|_| holder.life() != Life::Blank).ok_or(ContactError::Blank)?;
    let card = register.issued(number, holder.sequence)??;
    let key = terms.issuer.card_key(number, holder.sequence)?;
    let (currency, decimals, sequence) = (holder.currency, holder.decimals, holder.sequence);
    let identity = Identity { number: Some(number), currency, decimals, sequence, serials_above: 0 };
    let mut meeting = Meeting { terms, register, card, key, identity, random, watch, payments: 0, history: 0 };

    let before = meeting.collect(transport)?;
    let findings = meeting.register.findings(card.id)?;
    // A card that is not what it was gets nothing but its suspension.
    let wanted = match findings.as_slice() {
        [] => wishes.clone(),
        _ => Wishes { suspended: Some(true), ..Wishes::default() },
    };
    let (mut after, mut orders) = (before, Vec::new());
    let epochs = meeting.register.epochs()?;
    let menu = if findings.is_empty() { meeting.menu(transport)? } else { None };
    // A card that is two keys behind needs two orders.
    for _ in 0..3 {
        // The first of them brings the menu what it needs.
        let menu = menu.filter(|_| orders.is_empty());
        let Some(order) = Wanted::of(&after, &wanted, epochs, menu, meeting.register, &card)? else { break };
        (after, orders) = meeting.order(transport, &after, &order, orders)?;
    }
    if !findings.is_empty() && wishes.suspended == Some(false) {
        return Err(ContactError::NotToBeResumed(findings));
    }
    let mut value = None;
    if let Some(wanted) = &wanted.value {
        value = Some(meeting.value(transport, &after, wanted)?);
        after = meeting.collect(transport)?;
    }
    let open = meeting.register.open_value_order(card.id)?;
    let Meeting { payments, history, register, .. } = meeting;
    let unseen = account::unseen(&register.entries(card.id)?, &after);
    let findings = register.findings(card.id)?;
    Ok(Report { card, before, after, payments, history, unseen, findings, orders, value, menu, open })
}

/// All that one contact needs.
struct Meeting<'a> {
    terms: &'a Terms<'a>,
    register: &'a mut Register,
    card: Card,
    key: Key<CardKey>,
    identity: Identity,
    random: &'a mut dyn Random,
    watch: &'a mut dyn FnMut(Step),
    payments: usize,
    history: usize,
}

impl Meeting<'_> {
    fn challenge<T: Transport>(&mut self) -> Result<[u8; 8], T> {
        let mut challenge = [0; 8];
        self.random.fill(&mut challenge).map_err(crate::KeysError::Random)?;
        Ok(challenge)
    }

    /// The card states what it is and shows its log; all of it is checked, and goes into the register.
    fn collect<T: Transport>(&mut self, transport: &mut T) -> Result<Statement, T> {
        (self.watch)(Step::Statement);
        let challenge = self.challenge::<T>()?;
        let mut purse = Client::select(transport, &PURSE_AID)?;
        let attested = purse.attest(challenge)?;
        let Attested { statement, .. } = attested;
        let holder = statement.holder;
        let is_it = (holder.number, holder.sequence) == (self.identity.number, self.identity.sequence);
        if !is_it || !attested.is_of(&self.key, challenge) {
            return Err(ContactError::NotAuthentic);
        }
        let known = self.register.known(self.card.id)?;
        let ordered = self.register.last_order(self.card.id)?;
        if statement.contact > ordered {
            return Err(ContactError::RegisterBehind { card: statement.contact, register: ordered });
        }
        // Of a card that is not what it was, nothing more is expected.
        let found = !self.register.findings(self.card.id)?.is_empty();
        // What came by an upload was true when it was sent, which was before this statement.
        let mut was: Vec<Statement> = known.iter().map(|known| known.statement).collect();
        was.extend(self.register.uploaded(self.card.id)?);
        let less = was.iter().find_map(|was| account::rolled_back(was, &statement));
        let newest = self.register.newest_entry(self.card.id)?;
        let mut findings: Vec<Finding> = less.or_else(|| account::shortened(newest, &statement)).into_iter().collect();

        (self.watch)(Step::Log);
        let mut new = Vec::new();
        for file in [File::AttestedPayments, File::AttestedHistory] {
            let (entries, first) = self.news(&mut purse, file, &mut findings)?;
            match file {
                File::AttestedPayments => self.payments = self.payments.saturating_add(first),
                _ => self.history = self.history.saturating_add(first),
            }
            new.extend(entries);
        }
        let mut payments_before = 0;
        if !found && findings.is_empty() {
            payments_before = self.complete::<T>(known.as_ref(), &statement, &new, &mut findings)?;
        }
        let findings: Vec<String> = findings.iter().filter(|_| !found).map(Finding::to_string).collect();
        let good = !found && findings.is_empty();
        let learned =
            Learned { attested: &attested, challenge, entries: &new, payments_before, findings: &findings, good };
        self.register.learn(self.card.id, &learned, self.terms.now)?;
        // An order of value that was cut off: what became of it, the card's counter tells.
        if let Some(open) = self.register.open_value_order(self.card.id)?
            && statement.counters.issuer >= open.order.counter
        {
            self.register.loaded(&open.order, &ValueReceipt::Counted, self.terms.now)?;
        }
        Ok(statement)
    }

    /// The entries of a log that no contact brought up, newest first, and how many of them nothing else did either.
    fn news<T: Transport>(
        &self,
        purse: &mut Client<&mut T>,
        file: File,
        findings: &mut Vec<Finding>,
    ) -> Result<(Vec<AttestedEntry>, usize), T> {
        let (mut new, mut first) = (Vec::new(), 0_usize);
        for record in 1..=u8::MAX {
            let Some(attested) = purse.attested_entry(file, record)? else { break };
            if !attested.is_of(&self.key, &self.identity) {
                return Err(ContactError::EntryNotAuthentic { number: attested.entry.number });
            }
            let known = self.register.entry_macs(self.card.id, attested.entry.number)?;
            match known.iter().find(|(mac, _)| *mac == attested.mac) {
                // This one and all before it came up together.
                Some((_, Came::Met)) => break,
                // Those before it may not have come.
                Some((_, Came::Uploaded)) => {}
                None => {
                    first = first.saturating_add(1);
                    if !known.is_empty() {
                        findings.push(Finding::Doubled { number: attested.entry.number });
                    }
                }
            }
            new.push(attested);
        }
        Ok((new, first))
    }

    /// Whether all that the card counts has come up, and adds up. Returns how many payments were forgotten before the
    /// register first saw the card.
    fn complete<T: Transport>(
        &self,
        known: Option<&Known>,
        statement: &Statement,
        new: &[AttestedEntry],
        findings: &mut Vec<Finding>,
    ) -> Result<u32, T> {
        let mut entries = self.register.entries(self.card.id)?;
        entries.extend(new);
        entries.sort_by_key(|attested| (attested.entry.number, attested.mac));
        // What an upload had brought.
        entries.dedup();
        let (payments, _) = account::counts(&entries);
        let made = statement.counters.payments;
        let before = known.map_or_else(|| made.saturating_sub(payments), |known| known.payments_before);
        // What a card has forgotten was acknowledged, or folded.
        let hidden = known.is_none() && before > statement.acknowledged;
        let shown = payments.saturating_add(before) >= made && account::holds_history(&entries, statement, before);
        if hidden || !shown {
            return Err(ContactError::Incomplete { payments: made, history: statement.history });
        }
        findings.extend(account::adds_up(&entries, statement));
        Ok(before)
    }

    /// What the menu is to be brought: nothing if the issuer has nothing to say, or the card has it, or knows of no menu.
    fn menu<T: Transport>(&self, transport: &mut T) -> Result<Option<MenuData>, T> {
        let Some(wanted) = self.register.menu()? else { return Ok(None) };
        match Client::select(transport, &PURSE_AID)?.data::<MenuData>() {
            Ok(has) => Ok(Some(wanted).filter(|wanted| *wanted != has)),
            Err(error) if error.sw() == Some(Sw::REFERENCED_DATA_NOT_FOUND) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the card an order, and has it state that it carried it out.
    fn order<T: Transport>(
        &mut self,
        transport: &mut T,
        statement: &Statement,
        wanted: &Wanted,
        mut orders: Vec<u32>,
    ) -> Result<(Statement, Vec<u32>), T> {
        let number = self.register.last_order(self.card.id)?.max(statement.contact);
        let number = number.checked_add(1).ok_or(ContactError::Counter)?;
        let ordered = Ordered {
            number,
            acknowledged: wanted.acknowledged,
            limits: wanted.limits,
            key_epoch: wanted.key,
            use_epoch: wanted.use_key,
            suspended: wanted.suspended,
            settled: &wanted.settled,
            menu: wanted.menu,
        };
        self.register.order_contact(self.card.id, &ordered, self.terms.now)?;
        (self.watch)(Step::Order);
        let payment_key = match wanted.key {
            Some(epoch) => {
                let profile: ProfileData = Client::select(&mut *transport, &PURSE_AID)?.data()?;
                let algorithm = profile.algorithm().ok_or(ContactError::Algorithm(profile.algorithm))?;
                Some((KeyName { scheme: SCHEME, epoch }, self.terms.issuer.payment_key(SCHEME, epoch, algorithm)?))
            }
            None => None,
        };
        let order = ContactOrder {
            number,
            acknowledged: wanted.acknowledged,
            limits: wanted.limits,
            key: payment_key.as_ref().map(|(name, key)| (*name, key)),
            use_key: wanted.use_key.map(|epoch| KeyName { scheme: SCHEME, epoch }),
            suspended: wanted.suspended,
            settled: &wanted.settled,
            menu: wanted.menu,
        };
        self.send(transport, &order)?;
        let after = self.collect(transport)?;
        if after.contact != number {
            return Err(ContactError::Unconfirmed { number, stated: after.contact });
        }
        orders.push(number);
        Ok((after, orders))
    }

    /// Through the secure channel of the card's domain.
    fn send<T: Transport>(&mut self, transport: &mut T, order: &ContactOrder<'_>) -> Result<(), T> {
        let challenge = self.challenge::<T>()?;
        let Terms { issuer, least, again, .. } = *self.terms;
        let version = issuer.domain().version;
        let opening = Opening { version, transport: None, known: None, challenge, least, again };
        let (mut channel, own) = Channel::open(transport, opening, issuer, self.register)?;
        if self.card.chip.is_some_and(|expected| expected != own.chip) {
            return Err(ContactError::OtherChip { found: own.chip });
        }
        let step = personalise::Step::Contact;
        channel.send(step, &Install::Personalization { application: PURSE_AID })?;
        channel.command(step, &order.frame().command()?)?;
        Ok(())
    }
}

impl<E: core::error::Error + 'static> From<PersonaliseError<E>> for ContactError<E> {
    fn from(error: PersonaliseError<E>) -> Self {
        Self::Channel(Box::new(error))
    }
}
