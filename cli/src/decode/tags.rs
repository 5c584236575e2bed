//! Names of tags, each with the standard that gives it.

use apdu::Tag;

/// How a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Bytes.
    Hex,
    /// Text, if it is text.
    Text,
    /// The identifier of an application.
    Aid,
    /// A number, most significant byte first.
    Number,
    /// One of our data objects: its fields.
    Ours,
    /// An object identifier.
    Identifier,
    /// Key information of GlobalPlatform.
    Key,
    /// Card production life cycle data: its fields.
    Production,
}

/// What is known of a tag.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// Who gives it.
    pub standard: &'static str,
    /// How the value is shown.
    pub show: Show,
}

/// The tags in which this name holds (none: in all that have no name of their own for it), the tag, its name.
type Row = (&'static [u32], u32, &'static str, Show);

const ISO: &str = "ISO/IEC 7816-4";
const ISO6: &str = "ISO/IEC 7816-6";
const GP: &str = "GlobalPlatform Card Specification";
const EMV: &str = "EMV";
const OURS: &str = "docs/applet.md";

const FILE: &[u32] = &[0x62, 0x64, 0x6F];
const PROPRIETARY: &[u32] = &[0xA5];
const RECOGNITION: &[u32] = &[0x73];

use Show::{Aid, Hex, Identifier, Key, Number, Ours, Production, Text};

const TABLES: [(&str, &[Row]); 6] = [
    (
        ISO,
        &[
            (FILE, 0x80, "bytes of data in the file", Number),
            (FILE, 0x81, "bytes of the file, with its structure", Number),
            (FILE, 0x82, "file descriptor", Hex),
            (FILE, 0x83, "file identifier", Hex),
            (FILE, 0x84, "DF name", Aid),
            (FILE, 0x85, "proprietary information", Hex),
            (FILE, 0x86, "security attribute, proprietary", Hex),
            (FILE, 0x87, "identifier of an EF with more file control information", Hex),
            (FILE, 0x88, "short EF identifier", Hex),
            (FILE, 0x8A, "life cycle status", Hex),
            (FILE, 0x8B, "security attribute, by reference", Hex),
            (FILE, 0x8C, "security attribute, compact", Hex),
            (FILE, 0x8D, "identifier of an EF with security environments", Hex),
            (FILE, 0xA5, "proprietary information", Hex),
            (FILE, 0xAB, "security attribute, expanded", Hex),
            (&[], 0x43, "card service data", Hex),
            (&[], 0x47, "card capabilities", Hex),
            (&[], 0x4F, "application identifier", Aid),
            (&[], 0x50, "application label", Text),
            (&[], 0x51, "path", Hex),
            (&[], 0x52, "command to perform", Hex),
            (&[], 0x53, "discretionary data", Hex),
            (&[], 0x5F50, "uniform resource locator", Text),
            (&[], 0x61, "application template", Hex),
            (&[], 0x62, "file control parameters (FCP)", Hex),
            (&[], 0x64, "file management data (FMD)", Hex),
            (&[], 0x6F, "file control information (FCI)", Hex),
            (&[0x61], 0x73, "discretionary data objects", Hex),
            (&[], 0x7F49, "public key", Hex),
            (&[], 0x7F66, "lengths of commands and answers", Hex),
        ],
    ),
    (
        ISO6,
        &[
            (&[], 0x57, "track 2 equivalent data", Hex),
            (&[], 0x5A, "primary account number", Hex),
            (&[], 0x5F20, "cardholder name", Text),
            (&[], 0x5F24, "expiry date", Hex),
            (&[], 0x5F25, "effective date", Hex),
            (&[], 0x5F28, "issuer country code", Hex),
            (&[], 0x5F2D, "language preference", Text),
            (&[], 0x5F34, "sequence number of the account number", Hex),
            (&[], 0x65, "cardholder related data", Hex),
            (&[], 0x6E, "application related data", Hex),
            (&[], 0x7F21, "cardholder certificate", Hex),
        ],
    ),
    (
        GP,
        &[
            (&[], 0x66, "card data", Hex),
            (&[0x66, 0xA5], 0x73, "card recognition data", Hex),
            (RECOGNITION, 0x06, "object identifier", Identifier),
            (RECOGNITION, 0x60, "card management type and version", Hex),
            (RECOGNITION, 0x63, "card identification scheme", Hex),
            (RECOGNITION, 0x64, "secure channel protocol and its options", Hex),
            (RECOGNITION, 0x65, "card configuration details", Hex),
            (RECOGNITION, 0x66, "card and chip details", Hex),
            (&[0x60, 0x63, 0x64, 0x65, 0x66], 0x06, "object identifier", Identifier),
            (PROPRIETARY, 0x9F65, "most bytes of data in a command", Number),
            (PROPRIETARY, 0x9F6E, "application production life cycle data", Hex),
            (&[], 0x9F7F, "card production life cycle data (CPLC)", Production),
            (&[], 0x42, "issuer identification number", Hex),
            (&[], 0x45, "card image number", Hex),
            (&[], 0xE0, "key information template", Hex),
            (&[0xE0], 0xC0, "key information", Key),
            (&[], 0xE3, "registry entry", Hex),
            (&[0xE3], 0x9F70, "life cycle state", Hex),
            (&[0xE3], 0xC4, "executable load file", Aid),
            (&[0xE3], 0xC5, "privileges", Hex),
            (&[0xE3], 0xCC, "security domain", Aid),
            (&[0xE3], 0xCE, "version of the executable load file", Hex),
            (&[0xE3], 0x84, "executable module", Aid),
            (&[], 0xCF, "key diversification data", Hex),
        ],
    ),
    (
        EMV,
        &[
            (&[], 0x70, "record", Hex),
            (&[], 0x77, "answer, format 2", Hex),
            (&[0x77, 0x70], 0x82, "application interchange profile", Hex),
            (&[0x77, 0x70], 0x94, "application file locator", Hex),
            (&[0x61, 0xA5], 0x87, "application priority indicator", Hex),
            (PROPRIETARY, 0x88, "short identifier of the directory", Hex),
            (&[0x70], 0x8C, "card risk management data object list 1", Hex),
            (&[0x70], 0x8D, "card risk management data object list 2", Hex),
            (&[0x70], 0x8E, "cardholder verification methods", Hex),
            (&[0x70], 0x8F, "index of the certification authority's key", Hex),
            (&[0x70], 0x90, "issuer public key certificate", Hex),
            (&[0xBF0C], 0x9F6E, "form factor or third party data", Hex),
            (&[], 0x95, "terminal verification results", Hex),
            (&[], 0x9A, "transaction date", Hex),
            (&[], 0x9C, "transaction type", Hex),
            (&[], 0x9F02, "amount authorised", Hex),
            (&[], 0x9F07, "application usage control", Hex),
            (&[], 0x9F08, "application version", Hex),
            (&[], 0x9F0D, "issuer action code, default", Hex),
            (&[], 0x9F0E, "issuer action code, denial", Hex),
            (&[], 0x9F0F, "issuer action code, online", Hex),
            (&[], 0x9F10, "issuer application data", Hex),
            (&[], 0x9F11, "issuer code table index", Hex),
            (&[], 0x9F12, "preferred name of the application", Text),
            (&[], 0x9F17, "PIN try counter", Number),
            (&[], 0x9F1A, "terminal country code", Hex),
            (&[], 0x9F26, "application cryptogram", Hex),
            (&[], 0x9F27, "cryptogram information data", Hex),
            (&[], 0x9F32, "issuer public key exponent", Hex),
            (&[], 0x9F36, "application transaction counter", Number),
            (&[], 0x9F37, "unpredictable number", Hex),
            (&[], 0x9F38, "processing options data object list", Hex),
            (&[], 0x9F42, "application currency code", Hex),
            (&[], 0x9F46, "card public key certificate", Hex),
            (&[], 0x9F47, "card public key exponent", Hex),
            (&[], 0x9F4A, "static data authentication tag list", Hex),
            (&[], 0x9F4D, "log entry", Hex),
            (&[], 0xBF0C, "issuer's discretionary data", Hex),
        ],
    ),
    ("ETSI TS 102 221", &[(FILE, 0xC6, "PIN status", Hex)]),
    (
        OURS,
        &[
            (&[], 0xDF20, "holder", Ours),
            (&[], 0xDF21, "profile", Ours),
            (&[], 0xDF22, "limits", Ours),
            (&[], 0xDF23, "counters", Ours),
            (&[], 0xDF24, "capacity", Hex),
            (&[], 0xDF25, "folded history", Hex),
            (&[], 0xDF26, "version of the interface", Hex),
            (&[], 0xDF27, "menu settings", Hex),
        ],
    ),
];

/// What is known of this tag within that one; nothing of most.
pub fn find(within: Option<Tag>, tag: Tag) -> Option<Named> {
    let found = |inside: bool| {
        TABLES.iter().find_map(|(standard, rows)| {
            let row = rows.iter().find(|(parents, number, ..)| {
                *number == tag.value()
                    && if inside {
                        within.is_some_and(|within| parents.contains(&within.value()))
                    } else {
                        parents.is_empty()
                    }
            });
            row.map(|(_, _, name, show)| Named { name, standard, show: *show })
        })
    };
    found(true).or_else(|| found(false))
}

/// Well-known beginnings of application identifiers, and whose they are. The registries: ISO/IEC 7816-5, EMV, ETSI TS 101 220.
pub const PREFIXES: [(&[u8], &str); 16] = [
    (b"\xF0digitally", "purse of digitally"),
    (&[0xA0, 0, 0, 1, 0x51], "GlobalPlatform issuer security domain"),
    (&[0xA0, 0, 0, 0, 0x03], "Visa"),
    (&[0xA0, 0, 0, 0, 0x04], "Mastercard"),
    (&[0xA0, 0, 0, 0, 0x25], "American Express"),
    (&[0xA0, 0, 0, 0, 0x65], "JCB"),
    (b"2PAY.SYS.DDF01", "EMV directory, contactless"),
    (b"1PAY.SYS.DDF01", "EMV directory, contact"),
    (&[0xA0, 0, 0, 0, 0x87], "3GPP: USIM, ISIM"),
    (&[0xA0, 0, 0, 0, 0x09], "ETSI: SIM, toolkit"),
    (&[0xA0, 0, 0, 0, 0x63, b'P', b'K', b'C', b'S', b'-', b'1', b'5'], "PKCS #15"),
    (&[0xA0, 0, 0, 3, 0x08], "PIV"),
    (&[0xD2, 0x76, 0, 1, 0x24, 0x01], "OpenPGP"),
    (&[0xD2, 0x76, 0, 0, 0x85, 0x01], "NFC Forum type 4 tag"),
    (&[0xA0, 0, 0, 2, 0x47], "ICAO travel document"),
    (&[0xA0, 0, 0, 6, 0x47], "FIDO"),
];

/// Whose application this is.
pub fn whose(aid: &[u8]) -> Option<&'static str> {
    PREFIXES.iter().find(|(prefix, _)| aid.starts_with(prefix)).map(|(_, whose)| *whose)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row can be reached: no two name the same tag in the same place, and every number is a tag.
    #[test]
    fn rows_do_not_hide_each_other() {
        let mut seen = std::collections::BTreeSet::new();
        for (_, rows) in TABLES {
            for (parents, tag, name, _) in rows {
                assert!(Tag::try_from(*tag).is_ok(), "{tag:X} {name}");
                let parents = if parents.is_empty() { &[0][..] } else { parents };
                for parent in parents {
                    assert!(seen.insert((*parent, *tag)), "{tag:X} in {parent:X}, {name}");
                    let within = Tag::try_from(*parent).ok();
                    assert_eq!(
                        find(within, Tag::new(*tag)).map(|named| named.name),
                        Some(*name),
                        "{tag:X} in {parent:X}"
                    );
                }
            }
        }
    }
}
