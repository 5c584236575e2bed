//! Local information: what a terminal answers to PROVIDE LOCAL INFORMATION.

use crate::command::LocalKind;
use crate::element::{byte, swapped, unswapped};
use crate::fields::{Fields, Flagged};
use crate::{DecodeError, tag};

/// What the terminal knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocalInformation<'a> {
    /// Where it is: mobile country and network codes, location area and cell, as 3GPP TS 31.111 codes them. Five bytes
    /// and more, since the form depends on the network.
    Location(&'a [u8]),
    /// Which one it is: 15 digits as in 3GPP TS 24.008.
    Imei([u8; 8]),
    /// What time it is.
    DateTime(DateTime),
    /// Two letters of ISO 639, of the language in which it speaks.
    Language([u8; 2]),
    /// The access technology: 00 GSM, 03 UTRAN, 08 E-UTRAN, and others.
    AccessTechnology(u8),
}

/// Date, time and time zone, in swapped semi-octets.
///
/// Source: ETSI TS 102 223 clause 8.39; 3GPP TS 23.040, service centre time stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    /// The last two digits of the year.
    pub year: u8,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// The difference to GMT in quarters of an hour; `None` if it is not known.
    pub zone: Option<i8>,
}

impl DateTime {
    fn read(value: &[u8]) -> Option<Self> {
        let [year, month, day, hour, minute, second, zone] = *<&[u8; 7]>::try_from(value).ok()?;
        let within = |byte, range: core::ops::RangeInclusive<u8>| unswapped(byte).filter(|value| range.contains(value));
        Some(Self {
            year: within(year, 0..=99)?,
            month: within(month, 1..=12)?,
            day: within(day, 1..=31)?,
            hour: within(hour, 0..=23)?,
            minute: within(minute, 0..=59)?,
            second: within(second, 0..=59)?,
            zone: match zone {
                0xFF => None,
                // Bit 4 is the sign.
                _ => {
                    let quarters = i8::try_from(unswapped(zone & !0x08)?).ok()?;
                    Some(if zone & 0x08 == 0 { quarters } else { quarters.checked_neg()? })
                }
            },
        })
    }

    fn bytes(self) -> [u8; 7] {
        let zone =
            self.zone.map_or(0xFF, |zone| swapped(zone.unsigned_abs()) | if zone.is_negative() { 0x08 } else { 0 });
        let [year, month, day] = [self.year, self.month, self.day].map(swapped);
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(swapped);
        [year, month, day, hour, minute, second, zone]
    }
}

impl<'a> LocalInformation<'a> {
    /// Reads what was asked for; `None` if it is not there, or is nothing of which this crate knows the form.
    pub(crate) fn decode(kind: LocalKind, fields: &Fields<'a>) -> Result<Option<Self>, DecodeError> {
        match kind {
            LocalKind::LOCATION => {
                fields.optional(tag::LOCATION, |value| (value.len() >= 5).then_some(Self::Location(value)))
            }
            LocalKind::IMEI => fields.optional(tag::IMEI, |value| value.try_into().ok().map(Self::Imei)),
            LocalKind::DATE_TIME => fields.optional(tag::DATE_TIME, |value| DateTime::read(value).map(Self::DateTime)),
            LocalKind::LANGUAGE => fields.optional(tag::LANGUAGE, |value| value.try_into().ok().map(Self::Language)),
            LocalKind::ACCESS_TECHNOLOGY => {
                fields.optional(tag::ACCESS_TECHNOLOGY, |value| byte(value).map(Self::AccessTechnology))
            }
            _ => Ok(None),
        }
    }

    /// The tag of this one.
    pub(crate) const fn tag(&self) -> u8 {
        match self {
            Self::Location(_) => tag::LOCATION,
            Self::Imei(_) => tag::IMEI,
            Self::DateTime(_) => tag::DATE_TIME,
            Self::Language(_) => tag::LANGUAGE,
            Self::AccessTechnology(_) => tag::ACCESS_TECHNOLOGY,
        }
    }

    pub(crate) fn encode(&self, out: &mut Flagged<'_, '_>) {
        match self {
            Self::Location(value) => out.put(self.tag(), &[value]),
            Self::Imei(value) => out.put(self.tag(), &[value]),
            Self::DateTime(value) => out.put(self.tag(), &[&value.bytes()]),
            Self::Language(value) => out.put(self.tag(), &[value]),
            Self::AccessTechnology(value) => out.put(self.tag(), &[&[*value]]),
        }
    }
}
