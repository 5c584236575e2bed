//! What the selected applet answered, and how much of it has been sent.

use apdu::{Response, Sw};
use zeroize::Zeroize;

use super::BUFFER;

/// The card's answer buffer.
#[derive(Clone)]
pub(super) struct Answer {
    bytes: [u8; BUFFER],
    sent: usize,
    len: usize,
}

impl Default for Answer {
    fn default() -> Self {
        Self { bytes: [0; BUFFER], sent: 0, len: 0 }
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
        (self.sent, self.len) = (0, 0);
    }

    /// As [`Answer::clear`], and the bytes are gone too.
    pub(super) fn wipe(&mut self) {
        self.bytes.zeroize();
        self.clear();
    }

    /// What has not been sent yet.
    #[inline]
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.sent..self.len).unwrap_or_default()
    }

    /// Puts back what was waiting.
    pub(super) fn restore(&mut self, waiting: &[u8]) {
        self.clear();
        if let Some(room) = self.bytes.get_mut(..waiting.len()) {
            room.copy_from_slice(waiting);
            self.len = waiting.len();
        }
    }

    /// Writes as much as `ne` and `response` allow, with `9000` if that was all, else `61xx`; returns the length.
    ///
    /// Source: ISO/IEC 7816-4:2013 §5.3.4, response chaining.
    #[inline]
    pub(super) fn release(&mut self, ne: u32, response: &mut [u8]) -> usize {
        let room = response.len().saturating_sub(Sw::OK.bytes().len());
        let count = self.waiting().len().min(room).min(usize::try_from(ne).unwrap_or(usize::MAX));
        let end = self.sent.saturating_add(count);
        let data = self.bytes.get(self.sent..end).unwrap_or_default();
        let sw = match self.len.saturating_sub(end) {
            0 => Sw::OK,
            // 256 bytes and more are said as 0.
            left => Sw::bytes_available(u8::try_from(left).unwrap_or(0)),
        };
        match (Response { data, sw }).encode(response) {
            Ok(length) => {
                self.sent = end;
                length
            }
            Err(_) => 0,
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
