//! Session keys, cryptograms, and the protection of one message: what both ends have in common.

use core::fmt;

use apdu::{Aid, Case, Channel, Cla, Command, SecureMessaging};
use subtle::ConstantTimeEq;

use super::{EXTERNAL_AUTHENTICATE, Eight, Level, S8, Sequence};
use crate::cipher::{Aes, AesCmac, BLOCK, Block};
use crate::key::{Key, KeySet, derive, derive_key};

/// What a key or cryptogram is derived for. Source: Amendment D §4.1.5, table 4-1.
mod constant {
    pub(super) const CARD_CRYPTOGRAM: u8 = 0x00;
    pub(super) const HOST_CRYPTOGRAM: u8 = 0x01;
    pub(super) const CARD_CHALLENGE: u8 = 0x02;
    pub(super) const S_ENC: u8 = 0x04;
    pub(super) const S_MAC: u8 = 0x06;
    pub(super) const S_RMAC: u8 = 0x07;
}

/// The card challenge that a card makes of its sequence counter, for the application whose keys are used.
///
/// Source: Amendment D §6.2.2.1.
#[must_use]
pub fn pseudo_random_challenge(enc: &Key, sequence: Sequence, aid: &Aid) -> Eight {
    let mut challenge = [0; S8];
    derive(&mut enc.cmac(), constant::CARD_CHALLENGE, &[&sequence, aid.as_bytes()], &mut challenge);
    challenge
}

/// The keys of one session, its MAC chaining value and its encryption counter.
#[derive(Clone)]
pub(super) struct SessionKeys {
    enc: Aes,
    mac: AesCmac,
    rmac: AesCmac,
    chaining: Block,
    counter: u64,
}

impl SessionKeys {
    /// Source: Amendment D §6.2.1.
    pub(super) fn derive(keys: &KeySet, host_challenge: &Eight, card_challenge: &Eight) -> Self {
        let context: [&[u8]; 2] = [host_challenge, card_challenge];
        Self {
            enc: derive_key(keys.enc(), constant::S_ENC, &context).aes(),
            mac: derive_key(keys.mac(), constant::S_MAC, &context).cmac(),
            rmac: derive_key(keys.mac(), constant::S_RMAC, &context).cmac(),
            chaining: [0; BLOCK],
            counter: 0,
        }
    }

    /// The card's cryptogram and the host's. Source: Amendment D §6.2.2.2, §6.2.2.3.
    pub(super) fn cryptograms(&mut self, host_challenge: &Eight, card_challenge: &Eight) -> (Eight, Eight) {
        let context: [&[u8]; 2] = [host_challenge, card_challenge];
        let (mut card, mut host) = ([0; S8], [0; S8]);
        derive(&mut self.mac, constant::CARD_CRYPTOGRAM, &context, &mut card);
        derive(&mut self.mac, constant::HOST_CRYPTOGRAM, &context, &mut host);
        (card, host)
    }

    /// The C-MAC of a command whose data field will be `data` and the C-MAC; the chaining value with it.
    ///
    /// The class byte goes in with logical channel 0 and bit 3 on. Source: Amendment D §6.2.4.
    pub(super) fn command_mac(&mut self, header: Header, data: &[u8]) -> Eight {
        let [lc1, lc2] = header.lc.to_be_bytes();
        let lc: &[u8] = if header.extended { &[0, lc1, lc2] } else { &[lc2] };
        self.chaining = self.mac.tag(&[&self.chaining, &header.bytes, lc, data]);
        first_8(&self.chaining)
    }

    /// The R-MAC of a response. Source: Amendment D §6.2.5.
    pub(super) fn response_mac(&mut self, data: &[u8], sw: [u8; 2]) -> Eight {
        first_8(&self.rmac.tag(&[&self.chaining, data, &sw]))
    }

    /// Counts a command, also one without data; `false` if the counter is at its end. Source: Amendment D §6.2.6.
    #[must_use]
    pub(super) fn count(&mut self) -> bool {
        self.counter.checked_add(1).inspect(|next| self.counter = *next).is_some()
    }

    /// Enciphers whole blocks of command data. Source: Amendment D §6.2.6.
    pub(super) fn encrypt_command(&self, data: &mut [u8]) {
        self.enc.cbc_encrypt(self.icv(0x00), data);
    }

    /// Deciphers whole blocks of command data.
    pub(super) fn decrypt_command(&self, data: &mut [u8]) {
        self.enc.cbc_decrypt(self.icv(0x00), data);
    }

    /// Enciphers whole blocks of response data. Source: Amendment D §6.2.7.
    pub(super) fn encrypt_response(&self, data: &mut [u8]) {
        self.enc.cbc_encrypt(self.icv(0x80), data);
    }

    /// Deciphers whole blocks of response data.
    pub(super) fn decrypt_response(&self, data: &mut [u8]) {
        self.enc.cbc_decrypt(self.icv(0x80), data);
    }

    /// The initial chaining value: the counter, its first byte `00` for commands and `80` for responses, enciphered.
    fn icv(&self, first: u8) -> Block {
        let counter = u128::from(self.counter) | (u128::from(first) << 120);
        self.enc.encrypt(counter.to_be_bytes())
    }
}

/// Equal chaining values were made with equal keys, but for collisions of CMAC: they are MACs of all that was received.
/// Before the first MAC nothing tells two sessions apart: whoever compares has their challenges to compare.
impl PartialEq for SessionKeys {
    fn eq(&self, other: &Self) -> bool {
        self.chaining == other.chaining && self.counter == other.counter
    }
}

impl Eq for SessionKeys {}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys")
    }
}

/// What of a command goes into its C-MAC beside the data.
#[derive(Clone, Copy)]
pub(super) struct Header {
    bytes: [u8; 4],
    lc: u16,
    extended: bool,
}

impl Header {
    /// `None` if the class byte has no bit for secure messaging, or so much data does not fit.
    pub(super) fn new(command: &Command<'_>, case: Case, lc: usize) -> Option<Self> {
        let cla = command.cla();
        let class = protected(base(cla)?, Channel::BASIC, cla.chaining())?;
        Some(Self {
            bytes: [class.byte(), command.ins(), command.p1(), command.p2()],
            lc: u16::try_from(lc).ok().filter(|_| lc <= case.max_nc())?,
            extended: case.is_extended(),
        })
    }

    /// That of EXTERNAL AUTHENTICATE.
    pub(super) const fn external_authenticate(level: u8) -> Self {
        Self { bytes: [0x84, EXTERNAL_AUTHENTICATE, level, 0], lc: 16, extended: false }
    }
}

/// The class bytes that secure messaging knows: interindustry and `80`.
fn base(cla: Cla) -> Option<u8> {
    Some(cla.base()).filter(|base| matches!(base, 0x00 | 0x80))
}

/// The class byte of a protected command on `channel`. On channels 4 to 19 one bit stands for every secure messaging.
fn protected(base: u8, channel: Channel, chaining: bool) -> Option<Cla> {
    let sm =
        if channel.number() < 4 { SecureMessaging::Proprietary } else { SecureMessaging::IsoHeaderNotAuthenticated };
    build(base, channel, chaining, sm)
}

fn build(base: u8, channel: Channel, chaining: bool, sm: SecureMessaging) -> Option<Cla> {
    let make = if base == 0 { Cla::interindustry } else { Cla::proprietary };
    make(channel, chaining, sm).ok()
}

/// The class byte of a command, with secure messaging said. `None` if it is said already, or cannot be.
pub(super) fn protect(cla: Cla) -> Option<Cla> {
    match cla.secure_messaging() {
        SecureMessaging::None => protected(base(cla)?, cla.channel()?, cla.chaining()),
        _ => None,
    }
}

/// The class byte of a command as it was before. `None` if it does not say secure messaging of ours.
pub(super) fn unprotect(cla: Cla) -> Option<Cla> {
    let (base, channel) = (base(cla)?, cla.channel()?);
    let plain = build(base, channel, cla.chaining(), SecureMessaging::None)?;
    (protected(base, channel, cla.chaining()) == Some(cla)).then_some(plain)
}

/// The form of a command with data, or without, that has a response field or has none as `case` does.
pub(super) const fn case_with(case: Case, data: bool) -> Case {
    match (case.is_extended(), data, case.has_le()) {
        (_, false, false) => Case::One,
        (false, false, true) => Case::TwoShort,
        (false, true, false) => Case::ThreeShort,
        (false, true, true) => Case::FourShort,
        (true, false, true) => Case::TwoExtended,
        (true, true, false) => Case::ThreeExtended,
        (true, true, true) => Case::FourExtended,
    }
}

/// The length of data with its padding: `80`, then `00` to the end of the block; no data stays no data.
pub(super) const fn padded(length: usize) -> usize {
    if length == 0 { 0 } else { (length & !0x0F).saturating_add(BLOCK) }
}

/// Copies `data` to the start of `out`, pads it to `length`, and returns it with the rest of `out`.
pub(super) fn pad<'b>(data: &[u8], length: usize, out: &'b mut [u8]) -> Option<(&'b mut [u8], &'b mut [u8])> {
    let (whole, rest) = out.split_at_mut_checked(length)?;
    let (start, padding) = whole.split_at_mut_checked(data.len())?;
    start.copy_from_slice(data);
    padding.fill(0);
    if let Some(first) = padding.first_mut() {
        *first = 0x80;
    }
    Some((whole, rest))
}

/// How much of deciphered data is not padding; `None` if the padding is none.
pub(super) fn unpadded(data: &[u8]) -> Option<usize> {
    let end = data.iter().rposition(|byte| *byte != 0)?;
    (data.get(end) == Some(&0x80) && data.len().saturating_sub(end) <= BLOCK).then_some(end)
}

/// In constant time.
pub(super) fn same(a: &Eight, b: &Eight) -> bool {
    a.ct_eq(b).into()
}

fn first_8(block: &Block) -> Eight {
    block.first_chunk().copied().unwrap_or_default()
}

/// What a session at this level adds to the data field of a command.
pub(super) const fn command_length(level: Level, data: usize) -> usize {
    let data = if level.command_encryption() { padded(data) } else { data };
    if level.command_mac() { data.saturating_add(S8) } else { data }
}
