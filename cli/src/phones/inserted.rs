//! What lies in a phone on the table: an overlay over a SIM, or a whole card in a reader.

use apdu::{Cut, PowerCut, Transport};
use card_sim::{Overlay, OverlayError};
use phones::Sim;

use super::{Below, Own};
use crate::medium::{Medium, MediumError};
use crate::trace::{Counting, Traced};

/// What lies in the phone.
#[derive(Debug)]
pub enum Inserted {
    /// An overlay with somebody's card, over a SIM.
    Overlay(Box<Overlay<Own, Below>>),
    /// The card in a reader, which is the SIM itself.
    Reader(Box<Medium>),
}

/// Why it did not answer.
pub type InsertedError = OverlayError<MediumError, MediumError>;

/// As it lies there: what goes by is traced.
pub type TracedSim = Traced<Inserted>;

impl Transport for Inserted {
    type Error = InsertedError;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        match self {
            Self::Overlay(overlay) => overlay.transmit(command, response),
            Self::Reader(card) => card.transmit(command, response).map_err(OverlayError::Below),
        }
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        match self {
            Self::Overlay(overlay) => overlay.reset(),
            Self::Reader(card) => card.reset().map_err(OverlayError::Below),
        }
    }

    fn atr(&self) -> &[u8] {
        match self {
            Self::Overlay(overlay) => overlay.atr(),
            Self::Reader(card) => card.atr(),
        }
    }
}

impl Counting for Inserted {
    fn writes(&self) -> Option<u64> {
        match self {
            Self::Overlay(overlay) => overlay.writes(),
            Self::Reader(card) => card.writes(),
        }
    }
}

impl Sim for Inserted {
    fn is_on(&self) -> bool {
        match self {
            Self::Overlay(overlay) => overlay.is_on(),
            Self::Reader(_) => true,
        }
    }

    fn loosen(&mut self, cut: Option<Cut>) -> bool {
        match self {
            Self::Overlay(overlay) => overlay.loosen(cut),
            Self::Reader(_) => false,
        }
    }

    fn loose(&self) -> Option<u32> {
        match self {
            Self::Overlay(overlay) => overlay.armed().map(|cut| cut.write),
            Self::Reader(_) => None,
        }
    }
}

impl Sim for TracedSim {
    fn is_on(&self) -> bool {
        self.inner().is_on()
    }

    fn loosen(&mut self, cut: Option<Cut>) -> bool {
        self.inner_mut().loosen(cut)
    }

    fn loose(&self) -> Option<u32> {
        self.inner().loose()
    }
}
