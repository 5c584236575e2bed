//! The seven forms of a command: every combination of form, `Nc` and `Ne` at the edges, the bytes
//! they give, and the bytes that are no command.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use apdu::{BufferTooSmall, Case, Cla, Command, CommandError, Le};
use hex_literal::hex;

/// A form by the words of ISO/IEC 7816-3: the least and most it can say of `Nc` and of `Ne`.
struct Form {
    case: Case,
    nc: (usize, usize),
    ne: (u32, u32),
}

#[rustfmt::skip]
const FORMS: [Form; 7] = [
    Form { case: Case::One,           nc: (0, 0),      ne: (0, 0) },
    Form { case: Case::TwoShort,      nc: (0, 0),      ne: (1, 256) },
    Form { case: Case::ThreeShort,    nc: (1, 255),    ne: (0, 0) },
    Form { case: Case::FourShort,     nc: (1, 255),    ne: (1, 256) },
    Form { case: Case::TwoExtended,   nc: (0, 0),      ne: (1, 65_536) },
    Form { case: Case::ThreeExtended, nc: (1, 65_535), ne: (0, 0) },
    Form { case: Case::FourExtended,  nc: (1, 65_535), ne: (1, 65_536) },
];

const EDGES: [u32; 7] = [0, 1, 255, 256, 257, 65_535, 65_536];

impl Form {
    /// The rule that these lengths break, data first.
    fn broken(&self, nc: usize, ne: u32) -> Option<CommandError> {
        let case = self.case;
        match (self.nc, self.ne) {
            ((_, 0), _) if nc > 0 => Some(CommandError::DataNotAllowed { case, nc }),
            ((1, _), _) if nc == 0 => Some(CommandError::DataMissing { case }),
            ((_, max), _) if nc > max => Some(CommandError::DataTooLong { case, nc, max }),
            (_, (_, 0)) if ne > 0 => Some(CommandError::NeNotAllowed { case, ne }),
            (_, (1, _)) if ne == 0 => Some(CommandError::NeMissing { case }),
            (_, (_, max)) if ne > max => Some(CommandError::NeTooLarge { case, ne, max }),
            _ => None,
        }
    }

    /// The bytes of the command, put together from the table in the doc of `Command`.
    fn bytes(&self, data: &[u8], ne: u32) -> Vec<u8> {
        let lc = u16::try_from(data.len()).unwrap().to_be_bytes();
        let extended = u16::try_from(ne % 65_536).unwrap().to_be_bytes();
        let short = [u8::try_from(ne % 256).unwrap_or_default()];
        let body: &[&[u8]] = match self.case.to_string().as_str() {
            "1" => &[],
            "2S" => &[&short],
            "3S" => &[&lc[1..], data],
            "4S" => &[&lc[1..], data, &short],
            "2E" => &[&[0], &extended],
            "3E" => &[&[0], &lc, data],
            "4E" => &[&[0], &lc, data, &extended],
            other => panic!("{other}"),
        };
        [&hex!("8C A4 04 07")[..], &body.concat()].concat()
    }
}

fn data(nc: u32) -> Vec<u8> {
    (0..nc).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

#[test]
fn every_form_with_every_edge_is_encoded_and_read_back_or_refused_by_name() {
    let (mut sayable, mut refused) = (0, 0);
    for form in &FORMS {
        for data in EDGES.map(data) {
            for ne in EDGES {
                let made = Command::with_case(form.case, Cla::new(0x8C), 0xA4, 4, 7, &data, ne);
                if let Some(error) = form.broken(data.len(), ne) {
                    assert_eq!(made, Err(error));
                    refused += 1;
                    continue;
                }
                let command = made.unwrap();
                sayable += 1;
                assert_eq!((command.case(), command.ne()), (form.case, ne));
                assert_eq!(command.data(), data);
                let bytes = form.bytes(&data, ne);
                assert_eq!(command.encoded_len(), bytes.len());
                let mut out = vec![0xEE; bytes.len() + 1];
                assert_eq!(command.encode(&mut out), Ok(bytes.len()));
                assert!(out[..bytes.len()] == bytes && out[bytes.len()] == 0xEE, "{command:?}");
                assert_eq!(Command::decode(&bytes), Ok(command));
                let (needed, available) = (bytes.len(), bytes.len() - 1);
                let small = command.encode(&mut out[..available]);
                assert_eq!(small, Err(BufferTooSmall { needed, available }));
            }
        }
    }
    // 1; 3 edges of Ne; 2 of Nc; 2 x 3; 6 of Ne; 5 of Nc; 5 x 6.
    assert_eq!((sayable, refused), (1 + 3 + 2 + 6 + 6 + 5 + 30, 343 - 53));
}

#[test]
fn the_shortest_form_is_the_first_that_holds_the_lengths() {
    for data in EDGES.map(data) {
        for ne in EDGES {
            let made = Command::new(Cla::new(0x8C), 0xA4, 4, 7, &data, ne);
            let first = FORMS.iter().find(|form| form.broken(data.len(), ne).is_none());
            match (made, first) {
                (Ok(command), Some(form)) => assert_eq!(command.case(), form.case),
                (Err(CommandError::DataTooLong { nc: 65_536, max: 65_535, .. }), None) => {}
                (made, _) => panic!("{made:?}"),
            }
        }
    }
    let too_much = Command::new(Cla::INTERINDUSTRY, 0, 0, 0, &[], 65_537);
    let max = 65_536;
    let error = CommandError::NeTooLarge { case: Case::TwoExtended, ne: 65_537, max };
    assert_eq!(too_much, Err(error));
}

#[test]
fn le_is_kept_as_encoded() {
    let table: [(&[u8], Le, u32); 8] = [
        (&hex!("00B00000"), Le::None, 0),
        (&hex!("00B00000 00"), Le::Short(0), 256),
        (&hex!("00B00000 10"), Le::Short(16), 16),
        (&hex!("00B00000 01 FF"), Le::None, 0),
        (&hex!("00B00000 01 FF 00"), Le::Short(0), 256),
        (&hex!("00B00000 000000"), Le::Extended(0), 65_536),
        (&hex!("00B00000 000010"), Le::Extended(16), 16),
        (&hex!("00B00000 000001 FF 0100"), Le::Extended(256), 256),
    ];
    for (bytes, le, ne) in table {
        let command = Command::decode(bytes).unwrap();
        assert_eq!((command.le(), command.ne()), (le, ne), "{command:?}");
    }
}

#[test]
fn bytes_that_are_no_command_are_refused_by_name() {
    use CommandError as E;
    let table: [(&[u8], E); 15] = [
        (&[], E::HeaderTruncated { length: 0 }),
        (&hex!("00A404"), E::HeaderTruncated { length: 3 }),
        (&hex!("00A40400 0000"), E::ExtendedLengthTruncated),
        (&hex!("00A40400 00FF"), E::ExtendedLengthTruncated),
        (&hex!("00A40400 000000 00"), E::LcZero),
        (&hex!("00A40400 000000 0000"), E::LcZero),
        (&hex!("00A40400 000000 000000"), E::LcZero),
        (&hex!("00A40400 02 3F"), E::DataTruncated { lc: 2, found: 1 }),
        (&hex!("00A40400 FF 3F00"), E::DataTruncated { lc: 255, found: 2 }),
        (&hex!("00A40400 000003 3F00"), E::DataTruncated { lc: 3, found: 2 }),
        (&hex!("00A40400 00FFFF 3F"), E::DataTruncated { lc: 65_535, found: 1 }),
        (&hex!("00A40400 02 3F00 0000"), E::TrailingBytes { count: 1 }),
        (&hex!("00A40400 01 3F 000000"), E::TrailingBytes { count: 2 }),
        (&hex!("00A40400 000001 3F 00"), E::LeTruncated),
        (&hex!("00A40400 000001 3F 000000"), E::TrailingBytes { count: 1 }),
    ];
    for (bytes, error) in table {
        assert_eq!(Command::decode(bytes), Err(error), "{bytes:02X?}");
    }
}

#[test]
fn debug_hides_the_data() {
    let verify = hex!("00200001 04 31323334");
    let printed = format!("{:?}", Command::decode(&verify).unwrap());
    assert_eq!(printed, "Command(00 20 00 01, case 3S, Nc 4, Ne 0)");
}
