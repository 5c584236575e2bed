//! T=0 as the terminal sees it: each rule with a card that knows its part by heart, then all forms and lengths with a
//! card that holds an answer.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod t0 {
    pub(crate) mod card;
}

use apdu::{
    BufferTooSmall, Case, Cla, Command, CommandError, Cut, ExchangeError, PowerCut, Response, ResponseTooShort, Sw, T0,
    T0Error, Transport, Unchainable, exchange,
};
use hex_literal::hex;
use proptest::prelude::*;
use t0::card::{Card, pattern, sw2};

/// A card that says its lines.
struct Script {
    lines: Vec<(Vec<u8>, Vec<u8>)>,
    said: usize,
    armed: Option<Cut>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reader was pulled out")]
struct PulledOut;

impl Script {
    fn new(lines: &[(&[u8], &[u8])]) -> Self {
        let lines = lines.iter().map(|(command, response)| (command.to_vec(), response.to_vec()));
        Self { lines: lines.collect(), said: 0, armed: None }
    }
}

impl Transport for Script {
    type Error = PulledOut;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, PulledOut> {
        let (expected, answer) = self.lines.get(self.said).ok_or(PulledOut)?;
        assert_eq!(command, expected, "command {}", self.said);
        self.said += 1;
        assert_eq!(response.len(), 258, "the room for an answer");
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

impl PowerCut for Script {
    fn arm(&mut self, cut: Option<Cut>) {
        self.armed = cut;
    }

    fn armed(&self) -> Option<Cut> {
        self.armed
    }
}

type Outcome<'a> = Result<&'a [u8], T0Error<PulledOut>>;

/// Sends `command` over T=0 to a card that says `lines`, all of which must be said.
fn check(command: &[u8], lines: &[(&[u8], &[u8])], expected: Outcome<'_>) {
    check_in(600, command, lines, expected);
}

/// The same with so much room for the response.
fn check_in(room: usize, command: &[u8], lines: &[(&[u8], &[u8])], expected: Outcome<'_>) {
    let mut card = T0::new(Script::new(lines));
    let mut buffer = vec![0xEE; room];
    let outcome = card.transmit(command, &mut buffer).map(|length| &buffer[..length]);
    assert_eq!(outcome, expected, "{command:02X?}");
    assert_eq!(card.inner().said, lines.len(), "not all was said");
}

fn failed(error: ExchangeError<PulledOut>) -> Outcome<'static> {
    Err(T0Error::Exchange(error))
}

#[test]
fn each_case_has_its_header() {
    check(&hex!("00440000"), &[(&hex!("00440000 00"), &hex!("9000"))], Ok(&hex!("9000")));
    check(&hex!("00B00000 02"), &[(&hex!("00B00000 02"), &hex!("0102 9000"))], Ok(&hex!("0102 9000")));
    check(&hex!("00200001 02 3132"), &[(&hex!("00200001 02 3132"), &hex!("63C2"))], Ok(&hex!("63C2")));
    // Case 4 without its Le; the extended forms of the same.
    check(&hex!("00A40400 01 A0 10"), &[(&hex!("00A40400 01 A0"), &hex!("6A82"))], Ok(&hex!("6A82")));
    check(&hex!("00B00000 000002"), &[(&hex!("00B00000 02"), &hex!("0102 9000"))], Ok(&hex!("0102 9000")));
    check(&hex!("00200001 000002 3132"), &[(&hex!("00200001 02 3132"), &hex!("9000"))], Ok(&hex!("9000")));
    check(&hex!("00A40400 000001 A0 0000"), &[(&hex!("00A40400 01 A0"), &hex!("6A82"))], Ok(&hex!("6A82")));
    // 256 expected is 00, and so is all that is more.
    for command in
        [&hex!("00B00000 00")[..], &hex!("00B00000 000100"), &hex!("00B00000 000101"), &hex!("00B00000 000000")]
    {
        check(command, &[(&hex!("00B00000 00"), &hex!("07 6282"))], Ok(&hex!("07 6282")));
    }
}

#[test]
fn waiting_bytes_are_fetched_on_the_same_channel_as_long_as_ne_allows() {
    let lines: &[(&[u8], &[u8])] = &[
        (&hex!("42CA0000 01 FF"), &hex!("6103")),
        (&hex!("42C00000 03"), &hex!("AABB 6101")),
        (&hex!("42C00000 01"), &hex!("CC 6282")),
    ];
    check(&hex!("42CA0000 01 FF 00"), lines, Ok(&hex!("AABBCC 6282")));
    check(&hex!("42CA0000 01 FF 03"), lines, Ok(&hex!("AABBCC 6282")));
    // One fewer is asked for, and what is left is told.
    let lines: &[(&[u8], &[u8])] =
        &[(&hex!("00CA0000 01 FF"), &hex!("6103")), (&hex!("00C00000 02"), &hex!("AABB 6101"))];
    check(&hex!("00CA0000 01 FF 02"), lines, Ok(&hex!("AABB 6101")));
    // None is asked for.
    check(&hex!("00CA0000 01 FF"), &[(&hex!("00CA0000 01 FF"), &hex!("6103"))], Ok(&hex!("6103")));
    check(&hex!("00CA0000"), &[(&hex!("00CA0000 00"), &hex!("6100"))], Ok(&hex!("6100")));
    // Also to case 2, and with data in front.
    let lines: &[(&[u8], &[u8])] =
        &[(&hex!("8ECA0000 05"), &hex!("AABB 6100")), (&hex!("02C00000 03"), &hex!("CCDDEE 61FD"))];
    check(&hex!("8ECA0000 05"), lines, Ok(&hex!("AABBCCDDEE 61FD")));
}

#[test]
fn nothing_waits_behind_9000_or_a_warning() {
    let command = hex!("00CA0000 01 FF 00");
    check(&command, &[(&command[..6], &hex!("9000"))], Ok(&hex!("9000")));
    check(&command, &[(&command[..6], &hex!("6283"))], Ok(&hex!("6283")));
}

#[test]
fn a_wrong_length_is_corrected_once_and_only_if_ne_allows() {
    let (asked, right) = (hex!("00B00000 00"), hex!("00B00000 03"));
    check(&asked, &[(&asked, &hex!("6C03")), (&right, &hex!("010203 9000"))], Ok(&hex!("010203 9000")));
    check(&asked, &[(&asked, &hex!("6C03")), (&right, &hex!("6C02"))], Ok(&hex!("6C02")));
    check(&asked, &[(&asked, &hex!("6C00")), (&asked, &hex!("6C00"))], Ok(&hex!("6C00")));
    // The caller wants fewer: the card has not begun, and he may ask again.
    check(&hex!("00B00000 02"), &[(&hex!("00B00000 02"), &hex!("6C03"))], Ok(&hex!("6C03")));
    check(&hex!("00B00000 FF"), &[(&hex!("00B00000 FF"), &hex!("6C00"))], Ok(&hex!("6C00")));
    // Other cases have no length to correct.
    check(&hex!("00B00000"), &[(&asked, &hex!("6C03"))], Ok(&hex!("6C03")));
    check(&hex!("00B00000 01 FF"), &[(&hex!("00B00000 01 FF"), &hex!("6C03"))], Ok(&hex!("6C03")));
    check(&hex!("00B00000 01 FF 00"), &[(&hex!("00B00000 01 FF"), &hex!("6C03"))], Ok(&hex!("6C03")));
    // GET RESPONSE has one too.
    let lines: &[(&[u8], &[u8])] = &[
        (&hex!("00CA0000 01 FF"), &hex!("6105")),
        (&hex!("00C00000 05"), &hex!("6C02")),
        (&hex!("00C00000 02"), &hex!("AABB 9000")),
    ];
    check(&hex!("00CA0000 01 FF 00"), lines, Ok(&hex!("AABB 9000")));
    // There the refused bytes still wait: as 61xx, which is true, behind those that came.
    let lines: &[(&[u8], &[u8])] = &[
        (&hex!("00CA0000 01 FF"), &hex!("6101")),
        (&hex!("00C00000 01"), &hex!("AA 6109")),
        (&hex!("00C00000 04"), &hex!("6C09")),
    ];
    check(&hex!("00CA0000 01 FF 05"), lines, Ok(&hex!("AA 6109")));
}

#[test]
fn what_the_caller_did_not_ask_for_is_there_when_he_does() {
    // `exchange` over T=0 fetches all, whichever way the card keeps it back.
    let scripts: [&[(&[u8], &[u8])]; 3] = [
        &[(&hex!("00CA0000 02"), &hex!("6C03")), (&hex!("00CA0000 03"), &hex!("AABBCC 9000"))],
        &[(&hex!("00CA0000 02"), &hex!("AABB 6101")), (&hex!("00C00000 01"), &hex!("CC 9000"))],
        &[
            (&hex!("00CA0000 02"), &hex!("6103")),
            (&hex!("00C00000 02"), &hex!("6C03")),
            (&hex!("00C00000 03"), &hex!("AABBCC 9000")),
        ],
    ];
    for lines in scripts {
        let mut card = T0::new(Script::new(lines));
        let command = Command::decode(&hex!("00CA0000 02")).unwrap();
        let mut buffer = [0; 64];
        let response = exchange(&mut card, &command, &mut [0; 16], &mut buffer).unwrap();
        assert_eq!(response, Response { data: &hex!("AABBCC"), sw: Sw::OK });
        assert_eq!(card.into_inner().said, lines.len());
    }
}

#[test]
fn long_data_are_chained_until_the_card_says_something_else() {
    let data = pattern(600);
    let command =
        |nc: u16, le: &[u8]| [&hex!("82E20100 00")[..], &nc.to_be_bytes(), &data[..usize::from(nc)], le].concat();
    let piece = |cla: u8, from: usize, to: usize| {
        [&[cla, 0xE2, 1, 0, u8::try_from(to - from).unwrap()][..], &data[from..to]].concat()
    };
    let (first, second, third) = (piece(0x92, 0, 255), piece(0x92, 255, 510), piece(0x82, 510, 600));
    let done: &[u8] = &hex!("9000");
    check(&command(600, &[]), &[(&first, done), (&second, done), (&third, done)], Ok(done));
    check(&command(256, &[]), &[(&first, done), (&piece(0x82, 255, 256), done)], Ok(done));
    check(&command(255, &[]), &[(&piece(0x82, 0, 255), done)], Ok(done));
    // The answer is asked for once the whole is there.
    let fetch = hex!("02C00000 02");
    let lines: &[(&[u8], &[u8])] =
        &[(&first, done), (&second, done), (&third, &hex!("6102")), (&fetch, &hex!("0102 9000"))];
    check(&command(600, &hex!("0000")), lines, Ok(&hex!("0102 9000")));
    // Anything but 9000 is the answer to all of it: also what else would be followed.
    for sw in [hex!("6884"), hex!("6103"), hex!("6C03"), hex!("6283"), hex!("9100"), hex!("0000")] {
        check(&command(600, &hex!("0000")), &[(&first, &sw)], Ok(&sw));
        check(&command(600, &[]), &[(&first, done), (&second, &sw)], Ok(&sw));
    }
}

#[test]
fn long_data_without_a_chaining_bit_are_not_sent() {
    let data = pattern(256);
    for cla in 0..=u8::MAX {
        let refused = matches!(cla, 0x20..=0x3F | 0xEF | 0xFF);
        let command = [&[cla, 0xE2, 0, 0, 0, 1, 0][..], &data].concat();
        let answer = T0::new(Card::new(vec![], 0)).transmit(&command, &mut [0; 2]);
        let expected =
            if refused { Err(T0Error::Unchainable(Unchainable { cla: Cla::new(cla), nc: 256 })) } else { Ok(2) };
        assert_eq!(answer, expected, "{cla:02X}");
        // Up to 255 bytes, every class goes.
        let command = [&[cla, 0xE2, 0, 0, 255][..], &data[1..]].concat();
        check(&command, &[(&command, &hex!("9000"))], Ok(&hex!("9000")));
    }
}

#[test]
fn what_is_no_command_is_not_sent() {
    check(&hex!("00A404"), &[], Err(T0Error::Command(CommandError::HeaderTruncated { length: 3 })));
    check(&hex!("00A40400 02 3F"), &[], Err(T0Error::Command(CommandError::DataTruncated { lc: 2, found: 1 })));
}

#[test]
fn more_than_was_asked_for_is_an_error_that_tells_of_it() {
    let unasked = |received, asked, sw| failed(ExchangeError::Unasked { received, asked, sw: Sw::new(sw) });
    check(&hex!("00B00000 02"), &[(&hex!("00B00000 02"), &hex!("010203 9000"))], unasked(3, 2, 0x9000));
    check(&hex!("00B00000"), &[(&hex!("00B00000 00"), &hex!("01 9000"))], unasked(1, 0, 0x9000));
    check(&hex!("00B00000 01 FF 05"), &[(&hex!("00B00000 01 FF"), &hex!("01 6282"))], unasked(1, 0, 0x6282));
    check(&hex!("00B00000 02"), &[(&hex!("00B00000 02"), &hex!("01 6C01"))], unasked(1, 0, 0x6C01));
    let lines: &[(&[u8], &[u8])] =
        &[(&hex!("00B00000 04"), &hex!("01 6107")), (&hex!("00C00000 03"), &hex!("02030405 9000"))];
    check(&hex!("00B00000 04"), lines, unasked(4, 3, 0x9000));
}

#[test]
fn errors_say_whose_they_are() {
    let command = hex!("00CA0000 10");
    check(&command, &[], failed(ExchangeError::Transport(PulledOut)));
    check(&command, &[(&command, &hex!("90"))], failed(ExchangeError::Response(ResponseTooShort { length: 1 })));
    // Offered and never sent.
    let lines: &[(&[u8], &[u8])] = &[(&command, &hex!("AA 6105")), (&hex!("00C00000 05"), &hex!("6105"))];
    check(&command, lines, failed(ExchangeError::Endless { received: 1 }));
    // No room: for the data, for what is offered, for the status word.
    let small = |needed, available| failed(ExchangeError::Buffer(BufferTooSmall { needed, available }));
    check_in(4, &command, &[(&command, &hex!("010203 9000"))], small(5, 4));
    check_in(4, &command, &[(&command, &hex!("01 6102"))], small(5, 4));
    check_in(1, &command, &[(&command, &hex!("9000"))], small(2, 1));
    check_in(0, &command, &[(&command, &hex!("9000"))], small(2, 0));
    check_in(5, &command, &[(&command, &hex!("010203 9000"))], Ok(&hex!("010203 9000")));

    struct Liar;
    impl Transport for Liar {
        type Error = PulledOut;
        fn transmit(&mut self, _: &[u8], response: &mut [u8]) -> Result<usize, PulledOut> {
            Ok(response.len() + 1)
        }
        fn reset(&mut self) -> Result<(), PulledOut> {
            Err(PulledOut)
        }
        fn atr(&self) -> &[u8] {
            &[]
        }
    }
    let mut liar = T0::new(Liar);
    let overrun = T0Error::Exchange(ExchangeError::Overrun { length: 259, available: 258 });
    assert_eq!(liar.transmit(&command, &mut [0; 64]), Err(overrun));
    assert_eq!(liar.reset(), Err(T0Error::Exchange(ExchangeError::Transport(PulledOut))));
}

#[test]
fn a_card_without_power_says_nothing_at_any_point() {
    let command = hex!("00CA0000 01 FF 00");
    check(&command, &[(&command[..6], &[])], Ok(&[]));
    let lines: &[(&[u8], &[u8])] =
        &[(&command[..6], &hex!("6104")), (&hex!("00C00000 04"), &hex!("0102 6102")), (&hex!("00C00000 02"), &[])];
    check(&command, lines, Ok(&[]));
    let long = [&hex!("00E20000 000100")[..], &[7; 256]].concat();
    let first = [&hex!("10E20000 FF")[..], &[7; 255]].concat();
    let lines: &[(&[u8], &[u8])] = &[(&first, &hex!("9000")), (&hex!("00E20000 01 07"), &[])];
    check(&long, lines, Ok(&[]));
}

#[test]
fn reset_atr_and_power_cuts_pass_through() {
    let mut card = T0::new(Script::new(&[(&hex!("00440000 00"), &hex!("9000"))]));
    assert_eq!(card.atr(), [0x3B, 0x00]);
    card.transmit(&hex!("00440000"), &mut [0; 2]).unwrap();
    assert_eq!(card.inner().said, 1);
    card.reset().unwrap();
    assert_eq!(card.inner().said, 0);
    let cut = Cut { write: 3, bytes: 1, unstable: true };
    card.arm(Some(cut));
    assert_eq!((card.armed(), card.inner_mut().armed), (Some(cut), Some(cut)));
    card.arm(None);
    assert_eq!(card.armed(), None);
}

#[test]
fn a_card_that_offers_for_ever_is_left_with_ne_bytes() {
    struct Endless(u32);
    impl Transport for Endless {
        type Error = PulledOut;
        fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, PulledOut> {
            self.0 += 1;
            assert_eq!(command[4], 0);
            response[..256].fill(0xAB);
            response[256..258].copy_from_slice(&[0x61, 0x00]);
            Ok(258)
        }
        fn reset(&mut self) -> Result<(), PulledOut> {
            Ok(())
        }
        fn atr(&self) -> &[u8] {
            &[]
        }
    }
    let mut card = T0::new(Endless(0));
    let mut buffer = vec![0; 100_000];
    assert_eq!(card.transmit(&hex!("00B00000 000000"), &mut buffer), Ok(65_538));
    assert_eq!((buffer[65_535], &buffer[65_536..65_538]), (0xAB, &hex!("6100")[..]));
    assert_eq!(card.inner().0, 256);
    // `exchange` does not stop at Ne, and gives up.
    let command = Command::decode(&hex!("00B00000 00")).unwrap();
    let error = exchange(&mut card, &command, &mut [0; 16], &mut buffer).unwrap_err();
    assert_eq!(error, ExchangeError::Endless { received: 65_536 });
}

const EDGES: [usize; 8] = [0, 1, 254, 255, 256, 257, 512, 65_535];

#[test]
fn every_form_with_every_edge_reads_what_the_card_holds() {
    let (mut sent, room) = (0, 65_538);
    let mut buffer = vec![0; room];
    for case in Case::ALL {
        for nc in EDGES {
            let data = pattern(nc);
            for ne in EDGES.map(|ne| u32::try_from(ne).unwrap()).into_iter().chain([65_536]) {
                let Ok(command) = Command::with_case(case, Cla::new(0x01), 0xCA, 1, 2, &data, ne) else { continue };
                for holds in EDGES {
                    for manner in 0..Card::MANNERS {
                        sent += 1;
                        read(&command, holds, manner, &mut buffer);
                    }
                }
            }
        }
    }
    // 1; Ne 1, 254-256; Nc 1, 254, 255; both; Ne 1 to 65,536: 8; Nc 1 to 65,535: 7; both.
    assert_eq!(sent, (1 + 4 + 3 + 12 + 8 + 7 + 56) * EDGES.len() * usize::from(Card::MANNERS));
}

/// Sends `command` to a card that answers with `holds` bytes, in this manner: as many as were asked for come, and the
/// rest can be fetched.
fn read(command: &Command<'_>, holds: usize, manner: u8, buffer: &mut [u8]) {
    let answer = pattern(holds);
    let mut card = T0::new(Card::new(answer.clone(), manner));
    let mut bytes = vec![0; command.encoded_len()];
    command.encode(&mut bytes).unwrap();
    // Over T=0, case 1 is case 2 with 256 bytes: such a card answers with data.
    let ne = usize::try_from(command.ne()).unwrap();
    let outcome = card.transmit(&bytes, buffer);
    assert_eq!(card.inner().received, command.data());
    let length = match outcome {
        Ok(length) => length,
        Err(T0Error::Exchange(ExchangeError::Unasked { received, asked: 0, .. })) => {
            let offered = Card::new(answer, manner).offer();
            assert!(command.case() == Case::One && received == offered, "{command:?} for {holds} bytes");
            return;
        }
        Err(error) => panic!("{command:?} for {holds} bytes: {error:?}"),
    };
    let Response { data, sw } = Response::decode(&buffer[..length]).unwrap();
    assert!(data.len() <= ne && answer.starts_with(data), "{command:?} for {holds} bytes");
    let expected = match card.inner().offer() {
        0 => Sw::OK,
        // The card has not begun, and says what it has.
        offer if card.inner().refused => Sw::correct_le(sw2(offer)),
        offer => Sw::bytes_available(sw2(offer)),
    };
    assert_eq!(sw, expected, "{command:?} for {holds} bytes, of which {} came, manner {manner}", data.len());
    if !card.inner().fussy() {
        assert_eq!(data.len(), holds.min(ne), "{command:?} for {holds} bytes");
    }
    // Assembled, it is all there. A length refused to case 1 is not followed: there was none.
    if !(command.case() == Case::One && card.inner().refused) {
        let mut card = T0::new(Card::new(answer.clone(), manner));
        let mut scratch = vec![0; bytes.len() + 5];
        let response = exchange(&mut card, command, &mut scratch, buffer).unwrap();
        assert!(response.data == answer && response.sw.is_ok(), "{command:?} for {holds} bytes: {response:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn an_answer_of_any_length_is_read_whole_by_every_form(
        case in prop::sample::select(&Case::ALL), nc in 1..=700_usize, ne in 1..=700_u32, holds in 0..=700_usize,
        manner in 0..Card::MANNERS,
    ) {
        let nc = if case.has_data() { nc.min(case.max_nc()) } else { 0 };
        let ne = if case.has_le() { ne.min(case.max_ne()) } else { 0 };
        let data = pattern(nc);
        let command = Command::with_case(case, Cla::PROPRIETARY, 0xCA, 0, 0, &data, ne).unwrap();
        read(&command, holds, manner, &mut vec![0; 1_000]);
    }
}
