//! The MAC input, byte by byte: an 8-byte header, then the fields that the profile names.
//!
//! | offset | bytes | header field |
//! |---|---|---|
//! | 0 | 1 | kind: 51 request, 52 response (53 reserved for a void code) |
//! | 1 | 1 | profile: 01 first-protocol, 02 fixed, 03 digitally-8 |
//! | 2 | 1 | key scheme: 00 universal, 01 pairwise, 02 ticket |
//! | 3 | 1 | key epoch |
//! | 4 | 2 | currency, ISO 4217 number, BCD |
//! | 6 | 1 | algorithm: 00 AES-CMAC, 01 HMAC-SHA-256 |
//! | 7 | 1 | version of this layout: 01 |
//!
//! Numbers of people are 8 bytes of BCD padded with F on the left; amount, nonces and check are 4 bytes, big-endian.
//! Kind and profile fix which fields follow, all of fixed width: no two inputs share their bytes unless all fields agree.

use crate::payment::{Suite, Terms};
use crate::profile::Field;

/// Version of the layout of the MAC input.
pub const VERSION: u8 = 0x01;

/// The longest input: header, two numbers, and four 4-byte fields.
pub const MAX: usize = 40;

/// What is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// C, in what the payee shows.
    Request,
    /// R, in what the payer shows.
    Response,
}

impl Kind {
    /// The byte that names it.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Request => 0x51,
            Self::Response => 0x52,
        }
    }
}

/// The fields that are not terms: N_B, N_A and C.
#[derive(Clone, Copy, Debug)]
pub struct Variables {
    /// N_B, in full.
    pub payee_nonce: u32,
    /// N_A, or 0 where the profile gives it no digits.
    pub payer_nonce: u32,
    /// C, or 0 where the MAC does not cover it.
    pub check: u32,
}

/// A MAC input under construction.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    bytes: [u8; MAX],
    len: usize,
}

impl Message {
    /// The input for one code.
    #[inline]
    #[must_use]
    pub fn new(kind: Kind, suite: &Suite<'_>, terms: &Terms, variables: Variables) -> Self {
        let [currency_high, currency_low] = suite.currency.bcd();
        let mut message = Self { bytes: [0; MAX], len: 0 };
        message.put([
            kind.number(),
            suite.profile.number,
            suite.scheme.number(),
            suite.epoch,
            currency_high,
            currency_low,
            suite.key.algorithm().number(),
            VERSION,
        ]);
        let fields = match kind {
            Kind::Request => suite.profile.request_covers,
            Kind::Response => suite.profile.response_covers,
        };
        for field in fields {
            match field {
                Field::Payer => message.put(*terms.payer().bcd()),
                Field::Payee => message.put(*terms.payee().bcd()),
                Field::Amount => message.put(terms.amount().minor_units().to_be_bytes()),
                Field::PayeeNonce => message.put(variables.payee_nonce.to_be_bytes()),
                Field::PayerNonce => message.put(variables.payer_nonce.to_be_bytes()),
                Field::RequestCheck => message.put(variables.check.to_be_bytes()),
            }
        }
        message
    }

    /// The bytes that are MACed.
    #[inline]
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Every profile fits into [`MAX`] bytes (a test looks at all of them); what did not fit would be left out.
    #[inline]
    fn put<const N: usize>(&mut self, field: [u8; N]) {
        let end = self.len.saturating_add(N);
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(&field);
            self.len = end;
        }
    }
}
