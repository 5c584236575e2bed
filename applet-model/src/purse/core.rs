//! The core that every way to pay goes through: who we are, the money, the counters and the two logs.

use apdu::Sw;
use digitally::profile::NonceRule;
use digitally::{Algorithm, Amount, Currency, Issuer, Key, Msisdn, Payment, Profile, Scheme, Suite, Terms};

use super::layout::Log;
use super::records::{Entry, Folded, KeySlot, Limits, PaidMark};
use super::{Life, Purse, status};
use crate::runtime::{Cell, Context, Fixed, Memory, Transaction};

/// The payment key with all that goes into a MAC beside the terms.
pub(super) struct Keyring<'p> {
    profile: &'p Profile,
    pub(super) scheme: Scheme,
    pub(super) epoch: u8,
    currency: Currency,
    key: Key<Payment>,
}

impl Keyring<'_> {
    pub(super) const fn suite(&self) -> Suite<'_> {
        Suite { profile: self.profile, scheme: self.scheme, epoch: self.epoch, currency: self.currency, key: &self.key }
    }

    fn is(&self, scheme: u8, epoch: u8) -> bool {
        (self.scheme.number(), self.epoch) == (scheme, epoch)
    }
}

/// The keys that the purse pays with: the one that new requests are opened under, and another one beside it while the
/// issuer changes from one to the next.
pub(super) struct Keyrings<'p> {
    pub(super) in_use: Keyring<'p>,
    other: Option<Keyring<'p>>,
}

impl<'p> Keyrings<'p> {
    /// All of them, at most two.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Keyring<'p>> {
        core::iter::once(&self.in_use).chain(&self.other)
    }

    /// The one of this name.
    pub(super) fn of(&self, scheme: u8, epoch: u8) -> Option<&Keyring<'p>> {
        self.iter().find(|ring| ring.is(scheme, epoch))
    }
}

impl Purse {
    #[inline]
    pub(super) fn life(&self, context: &Context<'_>) -> Life {
        Life::from_number(context.memory.read(self.places.life))
    }

    /// Forgets the request that waits for its PIN.
    #[inline]
    pub(super) fn drop_pending(&self, context: &mut Context<'_>) {
        context.until_deselect.write(self.places.waits, &0);
    }

    pub(super) fn limits(&self, context: &Context<'_>) -> Limits {
        context.memory.read(self.places.limits)
    }

    #[inline]
    pub(super) fn balance(&self, context: &Context<'_>) -> Amount {
        context.memory.read(self.places.balance)
    }

    /// The holder's number. Only a blank purse has none.
    pub(super) fn own_number(&self, context: &Context<'_>) -> Result<Msisdn, Sw> {
        context.memory.read(self.places.identity).number.ok_or(Sw::CONDITIONS_NOT_SATISFIED)
    }

    pub(super) fn profile(&self, number: u8) -> Option<&'static Profile> {
        self.profiles.iter().find(|profile| profile.number == number)
    }

    /// Where the key for new requests lies, and where the other one does or may.
    pub(super) fn key_places(&self, in_use: u8) -> [Cell<KeySlot>; 2] {
        let (first, second) = (self.places.key, self.places.second_key);
        if in_use == 0 { [first, second] } else { [second, first] }
    }

    /// The key for new requests.
    pub(super) fn keyring(&self, context: &Context<'_>) -> Result<Keyring<'static>, Sw> {
        let [in_use, _] = self.key_places(context.memory.read(self.places.key_in_use));
        self.keyring_at(context, in_use).ok_or(Sw::CONDITIONS_NOT_SATISFIED)
    }

    pub(super) fn keyrings(&self, context: &Context<'_>) -> Result<Keyrings<'static>, Sw> {
        let [_, other] = self.key_places(context.memory.read(self.places.key_in_use));
        Ok(Keyrings { in_use: self.keyring(context)?, other: self.keyring_at(context, other) })
    }

    fn keyring_at(&self, context: &Context<'_>, place: Cell<KeySlot>) -> Option<Keyring<'static>> {
        let slot = context.memory.read(place);
        let identity = context.memory.read(self.places.identity);
        let algorithm = Algorithm::from_number(slot.algorithm)?;
        Some(Keyring {
            profile: self.profile(slot.profile)?,
            scheme: Scheme::from_number(slot.scheme)?,
            epoch: slot.epoch,
            currency: Currency::from_bcd(identity.currency).ok()?,
            key: Key::new(algorithm, slot.key.get(..usize::from(slot.len))?).ok()?,
        })
    }

    /// The key that a stored request or payment was computed with.
    ///
    /// # Errors
    /// `6984` if the purse does not hold it any more.
    pub(super) fn keyring_of(&self, context: &Context<'_>, scheme: u8, epoch: u8) -> Result<Keyring<'static>, Sw> {
        let Keyrings { in_use, other } = self.keyrings(context)?;
        let mut rings = core::iter::once(in_use).chain(other);
        rings.find(|ring| ring.is(scheme, epoch)).ok_or(Sw::REFERENCE_DATA_NOT_USABLE)
    }

    pub(super) fn issuer_key(&self, memory: &Memory<'_>) -> Result<Key<Issuer>, Sw> {
        let mut bytes = memory.read(self.places.issuer_key);
        let key = Key::new(Algorithm::AesCmac, &bytes).map_err(|_| Sw::CONDITIONS_NOT_SATISFIED);
        zeroize::Zeroize::zeroize(&mut bytes);
        key
    }

    /// Terms that this purse is a side of.
    ///
    /// # Errors
    /// `6A80` for an amount of zero, or when both sides are the same.
    pub(super) fn terms(payer: Msisdn, payee: Msisdn, amount: Amount) -> Result<Terms, Sw> {
        Terms::new(payer, payee, amount).map_err(|_| Sw::WRONG_DATA)
    }

    /// Whether a payment of this amount may be made: its limit, the balance, and room in the log.
    pub(super) fn may_pay(&self, context: &Context<'_>, amount: Amount) -> Result<(), Sw> {
        let limits = self.limits(context);
        if amount > limits.payment {
            return Err(status::AMOUNT_LIMIT);
        }
        if self.balance(context).minus(amount).is_none() {
            return Err(status::INSUFFICIENT_BALANCE);
        }
        if self.unacknowledged(context) >= u32::from(limits.unacknowledged) {
            return Err(status::LOG_FULL);
        }
        Ok(())
    }

    /// Payments made that the issuer has not taken over yet.
    pub(super) fn unacknowledged(&self, context: &Context<'_>) -> u32 {
        let made = context.memory.read(self.places.payments.count);
        made.saturating_sub(context.memory.read(self.places.acknowledged))
    }

    /// The balance with this amount added.
    ///
    /// # Errors
    /// `9414` if it would be above its limit.
    pub(super) fn balance_with(&self, context: &Context<'_>, amount: Amount) -> Result<Amount, Sw> {
        let limit = self.limits(context).balance;
        self.balance(context).plus(amount).filter(|sum| *sum <= limit).ok_or(status::BALANCE_LIMIT)
    }

    /// Takes a payment off the balance, marks its serial as paid if it has one, and logs it: one part of a transaction.
    pub(super) fn debit(&self, transaction: &mut Transaction<'_>, rule: NonceRule, entry: Entry) -> Result<Entry, Sw> {
        let balance = transaction.read(self.places.balance);
        let balance = balance.minus(entry.amount).ok_or(status::INSUFFICIENT_BALANCE)?;
        let entry = self.numbered(transaction, Entry { balance, ..entry })?;
        transaction.write(self.places.balance, &balance)?;
        if matches!(rule, NonceRule::Serial { .. }) {
            self.mark_paid(transaction, &entry)?;
        }
        append(transaction, &self.places.payments, &entry)?;
        Ok(entry)
    }

    /// Takes value off the balance, other than by a payment.
    pub(super) fn take_off(
        &self,
        transaction: &mut Transaction<'_>,
        key: &Key<Issuer>,
        entry: Entry,
    ) -> Result<Entry, Sw> {
        let balance = transaction.read(self.places.balance);
        let balance = balance.minus(entry.amount).ok_or(status::INSUFFICIENT_BALANCE)?;
        self.move_balance(transaction, key, Entry { balance, ..entry })
    }

    /// Adds value to the balance and logs it: one part of a transaction. The limit was checked before.
    pub(super) fn credit(
        &self,
        transaction: &mut Transaction<'_>,
        key: &Key<Issuer>,
        entry: Entry,
    ) -> Result<Entry, Sw> {
        let balance = transaction.read(self.places.balance);
        let balance = balance.plus(entry.amount).ok_or(status::BALANCE_LIMIT)?;
        self.move_balance(transaction, key, Entry { balance, ..entry })
    }

    fn move_balance(&self, transaction: &mut Transaction<'_>, key: &Key<Issuer>, entry: Entry) -> Result<Entry, Sw> {
        let entry = self.numbered(transaction, entry)?;
        transaction.write(self.places.balance, &entry.balance)?;
        self.fold_oldest(transaction, key)?;
        append(transaction, &self.places.history, &entry)?;
        Ok(entry)
    }

    fn numbered(&self, transaction: &mut Transaction<'_>, entry: Entry) -> Result<Entry, Sw> {
        let number = transaction.read(self.places.entries_ever).checked_add(1).ok_or(status::COUNTER)?;
        transaction.write(self.places.entries_ever, &number)?;
        Ok(Entry { number, ..entry })
    }

    /// Before a history entry is overwritten, it goes into the sum and the MAC chain.
    fn fold_oldest(&self, transaction: &mut Transaction<'_>, key: &Key<Issuer>) -> Result<(), Sw> {
        let history = &self.places.history;
        let count = transaction.read(history.count);
        let Some(cell) = history.place(count).filter(|_| count >= history.capacity()) else {
            return Ok(());
        };
        let oldest = transaction.read(cell);
        let folded = transaction.read(self.places.folded);
        let mut input = [0; 16 + Entry::LEN];
        let (chain, rest) = input.split_at_mut(16);
        chain.copy_from_slice(&folded.chain);
        oldest.store(rest);
        let received = if oldest.kind == Entry::RECEIVED { oldest.amount.minor_units() } else { 0 };
        let next = Folded {
            count: folded.count.saturating_add(1),
            received: folded.received.saturating_add(received.into()),
            chain: key.tag(&input).expose().first_chunk().copied().unwrap_or_default(),
        };
        Ok(transaction.write(self.places.folded, &next)?)
    }

    /// The highest serial paid to this payee, 0 if none is remembered.
    pub(super) fn highest_paid(&self, context: &Context<'_>, payee: Msisdn) -> u32 {
        let marks = self.places.payees.cells().map(|cell| context.memory.read(cell));
        marks.filter(|mark| mark.payee == Some(payee)).map(|mark| mark.serial).max().unwrap_or(0)
    }

    /// Remembers the serial; a full table forgets the payee who was paid longest ago. (What was paid since the last
    /// issuer contact is in the log anyway, where CHECK looks first.)
    fn mark_paid(&self, transaction: &mut Transaction<'_>, entry: &Entry) -> Result<(), Sw> {
        let place = {
            let marks = || self.places.payees.cells().map(|cell| (cell, transaction.read(cell)));
            let own = marks().find(|(_, mark)| mark.payee == entry.peer);
            own.or_else(|| marks().min_by_key(|(_, mark)| mark.last))
        };
        let Some((cell, _)) = place else { return Ok(()) };
        let mark = PaidMark { payee: entry.peer, serial: entry.nonce, last: entry.number };
        Ok(transaction.write(cell, &mark)?)
    }
}

impl Log {
    pub(super) fn capacity(&self) -> u32 {
        u32::try_from(self.entries.count()).unwrap_or(u32::MAX)
    }

    /// Where the entry goes that is written when there have been `count` before it.
    pub(super) fn place(&self, count: u32) -> Option<Cell<Entry>> {
        let index = count.checked_rem(self.capacity())?;
        self.entries.cell(usize::try_from(index).ok()?)
    }

    /// The entries that are kept, newest first.
    pub(super) fn newest_first<'m>(&'m self, memory: &'m Memory<'_>) -> impl Iterator<Item = Entry> + 'm {
        let count = memory.read(self.count);
        let kept = count.min(self.capacity());
        (1..=kept).filter_map(move |back| Some(memory.read(self.place(count.checked_sub(back)?)?)))
    }
}

fn append(transaction: &mut Transaction<'_>, log: &Log, entry: &Entry) -> Result<(), Sw> {
    let count = transaction.read(log.count);
    let next = count.checked_add(1).ok_or(status::COUNTER)?;
    transaction.write(log.place(count).ok_or(Sw::NOT_ENOUGH_MEMORY)?, entry)?;
    Ok(transaction.write(log.count, &next)?)
}
