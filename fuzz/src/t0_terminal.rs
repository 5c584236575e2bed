//! The terminal's side of T=0, before a card that says anything.

use apdu::{Command, ExchangeError, Response, T0, T0Error, Transport, exchange};

/// A card with T=0 that says anything: each answer is a length byte and so many bytes; in the end it has no power.
struct Babbler<'a> {
    says: &'a [u8],
    asked: usize,
}

impl Transport for Babbler<'_> {
    type Error = std::convert::Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        self.asked += 1;
        let [_, _, _, _, p3, data @ ..] = command else { panic!("a header has five bytes: {command:02X?}") };
        assert!(data.is_empty() || data.len() == usize::from(*p3), "P3 is Lc: {command:02X?}");
        let Some((length, rest)) = self.says.split_first() else { return Ok(0) };
        let (answer, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        self.says = rest;
        response[..answer.len()].copy_from_slice(answer);
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[]
    }
}

/// Whatever a card says over T=0, the answer fits what was asked for. The bytes are the length of a command in one
/// byte, the command, and what the card says. A length of 255 stands for a class byte and a long command made up of it.
pub fn t0_terminal(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else { return };
    let long = *length == 255;
    let (command, says) = rest.split_at(rest.len().min(if long { 1 } else { usize::from(*length) }));
    let command =
        if long { [command, &[0xE2, 0, 0, 0, 2, 0x58], &[0xA5; 600], &[1, 0]].concat() } else { command.to_vec() };
    let mut card = T0::new(Babbler { says, asked: 0 });
    let mut response = [0; 300];
    let outcome = card.transmit(&command, &mut response);
    let asked = card.inner().asked;
    assert!(asked <= says.len() + 1, "a card that says nothing is not asked again");
    match (Command::decode(&command), outcome) {
        (Err(error), outcome) => assert_eq!((outcome, asked), (Err(T0Error::Command(error)), 0)),
        (Ok(_), Ok(0)) => assert!(card.inner().says.is_empty() || says.contains(&0)),
        (Ok(command), Ok(length)) => {
            let data = Response::decode(&response[..length]).unwrap().data;
            assert!(data.len() <= usize::try_from(command.ne()).unwrap(), "{command:?}");
        }
        (Ok(_), Err(T0Error::Unchainable(refusal))) => assert!(asked == 0 && refusal.cla.chained().is_none()),
        (Ok(_), Err(T0Error::Exchange(ExchangeError::Scratch(_)))) => panic!("{command:02X?}"),
        (Ok(_), Err(_)) => {}
    }
    // Put together by `exchange`, it ends as well.
    if let Ok(command) = Command::decode(&command) {
        let mut card = T0::new(Babbler { says, asked: 0 });
        let _ = exchange(&mut card, &command, &mut vec![0; command.encoded_len() + 5], &mut response);
        assert!(card.inner().asked <= says.len() + 1);
    }
}
