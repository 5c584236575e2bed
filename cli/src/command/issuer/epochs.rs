//! `digitally issuer epochs`

use std::path::Path;

use ::issuer::register::Epochs;
use serde_json::json;

use crate::failure::{ErrorCode, Failure};
use crate::issuer::Opened;
use crate::output::Output;

/// Show or change which generation of the payment key cards are to have
///
/// A purse holds two: one that its requests are opened under, and one beside it. It reads requests under both. So a new key
/// goes to all cards first, beside the old one (--beside 2), each at its next contact; when they all have it, they are told to
/// use it (--use 2 --beside 1). A card that uses a key cannot be paid by one that does not hold it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  digitally issuer epochs --issuer issuer.json --beside 2\n  \
                        digitally issuer epochs --issuer issuer.json --use 2 --beside 1")]
pub struct Args {
    /// The issuer file
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// The epoch to use from now on
    #[arg(id = "use", long, value_name = "EPOCH")]
    in_use: Option<u8>,
    /// The epoch to hold beside it
    #[arg(long, value_name = "EPOCH")]
    beside: Option<u8>,
}

impl Args {
    /// Shows or changes them.
    ///
    /// # Errors
    /// If the register cannot be worked with, or both epochs are the same.
    pub fn run(&self) -> Result<Output, Failure> {
        let mut opened = Opened::open(Path::new(&self.issuer))?;
        let old = opened.register.epochs()?;
        let in_use = self.in_use.unwrap_or(old.in_use);
        let new = Epochs { in_use, beside: self.beside.or(old.beside.filter(|beside| *beside != in_use)) };
        if new.beside == Some(new.in_use) {
            return Err(Failure::new(ErrorCode::Usage, format!("both are epoch {in_use}: a purse holds two keys"))
                .help("give --beside another epoch than --use"));
        }
        if new != old {
            opened.register.set_epochs(new)?;
        }
        let beside = new.beside.map_or_else(String::new, |beside| format!(", epoch {beside} beside it"));
        let changed = if new == old { "" } else { "; each card changes at its next contact" };
        let json = json!({"in_use": new.in_use, "beside": new.beside});
        Ok(Output::new(&json, format!("epoch {in_use} in use{beside}{changed}\n"), in_use))
    }
}
