//! Who is judged: the library, a card, or a program that answers in JSON lines.

pub(crate) mod card;
mod compare;
pub(crate) mod program;

use crate::kind::{Group, Kind, Test};
use crate::report::Verdict;

/// Why an implementation cannot be judged. Nothing that it answered until then counts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubjectError {
    /// A program went wrong.
    #[error(transparent)]
    Program(#[from] program::ProgramError),
    /// A card cannot be asked at all; a wrong answer is a difference instead.
    #[error(transparent)]
    Card(#[from] card::CardError),
}

/// An implementation under test: [`Library`], [`OnCards`](card::OnCards), or a [`Program`](program::Program).
#[expect(private_bounds, reason = "what a kind is stays inside; there are no other subjects")]
pub trait Subject: Ask {}

impl<S: Ask> Subject for S {}

/// What a verification does with a subject.
pub(crate) trait Ask {
    /// How it did in one test.
    fn ask<K: Kind>(&mut self, group: &Group<K>, test: &Test<K>) -> Result<Verdict, SubjectError>;

    /// Called after the last test.
    fn finish(&mut self) -> Result<(), SubjectError> {
        Ok(())
    }
}

/// The libraries `digitally` and `apdu`, in this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Library;

impl Ask for Library {
    fn ask<K: Kind>(&mut self, group: &Group<K>, test: &Test<K>) -> Result<Verdict, SubjectError> {
        Ok(match K::answer(&group.shared, &test.input) {
            None => Verdict::NotAsked("a conversation needs a card".into()),
            Some(answer) => compare::answer(test, answer),
        })
    }
}
