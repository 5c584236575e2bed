//! The items of a menu or of a choice.

use core::fmt;

use crate::fields::{Fields, Flagged};
use crate::{Alpha, Tlv, tag, tlv};

/// One item.
///
/// Source: ETSI TS 102 223 clause 8.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// By which it is chosen: 1 to 255.
    pub id: u8,
    /// What is shown.
    pub text: Alpha<'a>,
}

/// Items in their order: as an applet lists them, or as they stand in a command that was read.
///
/// No items at all are written as one empty data object, which for SET UP MENU takes the menu away.
#[derive(Clone, Copy)]
pub struct Items<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Listed(&'a [Item<'a>]),
    /// All data objects of the command; its items are among them.
    Read(&'a [u8]),
}

impl<'a> Items<'a> {
    /// These items.
    #[must_use]
    pub const fn new(items: &'a [Item<'a>]) -> Self {
        Self(Source::Listed(items))
    }

    /// The items among these data objects; `None` if there are none, or if one is not an item.
    pub(crate) fn read(fields: &Fields<'a>) -> Option<Self> {
        let items = Self(Source::Read(fields.bytes()));
        let mut count = 0_usize;
        let mut empty = 0_usize;
        for value in values(fields.bytes()) {
            count = count.saturating_add(1);
            match value {
                [] => empty = empty.saturating_add(1),
                [0, ..] => return None,
                _ => {}
            }
        }
        // An empty one stands alone.
        (count > 0 && (empty == 0 || count == 1)).then_some(items)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let (listed, read) = match self.0 {
            Source::Listed(items) => (items, [].as_slice()),
            Source::Read(bytes) => ([].as_slice(), bytes),
        };
        let read = values(read).filter_map(|value| match value {
            [id, text @ ..] => Some(Item { id: *id, text: Alpha::new(text) }),
            [] => None,
        });
        listed.iter().copied().chain(read)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none: the menu is to be taken away.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The item of this identifier.
    #[must_use]
    pub fn find(&self, id: u8) -> Option<Item<'a>> {
        self.iter().find(|item| item.id == id)
    }

    pub(crate) fn encode(&self, out: &mut Flagged<'_, '_>) {
        if self.is_empty() {
            out.put(tag::ITEM, &[]);
        }
        self.iter().for_each(|item| out.put(tag::ITEM, &[&[item.id], item.text.bytes()]));
    }
}

fn values(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let items = tlv::iter(bytes).filter_map(Result::ok).filter(|object| object.tag.number == u16::from(tag::ITEM));
    items.map(|Tlv { value, .. }| value)
}

impl PartialEq for Items<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Items<'_> {}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
