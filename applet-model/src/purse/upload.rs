//! What the menu's Upload sends to the issuer: the user data of short messages, 8-bit.
//!
//! | kind | bytes | contents |
//! |---|---|---|
//! | `01` entries | 8 | the holder's number, BCD |
//! | | 1 | card sequence number |
//! | | 40 to 120 | one to three log entries with their MACs, as the files 5 and 6 have them, oldest first |
//! | `02` statement | 133 | the statement and its MAC for a challenge of eight zero bytes, as INTERNAL AUTHENTICATE answers |
//!
//! Whoever reads one trusts nothing in it but what a MAC covers: [`AttestedEntry::is_of`], [`Attested::is_of`]. Messages
//! come late, twice, or never; entries are told apart by their numbers. A statement for the challenge of zeros may be an
//! old one that is sent again: its counters say how old, and it renews nothing.

use digitally::Msisdn;

use super::{Attested, AttestedEntry};
use crate::runtime::{Fields, Fixed};

/// One short message of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadMessage {
    /// Log entries.
    Entries(Entries),
    /// What the purse says of itself.
    Statement(Attested),
}

/// Log entries of one card: one to three of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entries {
    /// Whose card says that it is theirs.
    pub holder: Msisdn,
    /// Which card of this holder.
    pub sequence: u8,
    entries: [Option<AttestedEntry>; Entries::MOST],
}

/// Why bytes are no message of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// A kind of message that is not known, or no bytes at all.
    #[error("this is no message of an upload")]
    Kind(Option<u8>),
    /// Too short, too long, or cut inside an entry.
    #[error("a message of this kind does not have {0} bytes")]
    Length(usize),
    /// The holder's number is none.
    #[error("the holder's number is none")]
    Holder,
}

const ENTRIES: u8 = 0x01;
const STATEMENT: u8 = 0x02;

/// The challenge of the statement.
pub const CHALLENGE: [u8; 8] = [0; 8];

impl Entries {
    /// As many entries fit in one message.
    pub const MOST: usize = 3;

    /// No entry so far, of this card.
    #[must_use]
    pub const fn new(holder: Msisdn, sequence: u8) -> Self {
        Self { holder, sequence, entries: [None; Self::MOST] }
    }

    /// Adds an entry. Says whether there was room.
    pub fn push(&mut self, entry: AttestedEntry) -> bool {
        let free = self.entries.iter_mut().find(|place| place.is_none());
        free.map(|place| *place = Some(entry)).is_some()
    }

    /// The entries.
    pub fn iter(&self) -> impl Iterator<Item = &AttestedEntry> {
        self.entries.iter().flatten()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl UploadMessage {
    /// The longest one, in bytes: a short message holds 140.
    pub const MAX_LENGTH: usize = 134;

    /// Writes the message to the start of `out`; nothing if that is too short.
    #[must_use]
    pub fn encode<'b>(&self, out: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut len = 0_usize;
        let mut put = |value: &dyn Fn(&mut [u8]), width: usize| {
            let end = len.saturating_add(width);
            out.get_mut(len..end).map(value)?;
            len = end;
            Some(())
        };
        match self {
            Self::Entries(entries) => {
                put(&|room| ENTRIES.store(room), 1)?;
                put(&|room| room.copy_from_slice(entries.holder.bcd()), Msisdn::LEN)?;
                put(&|room| entries.sequence.store(room), 1)?;
                for entry in entries.iter() {
                    put(&|room| entry.store(room), AttestedEntry::LEN)?;
                }
            }
            Self::Statement(attested) => {
                put(&|room| STATEMENT.store(room), 1)?;
                put(&|room| attested.store(room), Attested::LEN)?;
            }
        }
        out.get(..len)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, UploadError> {
        let length = UploadError::Length(bytes.len());
        let (kind, rest) = bytes.split_first().ok_or(UploadError::Kind(None))?;
        let mut fields = Fields::new(rest);
        match *kind {
            ENTRIES => {
                let holder: [u8; Msisdn::LEN] = fields.take().ok_or(length)?;
                let sequence = fields.take().ok_or(length)?;
                let count = fields.rest().len().checked_div(AttestedEntry::LEN).unwrap_or(0);
                if !(1..=Entries::MOST).contains(&count) {
                    return Err(length);
                }
                let holder = Msisdn::from_bcd(&holder).map_err(|_| UploadError::Holder)?;
                let mut entries = Entries::new(holder, sequence);
                for _ in 0..count {
                    entries.push(fields.take().ok_or(length)?);
                }
                fields.end().ok_or(length)?;
                Ok(Self::Entries(entries))
            }
            STATEMENT => {
                let attested = fields.take().ok_or(length)?;
                fields.end().ok_or(length)?;
                Ok(Self::Statement(attested))
            }
            other => Err(UploadError::Kind(Some(other))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn message(kind: u8, len: usize) -> Vec<u8> {
        let mut bytes = std::vec![0x11; len];
        bytes[0] = kind;
        if let Some(holder) = bytes.get_mut(1..9) {
            holder.copy_from_slice(&[0xFF, 0xFF, 0x25, 0x47, 0, 0, 0, 1]);
        }
        bytes
    }

    #[test]
    fn lengths() {
        for len in 1..=140 {
            let entries = UploadMessage::decode(&message(ENTRIES, len));
            assert_eq!(entries.is_ok(), [50, 90, 130].contains(&len), "{len}: {entries:?}");
            assert_eq!(UploadMessage::decode(&message(STATEMENT, len)).is_ok(), len == 134, "{len}");
        }
        assert_eq!(UploadMessage::decode(&[]), Err(UploadError::Kind(None)));
        assert_eq!(UploadMessage::decode(&[3, 0]), Err(UploadError::Kind(Some(3))));
        let mut nobody = message(ENTRIES, 50);
        nobody[1] = 0xA0;
        assert_eq!(UploadMessage::decode(&nobody), Err(UploadError::Holder));
    }

    #[test]
    fn three_entries_and_no_more() {
        let mut entries = Entries::new("+254700000001".parse().unwrap(), 1);
        assert!(entries.is_empty());
        let entry = AttestedEntry::load(&[0x11; AttestedEntry::LEN]);
        assert!((0..Entries::MOST).all(|_| entries.push(entry)));
        assert!(!entries.push(entry));
        assert_eq!(entries.iter().count(), 3);
        let (mut room, message) = ([0; UploadMessage::MAX_LENGTH], UploadMessage::Entries(entries));
        assert_eq!(message.encode(&mut room).map(<[u8]>::len), Some(130));
        assert_eq!(message.encode(&mut room[..129]), None);
    }

    proptest! {
        #[test]
        fn what_was_read_is_written(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..=140),
                (1u8..3, prop::sample::select(std::vec![50usize, 90, 130, 134]), prop::collection::vec(any::<u8>(), 140))
                    .prop_map(|(kind, len, mut bytes)| {
                        bytes.truncate(len);
                        bytes[0] = kind;
                        // A number that is one.
                        bytes[1..9].copy_from_slice(&[0xFF, 0xFF, 0x25, 0x47, 0, 0, 0, 1]);
                        bytes
                    }),
            ]
        ) {
            if let Ok(message) = UploadMessage::decode(&bytes) {
                let mut room = [0; UploadMessage::MAX_LENGTH];
                let written = message.encode(&mut room).unwrap();
                prop_assert_eq!(written.len(), bytes.len());
                prop_assert_eq!(UploadMessage::decode(written), Ok(message));
            }
        }
    }
}
