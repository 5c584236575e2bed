//! `digitally lab attack`: attacks on real purses, measured beside predicted.

use std::fmt::Write;
use std::sync::Mutex;

use clap::ValueEnum;
use digitally::{Profile, profile};
use lab::attack::{self, Attack, AttackError, FAMILY_RISK, Interval, Measured, Row, Settings};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;

/// Attack purses on software cards, through APDUs, and compare what comes of it with what the formulae predict
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each row is one way to attack, tried so many times against purses with one profile. `measured` is \
                        the share of trials that succeeded, the interval is where the chance of a trial lies, and \
                        `predicted` is that chance by the formulae of `digitally lab entropy`. What is too rare to be \
                        seen is measured beside it at fewer digits, in the profiles whose names end in `-small`.\n\n\
                        Exit code 1 if a prediction lies outside of its interval.\n\n\
                        Examples:\n  digitally lab attack all\n  \
                        digitally lab attack collision --profile first-protocol\n  \
                        digitally lab attack guess --profile digitally-8 --trials 1000000 --json"
)]
pub struct Args {
    /// What is tried
    #[arg(value_enum, value_name = "ATTACK")]
    attack: Chosen,
    /// The profile of the purses [default: all three]
    #[arg(long, value_name = "NAME", value_parser = profile::ALL.map(|profile| profile.name))]
    profile: Option<String>,
    /// Trials of each row [default: each row has a number of its own, about a minute of two cores in all]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    trials: Option<u32>,
    /// How many cores work [default: all]
    #[arg(long, value_name = "N", value_parser = number, allow_negative_numbers = true)]
    threads: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Chosen {
    /// Two requests with the same digits: the low one is paid, the high one credited
    Collision,
    /// Responses that were paid for once are typed again
    Replay,
    /// Made-up codes at the payee's purse and at the payer's
    Guess,
    /// What people mistype, and amounts that they mishear
    Typing,
    /// All of these
    All,
}

impl Chosen {
    const fn attacks(self) -> &'static [Attack] {
        match self {
            Self::Collision => &[Attack::Collision],
            Self::Replay => &[Attack::Replay],
            Self::Guess => &[Attack::Guess],
            Self::Typing => &[Attack::Typing],
            Self::All => &Attack::ALL,
        }
    }
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// If it is asked for nothing, or a card does what no reading of the attack allows.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let defaults = Settings::default();
        let settings = Settings {
            seed: session.seed().unwrap_or(defaults.seed),
            trials: self.trials,
            threads: self.threads.map_or(defaults.threads, |threads| usize::try_from(threads).unwrap_or(usize::MAX)),
        };
        let profiles: Vec<&'static Profile> =
            attack::profiles().iter().filter(|profile| self.is_wanted(profile)).collect();
        let attacks = self.attack.attacks().iter();
        let rows: Vec<Row> = attacks.flat_map(|attack| profiles.iter().flat_map(|of| attack.rows(of))).collect();
        let shown = Mutex::new(Progress::new(session));
        let measured = attack::run(&rows, &settings, &|at| {
            // If another thread shows it now, that will do.
            if let Ok(mut shown) = shown.try_lock() {
                shown.show(|| format!("{} of {} trials", at.done, at.all));
            }
        });
        if let Ok(mut shown) = shown.lock() {
            shown.clear();
        }
        let measured = measured.map_err(|error| failure(&error))?;
        Ok(report(&rows, &measured, &profiles, settings.seed))
    }

    fn is_wanted(&self, profile: &Profile) -> bool {
        self.profile.as_deref().is_none_or(|name| name == profile.name)
    }
}

fn number(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "it has to be a whole number from 1 on, and less than four thousand million")
}

fn failure(error: &AttackError) -> Failure {
    let code = match error {
        AttackError::NoTrials | AttackError::NoThreads => ErrorCode::AttackMalformed,
        _ => ErrorCode::AttackFailed,
    };
    let message = match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    Failure::new(code, message).help(match code {
        ErrorCode::AttackMalformed => "leave --trials and --threads out, or give at least 1",
        _ => "nothing was measured; this is a mistake in the purse or in the lab, please report it with the seed",
    })
}

fn report(rows: &[Row], measured: &[Measured], profiles: &[&'static Profile], seed: u64) -> Output {
    let all = || rows.iter().zip(measured);
    let inside = measured.iter().filter(|measured| measured.as_predicted).count();
    let outside = measured.len().saturating_sub(inside);
    let mut text = String::new();
    let mut heading = None;
    for (row, measured) in all() {
        if heading.replace(row.attack) != Some(row.attack) {
            let _ = writeln!(text, "{}", line(row.attack.name(), HEAD));
        }
        let _ = writeln!(text, "{}", in_line(row, measured));
    }
    for profile in profiles {
        let small = attack::fewer_digits(profile);
        let _ = writeln!(text, "{}: {}; {}: {}", profile.name, digits(profile), small.name, digits(small));
    }
    let _ = writeln!(
        text,
        "seed {seed}; all intervals together hold with {} % (Clopper and Pearson, Bonferroni)\n\
         {inside} inside, {outside} outside of their intervals",
        100.0 * (1.0 - FAMILY_RISK),
    );
    let json = json!({
        "seed": seed,
        "family_confidence": 1.0 - FAMILY_RISK,
        "inside": inside,
        "outside": outside,
        "rows": all().map(|(row, measured)| in_json(row, measured)).collect::<Vec<_>>(),
    });
    let output = Output::new(&json, text, format!("{inside} inside, {outside} outside"));
    if outside == 0 { output } else { output.exiting(Exit::Refused) }
}

fn digits(profile: &Profile) -> String {
    let (request, response) = (profile.request, profile.response);
    format!("{}+{} and {}+{} digits", request.nonce, request.check, response.nonce, response.check)
}

/// What stands over the columns.
const HEAD: [&str; 7] = ["profile", "trials", "hits", "measured", "interval", "predicted", "verdict"];

/// One line of the table, at most 120 columns wide.
fn line(name: &str, [profile, trials, hits, measured, interval, predicted, verdict]: [&str; 7]) -> String {
    format!("{name:39} {profile:20} {trials:>7} {hits:>7} {measured:>8} {interval:>15} {predicted:>9} {verdict}")
}

fn in_line(row: &Row, measured: &Measured) -> String {
    let Interval { low, high } = measured.interval;
    let interval = match (measured.hits, measured.hits == measured.trials) {
        (0, _) => format!("at most {high:.1e}"),
        (_, true) => format!("at least {low:.3}"),
        _ => format!("{low:.1e}..{high:.1e}"),
    };
    let name = format!("  {}", row.name);
    line(
        &name,
        [
            row.profile.name,
            &measured.trials.to_string(),
            &measured.hits.to_string(),
            &chance(measured.rate()),
            &interval,
            &chance(row.predicted),
            if measured.as_predicted { "inside" } else { "OUTSIDE" },
        ],
    )
}

fn chance(p: f64) -> String {
    match p {
        0.0 => "0".to_owned(),
        1.0 => "1".to_owned(),
        _ => format!("{p:.2e}"),
    }
}

fn in_json(row: &Row, measured: &Measured) -> Value {
    json!({
        "attack": row.attack.name(),
        "row": row.name,
        "profile": row.profile.name,
        "request_digits": [row.profile.request.nonce, row.profile.request.check],
        "response_digits": [row.profile.response.nonce, row.profile.response.check],
        "trials": measured.trials,
        "hits": measured.hits,
        "measured": measured.rate(),
        "low": measured.interval.low,
        "high": measured.interval.high,
        "predicted": row.predicted,
        "inside": measured.as_predicted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(row: &Row, as_predicted: bool) -> Measured {
        let interval = Interval { low: 0.0123, high: 0.0456 };
        Measured { trials: row.trials, hits: row.trials / 2, interval, as_predicted }
    }

    #[test]
    fn what_is_outside_ends_in_one() {
        let profiles: Vec<&Profile> = attack::profiles().iter().collect();
        let rows: Vec<Row> = Attack::ALL.iter().flat_map(|attack| attack.rows(profiles[0])).collect();
        let mut found: Vec<Measured> = rows.iter().map(|row| measured(row, true)).collect();
        assert_eq!(report(&rows, &found, &profiles, 1).exit, Exit::Done);
        found[3].as_predicted = false;
        assert_eq!(report(&rows, &found, &profiles, 1).exit, Exit::Refused);
        assert!(in_line(&rows[3], &found[3]).ends_with(" OUTSIDE"));
    }

    #[test]
    fn lines_are_at_most_120_columns_wide_and_names_fit() {
        for profile in attack::profiles() {
            for row in Attack::ALL.iter().flat_map(|attack| attack.rows(profile)) {
                let line = in_line(&row, &measured(&row, false));
                assert!(line.chars().count() <= 120 && row.name.chars().count() <= 37, "{line}");
            }
        }
    }
}
