//! The card in a phone, and the slot in which it lies: it can be pulled out, and the power can fail.

use apdu::{Cut, PowerCut, Transport};
use card_sim::Overlay;
use card_sim::overlay::Host;

/// A card that can lie in a phone.
pub trait Sim: Transport {
    /// Whether it has power. One that cannot tell has.
    fn is_on(&self) -> bool;

    /// Has its power fail at this place in its work, or nowhere, and says whether that can be done to it: not to one in a
    /// reader.
    fn loosen(&mut self, cut: Option<Cut>) -> bool;

    /// In which write from now on its power will fail, if that was done to it.
    fn loose(&self) -> Option<u32> {
        None
    }
}

impl<H: Host, L: Transport> Sim for Overlay<H, L> {
    fn is_on(&self) -> bool {
        self.card().is_on()
    }

    fn loosen(&mut self, cut: Option<Cut>) -> bool {
        self.arm(cut);
        true
    }

    fn loose(&self) -> Option<u32> {
        self.armed().map(|cut| cut.write)
    }
}

/// The slot of a phone, with its card or without.
#[derive(Debug)]
pub struct Slot<T> {
    card: T,
    pub(crate) inserted: bool,
}

/// Why there was no answer from a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError<E: std::error::Error + 'static> {
    /// The card was pulled out.
    #[error("there is no card in the phone")]
    Empty,
    /// The card, or the way to it.
    #[error(transparent)]
    Card(#[from] E),
}

impl<T> Slot<T> {
    pub(crate) const fn new(card: T) -> Self {
        Self { card, inserted: true }
    }

    /// The card, wherever it is.
    pub const fn card(&self) -> &T {
        &self.card
    }

    /// The same, to do to it what no phone does.
    pub const fn card_mut(&mut self) -> &mut T {
        &mut self.card
    }

    pub(crate) fn into_card(self) -> T {
        self.card
    }
}

impl<T: Transport> Transport for Slot<T> {
    type Error = SlotError<T::Error>;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        if self.inserted { Ok(self.card.transmit(command, response)?) } else { Err(SlotError::Empty) }
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        if self.inserted { Ok(self.card.reset()?) } else { Err(SlotError::Empty) }
    }

    fn atr(&self) -> &[u8] {
        if self.inserted { self.card.atr() } else { &[] }
    }
}
