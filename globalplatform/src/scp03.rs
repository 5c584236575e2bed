//! SCP03: both ends know three AES keys, prove it to each other, and then protect commands and responses.
//!
//! | host | | card |
//! |---|---|---|
//! | [`Host::new`](host::Host::new), `initialize_update` | → INITIALIZE UPDATE, host challenge | [`Offer::answer`](card::Offer::answer) |
//! | [`Host::receive`](host::Host::receive) | ← card challenge, card cryptogram | [`Pending`](card::Pending) |
//! | [`Verified::external_authenticate`](host::Verified::external_authenticate) | → EXTERNAL AUTHENTICATE, host cryptogram, C-MAC | [`Pending::external_authenticate`](card::Pending::external_authenticate) |
//! | [`Authenticating::accepted`](host::Authenticating::accepted) | ← `9000` | [`card::Session`] |
//! | [`host::Session::wrap`] | → command, C-DECRYPTION, C-MAC | [`card::Session::unwrap`] |
//! | [`host::Sent::unwrap`] | ← response, R-ENCRYPTION, R-MAC | [`card::Received::wrap`] |
//!
//! Each step consumes the one before it, so no step can be skipped, and none tried again: a wrong cryptogram or MAC
//! leaves nothing to go on with. Cryptograms and MACs have 8 bytes (S8); S16, of Amendment D v1.2, is refused.
//!
//! Source: GlobalPlatform Card Specification v2.2 Amendment D v1.1.1, cited below as Amendment D.

pub mod card;
pub mod host;
mod keys;
mod level;
mod message;
mod parameter;

pub use keys::pseudo_random_challenge;
pub use level::Level;
pub use message::{InitializeUpdate, InitializeUpdateResponse, ResponseError};
pub use parameter::{Parameter, ParameterError, ResponseProtection};

/// The number of this protocol in key information and in card recognition data.
pub const SCP03: u8 = 0x03;

/// INS of INITIALIZE UPDATE.
pub const INITIALIZE_UPDATE: u8 = 0x50;

/// INS of EXTERNAL AUTHENTICATE.
pub const EXTERNAL_AUTHENTICATE: u8 = 0x82;

/// Bytes of challenges, cryptograms and MACs.
pub const S8: usize = 8;

/// A challenge or a cryptogram.
pub type Eight = [u8; S8];

/// The counter behind pseudo-random challenges, of one key set on one card.
pub type Sequence = [u8; 3];
