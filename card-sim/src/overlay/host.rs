//! Whose card an overlay is: a card in memory, or one in a file, saved before each answer.

use std::convert::Infallible;

use crate::card::Card;

/// What holds the overlay's card.
pub trait Host {
    /// Why the card could not be kept.
    type Error: std::error::Error + 'static;

    /// The card.
    fn card(&self) -> &Card;

    /// The card, to speak to.
    fn card_mut(&mut self) -> &mut Card;

    /// Keeps what has changed, before an answer that depends on it is given.
    ///
    /// # Errors
    /// It could not be kept; the answer is not given.
    fn keep(&mut self) -> Result<(), Self::Error>;
}

impl Host for Card {
    type Error = Infallible;

    fn card(&self) -> &Card {
        self
    }

    fn card_mut(&mut self) -> &mut Card {
        self
    }

    fn keep(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl<H: Host> Host for &mut H {
    type Error = H::Error;

    fn card(&self) -> &Card {
        (**self).card()
    }

    fn card_mut(&mut self) -> &mut Card {
        (**self).card_mut()
    }

    fn keep(&mut self) -> Result<(), H::Error> {
        (**self).keep()
    }
}
