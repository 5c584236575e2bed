//! The data objects of an image, both directions.

use apdu::tlv::{self, Tlv, TlvIter, Writer};
use apdu::{Aid, BufferTooSmall, Cut, Tag};
use applet_model::runtime::Random;
use zeroize::{Zeroize, Zeroizing};

use super::ImageError;
use crate::card::{Card, InstallError, Instance, LoadError, Module};
use crate::nvm::{Area, Nvm, Unstable};

const ATR: Tag = Tag::new(0x80);
const INSTANCE: Tag = Tag::new(0xA1);
const MODULE_NAME: Tag = Tag::new(0x80);
const NAME: Tag = Tag::new(0x81);
const PARAMETERS: Tag = Tag::new(0x82);
const MEMORY: Tag = Tag::new(0x83);
const MEMORY_WEAR: Tag = Tag::new(0x84);

const OWN: Tag = Tag::new(0xA2);
const JOURNAL: Tag = Tag::new(0x80);
const JOURNAL_WEAR: Tag = Tag::new(0x81);
const WRITES: Tag = Tag::new(0x82);
const UNSTABLE: Tag = Tag::new(0x83);
const CUT: Tag = Tag::new(0x84);

/// The index that stands for the journal where there would be an instance's.
const OF_JOURNAL: u16 = 0xFFFF;
/// The most that a tag and a length take, in bytes.
const OVERHEAD: usize = 8;

/// The body, behind `header` bytes of room.
pub(super) fn encode(card: &Card, header: usize) -> Vec<u8> {
    let cells = card.nvm().cells();
    let applets = cells.applets().map(|memory| memory.len().saturating_add(1024)).sum::<usize>();
    let mut room = applets.saturating_add(cells.bytes(Area::Journal).len()).saturating_add(4096);
    loop {
        let mut image = vec![0; header.saturating_add(room)];
        match write(card, image.get_mut(header..).unwrap_or_default()) {
            Ok(length) => {
                image.truncate(header.saturating_add(length));
                return image;
            }
            // Wear in many runs needs more.
            Err(error) => {
                image.zeroize();
                room = room.saturating_mul(2).max(error.needed.saturating_add(OVERHEAD));
            }
        }
    }
}

fn write(card: &Card, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
    let cells = card.nvm().cells();
    let mut writer = Writer::new(out);
    writer.put(ATR, card.atr())?;
    for (index, (Instance { module, aid, parameters, .. }, memory)) in card.memories().enumerate() {
        writer.constructed(INSTANCE, |instance| {
            instance.put(MODULE_NAME, module.as_bytes())?;
            instance.put(NAME, aid.as_bytes())?;
            instance.put(PARAMETERS, parameters)?;
            instance.put(MEMORY, memory)?;
            instance.put(MEMORY_WEAR, &runs(cells.wear(Area::Applet(index))))
        })?;
    }
    writer.constructed(OWN, |own| {
        own.put(JOURNAL, cells.bytes(Area::Journal))?;
        own.put(JOURNAL_WEAR, &runs(cells.wear(Area::Journal)))?;
        own.put(WRITES, &cells.writes().to_be_bytes())?;
        if !cells.unstable().is_empty() {
            let unstable: Zeroizing<Vec<u8>> =
                Zeroizing::new(cells.unstable().iter().flat_map(unstable_bytes).collect());
            own.put(UNSTABLE, &unstable)?;
        }
        if let Some(Cut { write, bytes, unstable }) = cells.armed() {
            let ([w0, w1, w2, w3], [b0, b1]) = (write.to_be_bytes(), bytes.to_be_bytes());
            own.put(CUT, &[w0, w1, w2, w3, b0, b1, u8::from(unstable)])?;
        }
        Ok(())
    })?;
    Ok(writer.len())
}

/// Cells of the same wear side by side, but for those at the end that were never written.
fn runs(wear: &[u32]) -> Vec<u8> {
    let worn = wear.iter().rposition(|count| *count != 0).map_or(0, |last| last.saturating_add(1));
    let runs = wear.get(..worn).unwrap_or_default().chunk_by(|a, b| a == b);
    let bytes = runs.flat_map(|run| {
        let count = run.first().copied().unwrap_or_default();
        [count, u32::try_from(run.len()).unwrap_or(u32::MAX)]
    });
    bytes.flat_map(u32::to_be_bytes).collect()
}

fn unstable_bytes(cell: &Unstable) -> [u8; 8] {
    let of = match cell.area {
        Area::Journal => OF_JOURNAL,
        Area::Applet(index) => u16::try_from(index).unwrap_or(OF_JOURNAL),
    };
    let ([o0, o1], [a0, a1, a2, a3]) = (of.to_be_bytes(), u32::try_from(cell.at).unwrap_or(u32::MAX).to_be_bytes());
    let [old, new] = cell.values;
    [o0, o1, a0, a1, a2, a3, old, new]
}

/// The card of this body, without power.
pub(super) fn decode(
    version: u16,
    body: &[u8],
    modules: &[Module],
    random: Box<dyn Random>,
) -> Result<Card, ImageError> {
    let whole = version > 1;
    let known: &[Tag] = if whole { &[ATR, INSTANCE, OWN] } else { &[ATR, INSTANCE] };
    let mut objects = tlv::iter(body);
    let atr = expect(&mut objects, ATR, known, "ATR")?;
    let mut card = Card::new(atr, random).map_err(ImageError::Atr)?;
    card.know(modules);
    let mut own = None;
    while let Some(object) = objects.next().transpose().map_err(ImageError::Tlv)? {
        match object.tag {
            tag if !known.contains(&tag) => return Err(ImageError::UnknownTag { tag }),
            ATR => return Err(ImageError::Malformed { what: "single ATR" }),
            _ if own.is_some() => return Err(ImageError::Malformed { what: "end" }),
            INSTANCE => load(&mut card, modules, object.value, whole)?,
            _ => own = Some(object.value),
        }
    }
    match own {
        Some(own) => load_own(card.nvm_mut(), own)?,
        None if whole => return Err(ImageError::Malformed { what: "memory of its own" }),
        None => {}
    }
    card.take_dirty();
    Ok(card)
}

fn load(card: &mut Card, modules: &[Module], instance: &[u8], worn: bool) -> Result<(), ImageError> {
    let all = &[MODULE_NAME, NAME, PARAMETERS, MEMORY, MEMORY_WEAR];
    let known = if worn { all } else { all.split_last().map_or(&[][..], |(_, rest)| rest) };
    let mut objects = tlv::iter(instance);
    let module = aid(expect(&mut objects, MODULE_NAME, known, "module name")?, "module name")?;
    let name = aid(expect(&mut objects, NAME, known, "applet name")?, "applet name")?;
    let parameters = expect(&mut objects, PARAMETERS, known, "install parameters")?;
    let memory = expect(&mut objects, MEMORY, known, "persistent memory")?;
    let wear = if worn { expect(&mut objects, MEMORY_WEAR, known, "wear")? } else { &[] };
    end(&mut objects, known, "end of an applet")?;
    let index = card.load(modules, module, name, parameters, memory).map_err(|error| match error {
        LoadError::MemorySize { expected, found } => ImageError::MemorySize { aid: name, expected, found },
        LoadError::Install(InstallError::UnknownModule { aid }) => ImageError::UnknownModule { aid },
        LoadError::Install(InstallError::NameTaken { aid }) => ImageError::NameTwice { aid },
        LoadError::Install(InstallError::NoRoom { .. } | InstallError::RegistryFull) => {
            ImageError::NoRoom { aid: name }
        }
        LoadError::Install(InstallError::Parameters { .. } | InstallError::Refused { .. }) => {
            ImageError::Parameters { aid: name }
        }
    })?;
    load_wear(card.nvm_mut(), Area::Applet(index), wear)
}

/// What the card keeps for itself.
fn load_own(nvm: &mut Nvm, own: &[u8]) -> Result<(), ImageError> {
    let known = &[JOURNAL, JOURNAL_WEAR, WRITES, UNSTABLE, CUT];
    let mut objects = tlv::iter(own);
    let journal = expect(&mut objects, JOURNAL, known, "journal")?;
    nvm.set_journal(journal).map_err(|_| ImageError::Malformed { what: "journal" })?;
    load_wear(nvm, Area::Journal, expect(&mut objects, JOURNAL_WEAR, known, "wear")?)?;
    let writes = expect(&mut objects, WRITES, known, "number of writes")?;
    let writes = writes.try_into().map_err(|_| ImageError::Malformed { what: "number of writes" })?;
    nvm.cells_mut().set_writes(u64::from_be_bytes(writes));
    if let Some(cells) = optional(&mut objects, UNSTABLE)? {
        let malformed = ImageError::Malformed { what: "unstable cells" };
        let (cells, []) = cells.as_chunks() else { return Err(malformed) };
        let cells: Option<Vec<Unstable>> = cells.iter().map(|cell| unstable(nvm, *cell)).collect();
        nvm.cells_mut().set_unstable(&cells.filter(|cells| !cells.is_empty()).ok_or(malformed)?);
    }
    if let Some(cut) = optional(&mut objects, CUT)? {
        let [w0, w1, w2, w3, b0, b1, unstable @ 0..=1] = *cut else {
            return Err(ImageError::Malformed { what: "cut of power" });
        };
        let (write, bytes) = (u32::from_be_bytes([w0, w1, w2, w3]), u16::from_be_bytes([b0, b1]));
        nvm.arm(Some(Cut { write, bytes, unstable: unstable == 1 }));
    }
    end(&mut objects, known, "end of its own memory")
}

/// The unstable cell of these bytes, if there is such a cell and it reads as one of its values.
fn unstable(nvm: &Nvm, [o0, o1, a0, a1, a2, a3, old, new]: [u8; 8]) -> Option<Unstable> {
    let area = match u16::from_be_bytes([o0, o1]) {
        OF_JOURNAL => Area::Journal,
        index => Area::Applet(index.into()),
    };
    let at = usize::try_from(u32::from_be_bytes([a0, a1, a2, a3])).ok()?;
    let value = *nvm.cells().bytes(area).get(at)?;
    [old, new].contains(&value).then_some(Unstable { area, at, values: [old, new] })
}

fn load_wear(nvm: &mut Nvm, area: Area, runs: &[u8]) -> Result<(), ImageError> {
    let malformed = ImageError::Malformed { what: "wear" };
    let (runs, []) = runs.as_chunks::<8>() else { return Err(malformed) };
    let runs = runs.iter().map(|&[c0, c1, c2, c3, n0, n1, n2, n3]| {
        let cells = usize::try_from(u32::from_be_bytes([n0, n1, n2, n3])).unwrap_or(usize::MAX);
        (u32::from_be_bytes([c0, c1, c2, c3]), cells)
    });
    let worn = runs.clone().fold(0_usize, |sum, (_, cells)| sum.saturating_add(cells));
    if worn > nvm.cells().bytes(area).len() {
        return Err(malformed);
    }
    nvm.cells_mut().set_wear(area, runs.flat_map(|(count, cells)| std::iter::repeat_n(count, cells)));
    Ok(())
}

/// The value of the next data object, if it has this tag.
fn optional<'a>(objects: &mut TlvIter<'a>, tag: Tag) -> Result<Option<&'a [u8]>, ImageError> {
    match objects.clone().next().transpose().map_err(ImageError::Tlv)? {
        Some(object) if object.tag == tag => {
            objects.next();
            Ok(Some(object.value))
        }
        _ => Ok(None),
    }
}

/// There are no more data objects.
fn end(objects: &mut TlvIter<'_>, known: &[Tag], what: &'static str) -> Result<(), ImageError> {
    match objects.next().transpose().map_err(ImageError::Tlv)? {
        None => Ok(()),
        Some(Tlv { tag, .. }) if known.contains(&tag) => Err(ImageError::Malformed { what }),
        Some(Tlv { tag, .. }) => Err(ImageError::UnknownTag { tag }),
    }
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
