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

use super::{Card, Protocol};

/// How many channels the card has, the basic one included.
pub const CHANNELS: u8 = 4;

const OPEN: u8 = 0x00;
const CLOSE: u8 = 0x80;

/// What is selected on an open channel. The memory that its applet keeps until it is deselected is the applet's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Selection {
    /// Nothing.
    #[default]
    Nothing,
    /// EF.ATR/INFO.
    EfAtr,
    /// The instance with this index.
    Applet(usize),
    /// The issuer domain.
    Domain,
}

/// All channels; nothing where one is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Channels([Option<Selection>; 4]);

const _: () = assert!(CHANNELS == 4);

impl Default for Channels {
    fn default() -> Self {
        let mut channels = [None; 4];
        if let Some(basic) = channels.first_mut() {
            *basic = Some(Selection::default());
        }
        Self(channels)
    }
}

impl Channels {
    /// The selection of an open channel.
    #[inline]
    pub(super) fn get(&self, channel: Channel) -> Option<Selection> {
        self.0.get(index(channel)).copied().flatten()
    }

    /// The instance selected on this channel.
    #[inline]
    pub(super) fn applet(&self, channel: Channel) -> Option<usize> {
        match self.get(channel) {
            Some(Selection::Applet(index)) => Some(index),
            _ => None,
        }
    }

    /// Sets the selection of a channel, which is open then.
    pub(super) fn set(&mut self, channel: Channel, selection: Selection) {
        if let Some(channel) = self.0.get_mut(index(channel)) {
            *channel = Some(selection);
        }
    }

    fn close(&mut self, channel: Channel) {
        if let Some(channel) = self.0.get_mut(index(channel)) {
            *channel = None;
        }
    }

    /// An instance is gone: those behind it move up. It is selected nowhere.
    pub(super) fn removed(&mut self, applet: usize) {
        for selection in self.0.iter_mut().flatten() {
            if let Selection::Applet(index) = selection
                && *index > applet
            {
                *index = index.saturating_sub(1);
            }
        }
    }

    /// The channels on which this instance is selected.
    pub(super) fn with(&self, applet: usize) -> impl Iterator<Item = Channel> {
        all().filter(move |channel| self.applet(*channel) == Some(applet))
    }
}

/// Every channel that the card has.
pub(super) fn all() -> impl Iterator<Item = Channel> {
    (0..CHANNELS).filter_map(Channel::new)
}

/// A channel's place in a row of all of them.
#[inline]
pub(super) fn index(channel: Channel) -> usize {
    usize::from(channel.number())
}

impl Card {
    /// MANAGE CHANNEL, on this channel.
    #[inline(never)]
    pub(super) fn manage_channel(&mut self, on: Channel, command: &Command<'_>) -> Result<(), Sw> {
        if !command.data().is_empty() {
            return Err(Sw::WRONG_LENGTH);
        }
        let named = || all().find(|channel| channel.number() == command.p2()).ok_or(Sw::FUNCTION_NOT_SUPPORTED);
        match (command.p1(), command.p2()) {
            (OPEN, 0) if !matches!(command.ne(), 0 | 1 | 256 | 65_536) => Err(Sw::correct_le(1)),
            // In T=0 an answer of another length is asked for again: before anything is opened.
            (OPEN, 0) if self.protocol == Protocol::T0 && command.ne() > 1 => Err(Sw::correct_le(1)),
            (OPEN, 0) => {
                let free = all().find(|channel| self.channels.get(*channel).is_none());
                let free = free.ok_or(Sw::FUNCTION_NOT_SUPPORTED)?;
                self.open(on, free)?;
                self.answer.put(&[free.number()]);
                Ok(())
            }
            (OPEN, _) => match named()? {
                open if self.channels.get(open).is_some() => Err(Sw::INCORRECT_P1_P2),
                channel => self.open(on, channel),
            },
            (CLOSE, number) => match if number == 0 { on } else { named()? } {
                Channel::BASIC => Err(Sw::FUNCTION_NOT_SUPPORTED),
                closed if self.channels.get(closed).is_none() => Err(Sw::WARNING),
                channel => {
                    self.deselect(channel);
                    self.channels.close(channel);
                    Ok(())
                }
            },
            _ => Err(Sw::INCORRECT_P1_P2),
        }
    }

    /// Opens a channel with nothing selected, or closes it, after a SIM below has.
    pub(crate) fn follow(&mut self, channel: Channel, open: bool) {
        self.leave(channel);
        match open {
            true => self.channels.set(channel, Selection::default()),
            false => self.channels.close(channel),
        }
    }

    /// Nothing is selected on this channel from now on.
    pub(crate) fn leave(&mut self, channel: Channel) {
        if self.channels.get(channel).is_some() {
            self.deselect(channel);
            self.channels.set(channel, Selection::default());
        }
    }

    /// Opens a channel, from another one.
    fn open(&mut self, from: Channel, channel: Channel) -> Result<(), Sw> {
        let applet = self.selected_index(from).filter(|_| from != Channel::BASIC);
        if let Some(applet) = applet {
            self.refuse_if_busy(applet, channel)?;
        }
        self.channels.set(channel, Selection::default());
        if let Some(applet) = applet {
            if let Err(sw) = self.enter(applet, channel) {
                self.channels.close(channel);
                return Err(sw);
            }
            // The answer is that of MANAGE CHANNEL.
            self.answer.clear();
        }
        Ok(())
    }
}
