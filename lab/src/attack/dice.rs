//! What an attacker draws at random, the same for the same seed.

use applet_model::runtime::Random;
use card_sim::SeededRandom;

use super::AttackError;

/// A seeded attacker's dice.
#[derive(Debug)]
pub(super) struct Dice(SeededRandom);

impl Dice {
    /// The dice of one block of trials: of this run, this row, and this block alone.
    pub(super) fn new(seed: u64, row: u64, block: u64) -> Self {
        Self(SeededRandom::new(mix(mix(mix(seed) ^ row) ^ block)))
    }

    /// So many random bytes.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], AttackError> {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes).map_err(|_| AttackError::Random)?;
        Ok(bytes)
    }

    /// 64 random bits: a seed for a card.
    pub(super) fn seed(&mut self) -> Result<u64, AttackError> {
        Ok(u64::from_be_bytes(self.bytes()?))
    }

    /// A number from 0 up to, but not including, `end`. (64 bits are reduced: no number is noticeably likelier.)
    pub(super) fn below(&mut self, end: u32) -> Result<u32, AttackError> {
        let number = self.seed()?.checked_rem(end.into()).unwrap_or(0);
        Ok(u32::try_from(number).unwrap_or(0))
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): neighbours in, strangers out.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_has_dice_of_its_own() {
        let first = |seed, row, block| Dice::new(seed, row, block).seed().unwrap();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        for other in [(2, 2, 3), (1, 3, 3), (1, 2, 4), (3, 2, 1)] {
            assert_ne!(first(1, 2, 3), first(other.0, other.1, other.2));
        }
        // The published test vector of SplitMix64 for seed 0.
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn all_faces_fall() {
        let mut dice = Dice::new(1, 1, 1);
        let mut seen = [0; 10];
        for _ in 0..1000 {
            seen[usize::try_from(dice.below(10).unwrap()).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (60..150).contains(count)), "{seen:?}");
        assert_eq!(dice.below(0).unwrap(), 0);
    }
}
