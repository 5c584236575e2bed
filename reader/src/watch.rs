//! Waiting for cards and readers to come and go.

use std::time::Duration;

use crate::ReaderError;
use crate::service::Service;
use crate::slot::{Change, Slot};

/// An eye on all readers.
#[derive(Debug)]
pub struct Watch {
    service: Service,
    slots: Vec<Slot>,
}

impl Watch {
    /// Begins to look.
    ///
    /// # Errors
    /// If the service does not answer.
    pub fn begin() -> Result<Self, ReaderError> {
        let service = Service::establish()?;
        let slots = service.slots()?;
        Ok(Self { service, slots })
    }

    /// All readers, as they were at the last look.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Waits until something happens, at most so long; nothing if nothing did. The changes come in the order of the
    /// readers' names in the service, not of time.
    ///
    /// # Errors
    /// If the service is stopped.
    pub fn next(&mut self, timeout: Option<Duration>) -> Result<Vec<Change>, ReaderError> {
        let slots = self.service.wait(&self.slots, timeout)?;
        let changes = crate::slot::changes(&self.slots, &slots);
        self.slots = slots;
        Ok(changes)
    }
}
