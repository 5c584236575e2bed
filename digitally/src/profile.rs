//! A protocol as data: how the digits are split, and what each MAC covers.

/// One short-code protocol.
///
/// Profiles are data so that broken ones can be attacked, and small ones explored, by the code that runs the sound one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The byte that names it in a MAC input and on a card.
    pub number: u8,
    /// Its name on the command line and in vectors.
    pub name: &'static str,
    /// Whether it may be used for money.
    pub standing: Standing,
    /// The digits that the payee shows: a nonce N_B (or its tail), then the check C.
    pub request: Split,
    /// The digits that the payer shows: a nonce N_A, then the response R.
    pub response: Split,
    /// Where N_B comes from.
    pub payee_nonce: NonceRule,
    /// What the check C is a MAC of, in this order, after the header.
    pub request_covers: &'static [Field],
    /// What the response R is a MAC of, in this order, after the header.
    pub response_covers: &'static [Field],
}

/// How the digits of a code are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Digits of the nonce, first.
    pub nonce: u8,
    /// Digits of the MAC, after them.
    pub check: u8,
}

/// Where the payee's nonce comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceRule {
    /// Drawn at random, all of it shown.
    Random,
    /// A 32-bit serial that never repeats for this payer; only its tail is shown.
    Serial {
        /// How many further candidates the payer tries when the same code is typed a second time in a row,
        /// each one range (10^digits) above the last.
        further: u32,
    },
}

/// Whether a profile may carry money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Sound,
    /// It may, where the one who chooses it knows this weakness.
    Weak(&'static str),
    /// It must not, for this reason. Kept for the lab and for test vectors.
    Broken(&'static str),
}

/// A field of a MAC input. All have fixed widths; see [`crate::message`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A: the payer's number, 8 bytes.
    Payer,
    /// B: the payee's number, 8 bytes.
    Payee,
    /// X: the amount, 4 bytes.
    Amount,
    /// N_B, in full: 4 bytes.
    PayeeNonce,
    /// N_A: 4 bytes.
    PayerNonce,
    /// C: the check of the request, 4 bytes.
    RequestCheck,
}

use Field::{Amount, Payee, PayeeNonce, Payer, PayerNonce, RequestCheck};

impl Field {
    /// How many bytes it has.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no field is empty")]
    pub const fn len(self) -> usize {
        match self {
            Payer | Payee => 8,
            Amount | PayeeNonce | PayerNonce | RequestCheck => 4,
        }
    }

    /// Its letter in the formulas.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Payer => "A",
            Payee => "B",
            Amount => "X",
            PayeeNonce => "N_B",
            PayerNonce => "N_A",
            RequestCheck => "C",
        }
    }
}

impl Split {
    /// All digits of the code.
    #[must_use]
    pub const fn digits(self) -> u8 {
        self.nonce.saturating_add(self.check)
    }
}

impl Profile {
    /// How many values the shown digits of N_B can take: 10^digits.
    #[must_use]
    pub fn nonce_range(&self) -> u32 {
        10u32.saturating_pow(u32::from(self.request.nonce))
    }

    /// Why the profile must not carry money, if so.
    #[must_use]
    pub const fn broken(&self) -> Option<&'static str> {
        match self.standing {
            Standing::Broken(why) => Some(why),
            Standing::Sound | Standing::Weak(_) => None,
        }
    }
}

/// All profiles, by number.
pub const ALL: [Profile; 3] = [FIRST_PROTOCOL, FIXED, DIGITALLY_8];

/// The published first protocol, with its hole: R covers C and not X, so a payee who finds two amounts with the same
/// (N_B, C) is paid one and credited the other.
///
/// The length of N_A was not published; 4 digits are ours.
pub const FIRST_PROTOCOL: Profile = Profile {
    number: 0x01,
    name: "first-protocol",
    standing: Standing::Broken("the response covers the 3-digit check instead of the amount: collisions are money"),
    request: Split { nonce: 3, check: 3 },
    response: Split { nonce: 4, check: 4 },
    payee_nonce: NonceRule::Random,
    request_covers: &[Payee, Payer, Amount, PayeeNonce],
    response_covers: &[Payer, PayerNonce, RequestCheck, PayeeNonce, Payee],
};

/// The published fix: R = MAC(A, N_A, X, N_B, B). Same digits, so recorded responses still replay with n·10⁻³.
pub const FIXED: Profile = Profile {
    number: 0x02,
    name: "fixed",
    standing: Standing::Weak("3-digit random nonces repeat: one in a thousand recorded responses fits again"),
    request: Split { nonce: 3, check: 3 },
    response: Split { nonce: 4, check: 4 },
    payee_nonce: NonceRule::Random,
    request_covers: &[Payee, Payer, Amount, PayeeNonce],
    response_covers: &[Payer, PayerNonce, Amount, PayeeNonce, Payee],
};

/// The default, ours: a 32-bit serial of which 3 digits are shown, 5 check digits, 8 response digits.
pub const DIGITALLY_8: Profile = Profile {
    number: 0x03,
    name: "digitally-8",
    standing: Standing::Sound,
    request: Split { nonce: 3, check: 5 },
    response: Split { nonce: 0, check: 8 },
    payee_nonce: NonceRule::Serial { further: 15 },
    request_covers: &[Payer, Payee, Amount, PayeeNonce],
    response_covers: &[Payer, Payee, Amount, PayeeNonce],
};
