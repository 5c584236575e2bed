//! What the data objects of an issuer security domain hold inside: life cycle data, key information, object identifiers.

/// The fields of the card production life cycle data, tag 9F7F: name and length in bytes. GlobalPlatform Card
/// Specification; 42 bytes.
const PRODUCTION: [(&str, usize); 18] = [
    ("IC fabricator", 2),
    ("IC type", 2),
    ("operating system", 2),
    ("operating system release date", 2),
    ("operating system release level", 2),
    ("IC fabrication date", 2),
    ("IC serial number", 4),
    ("IC batch", 2),
    ("IC module fabricator", 2),
    ("IC module packaging date", 2),
    ("ICC manufacturer", 2),
    ("IC embedding date", 2),
    ("IC pre-personaliser", 2),
    ("IC pre-personalisation date", 2),
    ("IC pre-personalisation equipment", 4),
    ("IC personaliser", 2),
    ("IC personalisation date", 2),
    ("IC personalisation equipment", 4),
];

/// The fields of card production life cycle data: where each begins, its bytes, name and meaning; none if they have not
/// its length.
pub fn production(value: &[u8]) -> Vec<(usize, &[u8], &'static str, String)> {
    let length: usize = PRODUCTION.iter().map(|(_, length)| length).sum();
    let (mut at, mut fields) = (0_usize, Vec::new());
    for (name, length) in PRODUCTION.iter().filter(|_| value.len() == length) {
        let end = at.saturating_add(*length);
        let bytes = value.get(at..end).unwrap_or_default();
        let meaning = if name.ends_with("date") { date(bytes) } else { None };
        fields.push((at, bytes, *name, meaning.unwrap_or_else(|| hex::encode_upper(bytes))));
        at = end;
    }
    fields
}

/// Four digits: the last one of the year, and the day in it.
fn date(bytes: &[u8]) -> Option<String> {
    let digits = hex::encode(bytes);
    let (year, day) = digits.split_at_checked(1)?;
    let day: u16 = day.parse().ok().filter(|day| (1..=366).contains(day))?;
    year.parse::<u8>().ok().map(|year| format!("day {day} of a year that ends in {year}"))
}

/// Key information, tag C0: identifier and version of the key, then type and length of each of its components, one byte
/// each. GlobalPlatform Card Specification.
pub fn key(value: &[u8]) -> Option<String> {
    let (&[identifier, version], components) = value.split_first_chunk()?;
    let pairs = components.chunks_exact(2);
    if pairs.len() == 0 || !pairs.remainder().is_empty() {
        return None;
    }
    let components: Vec<String> = pairs
        .filter_map(|pair| match pair {
            // The extended form follows.
            [0xFF, _] => None,
            [kind, length] => Some(format!("{} of {length} bytes", key_type(*kind))),
            _ => None,
        })
        .collect();
    (!components.is_empty()).then(|| format!("key {identifier}, version {version}: {}", components.join(", ")))
}

fn key_type(kind: u8) -> String {
    match kind {
        0x80 => "DES".to_owned(),
        0x81..=0x84 => "triple DES".to_owned(),
        0x85 => "pre-shared key for TLS".to_owned(),
        0x88 => "AES".to_owned(),
        0x90 | 0x91 => "HMAC".to_owned(),
        0xA0 | 0xA1 => "RSA public key".to_owned(),
        0xA2..=0xA8 => "RSA private key".to_owned(),
        0xB0 => "ECC public key".to_owned(),
        0xB1 => "ECC private key".to_owned(),
        kind => format!("type {kind:02X}"),
    }
}

/// An object identifier in dotted form. ITU-T X.690: 7 bits a byte, the high bit on all but the last of a number, and the
/// first number holds two.
pub fn object_identifier(value: &[u8]) -> Option<String> {
    let (mut numbers, mut number, mut open) = (Vec::new(), 0_u64, false);
    for byte in value {
        number = number.checked_mul(128)?.checked_add(u64::from(byte & 0x7F))?;
        open = byte & 0x80 != 0;
        if !open {
            numbers.push(std::mem::take(&mut number));
        }
    }
    let (first, rest) = numbers.split_first().filter(|_| !open)?;
    let top = (first / 40).min(2);
    let second = first.checked_sub(top.checked_mul(40)?)?;
    let all: Vec<String> = [top, second].iter().chain(rest).map(ToString::to_string).collect();
    Some(all.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).unwrap()
    }

    #[test]
    fn object_identifiers() {
        let dotted = |hex| object_identifier(&bytes(hex));
        assert_eq!(dotted("2A864886FC6B01").unwrap(), "1.2.840.114283.1");
        assert_eq!(dotted("2B8510864864020103").unwrap(), "1.3.656.840.100.2.1.3");
        assert_eq!(dotted("883703").unwrap(), "2.999.3");
        assert_eq!((dotted(""), dotted("2A86"), dotted("FFFFFFFFFFFFFFFFFFFF7F")), (None, None, None));
    }

    #[test]
    fn keys() {
        let told = |hex| key(&bytes(hex));
        assert_eq!(told("01FF8010").unwrap(), "key 1, version 255: DES of 16 bytes");
        assert_eq!(told("02018810").unwrap(), "key 2, version 1: AES of 16 bytes");
        assert_eq!(
            told("7001A180A003").unwrap(),
            "key 112, version 1: RSA public key of 128 bytes, RSA public key of 3 bytes"
        );
        assert_eq!((told(""), told("01FF"), told("01FF80")), (None, None, None));
    }

    #[test]
    fn life_cycle_data_has_its_fields_or_none() {
        let mut value = vec![0x12; 42];
        value[10..12].copy_from_slice(&[0x51, 0x23]);
        let fields = production(&value);
        assert_eq!((fields.len(), fields[17].0), (18, 38));
        assert_eq!(
            (fields[5].0, fields[5].2, fields[5].3.as_str()),
            (10, "IC fabrication date", "day 123 of a year that ends in 5")
        );
        // Zeros are no date.
        assert_eq!(production(&[0; 42])[5].3, "0000");
        assert!(production(&value[..41]).is_empty() && production(&[]).is_empty());
    }
}
