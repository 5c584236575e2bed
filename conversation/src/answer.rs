//! What commands answer: the fields of each, by name, as `docs/applet.md` has them.

use apdu::{Tag, tlv};

use crate::kind::{Kind, Names};

/// A field: its name in a script, and what it is.
pub(crate) type Field = (&'static str, Kind);

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One field after the other.
    Fields(&'static [Field]),
    /// A data object with this tag, and in it one field after the other.
    Object(u16, &'static [Field]),
    /// File control information: each field is a data object of its own.
    Fci,
}

const U8: Kind = Kind::Count(1);
const U16: Kind = Kind::Count(2);
const U32: Kind = Kind::Count(4);

const KINDS: Names = &[(1, "paid"), (2, "received"), (3, "loaded"), (4, "unloaded")];
const STATES: Names = &[(0, "blank"), (1, "personalised"), (2, "blocked")];

pub(crate) const NOTHING: Layout = Layout::Fields(&[]);
pub(crate) const BALANCE: Layout = Layout::Fields(&[("balance", Kind::Amount)]);
pub(crate) const REQUEST: Layout = Layout::Fields(&[("id", U32), ("code", Kind::Code)]);
pub(crate) const CONFIRM: Layout =
    Layout::Fields(&[("entry", U32), ("payer", Kind::Number), ("amount", Kind::Amount), ("balance", Kind::Amount)]);
pub(crate) const CHECK: Layout = Layout::Fields(&[("name", Kind::Name), ("after", Kind::Amount)]);
pub(crate) const AUTHORISE: Layout = Layout::Fields(&[("entry", U32), ("balance", Kind::Amount), ("code", Kind::Code)]);
pub(crate) const RECEIPT: Layout = Layout::Fields(&[("balance", Kind::Amount), ("mac", Kind::Bytes(8))]);
pub(crate) const ENTRY: Layout = Layout::Fields(&[
    ("entry", U32),
    ("kind", Kind::Named(KINDS)),
    ("scheme", U8),
    ("epoch", U8),
    ("flags", U8),
    ("peer", Kind::Number),
    ("amount", Kind::Amount),
    ("payee-nonce", U32),
    ("payer-nonce", U32),
    ("balance", Kind::Amount),
]);
pub(crate) const LAST: Layout = Layout::Fields(&[
    ("entry", U32),
    ("kind", Kind::Named(KINDS)),
    ("scheme", U8),
    ("epoch", U8),
    ("flags", U8),
    ("peer", Kind::Number),
    ("amount", Kind::Amount),
    ("payee-nonce", U32),
    ("payer-nonce", U32),
    ("balance", Kind::Amount),
    ("code", Kind::Code),
]);
pub(crate) const CONTACT: Layout = Layout::Fields(&[("number", Kind::Number), ("name", Kind::Name)]);
pub(crate) const OPEN_REQUEST: Layout = Layout::Fields(&[
    ("id", U32),
    ("payer", Kind::Number),
    ("amount", Kind::Amount),
    ("payee-nonce", U32),
    ("tries", U8),
    ("cancelled", U8),
    ("scheme", U8),
    ("epoch", U8),
    ("code", Kind::Code),
]);
pub(crate) const CHANNEL: Layout = Layout::Fields(&[("channel", U8)]);
pub(crate) const HOLDER: Layout = Layout::Object(
    0xDF20,
    &[
        ("number", Kind::Number),
        ("currency", Kind::Currency),
        ("decimals", U8),
        ("sequence", U8),
        ("state", Kind::Named(STATES)),
    ],
);
pub(crate) const PROFILE: Layout = Layout::Object(
    0xDF21,
    &[
        ("profile", U8),
        ("scheme", U8),
        ("epoch", U8),
        ("algorithm", U8),
        ("request-nonce", U8),
        ("request-check", U8),
        ("response-nonce", U8),
        ("response-check", U8),
    ],
);
pub(crate) const LIMITS: Layout = Layout::Object(
    0xDF22,
    &[
        ("payment", Kind::Amount),
        ("balance", Kind::Amount),
        ("requests", U16),
        ("wrong-responses", U16),
        ("tries", U8),
        ("wrong-requests", U8),
        ("unacknowledged", U16),
    ],
);
pub(crate) const COUNTERS: Layout = Layout::Object(
    0xDF23,
    &[
        ("paid", U32),
        ("received", U32),
        ("requests", U32),
        ("wrong-responses", U32),
        ("wrong-requests", U32),
        ("pins", U32),
        ("wrong-pins", U32),
        ("orders", U32),
        ("new-requests", U16),
        ("new-wrong-responses", U16),
        ("unacknowledged", U16),
        ("pin-tries", U8),
        ("puk-tries", U8),
    ],
);
pub(crate) const CAPACITY: Layout = Layout::Object(
    0xDF24,
    &[("serials", U16), ("requests", U16), ("payees", U16), ("paid", U16), ("history", U16), ("contacts", U16)],
);
pub(crate) const TOTALS: Layout =
    Layout::Object(0xDF25, &[("entries", U32), ("received", Kind::Count(8)), ("chain", Kind::Bytes(16))]);

/// The fields of [`Layout::Fci`] and the way to each.
const FCI: [(Field, &[Tag]); 3] = [
    (("aid", Kind::Aid), &[Tag::new(0x6F), Tag::new(0x84)]),
    (("label", Kind::Text), &[Tag::new(0x6F), Tag::new(0xA5), Tag::new(0x50)]),
    (("version", Kind::Bytes(2)), &[Tag::new(0x6F), Tag::new(0xA5), Tag::new(0xDF26)]),
];

impl Layout {
    /// Its fields, in their order.
    pub(crate) fn fields(self) -> Vec<Field> {
        match self {
            Self::Fields(fields) | Self::Object(_, fields) => fields.to_vec(),
            Self::Fci => FCI.iter().map(|(field, _)| *field).collect(),
        }
    }

    /// The field of this name.
    pub(crate) fn field(self, name: &str) -> Option<Field> {
        self.fields().into_iter().find(|(known, _)| *known == name)
    }

    /// What stands before the first field.
    pub(crate) fn prefix(self) -> Vec<u8> {
        let Self::Object(tag, fields) = self else { return Vec::new() };
        let length: usize = fields.iter().filter_map(|(_, kind)| kind.len()).sum();
        let [high, low] = tag.to_be_bytes();
        vec![high, low, u8::try_from(length).unwrap_or(u8::MAX)]
    }
}

/// The value of a field of file control information; empty if it is not there.
pub(crate) fn in_fci<'d>(data: &'d [u8], name: &str) -> &'d [u8] {
    let path = FCI.iter().find(|((known, _), _)| *known == name).map_or([].as_slice(), |(_, path)| path);
    tlv::find(data, path).ok().flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use applet_model::purse::{Capacity, Checked, Contact, Counters, DataObject, Entry, Folded, Holder, IssuerReceipt};
    use applet_model::purse::{Limits, OpenRequest, ProfileData, Received};
    use applet_model::runtime::Fixed;

    fn length(layout: Layout) -> usize {
        layout.fields().iter().filter_map(|(_, kind)| kind.len()).sum()
    }

    /// As long as what the purse answers, and each field under one name.
    #[test]
    fn the_forms_are_those_of_the_purse() {
        let tables = [
            (CONFIRM, Received::LEN),
            (CHECK, Checked::LEN),
            (ENTRY, Entry::LEN),
            (LAST, Entry::LEN),
            (RECEIPT, IssuerReceipt::LEN),
            (CONTACT, Contact::LEN),
            (OPEN_REQUEST, OpenRequest::LEN),
            (HOLDER, Holder::LEN),
            (PROFILE, ProfileData::LEN),
            (LIMITS, Limits::LEN),
            (COUNTERS, Counters::LEN),
            (CAPACITY, Capacity::LEN),
            (TOTALS, Folded::LEN),
        ];
        for (layout, len) in tables {
            assert_eq!(length(layout), len, "{layout:?}");
            let names: std::collections::BTreeSet<&str> = layout.fields().iter().map(|(name, _)| *name).collect();
            assert_eq!(names.len(), layout.fields().len(), "{layout:?}");
        }
        let tags = [Holder::TAG, ProfileData::TAG, Limits::TAG, Counters::TAG, Capacity::TAG, Folded::TAG];
        for (layout, tag) in [HOLDER, PROFILE, LIMITS, COUNTERS, CAPACITY, TOTALS].into_iter().zip(tags) {
            assert_eq!(layout.prefix()[..2], tag.to_be_bytes());
        }
    }
}
