//! A SIM alone and the same SIM under an overlay say the same, but for what the overlay is for.
//!
//! Every step goes to both. Where their answers differ, it must be by one of these, and the test asserts which:
//!
//! 1. `9000` alone, `91XX` under the overlay: a command of the overlay's own waits. It is fetched and answered at once, and the
//!    SIM below hears nothing of it.
//! 2. The menu and the list of events: longer, by what is ours, and so is what is announced, and `6CXX`.
//! 3. What the overlay answers itself, FETCH above all, does not make the SIM below give up what waits there for GET RESPONSE.
//!    That is not sent here.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

#[path = "support/faulty.rs"]
mod faulty;
#[path = "support/phone.rs"]
mod phone;
#[path = "support/talker.rs"]
mod talker;

use apdu::Transport;
use card_sim::uicc::{Setup, USIM, Uicc};
use card_sim::{Card, Overlay};
use faulty::Faulty;
use hex_literal::hex;
use phone::{fetch, respond, words};
use proptest::prelude::*;
use toolkit::{Action, Alphabet, Answer, ProactiveCommand, Text};

/// What a phone does next.
#[derive(Clone, Debug)]
enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Fetches what was announced; with another length, if that is not 0.
    Fetch(u8),
    /// Answers what was fetched last, or what was never asked.
    Respond(u8, Option<String>, u8),
    /// Changes the menu of the SIM.
    Menu(u8),
    Reset,
}

/// Both of them, and what a phone knows of each.
struct Pair {
    alone: Uicc,
    with: Overlay<Card, Faulty>,
    announced: (u8, u8),
    /// Whether the lengths that were announced last differ.
    differ: bool,
    lengths: (u8, u8),
    fetched: Vec<u8>,
    /// Whether FETCH or TERMINAL RESPONSE came last.
    toolkit_last: bool,
    /// How often the exceptions were seen.
    own: usize,
    longer: usize,
    steps: usize,
}

impl Pair {
    fn new() -> Self {
        let setup = Setup::default();
        let with = Overlay::new(talker::card(&[b""]), Faulty::new(&setup));
        let announced = (0, 0);
        Self {
            alone: Uicc::new(&setup),
            with,
            announced,
            differ: false,
            lengths: announced,
            fetched: vec![],
            toolkit_last: false,
            own: 0,
            longer: 0,
            steps: 0,
        }
    }

    fn step(&mut self, step: &Step) {
        self.steps += 1;
        match step {
            Step::Send(bytes) => self.both(bytes, bytes),
            Step::Fetch(0) => {
                let (alone, with) = self.announced;
                self.both(&[0x80, 0x12, 0, 0, alone], &[0x80, 0x12, 0, 0, with]);
            }
            // Right for one of them only.
            Step::Fetch(other) if self.differ && [self.lengths.0, self.lengths.1].contains(other) => {}
            Step::Fetch(other) => self.both(&[0x80, 0x12, 0, 0, *other], &[0x80, 0x12, 0, 0, *other]),
            Step::Respond(code, text, spoilt) => {
                let command = if self.fetched.is_empty() {
                    hex!("D00B 8103012100 82028182 8D00").to_vec()
                } else {
                    self.fetched.clone()
                };
                let mut room = [0; 64];
                let answer = match text {
                    Some(text) => Answer::Text(Text::encode(text, Alphabet::Octets, &mut room).unwrap()),
                    None if words(&command).starts_with("choice") => Answer::Item(1),
                    None => Answer::None,
                };
                let mut response = phone::response(&command, *code, answer);
                if *spoilt != 0 {
                    let at = usize::from(*spoilt) % response.len();
                    response[at] ^= 0x15;
                }
                let bytes = [&[0x80, 0x14, 0, 0, u8::try_from(response.len()).unwrap()], &response[..]].concat();
                self.both(&bytes, &bytes);
            }
            Step::Menu(letter) => {
                let mut menu = card_sim::uicc::toolkit::MENU;
                menu[17] = b'A' + letter % 26;
                self.alone.set_menu(&menu);
                self.with.lower_mut().card.set_menu(&menu);
            }
            Step::Reset => {
                self.alone.reset().unwrap();
                self.with.reset().unwrap();
                self.announced = (0, 0);
            }
        }
    }

    fn both(&mut self, to_alone: &[u8], to_with: &[u8]) {
        // What the overlay answers itself does not make the SIM below give up what waits for GET RESPONSE.
        let is = |ins| to_alone.get(1) == Some(&ins);
        if is(0xC0) && self.toolkit_last {
            return;
        }
        self.toolkit_last = is(0x12) || is(0x14);
        let alone = phone::send(&mut self.alone, to_alone);
        let with = phone::send(&mut self.with, to_with);
        let fetching = to_alone[..2.min(to_alone.len())] == [0x80, 0x12];
        if alone.1 >> 8 == 0x91 {
            self.announced.0 = alone.1.to_be_bytes()[1];
            self.announced.1 = with.1.to_be_bytes()[1];
            self.differ = alone.1 != with.1;
            self.lengths = self.announced;
        }
        if fetching && alone.1 == 0x9000 && !alone.0.is_empty() {
            self.fetched.clone_from(&alone.0);
            self.announced = (0, 0);
        }
        if alone == with {
            return;
        }
        match (alone.1 >> 8, with.1 >> 8) {
            (0x90, 0x91) => {
                assert_eq!((alone.1, &alone.0), (0x9000, &with.0), "{to_alone:02X?}");
                self.hear_ours(with.1);
            }
            // What is longer.
            (0x91, 0x91) => {
                assert_eq!(alone.0, with.0);
                self.longer += 1;
            }
            (0x6C, 0x6C) => assert!(fetching && self.differ, "{to_alone:02X?}"),
            (0x90, 0x90) if fetching => same_but_ours(&alone.0, &with.0),
            _ => panic!("{to_alone:02X?}: {alone:02X?}, and under the overlay {with:02X?}"),
        }
    }

    /// Lets the overlay say what it has to say, which the SIM below does not hear.
    fn hear_ours(&mut self, mut sw: u16) {
        let reached = self.with.lower().reached.len();
        while sw != 0x9000 {
            let command = fetch(&mut self.with, sw);
            let said = words(&command);
            assert!(["menu", "events [05]", "text Idle"].iter().any(|ours| said.starts_with(ours)), "{said}");
            sw = respond(&mut self.with, &command, 0, Answer::None);
            self.own += 1;
        }
        assert_eq!(self.with.lower().reached.len(), reached);
    }
}

/// A menu of which one has our entry at its end.
fn same_but_ours(alone: &[u8], with: &[u8]) {
    let menu = |bytes| match ProactiveCommand::decode(bytes).unwrap() {
        command @ ProactiveCommand { action: Action::SetUpMenu(menu), .. } => (command, menu),
        other => panic!("{other:?}"),
    };
    let ((below, mine), (above, merged)) = (menu(alone), menu(with));
    assert_eq!((below.number, below.devices, below.details()), (above.number, above.devices, above.details()));
    assert_eq!((mine.title, mine.help, mine.soft_keys), (merged.title, merged.help, merged.soft_keys));
    let count = mine.items.len();
    assert!(mine.items.iter().eq(merged.items.iter().take(count)) && merged.items.len() == count + 1);
    assert_eq!(merged.items.iter().last().unwrap().text.to_string(), "Talker");
}

fn send(bytes: &[u8]) -> Step {
    Step::Send(bytes.to_vec())
}

/// A choice from the menu.
fn choice(item: u8) -> Step {
    send(&[0x80, 0xC2, 0, 0, 9, 0xD3, 7, 0x82, 2, 1, 0x81, 0x90, 1, item])
}

/// The commands of a day.
fn script() -> Vec<Step> {
    let usim = [hex!("00A40404 10").as_slice(), &USIM, &[0]].concat();
    let mut steps = vec![Step::Reset, Step::Send(usim)];
    let boot = [send(&hex!("80100000 04 FFFFFFFF")), Step::Fetch(0), Step::Respond(0, None, 0)];
    steps.extend(boot.clone());
    let files: [&[u8]; 22] = [
        &hex!("00A40004 02 3F00 00"),
        &hex!("00A40004 02 2FE2"),
        &hex!("00C00000 18"),
        &hex!("00C00000 17"),
        &hex!("00B00000 0A"),
        &hex!("00B00000 0B"),
        &hex!("00B00003 02"),
        &hex!("00A4080C 02 2F00"),
        &hex!("00B20104 20"),
        &hex!("00B20104 21"),
        &hex!("00B20304 20"),
        &hex!("00A4040C 07 A0000000871002"),
        &hex!("00A4000C 02 6F07"),
        &hex!("00B00000 09"),
        &hex!("00200001"),
        &hex!("00200001 08 31313131FFFFFFFF"),
        &hex!("00200001 08 31323334FFFFFFFF"),
        &hex!("00B00000 09"),
        &hex!("80F20000 00"),
        &hex!("80F2000C"),
        &hex!("00FF0000"),
        &hex!("00A40004"),
    ];
    let channels: [&[u8]; 7] = [
        &hex!("00700000 01"),
        &hex!("01A4000C 02 2FE2"),
        &hex!("01B00000 0A"),
        &hex!("00B08200 0A"),
        &hex!("00708001"),
        &hex!("01B00000 0A"),
        &hex!("40B00000 0A"),
    ];
    for round in 0..8 {
        steps.extend(files.map(send));
        steps.extend(channels.map(send));
        for item in 1..=5 {
            for code in [0x00, 0x04, 0x10, 0x11, 0x12, 0x13, 0x20, 0x30, 0x99] {
                steps.push(choice(item));
                if code == 0x04 {
                    steps.extend([Step::Fetch(1), Step::Respond(0, None, 0), send(&hex!("80F2000C"))]);
                }
                steps.push(Step::Fetch(0));
                steps.push(send(&hex!("80F2000C")));
                if code == 0x12 {
                    steps.extend([Step::Respond(code, None, 3), Step::Respond(code, None, 5), Step::Fetch(0)]);
                }
                let text = (item == 2).then(|| "22222".to_owned());
                steps.push(Step::Respond(code, text, 0));
                steps.extend([Step::Fetch(0), Step::Respond(0, None, 0)]);
            }
        }
        steps.push(send(&hex!("80C20000 09 D607 9901 05 82020281")));
        steps.extend([
            Step::Menu(round),
            send(&hex!("80F2000C")),
            Step::Fetch(1),
            Step::Fetch(0),
            Step::Respond(0, None, 0),
        ]);
        if round % 3 == 2 {
            steps.push(Step::Reset);
            steps.extend(boot.clone());
        }
    }
    steps
}

#[test]
fn a_long_conversation() {
    let mut pair = Pair::new();
    for step in script() {
        pair.step(&step);
    }
    assert!(pair.steps > 600, "{}", pair.steps);
    assert!(pair.own > 7 && pair.longer > 7, "both exceptions were met: {}, {}", pair.own, pair.longer);
}

/// A command, mostly one that a phone sends.
fn step() -> impl Strategy<Value = Step> {
    let path = prop::sample::select(vec![0x3F00_u16, 0x7FFF, 0x2F00, 0x2FE2, 0x6F07, 0x6FAD, 0x2F05, 0x1234]);
    let select =
        (0..5_u8, prop::sample::select(vec![0_u8, 3, 4, 8, 9]), prop::sample::select(vec![4_u8, 0x0C, 0]), path)
            .prop_map(|(cla, p1, p2, id)| [&[cla, 0xA4, p1, p2, 2], &id.to_be_bytes()[..]].concat());
    let usim = (0..4_u8, 1..=16_u8)
        .prop_map(|(cla, length)| [&[cla, 0xA4, 4, 4, length], &USIM[..length.into()], &[0]].concat());
    let read = (0..4_u8, prop::sample::select(vec![0xB0_u8, 0xB2, 0xC0, 0x70, 0xF2]), any::<[u8; 3]>())
        .prop_map(|(cla, ins, rest)| [&[cla, ins], &rest[..]].concat());
    let near = (0..4_u8, prop::sample::select(vec![0xB0_u8, 0xB2, 0xC0, 0x70]), 0..4_u8, 0..5_u8, 0..40_u8)
        .prop_map(|(cla, ins, p1, p2, le)| vec![cla, ins, p1, p2, le]);
    let toolkit = (prop::sample::select(vec![0x10_u8, 0x12, 0x14, 0xC2]), prop::collection::vec(any::<u8>(), 0..20))
        .prop_map(|(ins, data)| [&[0x80, ins, 0, 0, u8::try_from(data.len()).unwrap()], &data[..]].concat());
    let noise = prop::collection::vec(any::<u8>(), 0..12);
    prop_oneof![
        3 => select.prop_map(Step::Send),
        1 => usim.prop_map(Step::Send),
        1 => read.prop_map(Step::Send),
        3 => near.prop_map(Step::Send),
        1 => toolkit.prop_map(Step::Send),
        1 => noise.prop_map(Step::Send),
        1 => any::<bool>().prop_map(|right| send(if right { &hex!("00200001 08 31323334FFFFFFFF") } else { &hex!("00200001") })),
        1 => Just(send(&hex!("80100000 0A FFFFFFFFFFFFFFFFFFFF"))),
        1 => Just(send(&hex!("80100000 02 0900"))),
        4 => (0..6_u8).prop_map(choice),
        1 => Just(send(&hex!("80C20000 09 D607 9901 05 82020281"))),
        8 => Just(Step::Fetch(0)),
        1 => (1..=255_u8).prop_map(Step::Fetch),
        8 => (prop::sample::select(vec![0_u8, 1, 0x10, 0x11, 0x12, 0x20, 0x30]), prop::option::of("[0-9]{0,6}"), 0..3_u8)
            .prop_map(|(code, text, spoilt)| Step::Respond(code, text, spoilt)),
        1 => any::<u8>().prop_map(Step::Menu),
        1 => Just(Step::Reset),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_conversation(steps in prop::collection::vec(step(), 1..200)) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.step(step);
        }
    }
}
