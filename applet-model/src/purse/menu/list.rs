//! A list to choose from: what fits in one command, and More for the rest.
//!
//! Records have keys that stay theirs: the place of a contact, the number of a request or of a log entry. The item of a
//! record is the distance of its key from the first one on the page; so an item whose record has gone meanwhile names no
//! other record.

use ::toolkit::Alpha;
use apdu::Sw;
use core::fmt::{Display, Write};

use super::line::Line;
use super::text::Text;
use super::{Input, Talk};
use crate::runtime::Next;

/// The item of More.
pub(super) const MORE: u8 = 99;
/// The item of what is no record: another number, another person.
pub(super) const OTHER: u8 = 98;
/// How far keys on one page are apart at most.
const WINDOW: u32 = 90;

/// Bytes of a proactive command for title and items: 256 without its tag and length, details, devices, and, where it is a
/// GET INPUT, response length and coding.
const ROOM: usize = 236;

/// As many bytes of UTF-8 are the labels for which there is room: a character of one byte there has two at most here, as
/// one of two has three.
pub(super) const LABELS: usize = 512;

/// The label of one item.
pub(super) type Label = Line<64>;

/// A title, and items.
pub(super) struct List {
    labels: Line<LABELS>,
    /// Where the title and each label ends.
    ends: [(u8, usize); List::MOST + 1],
    count: usize,
    left: usize,
}

/// A record that a list shows: its key, and what it is called.
pub(super) type Record = (u32, Label);
/// Finds the first record at or behind a key.
pub(super) type Find = fn(&Talk<'_, '_>, u32) -> Option<Record>;

/// In which direction of its keys a list runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// From 1 on.
    Up,
    /// From the highest one down.
    Down,
}

/// What was picked from a list of records.
pub(super) enum Picked {
    Record(u32),
    Other,
    More,
    Gone,
}

impl List {
    pub(super) const MOST: usize = 24;

    pub(super) fn new(title: &str) -> Self {
        let mut list = Self { labels: Line::new(), ends: [(0, 0); Self::MOST + 1], count: 0, left: ROOM };
        list.push(0, title, 0);
        list
    }

    /// Adds an item, if so many bytes are still left behind it. Says whether it did.
    pub(super) fn push(&mut self, id: u8, label: &str, behind: usize) -> bool {
        let Some(left) = self.left.checked_sub(cost(label)).filter(|left| *left >= behind) else { return false };
        // Behind it, More and one other have a place.
        let spare = if behind > 0 { 2 } else { 0_usize };
        if self.count.saturating_add(spare) > Self::MOST {
            return false;
        }
        let Some(end) = self.ends.get_mut(self.count) else { return false };
        if self.labels.write_str(label).is_err() {
            return false;
        }
        *end = (id, self.labels.as_str().len());
        self.count = self.count.saturating_add(1);
        self.left = left;
        true
    }

    fn entry(&self, index: usize) -> Option<(u8, &str)> {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(_, end)| *end);
        let (id, end) = *self.ends.get(index)?;
        Some((id, self.labels.as_str().get(start..end)?))
    }

    pub(super) fn title(&self) -> &str {
        self.entry(0).map_or("", |(_, title)| title)
    }

    pub(super) fn items(&self) -> impl Iterator<Item = (u8, &str)> {
        (1..self.count).filter_map(|index| self.entry(index))
    }
}

/// The most bytes that an item takes, as SELECT ITEM or as a line of text.
fn cost(label: &str) -> usize {
    let mut room = [0; 160];
    Alpha::encode(label, &mut room).map_or(ROOM, |alpha| alpha.bytes().len()).saturating_add(4)
}

impl Talk<'_, '_> {
    /// Lists the records from where the page begins; nothing if there is none, nor another item.
    pub(super) fn page(
        &mut self,
        title: Text,
        order: Order,
        find: Find,
        other: Option<Text>,
    ) -> Result<Option<Next>, Sw> {
        let more = Text::More.template(self.language);
        let other = other.map(|text| text.template(self.language));
        let behind = cost(more).saturating_add(other.map_or(0, cost));
        let mut list = List::new(title.template(self.language));
        let mut record = find(self, self.start(order));
        self.state.from = record.as_ref().map_or(0, |(key, _)| *key);
        let mut is_more = false;
        while let Some((key, label)) = record {
            let label = self.shown::<64>(label.as_str().trim_end(), !self.chooses());
            let item = key.abs_diff(self.state.from).checked_add(1).filter(|item| *item <= WINDOW);
            let item = item.and_then(|item| u8::try_from(item).ok());
            if !item.is_some_and(|item| list.push(item, label.as_str(), behind)) {
                (is_more, self.state.next) = (true, key);
                break;
            }
            record = order.next(key).and_then(|key| find(self, key));
        }
        if let Some(other) = other {
            list.push(OTHER, other, 0);
        }
        if is_more {
            list.push(MORE, more, 0);
        }
        if list.items().next().is_none() {
            return Ok(None);
        }
        self.choice(&list).map(Some)
    }

    fn start(&self, order: Order) -> u32 {
        match (order, self.state.from) {
            (Order::Up, from) => from.max(1),
            (Order::Down, 0) => u32::MAX,
            (Order::Down, from) => from,
        }
    }

    /// Which record of the page an answer picks.
    pub(super) fn picked(&mut self, input: &Input<'_>, order: Order, find: Find) -> Picked {
        match input.item() {
            Some(MORE) if self.state.next > 0 => {
                self.state.from = core::mem::take(&mut self.state.next);
                Picked::More
            }
            Some(OTHER) => Picked::Other,
            Some(item) if (1..=WINDOW).contains(&item.into()) => {
                let distance = u32::from(item).saturating_sub(1);
                let key = match order {
                    Order::Up => self.state.from.checked_add(distance),
                    Order::Down => self.state.from.checked_sub(distance),
                };
                let found = key.and_then(|key| find(self, key).filter(|(found, _)| *found == key));
                found.map_or(Picked::Gone, |(key, _)| Picked::Record(key))
            }
            _ => Picked::Gone,
        }
    }
}

impl Order {
    fn next(self, key: u32) -> Option<u32> {
        match self {
            Self::Up => key.checked_add(1),
            Self::Down => key.checked_sub(1).filter(|key| *key > 0),
        }
    }
}

/// Writes a label; what does not fit is left out.
pub(super) fn label(thing: &dyn Display) -> Label {
    let mut label = Label::new();
    // A label is an amount and a name, or a number: it fits.
    let _ = write!(label, "{thing}");
    label
}
