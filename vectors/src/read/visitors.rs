//! The shape of a vector file, as serde visits it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::piece::Piece;
use super::strict::Strict;
use super::{Head, Visit};
use crate::error::VectorError;
use crate::expect::Expect;
use crate::kind::{Group, Kind, Test};

/// Tests that stand before what they share wait for it here, up to this many.
const WAITING: usize = 10_000;

const FILE_FIELDS: &[&str] = &["format", "version", "kind", "name", "source", "notes", "groups"];
const GROUP_FIELDS: &[&str] = &["comment", "statements", "shared", "tests"];

/// The head, field by field.
#[derive(Default)]
pub(super) struct HeadFields {
    format: Option<String>,
    version: Option<u64>,
    kind: Option<String>,
    name: Option<String>,
    source: Option<String>,
    notes: Option<BTreeMap<String, String>>,
    /// Whether the reading was stopped at the groups because all the others are known.
    pub(super) stopped: bool,
}

impl HeadFields {
    const fn is_complete(&self) -> bool {
        self.format.is_some()
            && self.version.is_some()
            && self.kind.is_some()
            && self.name.is_some()
            && self.source.is_some()
            && self.notes.is_some()
    }

    /// The head, if it is one of ours.
    pub(super) fn into_head(self, file: String) -> Result<Head, VectorError> {
        let missing = |field: &str| VectorError::Schema {
            file: file.clone(),
            line: 1,
            column: 1,
            path: "the file".into(),
            message: format!("missing field `{field}`"),
        };
        let format = self.format.ok_or_else(|| missing("format"))?;
        let version = self.version.ok_or_else(|| missing("version"))?;
        let kind = self.kind.ok_or_else(|| missing("kind"))?;
        let name = self.name.ok_or_else(|| missing("name"))?;
        let source = self.source.ok_or_else(|| missing("source"))?;
        if format != "digitally-vectors" {
            return Err(VectorError::Format { file, found: format });
        }
        if version != 1 {
            return Err(VectorError::Version { file, found: version });
        }
        Ok(Head { file, kind, name, source, notes: self.notes.unwrap_or_default() })
    }
}

/// Reads the head of a file.
pub(super) struct HeadSeed<'h> {
    pub(super) fields: &'h mut HeadFields,
    pub(super) piece: &'h Piece,
}

impl<'de> DeserializeSeed<'de> for HeadSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for HeadSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vector file, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let fields = self.fields;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "format" => once(&mut fields.format, "format", &mut map)?,
                "version" => once(&mut fields.version, "version", &mut map)?,
                "kind" => once(&mut fields.kind, "kind", &mut map)?,
                "name" => once(&mut fields.name, "name", &mut map)?,
                "source" => once(&mut fields.source, "source", &mut map)?,
                "notes" => once(&mut fields.notes, "notes", &mut map)?,
                "groups" if fields.is_complete() => {
                    fields.stopped = true;
                    return Err(A::Error::custom("enough"));
                }
                "groups" => {
                    self.piece.skip();
                    map.next_value::<IgnoredAny>()?;
                    self.piece.next();
                }
                other => return Err(A::Error::unknown_field(other, FILE_FIELDS)),
            }
        }
        Ok(())
    }
}

/// Reads a field that may stand once.
fn once<'de, T: serde::Deserialize<'de>, A: MapAccess<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if place.replace(map.next_value_seed(Strict(PhantomData))?).is_some() {
        Err(A::Error::duplicate_field(name))
    } else {
        Ok(())
    }
}

/// Reads the groups of a file, and shows each of their tests.
pub(super) struct FileSeed<'v, K, V> {
    head: &'v Head,
    visit: &'v mut V,
    stopped: &'v mut Option<VectorError>,
    piece: &'v Piece,
    kind: PhantomData<K>,
}

impl<'v, K: Kind, V: Visit> FileSeed<'v, K, V> {
    /// `stopped` keeps the error by which `visit`, or a test, stopped the reading.
    pub(super) fn new(
        head: &'v Head,
        visit: &'v mut V,
        stopped: &'v mut Option<VectorError>,
        piece: &'v Piece,
    ) -> Self {
        Self { head, visit, stopped, piece, kind: PhantomData }
    }

    fn reborrow(&mut self) -> FileSeed<'_, K, V> {
        FileSeed { head: self.head, visit: self.visit, stopped: self.stopped, piece: self.piece, kind: PhantomData }
    }

    fn stop<E: Error>(&mut self, error: VectorError) -> E {
        *self.stopped = Some(error);
        E::custom("stopped")
    }

    fn empty<E: Error>(&mut self, place: String) -> E {
        let file = self.head.file.clone();
        self.stop(VectorError::Empty { file, place })
    }

    /// Checks what no schema can say, and shows the test.
    fn show<E: Error>(&mut self, group: &Group<K>, test: Test<K>) -> Result<(), E> {
        if let Some(rule) = fault(self.head, &test).or_else(|| K::fault(&group.shared, &test)) {
            let (file, id) = (self.head.file.clone(), test.id);
            return Err(self.stop(VectorError::Test { file, id, rule }));
        }
        self.visit.test(self.head, group, test).map_err(|error| self.stop(error))
    }
}

/// The rule that a test breaks, if it breaks one.
fn fault<K: Kind>(head: &Head, test: &Test<K>) -> Option<String> {
    let proper = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=100).contains(&test.id.len()) || !test.id.bytes().all(proper) {
        return Some("an id has 1 to 100 lower-case letters, digits and hyphens".into());
    }
    if let Some(flag) = test.flags.iter().find(|flag| !head.notes.contains_key(*flag)) {
        return Some(format!("unknown flag `{flag}`: the file has no note about it"));
    }
    match (&test.expect, &test.output) {
        (Expect::Accept, None) => Some("it expects `accept`, but has no `output`".into()),
        (Expect::Refuse(_) | Expect::Malformed(_), Some(_)) => {
            Some(format!("it expects `{}`, but has an `output`", test.expect))
        }
        _ => None,
    }
}

impl<'de, K: Kind, V: Visit> DeserializeSeed<'de> for FileSeed<'_, K, V> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, K: Kind, V: Visit> Visitor<'de> for FileSeed<'_, K, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a vector file, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut groups = None;
        // The head may have been read to the groups only: what comes after them is looked at here.
        let mut found = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some(field) = FILE_FIELDS.iter().find(|field| **field == key) else {
                return Err(A::Error::unknown_field(&key, FILE_FIELDS));
            };
            if !found.insert(*field) {
                return Err(A::Error::duplicate_field(field));
            }
            if key == "groups" {
                groups = Some(map.next_value_seed(Groups(self.reborrow()))?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        match groups {
            None => Err(A::Error::missing_field("groups")),
            Some(0) => Err(self.empty("the file".into())),
            Some(_) => Ok(()),
        }
    }
}

/// The array of groups; its value is how many there are.
struct Groups<'v, K, V>(FileSeed<'v, K, V>);

impl<'de, K: Kind, V: Visit> DeserializeSeed<'de> for Groups<'_, K, V> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, K: Kind, V: Visit> Visitor<'de> for Groups<'_, K, V> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of groups")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<usize, A::Error> {
        let mut count: usize = 0;
        while seq.next_element_seed(OneGroup { file: self.0.reborrow(), number: count })?.is_some() {
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}

/// One group.
struct OneGroup<'v, K, V> {
    file: FileSeed<'v, K, V>,
    number: usize,
}

impl<'de, K: Kind, V: Visit> DeserializeSeed<'de> for OneGroup<'_, K, V> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, K: Kind, V: Visit> Visitor<'de> for OneGroup<'_, K, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a group, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let (mut comment, mut statements, mut shared) = (None, None::<Vec<String>>, None);
        let mut group: Option<Group<K>> = None;
        let mut waiting = Vec::new();
        let mut count = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                // What comes after the tests would come too late for them.
                "comment" if group.is_none() => once(&mut comment, "comment", &mut map)?,
                "statements" if group.is_none() => once(&mut statements, "statements", &mut map)?,
                "shared" if group.is_none() => once(&mut shared, "shared", &mut map)?,
                "comment" => return Err(A::Error::duplicate_field("comment")),
                "shared" => return Err(A::Error::duplicate_field("shared")),
                "statements" => {
                    return Err(A::Error::custom(
                        "`statements` stands twice, or after `comment`, `shared` and `tests`",
                    ));
                }
                "tests" if count.is_some() => return Err(A::Error::duplicate_field("tests")),
                "tests" => {
                    // Both or none: one alone is kept until the other has come.
                    (comment, shared) = match (comment, shared) {
                        (Some(comment), Some(shared)) => {
                            let statements = statements.take().unwrap_or_default();
                            group = Some(Group { comment, statements, shared, tests: Vec::new() });
                            (None, None)
                        }
                        some => some,
                    };
                    let tests = Tests { file: self.file.reborrow(), group: group.as_ref(), waiting: &mut waiting };
                    count = Some(map.next_value_seed(tests)?);
                }
                other => return Err(A::Error::unknown_field(other, GROUP_FIELDS)),
            }
        }
        let group = match group {
            Some(group) => group,
            None => Group {
                comment: comment.ok_or_else(|| A::Error::missing_field("comment"))?,
                statements: statements.unwrap_or_default(),
                shared: shared.ok_or_else(|| A::Error::missing_field("shared"))?,
                tests: Vec::new(),
            },
        };
        match count {
            None => return Err(A::Error::missing_field("tests")),
            Some(0) => {
                let number = self.number;
                return Err(self.file.empty(format!("groups[{number}] ({})", group.comment)));
            }
            Some(_) => {}
        }
        waiting.into_iter().try_for_each(|test| self.file.show(&group, test))?;
        self.file.piece.next();
        Ok(())
    }
}

/// The array of tests of one group; its value is how many there are.
struct Tests<'v, K: Kind, V> {
    file: FileSeed<'v, K, V>,
    /// Nothing if what they share has not been read yet: then they wait.
    group: Option<&'v Group<K>>,
    waiting: &'v mut Vec<Test<K>>,
}

impl<'de, K: Kind, V: Visit> DeserializeSeed<'de> for Tests<'_, K, V> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, K: Kind, V: Visit> Visitor<'de> for Tests<'_, K, V> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of tests")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<usize, A::Error> {
        let mut count: usize = 0;
        while let Some(test) = seq.next_element_seed(Strict(PhantomData::<Test<K>>))? {
            count = count.saturating_add(1);
            match self.group {
                Some(group) => {
                    self.file.show(group, test)?;
                    self.file.piece.next();
                }
                // Those that wait are held together: one piece.
                None if self.waiting.len() < WAITING => self.waiting.push(test),
                None => {
                    return Err(A::Error::custom(format_args!(
                        "with more than {WAITING} tests, `comment` and `shared` have to stand before `tests`"
                    )));
                }
            }
        }
        Ok(count)
    }
}
