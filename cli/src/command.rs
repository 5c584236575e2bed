//! The commands, one a file.

mod card;
mod completions;
mod demo;
mod doctor;
mod handset;
mod issuer;
mod lab;
mod man;
mod pay;
mod phones;
mod readers;
mod sim;
mod study;
mod vectors;

use clap::Subcommand;

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(demo::Args),
    Card(card::Args),
    Pay(pay::Args),
    Phones(Box<phones::Args>),
    Handset(handset::Args),
    Study(study::Args),
    Issuer(issuer::Args),
    Sim(sim::Args),
    Vectors(vectors::Args),
    Lab(lab::Args),
    Readers(readers::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match self {
            Self::Demo(args) => args.run(session),
            Self::Card(args) => args.run(session),
            Self::Pay(args) => args.run(session),
            Self::Phones(args) => args.run(session),
            Self::Handset(args) => args.run(session),
            Self::Study(args) => args.run(),
            Self::Issuer(args) => args.run(session),
            Self::Sim(args) => args.run(session),
            Self::Vectors(args) => args.run(session),
            Self::Lab(args) => args.run(session),
            Self::Readers(args) => args.run(session),
            Self::Doctor(args) => args.run(session),
            Self::Completions(args) => Ok(args.run()),
            Self::Man(args) => args.run(),
        }
    }
}
