//! Conversations with a scripted card: what must be sent, and what comes back.

extern crate std;
use std::vec::Vec;

use hex_literal::hex;

use super::*;

/// A card that knows its part by heart.
struct Script {
    lines: Vec<(Vec<u8>, Vec<u8>)>,
    said: usize,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reader was pulled out")]
struct PulledOut;

impl Script {
    fn new(lines: &[(&[u8], &[u8])]) -> Self {
        let lines = lines.iter().map(|(command, response)| (command.to_vec(), response.to_vec()));
        Self { lines: lines.collect(), said: 0 }
    }
}

impl Transport for Script {
    type Error = PulledOut;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, PulledOut> {
        let (expected, answer) = self.lines.get(self.said).ok_or(PulledOut)?;
        assert_eq!(command, expected, "command {}", self.said);
        self.said += 1;
        response[..answer.len()].copy_from_slice(answer);
        Ok(answer.len())
    }

    fn reset(&mut self) -> Result<(), PulledOut> {
        self.said = 0;
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[0x3B, 0x00]
    }
}

type Outcome = Result<(Vec<u8>, Sw), ExchangeError<PulledOut>>;

/// Exchanges `command` with a card that says `lines`, all of which must be said.
fn check(command: &[u8], lines: &[(&[u8], &[u8])], expected: Outcome) {
    let mut card = Script::new(lines);
    let (mut scratch, mut buffer) = ([0; 32], [0; 64]);
    let command = Command::decode(command).unwrap();
    let outcome =
        exchange(&mut card, &command, &mut scratch, &mut buffer).map(|response| (response.data.to_vec(), response.sw));
    assert_eq!(outcome, expected);
    assert_eq!(card.said, lines.len(), "not all was said");
}

#[test]
fn a_plain_command_is_sent_once() {
    let command = hex!("00A40400 02 3F00");
    check(&command, &[(&command, &hex!("6A82"))], Ok((Vec::new(), Sw::FILE_NOT_FOUND)));
    check(&command, &[(&command, &hex!("0102 9000"))], Ok((hex!("0102").to_vec(), Sw::OK)));
}

#[test]
fn a_wrong_le_is_corrected_once_and_only_in_case_2() {
    let (asked, right) = (hex!("00B00000 00"), hex!("00B00000 03"));
    let lines: &[(&[u8], &[u8])] = &[(&asked, &hex!("6C03")), (&right, &hex!("010203 9000"))];
    check(&asked, lines, Ok((hex!("010203").to_vec(), Sw::OK)));
    let extended = hex!("00B00000 000000");
    let lines: &[(&[u8], &[u8])] = &[(&extended, &hex!("6C03")), (&right, &hex!("010203 9000"))];
    check(&extended, lines, Ok((hex!("010203").to_vec(), Sw::OK)));
    let lines: &[(&[u8], &[u8])] = &[(&asked, &hex!("6C03")), (&right, &hex!("6C02"))];
    check(&asked, lines, Ok((Vec::new(), Sw::correct_le(2))));
    for other in [&hex!("00A40000")[..], &hex!("00A40000 01 3F"), &hex!("00A40000 01 3F 00")] {
        check(other, &[(other, &hex!("6C03"))], Ok((Vec::new(), Sw::correct_le(3))));
    }
}

#[test]
fn waiting_bytes_are_fetched_on_the_same_channel_and_put_together() {
    let command = hex!("41CA0000 01 FF 00");
    let lines: &[(&[u8], &[u8])] = &[
        (&command, &hex!("AA 6103")),
        (&hex!("41C00000 03"), &hex!("6C02")),
        (&hex!("41C00000 02"), &hex!("BBCC 6101")),
        (&hex!("41C00000 01"), &hex!("DD 6282")),
    ];
    check(&command, lines, Ok((hex!("AABBCCDD").to_vec(), Sw::END_OF_FILE)));
}

#[test]
fn get_response_keeps_the_channel_and_drops_the_rest_of_the_class() {
    let table = [
        (0x00, 0x00),
        (0x03, 0x03),
        (0x0E, 0x02),
        (0x11, 0x01),
        (0x20, 0x00),
        (0x6F, 0x4F),
        (0x84, 0x00),
        (0xA2, 0x02),
        (0xF4, 0x44),
        (0xFF, 0x00),
    ];
    for (cla, expected) in table {
        let command = [cla, 0xCA, 0, 0];
        let fetch = [expected, 0xC0, 0, 0, 1];
        let lines: &[(&[u8], &[u8])] = &[(&command, &hex!("6101")), (&fetch, &hex!("01 9000"))];
        check(&command, lines, Ok((hex!("01").to_vec(), Sw::OK)));
    }
}

#[test]
fn a_card_that_promises_but_never_sends_is_refused() {
    let command = hex!("00CA0000");
    let lines: &[(&[u8], &[u8])] =
        &[(&command, &hex!("6101")), (&hex!("00C00000 01"), &hex!("FF 6101")), (&hex!("00C00000 01"), &hex!("6101"))];
    check(&command, lines, Err(ExchangeError::Endless { received: 1 }));
}

#[test]
fn a_card_that_sends_for_ever_is_refused_at_65536_bytes() {
    struct Endless;
    impl Transport for Endless {
        type Error = PulledOut;
        fn transmit(&mut self, _: &[u8], response: &mut [u8]) -> Result<usize, PulledOut> {
            response[..258].copy_from_slice(&[&[0; 256][..], &[0x61, 0x00]].concat());
            Ok(258)
        }
        fn reset(&mut self) -> Result<(), PulledOut> {
            Ok(())
        }
        fn atr(&self) -> &[u8] {
            &[]
        }
    }
    let command = Command::decode(&hex!("00CA0000 00")).unwrap();
    let mut buffer = std::vec![0; 200_000];
    let error = exchange(&mut Endless, &command, &mut [0; 8], &mut buffer).unwrap_err();
    assert_eq!(error, ExchangeError::Endless { received: 65_536 });
    // A caller with less room hears of that instead, before a byte is lost.
    let error = exchange(&mut Endless, &command, &mut [0; 8], &mut buffer[..600]).unwrap_err();
    let too_small = BufferTooSmall { needed: 770, available: 600 };
    assert_eq!(error, ExchangeError::Buffer(too_small));
}

#[test]
fn errors_say_whose_they_are() {
    let command = hex!("00CA0000");
    check(&command, &[], Err(ExchangeError::Transport(PulledOut)));
    let short = ResponseTooShort { length: 1 };
    check(&command, &[(&command, &hex!("90"))], Err(ExchangeError::Response(short)));

    let mut card = Script::new(&[]);
    let parsed = Command::decode(&command).unwrap();
    let error = exchange(&mut card, &parsed, &mut [0; 3], &mut [0; 64]).unwrap_err();
    let too_small = BufferTooSmall { needed: 4, available: 3 };
    assert_eq!(error, ExchangeError::Scratch(too_small));

    struct Liar;
    impl Transport for Liar {
        type Error = PulledOut;
        fn transmit(&mut self, _: &[u8], response: &mut [u8]) -> Result<usize, PulledOut> {
            Ok(response.len() + 1)
        }
        fn reset(&mut self) -> Result<(), PulledOut> {
            Ok(())
        }
        fn atr(&self) -> &[u8] {
            &[]
        }
    }
    let error = exchange(&mut Liar, &parsed, &mut [0; 8], &mut [0; 64]).unwrap_err();
    assert_eq!(error, ExchangeError::Overrun { length: 65, available: 64 });
}

#[test]
fn a_borrowed_transport_is_a_transport() {
    let command = hex!("00CA0000");
    let mut card = Script::new(&[(&command, &hex!("9000"))]);
    let borrowed: &mut dyn Transport<Error = PulledOut> = &mut card;
    assert_eq!(borrowed.atr(), [0x3B, 0x00]);
    let parsed = Command::decode(&command).unwrap();
    let mut buffer = [0; 2];
    let response = exchange(borrowed, &parsed, &mut [0; 8], &mut buffer).unwrap();
    assert!(response.sw.is_ok());
    (&mut &mut card).reset().unwrap();
    assert_eq!(card.said, 0);
}
