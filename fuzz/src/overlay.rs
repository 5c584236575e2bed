//! The overlay SIM: what a phone may send it, and what the SIM below may answer.

use std::convert::Infallible;

use apdu::{Category, Sw, Transport};
use card_sim::uicc::{Setup, Uicc};
use card_sim::{Card, Overlay};
use toolkit::{Action, ProactiveCommand};

#[path = "../../card-sim/tests/support/talker.rs"]
mod talker;

/// Who asks for nothing, and takes note of what comes.
struct Below {
    card: Uicc,
    reached: Vec<Vec<u8>>,
    /// What it answers to the commands to come, before the UICC does.
    script: Vec<Vec<u8>>,
}

impl Transport for Below {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        self.reached.push(command.to_vec());
        let Some(answer) = self.script.pop() else { return self.card.transmit(command, response) };
        response.iter_mut().zip(&answer).for_each(|(to, from)| *to = *from);
        // Some claim more than there was room for.
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        self.card.reset()
    }

    fn atr(&self) -> &[u8] {
        self.card.atr()
    }
}

fn over(script: Vec<Vec<u8>>) -> Overlay<Card, Below> {
    let below = Below { card: Uicc::new(&Setup::default()), reached: Vec::new(), script };
    Overlay::new(talker::card(&[b""]), below)
}

fn send(overlay: &mut Overlay<Card, Below>, command: &[u8]) -> Vec<u8> {
    let mut response = [0; 600];
    let Ok(length) = overlay.transmit(command, &mut response);
    response[..length].to_vec()
}

/// TERMINAL PROFILE with all that there is.
const PROFILE: &[u8] = &[0x80, 0x10, 0, 0, 4, 0xFF, 0xFF, 0xFF, 0xFF];

/// Commands, each behind its length; one of length 0 is a reset, one of length `FF` what the SIM below answers next. Whatever
/// they are, each is answered as far as the SIM below is, what reaches it came from the phone or is FETCH, and after a reset
/// our entry is in the menu.
pub fn overlay(bytes: &[u8]) {
    let mut overlay = over(Vec::new());
    let mut rest = bytes;
    while let Some((length, behind)) = rest.split_first() {
        let (scripted, length) = if *length == 0xFF { (true, 8) } else { (false, usize::from(*length)) };
        let (command, behind) = behind.split_at(length.min(behind.len()));
        rest = behind;
        if scripted {
            overlay.lower_mut().script.push(command.to_vec());
            continue;
        }
        if length == 0 {
            let Ok(()) = overlay.reset();
            continue;
        }
        let (before, odd) = (overlay.lower().reached.len(), overlay.lower().script.len());
        let response = send(&mut overlay, command);
        assert!(overlay.card().is_on());
        if odd == 0 {
            let sw = response.last_chunk().copied().map(Sw::from_bytes).expect("a status word");
            assert_ne!(sw.category(), Category::Invalid, "{sw}");
        }
        for reached in &overlay.lower().reached[before..] {
            assert!(reached == command || (reached[1] == 0x12 && reached.len() == 5));
        }
    }
    overlay.lower_mut().script.clear();
    let Ok(()) = overlay.reset();
    let sw = send(&mut overlay, PROFILE);
    let menu = send(&mut overlay, &[0x80, 0x12, 0, 0, sw[1]]);
    let command = ProactiveCommand::decode(&menu[..menu.len() - 2]).expect("a menu");
    let Action::SetUpMenu(menu) = command.action else { panic!("no menu") };
    assert!(menu.items.len() == 5);
}

/// A proactive command of the SIM below, as it hands it over. It goes up as it is, or it is a menu or a list of events with
/// all that was in it, and what is ours behind.
pub fn overlay_merge(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(256)];
    let announced = u8::try_from(bytes.len()).unwrap_or_default();
    let script = vec![[bytes, &[0x90, 0]].concat(), vec![0x91, announced]];
    let mut overlay = over(script);
    let sw = send(&mut overlay, PROFILE);
    assert_eq!((sw[0], sw.len()), (0x91, 2));
    if bytes.is_empty() {
        return;
    }
    let mut response = send(&mut overlay, &[0x80, 0x12, 0, 0, sw[1]]);
    assert!(response.ends_with(&[0x90, 0]), "what was announced is there");
    response.truncate(response.len() - 2);
    assert!(response.len() <= 256 && u8::try_from(response.len()).unwrap_or_default() == sw[1]);
    if response == bytes {
        return;
    }
    let below = ProactiveCommand::decode(bytes).expect("it was changed");
    let above = ProactiveCommand::decode(&response).expect("it is ours");
    assert_eq!((below.number, below.details(), below.devices), (above.number, above.details(), above.devices));
    assert_eq!(below.extra, above.extra);
    match (below.action, above.action) {
        (Action::SetUpMenu(below), Action::SetUpMenu(above)) => {
            let count = below.items.len();
            assert!(below.items.iter().eq(above.items.iter().take(count)));
            let ours = above.items.iter().last().expect("one is ours");
            assert!(above.items.len() == count + 1 && below.items.find(ours.id).is_none());
            assert!(overlay.is_in_menu());
        }
        (Action::SetUpEventList(below), Action::SetUpEventList(above)) => {
            assert!(above.events.starts_with(below.events) && above.events.contains(&5));
        }
        other => panic!("changed: {other:?}"),
    }
}
