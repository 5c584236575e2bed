//! Logical channels, and MANAGE CHANNEL — `0X 70 P1 P2 [Le]`.
//!
//! | P1 P2 | does | answers |
//! |---|---|---|
//! | `00 00` | opens the lowest channel that is free | its number, one byte; `6C01` if `Le` is not 1 (or 256), `6A81` if none is free |
//! | `00 n` | opens channel n | nothing; `6A86` if it is open, `6A81` if the card has no such channel |
//! | `80 00` | closes the channel that the command came on | nothing; `6A81` on the basic channel |
//! | `80 n` | closes channel n | nothing; `6200` if it is closed, `6A81` if the card has no such channel |
//!
//! A channel opened from the basic one has nothing selected, as this card has no default applet; one opened from another
//! has selected what that has, which is asked as by SELECT (`6985` if it takes no second channel; the new one stays closed).
//! Closing a channel deselects its applet. The basic channel is always open; a reset closes the others. A command on a
//! closed channel is `6881`, SELECT too, as GlobalPlatform has it: it opens none.
//!
//! Source: ISO/IEC 7816-4:2013, logical channels, MANAGE CHANNEL command; Java Card Runtime Environment Specification,
//! "Logical channels and applet selection", for what is selected and for the status words.

use apdu::{Channel, Command, Sw};

use super::Card;

/// How many channels the card has, the basic one included.
pub const CHANNELS: usize = 4;

const OPEN: u8 = 0x00;
const CLOSE: u8 = 0x80;

/// The channel of this number, from 0 on, among those the card has.
pub(super) type Number = usize;

/// The basic channel.
pub(super) const BASIC: Number = 0;

/// What every open channel has of its own. The memory that its applet keeps until it is deselected is the applet's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    /// The instance that is selected.
    pub(super) applet: Option<usize>,
    /// Whether EF.ATR/INFO is, where no applet is.
    pub(super) ef_atr: bool,
}

/// All channels; nothing where one is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Channels([Option<Selection>; CHANNELS]);

impl Default for Channels {
    fn default() -> Self {
        let mut channels = [None; CHANNELS];
        if let Some(basic) = channels.first_mut() {
            *basic = Some(Selection::default());
        }
        Self(channels)
    }
}

impl Channels {
    /// The selection of an open channel.
    #[inline]
    pub(super) fn get(&self, number: Number) -> Option<Selection> {
        self.0.get(number).copied().flatten()
    }

    /// The instance selected on this channel.
    #[inline]
    pub(super) fn applet(&self, number: Number) -> Option<usize> {
        self.get(number)?.applet
    }

    /// Sets the selection of a channel, which is open then.
    pub(super) fn set(&mut self, number: Number, selection: Selection) {
        if let Some(channel) = self.0.get_mut(number) {
            *channel = Some(selection);
        }
    }

    fn close(&mut self, number: Number) {
        if let Some(channel) = self.0.get_mut(number) {
            *channel = None;
        }
    }

    /// The channels on which this instance is selected.
    pub(super) fn with(&self, applet: usize) -> impl Iterator<Item = Number> {
        let open = self.0.iter().enumerate();
        open.filter_map(move |(number, channel)| channel.is_some_and(|s| s.applet == Some(applet)).then_some(number))
    }
}

impl Card {
    /// MANAGE CHANNEL, on this channel.
    pub(super) fn manage_channel(&mut self, on: Number, command: &Command<'_>) -> Result<(), Sw> {
        if !command.data().is_empty() {
            return Err(Sw::WRONG_LENGTH);
        }
        let number = Number::from(command.p2());
        match (command.p1(), number) {
            (OPEN, BASIC) if !matches!(command.ne(), 0 | 1 | 256 | 65_536) => Err(Sw::correct_le(1)),
            (OPEN, BASIC) => {
                let free = (1..CHANNELS).find(|number| self.channels.get(*number).is_none());
                let free = free.ok_or(Sw::FUNCTION_NOT_SUPPORTED)?;
                self.open(on, free)?;
                self.answer.put(&[u8::try_from(free).unwrap_or_default()]);
                Ok(())
            }
            (OPEN | CLOSE, CHANNELS..=Number::MAX) => Err(Sw::FUNCTION_NOT_SUPPORTED),
            (OPEN, number) if self.channels.get(number).is_some() => Err(Sw::INCORRECT_P1_P2),
            (OPEN, number) => self.open(on, number),
            (CLOSE, number) => {
                let closing = if number == BASIC { on } else { number };
                if closing == BASIC {
                    return Err(Sw::FUNCTION_NOT_SUPPORTED);
                }
                if self.channels.get(closing).is_none() {
                    return Err(Sw::WARNING);
                }
                self.deselect(closing);
                self.channels.close(closing);
                Ok(())
            }
            _ => Err(Sw::INCORRECT_P1_P2),
        }
    }

    /// Opens a channel, from another one.
    fn open(&mut self, from: Number, number: Number) -> Result<(), Sw> {
        let applet = self.channels.applet(from).filter(|_| from != BASIC);
        if let Some(applet) = applet {
            self.refuse_if_busy(applet, number)?;
        }
        self.channels.set(number, Selection::default());
        if let Some(applet) = applet {
            if let Err(sw) = self.enter(applet, number) {
                self.channels.close(number);
                return Err(sw);
            }
            // The answer is that of MANAGE CHANNEL.
            self.answer.clear();
        }
        Ok(())
    }
}

/// The number of a channel in the words of the class byte, if the card has it.
pub(super) fn number(channel: Channel) -> Option<Number> {
    Some(Number::from(channel.number())).filter(|number| *number < CHANNELS)
}
