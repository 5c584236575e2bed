//! `digitally lab tear`: the power cut at every write of a command, and at every byte of it.

use std::fmt::Write;
use std::time::Instant;

use clap::ValueEnum;
use lab::tear::{Scene, TearError, Torn, scenes};
use serde_json::{Value, json};

use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;

/// Cut a card's power at every non-volatile write of a command, at every byte, and again while it recovers
///
/// After each cut the memory must be that of before or after a transaction, byte for byte; and from each such state the
/// payment is finished and money and tries are counted.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "`cuts` counts the cuts in the command: before every byte of every write and behind the last, and twice more \
                  where the byte in the middle is left unstable, for it may read as its old or as its new value. `second \
                  cuts` were made in the same manner in the recovery after each of them. `states` are the different states \
                  found. None is left out, or drawn by chance.\n\n\
                  Exit code 1 if anything was found that is neither the old nor the new state.\n\n\
                  Examples:\n  digitally lab tear\n  digitally lab tear all --json\n\n\
                  To cut the power of a card in a file: digitally card tear --help"
)]
pub struct Args {
    /// Which commands are torn
    #[arg(value_enum, value_name = "WHICH", default_value = "payment")]
    which: Which,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Those of one payment: REQUEST, CHECK, VERIFY, AUTHORISE, CONFIRM
    Payment,
    /// Every command that writes, in the states in which it writes most or last
    All,
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// If a card does not keep its promise, or does not do its part.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let wanted: Vec<Scene> =
            scenes().into_iter().filter(|scene| scene.of_payment || self.which == Which::All).collect();
        let mut rows = Vec::new();
        let start = Instant::now();
        for scene in &wanted {
            let progress = std::cell::RefCell::new(Progress::new(session));
            let outcome = scene.tear(&|cuts| progress.borrow_mut().show(|| format!("{}: {cuts} cuts", scene.name)));
            progress.borrow_mut().clear();
            rows.push((scene.name, outcome.map_err(|error| failure(scene.name, &error))?));
        }
        Ok(report(&rows, start.elapsed().as_secs_f64()))
    }
}

fn failure(name: &str, error: &TearError) -> Failure {
    let code = if matches!(error, TearError::Broken { .. }) { ErrorCode::TearBroken } else { ErrorCode::AttackFailed };
    Failure::new(code, format!("{name}: {}", error.in_words())).help(match code {
        ErrorCode::TearBroken => "a card of this program would lose or make money here; please report it",
        _ => "nothing was found out; this is a mistake in the purse or in the lab, please report it",
    })
}

fn report(rows: &[(&str, Torn)], seconds: f64) -> Output {
    let mut text = format!(
        "{:42} {:>6} {:>6} {:>7} {:>12} {:>7}\n",
        "command", "writes", "bytes", "cuts", "second cuts", "states"
    );
    let (mut cuts, mut second) = (0_u64, 0_u64);
    for (name, torn) in rows {
        let Torn { writes, bytes, states, .. } = torn;
        let _ =
            writeln!(text, "{name:42} {writes:>6} {bytes:>6} {:>7} {:>12} {states:>7}", torn.cuts, torn.second_cuts);
        cuts = cuts.saturating_add(torn.cuts);
        second = second.saturating_add(torn.second_cuts);
    }
    let points = cuts.saturating_add(second);
    let _ = writeln!(
        text,
        "{points} cut points, {cuts} in a command and {second} in a recovery, none skipped, in {seconds:.1} s on one core:\n\
         after each the old state or the new one; no money and no try made, no payment lost"
    );
    let commands: Vec<Value> = rows
        .iter()
        .map(|(name, torn)| {
            json!({
                "command": name, "writes": torn.writes, "bytes": torn.bytes,
                "cuts": torn.cuts, "second_cuts": torn.second_cuts, "states": torn.states,
            })
        })
        .collect();
    let json = json!({
        "commands": commands, "cuts": cuts, "second_cuts": second, "cut_points": points, "seconds": seconds, "held": true,
    });
    Output::new(&json, text, points)
}
