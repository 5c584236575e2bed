//! The stable names of all errors, with the exit code of each.

use crate::exit::Exit;

/// Declares the codes: variant, name, exit code.
macro_rules! codes {
    ($($variant:ident $name:literal $exit:ident)*) => {
        /// The name of an error. It stays the same when the words around it change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $($variant),*
        }

        impl ErrorCode {
            /// Every one.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name, in kebab-case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// How the program ends after this error.
            pub const fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit),* }
            }
        }
    };
}

codes! {
    // What was typed.
    Usage "usage" Unable
    AttackMalformed "attack-malformed" Unable
    AmountMalformed "amount-malformed" Unable
    AmountNegative "amount-negative" Unable
    AmountTooLarge "amount-too-large" Unable
    AmountTooPrecise "amount-too-precise" Unable
    AmountZero "amount-zero" Unable
    CodeMalformed "code-malformed" Unable
    CommandMalformed "command-malformed" Unable
    CodesDiffer "codes-differ" Unable
    ContactAmbiguous "contact-ambiguous" Unable
    ContactNameMalformed "contact-name-malformed" Unable
    ContactUnknown "contact-unknown" Unable
    CutMalformed "cut-malformed" Unable
    CurrencyUnknown "currency-unknown" Unable
    HexMalformed "hex-malformed" Unable
    MsisdnMalformed "msisdn-malformed" Unable
    PinMalformed "pin-malformed" Unable
    PinMissing "pin-missing" Unable
    PinOnCommandLine "pin-on-command-line" Unable
    PinsDiffer "pins-differ" Unable
    NotDecodable "not-decodable" Unable
    PolicyUnknown "policy-unknown" Unable
    ProfileUnknown "profile-unknown" Unable
    SameParty "same-party" Unable
    VpcdMalformed "vpcd-malformed" Unable

    // Files and the world around.
    AttackFailed "attack-failed" Unable
    BatchMalformed "batch-malformed" Unable
    CardFileExists "card-file-exists" Unable
    CardFileMissing "card-file-missing" Unable
    CardNotBlank "card-not-blank" Unable
    CardNotRegistered "card-not-registered" Unable
    FileUnreadable "file-unreadable" Unable
    FileUnwritable "file-unwritable" Unable
    GivenUp "given-up" Unable
    ImageDamaged "image-damaged" Unable
    ImageForeign "image-foreign" Unable
    ImageInUse "image-in-use" Unable
    ImageReadOnly "image-read-only" Unable
    ImageVersion "image-version" Unable
    IssuerFileExists "issuer-file-exists" Unable
    IssuerFileMalformed "issuer-file-malformed" Unable
    IssuerFileMissing "issuer-file-missing" Unable
    IssuerFileOpen "issuer-file-open-to-others" Unable
    IssuerInUse "issuer-file-in-use" Unable
    IssuerOther "issuer-other" Unable
    NoTerminal "no-terminal" Unable
    OutputFailed "output-failed" Unable
    PowerCut "power-cut" Unable
    PolicyFile "policy-file-malformed" Unable
    ProfileFile "profile-file-malformed" Unable
    ScriptCard "script-card" Unable
    ScriptMalformed "script-malformed" Unable
    ScriptStopped "script-stopped" Unable
    RandomSource "random-source" Unable
    RegisterLocked "register-locked" Unable
    RegisterMalformed "register-malformed" Unable
    RegisterMissing "register-missing" Unable
    RegisterOld "register-old" Unable
    StudyFileExists "study-file-exists" Unable
    StudyMalformed "study-malformed" Unable
    RecordFile "record-file" Unable
    ReferenceTaken "reference-taken" Refused
    ValueOpen "value-open" Refused
    TraceFile "trace-file" Unable
    TransportKeysMalformed "transport-keys-malformed" Unable
    TransportKeysOpen "transport-keys-open-to-others" Unable
    VectorFile "vector-file" Unable
    VectorSubject "vector-subject" Unable
    VectorUnknown "vector-unknown" Unable
    VpcdSilent "vpcd-silent" Unable

    // Readers.
    CardGone "card-removed" Unable
    CardMute "card-mute" Unable
    CardReset "card-reset" Unable
    CardSilent "card-silent" Unable
    PcscMissing "built-without-pcsc" Unable
    PcscRights "pcsc-rights" Unable
    PcscService "pcsc-service" Unable
    ReaderAmbiguous "reader-ambiguous" Unable
    ReaderBusy "reader-busy" Unable
    ReaderEmpty "reader-empty" Unable
    ReaderFailed "reader-failed" Unable
    ReaderHeld "reader-held" Unable
    ReaderUnknown "reader-unknown" Unable
    SoftwareCardOnly "software-card-only" Unable

    // What the card says.
    AlreadyCancelled "already-cancelled" Refused
    AlreadyPaid "already-paid" Refused
    AlreadyReceived "already-received" Refused
    AmountLimit "amount-limit" Refused
    BalanceLimit "balance-limit" Refused
    CardAnswer "card-answer" Refused
    CardBlank "card-blank" Refused
    CardFailed "card-failed" Refused
    CardFinished "card-finished" Refused
    CardNotMade "card-not-made" Refused
    CardRefused "card-refused" Refused
    CardNotAuthentic "card-not-authentic" Refused
    CardNotResumed "card-not-resumed" Refused
    CardIncomplete "card-incomplete" Refused
    ContactsFull "contacts-full" Refused
    CounterExhausted "counter-exhausted" Refused
    InsufficientBalance "insufficient-balance" Refused
    IssuerMac "issuer-mac-wrong" Refused
    IssuerReceipt "issuer-receipt-wrong" Refused
    LogFull "log-full" Refused
    NoPayment "no-payment" Refused
    NoPurse "no-purse" Refused
    NoRequest "no-request" Refused
    NothingChecked "nothing-checked" Refused
    OnlyCancelled "only-cancelled" Refused
    PersonalisationRefused "personalisation-refused" Refused
    PinBlocked "pin-blocked" Refused
    PinNotVerified "pin-not-verified" Refused
    PinWrong "pin-wrong" Refused
    ProfileBroken "profile-broken" Refused
    PukWrong "puk-wrong" Refused
    PurseBlocked "purse-blocked" Refused
    PurseSuspended "purse-suspended" Refused
    RequestAmbiguous "request-ambiguous" Refused
    RequestExhausted "request-exhausted" Refused
    RequestRefused "request-refused" Refused
    ResponseWrong "response-wrong" Refused
    SerialsUsedUp "serials-used-up" Refused
    TearBroken "tear-broken" Refused
    TooManyRequests "too-many-requests" Refused
    TooManyWrongRequests "too-many-wrong-requests" Refused
    TooManyWrongResponses "too-many-wrong-responses" Refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_unique() {
        for (i, code) in ErrorCode::ALL.iter().enumerate() {
            let name = code.name();
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
            assert!(ErrorCode::ALL[i + 1..].iter().all(|other| other.name() != name), "{name} twice");
            assert_ne!(code.exit(), Exit::Done, "{name}");
        }
    }
}
