//! The way into the issuer domain of blank cards.

use applet_model::runtime::Random;
use globalplatform::Access;
use issuer::personalise::TransportKeys;
use vectors::CardError;

/// Transport keys, if others than the published ones were named, and the source of challenges.
pub(super) struct Domain {
    pub(super) keys: Option<TransportKeys>,
    pub(super) random: Box<dyn Random>,
}

impl Domain {
    /// What was named; nothing means the published ones.
    pub(super) fn access(&mut self) -> Result<Option<Access<'_>>, CardError> {
        let Some(TransportKeys { version, keys }) = &self.keys else { return Ok(None) };
        let mut challenge = [0; 8];
        self.random
            .fill(&mut challenge)
            .map_err(|error| CardError::new(format!("no challenge can be drawn: {error}")))?;
        Ok(Some(Access { keys, version: *version, challenge }))
    }
}
