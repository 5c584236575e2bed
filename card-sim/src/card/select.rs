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
//! is found, `6A82`, and the selection stays as it was. An empty name selects the issuer domain, on a card that has one.
//! Instances that its registry has as installed only, or as locked, are not found; on a locked card only the domain is,
//! with `6283`. An applet that is selected on another channel and does not say that it can be on several
//! (`multiselectable`) is `6985`, and the selection stays.
//!
//! Source: ISO/IEC 7816-4:2013, SELECT command; Java Card Runtime Environment, "Applet Selection".

use apdu::{Channel, Command, Sw};

use super::channel::Selection;
use super::{Card, Instance};

impl Card {
    #[inline(never)]
    pub(super) fn select(&mut self, channel: Channel, command: &Command<'_>) -> Result<(), Sw> {
        let (next, silent) = match command.p2() {
            0x00 => (false, false),
            0x02 => (true, false),
            0x0C => (false, true),
            0x0E => (true, true),
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        let selected = self.selected_index(channel);
        let found = self.find(command.data(), selected.filter(|_| next)).ok_or(Sw::FILE_NOT_FOUND)?;
        self.refuse_if_busy(found, channel)?;
        self.deselect(channel);
        self.enter(found, channel)?;
        if silent {
            self.answer.clear();
        }
        if self.is_locked() {
            self.answer.set_sw(Sw::FILE_DEACTIVATED);
        }
        Ok(())
    }

    /// Selects this instance on an open channel on which none is.
    pub(super) fn enter(&mut self, index: usize, channel: Channel) -> Result<(), Sw> {
        // The one that left may have written.
        if !self.is_on() {
            return Err(Sw::MEMORY_FAILURE);
        }
        if let Err(sw) = self.call(index, channel, |applet, context| applet.select(context)) {
            self.clear_until_deselect(index, channel);
            return Err(self.refuse(sw));
        }
        let domain = self.domain == Some(index);
        self.channels.set(channel, if domain { Selection::Domain } else { Selection::Applet(index) });
        Ok(())
    }

    /// `6985` for an instance that is selected on another channel and takes one at a time.
    pub(super) fn refuse_if_busy(&self, index: usize, channel: Channel) -> Result<(), Sw> {
        let several = self.instances.get(index).is_some_and(Instance::is_multiselectable);
        if !several && self.channels.with(index).any(|other| other != channel) {
            return Err(Sw::CONDITIONS_NOT_SATISFIED);
        }
        Ok(())
    }

    /// Tells the applet that leaves this channel, and clears what it may not keep.
    pub(super) fn deselect(&mut self, channel: Channel) {
        if self.channels.get(channel) == Some(Selection::Domain) {
            self.channels.set(channel, Selection::default());
            self.end_session(channel);
        }
        let Some(old) = self.channels.applet(channel) else { return };
        self.channels.set(channel, Selection::default());
        let _ = self.call(old, channel, |applet, context| {
            applet.deselect(context);
            Ok(())
        });
        self.answer.clear();
        self.clear_until_deselect(old, channel);
    }

    /// Whether exactly this name can be selected; that of the issuer domain only if asked for.
    pub(crate) fn has(&self, name: &[u8], domain: bool) -> bool {
        let found = self.instances.iter().position(|instance| instance.aid.as_bytes() == name);
        found.is_some_and(|index| (self.domain != Some(index) || domain) && self.is_selectable(index))
    }

    /// The first instance of this name; behind `after`, if that is among them.
    fn find(&self, name: &[u8], after: Option<usize>) -> Option<usize> {
        if name.is_empty() {
            return self.domain;
        }
        let matching = |exact: bool| {
            let instances = self.instances.iter().enumerate();
            instances.filter_map(move |(index, instance)| {
                let aid = instance.aid;
                let named = aid.starts_with(name) && (aid.as_bytes().len() == name.len()) == exact;
                (named && self.is_selectable(index)).then_some(index)
            })
        };
        let mut occurrences = matching(true).chain(matching(false));
        if let Some(after) = after.filter(|after| occurrences.clone().any(|index| index == *after)) {
            occurrences.find(|index| *index == after);
        }
        occurrences.next()
    }
}
