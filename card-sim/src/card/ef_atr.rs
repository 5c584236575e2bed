//! What the card answers where no applet is selected, above all to operating systems that look what it is.
//!
//! | command | answer |
//! |---|---|
//! | SELECT `00 A4` of the MF (`3F00`, or no data) or of EF.ATR/INFO (`2F01`) by identifier or path (P1 `00` `02` `08`) | its control information, or nothing with P2 `0C` |
//! | SELECT of any other file (P1 `00` to `03`, `08`, `09`) | `6A82` |
//! | READ BINARY `00 B0` of EF.ATR/INFO, selected or by its short identifier 1 (P1 `81`) | its bytes |
//! | GET DATA `00 CA` of an object of EF.ATR/INFO | the object |
//! | GET DATA of any other object | `6A88` |
//! | any other instruction of class `0X`, `8X` | `6D00` |
//! | any other class | `6E00` |
//!
//! EF.ATR/INFO holds one data object, `7F66`, extended length information: the longest command APDU and the longest
//! response APDU of this card, in bytes.
//!
//! Source: ISO/IEC 7816-4:2013, EF.ATR/INFO, extended length information; SELECT, READ BINARY and GET DATA commands.

use apdu::{Channel, Command, Sw};

use super::channel::Selection;
use super::{BUFFER, Card};

const SELECT: u8 = 0xA4;
const READ_BINARY: u8 = 0xB0;
const GET_DATA: u8 = 0xCA;
const MF: [u8; 2] = [0x3F, 0x00];
const EF_ATR: [u8; 2] = [0x2F, 0x01];

/// The longest command: header, `00` and two bytes of `Lc`, data, two bytes of `Le`.
const LONGEST_COMMAND: [u8; 2] = to_bytes(BUFFER + 9);
/// The longest response: data, SW1, SW2.
const LONGEST_RESPONSE: [u8; 2] = to_bytes(BUFFER + 2);

/// What stands in EF.ATR/INFO.
pub(super) const CONTENTS: [u8; 11] =
    [0x7F, 0x66, 8, 0x02, 2, LONGEST_COMMAND[0], LONGEST_COMMAND[1], 0x02, 2, LONGEST_RESPONSE[0], LONGEST_RESPONSE[1]];

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "numbers far below 65,536, at compile time"
)]
const fn to_bytes(number: usize) -> [u8; 2] {
    assert!(number <= 0xFFFF);
    (number as u16).to_be_bytes()
}

impl Card {
    /// A command on a channel on which no applet is selected.
    #[inline(never)]
    pub(super) fn without_applet(&mut self, channel: Channel, command: &Command<'_>) -> Result<(), Sw> {
        if self.channels.get(channel) == Some(Selection::Domain) {
            return self.ask_domain(channel, command);
        }
        match (command.cla().base(), command.ins()) {
            (0x00, SELECT) => self.select_file(channel, command),
            (0x00, READ_BINARY) => self.read_binary(channel, command),
            (0x00 | 0x80, GET_DATA) => match [command.p1(), command.p2()] {
                [0x7F, 0x66] => {
                    self.answer.put(&CONTENTS);
                    Ok(())
                }
                _ => Err(Sw::REFERENCED_DATA_NOT_FOUND),
            },
            (0x00 | 0x80, _) => Err(Sw::INS_NOT_SUPPORTED),
            _ => Err(Sw::CLA_NOT_SUPPORTED),
        }
    }

    fn select_file(&mut self, channel: Channel, command: &Command<'_>) -> Result<(), Sw> {
        // Bit 8 to 5 zero, no other occurrence than the first; FCI, FCP or nothing.
        let silent = match command.p2() {
            0x00 | 0x04 => false,
            0x0C => true,
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let path = command.data();
        let (ef_atr, identifier) = match (command.p1(), path) {
            (0x00, []) => (false, MF),
            (0x00, path) if path == MF => (false, MF),
            (0x00 | 0x02 | 0x08, path) if path == EF_ATR => (true, EF_ATR),
            (0x08, [0x3F, 0x00, path @ ..]) if path == EF_ATR => (true, EF_ATR),
            (0x00..=0x03 | 0x08 | 0x09, _) => return Err(Sw::FILE_NOT_FOUND),
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        self.channels.set(channel, if ef_atr { Selection::EfAtr } else { Selection::Nothing });
        if !silent {
            let template = if command.p2() == 0x04 { 0x62 } else { 0x6F };
            let [high, low] = to_bytes(CONTENTS.len());
            let [first, second] = identifier;
            // 80: size in bytes; 82: file descriptor, transparent EF or DF; 83: identifier.
            if ef_atr {
                self.answer.put(&[template, 11, 0x80, 2, high, low, 0x82, 1, 0x01, 0x83, 2, first, second]);
            } else {
                self.answer.put(&[template, 7, 0x82, 1, 0x38, 0x83, 2, first, second]);
            }
        }
        Ok(())
    }

    fn read_binary(&mut self, channel: Channel, command: &Command<'_>) -> Result<(), Sw> {
        if !command.data().is_empty() || command.ne() == 0 {
            return Err(Sw::WRONG_LENGTH);
        }
        let offset = match command.p1() {
            0x81 => usize::from(command.p2()),
            0x80..=0x9F => return Err(Sw::FILE_NOT_FOUND),
            0x00..=0x7F if self.channels.get(channel) == Some(Selection::EfAtr) => {
                usize::from(u16::from_be_bytes([command.p1(), command.p2()]))
            }
            0x00..=0x7F => return Err(Sw::NO_CURRENT_EF),
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let rest = CONTENTS.get(offset..).filter(|rest| !rest.is_empty()).ok_or(Sw::WRONG_P1_P2)?;
        let wanted = usize::try_from(command.ne()).unwrap_or(usize::MAX);
        self.answer.put(rest.get(..wanted).unwrap_or(rest));
        if command.p1() == 0x81 {
            self.channels.set(channel, Selection::EfAtr);
        }
        Ok(())
    }
}
