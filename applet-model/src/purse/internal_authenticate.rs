//! INTERNAL AUTHENTICATE — `00 88 00 00 08 challenge 00`: the purse states all that its issuer has to know of it. ISO/IEC 7816-4.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 8 | the issuer's challenge: the statement is not an old one |
//! | answer | 125 | the [`Statement`] |
//! | | 8 | its MAC, see [`super::issuer_mac`] |
//!
//! No PIN: it says no more than GET DATA and GET BALANCE do.

use apdu::{Command, Sw};
use digitally::{Amount, Issuer, Key};

use super::frame::{Frame, Instruction, parameters, value};
use super::get_data::{Counters, Holder};
use super::records::{Folded, Limits};
use super::{Purse, issuer_mac};
use crate::runtime::{Context, Fixed, record};

/// The command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InternalAuthenticate {
    /// Eight bytes that the issuer has not used before.
    pub challenge: [u8; 8],
}

record! {
    /// The names of the purse's payment keys: scheme and epoch. What is not there is zero.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct KeyNames {
        /// Scheme of the key that new requests are opened under.
        pub scheme: u8,
        /// Its epoch.
        pub epoch: u8,
        /// Scheme of the other key, beside it.
        pub other_scheme: u8,
        /// Its epoch.
        pub other_epoch: u8,
    }
}

record! {
    /// What a purse says of itself to its issuer.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Statement {
        /// Whose it is, and in which state of life.
        pub holder: Holder,
        /// Number of the last contact whose order it has carried out.
        pub contact: u32,
        /// What is in it.
        pub balance: Amount,
        /// Of the payments made, how many the issuer has taken over.
        pub acknowledged: u32,
        /// How many entries the history has had.
        pub history: u32,
        /// How many entries both logs have had: the number of the newest one.
        pub entries: u32,
        /// The highest serial used so far, for whichever payer (P-ISS-3).
        pub highest_serial: u32,
        /// What it has counted.
        pub counters: Counters,
        /// What it allows.
        pub limits: Limits,
        /// Which payment keys it has.
        pub keys: KeyNames,
        /// What left the history.
        pub folded: Folded,
    }
}

record! {
    /// A statement and its MAC.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Attested {
        /// The statement.
        pub statement: Statement,
        /// See [`Attested::is_of`].
        pub mac: [u8; 8],
    }
}

impl Attested {
    /// Whether the card with this key made this statement for this challenge.
    #[must_use]
    pub fn is_of(&self, key: &Key<Issuer>, challenge: [u8; 8]) -> bool {
        issuer_mac::statement(key, challenge, &self.statement).starts_with(&self.mac)
    }
}

impl InternalAuthenticate {
    pub(super) const INS: u8 = 0x88;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, 0x00, 0x00)?;
        Ok(Self { challenge: value(command)? })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let key = purse.issuer_key(&context.memory)?;
        let statement = purse.statement(context);
        let mac = issuer_mac::statement(&key, self.challenge, &statement).first_8();
        let mut attested = [0; Attested::LEN];
        Attested { statement, mac }.store(&mut attested);
        context.reply.put(&attested)
    }
}

impl Instruction for InternalAuthenticate {
    type Answer = Attested;

    fn frame(&self) -> Frame {
        Frame::new(0x00, Self::INS, 0x00, 0x00).with_value(&self.challenge).expecting_any()
    }
}

impl Purse {
    fn statement(&self, context: &Context<'_>) -> Statement {
        let (places, memory) = (&self.places, &context.memory);
        let [key, other] = self.key_places(memory.read(places.key_in_use)).map(|place| memory.read(place));
        let serials = places.counters.cells().map(|cell| memory.read(cell));
        Statement {
            holder: self.holder(context),
            contact: memory.read(places.contact),
            balance: self.balance(context),
            acknowledged: memory.read(places.acknowledged),
            history: memory.read(places.history.count),
            entries: memory.read(places.entries_ever),
            highest_serial: serials.max().unwrap_or(0).max(memory.read(places.identity).serials_above),
            counters: self.counters(context),
            limits: self.limits(context),
            keys: KeyNames {
                scheme: key.scheme,
                epoch: key.epoch,
                other_scheme: other.scheme,
                other_epoch: other.epoch,
            },
            folded: memory.read(places.folded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/applet.md` says so, and one short message has to hold it.
    #[test]
    fn a_statement_has_its_length() {
        assert_eq!((Statement::LEN, Attested::LEN), (125, 133));
    }
}
