//! What can be between this program and a card in a reader.

use reader::ReaderError;

use super::medium::{afterwards, capital};
use super::refusal::Doing;
use super::{ErrorCode, Failure};
use crate::typed::shell_word;

/// How a program with PC/SC is come by.
pub const HOW_TO_GET_PCSC: &str = "build it with PC/SC, which needs the headers of libpcsclite:\n  \
     apt-get install libpcsclite-dev pkgconf\n  cargo build --release --features pcsc";

const DOCTOR: &str = "what is missing, and what mends it:\n  digitally doctor";

/// The error for a reader. `card` is the option that names it, if one does.
pub fn reader_failure(error: &ReaderError, card: &str, doing: Option<Doing>) -> Failure {
    let (code, help) = match error {
        ReaderError::WithoutPcsc => (ErrorCode::PcscMissing, HOW_TO_GET_PCSC.to_owned()),
        ReaderError::NoRights => (ErrorCode::PcscRights, DOCTOR.to_owned()),
        ReaderError::NoService => (ErrorCode::PcscService, DOCTOR.to_owned()),
        ReaderError::ServiceStopped => {
            (ErrorCode::PcscService, format!("start it again. {}", capital(&afterwards(card, doing))))
        }
        ReaderError::NoReaders => {
            (ErrorCode::ReaderUnknown, format!("plug one in, or have a virtual one; {DOCTOR}"))
        }
        ReaderError::NoMatch { readers, .. } => {
            (ErrorCode::ReaderUnknown, format!("a part of a name is enough; the readers there are:{}", list(readers)))
        }
        ReaderError::Ambiguous { matching, .. } => {
            let own = matching.first().map(|name| shell_word(name)).unwrap_or_default();
            (ErrorCode::ReaderAmbiguous, format!("give more of the name, for instance --reader {own}:{}", list(matching)))
        }
        ReaderError::Gone { .. } => {
            (ErrorCode::CardGone, format!("plug the reader in again. {}", capital(&afterwards(card, doing))))
        }
        ReaderError::Empty { .. } => (
            ErrorCode::ReaderEmpty,
            "put a card in, then run this again; a software card is put in by:\n  digitally sim serve --card FILE"
                .to_owned(),
        ),
        ReaderError::Mute { .. } => (
            ErrorCode::CardMute,
            "take it out and look: the contacts belong down and to the front. If it lies right, the card or the reader \
             is broken"
                .to_owned(),
        ),
        ReaderError::Held { .. } => (
            ErrorCode::ReaderHeld,
            "nothing was sent. Stop the other program, then run this again; which ones use PC/SC:\n  digitally doctor"
                .to_owned(),
        ),
        ReaderError::Busy { .. } => (
            ErrorCode::ReaderBusy,
            "nothing was sent. Let the other program finish or stop it, then run this again; which ones use PC/SC:\n  \
             digitally doctor"
                .to_owned(),
        ),
        ReaderError::Removed { .. } => (
            ErrorCode::CardGone,
            format!("what the card has done it keeps. Put it in again. {}", capital(&afterwards(card, doing))),
        ),
        ReaderError::WasReset { .. } => (ErrorCode::CardReset, capital(&afterwards(card, doing))),
        ReaderError::Exchange { .. } => (
            ErrorCode::ReaderFailed,
            format!(
                "the card was moved, or did not answer in time. {}",
                capital(&afterwards(card, doing))
            ),
        ),
        ReaderError::Protocol { .. } => (
            ErrorCode::ReaderFailed,
            "leave --reader-protocol out: then it is one that the card offers. If it offers neither T=0 nor T=1, or something \
             else than a card is in the reader, its ATR shows it:\n  digitally readers"
                .to_owned(),
        ),
        ReaderError::Answer(_) | ReaderError::Buffer(_) => {
            (ErrorCode::CardAnswer, "see every exchange with --trace".to_owned())
        }
        _ => (ErrorCode::ReaderFailed, DOCTOR.to_owned()),
    };
    Failure::new(code, error.to_string()).help(help)
}

/// Names, one a line.
fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("\n  {name}")).collect()
}

#[cfg(test)]
mod tests {
    use digitally::Amount;

    use super::*;

    fn check(error: &ReaderError, code: ErrorCode, help: &str) {
        let failure = reader_failure(error, "--reader '00 01'", Some(Doing::Authorising(Amount::new(1))));
        assert_eq!(failure.code(), code, "{error:?}");
        assert!(failure.advice().is_some_and(|advice| advice.contains(help)), "{failure:?}");
    }

    #[test]
    fn every_cause_has_its_code_and_its_next_step() {
        let reader = || "R".to_owned();
        let names = || vec!["A 1".to_owned(), "A 2".to_owned()];
        check(&ReaderError::WithoutPcsc, ErrorCode::PcscMissing, "--features pcsc");
        check(&ReaderError::NoService, ErrorCode::PcscService, "digitally doctor");
        check(&ReaderError::ServiceStopped, ErrorCode::PcscService, "digitally pay last --reader '00 01'");
        check(&ReaderError::NoRights, ErrorCode::PcscRights, "digitally doctor");
        check(&ReaderError::NoReaders, ErrorCode::ReaderUnknown, "digitally doctor");
        check(&ReaderError::NoMatch { typed: "x".to_owned(), readers: names() }, ErrorCode::ReaderUnknown, "\n  A 2");
        let ambiguous = ReaderError::Ambiguous { typed: "A".to_owned(), matching: names() };
        check(&ambiguous, ErrorCode::ReaderAmbiguous, "--reader 'A 1'");
        check(&ReaderError::Gone { reader: reader() }, ErrorCode::CardGone, "plug");
        check(&ReaderError::Empty { reader: reader() }, ErrorCode::ReaderEmpty, "put a card in");
        check(&ReaderError::Mute { reader: reader() }, ErrorCode::CardMute, "contacts");
        check(&ReaderError::Held { reader: reader() }, ErrorCode::ReaderHeld, "nothing was sent");
        let waited = std::time::Duration::from_secs(10);
        check(&ReaderError::Busy { reader: reader(), waited }, ErrorCode::ReaderBusy, "nothing was sent");
        check(&ReaderError::Removed { reader: reader() }, ErrorCode::CardGone, "digitally pay last --reader '00 01'");
        check(&ReaderError::WasReset { reader: reader() }, ErrorCode::CardReset, "digitally pay last");
        check(&ReaderError::Exchange { reader: reader() }, ErrorCode::ReaderFailed, "digitally pay last");
        check(&ReaderError::Protocol { reader: reader() }, ErrorCode::ReaderFailed, "--reader-protocol");
        check(&ReaderError::Other { code: 1, text: "x".to_owned() }, ErrorCode::ReaderFailed, "doctor");
    }
}
