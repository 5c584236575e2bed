//! The two soft keys under the screen: what is written over them, and which key each one is then.

use apdu::Transport;
use handset::{Handset, Key};
use toolkit::CommandType;

/// The two soft keys, as they are now: what is written over each, and which key it is. One without a meaning has no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftKeys {
    /// The left one.
    pub left: Option<(&'static str, Key)>,
    /// The right one.
    pub right: Option<(&'static str, Key)>,
}

impl SoftKeys {
    pub(crate) const NONE: Self = Self { left: None, right: None };

    pub(crate) fn of<T: Transport>(handset: &Handset<T>) -> Self {
        let (left, right) = match handset.keyed() {
            _ if handset.is_idle() => (("Menu", Key::Menu), None),
            Some(keyed) if keyed.count > 0 => (("OK", Key::Ok), Some(("Clear", Key::Clear))),
            Some(_) => (("OK", Key::Ok), Some(("Back", Key::Back))),
            None if handset.items().is_some() => (("Select", Key::Ok), Some(("Back", Key::Back))),
            None if handset.waits_for() == Some(CommandType::DISPLAY_TEXT) => {
                (("OK", Key::Ok), Some(("Back", Key::Back)))
            }
            None => (("OK", Key::Ok), None),
        };
        Self { left: Some(left), right }
    }
}
