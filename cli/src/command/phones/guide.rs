//! The lesson, and what passes, beside the phones or between the lines of a transcript.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use phones::explain::{Explain, Kind, Passing, Veil};
use phones::lesson::{Lesson, Page, Shown};
use phones::{Side, fresh, wrapped};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::Play;
use super::beside::{Beside, Turn};
use crate::failure::{ErrorCode, Failure};
use crate::session::Session;
use crate::trace;

/// What was asked for.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Guides {
    /// Lead two people through their first payment: what to do next, and what happens under the hood
    #[arg(long, conflicts_with = "one")]
    lesson: bool,
    /// Show what passes between phones and cards: APDUs, what the SIM toolkit says, and what goes into each MAC
    #[arg(long)]
    explain: bool,
}

/// What guides people.
#[derive(Debug)]
pub struct Guide {
    lesson: Option<Rc<RefCell<Lesson>>>,
    explain: Option<Rc<RefCell<Explain>>>,
    names: [String; 2],
    /// Whether what passes lies beside the phones, and not the lesson.
    over: Cell<bool>,
    said: RefCell<Said>,
}

/// What a transcript has already.
#[derive(Debug, Default)]
struct Said {
    page: Option<Shown>,
    /// What happens under the hood, as far as it was told.
    read: Vec<String>,
    lines: usize,
}

impl Guides {
    /// Has them watch the phones; nothing if none is wanted. `fresh`: everybody knows the keys and PINs of the cards.
    ///
    /// # Errors
    /// If a lesson is wanted, and the phones are not two with software cards of different people in them.
    pub fn watch(self, play: &mut Play, fresh: bool, session: &Session) -> Result<Option<Guide>, Failure> {
        if !self.lesson && !self.explain {
            return Ok(None);
        }
        let explain = self.explain.then(|| explain(play, fresh, session)).transpose()?;
        let lesson = self.lesson.then(|| lesson(play, fresh)).transpose()?;
        let names = Side::BOTH.map(|side| play.table().at(side).map_or_else(String::new, |placed| placed.name.clone()));
        let over = Cell::new(lesson.is_none());
        Ok(Some(Guide { lesson, explain, names, over, said: RefCell::default() }))
    }
}

fn explain(play: &mut Play, fresh: bool, session: &Session) -> Result<Rc<RefCell<Explain>>, Failure> {
    let (left, right) = (Passing::default(), Passing::default());
    for (side, passing) in [(Side::Left, &left), (Side::Right, &right)] {
        if let Some(placed) = play.table_mut().at_mut(side) {
            placed.phone.handset_mut().card_mut().card_mut().pass_to(passing.clone());
        }
    }
    let all = fresh || session.tracing.veil == trace::Veil::Lifted;
    let veil = if all { Veil::Pins } else { Veil::Codes };
    let key = fresh.then(fresh::payment_key).transpose()?;
    let mut explain = Explain::new(left, right, veil, key);
    for side in play.table().sides() {
        if let Some(placed) = play.table().at(side) {
            explain.look(side, &placed.phone);
        }
    }
    let explain = Rc::new(RefCell::new(explain));
    play.watch(Box::new(Rc::clone(&explain)));
    Ok(explain)
}

fn lesson(play: &mut Play, fresh: bool) -> Result<Rc<RefCell<Lesson>>, Failure> {
    let lesson = Lesson::new(play.table(), fresh.then_some(fresh::PIN)).ok_or_else(|| {
        Failure::new(ErrorCode::Usage, "a lesson takes two phones with software cards of two people in them")
            .help("leave the cards out: digitally phones --lesson has fresh ones")
    })?;
    let lesson = Rc::new(RefCell::new(lesson));
    play.watch(Box::new(Rc::clone(&lesson)));
    Ok(lesson)
}

/// How wide a transcript is.
const WIDE: usize = 100;
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

impl Guide {
    /// What there is to say since this was asked, in lines.
    pub fn news(&self) -> Vec<String> {
        let mut said = self.said.borrow_mut();
        let mut news = Vec::new();
        if let Some(explain) = &self.explain {
            let explain = explain.borrow();
            for line in explain.behind(said.lines) {
                news.push(format!("  {} {line}", self.name(line.side)));
            }
            said.lines = explain.count();
        }
        if let Some(lesson) = &self.lesson {
            let shown = lesson.borrow().shown();
            let before = said.page.replace(shown.clone());
            let page = before.as_ref().map(|before| before.page);
            let note = before.as_ref().and_then(|before| before.note.as_ref());
            let next = before.as_ref().and_then(|before| before.next.as_ref());
            if page != Some(shown.page) {
                news.push(format!("lesson {}/{}: {}", shown.page.number(), Page::ALL.len(), shown.title));
                // Who is on a page again has read it.
                if !said.read.contains(&shown.hood) {
                    news.extend(wrapped(&format!("  {}", shown.hood), WIDE));
                    said.read.push(shown.hood);
                }
            }
            if let Some(note) = shown.note.as_ref().filter(|new| note != Some(*new)) {
                news.extend(wrapped(&format!("  ! {note}"), WIDE));
            }
            if let Some(next) = shown.next.as_ref().filter(|new| next != Some(*new) || page != Some(shown.page)) {
                news.push(format!("  next: {next}"));
            }
        }
        news
    }

    fn name(&self, side: Side) -> &str {
        let [left, right] = &self.names;
        if side == Side::Left { left } else { right }
    }

    fn lesson_lines(&self, shown: &Shown, columns: usize) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let mut say = |text: &str, style| {
            lines.extend(wrapped(text, columns).into_iter().map(|line| Line::styled(line, style)));
        };
        say(&shown.title, BOLD);
        if let Some(note) = &shown.note {
            say(&format!("! {note}"), Style::new());
        }
        if let Some(next) = &shown.next {
            say(&format!("> {next}"), BOLD);
        }
        say("", Style::new());
        say(&shown.hood, Style::new());
        lines
    }
}

impl Beside for Guide {
    fn title(&self) -> String {
        match &self.lesson {
            Some(lesson) if !self.over.get() => {
                let number = lesson.borrow().shown().page.number();
                let over = if self.explain.is_some() { "F2 APDUs" } else { "" };
                format!("Lesson {number}/{} F3 back F4 on {over}", Page::ALL.len())
            }
            Some(_) => "What passes    F2 lesson PgUp/Dn".to_owned(),
            None => "What passes           PgUp PgDn".to_owned(),
        }
    }

    fn lines(&self, columns: u16) -> Vec<Line<'static>> {
        let columns = usize::from(columns);
        match (&self.lesson, &self.explain) {
            (Some(lesson), _) if !self.over.get() => self.lesson_lines(&lesson.borrow().shown(), columns),
            (_, Some(explain)) => {
                let explain = explain.borrow();
                let mut lines = Vec::new();
                let mut side = None;
                for line in explain.lines() {
                    if side.replace(line.side) != Some(line.side) {
                        lines.push(Line::from(Span::styled(format!("{}:", self.name(line.side)), BOLD)));
                    }
                    let style = if line.kind == Kind::Mac { BOLD } else { Style::new() };
                    lines.extend(wrapped(&line.to_string(), columns).into_iter().map(|line| Line::styled(line, style)));
                }
                lines
            }
            _ => Vec::new(),
        }
    }

    fn follows(&self) -> bool {
        self.over.get()
    }

    fn turn(&self, turn: Turn) {
        match (turn, &self.lesson) {
            (Turn::Over, Some(_)) if self.explain.is_some() => self.over.set(!self.over.get()),
            (Turn::Back, Some(lesson)) => lesson.borrow_mut().turn_back(),
            (Turn::On, Some(lesson)) => lesson.borrow_mut().skip(),
            _ => {}
        }
    }
}
