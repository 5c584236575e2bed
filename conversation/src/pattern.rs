//! Bytes of which not all need be known: `6F ?? 84 $aid:11 .. 90 00`.

use std::fmt;

use zeroize::Zeroizing;

use crate::kind::Bytes;
use crate::scope::{Kept, Naming, Scope, Value, variable};
use crate::word::{Fault, Word};

/// A part of a pattern.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Element {
    /// One byte; bits outside of the mask may be any.
    Byte { value: u8, mask: u8 },
    /// The bytes of a variable.
    Same(Value),
    /// So many bytes, or any number of them, which get a name.
    Keep { name: String, len: Option<usize> },
    /// Any number of bytes.
    Any,
}

/// A pattern. An empty one stands for no bytes at all.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Pattern(pub(crate) Vec<Element>);

impl Pattern {
    /// Reads the words of a pattern; what it names is added to `naming`.
    pub(crate) fn parse<'w>(words: &'w [Word], scope: &Scope, naming: &mut Vec<Naming<'w>>) -> Result<Self, Fault> {
        let mut elements = Vec::new();
        for word in words {
            match variable(word) {
                Some(name) => elements.push(named(word, name, scope, naming)?),
                None if word.is("..") => elements.push(Element::Any),
                None => bytes(word, &mut elements)?,
            }
        }
        Ok(Self(elements))
    }

    /// With the variables put in.
    ///
    /// # Errors
    /// What a card answered does not fit here.
    pub(crate) fn resolve(&self, kept: &Kept) -> Result<Cells, String> {
        let mut cells = Cells::default();
        for element in &self.0 {
            match element {
                Element::Byte { value, mask } => cells.push(Cell::One { value: *value, mask: *mask }),
                Element::Any => cells.push(Cell::Any),
                Element::Same(value) => cells.bytes(&value.bytes(None, kept)?),
                Element::Keep { name, len } => cells.keep(name, *len),
            }
        }
        Ok(cells)
    }
}

/// `$name`, `$name:4` or `$name:..`.
fn named<'w>(word: &'w Word, name: &str, scope: &Scope, naming: &mut Vec<Naming<'w>>) -> Result<Element, Fault> {
    /// No answer is longer.
    const LONGEST: usize = 65_536;
    let Some((name, len)) = name.split_once(':') else {
        return Ok(Element::Same(Value::bytes_of_variable(word, name, scope)?));
    };
    let len = match len {
        ".." => None,
        len => match len.parse() {
            Ok(len @ 1..=LONGEST) => Some(len),
            _ => {
                let forms = format!("`${name}:4` keeps four bytes as `${name}`, `${name}:..` any number of them");
                return Err(word.fault(forms));
            }
        },
    };
    naming.push(Naming { word, name: name.to_owned(), kind: None });
    Ok(Element::Keep { name: name.to_owned(), len })
}

/// Pairs of hex digits and `?`.
fn bytes(word: &Word, elements: &mut Vec<Element>) -> Result<(), Fault> {
    const WHAT: &str = "bytes in pairs of hex digits (`?` for any digit), `..` for any bytes, or a variable";
    let nibbles: Option<Vec<(u8, u8)>> = word.text.chars().map(nibble).collect();
    let nibbles = nibbles.filter(|nibbles| !word.quoted && !nibbles.is_empty()).ok_or_else(|| word.not(WHAT))?;
    if nibbles.len() % 2 == 1 {
        let message = format!("bytes are pairs of hex digits, and {} is an odd number of them", nibbles.len());
        return Err(word.fault(message));
    }
    for pair in nibbles.chunks_exact(2) {
        if let [(high, high_mask), (low, low_mask)] = *pair {
            elements.push(Element::Byte { value: high << 4 | low, mask: high_mask << 4 | low_mask });
        }
    }
    Ok(())
}

/// A hex digit or `?`: value and mask.
pub(crate) fn nibble(character: char) -> Option<(u8, u8)> {
    match character {
        '?' => Some((0, 0)),
        digit => Some((u8::try_from(digit.to_digit(16)?).ok()?, 0xF)),
    }
}

/// A byte of a pattern as it is written.
fn byte_text(value: u8, mask: u8) -> String {
    let digit = |value: u8, mask: u8| if mask & 0xF == 0 { "?".into() } else { format!("{:X}", value & 0xF) };
    digit(value >> 4, mask >> 4) + &digit(value, mask)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, element) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            match element {
                Element::Byte { value, mask } => f.write_str(&byte_text(*value, *mask))?,
                Element::Same(value) => f.write_str(&value.text())?,
                Element::Keep { name, len: Some(len) } => write!(f, "${name}:{len}")?,
                Element::Keep { name, len: None } => write!(f, "${name}:..")?,
                Element::Any => f.write_str("..")?,
            }
        }
        Ok(())
    }
}

/// A place in a pattern whose variables are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// One byte.
    One { value: u8, mask: u8 },
    /// Any number of bytes.
    Any,
}

/// A pattern whose variables are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    cells: Vec<Cell>,
    /// Names, and which cells each stands for: the first, and the one behind the last.
    kept: Vec<(String, usize, usize)>,
}

/// What was found at a name.
pub(crate) type Found = Vec<(String, Bytes)>;

impl Cells {
    /// One more place.
    pub(crate) fn push(&mut self, cell: Cell) {
        // Longer than every answer is as wrong as too long by one: so what is written here stays small.
        const MOST: usize = 65_540;
        if self.cells.len() < MOST {
            self.cells.push(cell);
        }
    }

    /// These bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.push(Cell::One { value: *byte, mask: 0xFF }));
    }

    /// So many bytes, whatever they are, or any number of them.
    pub(crate) fn skip(&mut self, len: Option<usize>) {
        match len {
            Some(len) => (0..len).for_each(|_| self.push(Cell::One { value: 0, mask: 0 })),
            None => self.push(Cell::Any),
        }
    }

    /// So many bytes, or any number, with a name.
    pub(crate) fn keep(&mut self, name: &str, len: Option<usize>) {
        let first = self.cells.len();
        self.skip(len);
        self.kept.push((name.to_owned(), first, self.cells.len()));
    }

    /// Lays the pattern over these bytes. Where it leaves a choice, `..` stands for as few bytes as possible.
    ///
    /// # Errors
    /// Where it stops to fit.
    pub(crate) fn fit(&self, data: &[u8]) -> Result<Found, Difference> {
        let starts = self.align(data)?;
        let start = |cell: usize| starts.get(cell).copied().unwrap_or(data.len());
        let found = self.kept.iter().map(|(name, first, behind)| {
            let bytes = data.get(start(*first)..start(*behind)).unwrap_or_default();
            (name.clone(), Zeroizing::new(bytes.to_vec()))
        });
        Ok(found.collect())
    }

    /// Where each cell begins.
    fn align(&self, data: &[u8]) -> Result<Vec<usize>, Difference> {
        let (mut at, mut starts) = (0_usize, Vec::new());
        // The last `..` so far with the end of what it stands for; how many cells fitted at most, and up to which byte.
        let (mut last_any, mut furthest) = (None, (0, 0));
        loop {
            match (self.cells.get(starts.len()), data.get(at)) {
                (None, None) => return Ok(starts),
                (Some(Cell::Any), _) => {
                    last_any = Some((starts.len(), at));
                    starts.push(at);
                    continue;
                }
                (Some(Cell::One { value, mask }), Some(byte)) if (value ^ byte) & mask == 0 => {
                    starts.push(at);
                    at = at.saturating_add(1);
                    continue;
                }
                _ => {}
            }
            // Of several places where it stops to fit, the last one is shown before which most of the pattern fits.
            if starts.len() >= furthest.0 {
                furthest = (starts.len(), at);
            }
            let Some((any, until)) = last_any else { return Err(self.difference(data, at, &starts)) };
            starts.truncate(any.saturating_add(1));
            if until == data.len() {
                // Behind the last `..` each cell is one byte, so where they began need not have been kept.
                let behind = furthest.0.saturating_sub(starts.len());
                starts.extend(furthest.1.saturating_sub(behind)..furthest.1);
                return Err(self.difference(data, furthest.1, &starts));
            }
            at = until.saturating_add(1);
            last_any = Some((any, at));
        }
    }

    /// The row of bytes in which the first wrong one stands, beside what is expected there.
    fn difference(&self, data: &[u8], at: usize, starts: &[usize]) -> Difference {
        let row = at.saturating_sub(at % Difference::ROW);
        let mut expected = Vec::new();
        for place in row..at {
            let cell = starts.iter().rposition(|start| *start <= place).and_then(|cell| self.cells.get(cell));
            expected.push(cell.map_or_else(String::new, Cell::text));
        }
        let room = Difference::ROW.saturating_sub(expected.len());
        expected.extend(self.cells.iter().skip(starts.len()).take(room).map(Cell::text));
        let got: Vec<u8> = data.iter().skip(row).take(Difference::ROW).copied().collect();
        Difference { at, of: data.len(), row, expected, got }
    }
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::One { value, mask } => byte_text(*value, *mask),
            Self::Any => "..".into(),
        }
    }
}

/// Where bytes stop to be the expected ones. `Display` shows sixteen of them below what was expected, over three lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    at: usize,
    of: usize,
    row: usize,
    expected: Vec<String>,
    got: Vec<u8>,
}

impl Difference {
    const ROW: usize = 16;

    /// Which byte is the first wrong one, from 0 on; the length of what came, if that is too short.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NONE: &str = "--";
        let got: Vec<String> = self.got.iter().map(|byte| format!("{byte:02X}")).collect();
        let width = self.expected.len().max(got.len());
        let line = |cells: &[String]| -> String {
            let cells = cells.iter().map(String::as_str).chain(std::iter::repeat(NONE));
            cells.take(width).collect::<Vec<_>>().join(" ")
        };
        let before = if self.row > 0 { "… " } else { "" };
        writeln!(f, "  expected  {before}{}", line(&self.expected))?;
        writeln!(f, "  got       {before}{}", line(&got))?;
        let column = self.at.saturating_sub(self.row).saturating_mul(3).saturating_add(before.chars().count());
        let number = self.at.saturating_add(1);
        match self.at < self.of {
            true => write!(f, "            {:column$}^^ byte {number} of {}", "", self.of),
            false => write!(f, "            {:column$}^^ after {} bytes", "", self.of),
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::word;

    fn fit(pattern: &str, data: &[u8]) -> Result<Found, Difference> {
        let (words, mut naming) = (word::split(pattern).unwrap(), Vec::new());
        let pattern = Pattern::parse(&words, &Scope::default(), &mut naming).unwrap();
        pattern.resolve(&Kept::default()).unwrap().fit(data)
    }

    #[test]
    fn patterns_fit() {
        let data = [0x6F, 0x05, 0x84, 0x03, 1, 2, 3];
        for pattern in
            ["6F05 8403 010203", "6f ?? 8? .. 03", "..", ".. 84 .. 02 ..", "6F .. 03 .. ..", ".. 01 02 03 .."]
        {
            assert!(fit(pattern, &data).is_ok(), "{pattern}");
        }
        let kept = fit(".. 84 $len:1 $aid:.. 03", &data).unwrap();
        assert_eq!(kept, [("len".into(), vec![3].into()), ("aid".into(), vec![1, 2].into())]);
        assert!(fit("", &[]).is_ok() && fit("..", &[]).is_ok() && fit("..", &[1]).is_ok());
    }

    #[test]
    fn differences_are_shown() {
        let text = |pattern: &str, data: &[u8]| fit(pattern, data).unwrap_err().to_string();
        assert_eq!(
            text("00 ?? EA 6? 90 00", &[0, 0, 0x9C, 0x40, 0x90, 0]),
            "  expected  00 ?? EA 6? 90 00\n  got       00 00 9C 40 90 00\n                  ^^ byte 3 of 6"
        );
        assert_eq!(text("01 02", &[1]), "  expected  01 02\n  got       01 --\n               ^^ after 1 bytes");
        assert_eq!(text("", &[1]), "  expected  --\n  got       01\n            ^^ byte 1 of 1");
        assert_eq!(
            text(".. 03 04", &[1, 2, 3, 5]),
            "  expected  .. .. 03 04\n  got       01 02 03 05\n                     ^^ byte 4 of 4"
        );
        let long = text(&"00 ".repeat(20), &[[0; 18].as_slice(), &[1, 0]].concat());
        assert!(long.ends_with("  got       … 00 00 01 00\n                    ^^ byte 19 of 20"), "{long}");
    }

    /// What fits, in so many words as it takes.
    fn fits(cells: &[Cell], data: &[u8]) -> bool {
        match (cells, data) {
            ([], data) => data.is_empty(),
            ([Cell::Any, rest @ ..], data) => (0..=data.len()).any(|skipped| fits(rest, &data[skipped..])),
            ([Cell::One { value, mask }, rest @ ..], [byte, others @ ..]) => {
                (value ^ byte) & mask == 0 && fits(rest, others)
            }
            _ => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn fits_as_often_as_it_should(pattern in "(\\.\\. |01 |02 |0\\? ){0,7}", data in proptest::collection::vec(1_u8..3, 0..9)) {
            let words = word::split(&pattern).unwrap();
            let pattern = Pattern::parse(&words, &Scope::default(), &mut Vec::new()).unwrap();
            let cells = pattern.resolve(&Kept::default()).unwrap();
            match cells.fit(&data) {
                Ok(_) => assert!(fits(&cells.cells, &data)),
                Err(difference) => assert!(!fits(&cells.cells, &data) && difference.at() <= data.len() && !difference.to_string().is_empty()),
            }
        }
    }
}
