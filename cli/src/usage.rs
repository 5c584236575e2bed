//! What clap says when what was typed is no command: help, the version, or a usage error.

use clap::error::ErrorKind;

use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::output::{self, Format};

/// Prints it, and returns how the program ends.
pub fn answer(error: &clap::Error) -> Exit {
    let rendered = error.render().to_string();
    let text = masked(&rendered);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match output::print(&rendered) {
            Ok(()) => Exit::Done,
            Err(failure) => failure.code().exit(),
        },
        _ if json_wanted() => {
            let (message, help) = text.split_once("\n\n").unwrap_or((&text, ""));
            let message = message.trim().trim_start_matches("error: ");
            output::report(&Failure::new(ErrorCode::Usage, message).help(help.trim()), Format::Json);
            Exit::Unable
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            output::note(rendered.trim_end());
            Exit::Unable
        }
        _ => {
            output::note(text.trim_end());
            Exit::Unable
        }
    }
}

/// Whether `--json` was typed, though the rest made no sense.
fn json_wanted() -> bool {
    std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json")
}

/// What was typed comes back in clap's messages, and it may be a PIN or a code in the wrong place: four digits or more
/// are not shown.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut digits = String::new();
    for character in text.chars().map(Some).chain([None]) {
        match character {
            Some(digit) if digit.is_ascii_digit() => digits.push(digit),
            other => {
                masked.push_str(if digits.len() < 4 { &digits } else { "••••" });
                digits.clear();
                masked.extend(other);
            }
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_the_wrong_place_are_not_shown() {
        assert_eq!(masked("unexpected argument '47610825' found"), "unexpected argument '••••' found");
        assert_eq!(masked("'4761 0825'"), "'•••• ••••'");
        assert_eq!(masked("hmac-sha-256"), "hmac-sha-256");
        assert_eq!(masked("1234"), "••••");
    }
}
