//! The files of a simulated UICC.
//!
//! | file | in | kind | read | holds |
//! |---|---|---|---|---|
//! | `3F00` MF | | | | |
//! | `2F00` EF.DIR, short `1E` | MF | records of 32 | always | the AID of the USIM |
//! | `2F05` EF.PL, short `05` | MF | 2 bytes | always | `en` |
//! | `2FE2` EF.ICCID, short `02` | MF | 10 bytes | always | the card's number |
//! | `7FFF` ADF.USIM | MF | | | |
//! | `6F07` EF.IMSI, short `07` | USIM | 9 bytes | PIN1 | the subscriber's number |
//! | `6FAD` EF.AD, short `03` | USIM | 4 bytes | always | normal operation, MNC of 2 digits |
//!
//! The last record of EF.DIR is empty: `FF`.

use apdu::{Command, Sw};

use super::{Done, Uicc};

/// The AID of the USIM: 3GPP's RID, application code `1002`, and a country's and a provider's that mean nothing.
pub const USIM: [u8; 16] = *b"\xA0\x00\x00\x00\x87\x10\x02\xFF\x49\xFF\xFF\x89\x04\x00\x00\xFF";

const MF: u16 = 0x3F00;
/// The current application's.
const ADF: u16 = 0x7FFF;
const DIR_RECORD: usize = 32;

/// A file, and where it is.
#[derive(Clone)]
pub(super) struct File {
    id: u16,
    parent: u16,
    short: Option<u8>,
    /// Length of a record; 0 in a transparent file.
    record: usize,
    pin: bool,
    contents: Vec<u8>,
}

/// Where a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    directory: u16,
    /// The elementary file, by its index.
    file: Option<usize>,
    /// Whether the USIM was selected once: `7FFF` is it.
    usim: bool,
}

impl Selected {
    pub(super) const MF: Self = Self { directory: MF, file: None, usim: false };
}

/// Digits, two in a byte with the first in the low half, filled with `F`.
#[must_use]
pub fn bcd(digits: &str) -> Vec<u8> {
    let values: Vec<u8> = digits.bytes().map(|byte| byte.wrapping_sub(b'0') & 0x0F).collect();
    values.chunks(2).map(|pair| (pair.get(1).unwrap_or(&0x0F) << 4) | pair.first().unwrap_or(&0x0F)).collect()
}

/// All files of a card.
pub(super) fn make(iccid: &str, imsi: &str, pin: bool) -> Vec<File> {
    let filled = |mut bytes: Vec<u8>, length| {
        bytes.resize(length, 0xFF);
        bytes
    };
    let file = |parent, id, short, contents| File { id, parent, short: Some(short), record: 0, pin: false, contents };
    // 61 { 4F AID, 50 label }, and an empty record.
    let label = b"USIM";
    let template = [&[0x61, 24, 0x4F, 16], &USIM[..], &[0x50, 4], label].concat();
    let directory = [filled(template, DIR_RECORD), vec![0xFF; DIR_RECORD]].concat();
    // A length, and the parity with the first digit: 9 for an odd number of digits, 1 for an even one.
    let odd = if imsi.len() % 2 == 1 { "9" } else { "1" };
    let digits = bcd(&format!("{odd}{imsi}"));
    let length = u8::try_from(digits.len()).unwrap_or(8);
    vec![
        File { record: DIR_RECORD, ..file(MF, 0x2F00, 0x1E, directory) },
        file(MF, 0x2F05, 0x05, b"en".to_vec()),
        file(MF, 0x2FE2, 0x02, filled(bcd(iccid), 10)),
        File { pin, ..file(ADF, 0x6F07, 0x07, filled([vec![length], digits].concat(), 9)) },
        file(ADF, 0x6FAD, 0x03, vec![0x00, 0x00, 0x00, 0x02]),
    ]
}

impl Uicc {
    pub(super) fn select(&mut self, on: usize, command: &Command<'_>) -> Result<Done, Sw> {
        let data = command.data();
        // Before anything else: who looks for an application of another card is to hear that it is not here.
        if command.p1() == 0x04 && (data.is_empty() || !USIM.starts_with(data)) {
            return Err(Sw::FILE_NOT_FOUND);
        }
        let answer = match command.p2() {
            0x04 => true,
            0x0C => false,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let here = self.place(on)?;
        let there = match command.p1() {
            0x00 if data.is_empty() => Selected { usim: here.usim, ..Selected::MF },
            0x00 => self.step(here, word(data)?)?,
            0x03 if data.is_empty() && here.directory != MF => Selected { usim: here.usim, ..Selected::MF },
            0x03 => return Err(if data.is_empty() { Sw::FILE_NOT_FOUND } else { Sw::WRONG_LENGTH }),
            0x04 => Selected { directory: ADF, file: None, usim: true },
            0x08 => self.walk(Selected { usim: here.usim, ..Selected::MF }, data)?,
            0x09 => self.walk(Selected { file: None, ..here }, data)?,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        *self.channels.get_mut(on).ok_or(Sw::UNKNOWN)? = Some(there);
        Ok(if answer { Done::Whole(self.template(there)) } else { Done::Nothing })
    }

    pub(super) fn status(&self, on: usize, command: &Command<'_>) -> Result<Done, Sw> {
        let here = self.place(on)?;
        if command.p1() > 2 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        match command.p2() {
            0x00 => Ok(Done::Whole(self.template(Selected { file: None, ..here }))),
            0x01 if here.directory == ADF => Ok(Done::Whole([&[0x84, 16], &USIM[..]].concat())),
            0x01 => Err(Sw::CONDITIONS_NOT_SATISFIED),
            0x0C => Ok(Done::Nothing),
            _ => Err(Sw::INCORRECT_P1_P2),
        }
    }

    pub(super) fn read_binary(&mut self, on: usize, command: &Command<'_>) -> Result<Done, Sw> {
        let (short, offset) = match command.p1() {
            high @ 0x80..=0x9F => (Some(high & 0x1F), usize::from(command.p2())),
            0xA0.. => return Err(Sw::INCORRECT_P1_P2),
            high => (None, usize::from(u16::from_be_bytes([high, command.p2()]))),
        };
        let file = self.file(on, short)?;
        if file.record != 0 {
            return Err(Sw::INCOMPATIBLE_WITH_FILE_STRUCTURE);
        }
        let rest = file.contents.get(offset..).filter(|rest| !rest.is_empty());
        rest.map(|rest| Done::Part(rest.to_vec())).ok_or(Sw::WRONG_P1_P2)
    }

    pub(super) fn read_record(&mut self, on: usize, command: &Command<'_>) -> Result<Done, Sw> {
        let short = Some(command.p2() >> 3).filter(|short| *short != 0);
        if command.p2() & 0x07 != 0x04 || command.p1() == 0 {
            return Err(Sw::INCORRECT_P1_P2);
        }
        let file = self.file(on, short)?;
        if file.record == 0 {
            return Err(Sw::INCOMPATIBLE_WITH_FILE_STRUCTURE);
        }
        let record = file.contents.chunks(file.record).nth(usize::from(command.p1()).saturating_sub(1));
        record.map(|record| Done::Whole(record.to_vec())).ok_or(Sw::RECORD_NOT_FOUND)
    }

    fn place(&self, on: usize) -> Result<Selected, Sw> {
        self.channels.get(on).copied().flatten().ok_or(Sw::CHANNEL_NOT_SUPPORTED)
    }

    /// The file that is to be read; by its short identifier it becomes the selected one.
    fn file(&mut self, on: usize, short: Option<u8>) -> Result<&File, Sw> {
        let mut here = self.place(on)?;
        if short.is_some() {
            let files = self.files.iter();
            let found = files.map(|file| file.parent == here.directory && file.short == short).position(|found| found);
            here.file = Some(found.ok_or(Sw::FILE_NOT_FOUND)?);
            *self.channels.get_mut(on).ok_or(Sw::UNKNOWN)? = Some(here);
        }
        let file = here.file.and_then(|index| self.files.get(index)).ok_or(Sw::NO_CURRENT_EF)?;
        if file.pin && !self.verified {
            return Err(Sw::SECURITY_STATUS_NOT_SATISFIED);
        }
        Ok(file)
    }

    /// From here to the file of this identifier.
    fn step(&self, here: Selected, id: u16) -> Result<Selected, Sw> {
        match id {
            MF => Ok(Selected { usim: here.usim, ..Selected::MF }),
            ADF if here.usim => Ok(Selected { directory: ADF, file: None, usim: true }),
            _ => {
                let found = self.files.iter().position(|file| file.parent == here.directory && file.id == id);
                Ok(Selected { file: Some(found.ok_or(Sw::FILE_NOT_FOUND)?), ..here })
            }
        }
    }

    /// Along a path of identifiers.
    fn walk(&self, from: Selected, path: &[u8]) -> Result<Selected, Sw> {
        if path.is_empty() {
            return Err(Sw::WRONG_LENGTH);
        }
        path.chunks(2).try_fold(from, |here, id| match here.file {
            None => self.step(here, word(id)?),
            Some(_) => Err(Sw::FILE_NOT_FOUND),
        })
    }

    /// The FCP template: descriptor, identifier, name, PIN status, life cycle, access, size, short identifier.
    ///
    /// Source: ETSI TS 102 221, response parameters of SELECT.
    fn template(&self, place: Selected) -> Vec<u8> {
        let file = place.file.and_then(|index| self.files.get(index));
        let id = file.map_or(place.directory, |file| file.id).to_be_bytes();
        let byte = |length: usize| u8::try_from(length).unwrap_or_default();
        let descriptor = match file {
            None => vec![0x82, 2, 0x78, 0x21],
            Some(file) if file.record == 0 => vec![0x82, 2, 0x41, 0x21],
            Some(file) => {
                let count = file.contents.len().checked_div(file.record).unwrap_or_default();
                vec![0x82, 5, 0x42, 0x21, 0, byte(file.record), byte(count)]
            }
        };
        let mut inner = [descriptor, vec![0x83, 2], id.to_vec()].concat();
        match file {
            None => {
                if place.directory == ADF {
                    inner.extend([&[0x84, 16], &USIM[..]].concat());
                } else {
                    // UICC characteristics: the clock may be stopped.
                    inner.extend([0xA5, 3, 0x80, 1, 0x71]);
                }
                inner.extend([0x8A, 1, 5]);
                let enabled = if self.pin.is_some() { 0x80 } else { 0 };
                inner.extend([0xC6, 6, 0x90, 1, enabled, 0x83, 1, 1]);
            }
            Some(file) => {
                // Compact: reading, always or after user authentication.
                inner.extend([0x8A, 1, 5, 0x8C, 2, 1, if file.pin { 0x11 } else { 0 }]);
                inner.extend([0x80, 2, 0, byte(file.contents.len())]);
                inner.extend(file.short.map(|short| [0x88, 1, short << 3]).into_iter().flatten());
            }
        }
        [vec![0x62, byte(inner.len())], inner].concat()
    }
}

/// A file identifier.
fn word(bytes: &[u8]) -> Result<u16, Sw> {
    bytes.try_into().map(u16::from_be_bytes).map_err(|_| Sw::WRONG_LENGTH)
}
