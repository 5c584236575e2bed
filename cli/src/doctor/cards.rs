//! The readers and the cards in them, as pcscd tells.

use reader::{Reader, ReaderError, Slot, State};

use super::{Finding, World};
use crate::atr;

const READERS: &str = "readers";

pub fn findings(world: &World) -> Vec<Finding> {
    if !world.is_ours() || !reader::BUILT_WITH_PCSC {
        return Vec::new();
    }
    match Reader::list() {
        Ok(slots) if slots.is_empty() => vec![Finding::warn(
            READERS,
            "pcscd knows no reader",
            "plug one in, or have virtual ones: apt-get install vsmartcard-vpcd, and restart pcscd",
        )],
        Ok(slots) => slots.iter().map(of_slot).collect(),
        // The service has been found missing already.
        Err(ReaderError::NoService) => Vec::new(),
        Err(error) => vec![Finding::bad(READERS, error.to_string(), "restart pcscd")],
    }
}

fn of_slot(slot: &Slot) -> Finding {
    let card = match slot.state {
        State::Empty | State::Unavailable | State::Mute => String::new(),
        _ => format!("; ATR {}: {}", hex::encode_upper(&slot.atr), atr::summary(&slot.atr)),
    };
    let text = format!("{}: {}{card}", slot.name, slot.state);
    match slot.state {
        State::Exclusive => Finding::warn(READERS, text, "stop the program that holds it, if you need the card"),
        State::Mute => Finding::warn(READERS, text, "put the card in again, contacts down and to the front"),
        State::Unavailable => Finding::warn(READERS, text, "plug the reader in again, or restart pcscd"),
        _ => Finding::ok(READERS, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_reader_is_told_with_its_card() {
        let slot = |state, atr: &[u8]| Slot { name: "R".to_owned(), state, atr: atr.to_vec(), events: 0 };
        let finding = of_slot(&slot(State::Free, &card_sim::atr::DEFAULT_T0));
        assert_eq!(finding.level, Level::Ok);
        assert!(finding.text.contains("ATR 3B07") && finding.text.contains("T=0"), "{}", finding.text);
        assert_eq!(of_slot(&slot(State::Empty, &[])).text, "R: no card");
        for state in [State::Exclusive, State::Mute, State::Unavailable] {
            assert!(of_slot(&slot(state, &[])).level == Level::Warn && of_slot(&slot(state, &[])).mend.is_some());
        }
    }
}
