//! The data objects of an image, both directions.

use apdu::tlv::{self, Tlv, TlvIter, Writer};
use apdu::{Aid, BufferTooSmall, Tag};
use applet_model::runtime::Random;
use zeroize::Zeroize;

use super::ImageError;
use crate::card::{Card, InstallError, Instance, LoadError, Module};

const ATR: Tag = Tag::new(0x80);
const INSTANCE: Tag = Tag::new(0xA1);
const MODULE_NAME: Tag = Tag::new(0x80);
const NAME: Tag = Tag::new(0x81);
const PARAMETERS: Tag = Tag::new(0x82);
const MEMORY: Tag = Tag::new(0x83);

/// The most that a tag and a length take, in bytes.
const OVERHEAD: usize = 8;

/// The body, behind `header` bytes of room.
pub(super) fn encode(card: &Card, header: usize) -> Vec<u8> {
    let mut room = card.memories().fold(card.atr().len().saturating_add(OVERHEAD), |room, (instance, memory)| {
        let names = Aid::MAX_LENGTH.saturating_mul(2).saturating_add(OVERHEAD.saturating_mul(5));
        room.saturating_add(names).saturating_add(instance.parameters.len()).saturating_add(memory.len())
    });
    loop {
        let mut image = vec![0; header.saturating_add(room)];
        match write(card, image.get_mut(header..).unwrap_or_default()) {
            Ok(length) => {
                image.truncate(header.saturating_add(length));
                return image;
            }
            // The room above is enough; if it ever were not, this makes it so.
            Err(error) => {
                image.zeroize();
                room = room.saturating_mul(2).max(error.needed);
            }
        }
    }
}

fn write(card: &Card, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
    let mut writer = Writer::new(out);
    writer.put(ATR, card.atr())?;
    for (Instance { module, aid, parameters, .. }, memory) in card.memories() {
        writer.constructed(INSTANCE, |instance| {
            instance.put(MODULE_NAME, module.as_bytes())?;
            instance.put(NAME, aid.as_bytes())?;
            instance.put(PARAMETERS, parameters)?;
            instance.put(MEMORY, memory)
        })?;
    }
    Ok(writer.len())
}

/// The card of this body.
pub(super) fn decode(body: &[u8], modules: &[Module], random: Box<dyn Random>) -> Result<Card, ImageError> {
    let mut objects = tlv::iter(body);
    let atr = expect(&mut objects, ATR, &[ATR, INSTANCE], "ATR")?;
    let mut card = Card::new(atr, random).map_err(ImageError::Atr)?;
    while let Some(object) = objects.next().transpose().map_err(ImageError::Tlv)? {
        match object.tag {
            INSTANCE => load(&mut card, modules, object.value)?,
            ATR => return Err(ImageError::Malformed { what: "single ATR" }),
            tag => return Err(ImageError::UnknownTag { tag }),
        }
    }
    card.take_dirty();
    Ok(card)
}

fn load(card: &mut Card, modules: &[Module], instance: &[u8]) -> Result<(), ImageError> {
    let known = &[MODULE_NAME, NAME, PARAMETERS, MEMORY];
    let mut objects = tlv::iter(instance);
    let module = aid(expect(&mut objects, MODULE_NAME, known, "module name")?, "module name")?;
    let name = aid(expect(&mut objects, NAME, known, "applet name")?, "applet name")?;
    let parameters = expect(&mut objects, PARAMETERS, known, "install parameters")?;
    let memory = expect(&mut objects, MEMORY, known, "persistent memory")?;
    match objects.next().transpose().map_err(ImageError::Tlv)? {
        None => {}
        Some(Tlv { tag, .. }) if known.contains(&tag) => {
            return Err(ImageError::Malformed { what: "end of an applet" });
        }
        Some(Tlv { tag, .. }) => return Err(ImageError::UnknownTag { tag }),
    }
    card.load(modules, module, name, parameters, memory).map_err(|error| match error {
        LoadError::MemorySize { expected, found } => ImageError::MemorySize { aid: name, expected, found },
        LoadError::Install(InstallError::UnknownModule { aid }) => ImageError::UnknownModule { aid },
        LoadError::Install(InstallError::NameTaken { aid }) => ImageError::NameTwice { aid },
        LoadError::Install(InstallError::NoRoom { .. }) => ImageError::NoRoom { aid: name },
        LoadError::Install(InstallError::Parameters { .. } | InstallError::Refused { .. }) => {
            ImageError::Parameters { aid: name }
        }
    })
}

/// The value of the next data object, which must have this tag.
fn expect<'a>(objects: &mut TlvIter<'a>, tag: Tag, known: &[Tag], what: &'static str) -> Result<&'a [u8], ImageError> {
    match objects.next().transpose().map_err(ImageError::Tlv)? {
        Some(object) if object.tag == tag => Ok(object.value),
        Some(object) if !known.contains(&object.tag) => Err(ImageError::UnknownTag { tag: object.tag }),
        _ => Err(ImageError::Malformed { what }),
    }
}

fn aid(bytes: &[u8], what: &'static str) -> Result<Aid, ImageError> {
    Aid::new(bytes).map_err(|_| ImageError::Malformed { what })
}
