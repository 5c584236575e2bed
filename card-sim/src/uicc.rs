//! A small simulated UICC: what an operator's SIM is to an overlay, and to a phone that starts. It hosts no applet.
//!
//! | command | class | |
//! |---|---|---|
//! | SELECT `A4` | `0X` | by file identifier, by path, by AID in full or in part, the parent; P2 `04` FCP, `0C` nothing |
//! | STATUS `F2` | `8X` | P2 `00` FCP, `01` DF name, `0C` nothing |
//! | READ BINARY `B0`, READ RECORD `B2` | `0X` | also by short file identifier |
//! | VERIFY `20` | `00` | PIN1; without data the tries left |
//! | MANAGE CHANNEL `70` | `0X` | channels 1 to 3 |
//! | GET RESPONSE `C0` | `0X` | what was not asked for by a `Le` |
//! | TERMINAL PROFILE, FETCH, TERMINAL RESPONSE, ENVELOPE | `80` | see [`toolkit`] |
//!
//! `Le` that is not the length of an answer is `6CXX`, but where a part may be read. What is read from EF.IMSI needs PIN1.
//! Its whole state is one value: a clone is a snapshot.
//!
//! Sources: ETSI TS 102 221 (commands, FCP template, PIN status); 3GPP TS 31.102 (ADF.USIM).

mod files;
mod front;
pub mod toolkit;

use std::convert::Infallible;

use apdu::{Channel, Cla, Command, SecureMessaging, Sw, Transport};
use applet_model::runtime::PinBlock;

pub use files::{USIM, bcd};

use crate::card::Card;
use crate::vpcd::Powered;
use files::{File, Selected};
use toolkit::Toolkit;

const CHANNELS: usize = 4;
const TRIES: u8 = 3;

/// What is written onto a UICC when it is made.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Its number, 18 to 20 digits.
    pub iccid: String,
    /// The subscriber's, 6 to 15 digits.
    pub imsi: String,
    /// PIN1; nothing if it is switched off.
    pub pin: Option<PinBlock>,
    /// The SET UP MENU of its toolkit applet; nothing, if it has no toolkit.
    pub menu: Option<Vec<u8>>,
}

impl Default for Setup {
    /// A test network's card with PIN 1234, and the menu [`toolkit::MENU`].
    fn default() -> Self {
        Self {
            iccid: "8988211000000000017".into(),
            imsi: "001010000000017".into(),
            pin: PinBlock::from_bytes(*b"1234\xFF\xFF\xFF\xFF").ok(),
            menu: Some(toolkit::MENU.to_vec()),
        }
    }
}

/// A simulated UICC.
#[derive(Clone)]
pub struct Uicc {
    files: Vec<File>,
    channels: [Option<Selected>; CHANNELS],
    pin: Option<PinBlock>,
    tries: u8,
    verified: bool,
    toolkit: Option<Toolkit>,
    /// What GET RESPONSE brings, and on which channel.
    waiting: Vec<u8>,
    on: usize,
}

/// What a command is answered: data, and whether a part of it may be asked for.
enum Done {
    Nothing,
    Whole(Vec<u8>),
    /// As much of the file as was asked for.
    Part(Vec<u8>),
}

impl Uicc {
    /// A new one, switched on.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let mut made = Self {
            files: files::make(&setup.iccid, &setup.imsi, setup.pin.is_some()),
            channels: [None; CHANNELS],
            pin: setup.pin.clone(),
            tries: TRIES,
            verified: false,
            toolkit: setup.menu.as_ref().map(|menu| Toolkit::new(menu)),
            waiting: Vec::new(),
            on: 0,
        };
        made.power_off();
        made
    }

    /// Has another menu from now on, which the terminal is told with its next command; none without a toolkit.
    pub fn set_menu(&mut self, menu: &[u8]) {
        if let Some(toolkit) = &mut self.toolkit {
            toolkit.set_menu(menu);
        }
    }

    fn power_off(&mut self) {
        self.channels = [Some(Selected::MF), None, None, None];
        self.verified = false;
        self.waiting.clear();
        if let Some(toolkit) = &mut self.toolkit {
            toolkit.reset();
        }
    }

    /// PIN1: `00 20 00 01 [08 PIN]`.
    fn verify(&mut self, command: &Command<'_>) -> Result<Done, Sw> {
        if (command.p1(), command.p2()) != (0, 1) {
            return Err(if command.p1() == 0 { Sw::REFERENCED_DATA_NOT_FOUND } else { Sw::INCORRECT_P1_P2 });
        }
        let Some(pin) = &self.pin else { return Err(Sw::REFERENCE_DATA_NOT_USABLE) };
        if command.data().is_empty() {
            return Err(if self.tries == 0 { Sw::AUTHENTICATION_METHOD_BLOCKED } else { Sw::counter(self.tries) });
        }
        let given: &[u8; PinBlock::LEN] = command.data().try_into().map_err(|_| Sw::WRONG_LENGTH)?;
        if self.tries == 0 {
            return Err(Sw::AUTHENTICATION_METHOD_BLOCKED);
        }
        self.verified = given == pin.expose();
        if self.verified {
            self.tries = TRIES;
            return Ok(Done::Nothing);
        }
        self.tries = self.tries.saturating_sub(1);
        Err(if self.tries == 0 { Sw::AUTHENTICATION_METHOD_BLOCKED } else { Sw::counter(self.tries) })
    }

    /// `0X 70 00 00 01` opens a channel, `0X 70 80 n` closes one.
    fn manage_channel(&mut self, command: &Command<'_>) -> Result<Done, Sw> {
        let named = usize::from(command.p2());
        match (command.p1(), named) {
            (0, 0) if ![1, 256].contains(&command.ne()) => Err(Sw::correct_le(1)),
            (0, 0) => {
                let free = self.channels.iter().position(Option::is_none).ok_or(Sw::FUNCTION_NOT_SUPPORTED)?;
                self.open(free, command)?;
                Ok(Done::Whole(vec![u8::try_from(free).unwrap_or_default()]))
            }
            (0, 1..CHANNELS) if self.channels.get(named).is_some_and(Option::is_none) => self.open(named, command),
            (0x80, 1..CHANNELS) => {
                let channel = self.channels.get_mut(named).ok_or(Sw::FUNCTION_NOT_SUPPORTED)?;
                channel.take().map(|_| Done::Nothing).ok_or(Sw::WARNING)
            }
            (0 | 0x80, CHANNELS..) | (0x80, 0) => Err(Sw::FUNCTION_NOT_SUPPORTED),
            _ => Err(Sw::INCORRECT_P1_P2),
        }
    }

    /// A channel opened from the basic one begins in the MF, one from another where that is.
    fn open(&mut self, channel: usize, command: &Command<'_>) -> Result<Done, Sw> {
        let from = number(command.cla()).unwrap_or_default();
        let place = if from == 0 { Some(Selected::MF) } else { self.channels.get(from).copied().flatten() };
        *self.channels.get_mut(channel).ok_or(Sw::FUNCTION_NOT_SUPPORTED)? = place;
        Ok(Done::Nothing)
    }
}

/// The number of a channel that there may be.
fn number(cla: Cla) -> Option<usize> {
    cla.channel().map(Channel::number).map(usize::from).filter(|number| *number < CHANNELS)
}

/// Whether the class byte asks for nothing but a channel.
fn is_plain(cla: Cla) -> bool {
    matches!(cla.base(), 0x00 | 0x80) && !cla.chaining() && cla.secure_messaging() == SecureMessaging::None
}

impl Transport for Uicc {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        Ok(self.answer(command, response))
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        self.power_off();
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        Card::DEFAULT_ATR
    }
}

impl Powered for Uicc {}

impl std::fmt::Debug for Uicc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uicc").field("files", &self.files.len()).field("tries", &self.tries).finish_non_exhaustive()
    }
}
