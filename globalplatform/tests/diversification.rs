//! Diversified keys that others have computed.
//!
//! - AN10922: NXP's application note AN10922, its examples for AES-128, AES-192 and AES-256, and of AN10957.
//! - `kdf3`: GlobalPlatformPro's tests: check values of the keys made of 40 41 … and 00 01 …, and one whole key.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use globalplatform::diversify::{DiversifyError, Scheme, an10922};
use globalplatform::{Key, KeySet};
use hex_literal::hex;

fn same_three(master: &[u8]) -> KeySet {
    let [enc, mac, dek] = [(); 3].map(|()| Key::new(master).unwrap());
    KeySet::new(enc, mac, dek).unwrap()
}

#[test]
fn an10922_examples() {
    let data = hex!("04782E21801D803042F54E585020416275");
    let examples: [(&[u8], &[u8], &[u8]); 4] = [
        (&hex!("00112233445566778899AABBCCDDEEFF"), &data, &hex!("A8DD63A3B89D54B37CA802473FDA9175")),
        (
            &hex!("00112233445566778899AABBCCDDEEFF0102030405060708"),
            &data,
            &hex!("CE39C8E1CD82D9A7BEDBE9D74AF59B23176755EE7586E12C"),
        ),
        (
            &hex!("00112233445566778899AABBCCDDEEFF0102030405060708090A0B0C0D0E0F00"),
            &data,
            &hex!("4FC6EEC820B4C54314990B8611662DB695E7880982C0001E6067488346100AED"),
        ),
        // Shorter than a block: where AN10922 is not CMAC.
        (&hex!("F3F9377698707B688EAF84ABE39E3791"), &hex!("04DEADBEEFFEED"), &hex!("0BB408BAFF98B6EE9F2E1585777F6A51")),
    ];
    for (master, data, expected) in examples {
        assert_eq!(an10922(&Key::new(master).unwrap(), data).unwrap().expose(), expected);
    }
}

#[test]
fn globalplatformpro_kdf3() {
    let data = hex!("00010203040506070809");
    let keys = Scheme::Kdf3.keys(&same_three(&hex!("404142434445464748494A4B4C4D4E4F")), &data).unwrap();
    assert_eq!(keys.all().map(|key| key.check_value().to_string()), ["E79C05", "D1BD77", "3FDE8C"]);
    let master = hex!("8C72C72CF908411653018807950D82FBAD947562F0828A0B10B8B9606ABF3BCD");
    let keys = Scheme::Kdf3.keys(&same_three(&master), &hex!("D9B1DE5D0362DEDCE4FB")).unwrap();
    let expected = hex!("9AAC5D0B3601F89438A0D9D0B6B256CFB47E6462DFA5228D3420C4AC7C224781");
    assert_eq!(keys.enc().expose(), expected);
}

#[test]
fn refusals() {
    let one = same_three(&[7; 16]);
    let three = KeySet::from_bytes(&core::array::from_fn::<u8, 48, _>(|i| u8::try_from(i).unwrap())).unwrap();
    assert_eq!(Scheme::An10922.keys(&one, &[1; 10]).unwrap_err(), DiversifyError::OneMaster(Scheme::An10922));
    for scheme in Scheme::ALL {
        assert_eq!(scheme.name().parse(), Ok(scheme));
        let (min, max) = scheme.lengths();
        for length in 0..80 {
            let keys = scheme.keys(&three, &[1; 80][..length]);
            assert_eq!(keys.is_ok(), (min..=max).contains(&length), "{scheme} {length}");
        }
    }
    assert!("emv".parse::<Scheme>().is_err());
}
