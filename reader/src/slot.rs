//! A reader as others see it, and what has changed since they last looked.

/// A reader, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub state: State,
    /// The ATR of the card; empty if there is none, or a mute one.
    pub atr: Vec<u8>,
    /// How many insertions and removals the service has counted, modulo 65,536.
    pub events: u32,
}

/// What is in a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// No card.
    Empty,
    /// A card that nobody is connected to.
    Free,
    /// A card that programs are connected to, and share.
    InUse,
    /// A card that one program has for itself.
    Exclusive,
    /// A card that does not answer the reset.
    Mute,
    /// The reader itself does not work.
    Unavailable,
}

impl State {
    /// Whether there is a card, in whatever state.
    #[must_use]
    pub const fn is_occupied(self) -> bool {
        matches!(self, Self::Free | Self::InUse | Self::Exclusive | Self::Mute)
    }

    /// Its name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Free => "free",
            Self::InUse => "in-use",
            Self::Exclusive => "exclusive",
            Self::Mute => "mute",
            Self::Unavailable => "unavailable",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "no card",
            Self::Free => "a card, which nobody uses",
            Self::InUse => "a card, in use by other programs too",
            Self::Exclusive => "a card, held by one program for itself",
            Self::Mute => "a card that does not answer the reset",
            Self::Unavailable => "the reader does not work",
        })
    }
}

/// Something happened to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub happening: Happening,
    /// The reader afterwards; as it last was, if it is gone.
    pub slot: Slot,
}

/// What can happen to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Happening {
    /// The reader is there now.
    Appeared,
    /// The reader is gone.
    Vanished,
    /// A card was put in.
    Inserted,
    /// The card was taken out.
    Removed,
    /// It is used in another way.
    Changed,
}

impl Happening {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Vanished => "vanished",
            Self::Inserted => "inserted",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// What has happened between two looks.
#[cfg_attr(not(any(feature = "pcsc", test)), allow(dead_code, reason = "without the service nothing changes"))]
pub(crate) fn changes(before: &[Slot], after: &[Slot]) -> Vec<Change> {
    let change = |happening, slot: &Slot| Change { happening, slot: slot.clone() };
    let mut all = Vec::new();
    for old in before.iter().filter(|old| after.iter().all(|new| new.name != old.name)) {
        all.push(change(Happening::Vanished, old));
    }
    for new in after {
        let Some(old) = before.iter().find(|old| old.name == new.name) else {
            all.push(change(Happening::Appeared, new));
            continue;
        };
        match (old.state.is_occupied(), new.state.is_occupied()) {
            (true, false) => all.push(change(Happening::Removed, new)),
            (false, true) => all.push(change(Happening::Inserted, new)),
            // Out and in again since the last look.
            (true, true) if old.events != new.events => {
                all.push(change(Happening::Removed, old));
                all.push(change(Happening::Inserted, new));
            }
            _ if old.state != new.state => all.push(change(Happening::Changed, new)),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(name: &str, state: State, events: u32) -> Slot {
        Slot { name: name.to_owned(), state, atr: Vec::new(), events }
    }

    fn check(before: &[&Slot], after: &[&Slot], expected: &[&str]) {
        let owned = |slots: &[&Slot]| slots.iter().copied().cloned().collect::<Vec<_>>();
        let (before, after) = (owned(before), owned(after));
        let found: Vec<_> =
            changes(&before, &after).iter().map(|one| format!("{} {}", one.slot.name, one.happening.name())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_happens_between_two_looks() {
        let (empty, card) = (slot("A", State::Empty, 0), slot("A", State::Free, 1));
        check(&[], &[], &[]);
        check(&[&empty], &[&empty], &[]);
        check(&[&empty], &[&card], &["A inserted"]);
        check(&[&card], &[&slot("A", State::Empty, 2)], &["A removed"]);
        check(&[&card], &[&slot("A", State::Free, 3)], &["A removed", "A inserted"]);
        check(&[&card], &[&slot("A", State::InUse, 1)], &["A changed"]);
        check(&[&empty], &[&slot("B", State::Free, 1)], &["A vanished", "B appeared"]);
        check(&[&card], &[], &["A vanished"]);
    }
}
