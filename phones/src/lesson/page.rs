//! The pages: what each one says.

use applet_model::purse::{Limits, Text};
use digitally::profile::NonceRule;
use digitally::{Code, Profile, entropy};

use super::odds;
use super::seen::Seen;
use super::way::Terms;

/// A page. What is on the phones and in the cards decides which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Page {
    /// Until both phones are on.
    SwitchOn,
    /// Until the payee is asked who pays.
    Ask,
    /// Until the request is open.
    Terms,
    /// Until the payer is asked for the request code.
    Tell,
    /// Until the request code is found right.
    Type,
    /// Until the payer agrees.
    Confirm,
    /// Until the payer has paid.
    Pin,
    /// Until the payee has received.
    Code,
    /// Until the payee has read so.
    Received,
    /// The last one.
    End,
}

/// What pages tell of the two cards.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) payee: String,
    pub(super) payer: String,
    pub(super) protocol: &'static Profile,
    /// The payee's.
    pub(super) limits: Limits,
    /// How many wrong requests the payer's card bears.
    pub(super) refusals: u8,
    pub(super) pin_tries: u8,
    pub(super) nonce: Option<u32>,
    pub(super) code: Option<Code>,
    /// The payer's, and the payee's.
    pub(super) balances: (String, String),
}

/// The shortest PIN.
const PIN_DIGITS: u8 = 4;

impl Page {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::SwitchOn,
        Self::Ask,
        Self::Terms,
        Self::Tell,
        Self::Type,
        Self::Confirm,
        Self::Pin,
        Self::Code,
        Self::Received,
        Self::End,
    ];

    /// Its number, from 1 on.
    #[must_use]
    pub fn number(self) -> usize {
        self.place().saturating_add(1)
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|page| *page == self).unwrap_or_default()
    }

    pub(super) fn next(self) -> Option<Self> {
        Self::ALL.get(self.place().saturating_add(1)).or(Self::ALL.last()).copied()
    }

    pub(super) fn before(self) -> Option<Self> {
        Self::ALL.get(self.place().saturating_sub(1)).copied()
    }

    pub(super) fn title(self, told: &Told) -> String {
        let Told { payee, payer, .. } = told;
        match self {
            Self::SwitchOn => "Two phones".to_owned(),
            Self::Ask => format!("{payee} asks for money"),
            Self::Terms => "Who pays, and how much".to_owned(),
            Self::Tell => "The request code".to_owned(),
            Self::Type => format!("{payer} types it"),
            Self::Confirm => format!("{payer} reads it again"),
            Self::Pin => format!("{payer}'s PIN"),
            Self::Code => "The payment code".to_owned(),
            Self::Received => format!("{payee} has the money"),
            Self::End => "Paid. What to try now".to_owned(),
        }
    }

    /// What happens under the hood.
    pub(super) fn hood(self, told: &Told) -> String {
        let Told { payee, payer, protocol, limits, .. } = told;
        match self {
            Self::SwitchOn => "Each phone has a thin card between it and the operator's SIM. When the phone starts, it tells the \
                 card what it can do, and the card adds its own entry to the phone's menu. There is no network, and none \
                 is needed."
                .to_owned(),
            Self::Ask => format!(
                "Who gets the money begins. The phone knows nothing of money: it shows what the card tells it to, and \
                 tells the card which keys were pressed. The purse is in the card: {payee}'s has {}, {payer}'s {}.",
                told.balances.1, told.balances.0
            ),
            Self::Terms => format!(
                "Who, and how much: both people key in both. Nothing goes through the air, so what they agreed on must be \
                 in both purses. {payee}'s purse will put both numbers and the amount under a MAC, with a key that only \
                 the cards have."
            ),
            Self::Tell => told.request(),
            Self::Type => format!(
                "{payer}'s purse makes the same MAC of what was typed. A code that somebody made up fits {}; one with a \
                 wrong digit, {}; two digits swapped, {}. After {} wrong codes the phone must be switched off and on.",
                odds::request(protocol),
                odds::one_in(entropy::mistyped_request(protocol)),
                odds::one_in(entropy::transposed_request(protocol)),
                told.refusals
            ),
            Self::Confirm => format!(
                "The code fits, so {payee}'s purse was asked for the same amount from the same number. Had they agreed on \
                 different amounts, it would fit {}. Nothing is debited yet: who reads this and goes Back has lost \
                 nothing.",
                odds::one_in(entropy::wrong_terms(protocol))
            ),
            Self::Pin => format!(
                "The PIN goes to the card and nowhere else, and is good for this payment only. Tries left: {}. Who found \
                 the phone and guesses a PIN of {PIN_DIGITS} digits is in {}; then it is blocked.",
                told.pin_tries,
                odds::pin(PIN_DIGITS, told.pin_tries)
            ),
            Self::Code => format!(
                "{payer} was debited before the code was shown, in one step that no battery can tear. The code is a second \
                 MAC of the same payment. {payee} guesses it {} a try, {} in the {} tries of a request, {} in the {} that \
                 the card bears until it meets its issuer.",
                odds::response(protocol, 1),
                odds::response(protocol, limits.tries.into()),
                limits.tries,
                odds::response(protocol, limits.failures),
                limits.failures
            ),
            Self::Received => format!(
                "{payee}'s purse made the same MAC, compared it, and in one step credited the money, logged it and closed \
                 the request. {payer} has {}, {payee} {}: together as much as before. The issuer learns of it when one of \
                 the two next sends a log.",
                told.balances.0, told.balances.1
            ),
            Self::End => format!(
                "{payer}: the code again, and the log, are in the menu. {payee}: type the same code once more. Ask for \
                 money again, and type a digit wrong; take the battery out while the card works. Money is never made, \
                 and what was paid is in the log."
            ),
        }
    }
}

impl Told {
    /// What a request code is made of.
    fn request(&self) -> String {
        let Self { payee, payer, protocol, .. } = self;
        let split = protocol.request;
        let parts = self.code.map(|code| code.split(split.nonce));
        let (tail, check) = parts.map_or_else(Default::default, |(tail, check)| {
            (format!(" {}", tail.ungrouped()), format!(" {}", check.ungrouped()))
        });
        let nonce = self.nonce.map(|nonce| format!(", {nonce}")).unwrap_or_default();
        let fresh = match protocol.payee_nonce {
            NonceRule::Serial { .. } => "never used before with this payer",
            NonceRule::Random => "drawn at random",
        };
        format!(
            "{payee}'s purse took a number N_B{nonce}, {fresh}, and made the MAC of {payer}'s number, {payee}'s, the amount and \
             N_B. The code: {} digits of N_B{tail}, {} of the MAC{check}. It is no secret: all that it can do is to be \
             paid.",
            split.nonce, split.check
        )
    }
}

/// Where the payment is, on another page.
pub(super) fn elsewhere(page: Page) -> String {
    format!("You are reading on. The payment is on page {}.", page.number())
}

/// Somebody has paid, and the other one typed the code wrong too often.
pub(super) fn lost(payer: &str, payee: &str) -> String {
    format!(
        "{payee}'s purse gives up on that request: too many wrong codes. What {payer} paid is settled when the issuer has \
         both logs. Begin again."
    )
}

/// What went another way on this screen, and what to make of it.
pub(super) fn note(seen: &Seen, name: &str, other: &str, terms: &Terms) -> Option<String> {
    let asked = &terms.shown;
    Some(match seen.text? {
        Text::Differs => format!("Something differs from what {other}'s purse was asked: number, amount or code."),
        Text::RequestCode if terms.differs(seen) => {
            format!("{name} typed another amount than {asked}: no code would fit. Back leads to the amount.")
        }
        Text::Amount if !seen.is_about(terms.other) => format!("That is not {other}."),
        Text::WrongPin => format!("The purse counts wrong PINs, and {name} was not debited."),
        Text::WrongCode => format!("Not the code on {other}'s screen. The purse counted that before it compared."),
        Text::AlreadyReceived => "A code that was credited already is worth nothing.".to_owned(),
        Text::AlreadyPaid => format!("{name} has paid this already. No purse pays a request twice."),
        Text::TooManyWrong => "The phone must go off and on before the next try.".to_owned(),
        Text::PinBlocked => format!("{name} cannot pay any more. Now the other way round."),
        Text::NoTriesLeft => "The purse takes no more codes for that request.".to_owned(),
        Text::CodeWaits => format!("The power failed after {name} had paid. Nothing is lost: the code is there."),
        _ => return None,
    })
}
