//! The terminal profile: what a terminal can do, a bit each.

use core::fmt;

/// A terminal profile as it came, however long; what is not sent is off.
///
/// Source: ETSI TS 102 223 clause 5.2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TerminalProfile<'a>(&'a [u8]);

/// One thing that a terminal can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[rustfmt::skip]
pub enum Facility {
    /// Profile download.
    ProfileDownload,
    /// SMS-PP data download.
    SmsPpDownload,
    /// Menu selection.
    MenuSelection,
    /// Timer expiration.
    TimerExpiration,
    /// Results of commands are told.
    CommandResult,
    /// Entry in UCS2.
    Ucs2Entry,
    /// Display of UCS2.
    Ucs2Display,
    /// DISPLAY TEXT.
    DisplayText,
    /// GET INKEY.
    GetInkey,
    /// GET INPUT.
    GetInput,
    /// MORE TIME.
    MoreTime,
    /// PLAY TONE.
    PlayTone,
    /// POLL INTERVAL.
    PollInterval,
    /// POLLING OFF.
    PollingOff,
    /// REFRESH.
    Refresh,
    /// SELECT ITEM.
    SelectItem,
    /// SEND SHORT MESSAGE.
    SendShortMessage,
    /// SET UP MENU.
    SetUpMenu,
    /// PROVIDE LOCAL INFORMATION: location and IMEI.
    LocalInformation,
    /// SET UP EVENT LIST.
    SetUpEventList,
    /// Event: location status.
    LocationStatus,
    /// Event: user activity.
    UserActivity,
    /// Event: idle screen available.
    IdleScreen,
    /// Event: language selection.
    LanguageSelection,
    /// TIMER MANAGEMENT: start and stop.
    TimerManagement,
    /// TIMER MANAGEMENT: get the current value.
    TimerCurrentValue,
    /// PROVIDE LOCAL INFORMATION: date, time and time zone.
    DateTime,
    /// GET INKEY: yes or no.
    YesNo,
    /// DISPLAY TEXT with an immediate response.
    SustainedText,
    /// PROVIDE LOCAL INFORMATION: language.
    Language,
    /// Soft keys for SELECT ITEM.
    SoftKeysSelectItem,
    /// Soft keys for SET UP MENU.
    SoftKeysSetUpMenu,
}

/// Byte, from 1, and bit, from 1.
#[rustfmt::skip]
const PLACES: [(Facility, usize, u8); 32] = {
    use Facility::*;
    [
        (ProfileDownload, 1, 1), (SmsPpDownload, 1, 2), (MenuSelection, 1, 4), (TimerExpiration, 1, 6),
        (CommandResult, 2, 1), (Ucs2Entry, 2, 6), (Ucs2Display, 2, 7),
        (DisplayText, 3, 1), (GetInkey, 3, 2), (GetInput, 3, 3), (MoreTime, 3, 4),
        (PlayTone, 3, 5), (PollInterval, 3, 6), (PollingOff, 3, 7), (Refresh, 3, 8),
        (SelectItem, 4, 1), (SendShortMessage, 4, 2), (SetUpMenu, 4, 6), (LocalInformation, 4, 7),
        (SetUpEventList, 5, 1), (LocationStatus, 5, 5), (UserActivity, 5, 6), (IdleScreen, 5, 7),
        (LanguageSelection, 6, 1),
        (TimerManagement, 8, 1), (TimerCurrentValue, 8, 2), (DateTime, 8, 3), (YesNo, 8, 4),
        (SustainedText, 9, 1), (Language, 9, 4),
        (SoftKeysSelectItem, 10, 1), (SoftKeysSetUpMenu, 10, 2),
    ]
};

impl Facility {
    /// All of them, in the order of their bits.
    pub fn all() -> impl Iterator<Item = Self> {
        PLACES.into_iter().map(|(facility, ..)| facility)
    }

    /// The byte, from 0, and the mask of its bit.
    fn place(self) -> (usize, u8) {
        let found = PLACES.iter().find(|(facility, ..)| *facility == self);
        found.map_or((0, 0), |(_, byte, bit)| (byte.saturating_sub(1), 1 << bit.saturating_sub(1)))
    }
}

impl<'a> TerminalProfile<'a> {
    /// These bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// A profile with these facilities, in the caller's memory, as long as it needs to be.
    ///
    /// Facilities for which `out` has no room are missing: ten bytes hold all.
    #[must_use]
    pub fn of(facilities: &[Facility], out: &'a mut [u8]) -> Self {
        let mut length = 0;
        out.fill(0);
        for facility in facilities {
            let (byte, mask) = facility.place();
            if let Some(room) = out.get_mut(byte) {
                *room |= mask;
                length = length.max(byte.saturating_add(1));
            }
        }
        Self(out.get(..length).unwrap_or_default())
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Whether the terminal says that it can do this.
    #[must_use]
    pub fn supports(&self, facility: Facility) -> bool {
        let (byte, mask) = facility.place();
        self.0.get(byte).is_some_and(|byte| byte & mask != 0)
    }

    /// All that is known here, and that the terminal can do.
    pub fn facilities(&self) -> impl Iterator<Item = Facility> + use<'a> {
        let profile = *self;
        Facility::all().filter(move |facility| profile.supports(*facility))
    }
}

impl fmt::Debug for TerminalProfile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.facilities()).finish()
    }
}
