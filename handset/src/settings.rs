//! What a phone can do, and what it knows of the world around it.

use toolkit::Facility;
use toolkit::local::DateTime;

/// What a phone can do, and what it knows of the world around it. Nothing of it is read from anywhere: who has the phone
/// sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// What it can do, as its terminal profile says. A command that is not among these is answered "beyond the
    /// terminal's capabilities".
    pub facilities: Vec<Facility>,
    /// What becomes of short messages.
    pub network: Network,
    /// Which phone it is: 15 digits as in 3GPP TS 24.008.
    pub imei: Option<[u8; 8]>,
    /// Where it is, coded as 3GPP TS 31.111 says.
    pub location: Option<Vec<u8>>,
    /// What time it is.
    pub time: Option<DateTime>,
    /// Its language: two letters of ISO 639.
    pub language: Option<[u8; 2]>,
}

/// What becomes of short messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// They are sent.
    #[default]
    Sends,
    /// There is no service: the terminal is unable to, `20 04`.
    NoService,
    /// The network is unable to now: `21` and this cause.
    Busy(u8),
    /// The network refuses them: `35` and this RP-cause of 3GPP TS 24.011.
    Refuses(u8),
}

impl Settings {
    /// All that a phone here can do.
    #[rustfmt::skip]
    pub const FACILITIES: [Facility; 27] = {
        use Facility::*;
        [
            ProfileDownload, MenuSelection, TimerExpiration, CommandResult, Ucs2Entry, Ucs2Display, DisplayText, GetInkey,
            GetInput, MoreTime, PlayTone, PollInterval, PollingOff, Refresh, SelectItem, SendShortMessage, SetUpMenu,
            LocalInformation, SetUpEventList, UserActivity, IdleScreen, TimerManagement, TimerCurrentValue, DateTime,
            YesNo, SustainedText, Language,
        ]
    };

    /// A phone that lacks these facilities.
    #[must_use]
    pub fn without(lacking: &[Facility]) -> Self {
        let mut settings = Self::default();
        settings.facilities.retain(|facility| !lacking.contains(facility));
        settings
    }

    /// Whether it can do this.
    #[must_use]
    pub fn supports(&self, facility: Facility) -> bool {
        self.facilities.contains(&facility)
    }
}

impl Default for Settings {
    /// A phone that can do all, in a place with service; it knows its IMEI, a test one, and its language, English.
    fn default() -> Self {
        Self {
            facilities: Self::FACILITIES.to_vec(),
            network: Network::default(),
            // 001010123456789, first digit over the mark of an IMEI.
            imei: Some([0x0A, 0x10, 0x10, 0x10, 0x32, 0x54, 0x76, 0x98]),
            location: None,
            time: None,
            language: Some(*b"en"),
        }
    }
}
