//! The phones line by line, for screen readers and pipes: a command is a line, each new screen is printed.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use handset::Room;
use handset::script::{PlayError, Reason, Script};
use phones::{InHand, Side};

use super::{Play, view};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::phones::TracedSim;

/// So often it is looked whether time alone has changed a screen.
const TICK: Duration = Duration::from_millis(100);

const HELP: &str = "\
A line is a phone (left, right, or its name) and what is done to it:
  left power            switch it on, or off
  left menu             a key, or several: 0 to 9, *, \"#\", +, up, down, ok, back, clear, menu, help, end
  left select \"Pay\"     choose what is on the screen, or in its menu
  right type 47610825   key in digits or letters
  left battery          take it out, or put it back; battery at 3: it falls out in the card's third write
  left sim              pull the SIM out, or put it back
  left wait 30          nobody does anything for so many seconds
  left expect \"Paid\"    say whether that is on the screen
  left screen           say again what is on the screen
help, quit";

/// Reads lines until they end.
///
/// # Errors
/// If standard output cannot be written.
pub fn run(play: &mut Play) -> Result<Output, Failure> {
    let (sender, lines) = mpsc::channel();
    // It ends with its lines, or with the program.
    std::thread::spawn(move || io::stdin().lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    output::print("`help` says what can be done, `quit` ends it. Both phones are off: `left power`, for instance.")?;
    let mut said = Side::BOTH.map(|_| Vec::new());
    say(play, &mut said)?;
    let mut last = Instant::now();
    loop {
        let line = lines.recv_timeout(TICK);
        let now = Instant::now();
        // What goes wrong is on the screens.
        drop(play.pass(now.saturating_duration_since(last)));
        last = now;
        match line {
            Ok(line) if line.trim() == "quit" => break,
            Ok(line) => {
                if let Some(told) = told(play, line.trim(), &mut said) {
                    output::print(&told)?;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        say(play, &mut said)?;
    }
    Ok(Output::said(Exit::Done))
}

/// Does what a line says, and returns what there is to tell of it beside new screens.
fn told(play: &mut Play, line: &str, said: &mut [Vec<String>; 2]) -> Option<String> {
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match first {
        "" => return None,
        "help" => return Some(HELP.to_owned()),
        _ if first.starts_with('#') => return None,
        _ => {}
    }
    let wanted = first.trim_end_matches(':');
    let Some(side) = side_of(play, wanted) else {
        return Some(format!("There is no phone {wanted}: a line begins with left or right; `help` says more."));
    };
    if rest.trim() == "screen" {
        let [left, right] = said;
        (if side == Side::Left { left } else { right }).clear();
        return None;
    }
    let script = match Script::step(rest) {
        Ok(script) => script,
        Err(error) => return Some(format!("That is not understood: {}.", error.message)),
    };
    match script.play(&mut Only { play, side }, &mut |_| ()) {
        Ok(()) => None,
        Err(PlayError::Stopped(stopped)) => match stopped.why {
            Reason::Missed(missed) => Some(format!("{wanted}: {missed}")),
            Reason::Phone(error) => Some(format!("{wanted}: {error}")),
        },
        Err(error) => Some(error.to_string()),
    }
}

fn side_of(play: &Play, wanted: &str) -> Option<Side> {
    let named = |side: &Side| {
        let name = &play.table().at(*side)?.name;
        let position = if *side == Side::Left { "left" } else { "right" };
        [position, name].into_iter().any(|name| name.eq_ignore_ascii_case(wanted)).then_some(*side)
    };
    Side::BOTH.iter().find_map(named)
}

/// Prints what is new on the phones.
fn say(play: &Play, said: &mut [Vec<String>; 2]) -> Result<(), Failure> {
    for (side, said) in Side::BOTH.into_iter().zip(said) {
        let now = lines(play, side);
        if now != *said {
            output::print(&now.join("\n"))?;
            *said = now;
        }
    }
    Ok(())
}

/// What a phone shows, each line with its name.
fn lines(play: &Play, side: Side) -> Vec<String> {
    let Some(placed) = play.table().at(side) else { return Vec::new() };
    let (name, phone) = (&placed.name, &placed.phone);
    let soft = phone.soft_keys();
    let keys: Vec<&str> = [soft.left, soft.right].into_iter().flatten().map(|(name, _)| name).collect();
    let mut all = vec![view::standing(phone)];
    all.extend(phone.screen().lines().filter(|line| !line.is_empty()));
    if phone.screen().is_more_below() {
        all.push("(more below)".to_owned());
    }
    if !keys.is_empty() {
        all.push(format!("[{}]", keys.join("] [")));
    }
    all.extend(play.hint(side).map(|hint| format!("({hint})")));
    all.into_iter().map(|line| format!("{name}: {line}")).collect()
}

/// The one phone that a line is for.
struct Only<'p> {
    play: &'p mut Play,
    side: Side,
}

impl Room for Only<'_> {
    type Card = phones::Slot<TracedSim>;
    type Phone<'p>
        = InHand<'p, TracedSim>
    where
        Self: 'p;

    fn phone(&mut self, _: &str) -> Option<InHand<'_, TracedSim>> {
        self.play.in_hand(self.side)
    }
}
