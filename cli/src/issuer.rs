//! What the crate `issuer` says, as its reader wants it.

pub use ::issuer::keys::file::Opened;
pub use ::issuer::keys::{Choice, Issuer, KeysError, check_value};
use ::issuer::personalise::TransportKeysError;
pub use ::issuer::register::{Register, RegisterError, Trouble};

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
            KeysError::Underivable(_) => failure(ErrorCode::IssuerFileMalformed),
            KeysError::Choice(_) => failure(ErrorCode::Usage).help("see `digitally issuer init --help`"),
            KeysError::Locked { .. } => failure(ErrorCode::IssuerInUse)
                .help("another `digitally` makes cards with it: run the command again when that one is done"),
            KeysError::Register(error) => register_failure(error),
            // Malformed, and whatever a later release adds.
            _ => failure(ErrorCode::IssuerFileMalformed)
                .help("restore it from its copy; cards made with another master key cannot pay with these"),
        }
    }
}

impl From<TransportKeysError> for Failure {
    fn from(error: TransportKeysError) -> Self {
        let message = error.to_string();
        match &error {
            TransportKeysError::Unreadable { path, error } => Self::unreadable(path, error),
            TransportKeysError::OpenToOthers(path) => Self::new(ErrorCode::TransportKeysOpen, message).help(format!(
                "close it, and see whether a copy went round:\n  chmod 600 {}",
                shell_word(&path.display().to_string())
            )),
            // Malformed, and whatever a later release adds.
            _ => Self::new(ErrorCode::TransportKeysMalformed, message)
                .help("docs/issuer.md shows such a file; the keys are those that the cards' manufacturer has told you"),
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        register_failure(&error)
    }
}

fn register_failure(error: &RegisterError) -> Failure {
    let failure = |code| Failure::new(code, error.to_string());
    match &error.trouble {
        Trouble::SerialsUsedUp { .. } => Failure::new(ErrorCode::SerialsUsedUp, error.trouble.to_string())
            .help("new payers could not pay another one: use another number, or another issuer file"),
        Trouble::Locked { .. } => {
            failure(ErrorCode::RegisterLocked).help("close the other program that has it open, and run the command again")
        }
        Trouble::Full | Trouble::ReadOnly | Trouble::Create(_) | Trouble::Disk(_) => failure(ErrorCode::FileUnwritable)
            .help("check that you may write the register and its folder, and that the disk has room; then run the command again"),
        Trouble::Missing => failure(ErrorCode::RegisterMissing)
            .help("put it back beside the issuer file, the newest copy there is: an old one would make cards twice"),
        Trouble::OtherIssuer => failure(ErrorCode::IssuerOther).help("put the register of this issuer file beside it"),
        Trouble::NotARegister | Trouble::Version { .. } => failure(ErrorCode::RegisterMalformed)
            .help("restore it from its newest copy, or use the program that made it"),
        _ => failure(ErrorCode::RegisterMalformed).help("please report this"),
    }
}
