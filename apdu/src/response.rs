//! Response APDUs: a data field and the status word behind it.

use core::fmt;

use crate::buffer::{BufferTooSmall, write_parts};
use crate::status::Sw;

/// A response APDU: 0 to 65,536 bytes of data, then the two bytes SW1-SW2.
///
/// `Debug` prints the length of the data, not the data: it may be secret.
///
/// Source: ISO/IEC 7816-4:2013, response APDUs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// The data field, without the status word.
    pub data: &'a [u8],
    /// The status word.
    pub sw: Sw,
}

/// Fewer than the two bytes of a status word came back from the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a response has at least the 2 bytes of its status word, this one has {length}")]
pub struct ResponseTooShort {
    /// How many bytes came.
    pub length: usize,
}

impl<'a> Response<'a> {
    /// Splits the bytes of a response: the last two are the status word, the rest is data.
    ///
    /// # Errors
    /// [`ResponseTooShort`] for fewer than two bytes.
    #[inline]
    pub const fn decode(bytes: &'a [u8]) -> Result<Self, ResponseTooShort> {
        match bytes.split_last_chunk() {
            Some((data, sw)) => Ok(Self { data, sw: Sw::from_bytes(*sw) }),
            None => Err(ResponseTooShort { length: bytes.len() }),
        }
    }

    /// Writes data and status word to the start of `out` and returns how many bytes that made.
    ///
    /// # Errors
    /// [`BufferTooSmall`] if `out` has no room for the data and two bytes more.
    #[inline]
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        write_parts(out, &[self.data, &self.sw.bytes()])
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("length", &self.data.len()).field("sw", &self.sw).finish()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn the_last_two_bytes_are_the_status_word() {
        assert_eq!(Response::decode(&[]), Err(ResponseTooShort { length: 0 }));
        assert_eq!(Response::decode(&[0x90]), Err(ResponseTooShort { length: 1 }));
        let response = Response::decode(&[1, 2, 0x6A, 0x82]).unwrap();
        assert_eq!((response.data, response.sw), ([1, 2].as_slice(), Sw::FILE_NOT_FOUND));
        let mut out = [0; 4];
        assert_eq!(response.encode(&mut out), Ok(4));
        assert_eq!(out, [1, 2, 0x6A, 0x82]);
        let small = response.encode(&mut out[..3]);
        assert_eq!(small, Err(BufferTooSmall { needed: 4, available: 3 }));
    }

    #[test]
    fn debug_hides_the_data() {
        let printed = std::format!("{:?}", Response { data: b"1234", sw: Sw::OK });
        assert_eq!(printed, "Response { length: 4, sw: 9000 success }");
    }
}
