//! Phones: in each an overlay, which holds somebody's card, over a SIM.

mod below;
mod inserted;
mod outbox;
mod own;
mod study;

use card_sim::Overlay;
use handset::{Handset, Settings};

pub use below::Below;
pub use inserted::{Inserted, InsertedError, TracedSim};
pub use outbox::Outbox;
pub use own::Own;
pub use study::Study;

use crate::medium::MediumError;
use crate::session::Session;
use crate::trace::{Counting, Traced};

/// A phone. What goes by between it and the overlay is traced.
pub type Phone = Handset<Traced<Overlay<Own, Below>>>;

/// Why its card did not answer.
pub type PhoneError = card_sim::OverlayError<MediumError, MediumError>;

/// A phone that is off, with this card in an overlay over that SIM.
pub fn phone(own: Own, below: Below, session: &Session) -> Phone {
    let overlay = Overlay::new(own, below);
    Handset::new(Traced::new(overlay, session.tracing.clone(), session.whose.clone()), Settings::default())
}

impl Counting for Overlay<Own, Below> {
    fn writes(&self) -> Option<u64> {
        Some(self.card().writes())
    }
}
