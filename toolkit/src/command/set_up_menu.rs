//! SET UP MENU: the card's entries in the terminal's own menu.

use super::{Body, bit};
use crate::element::Icon;
use crate::fields::{Fields, Flagged};
use crate::{Alpha, CommandType, DecodeError, Device, Items, TagSet, tag};

/// `25`: puts the card's entries into the terminal's menu, instead of those that were there; what is chosen comes as an
/// envelope, at any time. No items take them away.
///
/// | qualifier | off | on |
/// |---|---|---|
/// | bit 1 | | soft keys preferred |
/// | bit 8 | | there is help |
///
/// Source: ETSI TS 102 223 clause 6.6.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUpMenu<'a> {
    /// Whether soft keys are preferred.
    pub soft_keys: bool,
    /// Whether the person may ask for help with an item.
    pub help: bool,
    /// The title.
    pub title: Alpha<'a>,
    /// The entries.
    pub items: Items<'a>,
    /// For each item, the type of the command to which it leads, or 00.
    pub next_actions: Option<&'a [u8]>,
    /// An icon for the title.
    pub icon: Option<Icon>,
    /// A qualifier, and for each item the record of an icon.
    pub item_icons: Option<&'a [u8]>,
    /// How the title is drawn.
    pub text_attribute: Option<&'a [u8]>,
    /// How the items are drawn: four bytes for each.
    pub item_attributes: Option<&'a [u8]>,
}

impl<'a> Body<'a> for SetUpMenu<'a> {
    const TYPE: CommandType = CommandType::SET_UP_MENU;
    const TO: Device = Device::TERMINAL;
    const TAKEN: TagSet = TagSet::of(&[
        tag::ALPHA,
        tag::ITEM,
        tag::NEXT_ACTIONS,
        tag::ICON,
        tag::ITEM_ICONS,
        tag::TEXT_ATTRIBUTE,
        tag::ITEM_TEXT_ATTRIBUTES,
    ]);

    fn decode(qualifier: u8, fields: &Fields<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            soft_keys: qualifier & 0x01 != 0,
            help: qualifier & 0x80 != 0,
            title: fields.required(tag::ALPHA, |value| Some(Alpha::new(value)))?,
            items: fields.required(tag::ITEM, |_| Items::read(fields))?,
            next_actions: fields.optional(tag::NEXT_ACTIONS, Some)?,
            icon: fields.optional(tag::ICON, Icon::read)?,
            item_icons: fields.optional(tag::ITEM_ICONS, Some)?,
            text_attribute: fields.optional(tag::TEXT_ATTRIBUTE, Some)?,
            item_attributes: fields.optional(tag::ITEM_TEXT_ATTRIBUTES, Some)?,
        })
    }

    fn qualifier(&self) -> u8 {
        bit(self.soft_keys, 0x01) | bit(self.help, 0x80)
    }

    fn encode(&self, out: &mut Flagged<'_, '_>) {
        out.put(tag::ALPHA, &[self.title.bytes()]);
        self.items.encode(out);
        out.put_if(tag::NEXT_ACTIONS, self.next_actions);
        out.put_if(tag::ICON, self.icon.map(Icon::bytes).as_ref().map(<[u8; 2]>::as_slice));
        out.put_if(tag::ITEM_ICONS, self.item_icons);
        out.put_if(tag::TEXT_ATTRIBUTE, self.text_attribute);
        out.put_if(tag::ITEM_TEXT_ATTRIBUTES, self.item_attributes);
    }
}

impl<'a> SetUpMenu<'a> {
    /// A menu with a title.
    #[must_use]
    pub const fn new(title: Alpha<'a>, items: Items<'a>) -> Self {
        Self {
            soft_keys: false,
            help: false,
            title,
            items,
            next_actions: None,
            icon: None,
            item_icons: None,
            text_attribute: None,
            item_attributes: None,
        }
    }
}
