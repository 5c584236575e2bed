//! Blank software cards, for tests.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use applet_model::purse::{Capacity, PURSE_AID, Purse};
use card_sim::{Card, DomainSetup, Module, SeededRandom};
use globalplatform::KeySet;
use vectors::{CardError, Cards};

/// One software card after the other, their randomness from one seed.
#[derive(Debug, Default)]
pub struct Blank {
    made: u64,
}

impl Cards for Blank {
    type Card = Card;

    fn blank(&mut self) -> Result<Card, CardError> {
        self.made = self.made.wrapping_add(1);
        let modules = [Module {
            aid: PURSE_AID,
            make: |parameters| Some(Box::new(Purse::new(Capacity::from_bytes(parameters)?))),
        }];
        let mut card = Card::new(Card::DEFAULT_ATR, Box::new(SeededRandom::new(self.made))).unwrap();
        card.install_domain(&DomainSetup::blank(&KeySet::published())).unwrap();
        card.install(&modules, PURSE_AID, PURSE_AID, &Capacity::CONSUMER.to_bytes()).unwrap();
        Ok(card)
    }
}
