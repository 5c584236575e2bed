//! Status words of the purse that ISO/IEC 7816-4 does not define.
//!
//! 9302, 9401 and 9402 are those of EN 1546 and PBOC purses; the rest is ours. The words of ISO keep their meaning.

use apdu::Sw;

/// A MAC does not fit: a request's check digits at the payer, an issuer's MAC at LOAD and UNLOAD.
pub const MAC_WRONG: Sw = Sw::new(0x9302);
/// The balance is smaller than the amount.
pub const INSUFFICIENT_BALANCE: Sw = Sw::new(0x9401);
/// A counter is at its end, or an issuer's command does not carry the next one.
pub const COUNTER: Sw = Sw::new(0x9402);
/// Too many wrong responses since the last issuer contact.
pub const RESPONSE_CAP: Sw = Sw::new(0x9410);
/// Too many requests opened since the last issuer contact.
pub const OPEN_CAP: Sw = Sw::new(0x9411);
/// The log of payments is full until the next issuer contact.
pub const LOG_FULL: Sw = Sw::new(0x9412);
/// The amount is above the limit per payment.
pub const AMOUNT_LIMIT: Sw = Sw::new(0x9413);
/// The balance would be above its limit.
pub const BALANCE_LIMIT: Sw = Sw::new(0x9414);
/// This request is paid; LAST shows its response again.
pub const ALREADY_PAID: Sw = Sw::new(0x9415);
/// This response has been credited.
pub const ALREADY_RECEIVED: Sw = Sw::new(0x9416);
/// The request fits two serials; a new one is needed.
pub const AMBIGUOUS: Sw = Sw::new(0x9417);
/// The request is cancelled already.
pub const ALREADY_CANCELLED: Sw = Sw::new(0x9418);
/// Too many wrong requests since power-up.
pub const SESSION_CAP: Sw = Sw::new(0x9419);
/// The profile is broken, and nothing said that the danger is wanted.
pub const BROKEN_PROFILE: Sw = Sw::new(0x941A);

/// A status word with its name and what it means.
pub type Explained = (Sw, &'static str, &'static str);

/// Every status word of the purse's own, explained.
pub const ALL: [Explained; 14] = [
    (MAC_WRONG, "MAC wrong", "Number, amount or code differs from what the other side authenticated."),
    (INSUFFICIENT_BALANCE, "insufficient balance", "The balance is smaller than the amount."),
    (COUNTER, "counter", "A counter is at its end, or the issuer's command does not carry the next one."),
    (RESPONSE_CAP, "too many wrong responses", "No response is compared until the next issuer contact."),
    (OPEN_CAP, "too many requests", "No request is opened until the next issuer contact."),
    (LOG_FULL, "log full", "No payment is made until the issuer has taken the log: none may be forgotten."),
    (AMOUNT_LIMIT, "amount above limit", "The amount is above the limit per payment of this card."),
    (BALANCE_LIMIT, "balance above limit", "The balance would be above the limit of this card."),
    (ALREADY_PAID, "already paid", "This request is paid; nothing was debited. LAST shows its response again."),
    (ALREADY_RECEIVED, "already received", "This response has been credited; no try was counted."),
    (AMBIGUOUS, "ambiguous request", "The code fits two serials; the payee has to open a new request."),
    (ALREADY_CANCELLED, "already cancelled", "The request is cancelled; it stays payable until its place is needed."),
    (SESSION_CAP, "too many wrong requests", "No request is checked until the card is reset."),
    (BROKEN_PROFILE, "broken profile", "The profile must not carry money; only the danger data group lets it in."),
];

/// The explanation of one of the purse's own words.
#[must_use]
pub fn explain(sw: Sw) -> Option<Explained> {
    ALL.into_iter().find(|(word, _, _)| *word == sw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use apdu::status::Category;

    #[test]
    fn our_words_are_ours_to_define() {
        for (i, (sw, _, _)) in ALL.iter().enumerate() {
            assert_eq!(sw.category(), Category::Proprietary, "{sw}");
            assert!(ALL.iter().skip(i + 1).all(|(other, _, _)| other != sw), "{sw} twice");
        }
    }

    #[test]
    fn each_of_our_words_is_explained_and_no_other() {
        for own in ALL {
            assert_eq!(explain(own.0), Some(own));
        }
        assert!(explain(Sw::OK).is_none() && explain(Sw::WRONG_DATA).is_none());
    }
}
