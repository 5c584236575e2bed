//! What lies in the purse's memory, record by record.

use digitally::{Amount, Msisdn};

use crate::runtime::{Fixed, record};

impl Fixed for Option<Msisdn> {
    const LEN: usize = Msisdn::LEN;
    #[inline]
    fn load(bytes: &[u8]) -> Self {
        // Most places for a number are empty, and lists look at all of them.
        bytes.first_chunk().filter(|bytes| **bytes != [0; Msisdn::LEN]).and_then(|bytes| Msisdn::from_bcd(bytes).ok())
    }
    #[inline]
    fn store(&self, out: &mut [u8]) {
        match self {
            Some(number) => out.copy_from_slice(number.bcd()),
            None => out.fill(0),
        }
    }
}

impl Fixed for Amount {
    const LEN: usize = 4;
    #[inline]
    fn load(bytes: &[u8]) -> Self {
        Self::new(Fixed::load(bytes))
    }
    #[inline]
    fn store(&self, out: &mut [u8]) {
        self.minor_units().store(out);
    }
}

record! {
    /// Whose purse it is, and in which currency.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Identity {
        /// The holder's number.
        pub number: Option<Msisdn>,
        /// ISO 4217 number, BCD.
        pub currency: [u8; 2],
        /// Decimals of the currency (ISO 4217 exponent).
        pub decimals: u8,
        /// Which card of this holder it is, from 1 on: each has keys of its own (EMV calls it PAN sequence number).
        pub sequence: u8,
        /// This card's serials are above this number: above all that the holder's earlier cards can have used.
        pub serials_above: u32,
    }
}

record! {
    /// The payment key with its name: scheme and epoch. The profile and the algorithm stand with it.
    pub(super) struct KeySlot {
        pub(super) profile: u8,
        pub(super) danger: u8,
        pub(super) scheme: u8,
        pub(super) epoch: u8,
        pub(super) algorithm: u8,
        pub(super) len: u8,
        pub(super) key: [u8; KeySlot::KEY],
    }
}

impl KeySlot {
    /// Room for the longest key, in bytes: it stands last.
    pub(super) const KEY: usize = 32;
}

impl core::fmt::Debug for KeySlot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeySlot({} bytes)", self.len)
    }
}

impl Drop for KeySlot {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.key);
    }
}

record! {
    /// What the card allows, until its issuer says otherwise.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Limits {
        /// Highest amount of one payment, in minor units.
        pub payment: Amount,
        /// Highest balance, in minor units.
        pub balance: Amount,
        /// O_max: requests opened between issuer contacts.
        pub opens: u16,
        /// F_max: wrong responses between issuer contacts.
        pub failures: u16,
        /// Wrong responses to one request.
        pub tries: u8,
        /// Wrong requests typed in between two resets.
        pub refusals: u8,
        /// Payments made between issuer contacts; at most what the log holds.
        pub unacknowledged: u16,
    }
}

record! {
    /// A count since the last issuer contact, and one for ever.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Counts {
        /// Since the last issuer contact; capped.
        pub since_contact: u16,
        /// Since the card was made.
        pub ever: u32,
    }
}

impl Counts {
    /// One more of both.
    pub(super) fn increment(self) -> Option<Self> {
        Some(Self { since_contact: self.since_contact.checked_add(1)?, ever: self.ever.checked_add(1)? })
    }

    /// One less of both: a counted try turned out right.
    pub(super) fn take_back(self) -> Self {
        Self { since_contact: self.since_contact.saturating_sub(1), ever: self.ever.saturating_sub(1) }
    }
}

record! {
    /// A request that this purse has opened and not seen paid. All zero: a free place.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OpenRequest {
        /// Number of the request on this card, from 1 on. 0: the place is free.
        pub id: u32,
        /// Who is to pay.
        pub payer: Option<Msisdn>,
        /// How much.
        pub amount: Amount,
        /// N_B: the serial, or the random nonce.
        pub nonce: u32,
        /// How many wrong responses it still bears.
        pub tries: u8,
        /// 0 shown, 1 cancelled: hidden, but payable until its place is needed.
        pub cancelled: u8,
        /// Scheme of the key that the request was computed with.
        pub scheme: u8,
        /// Epoch of that key.
        pub epoch: u8,
    }
}

record! {
    /// A log entry.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Entry {
        /// Number of the entry on this card, from 1 on, over both logs.
        pub number: u32,
        /// What happened: [`Entry::PAID`] and so on.
        pub kind: u8,
        /// Key scheme that authenticated it.
        pub scheme: u8,
        /// Key epoch.
        pub epoch: u8,
        /// Reserved, 0.
        pub flags: u8,
        /// The other side; nothing for LOAD and UNLOAD.
        pub peer: Option<Msisdn>,
        /// How much.
        pub amount: Amount,
        /// N_B of a payment, the issuer's counter of LOAD and UNLOAD.
        pub nonce: u32,
        /// N_A of a payment, 0 where the profile has none.
        pub payer_nonce: u32,
        /// The balance afterwards.
        pub balance: Amount,
    }
}

impl Entry {
    /// A payment made. Kinds 11 to 1F are reserved for signed mode.
    pub const PAID: u8 = 0x01;
    /// A payment received.
    pub const RECEIVED: u8 = 0x02;
    /// Value loaded by the issuer.
    pub const LOADED: u8 = 0x03;
    /// Value unloaded by the issuer.
    pub const UNLOADED: u8 = 0x04;
}

record! {
    /// What remains of history entries that had to leave: how many, the sum received, and a MAC chain over them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Folded {
        /// How many entries were folded.
        pub count: u32,
        /// Sum of the payments received among them, in minor units.
        pub received: u64,
        /// `chain = CMAC(issuer key, chain ‖ entry)`, from all zero on.
        pub chain: [u8; 16],
    }
}

record! {
    /// The highest serial paid to one payee. All zero: a free place.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct PaidMark {
        pub(super) payee: Option<Msisdn>,
        pub(super) serial: u32,
        /// Number of the log entry of the last payment to this payee: the smallest one leaves first.
        pub(super) last: u32,
    }
}

record! {
    /// Somebody whose number the holder keeps. All zero: a free place.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Contact {
        /// Their number.
        pub number: Option<Msisdn>,
        /// Their name, UTF-8, padded with zeros.
        pub name: [u8; Contact::NAME],
    }
}

impl Contact {
    /// Longest name in bytes of UTF-8: one line of a basic phone's screen.
    pub const NAME: usize = 16;

    /// A contact with this name; nothing if the name is empty, too long, or has control characters.
    #[must_use]
    pub fn new(number: Msisdn, name: &str) -> Option<Self> {
        let mut padded = [0; Self::NAME];
        padded.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        let contact = Self { number: Some(number), name: padded };
        contact.text().map(|_| contact)
    }

    /// The name as text, if it is a proper one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let len = self.name.iter().position(|byte| *byte == 0).unwrap_or(Self::NAME);
        let (name, padding) = self.name.split_at_checked(len)?;
        let name = core::str::from_utf8(name).ok()?;
        let proper = !name.is_empty() && !name.chars().any(char::is_control) && padding.iter().all(|byte| *byte == 0);
        proper.then_some(name)
    }
}

record! {
    /// A checked request that waits for the PIN.
    #[derive(Debug)]
    pub(super) struct Pending {
        pub(super) payee: Option<Msisdn>,
        pub(super) amount: Amount,
        pub(super) nonce: u32,
        pub(super) scheme: u8,
        pub(super) epoch: u8,
    }
}

record! {
    /// The wrong request typed last, and how many since power-up.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Refused {
        pub(super) count: u8,
        pub(super) payee: Option<Msisdn>,
        pub(super) amount: Amount,
        pub(super) code: u128,
    }
}
