//! How a phone starts its card: reset, what the card is and whose, and what the phone can do.

use std::fmt;

use apdu::{Cla, Command, Sw, Tag, Transport, tlv};
use toolkit::TerminalProfile;
use toolkit::exchange::Card;

use crate::link::{Link, is_done};
use crate::{HandsetError, Settings};

/// What a phone found out about its card when it started.
///
/// `Debug` shows the last three digits of what names the card or the subscriber.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Identity {
    /// The card's serial number, as EF.ICCID has it.
    pub iccid: Option<String>,
    /// The subscriber's identity, as EF.IMSI has it.
    pub imsi: Option<String>,
    /// What a SIM has and this card has not, in the order in which a phone asks.
    pub missing: Vec<Missing>,
}

/// Something that a SIM has, and this card has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {why}")]
pub struct Missing {
    /// What.
    pub part: Part,
    /// Why.
    pub why: Why,
}

/// What a phone asks a card for when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The master file.
    MasterFile,
    /// EF.ICCID.
    Iccid,
    /// EF.DIR, and in it a USIM. Without, the phone asks for any USIM.
    Directory,
    /// The USIM.
    Usim,
    /// EF.IMSI.
    Imsi,
    /// STATUS.
    Status,
    /// TERMINAL PROFILE: the card has no SIM toolkit.
    Toolkit,
}

/// Why something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The card said so.
    Refused(Sw),
    /// It is there, and is not what it should be.
    Malformed,
}

/// Any USIM: the AID without what the issuer adds.
///
/// Source: ETSI TS 101 220, 3GPP USIM.
const USIM: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
const SELECT: u8 = 0xA4;
const READ_BINARY: u8 = 0xB0;
const READ_RECORD: u8 = 0xB2;
const STATUS: u8 = 0xF2;
/// The most records of EF.DIR that are looked at.
const MOST_RECORDS: u8 = 32;

/// Starts a card that was reset. Returns what is known of it, and the status of TERMINAL PROFILE if it has a toolkit.
///
/// Source: ETSI TS 102 221, files EF.DIR and EF.ICCID, application selection; 3GPP TS 31.102, EF.IMSI; ETSI TS 102 223
/// clause 5.2.
pub(crate) fn start<T: Transport>(
    link: &mut Link<T>,
    settings: &Settings,
) -> Result<(Identity, Option<Sw>), HandsetError<T::Error>> {
    let mut identity = Identity::default();
    identify(link, &mut identity)?;
    let mut bytes = [0; 16];
    let profile = TerminalProfile::of(&settings.facilities, &mut bytes);
    let (_, sw) = link.say("TERMINAL PROFILE", Card::Uicc.terminal_profile(profile.bytes()))?;
    if is_done(sw) {
        return Ok((identity, Some(sw)));
    }
    identity.missing.push(Missing { part: Part::Toolkit, why: Why::Refused(sw) });
    Ok((identity, None))
}

/// Reads what the card is, and whose.
pub(crate) fn identify<T: Transport>(
    link: &mut Link<T>,
    identity: &mut Identity,
) -> Result<(), HandsetError<T::Error>> {
    let mut missing = Vec::new();
    look(&mut missing, Part::MasterFile, select(link, "SELECT of the master file", 0x00, &[0x3F, 0x00])?);
    let iccid = file(link, "EF.ICCID", [0x2F, 0xE2], 10)?;
    let iccid = iccid.and_then(|bytes| digits(&bytes).ok_or(Why::Malformed));
    identity.iccid = look(&mut missing, Part::Iccid, iccid);
    let aid = look(&mut missing, Part::Directory, directory(link)?);
    let aid = aid.as_deref().unwrap_or(&USIM);
    identity.imsi = None;
    if look(&mut missing, Part::Usim, select(link, "SELECT of the USIM", 0x04, aid)?).is_some() {
        let imsi = file(link, "EF.IMSI", [0x6F, 0x07], 9)?;
        let imsi = imsi.and_then(|bytes| subscriber(&bytes).ok_or(Why::Malformed));
        identity.imsi = look(&mut missing, Part::Imsi, imsi);
        // The terminal is done with the start of the USIM.
        let sw = status(link, 0x01)?;
        look(&mut missing, Part::Status, if is_done(sw) { Ok(()) } else { Err(Why::Refused(sw)) });
    }
    identity.missing = missing;
    Ok(())
}

/// What was found, or nothing, and a note of why.
fn look<V>(missing: &mut Vec<Missing>, part: Part, found: Result<V, Why>) -> Option<V> {
    found.map_err(|why| missing.push(Missing { part, why })).ok()
}

/// STATUS, without asking for data: 00 in P1 says nothing, 01 that the application has been started.
///
/// Source: ETSI TS 102 221, STATUS.
pub(crate) fn status<T: Transport>(link: &mut Link<T>, p1: u8) -> Result<Sw, HandsetError<T::Error>> {
    link.say("STATUS", Command::new(Card::Uicc.cla(), STATUS, p1, 0x0C, &[], 0)).map(|(_, sw)| sw)
}

type Found<E> = Result<Result<Vec<u8>, Why>, HandsetError<E>>;

/// SELECT, first occurrence, with the file's control parameters as an answer, which nobody reads: phones ask for them.
fn select<T: Transport>(link: &mut Link<T>, name: &'static str, p1: u8, file: &[u8]) -> Found<T::Error> {
    let (data, sw) = link.say(name, Command::new(Cla::INTERINDUSTRY, SELECT, p1, 0x04, file, 256))?;
    Ok(if is_done(sw) { Ok(data) } else { Err(Why::Refused(sw)) })
}

/// A transparent file below what is selected, so many bytes of it.
fn file<T: Transport>(link: &mut Link<T>, name: &'static str, id: [u8; 2], length: u32) -> Found<T::Error> {
    if let Err(why) = select(link, name, 0x00, &id)? {
        return Ok(Err(why));
    }
    let (data, sw) = link.say(name, Command::new(Cla::INTERINDUSTRY, READ_BINARY, 0, 0, &[], length))?;
    Ok(if is_done(sw) { Ok(data) } else { Err(Why::Refused(sw)) })
}

/// The AID of the first USIM in EF.DIR.
fn directory<T: Transport>(link: &mut Link<T>) -> Found<T::Error> {
    if let Err(why) = select(link, "EF.DIR", 0x00, &[0x2F, 0x00])? {
        return Ok(Err(why));
    }
    for record in 1..=MOST_RECORDS {
        let command = Command::new(Cla::INTERINDUSTRY, READ_RECORD, record, 0x04, &[], 256);
        let (data, sw) = link.say("EF.DIR", command)?;
        if !is_done(sw) {
            return Ok(Err(Why::Refused(sw)));
        }
        let aid = tlv::find(&data, &[Tag::new(0x61), Tag::new(0x4F)]).ok().flatten();
        if let Some(aid) = aid.filter(|aid| aid.starts_with(&USIM) && aid.len() <= 16) {
            return Ok(Ok(aid.to_vec()));
        }
    }
    Ok(Err(Why::Malformed))
}

/// Decimal digits in semi-octets, the first in the low half, `F` behind the last.
fn digits(bytes: &[u8]) -> Option<String> {
    let mut halves = bytes.iter().flat_map(|byte| [byte & 0x0F, byte >> 4]);
    let digits: Vec<u8> = halves.by_ref().take_while(|half| *half != 0x0F).collect();
    let text: Option<String> = digits.iter().map(|digit| char::from_digit(u32::from(*digit), 10)).collect();
    text.filter(|text| !text.is_empty() && halves.all(|half| half == 0x0F))
}

/// EF.IMSI: a length, and the digits behind a half byte that says whether their number is odd.
///
/// Source: 3GPP TS 31.102, EF.IMSI.
fn subscriber(bytes: &[u8]) -> Option<String> {
    let (length, rest) = bytes.split_first()?;
    let digits = digits(rest.get(..usize::from(*length))?)?;
    let mut characters = digits.chars();
    characters.next().filter(|parity| matches!(parity, '1' | '9'))?;
    Some(characters.collect()).filter(|digits: &String| !digits.is_empty())
}

impl Identity {
    /// Whether the card has a SIM toolkit.
    #[must_use]
    pub fn has_toolkit(&self) -> bool {
        self.missing.iter().all(|missing| missing.part != Part::Toolkit)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MasterFile => "the master file",
            Self::Iccid => "EF.ICCID",
            Self::Directory => "a USIM in EF.DIR",
            Self::Usim => "a USIM",
            Self::Imsi => "EF.IMSI",
            Self::Status => "STATUS",
            Self::Toolkit => "a SIM toolkit (TERMINAL PROFILE)",
        })
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(sw) => sw.fmt(f),
            Self::Malformed => f.write_str("it does not hold what it should"),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |digits: &Option<String>| {
            let digits = digits.as_deref()?;
            let from = digits.len().saturating_sub(3);
            Some(format!("…{}", digits.get(from..).unwrap_or_default()))
        };
        let Self { iccid, imsi, missing } = self;
        let mut shown = f.debug_struct("Identity");
        shown.field("iccid", &end(iccid)).field("imsi", &end(imsi)).field("missing", missing).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_swapped_halves() {
        let iccid = [0x98, 0x88, 0x11, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0xF2];
        assert_eq!(digits(&iccid).unwrap(), "8988110000000000012");
        assert_eq!(digits(&[0xF1, 0x21]), None);
        assert_eq!(digits(&[0xA1]), None);
        assert_eq!(digits(&[0xFF, 0xFF]), None);
        let imsi = [8, 0x09, 0x10, 0x10, 0x10, 0x32, 0x54, 0x76, 0x98];
        assert_eq!(subscriber(&imsi).unwrap(), "001010123456789");
        assert_eq!(subscriber(&[3, 0x21, 0x43, 0xF5]).unwrap(), "2345");
        for wrong in [&[][..], &[9, 0x09], &[0], &[1, 0x22], &[1, 0xF9]] {
            assert_eq!(subscriber(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn debug_shows_the_last_three_digits() {
        let identity = Identity { iccid: Some("8988110000000000012".into()), imsi: None, missing: Vec::new() };
        assert_eq!(format!("{identity:?}"), r#"Identity { iccid: Some("…012"), imsi: None, missing: [] }"#);
        assert!(identity.has_toolkit());
    }
}
