//! The phones on a terminal: keys and clicks come in, time passes, and what is seen is drawn.

use std::cell::RefCell;
use std::io::{self, BufWriter};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use phones::{Touch, at_write};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::Rect;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::Play;
use super::beside::Beside;
use super::keyboard::{Deed, Grasp};
use super::layout::Layout;
use super::record::{self, Recording, Tee};
use super::terminal::{Taken, failed};
use super::view::{self, Scene};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// So often time passes for phones that nobody touches.
const TICK: Duration = Duration::from_millis(50);

/// A table at which people sit.
struct Live<'t> {
    play: &'t mut Play,
    scene: Scene,
    window: Rect,
    /// The last moment that has passed for the phones.
    last: Instant,
}

/// What becomes of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Stay,
    Redraw,
    Quit,
}

/// Shows the table until somebody quits.
///
/// # Errors
/// If the terminal or the recording fails.
pub fn run(play: &mut Play, beside: &dyn Beside, recording: Option<Recording>) -> Result<Output, Failure> {
    let recording = recording.map(|recording| Rc::new(RefCell::new(recording)));
    let ended = Taken::new().and_then(|_taken| show(play, beside, recording.as_ref()));
    let kept = record::end(recording);
    ended.map_err(|error| failed(&error))?;
    kept.map(|()| Output::said(Exit::Done))
}

fn show(play: &mut Play, beside: &dyn Beside, recording: Option<&Rc<RefCell<Recording>>>) -> io::Result<()> {
    let ends = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&ends))?;
    }
    let tee = Tee { terminal: Some(BufWriter::new(io::stdout())), recording: recording.cloned() };
    let mut terminal = Terminal::new(CrosstermBackend::new(tee))?;
    let size = terminal.size()?;
    if let Some(recording) = recording {
        recording.borrow_mut().begin(size.width, size.height);
    }
    let phones = play.table().sides().count();
    let mut live = Live { play, scene: Scene::of(phones), window: Rect::ZERO, last: Instant::now() };
    while !ends.load(Ordering::Relaxed) {
        if let Some(recording) = recording {
            recording.borrow_mut().at(live.play.table().now());
        }
        terminal.draw(|frame| {
            let area = frame.area();
            live.window = area;
            view::draw(frame.buffer_mut(), live.play, &live.scene, beside);
        })?;
        let mut next = Next::Stay;
        if event::poll(TICK)? {
            let event = event::read()?;
            live.pass();
            if let (Event::Resize(columns, lines), Some(recording)) = (&event, recording) {
                recording.borrow_mut().resized(*columns, *lines);
            }
            next = live.happened(&event);
        }
        live.pass();
        match next {
            Next::Stay => {}
            // Not by `clear`, which asks the terminal where its cursor is, and waits for an answer.
            Next::Redraw => terminal.resize(live.window)?,
            Next::Quit => break,
        }
    }
    terminal.backend_mut().flush()
}

impl Live<'_> {
    /// Lets as much time pass for the phones as has passed here.
    fn pass(&mut self) {
        let now = Instant::now();
        // What goes wrong is on the screens.
        drop(self.play.pass(now.saturating_duration_since(self.last)));
        self.last = now;
    }

    fn happened(&mut self, event: &Event) -> Next {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key),
            Event::Mouse(mouse) => {
                self.mouse(*mouse);
                Next::Stay
            }
            _ => Next::Stay,
        }
    }

    fn key(&mut self, key: KeyEvent) -> Next {
        let deed = self.scene.keyboard.deed(key);
        if deed == Some(Deed::QuitNow) {
            return Next::Quit;
        }
        if std::mem::take(&mut self.scene.asks) {
            return if key.code == KeyCode::Enter { Next::Quit } else { Next::Stay };
        }
        let phones = self.play.table().sides().count();
        match deed {
            Some(Deed::Touch(side, grasp)) => self.touch(side, grasp),
            Some(Deed::Hand) => self.scene.keyboard = self.scene.keyboard.next(phones),
            Some(Deed::Quit) => self.scene.asks = true,
            Some(Deed::Help) => self.scene.help = !self.scene.help,
            Some(Deed::Scroll(lines)) => self.scene.scroll = self.scene.scroll.saturating_add_signed(lines),
            Some(Deed::Redraw) => return Next::Redraw,
            Some(Deed::QuitNow) | None => {}
        }
        Next::Stay
    }

    fn mouse(&mut self, mouse: MouseEvent) {
        if mouse.kind == MouseEventKind::Down(MouseButton::Left)
            && let Ok(layout) = Layout::new(self.window, self.play.table().sides())
            && let Some((side, row)) = layout.at(mouse.column, mouse.row)
        {
            self.touch(side, row.grasp);
        }
    }

    /// Not on phones that nobody sees, since the window is too small.
    fn touch(&mut self, side: phones::Side, grasp: Grasp) {
        if Layout::new(self.window, self.play.table().sides()).is_err() {
            return;
        }
        let touch = match grasp {
            Grasp::Touch(touch) => touch,
            Grasp::Loosen => {
                let loose = self.play.table().at(side).and_then(|placed| placed.phone.loose());
                Touch::Loosen(at_write(loose.unwrap_or(0).saturating_add(1)))
            }
        };
        // What goes wrong is on the screen.
        drop(self.play.touch(side, touch));
    }
}
