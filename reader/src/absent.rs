//! What stands in for the service where the program was built without it. None of its values can exist.

use std::convert::Infallible;
use std::time::Duration;

use apdu::Transport;

use crate::slot::Slot;
use crate::{Options, Protocol, ReaderError};

/// A connection to the service.
#[derive(Debug)]
pub(crate) struct Service(Infallible);

impl Service {
    pub(crate) const fn establish() -> Result<Self, ReaderError> {
        Err(ReaderError::WithoutPcsc)
    }

    pub(crate) fn slots(&self) -> Result<Vec<Slot>, ReaderError> {
        match self.0 {}
    }

    pub(crate) fn wait(&self, _: &[Slot], _: Option<Duration>) -> Result<Vec<Slot>, ReaderError> {
        match self.0 {}
    }

    pub(crate) fn connect(self, _: String, _: Options, _: &mut dyn FnMut(&str)) -> Result<Link, ReaderError> {
        match self.0 {}
    }
}

/// A connection to a card.
#[derive(Debug)]
pub(crate) struct Link(Infallible);

impl Link {
    pub(crate) const fn name(&self) -> &str {
        match self.0 {}
    }

    pub(crate) const fn protocol(&self) -> Protocol {
        match self.0 {}
    }

    pub(crate) fn power_cycle(&mut self) -> Result<(), ReaderError> {
        match self.0 {}
    }

    pub(crate) fn transaction<R>(&mut self, _: impl FnOnce(&mut Transaction<'_>) -> R) -> Result<R, ReaderError> {
        match self.0 {}
    }
}

impl Transport for Link {
    type Error = ReaderError;

    fn transmit(&mut self, _: &[u8], _: &mut [u8]) -> Result<usize, ReaderError> {
        match self.0 {}
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        match self.0 {}
    }

    fn atr(&self) -> &[u8] {
        match self.0 {}
    }
}

/// A card with which no other program speaks in between.
#[derive(Debug)]
pub struct Transaction<'r>(Infallible, std::marker::PhantomData<&'r ()>);

impl Transport for Transaction<'_> {
    type Error = ReaderError;

    fn transmit(&mut self, _: &[u8], _: &mut [u8]) -> Result<usize, ReaderError> {
        match self.0 {}
    }

    fn reset(&mut self) -> Result<(), ReaderError> {
        match self.0 {}
    }

    fn atr(&self) -> &[u8] {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use crate::{Options, Reader, ReaderError, Watch};

    #[test]
    fn everything_says_that_it_is_missing() {
        assert!(matches!(Reader::list(), Err(ReaderError::WithoutPcsc)));
        assert!(matches!(Reader::open("x", &Options::default()), Err(ReaderError::WithoutPcsc)));
        assert!(matches!(Watch::begin(), Err(ReaderError::WithoutPcsc)));
    }
}
