//! `digitally lab entropy`: what each attack is worth.

use std::fmt::Write;

use digitally::{entropy, profile};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// Account for the digits of a profile: what each attack and each mistake is worth
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// None yet that could occur.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "options follow")]
    pub fn run(&self) -> Result<Output, Failure> {
        let mut text = String::new();
        let mut profiles = Vec::new();
        for profile in profile::ALL {
            let (response, request) = (entropy::guess_response(&profile), entropy::guess_request(&profile));
            let _ = writeln!(text, "{}: guess at a response {response:e}, at a request {request:e}", profile.name);
            profiles.push(json!({"name": profile.name, "guess_response": response, "guess_request": request}));
        }
        Ok(Output::new(&json!({"profiles": profiles}), &text, &text))
    }
}
