//! `digitally phones`: two basic phones side by side.

mod beside;
mod guide;
mod keyboard;
mod layout;
mod live;
mod page;
mod plain;
mod record;
mod scripted;
mod seats;
mod terminal;
mod view;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use crate::failure::{ErrorCode, Failure};
use crate::output::{Format, Output};
use crate::phones::{Study, TracedSim};
use crate::session::Session;
use crate::web;

use self::beside::{Beside, KeyHelp};
use self::guide::{Guide, Guides};
use self::record::Recording;
use self::scripted::Around;
use self::seats::Seats;

/// The phones here, and who watches them.
type Play = phones::Play<TracedSim>;

/// Two basic phones side by side: pay each other by eight digits, on one keyboard
///
/// Each half of the keyboard is one phone's; Tab gives the whole of it to one. Clicks on keys work, too. What each key does stands
/// beside the phones. Without cards named, both have fresh software cards with published test keys, PIN 1234 and 1000.00 each,
/// which are gone at the end. Cards in image files are saved before each answer. A phone can be switched off, lose its battery or
/// its SIM at any time. More: docs/two-phones.md.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally phones
  digitally phones --lesson --explain
  digitally phones --left alice.card --right bob.card
  digitally phones --one                      one phone here; at another machine: --one=bob
  digitally phones --left-reader 00 --right bob.card
  digitally phones --web                      the same as a page, for a browser on this machine
  printf 'left power\\nleft menu\\n' | digitally phones --plain
  digitally phones --script phones/scripts/battery.phones --record battery.cast")]
pub struct Args {
    #[command(flatten)]
    seats: Seats,
    /// Play this script to the phones, in its own time, and print every screen
    #[arg(long, value_name = "FILE", conflicts_with = "plain")]
    script: Option<String>,
    /// Keep what is shown as an asciicast (version 2) in this new file
    #[arg(long, value_name = "FILE", conflicts_with = "plain")]
    record: Option<String>,
    /// Keep how long each step of a payment takes, and what goes wrong, in this new file (CSV); nothing personal is in it. What
    /// it comes to: digitally study FILE
    #[arg(long, value_name = "FILE")]
    study: Option<PathBuf>,
    /// Line by line, for screen readers and pipes: a command is a line, each new screen is printed
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    guides: Guides,
    /// Serve the page with the same two phones to browsers on this machine, until Ctrl-C: from this folder, where `web/build`
    /// has put it. More: docs/web.md
    #[arg(
        long,
        value_name = "FOLDER",
        num_args = 0..=1,
        default_missing_value = web::FOLDER,
        conflicts_with_all = [
            "script", "record", "study", "plain", "lesson", "explain", "left", "right", "left_reader", "right_reader", "one",
        ]
    )]
    web: Option<PathBuf>,
    /// With --web, the port on 127.0.0.1; 0 is any that is free
    #[arg(long, value_name = "N", requires = "web", default_value_t = 0)]
    port: u16,
}

impl Args {
    /// Lays the phones on the table, and has them played with.
    ///
    /// # Errors
    /// If a card cannot be used, there is no terminal, or a script cannot be played.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        if let Some(folder) = &self.web {
            return page::run(folder, self.port, session);
        }
        let shown = self.script.is_none();
        if shown && session.format == Format::Json {
            return Err(Failure::new(ErrorCode::Usage, "what people see on phones is no JSON")
                .help("leave --json out, or play a script: digitally phones --script FILE --json"));
        }
        if shown && !self.plain {
            terminal::wanted(session)?;
        }
        let script = self.script.as_deref().map(super::handset::read_script).transpose()?;
        let names = script.as_ref().map(scripted::names).transpose()?;
        let mut play = Play::new(self.seats.table(names.as_deref(), session)?);
        let recording = self.record.as_deref().map(Recording::create).transpose()?;
        let study = self.study.as_deref().map(Study::create).transpose()?.map(|study| Rc::new(RefCell::new(study)));
        if let Some(study) = &study {
            play.watch(Box::new(Rc::clone(study)));
        }
        let guide = self.guides.watch(&mut play, self.seats.are_fresh(), session)?;
        let guide = guide.map(Rc::new);
        let beside: Rc<dyn Beside> = match &guide {
            Some(guide) => Rc::<Guide>::clone(guide),
            None => Rc::new(KeyHelp),
        };
        let output = match &script {
            Some(script) => scripted::run(script, &mut play, &Around { beside, guide }, recording, session),
            None if self.plain => plain::run(&mut play, guide.as_deref()),
            None => live::run(&mut play, &*beside, recording),
        };
        // Whatever ended the session.
        let closed = study.map_or(Ok(()), |study| study.borrow_mut().close(play.table().now()));
        output.and_then(|output| closed.map(|()| output))
    }
}
