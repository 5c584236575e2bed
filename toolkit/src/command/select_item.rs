//! SELECT ITEM: a choice.

use super::{Body, bit};
use crate::element::{Icon, byte};
use crate::fields::{Fields, Flagged};
use crate::{Alpha, CommandType, DecodeError, Device, Items, TagSet, tag};

/// What kind of choice it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presentation {
    /// Of data values.
    Values,
    /// Of ways to go on.
    Navigation,
}

/// `24`: lets a person choose one of some items.
///
/// | qualifier | off | on |
/// |---|---|---|
/// | bit 1 | presentation is not specified | it is that of bit 2 |
/// | bit 2 | data values | navigation options |
/// | bit 3 | | soft keys preferred |
/// | bit 8 | | there is help |
///
/// Source: ETSI TS 102 223 clause 6.6.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectItem<'a> {
    /// What kind of choice it is.
    pub presentation: Option<Presentation>,
    /// Whether soft keys are preferred.
    pub soft_keys: bool,
    /// Whether the person may ask for help with an item.
    pub help: bool,
    /// The title.
    pub title: Option<Alpha<'a>>,
    /// What to choose from, one or more.
    pub items: Items<'a>,
    /// For each item, the type of the command to which it leads, or 00.
    pub next_actions: Option<&'a [u8]>,
    /// The item on which the choice begins.
    pub default_item: Option<u8>,
    /// An icon for the title.
    pub icon: Option<Icon>,
    /// A qualifier, and for each item the record of an icon.
    pub item_icons: Option<&'a [u8]>,
    /// How the title is drawn.
    pub text_attribute: Option<&'a [u8]>,
    /// How the items are drawn: four bytes for each.
    pub item_attributes: Option<&'a [u8]>,
}

impl<'a> Body<'a> for SelectItem<'a> {
    const TYPE: CommandType = CommandType::SELECT_ITEM;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[
        tag::ALPHA,
        tag::ITEM,
        tag::NEXT_ACTIONS,
        tag::ITEM_ID,
        tag::ICON,
        tag::ITEM_ICONS,
        tag::TEXT_ATTRIBUTE,
        tag::ITEM_TEXT_ATTRIBUTES,
    ]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        let items = fields.required(tag::ITEM, |_| Items::read(fields).filter(|items| !items.is_empty()))?;
        Ok(Self {
            presentation: match qualifier & 0x03 {
                0x01 => Some(Presentation::Values),
                0x03 => Some(Presentation::Navigation),
                _ => None,
            },
            soft_keys: qualifier & 0x04 != 0,
            help: qualifier & 0x80 != 0,
            title: fields.optional(tag::ALPHA, |value| Some(Alpha::new(value)))?,
            items,
            next_actions: fields.optional(tag::NEXT_ACTIONS, Some)?,
            default_item: fields.optional(tag::ITEM_ID, byte)?,
            icon: fields.optional(tag::ICON, Icon::read)?,
            item_icons: fields.optional(tag::ITEM_ICONS, Some)?,
            text_attribute: fields.optional(tag::TEXT_ATTRIBUTE, Some)?,
            item_attributes: fields.optional(tag::ITEM_TEXT_ATTRIBUTES, Some)?,
        })
    }

    fn qualifier(&self) -> u8 {
        let presentation = match self.presentation {
            None => 0x00,
            Some(Presentation::Values) => 0x01,
            Some(Presentation::Navigation) => 0x03,
        };
        presentation | bit(self.soft_keys, 0x04) | bit(self.help, 0x80)
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put_if(tag::ALPHA, self.title.as_ref().map(Alpha::bytes));
        self.items.encode(out);
        out.put_if(tag::NEXT_ACTIONS, self.next_actions);
        out.put_if(tag::ITEM_ID, self.default_item.as_ref().map(core::slice::from_ref));
        out.put_if(tag::ICON, self.icon.map(Icon::bytes).as_ref().map(<[u8; 2]>::as_slice));
        out.put_if(tag::ITEM_ICONS, self.item_icons);
        out.put_if(tag::TEXT_ATTRIBUTE, self.text_attribute);
        out.put_if(tag::ITEM_TEXT_ATTRIBUTES, self.item_attributes);
    }
}

impl<'a> SelectItem<'a> {
    /// A choice with a title.
    #[must_use]
    pub const fn new(title: Alpha<'a>, items: Items<'a>) -> Self {
        Self {
            presentation: None,
            soft_keys: false,
            help: false,
            title: Some(title),
            items,
            next_actions: None,
            default_item: None,
            icon: None,
            item_icons: None,
            text_attribute: None,
            item_attributes: None,
        }
    }
}
