#![doc = include_str!("../README.md")]

mod answer;
mod dialogue;
mod error;
mod expect;
mod fuzz;
mod include;
mod kind;
mod manual;
mod outcome;
mod pattern;
mod run;
mod said;
mod scope;
mod script;
mod stage;
mod statement;
mod verb;
mod word;

pub use dialogue::{Dialogue, Turn, Utterance};
pub use error::ScriptError;
pub use expect::{Answer, Mismatch, StatusPattern};
pub use fuzz::fuzz;
pub use include::{Files, Included, Includes, NoIncludes, read};
pub use manual::{Usage, usages};
pub use outcome::{Answered, Missed, Outcome, OutcomeDifference};
pub use pattern::Difference;
pub use run::{RunError, Step};
pub use script::{Place, Script};
pub use stage::{Order, Role, Stage, StageError};
