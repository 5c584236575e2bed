//! `digitally card blank`

use serde_json::json;

use super::new::{TypedCapacity, TypedProtocol};
use crate::failure::Failure;
use crate::medium::Medium;
use crate::output::Output;
use crate::session::Session;
use crate::typed::shell_word;

/// Make a blank card: the purse is installed, and nobody's yet
///
/// Test vectors are verified against such a card, with keys of their own.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card blank test.card && digitally vectors verify --card test.card")]
pub struct Args {
    /// The image file to make; nothing is ever overwritten
    #[arg(value_name = "FILE")]
    path: String,
    /// How much the card can hold
    #[arg(long, value_enum, default_value = "consumer")]
    capacity: TypedCapacity,
    /// The transmission protocols that its ATR offers; SIM tools want T=0 alone
    #[arg(long, value_enum, default_value = "both")]
    protocol: TypedProtocol,
}

impl Args {
    /// Makes the card.
    ///
    /// # Errors
    /// If a file is in the way, or cannot be written.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        Medium::blank(self.protocol.atr(), Some(self.capacity.into()), session)?.keep(&self.path)?;
        let text = format!(
            "{} made, a blank card\nnext: digitally vectors verify --card {}",
            self.path,
            shell_word(&self.path)
        );
        Ok(Output::new(&json!({"card": self.path, "state": "blank"}), text, &self.path))
    }
}
