//! How long a key takes, from the key event to the screen as it is drawn, with both phones and purses behind it.
//!
//! `cargo bench -p cli --bench keys` prints the medians, and what we promise. Nothing fails here.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
#![allow(dead_code, unused_imports, unreachable_pub, reason = "a part of the program, as it is")]

#[path = "../src/command/phones/beside.rs"]
mod beside;
#[path = "../src/command/phones/keyboard.rs"]
mod keyboard;
#[path = "../src/command/phones/layout.rs"]
mod layout;
#[path = "../src/command/phones/view.rs"]
mod view;

use std::time::Instant;

use applet_model::purse::Language;
use card_sim::{Overlay, SeededRandom};
use crossterm::event::{KeyCode, KeyEvent};
use handset::Settings;
use phones::{Phone, Placed, Play, Side, Table, fresh};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use beside::KeyHelp;
use keyboard::{Deed, Grasp, Keyboard};
use view::Scene;

/// A frame at 60 a second.
const LIMIT_MS: f64 = 16.0;
const ROUNDS: usize = 200;

fn main() {
    let mut seed = 0;
    let people = fresh::pair(Language::English, || {
        seed += 1;
        Box::new(SeededRandom::new(seed))
    });
    let mut number = 0;
    let [left, right] = people.unwrap().map(|person| {
        number += 1;
        let phone = Phone::new(Overlay::new(person.card, fresh::sim(number)), Settings::default());
        Placed { name: person.name.to_owned(), phone }
    });
    let mut play = Play::new(Table::new(left, Some(right)));
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let scene = Scene { keyboard: Keyboard::Whole(Side::Left), ..Scene::of(2) };
    let mut press = |key: char| {
        let start = Instant::now();
        let deed = scene.keyboard.deed(KeyEvent::from(KeyCode::Char(key)));
        if let Some(Deed::Touch(side, Grasp::Touch(touch))) = deed {
            drop(play.touch(side, touch));
        }
        terminal.draw(|frame| view::draw(frame.buffer_mut(), &play, &scene, &KeyHelp)).unwrap();
        let time = start.elapsed().as_secs_f64() * 1e3;
        let text: String = terminal.backend().buffer().content().iter().map(|cell| cell.symbol()).collect();
        (time, text)
    };
    let (power, ready) = press('p');
    assert!(ready.contains("Ready"));
    let (mut moves, mut digits, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // The card's menu, the purse, Pay, Bob, an amount, and the end of it.
        press('r');
        for _ in 0..4 {
            moves.push(press('v').0);
        }
        answers.extend(["r", "r", "r"].map(|_| press('r').0));
        digits.extend(['2', '5', '0'].map(|key| press(key).0));
        let (answered, text) = press('r');
        assert!(text.contains("Request code"), "{text}");
        answers.push(answered);
        press('e');
    }
    println!("{:<58} {:>10} {:>10}", "from a key to the drawn screen, 80 x 24", "ms", "at most");
    println!("{:<58} {power:>10.3}", "power: the phone starts");
    for (name, mut times) in
        [("down, in a list", moves), ("a digit", digits), ("a soft key that the card answers", answers)]
    {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        let verdict = if median <= LIMIT_MS { "" } else { "  ABOVE" };
        println!("{name:<58} {median:>10.3} {LIMIT_MS:>10.1}{verdict}");
    }
}
