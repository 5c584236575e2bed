//! READ RECORD — `00 B2 n P2 00`: one record of the purse's files. ISO/IEC 7816-4.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | P1 | 1 | record number, from 01 on |
//! | P2 | 1 | short file identifier << 3, plus 4 (P1 is a record number) |
//! | answer | n | the record |
//!
//! | file | SFI | record | its order |
//! |---|---|---|---|
//! | payments made | 01 | 32 bytes, a log entry | newest first |
//! | history: received, loaded, unloaded | 02 | 32 bytes, a log entry | newest first |
//! | contacts | 03 | 24 bytes: number 8, name 16 | as stored |
//! | open requests | 04 | 24 bytes and the request code, BCD | newest first, cancelled ones too |
//! | payments made, with MACs | 05 | 40 bytes: a log entry 32, MAC 8 ([`super::issuer_mac`]) | newest first |
//! | history, with MACs | 06 | the same | newest first |
//!
//! `6A82` no such file; `6A83` no such record.

use apdu::{Command, Sw};
use digitally::Code;

use super::Purse;
use super::frame::{Answer, Frame, Instruction, no_data};
use super::issuer_mac::AttestedEntry;
use super::layout::Log;
use super::records::{Contact, OpenRequest};
use super::request::{read_code, write_code};
use crate::runtime::{Context, Fields};

/// A file of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// Payments made.
    Payments,
    /// Payments received, and what the issuer loaded and unloaded.
    History,
    /// Contacts.
    Contacts,
    /// Open requests.
    Requests,
    /// Payments made, each with a MAC for the issuer.
    AttestedPayments,
    /// The history, each entry with a MAC for the issuer.
    AttestedHistory,
}

impl File {
    /// The short file identifier.
    #[must_use]
    pub const fn sfi(self) -> u8 {
        match self {
            Self::Payments => 1,
            Self::History => 2,
            Self::Contacts => 3,
            Self::Requests => 4,
            Self::AttestedPayments => 5,
            Self::AttestedHistory => 6,
        }
    }

    /// P2 of a command that names one record of this file by its number.
    pub(super) const fn p2(self) -> u8 {
        self.sfi() << 3 | 0b100
    }

    /// The file that P2 names.
    ///
    /// # Errors
    /// `6A82` for another file, `6A86` for another way of naming records.
    pub(super) fn from_p2(p2: u8) -> Result<Self, Sw> {
        if p2 & 0b111 != 0b100 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        let all = [
            Self::Payments,
            Self::History,
            Self::Contacts,
            Self::Requests,
            Self::AttestedPayments,
            Self::AttestedHistory,
        ];
        all.into_iter().find(|file| file.sfi() == p2 >> 3).ok_or(Sw::FILE_NOT_FOUND)
    }
}

/// The command. Its answer depends on the file: see [`crate::purse::client`].
#[derive(Clone, Copy, Debug)]
pub struct ReadRecord {
    /// The file.
    pub file: File,
    /// Number of the record, from 1 on.
    pub number: u8,
}

impl ReadRecord {
    pub(super) const INS: u8 = 0xB2;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        no_data(command)?;
        Ok(Self { file: File::from_p2(command.p2())?, number: command.p1() })
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let index = usize::from(self.number).checked_sub(1).ok_or(Sw::INCORRECT_P1_P2)?;
        match self.file {
            File::Payments => purse.entry(context, &purse.places.payments, index, false),
            File::History => purse.entry(context, &purse.places.history, index, false),
            File::AttestedPayments => purse.entry(context, &purse.places.payments, index, true),
            File::AttestedHistory => purse.entry(context, &purse.places.history, index, true),
            File::Contacts => {
                let contact = purse.contacts(context).nth(index).ok_or(Sw::RECORD_NOT_FOUND)?;
                context.reply.value(&contact)
            }
            File::Requests => {
                let open = purse.nth_newest_request(context, index).ok_or(Sw::RECORD_NOT_FOUND)?;
                let keyring = purse.keyring_of(context, open.scheme, open.epoch)?;
                let code = purse.recall(context, &open)?.code(&keyring.suite());
                context.reply.value(&open)?;
                write_code(&mut context.reply, &code)
            }
        }
    }

    pub(super) fn frame(self) -> Frame {
        Frame::new(0x00, Self::INS, self.number, self.file.p2()).expecting_any()
    }
}

/// A record read as an answer of type `A`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<A> {
    pub(super) command: ReadRecord,
    pub(super) answer: core::marker::PhantomData<fn() -> A>,
}

impl<A: Answer> Instruction for Record<A> {
    type Answer = A;

    fn frame(&self) -> Frame {
        self.command.frame()
    }
}

/// An open request with its code.
#[derive(Clone, Copy, Debug)]
pub struct ShownRequest {
    /// The request.
    pub open: OpenRequest,
    /// Its code, shown again.
    pub code: Code,
}

impl Answer for ShownRequest {
    fn read(data: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(data);
        Some(Self { open: fields.take()?, code: read_code(fields)? })
    }
}

impl Purse {
    fn entry(&self, context: &mut Context<'_>, log: &Log, index: usize, attested: bool) -> Result<(), Sw> {
        let entry = log.newest_first(&context.memory).nth(index).ok_or(Sw::RECORD_NOT_FOUND)?;
        if !attested {
            return context.reply.value(&entry);
        }
        let key = self.issuer_key(&context.memory)?;
        let identity = context.memory.read(self.places.identity);
        context.reply.value(&AttestedEntry::new(entry, &key, &identity))
    }

    pub(super) fn contacts(&self, context: &Context<'_>) -> impl Iterator<Item = Contact> {
        self.places.contacts.cells().map(|cell| context.memory.read(cell)).filter(|contact| contact.number.is_some())
    }

    fn nth_newest_request(&self, context: &Context<'_>, index: usize) -> Option<OpenRequest> {
        let open = || self.places.requests.cells().map(|cell| context.memory.read(cell)).filter(|open| open.id > 0);
        // At most 64 of them, and no room to sort them in: count how many are newer.
        open().find(|one| open().filter(|other| other.id > one.id).count() == index)
    }
}
