//! The applets' entries in the phone's menu: alone, or merged into the menu of a SIM below.
//!
//! What is merged stands behind what was there, and what was there stays as it is, but for this:
//!
//! - An entry's identifier is one that no other item has: the one it had before, or else the first free from `80` on. Those of
//!   the menu below never change, so that its SIM knows its own again.
//! - Lists with something for each item get one more for each entry: *items next action indicator* the entry's own, *item icon
//!   identifier list* `00`, which is no record, *item text attribute list* `00 00 03 F0`, black on white as it comes. A list that
//!   does not fit its items already, stays as it is; where there is none, none is added.
//! - What is longer than 256 bytes is tried without those three lists. If it still is, the menu below goes up as it came, and
//!   the entries are not in it.
//! - An empty menu below (the SIM takes its menu away) becomes a menu of the entries alone.
//!
//! Source: ETSI TS 102 223 clauses 6.6.7, 8.9, 8.24, 8.32 and 8.72; for text attributes 3GPP TS 23.040.

use apdu::Aid;
use applet_model::runtime::Entry;
use toolkit::command::{Action, ProactiveCommand, SetUpEventList, SetUpMenu};
use toolkit::{Alpha, CommandNumber, Item, Items, tag};

/// The first identifier that an entry tries.
const FIRST_ID: u8 = 0x80;
/// What stands for an entry in a list of icons, and in one of text attributes.
const NO_ICON: [u8; 1] = [0];
const PLAIN: [u8; 4] = [0x00, 0x00, 0x03, 0xF0];

/// An applet's entry, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Whose it is.
    pub(crate) aid: Aid,
    /// What it said of it.
    pub(crate) entry: Entry,
    /// Its text, an alpha identifier.
    pub(crate) text: Vec<u8>,
    /// By which it is chosen; 0 as long as it has none.
    pub(crate) id: u8,
}

/// Gives each entry its identifier: the one it `had`, or a free one. An entry for which none is left goes.
pub(crate) fn number(entries: &mut Vec<Shown>, had: &[Shown], below: &[u8]) {
    let old = |entry: &Shown| had.iter().find(|old| old.aid == entry.aid).map(|old| old.id);
    let mut taken = below.to_vec();
    for entry in entries.iter_mut() {
        entry.id = old(entry).filter(|id| !taken.contains(id)).unwrap_or_default();
        taken.push(entry.id);
    }
    for entry in entries.iter_mut().filter(|entry| entry.id == 0) {
        entry.id = (FIRST_ID..=u8::MAX).chain(1..FIRST_ID).find(|id| !taken.contains(id)).unwrap_or_default();
        taken.push(entry.id);
    }
    entries.retain(|entry| entry.id != 0);
}

/// A menu of these entries alone; an empty one takes the menu away. Nothing if it is too long.
pub(crate) fn alone(number: CommandNumber, entries: &[Shown], out: &mut [u8]) -> Option<usize> {
    let title = match entries {
        [only] => &only.text,
        _ => b"SIM".as_slice(),
    };
    let items: Vec<Item<'_>> = entries.iter().map(Shown::item).collect();
    let menu = SetUpMenu::new(Alpha::new(title), Items::new(&items));
    ProactiveCommand::new(number, menu).encode(out).ok().map(<[u8]>::len)
}

/// Leaves out entries, the last first, until the others fit into a menu of their own.
pub(crate) fn cut(entries: &mut Vec<Shown>) {
    let mut room = [0; ProactiveCommand::MAX_LENGTH];
    while alone(CommandNumber::FIRST, entries, &mut room).is_none() && entries.pop().is_some() {}
}

/// A list of these events alone.
pub(crate) fn event_list(number: CommandNumber, events: &[u8], out: &mut [u8]) -> Option<usize> {
    ProactiveCommand::new(number, SetUpEventList { events }).encode(out).ok().map(<[u8]>::len)
}

/// The menu of a SIM below with these entries in it; under another number, if one is given. Nothing if it must go up as it
/// came: it is not a menu, or there is no room.
pub(crate) fn merged(below: &[u8], number: Option<CommandNumber>, entries: &[Shown], out: &mut [u8]) -> Option<usize> {
    let command = ProactiveCommand::decode(below).ok()?;
    let Action::SetUpMenu(menu) = command.action else { return None };
    let number = number.unwrap_or(command.number);
    let items: Vec<Item<'_>> = menu.items.iter().chain(entries.iter().map(Shown::item)).collect();
    let (count, more) = (menu.items.len(), entries.len());
    let next: Vec<u8> = entries.iter().map(|shown| shown.entry.next.0).collect();
    let next_actions = longer(menu.next_actions, count, &next);
    // The qualifier of the icons comes first.
    let item_icons = longer(menu.item_icons, count.saturating_add(1), &NO_ICON.repeat(more));
    let item_attributes = longer(menu.item_attributes, count.saturating_mul(PLAIN.len()), &PLAIN.repeat(more));
    let title = match (menu.title.bytes(), entries) {
        ([], [first, ..]) if count == 0 => Alpha::new(&first.text),
        _ => menu.title,
    };
    let whole = SetUpMenu {
        title,
        items: Items::new(&items),
        next_actions: next_actions.as_deref(),
        item_icons: item_icons.as_deref(),
        item_attributes: item_attributes.as_deref(),
        ..menu
    };
    let bare = SetUpMenu { next_actions: None, item_icons: None, item_attributes: None, ..whole };
    // A second list of one sort would stand for the first.
    let lists = [tag::NEXT_ACTIONS, tag::ITEM_ICONS, tag::ITEM_TEXT_ATTRIBUTES];
    let twice = lists.iter().any(|list| command.extra.find(*list).is_some());
    [Some(whole), Some(bare).filter(|_| !twice)].into_iter().flatten().find_map(|menu| {
        let command = ProactiveCommand { number, action: menu.into(), ..command };
        command.encode(out).ok().map(<[u8]>::len).filter(|length| *length <= ProactiveCommand::MAX_LENGTH)
    })
}

/// The identifiers in a menu; nothing if it is none.
pub(crate) fn identifiers(menu: &[u8]) -> Option<Vec<u8>> {
    match ProactiveCommand::decode(menu).ok()?.action {
        Action::SetUpMenu(menu) => Some(menu.items.iter().map(|item| item.id).collect()),
        _ => None,
    }
}

/// The events in a list of them; nothing if it is none.
pub(crate) fn events(list: &[u8]) -> Option<Vec<u8>> {
    match ProactiveCommand::decode(list).ok()?.action {
        Action::SetUpEventList(list) => Some(list.events.to_vec()),
        _ => None,
    }
}

/// The list of events of a SIM below with these in it. Nothing if it must go up as it came.
pub(crate) fn merged_events(below: &[u8], events: &[u8], out: &mut [u8]) -> Option<usize> {
    let command = ProactiveCommand::decode(below).ok()?;
    let Action::SetUpEventList(list) = command.action else { return None };
    let all = union(list.events, events);
    let command = ProactiveCommand { action: SetUpEventList { events: &all }.into(), ..command };
    command.encode(out).ok().map(<[u8]>::len)
}

/// These events, and behind them those that are new.
pub(crate) fn union(events: &[u8], more: &[u8]) -> Vec<u8> {
    let mut all = events.to_vec();
    more.iter().for_each(|event| {
        if !all.contains(event) {
            all.push(*event);
        }
    });
    all
}

/// A list of this length with more behind it.
fn longer(list: Option<&[u8]>, length: usize, more: &[u8]) -> Option<Vec<u8>> {
    let list = list?;
    Some(if list.len() == length { [list, more].concat() } else { list.to_vec() })
}

impl Shown {
    fn item(&self) -> Item<'_> {
        Item { id: self.id, text: Alpha::new(&self.text) }
    }
}

#[cfg(test)]
#[path = "menu/tests.rs"]
mod tests;
