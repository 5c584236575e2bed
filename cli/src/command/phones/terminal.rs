//! The terminal while the phones are on it, and how it is left: as it was found, whatever happens.

use std::io::{self, IsTerminal, Write};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

use crate::failure::{ErrorCode, Failure};
use crate::session::Session;

/// The terminal, taken: keys come as they are pressed, the mouse too, and what was on it is kept. Given back when this is
/// dropped, and before anything is said of a panic.
#[derive(Debug)]
pub struct Taken {
    held: Arc<AtomicBool>,
}

/// That there is a terminal, and that nothing else writes on it.
///
/// # Errors
/// What to do otherwise.
pub fn wanted(session: &Session) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::new(ErrorCode::NoTerminal, "the phones need a terminal, and this is a pipe or a file")
            .help(
                "line by line they work everywhere: digitally phones --plain; or have a script played: --script FILE",
            ));
    }
    if (session.tracing.lines || session.tracing.json) && io::stderr().is_terminal() {
        return Err(Failure::new(ErrorCode::Usage, "a trace would be written over the phones")
            .help("send it elsewhere: --trace 2> trace.txt, or --trace-pcap FILE"));
    }
    Ok(())
}

/// What goes wrong with a terminal.
pub fn failed(error: &io::Error) -> Failure {
    Failure::new(ErrorCode::NoTerminal, format!("the terminal does not do what it should: {error}"))
        .help("line by line the phones work everywhere: digitally phones --plain")
}

impl Taken {
    /// Takes it.
    ///
    /// # Errors
    /// If it cannot be had.
    pub fn new() -> io::Result<Self> {
        let held = Arc::new(AtomicBool::new(true));
        let (for_hook, before) = (Arc::clone(&held), panic::take_hook());
        panic::set_hook(Box::new(move |what| {
            give_back(&for_hook);
            before(what);
        }));
        let taken = Self { held };
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, Hide)?;
        Ok(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back(&self.held);
        if !std::thread::panicking() {
            // Ours has nothing to do any more.
            drop(panic::take_hook());
        }
    }
}

/// Once. If the terminal is gone there is nothing to give back.
fn give_back(held: &AtomicBool) {
    if held.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, Show, DisableMouseCapture, LeaveAlternateScreen);
        let _ = disable_raw_mode();
        let _ = out.flush();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    use std::process::Command;

    use rexpect::session::spawn_command;

    const INSIDE: &str = "DIGITALLY_TEST_INSIDE_TERMINAL";

    /// This test runs itself in a terminal, and panics there.
    #[test]
    fn a_panic_is_told_on_the_terminal_as_it_was() {
        if std::env::var_os(INSIDE).is_some() {
            let _taken = Taken::new().unwrap();
            panic!("in the middle of it");
        }
        let itself = std::env::current_exe().unwrap();
        let name = format!("{}::a_panic_is_told_on_the_terminal_as_it_was", module_path!().split_once("::").unwrap().1);
        let script = "stty -g; \"$0\" --exact \"$1\" --nocapture; stty -g";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(itself).arg(&name).env(INSIDE, "1").env("TERM", "xterm");
        let told = spawn_command(command, Some(30_000)).unwrap().exp_eof().unwrap();
        let (taken, back) = (told.find("\x1b[?1049h").unwrap(), told.find("\x1b[?1049l").unwrap());
        let panicked = told.find("in the middle of it").unwrap();
        assert!(taken < back && back < panicked, "{told:?}");
        assert!(told.contains("\x1b[?25h") && told.contains("\x1b[?1000l"), "{told:?}");
        let (first, last) = (told.lines().next().unwrap(), told.lines().next_back().unwrap());
        assert!(first.contains(':') && first == last, "{told:?}");
    }
}
