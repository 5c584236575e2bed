//! The commands of an issuer domain, one file each, both directions: the host encodes what the card decodes.
//!
//! | command | INS | |
//! |---|---|---|
//! | [`Install`] | `E6` | make an application, make it selectable, hand data to it |
//! | [`Delete`] | `E4` | an application, or keys |
//! | [`PutKey`] | `D8` | new keys, under the DEK |
//! | [`StoreData`] | `E2` | data, block by block |
//! | [`SetStatus`] | `F0` | lock, unlock, terminate |
//! | [`GetStatus`] | `F2` | what is on the card |
//! | [`GetData`] | `CA` | a data object of the domain |
//!
//! Decoding is strict: what is left over, missing or of a form that is not described here is refused with the status
//! word to answer. The class byte is `80` on any channel, without secure messaging: that is taken off before.
//!
//! Source: GlobalPlatform Card Specification v2.3.1 §11, cited below as GPCS.

mod delete;
mod fields;
mod get_data;
mod get_status;
mod install;
mod put_key;
mod set_status;
mod store_data;

pub use delete::Delete;
pub use get_data::GetData;
pub use get_status::{EntryError, GetStatus, RegistryEntry, Scope};
pub use install::{Install, NewApplication, application_parameters};
pub use put_key::{EncryptedKey, PutKey, PutKeyResponse};
pub use set_status::{SetStatus, Target};
pub use store_data::{Encryption, Format, StoreData};

use apdu::{BufferTooSmall, Cla, Command, CommandError, SecureMessaging, Sw};

/// A command that both ends know.
pub trait Instruction<'a>: Sized {
    /// Its INS.
    const INS: u8;

    /// The command, its data in `room`.
    ///
    /// # Errors
    /// [`EncodeError`].
    fn encode<'b>(&self, room: &'b mut [u8]) -> Result<Command<'b>, EncodeError>;

    /// Reads the command on the card.
    ///
    /// # Errors
    /// The status word to answer: `6E00` and `6D00` if it is another command, `6A86` for P1 and P2, `6A80` for the
    /// data, and what the command adds to these.
    fn decode(command: &Command<'a>) -> Result<Self, Sw>;
}

/// Why a command cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The room for its data is too small.
    #[error(transparent)]
    Buffer(#[from] BufferTooSmall),
    /// No command is so long.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A field is longer than its length field can say.
    #[error("a field of {length} bytes is too long")]
    Field {
        /// Its length.
        length: usize,
    },
}

/// A key of another type than AES. Source: GPCS §11.8.3.2.
pub const ALGORITHM_NOT_SUPPORTED: Sw = Sw::new(0x9484);

/// A key that does not have the check value that came with it. Source: GPCS §11.8.3.2.
pub const WRONG_CHECK_VALUE: Sw = Sw::new(0x9485);

/// Whether this is the command: class `80`, unprotected, not chained, and its INS.
fn expect<'a, I: Instruction<'a>>(command: &Command<'_>) -> Result<(), Sw> {
    let cla = command.cla();
    if cla.base() != Cla::PROPRIETARY.byte() {
        return Err(Sw::CLA_NOT_SUPPORTED);
    }
    if cla.secure_messaging() != SecureMessaging::None {
        return Err(Sw::SECURE_MESSAGING_NOT_SUPPORTED);
    }
    if cla.chaining() {
        return Err(Sw::CHAINING_NOT_SUPPORTED);
    }
    if command.ins() != I::INS {
        return Err(Sw::INS_NOT_SUPPORTED);
    }
    Ok(())
}
