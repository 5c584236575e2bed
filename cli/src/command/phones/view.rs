//! What is seen: the table drawn into a buffer, and nothing else.
//!
//! No colour says anything, so none is used: all is text, some of it bold or reversed.

use phones::{Phone, Play, Side, Sim, Standing};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::beside::{Beside, KeyHelp};
use super::keyboard::{KEYPAD, Keyboard};
use super::layout::{HINT, Layout, PHONE, SCREEN, SOFT, Wanted, keys};

/// What is seen beside what the phones themselves show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Who has the keyboard.
    pub keyboard: Keyboard,
    /// Whether it is asked whether to quit.
    pub asks: bool,
    /// Whether the help lies beside the phones, instead of what is there.
    pub help: bool,
    /// How many lines what lies beside the phones is scrolled.
    pub scroll: u16,
}

impl Scene {
    /// The one at the beginning.
    pub const fn of(phones: usize) -> Self {
        Self { keyboard: Keyboard::of(phones), asks: false, help: false, scroll: 0 }
    }
}

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const REVERSED: Style = Style::new().add_modifier(Modifier::REVERSED);

const ASKS: &str = "Quit? Enter: yes, any other key: no";

/// Draws the table.
pub fn draw<T: Sim>(buffer: &mut Buffer, play: &Play<T>, scene: &Scene, beside: &dyn Beside) {
    let layout = match Layout::new(buffer.area, play.table().sides()) {
        Ok(layout) => layout,
        Err(wanted) => return draw_too_small(buffer, wanted, scene.asks),
    };
    for (side, area) in &layout.phones {
        let Some(placed) = play.table().at(*side) else { continue };
        draw_name(buffer, *area, &placed.name, &standing(&placed.phone));
        draw_phone(buffer, *area, play, *side, &placed.phone);
        draw_keys(buffer, *area, *side, scene.keyboard);
    }
    let help = KeyHelp;
    draw_beside(buffer, layout.beside, if scene.help { &help } else { beside }, scene.scroll);
    let names = |side| play.table().at(side).map_or("", |placed| placed.name.as_str());
    let below = match (scene.asks, scene.keyboard) {
        (true, _) => ASKS.to_owned(),
        (false, Keyboard::Halves) => {
            "Each half of the keyboard is one phone's.  Tab: give one all  ?: help  Esc: quit".to_owned()
        }
        (false, Keyboard::Whole(side)) if layout.phones.len() > 1 => {
            format!("The keyboard is {}'s.  Tab: next  Enter/Bksp: soft keys  ?: help  Esc: quit", names(side))
        }
        (false, Keyboard::Whole(_)) => "Enter/Backspace: soft keys  ?: help  Esc: quit".to_owned(),
    };
    let style = if scene.asks { REVERSED } else { Style::new() };
    buffer.set_stringn(layout.below.x, layout.below.y, below, layout.below.width.into(), style);
}

/// Whether it is on, and what it lacks.
pub fn standing<T: Sim>(phone: &Phone<T>) -> String {
    match (phone.standing(), phone.loose()) {
        (Standing::NoBattery, _) => "no battery".to_owned(),
        (_, Some(write)) => format!("loose {write}"),
        _ if !phone.has_sim() => "no SIM".to_owned(),
        (Standing::Off, _) => "off".to_owned(),
        (Standing::On, _) => "on".to_owned(),
    }
}

fn draw_name(buffer: &mut Buffer, area: Rect, name: &str, standing: &str) {
    let room = usize::from(PHONE).saturating_sub(standing.len()).saturating_sub(3);
    buffer.set_stringn(area.x.saturating_add(1), area.y, name, room, BOLD);
    let x = area.right().saturating_sub(u16::try_from(standing.len()).unwrap_or(0)).saturating_sub(2);
    buffer.set_stringn(x, area.y, standing, standing.len(), Style::new());
}

fn draw_phone<T: Sim>(buffer: &mut Buffer, area: Rect, play: &Play<T>, side: Side, phone: &Phone<T>) {
    let x = area.x.saturating_add(1);
    for (y, line) in (area.y.saturating_add(SCREEN)..).zip(phone.screen().to_string().lines()) {
        buffer.set_stringn(x, y, line, 18, Style::new());
    }
    if let Some(hint) = play.hint(side) {
        buffer.set_stringn(x, area.y.saturating_add(HINT), format!("({hint})"), 20, BOLD);
    }
    let soft = phone.soft_keys();
    let [left, right] = [soft.left, soft.right].map(|key| key.map_or("", |(name, _)| name));
    buffer.set_stringn(area.x, area.y.saturating_add(SOFT), format!("{left:<10}{right:>10}"), 20, BOLD);
}

fn draw_keys(buffer: &mut Buffer, area: Rect, side: Side, keyboard: Keyboard) {
    for (row, at) in keys(area) {
        let key = row.on(side, keyboard);
        if KEYPAD.iter().any(|other| std::ptr::eq(other, row)) {
            buffer.set_stringn(at.x, at.y, format!("[{:<5}]", row.name), 7, Style::new());
            let pressed = key.map(String::from).unwrap_or_default();
            buffer.set_stringn(at.x, at.y.saturating_add(1), format!("{pressed:^7}"), 7, BOLD);
            continue;
        }
        let (Some(key), name) = (key, row.name) else { continue };
        // The soft keys and the arrows: the key alone, under what it does.
        let text = match name {
            "left soft key" => format!("[{key}]"),
            "right soft key" => format!("  [{key}]"),
            "up" => format!(" {key} ^"),
            "down" => format!(" {key} v"),
            name => format!("{key} {name}"),
        };
        buffer.set_stringn(at.x, at.y, text, at.width.into(), Style::new());
    }
}

fn draw_beside(buffer: &mut Buffer, area: Rect, beside: &dyn Beside, scroll: u16) {
    buffer.set_stringn(area.x, area.y, beside.title(), area.width.into(), BOLD);
    let lines = beside.lines(area.width);
    let last = furthest(area, lines.len());
    let scroll = usize::from(scroll).min(last);
    let first = if beside.follows() { last.saturating_sub(scroll) } else { scroll };
    for (y, line) in (area.y.saturating_add(1)..area.bottom()).zip(lines.iter().skip(first)) {
        buffer.set_line(area.x, y, line, area.width);
    }
}

/// How far so many lines can be scrolled under their title.
pub fn furthest(area: Rect, lines: usize) -> usize {
    lines.saturating_sub(usize::from(area.height.saturating_sub(1)))
}

fn draw_too_small(buffer: &mut Buffer, wanted: Wanted, asks: bool) {
    let area = buffer.area;
    let text = [
        format!("The window is {} x {}.", area.width, area.height),
        format!("It has to be {} x {}:", wanted.columns, wanted.lines),
        "make it larger,".to_owned(),
        if asks { ASKS.to_owned() } else { "or quit by Ctrl-C.".to_owned() },
    ];
    for (y, line) in (area.y..area.bottom()).zip(text) {
        buffer.set_stringn(area.x, y, line, area.width.into(), Style::new());
    }
}
