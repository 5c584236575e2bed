//! A row of the record: one question of a payment, and what became of it.

/// A question of a payment, from when it was shown until something else was. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which payment, from 1 on, in the order in which they were begun: each phone's part of one is one.
    pub payment: u32,
    /// Whose part it is.
    pub role: Role,
    /// The question.
    pub step: Step,
    /// When it was shown, since the session began.
    pub at: u64,
    /// How long after that the first key was pressed, if any was.
    pub first_key: Option<u64>,
    /// How long it was shown.
    pub time: u64,
    /// How many keys were pressed.
    pub keys: u32,
    /// How many characters were erased.
    pub cleared: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// How the payment ended, if this was the end of it.
    pub end: Option<End>,
}

/// Declares what stands in a column as a word: variant, word, meaning.
macro_rules! words {
    ($(#[doc = $doc:literal] $kind:ident { $($name:ident $word:literal $meaning:literal)* })*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind { $(#[doc = $meaning] $name,)* }

        impl $kind {
            /// Every one, in the order of a payment.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its word in the record.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The one of this word.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    )*};
}

words! {
    /// Whose part of a payment it is.
    Role {
        Payee "payee" "Who is paid."
        Payer "payer" "Who pays."
    }

    /// A question of a payment.
    Step {
        Choose "choose" "Who the other one is, or which request, from a list."
        Number "number" "The other one's number."
        Amount "amount" "How much."
        ShowRequest "show-request" "The request code is shown: what the payer is told."
        RequestCode "request-code" "The request code is asked for."
        Confirm "confirm" "Whether that is to be paid."
        Pin "pin" "The PIN."
        ShowPayment "show-payment" "The payment code is shown: what the payee is told."
        PaymentCode "payment-code" "The payment code is asked for."
        ShowReceived "show-received" "That the money is there."
        Notice "notice" "Why not, or help: the question comes again behind it."
    }

    /// What became of a question.
    Outcome {
        Answered "answered" "It was answered, and the payment went on."
        Wrong "wrong" "The code or the PIN was wrong."
        Refused "refused" "The card could not take the answer, and said why."
        Back "back" "Back was pressed."
        Help "help" "Help was asked for."
        Ended "ended" "End was pressed."
        Unanswered "unanswered" "Nobody answered."
        Off "off" "The phone lost its power or its card."
        Failed "failed" "The card broke it off."
        Stopped "stopped" "The session was over."
    }

    /// How a payment ended.
    End {
        Done "done" "It was made: the payment code, or what was received, was shown."
        Refused "refused" "The card refused it for good."
        Aborted "aborted" "It was given up, by whatever."
    }
}

impl Role {
    /// Whether this part of a payment has this question.
    #[must_use]
    pub const fn has(self, step: Step) -> bool {
        match step {
            Step::Choose | Step::Number | Step::Amount | Step::Notice => true,
            Step::ShowRequest | Step::PaymentCode | Step::ShowReceived => matches!(self, Self::Payee),
            Step::RequestCode | Step::Confirm | Step::Pin | Step::ShowPayment => matches!(self, Self::Payer),
        }
    }
}

impl Step {
    /// Whether what is answered can be compared, and be wrong.
    #[must_use]
    pub const fn is_compared(self) -> bool {
        matches!(self, Self::RequestCode | Self::Pin | Self::PaymentCode)
    }

    /// Whether something is only shown: any key that leaves it is an answer.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        matches!(self, Self::ShowRequest | Self::ShowPayment | Self::ShowReceived)
    }
}

impl Row {
    /// Whether the person did all that this question takes, so that its time is the time of this step.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        match self.outcome {
            Outcome::Answered | Outcome::Wrong | Outcome::Refused => true,
            Outcome::Back | Outcome::Ended => self.step.is_shown(),
            _ => false,
        }
    }
}
