//! SELECT by name — `00 A4 04 P2 Lc name [Le]`.
//!
//! | P2 | bits 2-1: occurrence | bits 4-3: what to answer |
//! |---|---|---|
//! | `00` | first | file control information |
//! | `02` | next | file control information |
//! | `0C` `0E` | first, next | nothing |
//! | others | last, previous | control parameters, management data: `6A86` |
//!
//! A name is found in full or in part. Its occurrences are the instance of exactly that name, then those whose names
//! begin with it, in order of installation. *Next* is the one behind the instance that is selected, or the first if
//! that is not among them.
//!
//! When an instance is found, the applet that is selected is deselected, its memory that lasts so long is cleared, and
//! the one found is asked to be selected; so also if it is the same one. If it refuses, nothing is selected and its
//! status word is the answer. (JavaCard's runtime answers `6999` there; ours hands the applet's own reason on.) If none
//! is found, `6A82`, and the selection stays as it was. An empty name selects the issuer domain, which this card does
//! not have: `6A82` too.
//!
//! Source: ISO/IEC 7816-4:2013, SELECT command; Java Card Runtime Environment, "Applet Selection".

use apdu::{Command, Sw};

use super::Card;

impl Card {
    pub(super) fn select(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        let (next, silent) = match command.p2() {
            0x00 => (false, false),
            0x02 => (true, false),
            0x0C => (false, true),
            0x0E => (true, true),
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let found = self.find(command.data(), next).ok_or(Sw::FILE_NOT_FOUND)?;
        self.deselect();
        if let Err(sw) = self.call(found, |applet, context| applet.select(context)).unwrap_or(Err(Sw::UNKNOWN)) {
            self.clear_until_deselect(found);
            return Err(self.refuse(sw));
        }
        self.selected = Some(found);
        if silent {
            self.answer.clear();
        }
        Ok(())
    }

    /// Tells the applet that leaves, and clears what it may not keep.
    fn deselect(&mut self) {
        if let Some(old) = self.selected.take() {
            let _ = self.call(old, |applet, context| applet.deselect(context));
            self.clear_until_deselect(old);
        }
    }

    fn find(&self, name: &[u8], next: bool) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        let matching = |exact: bool| {
            let instances = self.instances.iter().enumerate();
            instances.filter_map(move |(index, instance)| {
                let aid = instance.aid;
                (aid.starts_with(name) && (aid.as_bytes().len() == name.len()) == exact).then_some(index)
            })
        };
        let mut occurrences = matching(true).chain(matching(false));
        if next
            && let Some(selected) = self.selected
            && occurrences.clone().any(|index| index == selected)
        {
            occurrences.find(|index| *index == selected);
        }
        occurrences.next()
    }
}
