//! `digitally vectors`: known answers.

mod explain;
mod generate;
mod lint;
mod list;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;
use vectors::{ProgramError, Source, SubjectError, VectorError};

use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::session::Session;

/// Verify a library, a card or a program against test vectors; look at vectors, make them
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Verify(Box<verify::Args>),
    List(list::Args),
    Explain(explain::Args),
    Lint(lint::Args),
    Generate(generate::Args),
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match &self.command {
            Command::Verify(args) => args.run(session),
            Command::List(args) => args.run(),
            Command::Explain(args) => args.run(),
            Command::Lint(args) => args.run(),
            Command::Generate(args) => args.run(),
        }
    }
}

/// Which files are meant.
#[derive(Debug, clap::Args)]
struct Files {
    /// Vector files [default: those that come with this program]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Which of their tests are meant.
#[derive(Debug, clap::Args)]
struct Filter {
    /// Only tests of this kind: mac, derive, code, refusal, accumulated, apdu, tlv, live
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only tests with this flag
    #[arg(long, value_name = "FLAG")]
    flag: Option<String>,
}

impl Files {
    fn sources(&self) -> Vec<Source> {
        match self.files.as_slice() {
            [] => vectors::embedded(),
            files => files.iter().cloned().map(Source::File).collect(),
        }
    }
}

impl Filter {
    fn filter(&self) -> vectors::Filter {
        vectors::Filter { kind: self.kind.clone(), flag: self.flag.clone() }
    }
}

/// Text of a file or a program, for a terminal, which would obey control characters: one line, whatever was in it.
fn visible(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Why nothing was verified.
fn failure(error: VectorError) -> Failure {
    let message = visible(&error.to_string());
    match error {
        VectorError::Unreadable { .. } => {
            Failure::new(ErrorCode::FileUnreadable, message).help("check the name, and that you may read the file")
        }
        VectorError::Unknown { .. } => {
            Failure::new(ErrorCode::VectorUnknown, message).help("`digitally vectors list` shows all tests with their flags")
        }
        VectorError::Subject(SubjectError::Program(ProgramError::Hung { .. })) => {
            Failure::new(ErrorCode::VectorSubject, message)
                .help("nothing counts as verified. Does it flush its output after each line? --timeout gives it longer")
        }
        VectorError::Subject(SubjectError::Program(ProgramError::Start { .. })) => {
            Failure::new(ErrorCode::VectorSubject, message)
                .help("check the path, and that it is executable; for a shell's |, &&, > or A=b: sh -c '…'")
        }
        VectorError::Subject(_) => Failure::new(ErrorCode::VectorSubject, message).help(
            "nothing counts as verified; `digitally vectors explain ID` shows a test, and vectors/README.md how a program \
             is asked",
        ),
        VectorError::Machine { .. } => {
            Failure::new(ErrorCode::FileUnwritable, message).help("check that the folder for temporary files has room")
        }
        _ => Failure::new(ErrorCode::VectorFile, message)
            .help("nothing was verified; vectors/schema/ has the format of each kind"),
    }
}
