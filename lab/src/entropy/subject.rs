//! What the account has rows for, each with its meaning and with what can be done about it.

use digitally::Profile;

use super::{Figures, figures};
use crate::Policy;

/// One row, whatever the profile.
#[derive(Debug)]
pub struct Subject {
    /// Its name in JSON. It never changes.
    pub id: &'static str,
    /// What kind of thing it is.
    pub group: Group,
    /// Its title.
    pub title: &'static str,
    /// What one try is, what has to hold, and what a success brings.
    pub meaning: &'static str,
    /// What helps against it.
    pub help: Help,
    /// Works the figures out.
    pub figures: fn(&Profile, &Policy) -> Figures,
}

/// Who or what brings it about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Somebody who wants money.
    Attack,
    /// Honest people who type and agree.
    Mistake,
    /// What a purse was left with.
    State,
}

/// What helps against a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// Digits do.
    Digits(&'static str),
    /// State on a card does.
    State(&'static str),
    /// Digits and state of `digitally-8` do not, for this reason.
    Neither(&'static str),
}

impl Group {
    /// Its heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Mistake => "mistake",
            Self::State => "state",
        }
    }
}

impl Help {
    /// In one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Digits(_) => "digits",
            Self::State(_) => "state",
            Self::Neither(_) => "neither",
        }
    }

    /// Which of them, or why not.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Digits(reason) | Self::State(reason) | Self::Neither(reason) => reason,
        }
    }
}

/// All rows, in the order in which they are shown.
pub const SUBJECTS: &[Subject] = &[
    Subject {
        id: "guess-response",
        group: Group::Attack,
        title: "guess at a response",
        meaning: "A try: the payee types a made-up response into his own purse. A success credits him.",
        help: Help::Digits("digits of R; the caps on tries bound the number of guesses under every profile"),
        figures: figures::guess_response,
    },
    Subject {
        id: "guess-request",
        group: Group::Attack,
        title: "guess at a request",
        meaning: "A try: the payer types a made-up request; \"a request\" is all until a reset, twice in a row if that is better.",
        help: Help::Digits("digits of C"),
        figures: figures::guess_request,
    },
    Subject {
        id: "replay",
        group: Group::Attack,
        title: "replay of recorded responses",
        meaning: "A try: the payee opens one more request for a payer and amount of which he has recorded n responses.",
        help: Help::State("a serial that never repeats: a recorded response is a guess like any other"),
        figures: figures::replay,
    },
    Subject {
        id: "collision",
        group: Group::Attack,
        title: "collision hunt, same N_B and same C",
        meaning: "A try: a hunt of all requests until contact, half for one low amount, each other one for a high one.",
        help: Help::Digits("R covers X and a serial that no two requests share"),
        figures: figures::collision,
    },
    Subject {
        id: "check-collision",
        group: Group::Attack,
        title: "collision hunt, other N_B and same C",
        meaning: "A try: the same hunt by the other reading. A pair is easily found; R covers N_B, so it is a guess at R.",
        help: Help::Digits("digits of C and of R"),
        figures: figures::check_collision,
    },
    Subject {
        id: "mistyped-request",
        group: Group::Mistake,
        title: "request with one wrong digit",
        meaning: "A try: the payer types one digit of the request wrong. A success and her PIN debit her; her R does not fit.",
        help: Help::Digits("digits of C, and few of N_B: an error inside C always shows"),
        figures: figures::mistyped_request,
    },
    Subject {
        id: "transposed-request",
        group: Group::Mistake,
        title: "request with two digits swapped",
        meaning: "A try: the payer swaps two unequal neighbouring digits of the request. A success is the same.",
        help: Help::Digits("digits of C, and few of N_B: a swap inside C always shows"),
        figures: figures::transposed_request,
    },
    Subject {
        id: "wrong-amount",
        group: Group::Mistake,
        title: "another amount agreed to",
        meaning: "A try: the payer types another amount. Where R does not cover X, a success credits what was asked for.",
        help: Help::Digits("digits of C"),
        figures: figures::wrong_amount,
    },
    Subject {
        id: "wrong-person",
        group: Group::Mistake,
        title: "another person agreed to",
        meaning: "A try: one of the two has typed another number. A success debits the payer; her R does not fit.",
        help: Help::Digits("digits of C"),
        figures: figures::wrong_person,
    },
    Subject {
        id: "typed-twice",
        group: Group::Mistake,
        title: "same wrong code typed twice",
        meaning: "A try: a code for other terms is refused and typed again, so that the payer's window opens (P-CHK-4).",
        help: Help::Neither(
            "the window is the price of the serial: without it, 1,000 abandoned requests part a pair for good",
        ),
        figures: figures::typed_twice,
    },
    Subject {
        id: "mistyped-response",
        group: Group::Mistake,
        title: "response with one wrong digit",
        meaning: "A try: the payee types one digit of a response wrong. A success credits the payment that was made.",
        help: Help::Digits("no digits of N_A: in R alone an error always shows"),
        figures: figures::mistyped_response,
    },
    Subject {
        id: "paid-twice",
        group: Group::Mistake,
        title: "same request paid again",
        meaning: "A try: the payer types a request that she has paid. A success and her PIN debit her a second time.",
        help: Help::State("serials in the debit log and the highest paid to each payee tell it from a new one"),
        figures: figures::paid_twice,
    },
    Subject {
        id: "nonces-used-up",
        group: Group::State,
        title: "nonce space used up",
        meaning: "As replay, after as many recorded responses as N_B shows values. A serial ends: no request is opened.",
        help: Help::State("a 32-bit counter that ends instead of wrapping (P-SER-3)"),
        figures: figures::nonces_used_up,
    },
    Subject {
        id: "tail-wrapped",
        group: Group::State,
        title: "shown digits of N_B come round",
        meaning: "A try: the response recorded for the earlier request with the same shown digits, payer and amount.",
        help: Help::State("R covers the serial in full, not its tail"),
        figures: figures::tail_wrapped,
    },
    Subject {
        id: "peers-full",
        group: Group::State,
        title: "payee forgotten by a full table",
        meaning: "A try: the payer types a paid request again, after payee and debit were both forgotten (P-AUTH-4).",
        help: Help::Neither(
            "a table has an end. The payee is credited once all the same, and settlement shows the other debit",
        ),
        figures: figures::peers_full,
    },
    Subject {
        id: "contact-deleted",
        group: Group::State,
        title: "contact deleted",
        meaning: "Contacts are names for people: serials, log and paid requests stay as they were.",
        help: Help::Neither("nothing is at risk under any profile, so nothing can be better"),
        figures: figures::contact_deleted,
    },
    Subject {
        id: "card-replaced",
        group: Group::State,
        title: "payee's card replaced (P-ISS-3)",
        meaning: "As replay, at the payee's next card. Its serials start above all that the old card can have used.",
        help: Help::State("serials of old and new card are disjoint"),
        figures: figures::card_replaced,
    },
    Subject {
        id: "card-restarted",
        group: Group::State,
        title: "payee's card replaced, counting from 0",
        meaning: "As replay, where the issuer broke P-ISS-3: the old serials come again, one after the other.",
        help: Help::Neither(
            "the state that helps is what the issuer threw away; serials in order are worse here than random N_B",
        ),
        figures: figures::card_restarted,
    },
    Subject {
        id: "image-restored",
        group: Group::State,
        title: "card restored from a copied-back image",
        meaning: "A try: credit, spend, copy the old memory back, credit again. A real card must be opened for it; a file not.",
        help: Help::Neither(
            "all state is copied back with the money; settlement finds credits whose debit no log has, not before",
        ),
        figures: figures::image_restored,
    },
];
