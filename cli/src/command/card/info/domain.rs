//! The issuer security domain of a card, and what it tells to anybody. GlobalPlatform Card Specification.

use apdu::{ExchangeError, Tag, Transport, tlv};
use applet_model::purse::PURSE_AID;
use serde_json::{Value, json};

use crate::command::card::list::say;
use crate::decode::{self, whose};

/// An issuer security domain.
#[derive(Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its application identifier, if it says it.
    aid: Option<Vec<u8>>,
    /// What it told: each data object that was asked for, in full.
    objects: Vec<(&'static str, Vec<u8>)>,
}

/// What it is asked for: card data, production life cycle data, keys. None of these commands counts or changes anything.
const OBJECTS: [(&str, [u8; 5]); 3] = [
    ("card_data", [0x80, 0xCA, 0x00, 0x66, 0x00]),
    ("production", [0x80, 0xCA, 0x9F, 0x7F, 0x00]),
    ("keys", [0x80, 0xCA, 0x00, 0xE0, 0x00]),
];

/// SELECT without a name: what the card has by itself, which is its issuer's domain where it has one.
const BY_ITSELF: &[u8] = &[0x00, 0xA4, 0x04, 0x00, 0x00];
/// SELECT of A000000151000000, the name that GlobalPlatform gives to it.
const BY_NAME: &[u8] = &[0x00, 0xA4, 0x04, 0x00, 0x08, 0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00, 0x00];
const FCI: Tag = Tag::new(0x6F);
const NAME: Tag = Tag::new(0x84);

impl Domain {
    /// Asks a card for it. Something else than the purse is selected afterwards.
    ///
    /// # Errors
    /// If the card does not answer.
    pub fn ask<T: Transport>(card: &mut T) -> Result<Option<Self>, ExchangeError<T::Error>> {
        for select in [BY_ITSELF, BY_NAME] {
            let (sw, fci) = say(card, select)?;
            // A card that is locked selects its domain all the same, and warns: 6283.
            if !sw.is_ok() && sw.value() != 0x6283 {
                continue;
            }
            let aid = tlv::find(&fci, &[FCI, NAME]).ok().flatten().map(<[u8]>::to_vec);
            if aid.as_deref() == Some(PURSE_AID.as_bytes()) {
                continue;
            }
            let mut objects = Vec::new();
            for (name, get) in &OBJECTS {
                let (sw, data) = say(card, get)?;
                if sw.is_ok() && !data.is_empty() {
                    objects.push((*name, data));
                }
            }
            let named = select == BY_NAME || aid.as_deref().is_some_and(|aid| whose(aid).is_some_and(is_domain));
            // Another application may be what the card has by itself: it tells none of these.
            if named || !objects.is_empty() {
                return Ok(Some(Self { aid, objects }));
            }
        }
        Ok(None)
    }

    /// For people: its name, and what it told, part by part.
    pub fn text(domain: Option<&Self>) -> String {
        let Some(Self { aid, objects }) = domain else { return "issuer       no issuer security domain\n".to_owned() };
        let aid = aid.as_ref().map_or_else(|| "without a name".to_owned(), hex::encode_upper);
        let mut text = format!("issuer       security domain {aid}\n");
        if objects.is_empty() {
            text += "             tells neither card data nor life cycle nor keys\n";
        }
        for (_, data) in objects {
            text += &decode::text(&decode::data(data), 1);
        }
        text
    }

    /// The same as JSON.
    pub fn json(domain: Option<&Self>) -> Value {
        let Some(Self { aid, objects }) = domain else { return Value::Null };
        let told = |(name, data): &(&str, Vec<u8>)| {
            ((*name).to_owned(), json!({"bytes": hex::encode_upper(data), "decoded": decode::data(data)}))
        };
        json!({
            "aid": aid.as_ref().map(hex::encode_upper),
            "objects": objects.iter().map(told).collect::<serde_json::Map<_, _>>(),
        })
    }
}

fn is_domain(whose: &str) -> bool {
    whose.contains("issuer security domain")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// A card that has these answers to these commands, and `6A82` to all others; and what it was asked.
    struct Rows(Vec<(&'static str, &'static str)>, Vec<String>);

    impl Transport for Rows {
        type Error = Infallible;

        fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
            let asked = hex::encode_upper(command);
            let found = self.0.iter().find(|(command, _)| *command == asked);
            let answer = hex::decode(found.map_or("6A82", |(_, answer)| answer)).unwrap();
            response[..answer.len()].copy_from_slice(&answer);
            self.1.push(asked);
            Ok(answer.len())
        }

        fn reset(&mut self) -> Result<(), Infallible> {
            Ok(())
        }

        fn atr(&self) -> &[u8] {
            &[]
        }
    }

    fn ask(rows: &[(&'static str, &'static str)]) -> Option<Domain> {
        let mut card = Rows(rows.to_vec(), Vec::new());
        let domain = Domain::ask(&mut card).unwrap();
        // SELECT and GET DATA alone: nothing that counts tries.
        assert!(
            card.1.iter().all(|asked| asked.get(2..4).is_some_and(|ins| ["A4", "CA"].contains(&ins))),
            "{:?}",
            card.1
        );
        domain
    }

    const SELECTED: &str = "6F108408A000000151000000A5049F6501FF9000";

    #[test]
    fn a_domain_with_all_its_data() {
        let production =
            "9F7F2A4790511681214291120051230A1B2C3D00014812600148130000481400000000000000000000000000009000";
        let domain = ask(&[
            ("00A4040000", SELECTED),
            (
                "80CA006600",
                "664C734A06072A864886FC6B01600C060A2A864886FC6B02020101630906072A864886FC6B03640B06092A864886FC6B040215650B06092B8510864864020103660C060A2B060104012A026E01029000",
            ),
            ("80CA9F7F00", production),
            ("80CA00E000", "E012C00401FF8010C00402FF8010C00403FF80109000"),
        ]);
        insta::assert_snapshot!(Domain::text(domain.as_ref()));
        let json = Domain::json(domain.as_ref());
        assert_eq!(
            (&json["aid"], &json["objects"]["keys"]["decoded"][0]["name"]),
            (&json!("A000000151000000"), &json!("key information template"))
        );
    }

    #[test]
    fn cards_that_tell_less() {
        // By its name only, and nothing told.
        let named = ask(&[("00A4040008A00000015100000000", SELECTED)]).unwrap();
        assert!(named.objects.is_empty() && Domain::text(Some(&named)).contains("tells neither"));
        // Another application is there by itself.
        assert_eq!(ask(&[("00A4040000", "6F09840761626364656667 9000".replace(' ', "").leak())]), None);
        // It has another name, and keys.
        let other =
            ask(&[("00A4040000", "6F0A8408A000000018434D009000"), ("80CA00E000", "E006C00401FF80109000")]).unwrap();
        assert_eq!((hex::encode_upper(other.aid.unwrap()).as_str(), other.objects.len()), ("A000000018434D00", 1));
        assert_eq!(ask(&[]), None);
        assert_eq!(Domain::text(None), "issuer       no issuer security domain\n");
        assert!(Domain::json(None).is_null());
    }
}
