//! What a card must answer: the line behind a `<`.

use std::fmt;

use apdu::Sw;

use crate::answer::{Field, Layout, in_fci};
use crate::kind::Kind;
use crate::pattern::{Cells, Difference, Pattern, nibble};
use crate::scope::{Kept, Naming, Scope, Value, variable};
use crate::word::{Fault, Word, Words, shown};

/// A status word, of which not all digits need be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusPattern {
    value: u16,
    mask: u16,
}

impl StatusPattern {
    /// `9000`.
    pub(crate) const OK: Self = Self { value: 0x9000, mask: 0xFFFF };

    /// Four hex digits or `?`, the first one 6, 9 or `?`: no other is a status word.
    fn parse(text: &str) -> Option<Self> {
        let nibbles: Vec<(u8, u8)> = text.chars().map(nibble).collect::<Option<_>>()?;
        let right = nibbles.len() == 4 && matches!(nibbles.first(), Some((6 | 9, _) | (_, 0)));
        right.then(|| {
            nibbles.iter().fold(Self { value: 0, mask: 0 }, |so_far, (value, mask)| Self {
                value: so_far.value << 4 | u16::from(*value),
                mask: so_far.mask << 4 | u16::from(*mask),
            })
        })
    }

    /// Whether this is such a status word.
    #[must_use]
    pub const fn fits(self, sw: Sw) -> bool {
        (self.value ^ sw.value()) & self.mask == 0
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shift in [12, 8, 4, 0] {
            match self.mask >> shift & 0xF {
                0 => f.write_str("?")?,
                _ => write!(f, "{:X}", self.value >> shift & 0xF)?,
            }
        }
        Ok(())
    }
}

/// What a field must be, or how it is called from then on.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Want {
    Same(Value),
    Keep(String),
}

/// What the data of an answer must be.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Data {
    /// Anything: it is not looked at.
    Unread,
    /// These bytes.
    Pattern(Pattern),
    /// These fields.
    Fields(Layout, Vec<(Field, Want)>),
}

/// What a card must answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Nothing: it has no power.
    Silence,
    /// This status, and this data.
    Status(StatusPattern, Data),
    /// These bytes, the last two of them the status.
    Wire(Pattern),
}

/// What a card answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: it has no power.
    Silence,
    /// Data and a status.
    Response {
        /// The data, put together from all its parts.
        data: Vec<u8>,
        /// The status word.
        sw: Sw,
    },
}

/// How an answer differs from what the script expects.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The card answered, and should have had no power.
    Spoke {
        /// What it said.
        sw: Sw,
    },
    /// The card said nothing.
    Silent {
        /// What it should have said.
        expected: String,
    },
    /// Another status.
    Status {
        /// What it should have been.
        expected: StatusPattern,
        /// What it is.
        got: Sw,
    },
    /// Other bytes.
    Bytes(Difference),
    /// Other fields.
    Fields {
        /// Name, expected value and the one that came, of each that differs; none if the answer has another form.
        fields: Vec<(&'static str, String, String)>,
        /// The same in bytes.
        difference: Difference,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spoke { sw } => write!(f, "  expected  silence\n  got       {sw}"),
            Self::Silent { expected } => write!(f, "  expected  {expected}\n  got       silence"),
            Self::Status { expected, got } => {
                let (want, came) = (expected.to_string(), format!("{:04X}", got.value()));
                let at = want.chars().zip(came.chars()).take_while(|(want, came)| *want == '?' || want == came).count();
                write!(f, "  expected  {want}\n  got       {got}\n            {:at$}^", "")
            }
            Self::Bytes(difference) => difference.fmt(f),
            Self::Fields { fields, difference } => {
                for (name, expected, got) in fields {
                    writeln!(f, "  {name}: expected {expected}, got {got}")?;
                }
                if fields.is_empty() {
                    writeln!(f, "  the answer does not have the form that this command's has")?;
                }
                difference.fmt(f)
            }
        }
    }
}

impl Expect {
    /// Reads what stands behind a `<`. `layout` is what the command answers, if that is known.
    pub(crate) fn parse<'w>(
        mut words: Words<'w>,
        layout: Option<Layout>,
        scope: &Scope,
        naming: &mut Vec<Naming<'w>>,
    ) -> Result<Self, Fault> {
        if words.take_if("silence") {
            return words.finish().map(|()| Self::Silence);
        }
        let first = words.clone().want("a status such as 9000, a field, or `silence`")?;
        let status = StatusPattern::parse(&first.text).filter(|_| !first.quoted);
        match status {
            Some(status) => {
                words.take();
                Ok(Self::Status(status, Data::parse(words, layout, scope, naming)?))
            }
            None if is_wire(first) => {
                let words = words.rest();
                match words.iter().find(|word| !is_wire(word)) {
                    Some(other) => Err(other.not("a pair of hex digits, as the bytes before it are written")),
                    None => Pattern::parse(words, scope, naming).map(Self::Wire),
                }
            }
            None if !first.quoted && first.text.chars().all(|c| nibble(c).is_some()) => Err(first.fault(
                "a status has four digits, the first 6 or 9; the bytes of an answer are written in pairs, as `00 00 90 00`",
            )),
            None => Ok(Self::Status(StatusPattern::OK, Data::parse(words, layout, scope, naming)?)),
        }
    }

    /// Compares.
    ///
    /// # Errors
    /// The outer one: what a card answered before cannot be used here. The inner one: it differs.
    pub(crate) fn compare(
        &self,
        answer: &Answer,
        kept: &mut Kept,
        decimals: u8,
    ) -> Result<Result<(), Mismatch>, String> {
        let (data, sw) = match (answer, self) {
            (Answer::Silence, Self::Silence) => return Ok(Ok(())),
            (Answer::Silence, other) => return Ok(Err(Mismatch::Silent { expected: other.to_string() })),
            (Answer::Response { sw, .. }, Self::Silence) => return Ok(Err(Mismatch::Spoke { sw: *sw })),
            (Answer::Response { data, sw }, _) => (data.as_slice(), *sw),
        };
        match self {
            Self::Silence => Ok(Ok(())),
            Self::Wire(pattern) => {
                let all = [data, &sw.bytes()].concat();
                Ok(keep(pattern.resolve(kept)?.fit(&all), kept, |_| None).map_err(Mismatch::Bytes))
            }
            Self::Status(status, _) if !status.fits(sw) => Ok(Err(Mismatch::Status { expected: *status, got: sw })),
            Self::Status(_, expected) => expected.compare(data, kept, decimals),
        }
    }
}

/// Takes what was found under its names.
fn keep(
    fitted: Result<Vec<(String, crate::kind::Bytes)>, Difference>,
    kept: &mut Kept,
    kind: impl Fn(&str) -> Option<Kind>,
) -> Result<(), Difference> {
    for (name, bytes) in fitted? {
        let kind = kind(&name);
        kept.0.insert(name, (bytes, kind));
    }
    Ok(())
}

/// Whether this word can stand in an answer that is written as it comes: a pair, `..`, a variable.
fn is_wire(word: &Word) -> bool {
    let pair = word.text.chars().count() == 2 && word.text.chars().all(|c| nibble(c).is_some());
    !word.quoted && (pair || word.text == ".." || word.text.starts_with('$'))
}

impl Data {
    fn parse<'w>(
        mut words: Words<'w>,
        layout: Option<Layout>,
        scope: &Scope,
        naming: &mut Vec<Naming<'w>>,
    ) -> Result<Self, Fault> {
        if words.is_empty() {
            return Ok(Self::Unread);
        }
        if words.take_if("no") {
            words.want_word("data")?;
            return words.finish().map(|()| Self::Pattern(Pattern::default()));
        }
        if words.take_if("data") {
            words.clone().want("a pattern of bytes")?;
            return Pattern::parse(words.rest(), scope, naming).map(Self::Pattern);
        }
        let mut fields: Vec<(Field, Want)> = Vec::new();
        let layout_of = |word: &Word| {
            layout.ok_or_else(|| word.not("`data` and bytes, or `no data`: only commands in words have fields"))
        };
        let first = words.clone().want("a field")?;
        let layout = layout_of(first)?;
        while let Some(word) = words.take() {
            let field = layout.field(&word.text).filter(|_| !word.quoted).ok_or_else(|| unknown(word, layout))?;
            if fields.iter().any(|((name, _), _)| *name == field.0) {
                return Err(word.fault(format!("the field `{}` is here already", field.0)));
            }
            let want = if words.take_if("as") {
                let word = words.want("a variable such as `$code`")?;
                let name = variable(word).ok_or_else(|| word.not("a variable such as `$code`"))?;
                naming.push(Naming { word, name: name.to_owned(), kind: Some(field.1) });
                Want::Keep(name.to_owned())
            } else {
                Want::Same(Value::parse(&mut words, field.1, scope)?)
            };
            fields.push((field, want));
        }
        Ok(Self::Fields(layout, fields))
    }

    fn compare(&self, data: &[u8], kept: &mut Kept, decimals: u8) -> Result<Result<(), Mismatch>, String> {
        let (layout, fields) = match self {
            Self::Unread => return Ok(Ok(())),
            Self::Pattern(pattern) => {
                let fitted = pattern.resolve(kept)?.fit(data);
                return Ok(keep(fitted, kept, |_| None).map_err(Mismatch::Bytes));
            }
            Self::Fields(layout, fields) => (*layout, fields),
        };
        let kinds: Vec<(String, Kind)> = fields
            .iter()
            .filter_map(|((_, kind), want)| match want {
                Want::Keep(name) => Some((name.clone(), *kind)),
                Want::Same(_) => None,
            })
            .collect();
        let kind = |name: &str| kinds.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
        let wanted = |name: &str| fields.iter().find(|((known, _), _)| *known == name);
        if layout == Layout::Fci {
            for ((name, kind_of), want) in fields {
                let mut cells = Cells::default();
                let expected = want.cells(&mut cells, *kind_of, kept)?;
                let value = in_fci(data, name);
                if let Err(difference) = keep(cells.fit(value), kept, kind) {
                    let shown = kind_of.show(expected.as_deref().map_or(&[], Vec::as_slice), decimals);
                    let fields = vec![(*name, shown, kind_of.show(value, decimals))];
                    return Ok(Err(Mismatch::Fields { fields, difference }));
                }
            }
            return Ok(Ok(()));
        }
        let (mut cells, mut at, mut differing) = (Cells::default(), 0_usize, Vec::new());
        let prefix = layout.prefix();
        cells.bytes(&prefix);
        at = at.saturating_add(prefix.len());
        for (name, kind_of) in layout.fields() {
            let end = kind_of.len().map_or(data.len(), |len| at.saturating_add(len));
            let came = data.get(at..end).unwrap_or_default();
            match wanted(name) {
                None => cells.skip(kind_of.len()),
                Some((_, want)) => {
                    let expected = want.cells(&mut cells, kind_of, kept)?;
                    if let Some(expected) = expected.filter(|expected| expected.as_slice() != came && !came.is_empty())
                    {
                        differing.push((name, kind_of.show(&expected, decimals), kind_of.show(came, decimals)));
                    }
                }
            }
            at = end;
        }
        let fitted = keep(cells.fit(data), kept, kind);
        Ok(fitted.map_err(|difference| Mismatch::Fields { fields: differing, difference }))
    }
}

impl Want {
    /// Adds what is wanted to a pattern; returns the bytes, if they are known.
    fn cells(&self, cells: &mut Cells, kind: Kind, kept: &Kept) -> Result<Option<crate::kind::Bytes>, String> {
        match self {
            Self::Keep(name) => {
                cells.keep(name, kind.len());
                Ok(None)
            }
            Self::Same(value) => {
                let bytes = value.bytes(Some(kind), kept)?;
                cells.bytes(&bytes);
                Ok(Some(bytes))
            }
        }
    }
}

fn unknown(word: &Word, layout: Layout) -> Fault {
    let fields = layout.fields();
    let names: Vec<String> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => word.fault(format!("{} is no field: this command answers no data", shown(&word.text))),
        names => word.fault(format!("{} is no field of this answer: it has {}", shown(&word.text), names.join(", "))),
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence => f.write_str("silence"),
            Self::Wire(pattern) => pattern.fmt(f),
            Self::Status(status, data) => {
                status.fmt(f)?;
                match data {
                    Data::Unread => Ok(()),
                    Data::Pattern(pattern) if pattern.0.is_empty() => f.write_str(" no data"),
                    Data::Pattern(pattern) => write!(f, " data {pattern}"),
                    Data::Fields(_, fields) => fields.iter().try_for_each(|((name, _), want)| match want {
                        Want::Same(value) => write!(f, " {name} {}", value.text()),
                        Want::Keep(kept) => write!(f, " {name} as ${kept}"),
                    }),
                }
            }
        }
    }
}
