//! What the crate `issuer` says, as its reader wants it.

pub use ::issuer::keys::{Issuer, KeysError, Place, check_value, open_or_create};

use crate::failure::{ErrorCode, Failure};
use crate::typed::shell_word;

impl From<KeysError> for Failure {
    fn from(error: KeysError) -> Self {
        let message = error.to_string();
        let failure = |code| Self::new(code, &*message);
        match &error {
            KeysError::Random(_) => failure(ErrorCode::RandomSource).help("try again later"),
            KeysError::Missing(_) => failure(ErrorCode::IssuerFileMissing)
                .help("name the file that the card was made with; `digitally card new` makes one where there is none"),
            KeysError::Unreadable { path, error } => Self::unreadable(path, error),
            KeysError::Unwritable { path, error } => Self::unwritable(path, error),
            KeysError::OpenToOthers(path) => failure(ErrorCode::IssuerFileOpen).help(format!(
                "close it, and see whether a copy went round:\n  chmod 600 {}",
                shell_word(&path.display().to_string())
            )),
            KeysError::SerialsUsedUp { .. } => failure(ErrorCode::SerialsUsedUp)
                .help("new payers could not pay another one: use another number, or another issuer file"),
            KeysError::Underivable(_) => failure(ErrorCode::IssuerFileMalformed),
            // Malformed, and whatever a later release adds.
            _ => failure(ErrorCode::IssuerFileMalformed)
                .help("restore it from its copy; cards made with another master key cannot pay with these"),
        }
    }
}
