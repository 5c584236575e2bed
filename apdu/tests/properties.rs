//! Reading is the inverse of writing, and what is cut off is refused.
#![allow(clippy::arithmetic_side_effects)]

use apdu::tlv::{self, Writer};
use apdu::{Aid, Case, Cla, Command, Response, Sw, Tag};
use proptest::prelude::*;
use proptest::sample::select;

/// A form with lengths it can say: its name, the data, and `Ne`.
fn lengths() -> impl Strategy<Value = (Case, Vec<u8>, u32)> {
    select(&Case::ALL).prop_flat_map(|case| {
        let least = usize::from(case.has_data());
        let data = prop::collection::vec(any::<u8>(), least..=case.max_nc().min(600));
        (Just(case), data, u32::from(case.has_le())..=case.max_ne())
    })
}

fn tag() -> impl Strategy<Value = Tag> {
    let value = prop_oneof![
        any::<u8>().prop_map(u32::from),
        any::<u16>().prop_map(|value| u32::from(value) | 0x1F00),
        any::<u32>().prop_map(|value| (value & 0x00FF_FF7F) | 0x001F_8000),
    ];
    value.prop_filter_map("not a tag", |value| Tag::try_from(value).ok())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_local_rejects: u32::MAX, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn commands_read_back_and_cut_ones_are_refused(
        header in any::<[u8; 4]>(),
        (case, data, ne) in lengths(),
    ) {
        let [cla, ins, p1, p2] = header;
        let command = Command::with_case(case, Cla::new(cla), ins, p1, p2, &data, ne).unwrap();
        let mut out = vec![0; command.encoded_len()];
        prop_assert_eq!(command.encode(&mut out), Ok(out.len()));
        prop_assert_eq!(Command::decode(&out), Ok(command));
        prop_assert_eq!((command.cla().byte(), command.ins(), command.p1(), command.p2()), (cla, ins, p1, p2));
        // A prefix is a command only where it ends with the header, with a length field that can
        // then be Le, or with the data of case 4.
        let without_le = match case {
            Case::FourShort => out.len() - 1,
            Case::FourExtended => out.len() - 2,
            _ => 4,
        };
        for cut in 0..out.len() {
            let whole = [4, 5, without_le].contains(&cut) || (case.is_extended() && cut == 7);
            prop_assert_eq!(Command::decode(&out[..cut]).is_ok(), whole, "{:?} cut at {}", command, cut);
        }
    }

    #[test]
    fn responses_read_back(data in prop::collection::vec(any::<u8>(), 0..600), sw: u16) {
        let response = Response { data: &data, sw: Sw::new(sw) };
        let mut out = vec![0; data.len() + 2];
        prop_assert_eq!(response.encode(&mut out), Ok(out.len()));
        prop_assert_eq!(Response::decode(&out), Ok(response));
    }

    #[test]
    fn data_objects_read_back_and_cut_ones_are_refused(
        objects in prop::collection::vec((tag(), prop::collection::vec(any::<u8>(), 0..300)), 1..6),
    ) {
        let mut out = vec![0; 2_000];
        let mut writer = Writer::new(&mut out);
        for (tag, value) in &objects {
            writer.put(*tag, value).unwrap();
        }
        let written = writer.finish();
        let read: Vec<_> = tlv::iter(written).map(|o| o.map(|o| (o.tag, o.value.to_vec())).unwrap()).collect();
        prop_assert_eq!(&read, &objects);
        // Cut anywhere inside the first object, that object is refused.
        let (_, rest) = tlv::parse(written).unwrap();
        for cut in 0..written.len() - rest.len() {
            prop_assert!(tlv::parse(&written[..cut]).is_err());
        }
        let (last, value) = objects.last().unwrap();
        if objects.iter().filter(|(tag, _)| tag == last).count() == 1 {
            prop_assert_eq!(tlv::find(written, &[*last]), Ok(Some(&value[..])));
        }
    }

    #[test]
    fn aids_keep_their_bytes(bytes in prop::collection::vec(any::<u8>(), 5..=16), other in prop::collection::vec(any::<u8>(), 5..=16)) {
        let (aid, second) = (Aid::new(&bytes).unwrap(), Aid::new(&other).unwrap());
        prop_assert_eq!(aid.as_bytes(), &bytes[..]);
        prop_assert_eq!(aid.cmp(&second), bytes.cmp(&other));
        for cut in 0..=bytes.len() {
            prop_assert!(aid.starts_with(&bytes[..cut]));
        }
    }
}
