//! The `digitally` command: purses on smart cards that pay each other by eight digits, with no network.

#![expect(unreachable_pub, reason = "a program exports nothing: `pub` says which items other modules may use")]

mod args;
mod atr;
mod cast;
mod command;
mod decode;
mod doctor;
mod exit;
mod failure;
mod issue;
mod issuer;
mod medium;
mod memory;
mod money;
mod output;
mod phones;
mod progress;
mod purse;
mod screen;
mod secret;
mod session;
mod stage;
mod trace;
mod typed;
mod usage;
mod web;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::output::Format;
use crate::session::Session;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error).into(),
    };
    let format = Format::wanted(&cli.global);
    let ran = Session::new(&cli.global).and_then(|session| cli.command.run(&session));
    let exit = ran.and_then(|output| output.print(format).map(|()| output.exit));
    exit.unwrap_or_else(|failure| {
        output::report(&failure, format);
        failure.code().exit()
    })
    .into()
}
