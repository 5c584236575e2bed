//! What was typed: plain strings and switches. What they mean is found out by each command.

use clap::{Args, Parser};

use crate::command::Command;

/// Offline purses on smart cards: people pay each other by eight digits, with no network.
#[derive(Debug, Parser)]
#[command(
    name = "digitally",
    version,
    propagate_version = false,
    max_term_width = 100,
    after_help = "Start with: digitally demo\n\n\
                  Exit codes: 0 done, 1 refused by the card or failed verification, 2 could not run."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options for all commands")]
pub struct Global {
    /// Print exactly one JSON object on standard output, errors too
    #[arg(long, global = true)]
    pub json: bool,
    /// Print only the result itself: the code, the balance
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show every APDU, decoded, on standard error; PINs, keys and codes are masked
    #[arg(long, global = true)]
    pub trace: bool,
    /// Show every exchange of APDUs as a JSON object on standard error, masked likewise
    #[arg(long, global = true)]
    pub trace_json: bool,
    /// Write every exchange of APDUs into a capture file for Wireshark and tshark, masked likewise
    #[arg(long, global = true, value_name = "FILE")]
    pub trace_pcap: Option<String>,
    /// Leave PINs, keys and codes readable in all that is traced and shown
    #[arg(long, global = true)]
    pub trace_secrets: bool,
    /// Draw the card's random numbers from this seed: for tests only
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
}
