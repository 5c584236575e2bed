//! The runner: splits the trials of all rows into blocks, the blocks over all cores, and counts.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;

use super::dice::Dice;
use super::interval::Interval;
use super::{AttackError, Row};

/// How likely it is that any interval of a run misses its probability, at most: each of m rows gets an m-th of it
/// (Bonferroni).
pub const FAMILY_RISK: f64 = 0.001;

/// How an attack is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Whatever is drawn at random comes from this.
    pub seed: u64,
    /// Trials of each row, where the row's own number is not wanted.
    pub trials: Option<u32>,
    /// How many threads.
    pub threads: usize,
}

impl Settings {
    /// The seed of a run that names none.
    pub const SEED: u64 = 20_161_026;
}

/// The rows' own trials, on all cores.
impl Default for Settings {
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        Self { seed: Self::SEED, trials: None, threads }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Trials done, of all rows.
    pub done: u64,
    /// Trials of the run.
    pub all: u64,
}

/// What came of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// How many trials there were.
    pub trials: u32,
    /// How many succeeded.
    pub hits: u32,
    /// Where the chance of a trial lies.
    pub interval: Interval,
    /// Whether the predicted chance lies there.
    pub as_predicted: bool,
}

impl Measured {
    /// Hits by trials.
    #[must_use]
    pub fn rate(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.trials)
    }
}

/// One piece of work: some trials of one row, with cards of their own.
struct Block {
    row: usize,
    number: u64,
    trials: u32,
}

/// Runs all rows, and tells `progress` after each block how far it is, from whichever thread it was done on.
///
/// The counts depend on rows, seed and trials only.
///
/// # Errors
/// [`AttackError`]: the settings make no sense, or a card did what no reading of the attack allows.
pub fn run(
    rows: &[Row],
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Measured>, AttackError> {
    if settings.threads == 0 {
        return Err(AttackError::NoThreads);
    }
    let trials_of = |row: &Row| settings.trials.unwrap_or(row.trials);
    if rows.iter().any(|row| trials_of(row) == 0) {
        return Err(AttackError::NoTrials);
    }
    let all_blocks = rows.iter().map(|row| blocks(row, trials_of(row))).fold(0u64, u64::saturating_add);
    let all = rows.iter().map(|row| u64::from(trials_of(row))).fold(0u64, u64::saturating_add);
    let hits: Vec<AtomicU32> = rows.iter().map(|_| AtomicU32::new(0)).collect();
    let (next, done, failed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let failure = Mutex::new(None);

    let work = || {
        while !failed.load(Ordering::Relaxed)
            && let Some(block) = block(rows, trials_of, next.fetch_add(1, Ordering::Relaxed))
            && let (Some(row), Some(hits)) = (rows.get(block.row), hits.get(block.row))
        {
            match row.run(Dice::new(settings.seed, row_seed(row), block.number), block.trials) {
                Ok(count) => {
                    hits.fetch_add(count, Ordering::Relaxed);
                    let trials = u64::from(block.trials);
                    progress(Progress { done: done.fetch_add(trials, Ordering::Relaxed).saturating_add(trials), all });
                }
                Err(error) => {
                    failed.store(true, Ordering::Relaxed);
                    failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..settings.threads.min(usize::try_from(all_blocks).unwrap_or(usize::MAX)) {
            // A system that has no more threads to give gets by with those it gave.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });

    match failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(error) => Err(error),
        None => {
            let risk = FAMILY_RISK / f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            Ok(rows
                .iter()
                .zip(hits)
                .map(|(row, hits)| measured(row, trials_of(row), hits.into_inner(), risk))
                .collect())
        }
    }
}

fn measured(row: &Row, trials: u32, hits: u32, risk: f64) -> Measured {
    let interval = Interval::new(hits, trials, risk);
    Measured { trials, hits, interval, as_predicted: interval.contains(row.predicted) }
}

/// How many blocks the trials of one row make.
fn blocks(row: &Row, trials: u32) -> u64 {
    trials.div_ceil(row.block.max(1)).into()
}

/// The block of this number, counted over all rows. Blocks are worked out, not kept: there may be very many.
fn block(rows: &[Row], trials_of: impl Fn(&Row) -> u32, mut number: u64) -> Option<Block> {
    for (at, row) in rows.iter().enumerate() {
        let (size, trials) = (u64::from(row.block.max(1)), trials_of(row));
        match number.checked_sub(blocks(row, trials)) {
            Some(behind) => number = behind,
            None => {
                // All of a row's blocks have its size but the last.
                let left = u64::from(trials).saturating_sub(number.saturating_mul(size));
                return Some(Block { row: at, number, trials: u32::try_from(left.min(size)).unwrap_or(u32::MAX) });
            }
        }
    }
    None
}

/// A number of the row alone, whatever other rows there are: FNV-1a of its names.
fn row_seed(row: &Row) -> u64 {
    let names = [row.attack.name(), "/", row.profile.name, "/", &row.name];
    names
        .iter()
        .flat_map(|name| name.bytes())
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::{Attack, profiles};

    #[test]
    fn blocks_are_all_trials_each_once() {
        let rows = Attack::Guess.rows(&profiles()[0]);
        for most in [1, 99, 100, 2_001, 50_000] {
            let found: Vec<Block> = (0..).map_while(|number| block(&rows, |_| most, number)).collect();
            for (at, row) in rows.iter().enumerate() {
                let own: Vec<&Block> = found.iter().filter(|block| block.row == at).collect();
                assert_eq!(own.iter().map(|block| block.trials).sum::<u32>(), most);
                assert!(own.iter().zip(0..).all(|(block, number)| block.number == number && block.trials <= row.block));
            }
        }
        // As many trials as can be asked for: the last block is found without those before it.
        let blocks: u64 = rows.iter().map(|row| blocks(row, u32::MAX)).sum();
        assert!(block(&rows, |_| u32::MAX, blocks - 1).is_some_and(|block| block.row == rows.len() - 1));
        assert!(block(&rows, |_| u32::MAX, blocks).is_none());
    }
}
