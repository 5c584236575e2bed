//! What was answered last, and how much of it has been sent.

use apdu::{Channel, Sw};
use zeroize::Zeroize;

use super::BUFFER;

/// The card's answer buffer.
#[derive(Clone)]
pub(super) struct Answer {
    bytes: [u8; BUFFER],
    sent: usize,
    len: usize,
    /// On which channel it can be fetched.
    channel: Channel,
    /// The header of the command to repeat for it, after `6Cxx`.
    repeat: Option<[u8; 4]>,
    /// What stands behind the last byte of it.
    sw: Sw,
}

impl Default for Answer {
    fn default() -> Self {
        Self { bytes: [0; BUFFER], sent: 0, len: 0, channel: Channel::BASIC, repeat: None, sw: Sw::OK }
    }
}

impl Answer {
    /// An empty buffer to write an answer into, and its length.
    #[inline]
    pub(super) const fn start(&mut self) -> (&mut [u8], &mut usize) {
        self.clear();
        (&mut self.bytes, &mut self.len)
    }

    /// Nothing is waiting any more.
    #[inline]
    pub(super) const fn clear(&mut self) {
        (self.sent, self.len, self.repeat, self.sw) = (0, 0, None, Sw::OK);
    }

    /// As [`Answer::clear`], and the bytes are gone too.
    pub(super) fn wipe(&mut self) {
        self.bytes.zeroize();
        self.clear();
    }

    /// An answer of the card's own: its bytes always fit.
    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.clear();
        if let Some(room) = self.bytes.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
            self.len = bytes.len();
        }
    }

    /// What has not been sent yet.
    #[inline]
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.sent..self.len).unwrap_or_default()
    }

    /// The next bytes, at most so many, and how many are left behind them; they count as sent.
    #[inline]
    pub(super) fn take(&mut self, most: usize) -> (&[u8], usize) {
        let waiting = self.bytes.get(self.sent..self.len).unwrap_or_default();
        let (taken, left) = waiting.split_at_checked(most).unwrap_or((waiting, &[]));
        self.sent = self.sent.saturating_add(taken.len());
        self.repeat = None;
        (taken, left.len())
    }

    /// The channel on which it waits.
    #[inline]
    pub(super) const fn channel(&self) -> Channel {
        self.channel
    }

    /// On which channel it waits.
    #[inline]
    pub(super) const fn set_channel(&mut self, channel: Channel) {
        self.channel = channel;
    }

    /// The status word behind it.
    #[inline]
    pub(super) const fn sw(&self) -> Sw {
        self.sw
    }

    /// Ends it with a warning instead of `9000`.
    pub(super) const fn set_sw(&mut self, sw: Sw) {
        self.sw = sw;
    }

    /// The header of the command that is to be repeated for it.
    pub(super) const fn repeat(&self) -> Option<[u8; 4]> {
        self.repeat
    }

    /// Waits for the command with this header to be repeated.
    pub(super) const fn wait_for(&mut self, header: [u8; 4]) {
        self.repeat = Some(header);
    }

    /// Puts back what was waiting, on this channel, for this command to be repeated.
    pub(super) fn restore(&mut self, waiting: &[u8], (channel, repeat, sw): (Channel, Option<[u8; 4]>, Sw)) {
        self.put(waiting);
        (self.channel, self.repeat, self.sw) = (channel, repeat, sw);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
