//! The data objects of one message: found by tag when read, and what is left over kept.

use core::fmt;

use crate::{DecodeError, DecodeErrorKind, Tag, TagSet, Tlv, Writer, tag, tlv};

/// A sequence of data objects that was checked to be one.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    /// Where they begin in the whole input.
    base: usize,
}

/// One of them, and where its value begins.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) value: &'a [u8],
    pub(crate) offset: usize,
}

/// The data objects of a message that have no field of their own, in their order: they are kept, and written behind all
/// others.
///
/// Of a tag that has a field, a second data object is here.
#[derive(Clone, Copy, Default)]
pub struct Extra<'a> {
    bytes: &'a [u8],
    taken: TagSet,
}

impl<'a> Fields<'a> {
    /// All of `bytes`, which begin at `base`.
    pub(crate) fn new(bytes: &'a [u8], base: usize) -> Result<Self, DecodeError> {
        tlv::iter(bytes).try_for_each(|object| object.map(|_| ())).map_err(|error| error.behind(base))?;
        Ok(Self { bytes, base })
    }

    /// What is in the outer BER-TLV, whose tag must be this and behind which there must be nothing.
    pub(crate) fn within(outer: u8, input: &'a [u8]) -> Result<Self, DecodeError> {
        match input.split_first() {
            Some((tag, _)) if *tag == outer => {}
            _ => return Err(DecodeError::new(0, DecodeErrorKind::OuterTag { expected: outer })),
        }
        let (bytes, behind) = tlv::valued(input.get(1..).unwrap_or_default()).map_err(|error| error.behind(1))?;
        let end = input.len().saturating_sub(behind.len());
        if !behind.is_empty() {
            return Err(DecodeError::new(end, DecodeErrorKind::TrailingBytes { count: behind.len() }));
        }
        Self::new(bytes, end.saturating_sub(bytes.len()))
    }

    pub(crate) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The first with this tag.
    pub(crate) fn find(&self, number: u8) -> Option<Field<'a>> {
        let mut objects = tlv::iter(self.bytes);
        while let Some(Ok(Tlv { tag, value })) = objects.next() {
            if tag.number == u16::from(number) {
                let offset = self.base.saturating_add(objects.offset()).saturating_sub(value.len());
                return Some(Field { value, offset });
            }
        }
        None
    }

    /// The first with this tag, read; `None` if there is none.
    pub(crate) fn optional<T>(
        &self,
        number: u8,
        read: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<Option<T>, DecodeError> {
        let Some(Field { value, offset }) = self.find(number) else { return Ok(None) };
        let what = tag::name(u16::from(number)).unwrap_or("a data object");
        read(value).map(Some).ok_or(DecodeError::new(offset, DecodeErrorKind::Value { what }))
    }

    /// The first with this tag, read; an error if there is none.
    pub(crate) fn required<T>(&self, number: u8, read: impl FnOnce(&'a [u8]) -> Option<T>) -> Result<T, DecodeError> {
        let end = self.base.saturating_add(self.bytes.len());
        let missing = DecodeError::new(end, DecodeErrorKind::Missing { tag: number });
        self.optional(number, read)?.ok_or(missing)
    }

    /// The tags of `taken` that have the comprehension flag; those that do not occur count as in `usual`.
    pub(crate) fn flags(&self, taken: TagSet, usual: TagSet) -> TagSet {
        let mut seen = TagSet::NONE;
        tlv::iter(self.bytes).filter_map(Result::ok).fold(usual, |set, Tlv { tag, .. }| {
            match u8::try_from(tag.number) {
                Ok(number) if taken.contains(tag.number) && !seen.contains(tag.number) => {
                    seen = seen.with(number);
                    if tag.comprehension { set.with(number) } else { set.without(number) }
                }
                _ => set,
            }
        })
    }

    /// All that is not the first of a tag in `taken`.
    pub(crate) const fn except(&self, taken: TagSet) -> Extra<'a> {
        Extra { bytes: self.bytes, taken }
    }
}

impl<'a> Extra<'a> {
    /// None.
    pub const NONE: Extra<'static> = Extra { bytes: &[], taken: TagSet::NONE };

    /// These encoded data objects, for a message that is to be written.
    ///
    /// # Errors
    /// If they are not data objects.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        Fields::new(bytes, 0).map(|fields| fields.except(TagSet::NONE))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Tlv<'a>> + use<'a> {
        let mut taken = self.taken;
        tlv::iter(self.bytes).filter_map(Result::ok).filter(move |object| {
            let field = taken.contains(object.tag.number);
            // All items are a field, not only the first.
            if let (true, Ok(number)) = (field && !is_item(object.tag), u8::try_from(object.tag.number)) {
                taken = taken.without(number);
            }
            !field
        })
    }

    /// The value of the first with this tag number.
    #[must_use]
    pub fn find(&self, number: u8) -> Option<&'a [u8]> {
        self.iter().find(|object| object.tag.number == u16::from(number)).map(|object| object.value)
    }

    /// The first tag here whose sender says that it must be understood. A terminal to which it means nothing answers
    /// [`DATA_NOT_UNDERSTOOD`](crate::ResultCode::DATA_NOT_UNDERSTOOD); what has no such flag is ignored.
    ///
    /// Text attributes and frames, `50`, `51` and `68`, are no reason to refuse: how a text is drawn is up to those who
    /// draw it, so they are passed over here.
    #[must_use]
    pub fn not_understood(&self) -> Option<Tag> {
        const DRAWING: TagSet = TagSet::of(&[tag::TEXT_ATTRIBUTE, tag::ITEM_TEXT_ATTRIBUTES, tag::FRAME]);
        self.iter().map(|object| object.tag).find(|tag| tag.comprehension && !DRAWING.contains(tag.number))
    }

    pub(crate) fn encode(&self, writer: &mut Writer<'_>) {
        self.iter().for_each(|object| writer.put(object.tag, &[object.value]));
    }
}

const fn is_item(tag: Tag) -> bool {
    tag.number == Tag::may(tag::ITEM).number
}

impl PartialEq for Extra<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Extra<'_> {}

impl fmt::Debug for Extra<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Writes data objects with the comprehension flags wanted.
pub(crate) struct Flagged<'w, 'b> {
    pub(crate) writer: &'w mut Writer<'b>,
    pub(crate) flags: TagSet,
}

impl Flagged<'_, '_> {
    pub(crate) fn put(&mut self, number: u8, parts: &[&[u8]]) {
        let comprehension = self.flags.contains(u16::from(number));
        self.writer.put(Tag { comprehension, ..Tag::may(number) }, parts);
    }

    pub(crate) fn put_if(&mut self, number: u8, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.put(number, &[value]);
        }
    }
}
