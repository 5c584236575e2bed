//! `digitally sim serve`

mod address;
mod inserted;
mod orders;
mod slot;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use card_sim::vpcd::{self, Control};
use clap::ValueEnum;
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;

use self::address::Address;
use self::orders::Order;
use self::slot::{Slot, Tally};
use crate::failure::{ErrorCode, Failure};
use crate::output::{self, Output};
use crate::session::Session;

/// Put software cards into virtual readers, for any PC/SC program
///
/// The reader driver vpcd, which pcscd loads, listens; the card connects to it. Each further card goes into the next
/// reader, one port further. If pcscd ends, the cards wait, and are in their readers again when it is back. Every change
/// is in a card's file before the answer is sent.
///
/// Ctrl-C and SIGTERM end it. SIGUSR1 pulls the cards out, and the next one puts them back.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  digitally sim serve --card alice.card --card bob.card
  opensc-tool --list-readers

Pull a card out, and put it back, from a script:
  (echo remove alice.card; sleep 2; echo insert alice.card; sleep 2; echo stop) |
    digitally sim serve --card alice.card --card bob.card --control")]
pub struct Args {
    /// A card: its image file; several cards go into readers one behind the other
    #[arg(long = "card", value_name = "FILE", required = true)]
    cards: Vec<String>,
    /// Where vpcd listens for the card of its first reader
    #[arg(long, value_name = "HOST:PORT", default_value = vpcd::ADDRESS)]
    vpcd: String,
    /// In which reader the first card goes, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    slot: u16,
    /// What the cards speak, whatever their ATRs say: T=0 by itself if nothing else is offered, otherwise T=1, which serves
    /// programs of both
    #[arg(long, value_enum)]
    protocol: Option<Protocol>,
    /// Whenever a card is powered up, have it be as it is in its file now, which is never written: for tests
    #[arg(long)]
    forget: bool,
    /// Wait for vpcd if it does not listen yet
    #[arg(long)]
    wait: bool,
    /// Do what standard input says, one order a line: remove, insert, status (of all cards, or of the FILE named behind it), stop
    #[arg(long)]
    control: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    T0,
    T1,
}

impl From<Protocol> for card_sim::Protocol {
    fn from(typed: Protocol) -> Self {
        match typed {
            Protocol::T0 => Self::T0,
            Protocol::T1 => Self::T1,
        }
    }
}

/// What reaches the thread that waits.
#[derive(Debug)]
enum Message {
    Order(Order),
    Malformed(String),
    Ended { slot: usize, outcome: Result<Tally, Failure> },
}

impl Args {
    /// Serves until it is told to stop.
    ///
    /// # Errors
    /// If what was typed is malformed, a card cannot be used, or nobody listens.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let first = Address::parse(&self.vpcd)?;
        let slots = (self.slot..).zip(&self.cards).map(|(number, path)| {
            Ok(Slot {
                path,
                address: first.slot(&self.vpcd, number)?,
                protocol: self.protocol.map(Into::into),
                forget: self.forget,
                wait: self.wait,
                control: Control::default(),
            })
        });
        let slots = slots.collect::<Result<Vec<_>, Failure>>()?;
        let (sender, receiver) = channel();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGUSR1]).map_err(|error| {
            Failure::new(ErrorCode::Usage, format!("signals cannot be waited for: {error}")).help("please report this")
        })?;
        let handle = signals.handle();
        if self.control {
            let sender = sender.clone();
            // It is not waited for: nobody can tell a read of standard input to end.
            thread::spawn(move || orders::read(&mut std::io::stdin().lock(), |message| sender.send(message).is_ok()));
        }
        let tallies = thread::scope(|scope| {
            let to_us = sender.clone();
            scope.spawn(move || forward(&mut signals, &to_us));
            for (index, slot) in slots.iter().enumerate() {
                let sender = sender.clone();
                scope.spawn(move || {
                    let outcome = slot.serve(session);
                    // If nobody listens any more, nobody wants to know.
                    let _ = sender.send(Message::Ended { slot: index, outcome });
                });
            }
            let tallies = attend(&slots, &receiver);
            handle.close();
            tallies
        })?;
        let cards: Vec<_> = slots.iter().zip(&tallies).map(|(slot, tally)| tally.json(slot)).collect();
        let text: String = slots.iter().zip(&tallies).map(|(slot, tally)| tally.text(slot)).collect();
        Ok(Output::new(&json!({"cards": cards}), text, ""))
    }
}

fn forward(signals: &mut Signals, sender: &Sender<Message>) {
    for signal in signals.forever() {
        let order = if signal == SIGUSR1 { Order::Toggle } else { Order::Stop };
        if sender.send(Message::Order(order)).is_err() {
            return;
        }
    }
}

/// Does as it is told, until all cards have come back. One that fails stops all.
fn attend(slots: &[Slot<'_>], receiver: &Receiver<Message>) -> Result<Vec<Tally>, Failure> {
    let mut tallies = vec![None; slots.len()];
    let mut failed = None;
    while tallies.iter().any(Option::is_none) {
        match receiver.recv() {
            Ok(Message::Order(order)) => order.give(slots),
            Ok(Message::Malformed(why)) => output::note(why),
            Ok(Message::Ended { slot, outcome }) => {
                let tally = outcome.unwrap_or_else(|failure| {
                    failed.get_or_insert(failure);
                    Order::Stop.give(slots);
                    Tally::default()
                });
                if let Some(place) = tallies.get_mut(slot) {
                    *place = Some(tally);
                }
            }
            // Only if every thread is gone.
            Err(_) => break,
        }
    }
    match failed {
        Some(failure) => Err(failure),
        None => Ok(tallies.into_iter().flatten().collect()),
    }
}
