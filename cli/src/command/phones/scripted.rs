//! A script played on the table, in its own time, and what it looked like as a recording.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use handset::script::{PlayError, Reason, Script};
use handset::{Grip, Handset, Key, Player, PlayerError, Pressed, Room, Screen};
use phones::{InHand, Slot};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use serde_json::json;

use super::Play;
use super::beside::KeyHelp;
use super::record::{self, Recording, Tee};
use super::terminal::failed;
use super::view::{self, Scene};
use crate::command::handset::{causes, missed_json, step_json};
use crate::exit::Exit;
use crate::failure::medium::file_failure;
use crate::failure::reader::reader_failure;
use crate::failure::{ErrorCode, Failure};
use crate::medium::MediumError;
use crate::output::{self, Format, Output};
use crate::phones::{InsertedError, TracedSim};
use crate::session::Session;

/// The names of its phones: left, and right if there are two.
///
/// # Errors
/// If there are more.
pub fn names(script: &Script) -> Result<Vec<&str>, Failure> {
    let names: Vec<&str> = script.phones().collect();
    if names.len() > 2 {
        return Err(Failure::new(
            ErrorCode::ScriptCard,
            format!("the script has {} phones, and the table two", names.len()),
        )
        .help("play it without a table: digitally handset SCRIPT"));
    }
    Ok(names)
}

/// Plays it.
///
/// # Errors
/// If it could not be played to its end, where no screen is to blame.
pub fn run(
    script: &Script,
    play: &mut Play,
    recording: Option<Recording>,
    session: &Session,
) -> Result<Output, Failure> {
    let recording = recording.map(|recording| Rc::new(RefCell::new(recording)));
    let film = recording.as_ref().map(Film::new).transpose().map_err(|error| failed(&error))?;
    let (mut steps, shown) = (Vec::new(), session.format == Format::Text);
    let mut filmed = Filmed { play, film };
    filmed.frame(Duration::ZERO);
    let played = script.play(&mut filmed, &mut |step| {
        if shown {
            let _ = output::print(&step.to_string());
        }
        steps.push(step_json(step));
    });
    filmed.frame(READING);
    drop(filmed);
    record::end(recording)?;
    let missed = match played {
        Ok(()) => None,
        Err(PlayError::Stopped(stopped)) => match &stopped.why {
            Reason::Missed(_) => Some(stopped),
            Reason::Phone(error) => {
                if shown {
                    let _ = output::print(&format!("{}\n{}", stopped.said, stopped.screen));
                }
                let why: Vec<String> = causes(error).iter().map(ToString::to_string).collect();
                return Err(causes(error).iter().find_map(|cause| medium_failure(*cause)).unwrap_or_else(|| {
                    let message = format!("{}:{}: {}: {}", stopped.file, stopped.line, stopped.said, why.join(": "));
                    Failure::new(ErrorCode::ScriptStopped, message).help(
                        "a phone that is off or has no battery takes no key: `reboot` starts it, whatever it lacks",
                    )
                }));
            }
        },
        Err(error) => return Err(Failure::new(ErrorCode::ScriptStopped, error.to_string()).help("please report this")),
    };
    let json = json!({
        "as_expected": missed.is_none(),
        "steps": steps,
        "missed": missed.as_deref().map(missed_json),
        "seconds": play.table().now().as_secs_f64(),
    });
    Ok(match missed {
        None => Output::new(&json, format!("{} steps, all as expected", steps.len()), ""),
        Some(missed) => Output::new(&json, format!("\n{missed}"), &missed).exiting(Exit::Refused),
    })
}

/// A card file or a reader that failed.
fn medium_failure(cause: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    let inserted = cause.downcast_ref::<InsertedError>()?;
    match inserted {
        InsertedError::Host(MediumError::File { path, error }) => Some(file_failure(path, error)),
        InsertedError::Host(MediumError::Reader(error)) | InsertedError::Below(MediumError::Reader(error)) => {
            Some(reader_failure(error, "--left-reader", None))
        }
        _ => None,
    }
}

/// How long a key takes in a recording, and how long a screen is read.
const PRESSING: Duration = Duration::from_millis(150);
const READING: Duration = Duration::from_millis(900);
/// The size of the window in a recording.
const WINDOW: Rect = Rect::new(0, 0, 80, 24);

/// The table, drawn into a recording.
struct Film {
    terminal: Terminal<CrosstermBackend<Tee<io::Stdout>>>,
    recording: Rc<RefCell<Recording>>,
    /// What hands took, beside the time that passed for the phones.
    spent: Duration,
}

/// The table, and what draws it.
struct Filmed<'t> {
    play: &'t mut Play,
    film: Option<Film>,
}

/// A phone of it.
struct FilmedPhone<'t> {
    hand: InHand<'t, TracedSim>,
    film: Option<&'t mut Film>,
}

impl Film {
    fn new(recording: &Rc<RefCell<Recording>>) -> io::Result<Self> {
        recording.borrow_mut().begin(WINDOW.width, WINDOW.height);
        let tee = Tee { terminal: None, recording: Some(Rc::clone(recording)) };
        let options = TerminalOptions { viewport: Viewport::Fixed(WINDOW) };
        let terminal = Terminal::with_options(CrosstermBackend::new(tee), options)?;
        Ok(Self { terminal, recording: Rc::clone(recording), spent: Duration::ZERO })
    }

    fn frame(&mut self, play: &Play, spent: Duration) {
        self.spent = self.spent.saturating_add(spent);
        self.recording.borrow_mut().at(play.table().now().saturating_add(self.spent));
        let scene = Scene::of(play.table().sides().count());
        // A recording says at its end what went wrong with it.
        let _ = self.terminal.draw(|frame| view::draw(frame.buffer_mut(), play, &scene, &KeyHelp));
    }
}

impl Filmed<'_> {
    fn frame(&mut self, spent: Duration) {
        if let Some(film) = &mut self.film {
            film.frame(self.play, spent);
        }
    }
}

impl Room for Filmed<'_> {
    type Card = Slot<TracedSim>;
    type Phone<'p>
        = FilmedPhone<'p>
    where
        Self: 'p;

    fn phone(&mut self, name: &str) -> Option<FilmedPhone<'_>> {
        Some(FilmedPhone { hand: self.play.phone(name)?, film: self.film.as_mut() })
    }
}

impl FilmedPhone<'_> {
    fn after<V>(&mut self, spent: Duration, done: V) -> V {
        if let Some(film) = &mut self.film {
            film.frame(self.hand.play(), spent);
        }
        done
    }
}

impl Player for FilmedPhone<'_> {
    type Card = Slot<TracedSim>;

    fn handset(&self) -> &Handset<Self::Card> {
        self.hand.handset()
    }

    fn screen(&self) -> Cow<'_, Screen> {
        self.hand.screen()
    }

    fn boot(&mut self) -> Result<(), PlayerError<Self>> {
        let done = self.hand.boot();
        self.after(READING, done)
    }

    fn press(&mut self, key: Key) -> Result<Pressed, PlayerError<Self>> {
        let done = self.hand.press(key);
        self.after(if key == Key::Ok { READING } else { PRESSING }, done)
    }

    fn pass(&mut self, time: Duration) -> Result<(), PlayerError<Self>> {
        let done = self.hand.pass(time);
        self.after(Duration::ZERO, done)
    }

    fn grip(&mut self, grip: Grip) -> Result<(), PlayerError<Self>> {
        let done = self.hand.grip(grip);
        self.after(READING, done)
    }
}
