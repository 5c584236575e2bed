//! TA1: how many clock cycles a bit takes, and how fast the clock may be.

/// What TA1 says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Speed {
    /// Fi, the clock rate conversion integer.
    pub(super) fi: u16,
    /// Di, the baud rate adjustment integer.
    pub(super) di: u16,
    /// The highest clock frequency, in MHz.
    pub(super) megahertz: f64,
}

impl Speed {
    /// The value of TA1 that holds if there is none: Fi 372, Di 1, 5 MHz.
    pub(super) const DEFAULT: u8 = 0x11;

    /// `None` where a digit is reserved for future use.
    ///
    /// Source: ISO/IEC 7816-3:2006 §8.3, tables of Fi with f(max) and of Di.
    pub(super) const fn of(ta1: u8) -> Option<Self> {
        let (fi, megahertz) = match ta1 >> 4 {
            0x0 => (372, 4.0),
            0x1 => (372, 5.0),
            0x2 => (558, 6.0),
            0x3 => (744, 8.0),
            0x4 => (1116, 12.0),
            0x5 => (1488, 16.0),
            0x6 => (1860, 20.0),
            0x9 => (512, 5.0),
            0xA => (768, 7.5),
            0xB => (1024, 10.0),
            0xC => (1536, 15.0),
            0xD => (2048, 20.0),
            _ => return None,
        };
        let di = match ta1 & 0x0F {
            0x1 => 1,
            0x2 => 2,
            0x3 => 4,
            0x4 => 8,
            0x5 => 16,
            0x6 => 32,
            0x7 => 64,
            0x8 => 12,
            0x9 => 20,
            _ => return None,
        };
        Some(Self { fi, di, megahertz })
    }

    /// Clock cycles a bit: Fi/Di.
    pub(super) fn cycles(self) -> f64 {
        f64::from(self.fi) / f64::from(self.di)
    }

    /// Bits per second with the fastest clock.
    pub(super) fn bits_per_second(self) -> f64 {
        self.megahertz * 1e6 / self.cycles()
    }
}
