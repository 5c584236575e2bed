//! Where a card's random bytes come from: the choice is the caller's, and is made in the open.

use std::fmt;

use applet_model::runtime::{Fault, Random};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The operating system's source, through the crate `getrandom`: the one for real use.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Fault> {
        getrandom::fill(out).map_err(|_| Fault)
    }
}

/// **For tests only:** the same bytes for the same seed. Whoever knows the seed knows every nonce.
///
/// It is ChaCha20 (20 rounds, RFC 8439) under a key of the seed, big-endian, and 24 zero bytes.
#[derive(Clone)]
pub struct SeededRandom(ChaCha20Rng);

impl SeededRandom {
    /// The source with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        if let Some(start) = key.first_chunk_mut() {
            *start = seed.to_be_bytes();
        }
        Self(ChaCha20Rng::from_seed(key))
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Fault> {
        self.0.fill_bytes(out);
        Ok(())
    }
}

impl fmt::Debug for SeededRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededRandom")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(random: &mut dyn Random) -> [u8; 16] {
        let mut bytes = [0; 16];
        random.fill(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_seed_repeats_itself_and_no_other() {
        let (mut one, mut again, mut other) = (SeededRandom::new(1), SeededRandom::new(1), SeededRandom::new(2));
        let first = draw(&mut one);
        assert_eq!(first, draw(&mut again));
        assert_ne!(first, draw(&mut other));
        assert_ne!(first, draw(&mut one));
        assert_eq!(format!("{one:?}"), "SeededRandom");
    }

    #[test]
    fn the_operating_system_has_bytes_to_give() {
        assert_ne!(draw(&mut OsRandom), draw(&mut OsRandom));
    }
}
