//! `digitally lab entropy`: what each attack, each mistake and each state left behind is worth.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use digitally::{Profile, profile};
use lab::entropy::Account;
use lab::{DocumentError, Policy};

use super::document;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;

/// Account for the digits of a profile: what each attack and each mistake is worth
///
/// In probability and in money, for one try, for one request, for a day, and until the next contact with the issuer.
/// The last column says how many times less likely one try is than under first-protocol.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  digitally lab entropy\n  digitally lab entropy --policy merchant --profile digitally-8\n  \
                  digitally lab entropy --svg entropy.svg",
    after_long_help = files()
)]
pub struct Args {
    /// A profile: one that is published, or a JSON file; up to seven times [default: the three published]
    #[arg(long, value_name = "NAME|FILE")]
    profile: Vec<String>,
    /// A policy: consumer, merchant, or a JSON file
    #[arg(long, value_name = "NAME|FILE", default_value = "consumer")]
    policy: String,
    /// Draw a picture, too: this file is written, or replaced as a whole
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Profiles in one account.
const MOST: usize = 7;

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// A profile or policy that is not one, a picture that cannot be written.
    pub fn run(&self) -> Result<Output, Failure> {
        // As many as the picture has colours.
        if self.profile.len() > MOST {
            let message = format!("{} profiles are too many to stand side by side", self.profile.len());
            return Err(Failure::new(ErrorCode::Usage, message).help(format!("ask for at most {MOST} at once")));
        }
        let policy = policy(&self.policy)?;
        let profiles: Vec<Profile> = if self.profile.is_empty() {
            profile::ALL.to_vec()
        } else {
            self.profile.iter().map(|name| named(name)).collect::<Result<_, _>>()?
        };
        // Side by side, nobody could tell them apart.
        for (i, profile) in profiles.iter().enumerate() {
            if profiles.iter().take(i).any(|earlier| earlier.name == profile.name) {
                let message = format!("two profiles are called {}", profile.name);
                return Err(Failure::new(ErrorCode::Usage, message).help("give each a name of its own"));
            }
        }
        let account = Account::new(policy, profiles);
        let mut text = account.to_text();
        if let Some(path) = &self.svg {
            document::replace(path, account.to_svg().as_bytes())?;
            let _ = writeln!(text, "\nmade {}", path.display());
        }
        Ok(Output::new(&account.to_json(), text, quiet(&account)))
    }
}

/// One line a figure: row, profile, chance of one try.
fn quiet(account: &Account) -> String {
    let mut text = String::new();
    for row in &account.rows {
        for (profile, figures) in account.profiles.iter().zip(&row.figures) {
            let _ = writeln!(text, "{} {} {:.3e}", row.subject.id, profile.name, figures.per_try);
        }
    }
    text
}

fn policy(name: &str) -> Result<Policy, Failure> {
    if let Some(policy) = Policy::named(name) {
        return Ok(policy);
    }
    let unknown = || {
        Failure::new(ErrorCode::PolicyUnknown, format!("there is no policy called {name}, and no such file")).help(
            format!("take {}, or a file: `digitally lab entropy --help` has the format", Policy::NAMES.join(" or ")),
        )
    };
    let text = document::read(name, unknown, ErrorCode::PolicyFile)?;
    Policy::parse(&text).map_err(|error| malformed(ErrorCode::PolicyFile, name, &error))
}

fn named(name: &str) -> Result<Profile, Failure> {
    if let Some(profile) = lab::published(name) {
        return Ok(profile);
    }
    let unknown = || {
        let names = profile::ALL.map(|profile| profile.name).join(", ");
        Failure::new(ErrorCode::ProfileUnknown, format!("there is no profile called {name}, and no such file"))
            .help(format!("take one of {names}, or a file: `digitally lab entropy --help` has the format"))
    };
    let text = document::read(name, unknown, ErrorCode::ProfileFile)?;
    lab::profile::parse(&text).map_err(|error| malformed(ErrorCode::ProfileFile, name, &error))
}

fn malformed(code: ErrorCode, name: &str, error: &DocumentError) -> Failure {
    Failure::new(code, format!("{}, {error}", Path::new(name).display()))
        .help("`digitally lab entropy --help` lists all fields; nothing was worked out")
}

/// The formats of both files, for `--help`.
fn files() -> String {
    let mut text =
        "Examples:\n  digitally lab entropy\n  digitally lab entropy --policy merchant --profile digitally-8\n  \
                    digitally lab entropy --svg entropy.svg\n\n\
                    A profile file holds digits, where the payee's nonce comes from, and what R covers besides:\n  \
                    {\"name\": \"four-four\", \"request\": {\"nonce\": 4, \"check\": 4},\n   \
                    \"response\": {\"nonce\": 0, \"check\": 8}, \"payee_nonce\": {\"serial\": {\"further\": 15}},\n   \
                    \"response_covers\": \"amount\"}\n\
                    Or \"payee_nonce\": \"random\", and \"response_covers\": \"check\".\n\n\
                    A policy to start from: digitally lab entropy --json, its member \"policy\".\n\
                    A policy file is an object with all of these fields; numbers are whole, from 1 on, unless it says \
                    otherwise:\n"
            .to_owned();
    for (field, meaning) in lab::policy::FIELDS {
        let _ = writeln!(text, "  {field:<24} {meaning}");
    }
    text
}
