//! `digitally vectors verify`

mod domain;
mod image;
mod readers;

use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use apdu::Transport;
use applet_model::purse::client::Client;
use applet_model::purse::{Holder, PURSE_AID};
use serde_json::json;
use vectors::{Junit, Library, Observer, OnCards, Program, Report, Source, Subject, VectorError, Verdict};

use self::domain::Domain;
use self::image::Blank;
use self::readers::Readers;
use super::{Files, Filter, failure, visible};
use crate::command::card::Connection;
use crate::exit::Exit;
use crate::failure::{ErrorCode, Failure};
use crate::issue::TransportKeysArg;
use crate::output::Output;
use crate::progress::Progress;
use crate::session::Session;

/// Verify an implementation against test vectors
///
/// What is verified is this program's own library, unless a card or another program is named. An implementation either
/// answers everything, or nothing counts: files that are no vector files and programs that go wrong end with exit code 2.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  digitally vectors verify
  digitally card blank test.card && digitally vectors verify --card test.card
  digitally vectors verify --reader 'PCD 00 00' --reader 'PCD 00 01' --reader 'PCD 00 02'
  digitally vectors verify --command 'python3 vectors/reference/answer.py' --junit report.xml
  digitally vectors verify mine.json --kind code --flag leading-zero")]
pub struct Args {
    #[command(flatten)]
    files: Files,
    /// The library of this program [default]
    #[arg(long, conflicts_with_all = ["card", "reader", "command"])]
    library: bool,
    /// A card: an image file with a blank purse, which stays as it is (`digitally card blank` makes one)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reader", "command"])]
    card: Option<String>,
    /// The blank card in the reader of this name, or part of a name; several readers for tests of several cards. Each test
    /// personalises it with published keys, so it must become blank again: without power, or by --between
    #[arg(id = "reader", long, value_name = "NAME", conflicts_with = "command")]
    readers: Vec<String>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    transport: TransportKeysArg,
    /// A program, split as for --command, that makes the card in the reader $DIGITALLY_READER blank again; it is run before
    /// each card of each test. Without it the card is powered down and up (`digitally sim serve --forget` makes one for
    /// which that is enough)
    #[arg(long, value_name = "PROGRAM", requires = "reader")]
    between: Option<String>,
    /// A program with its arguments, split at blanks and quotes (no shell: for one, sh -c '…'). It reads questions and
    /// writes answers as JSON lines, and flushes each (vectors/schema/question.schema.json)
    #[arg(long, value_name = "PROGRAM")]
    command: Option<String>,
    /// How many seconds the program may take for one answer; ten times as long for accumulated ones
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: u64,
    /// Also write a report for build servers (JUnit XML)
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
}

impl Args {
    /// Verifies.
    ///
    /// # Errors
    /// If a file is not a vector file, or the implementation cannot be asked.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let sources = self.files.sources();
        let domain = Domain { keys: self.transport.named()?, random: session.random() };
        if domain.keys.is_some() && self.card.is_none() && self.readers.is_empty() {
            let message = "--transport-keys are those of a card, and no card is to be verified";
            return Err(Failure::new(ErrorCode::Usage, message).help("name the card too: --card FILE or --reader NAME"));
        }
        if let Some(command) = &self.command {
            let program = Program::start(command, Duration::from_secs(self.timeout));
            let program = program.map_err(|error| failure(VectorError::Subject(error.into())))?;
            return self.verify(&sources, program, "the program", session);
        }
        if !self.readers.is_empty() {
            let readers =
                Readers::open(&self.readers, self.between.as_deref(), self.connection.options(), domain, session)?;
            return self.verify(&sources, OnCards(readers), "the card", session);
        }
        match &self.card {
            Some(path) => self.verify(&sources, OnCards(Blank::open(path, domain, session)?), "the card", session),
            None => self.verify(&sources, Library, "the library", session),
        }
    }

    fn verify(
        &self,
        sources: &[Source],
        mut subject: impl Subject,
        who: &'static str,
        session: &Session,
    ) -> Result<Output, Failure> {
        let junit = self.junit.as_deref().map(|path| Junit::new(path, who).map_err(|error| no_report(path, &error)));
        let mut watch = Watch { junit: junit.transpose()?, progress: Progress::new(session), done: 0, failed: 0 };
        let reports = vectors::verify(sources, &mut subject, &self.filter.filter(), &mut watch);
        watch.progress.clear();
        if let Some((junit, path)) = watch.junit.zip(self.junit.as_deref()) {
            let written = match &reports {
                Ok(_) => junit.finish(),
                Err(error) => junit.abandon(&error.to_string()),
            };
            written.map_err(|error| no_report(path, &error))?;
        }
        Ok(told(&reports.map_err(failure)?, who))
    }
}

fn seconds(text: &str) -> Result<u64, &'static str> {
    let seconds = text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds));
    seconds.ok_or("it has to be a whole number of seconds, from 1 to a day's")
}

/// What a person, a script and a program want to know.
fn told(reports: &[Report], who: &str) -> Output {
    let sum = |count: fn(&Report) -> u64| reports.iter().map(count).fold(0, u64::saturating_add);
    let (passed, failed, not_asked) = (sum(|r| r.passed), sum(|r| r.failed), sum(|r| r.not_asked));
    let counts = |passed, failed, not_asked| match not_asked {
        0 => format!("{passed} passed, {failed} failed"),
        _ => format!("{passed} passed, {failed} failed, {not_asked} not asked"),
    };
    let mut text = String::new();
    for report in reports {
        let _ = write!(text, "{}: {}", report.name, counts(report.passed, report.failed, report.not_asked));
        let reasons: Vec<String> = match report.why_not.len() {
            1 => report.why_not.keys().cloned().collect(),
            _ => report.why_not.iter().map(|(why, count)| format!("{count}: {why}")).collect(),
        };
        let _ = match reasons.as_slice() {
            [] => writeln!(text),
            reasons => writeln!(text, " ({})", reasons.join("; ")),
        };
        for failure in &report.failures {
            let _ = writeln!(text, "  {} ({})", failure.id, visible(&failure.comment));
            for note in &failure.notes {
                let _ = writeln!(text, "    {}: {}", visible(&note.flag), visible(&note.note));
            }
            for difference in &failure.differences {
                let [field, expected, got] =
                    [&difference.field, &difference.expected, &difference.got].map(|text| visible(text));
                let _ = writeln!(text, "    {field}\n      expected {expected}\n      got      {got}");
            }
        }
        let listed = u64::try_from(report.failures.len()).unwrap_or(u64::MAX);
        if report.failed > listed {
            let _ = writeln!(text, "  and {} more", report.failed.saturating_sub(listed));
        }
    }
    let summary = format!("{who}: {}", counts(passed, failed, not_asked));
    let _ = writeln!(text, "{summary}");
    let verified = passed > 0 || failed > 0;
    if !verified {
        let _ =
            writeln!(text, "nothing was verified: no test is of that kind and flag, and one that can be asked here");
    }
    let json = json!({
        "subject": who, "verified": verified, "passed": passed, "failed": failed, "not_asked": not_asked, "files": reports,
    });
    let output = Output::new(&json, text, summary);
    if failed == 0 && passed > 0 { output } else { output.exiting(Exit::Refused) }
}

/// A report that cannot be written, without the temporary file's name.
fn no_report(path: &Path, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::NotFound => Failure::new(
            ErrorCode::FileUnwritable,
            format!("{} cannot be written: there is no such folder", path.display()),
        )
        .help("make the folder first: mkdir"),
        _ => Failure::unwritable(path, error),
    }
}

/// Shows how far it is, and notes what happened for the report.
struct Watch {
    junit: Option<Junit>,
    progress: Progress,
    done: u64,
    failed: u64,
}

impl Observer for Watch {
    fn done(
        &mut self,
        file: &str,
        id: &str,
        verdict: &Verdict,
        failure: Option<&vectors::Failure>,
    ) -> Result<(), VectorError> {
        self.done = self.done.saturating_add(1);
        self.failed = self.failed.saturating_add(u64::from(failure.is_some()));
        let (done, failed) = (self.done, self.failed);
        self.progress.show(|| format!("{done} tests, {failed} failed, now in {file}"));
        self.junit.as_mut().map_or(Ok(()), |junit| junit.done(file, id, verdict, failure))
    }
}

/// Whose the purse on a card is.
fn holder(card: impl Transport) -> Result<Holder, String> {
    let mut client = Client::select(card, &PURSE_AID).map_err(|error| error.to_string())?;
    client.data().map_err(|error| error.to_string())
}
