//! What a card is to be: one order, and the seal that makes it recognisable without telling its PIN.

use applet_model::purse::{Capacity, Limits};
use applet_model::runtime::PinBlock;
use digitally::{Algorithm, Amount, Currency, Msisdn, Profile, Scheme};
use sha2::{Digest, Sha256};

/// The key scheme of this release.
pub const SCHEME: Scheme = Scheme::Universal;
/// Wrong PINs in a row that block the PIN.
pub const PIN_TRIES: u8 = 3;
/// Wrong PUKs in a row that block the purse.
pub const PUK_TRIES: u8 = 10;

/// Names an order: a MAC over all of it, PIN included, under a key derived from the purse master. Two orders with one seal
/// are one order; nobody without the master can tell a PIN by it.
pub type Seal = [u8; 16];

/// An order for one card.
#[derive(Debug)]
pub struct Order {
    /// Whose it is to be.
    pub number: Msisdn,
    /// The sequence number of their newest card, if this is to replace it.
    pub replaces: Option<u8>,
    /// In which currency.
    pub currency: Currency,
    /// The currency's decimals.
    pub decimals: u8,
    /// The protocol.
    pub profile: &'static Profile,
    /// Says that a broken profile is wanted, knowing the danger.
    pub danger_accept_broken_profile: bool,
    /// The MAC algorithm.
    pub algorithm: Algorithm,
    /// How much it can hold.
    pub capacity: Capacity,
    /// What it allows.
    pub limits: Limits,
    /// What is loaded at once.
    pub balance: Amount,
    /// The PIN; the one derived from the issuer's master if there is none.
    pub pin: Option<PinBlock>,
    /// The unblocking key; the issuer's derived one if there is none.
    pub puk: Option<PinBlock>,
}

impl Order {
    /// A digest of all of it: fields of fixed width, one after the other, after a version. Only ever an input of a MAC.
    pub(crate) fn digest(&self) -> zeroize::Zeroizing<[u8; 32]> {
        let Limits { payment, balance, opens, failures, tries, refusals, unacknowledged } = self.limits;
        let secret = |block: &Option<PinBlock>| block.as_ref().map_or([0; PinBlock::LEN], |block| *block.expose());
        let mut digest = Sha256::new();
        digest.update([1]);
        digest.update(self.number.bcd());
        digest.update([self.replaces.unwrap_or(0), self.decimals, self.profile.number]);
        digest.update([u8::from(self.danger_accept_broken_profile), self.algorithm.number()]);
        digest.update(self.currency.bcd());
        digest.update(self.capacity.to_bytes());
        for amount in [payment, balance, self.balance] {
            digest.update(amount.minor_units().to_be_bytes());
        }
        for count in [opens, failures, unacknowledged] {
            digest.update(count.to_be_bytes());
        }
        digest.update([tries, refusals]);
        digest.update(zeroize::Zeroizing::new(secret(&self.pin)));
        digest.update(zeroize::Zeroizing::new(secret(&self.puk)));
        zeroize::Zeroizing::new(digest.finalize().into())
    }
}

/// Limits as the protocol proposes them, for a purse of this capacity.
#[must_use]
pub fn limits(capacity: Capacity, payment: Amount, balance: Amount) -> Limits {
    let (opens, failures) = if capacity == Capacity::MERCHANT { (2000, 1000) } else { (200, 100) };
    Limits { payment, balance, opens, failures, tries: 5, refusals: 20, unacknowledged: capacity.payments }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P-CAP-1, P-CAP-2, P-CAP-3, P-CAP-4, P-CAP-5: the defaults that the document states.
    #[test]
    fn the_default_caps_are_those_of_the_document() {
        for (capacity, opens, failures, unacknowledged) in
            [(Capacity::CONSUMER, 200, 100, 64), (Capacity::MERCHANT, 2000, 1000, 128)]
        {
            let payment = Amount::new(500);
            let limits = limits(capacity, payment, payment);
            let expected =
                Limits { payment, balance: payment, opens, failures, tries: 5, refusals: 20, unacknowledged };
            assert_eq!(limits, expected);
            assert_eq!(capacity.payments, unacknowledged, "as many as the log holds");
        }
    }
}
