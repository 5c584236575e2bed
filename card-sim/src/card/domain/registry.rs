//! The registry: which applets there are, and in which state. An applet that it does not have is not there.

use apdu::{Aid, Channel, Sw};
use globalplatform::{ApplicationState, CardState, Privileges};

use super::super::instance::{InstallError, Module};
use super::Card;
use super::memory::{Entry, Places};

impl Card {
    /// Every place of the registry that is taken.
    pub(super) fn registry(&self) -> impl Iterator<Item = (usize, Aid, Entry)> {
        let entries = Places::new().registry;
        (0..entries.count()).filter_map(move |place| {
            let entry = self.domain_value(entries.cell(place)?);
            Some((place, entry.aid?, entry))
        })
    }

    /// The place of an applet, and what is known of it.
    pub(super) fn entry(&self, aid: Aid) -> Option<(usize, Entry)> {
        self.registry().find_map(|(place, name, entry)| (name == aid).then_some((place, entry)))
    }

    /// Writes one place, atomically.
    pub(super) fn set_entry(&mut self, place: usize, entry: &Entry) -> Result<(), Sw> {
        let cell = Places::new().registry.cell(place).ok_or(Sw::UNKNOWN)?;
        self.in_domain(|memory| Ok(memory.write(cell, entry)?))
    }

    fn free_place(&self) -> Option<usize> {
        let places = Places::new().registry.count();
        (0..places).find(|free| self.registry().all(|(place, ..)| place != *free))
    }

    /// Puts an applet into the registry, if there is one; `6A84` if it is full.
    pub(super) fn register(&mut self, aid: Aid, state: ApplicationState) -> Result<(), Sw> {
        if self.domain.is_none() {
            return Ok(());
        }
        let place = self.free_place().ok_or(Sw::NOT_ENOUGH_MEMORY)?;
        self.set_entry(place, &Entry { aid: Some(aid), state: state.byte(), privileges: Privileges::NONE })
    }

    /// Whether SELECT may find this instance.
    pub(in crate::card) fn is_selectable(&self, index: usize) -> bool {
        let Some(domain) = self.domain else { return true };
        let selectable = || {
            let aid = self.instances.get(index)?.aid;
            Some(matches!(self.entry(aid)?.1.state(), ApplicationState::Selectable { .. }))
        };
        let running = !matches!(self.state(), CardState::CardLocked | CardState::Terminated);
        index == domain || running && selectable().unwrap_or(false)
    }

    /// Makes an instance: first its memory, then its place in the registry, one write that decides whether it is there.
    pub(in crate::card) fn make(
        &mut self,
        modules: &[Module],
        module: Aid,
        aid: Aid,
        parameters: &[u8],
        state: ApplicationState,
    ) -> Result<(), InstallError> {
        let had_power = self.is_on();
        let index = self.add(modules, module, aid, parameters)?;
        if self.domain.is_some() && self.free_place().is_none() {
            self.remove(index);
            return Err(InstallError::RegistryFull);
        }
        let outcome = self
            .call(index, Channel::BASIC, |applet, context| applet.install(context))
            .and_then(|()| self.register(aid, state));
        outcome.map_err(|sw| {
            // If the power went meanwhile, the journal has entries for its memory: it goes at the next power-up, after them.
            if self.is_on() || !had_power {
                self.nvm.roll_back();
                self.remove(index);
            }
            InstallError::Refused { sw }
        })
    }

    /// After power-up: takes instances off the card that were being made, or deleted, when the power failed.
    pub(in crate::card) fn drop_unregistered(&mut self) {
        if self.domain.is_none() || !self.is_on() {
            return;
        }
        for index in (0..self.instances.len()).rev() {
            let aid = self.instances.get(index).map(|instance| instance.aid);
            let registered = aid.is_some_and(|aid| self.entry(aid).is_some());
            if !registered && self.domain != Some(index) {
                self.remove(index);
            }
        }
    }
}
