//! A model of a card with T=0: it takes one command, whole or chained, and answers it with the bytes it holds.

use std::convert::Infallible;

use apdu::Transport;

/// What the card says, by GET RESPONSE and by itself.
pub(crate) struct Card {
    answer: Vec<u8>,
    sent: usize,
    manner: u8,
    /// The data of the command, from all its pieces.
    pub(crate) received: Vec<u8>,
    /// Whether it has refused a length with `6Cxx` and has not sent anything since.
    pub(crate) refused: bool,
}

/// Bytes that tell where they belong.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from(i % 251).unwrap_or_default()).collect()
}

impl Card {
    /// How many manners there are:
    ///
    /// - bit 0: a length other than what it offers is refused with `6Cxx`;
    /// - bit 1: it sends at most 100 bytes at once;
    /// - bit 2: also case 2 gets `61xx` first.
    pub(crate) const MANNERS: u8 = 8;

    /// A card that answers with these bytes, in this manner.
    pub(crate) const fn new(answer: Vec<u8>, manner: u8) -> Self {
        Self { answer, sent: 0, manner, received: Vec::new(), refused: false }
    }

    /// Whether it refuses lengths.
    pub(crate) const fn fussy(&self) -> bool {
        self.manner & 1 != 0
    }

    /// How many bytes it offers next: 256 at most, or 100.
    pub(crate) fn offer(&self) -> usize {
        let most = if self.manner & 2 == 0 { 256 } else { 100 };
        self.answer.len().saturating_sub(self.sent).min(most)
    }

    fn respond(&mut self, command: &[u8]) -> Vec<u8> {
        let [cla, ins, _, _, p3, data @ ..] = command else { return vec![0x67, 0x00] };
        let get_response = *ins == 0xC0;
        if !data.is_empty() {
            assert_eq!(data.len(), usize::from(*p3), "P3 is Lc");
            self.received.extend(data);
        }
        if cla & 0x10 != 0 {
            return vec![0x90, 0x00];
        }
        let offer = self.offer();
        if !data.is_empty() || (self.manner & 4 != 0 && !get_response) {
            return if offer == 0 { vec![0x90, 0x00] } else { vec![0x61, sw2(offer)] };
        }
        let asked = if *p3 == 0 { 256 } else { usize::from(*p3) };
        if get_response && offer == 0 {
            return vec![0x69, 0x85];
        }
        if self.fussy() && offer > 0 && asked != offer {
            self.refused = !get_response;
            return vec![0x6C, sw2(offer)];
        }
        self.refused = false;
        let end = self.sent + asked.min(offer);
        let mut response = self.answer[self.sent..end].to_vec();
        self.sent = end;
        response.extend(if self.sent == self.answer.len() { [0x90, 0x00] } else { [0x61, sw2(self.offer())] });
        response
    }
}

/// The `xx` of `61xx` and `6Cxx`.
pub(crate) fn sw2(bytes: usize) -> u8 {
    u8::try_from(bytes).unwrap_or(0)
}

impl Transport for Card {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        let answer = self.respond(command);
        response[..answer.len()].copy_from_slice(&answer);
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }
}
