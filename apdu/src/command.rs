//! Command APDUs: a header of four bytes, and a body in one of seven forms.

mod case;
mod chain;
mod error;

pub use case::{Case, Le};
pub use chain::{Chain, Unchainable};
pub use error::CommandError;

use core::fmt;

use crate::buffer::{BufferTooSmall, write_parts};
use crate::class::Cla;

/// A command APDU: CLA INS P1 P2, up to 65,535 bytes of data (`Nc`), up to 65,536 expected
/// (`Ne`), and the form in which the two lengths are written.
///
/// | case | body |
/// |---|---|
/// | 1 | |
/// | 2S | `Le` |
/// | 3S | `Lc` data |
/// | 4S | `Lc` data `Le` |
/// | 2E | `00 Le Le` |
/// | 3E | `00 Lc Lc` data |
/// | 4E | `00 Lc Lc` data `Le Le` |
///
/// A command is always one that the standard can encode; decoding it and encoding it again gives
/// the same bytes. `Debug` prints header, case and lengths, never the data: it may be a PIN.
///
/// Source: ISO/IEC 7816-3:2006 §12.1.3 and ISO/IEC 7816-4:2013, command APDUs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    cla: Cla,
    ins: u8,
    p1: u8,
    p2: u8,
    case: Case,
    // 0 where the case has no Le. Its low bytes are Le as encoded: the maximum of each form ends in zeros.
    ne: u32,
    data: &'a [u8],
}

impl<'a> Command<'a> {
    /// The longest encoding, in bytes: case 4E with 65,535 bytes of data.
    pub const MAX_LENGTH: usize = 65_544;

    /// Reads a command. Exactly the encodings of the seven forms are accepted.
    ///
    /// # Errors
    /// [`CommandError::HeaderTruncated`], [`ExtendedLengthTruncated`](CommandError::ExtendedLengthTruncated),
    /// [`LcZero`](CommandError::LcZero), [`DataTruncated`](CommandError::DataTruncated),
    /// [`LeTruncated`](CommandError::LeTruncated) or [`TrailingBytes`](CommandError::TrailingBytes).
    #[inline]
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CommandError> {
        let [cla, ins, p1, p2, body @ ..] = bytes else {
            return Err(CommandError::HeaderTruncated { length: bytes.len() });
        };
        let (case, data, ne) = match *body {
            [] => (Case::One, [].as_slice(), 0),
            [le] => (Case::TwoShort, [].as_slice(), Le::Short(le).ne()),
            [0, _] => return Err(CommandError::ExtendedLengthTruncated),
            [0, high, low] => (Case::TwoExtended, [].as_slice(), extended_ne(high, low)),
            [0, 0, 0, ..] => return Err(CommandError::LcZero),
            [0, high, low, ref rest @ ..] => extended(u16::from_be_bytes([high, low]), rest)?,
            [lc, ref rest @ ..] => short(lc, rest)?,
        };
        Ok(Self { cla: Cla::new(*cla), ins: *ins, p1: *p1, p2: *p2, case, ne, data })
    }

    /// The command in the shortest form that holds `data` and `ne` (0: no response data is expected).
    ///
    /// # Errors
    /// [`CommandError::DataTooLong`] above 65,535 bytes of data, [`CommandError::NeTooLarge`]
    /// above 65,536 bytes expected.
    #[inline]
    pub fn new(cla: Cla, ins: u8, p1: u8, p2: u8, data: &'a [u8], ne: u32) -> Result<Self, CommandError> {
        Self::with_case(Case::shortest(data.len(), ne), cla, ins, p1, p2, data, ne)
    }

    /// The command in the form `case`, which need not be the shortest.
    ///
    /// # Errors
    /// The first rule broken, in this order: [`CommandError::DataNotAllowed`],
    /// [`DataMissing`](CommandError::DataMissing), [`DataTooLong`](CommandError::DataTooLong),
    /// [`NeNotAllowed`](CommandError::NeNotAllowed), [`NeMissing`](CommandError::NeMissing),
    /// [`NeTooLarge`](CommandError::NeTooLarge).
    #[inline]
    pub fn with_case(
        case: Case,
        cla: Cla,
        ins: u8,
        p1: u8,
        p2: u8,
        data: &'a [u8],
        ne: u32,
    ) -> Result<Self, CommandError> {
        case.check(data.len(), ne)?;
        Ok(Self { cla, ins, p1, p2, case, ne, data })
    }

    /// A case 2S command; every `Le` is one.
    pub(crate) const fn two_short(cla: Cla, ins: u8, p1: u8, p2: u8, le: u8) -> Self {
        Self { cla, ins, p1, p2, case: Case::TwoShort, ne: Le::Short(le).ne(), data: &[] }
    }

    /// The class byte.
    #[inline]
    #[must_use]
    pub const fn cla(&self) -> Cla {
        self.cla
    }

    /// The instruction byte.
    #[inline]
    #[must_use]
    pub const fn ins(&self) -> u8 {
        self.ins
    }

    /// The first parameter byte.
    #[inline]
    #[must_use]
    pub const fn p1(&self) -> u8 {
        self.p1
    }

    /// The second parameter byte.
    #[inline]
    #[must_use]
    pub const fn p2(&self) -> u8 {
        self.p2
    }

    /// The data field, 0 to 65,535 bytes.
    #[inline]
    #[must_use]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The form of the body.
    #[inline]
    #[must_use]
    pub const fn case(&self) -> Case {
        self.case
    }

    /// The `Le` field as encoded.
    #[inline]
    #[must_use]
    pub const fn le(&self) -> Le {
        let [_, _, high, low] = self.ne.to_be_bytes();
        if !self.case.has_le() {
            Le::None
        } else if self.case.is_extended() {
            Le::Extended(u16::from_be_bytes([high, low]))
        } else {
            Le::Short(low)
        }
    }

    /// How many bytes of response data are expected at most: 0 to 65,536.
    #[inline]
    #[must_use]
    pub const fn ne(&self) -> u32 {
        self.ne
    }

    /// How many bytes [`encode`](Self::encode) writes: 4 to [`MAX_LENGTH`](Self::MAX_LENGTH).
    #[inline]
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        self.data.len().saturating_add(self.case.overhead())
    }

    /// Writes the command to the start of `out` and returns how many bytes that made.
    ///
    /// # Errors
    /// [`BufferTooSmall`] if `out` has fewer than [`encoded_len`](Self::encoded_len) bytes.
    #[inline]
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let header = &[self.cla.byte(), self.ins, self.p1, self.p2];
        // Nc was checked when the command was made, so it is at most 65,535.
        let [lc1, lc2] = u16::try_from(self.data.len()).unwrap_or(u16::MAX).to_be_bytes();
        let [_, _, le1, le2] = self.ne.to_be_bytes();
        match self.case {
            Case::One => write_parts(out, &[header]),
            Case::TwoShort => write_parts(out, &[header, &[le2]]),
            Case::ThreeShort => write_parts(out, &[header, &[lc2], self.data]),
            Case::FourShort => write_parts(out, &[header, &[lc2], self.data, &[le2]]),
            Case::TwoExtended => write_parts(out, &[header, &[0, le1, le2]]),
            Case::ThreeExtended => write_parts(out, &[header, &[0, lc1, lc2], self.data]),
            Case::FourExtended => write_parts(out, &[header, &[0, lc1, lc2], self.data, &[le1, le2]]),
        }
    }
}

/// The body behind a short `Lc` (1 to 255).
fn short(lc: u8, rest: &[u8]) -> Result<(Case, &[u8], u32), CommandError> {
    match split(usize::from(lc), rest)? {
        (data, []) => Ok((Case::ThreeShort, data, 0)),
        (data, [le]) => Ok((Case::FourShort, data, Le::Short(*le).ne())),
        (_, behind) => Err(CommandError::TrailingBytes { count: behind.len().saturating_sub(1) }),
    }
}

/// The body behind an extended `Lc` (1 to 65,535).
fn extended(lc: u16, rest: &[u8]) -> Result<(Case, &[u8], u32), CommandError> {
    match split(usize::from(lc), rest)? {
        (data, []) => Ok((Case::ThreeExtended, data, 0)),
        (_, [_]) => Err(CommandError::LeTruncated),
        (data, [high, low]) => Ok((Case::FourExtended, data, extended_ne(*high, *low))),
        (_, behind) => Err(CommandError::TrailingBytes { count: behind.len().saturating_sub(2) }),
    }
}

const fn extended_ne(high: u8, low: u8) -> u32 {
    Le::Extended(u16::from_be_bytes([high, low])).ne()
}

fn split(lc: usize, rest: &[u8]) -> Result<(&[u8], &[u8]), CommandError> {
    rest.split_at_checked(lc).ok_or(CommandError::DataTruncated { lc, found: rest.len() })
}

impl fmt::Debug for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cla, nc, ne) = (self.cla, self.data.len(), self.ne());
        let Self { ins, p1, p2, case, .. } = self;
        write!(f, "Command({cla} {ins:02X} {p1:02X} {p2:02X}, case {case}, Nc {nc}, Ne {ne})")
    }
}
