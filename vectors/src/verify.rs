//! Asks an implementation every test of some files, and says how it did.

use std::collections::BTreeSet;

use crate::error::VectorError;
use crate::kind::{Group, KINDS, Kind, Test};
use crate::read::ids::Ids;
use crate::read::{self, Head, Source, Visit};
use crate::report::{Failure, Note, Report, Verdict};
use crate::subject::Subject;

/// Bytes of failures that are kept in all: a program may answer each test with a megabyte of nonsense.
const ROOM: usize = 8 << 20;

/// Which tests are wanted; all if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of this kind.
    pub kind: Option<String>,
    /// Only those with this flag.
    pub flag: Option<String>,
}

/// Who wants to know of each test as soon as it is done.
pub trait Observer {
    /// A test of the file of this report, and how it went; a failure is given in full.
    ///
    /// # Errors
    /// [`VectorError::Machine`] if it cannot be noted down; the verification ends there.
    fn done(&mut self, file: &str, id: &str, verdict: &Verdict, failure: Option<&Failure>) -> Result<(), VectorError>;
}

/// Nobody wants to know.
impl Observer for () {
    fn done(&mut self, _: &str, _: &str, _: &Verdict, _: Option<&Failure>) -> Result<(), VectorError> {
        Ok(())
    }
}

impl Filter {
    /// Whether there is such a kind.
    ///
    /// # Errors
    /// [`VectorError::Unknown`].
    pub fn check_kind(&self) -> Result<(), VectorError> {
        match &self.kind {
            Some(name) if !KINDS.contains(&name.as_str()) => Err(VectorError::Unknown {
                what: "kind",
                name: name.clone(),
                known: format!("known are {}", KINDS.join(", ")),
            }),
            _ => Ok(()),
        }
    }

    /// Whether the flag is one of these.
    pub(crate) fn check_flag(&self, flags: &BTreeSet<String>) -> Result<(), VectorError> {
        match &self.flag {
            Some(name) if !flags.contains(name) => {
                let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
                let known = format!("these files have {}", flags.join(", "));
                Err(VectorError::Unknown { what: "flag", name: name.clone(), known })
            }
            _ => Ok(()),
        }
    }

    fn wants_kind(&self, kind: &str) -> bool {
        self.kind.as_ref().is_none_or(|wanted| wanted == kind)
    }

    pub(crate) fn wants<K: Kind>(&self, test: &Test<K>) -> bool {
        self.wants_kind(K::NAME) && self.flag.as_ref().is_none_or(|wanted| test.flags.contains(wanted))
    }
}

/// Asks `subject` the tests of all files; one report for each file that has a test which is wanted.
///
/// Either all files are sound and the subject has answered everything, or there is no result at all.
///
/// # Errors
/// [`VectorError`]: a file is not one, ids are used twice, or the subject goes wrong.
pub fn verify<S: Subject>(
    sources: &[Source],
    subject: &mut S,
    filter: &Filter,
    observer: &mut impl Observer,
) -> Result<Vec<Report>, VectorError> {
    filter.check_kind()?;
    let mut run = Run {
        subject,
        filter,
        observer,
        ids: Ids::default(),
        flags: BTreeSet::new(),
        report: Report::default(),
        room: ROOM,
    };
    let mut reports = Vec::new();
    for source in sources {
        run.report = Report { name: source.name(), ..Report::default() };
        run.ids.file(source.name());
        let head = read::read(source, &mut run)?;
        run.flags.extend(head.notes.into_keys());
        run.report.kind = head.kind;
        if run.report.total() > 0 {
            reports.push(std::mem::take(&mut run.report));
        }
    }
    let Run { subject, ids, flags, .. } = run;
    ids.distinct()?;
    filter.check_flag(&flags)?;
    subject.finish()?;
    Ok(reports)
}

struct Run<'r, S, O> {
    subject: &'r mut S,
    filter: &'r Filter,
    observer: &'r mut O,
    ids: Ids,
    flags: BTreeSet<String>,
    report: Report,
    /// Bytes of failures that may still be kept.
    room: usize,
}

impl<S: Subject, O: Observer> Visit for Run<'_, S, O> {
    fn test<K: Kind>(&mut self, head: &Head, group: &Group<K>, test: Test<K>) -> Result<(), VectorError> {
        self.ids.add(&test.id)?;
        if !self.filter.wants(&test) {
            return Ok(());
        }
        let verdict = self.subject.ask(group, &test)?;
        let report = &mut self.report;
        let mut failure = None;
        match &verdict {
            Verdict::Passed => report.passed = report.passed.saturating_add(1),
            Verdict::NotAsked(why) => {
                report.not_asked = report.not_asked.saturating_add(1);
                let count = report.why_not.entry(why.clone()).or_default();
                *count = count.saturating_add(1);
            }
            Verdict::Failed(differences) => {
                report.failed = report.failed.saturating_add(1);
                let note = |flag: &String| {
                    let note = head.notes.get(flag).cloned().unwrap_or_default();
                    Note { flag: flag.clone(), note }
                };
                let notes = test.flags.iter().map(note).collect();
                let (id, comment) = (test.id.clone(), test.comment.clone());
                failure = Some(Failure { id, comment, notes, differences: differences.clone() });
            }
        }
        self.observer.done(&report.name, &test.id, &verdict, failure.as_ref())?;
        if let Some(failure) = failure.filter(|_| report.failures.len() < Report::LISTED)
            && let Some(room) = self.room.checked_sub(failure.size())
        {
            report.failures.push(failure);
            self.room = room;
        }
        Ok(())
    }
}
