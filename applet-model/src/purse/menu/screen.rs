//! The screens: which there are, which one is before which, and what is explained there.

use super::text::Text;
use crate::runtime::Fixed;

macro_rules! screens {
    ($($name:ident: $parent:ident, $help:ident;)*) => {
        /// A question, or something that is shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Screen { $($name,)* }

        impl Screen {
            pub(super) const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];

            /// The one that Back leads to, where the flow has no better one. That of the first is itself.
            pub(super) const fn parent(self) -> Self {
                match self { $(Self::$name => Self::$parent,)* }
            }

            /// What Help says.
            pub(super) const fn help(self) -> Text {
                match self { $(Self::$name => Text::$help,)* }
            }
        }
    };
}

screens! {
    Main: Main, HelpMenu;
    Balance: Main, HelpMenu;
    Language: Main, HelpList;

    PayWho: Main, HelpList;
    PayNumber: PayWho, HelpNumber;
    PayAmount: PayWho, HelpAmount;
    PayCode: PayAmount, HelpRequestCode;
    PayConfirm: PayCode, HelpMenu;
    PayPin: PayConfirm, HelpPin;
    PayDone: Main, HelpMenu;

    AskWho: Main, HelpList;
    AskNumber: AskWho, HelpNumber;
    AskAmount: AskWho, HelpAmount;
    AskDone: Main, HelpMenu;

    EnterWhich: Main, HelpList;
    EnterCode: EnterWhich, HelpPaymentCode;
    EnterDone: Main, HelpMenu;

    LastWhich: Main, HelpList;
    LastDone: LastWhich, HelpMenu;

    People: Main, HelpList;
    PersonNumber: People, HelpNumber;
    PersonName: PersonNumber, HelpName;
    Person: People, HelpList;
    PersonDelete: Person, HelpMenu;

    History: Main, HelpList;
    HistoryEntry: History, HelpMenu;

    PinOld: Main, HelpPin;
    PinNew: PinOld, HelpPin;
    PinAgain: PinNew, HelpPin;

    UploadConfirm: Main, HelpMenu;
    UploadSend: Main, HelpMenu;
}

impl Screen {
    /// Whether it shows a code: it stays until the person has seen it.
    pub(super) const fn is_code(self) -> bool {
        matches!(self, Self::PayDone | Self::AskDone | Self::LastDone)
    }
}

impl Fixed for Screen {
    const LEN: usize = 1;
    fn load(bytes: &[u8]) -> Self {
        Self::ALL.get(usize::from(u8::load(bytes))).copied().unwrap_or(Self::Main)
    }
    fn store(&self, out: &mut [u8]) {
        let place = Self::ALL.iter().position(|screen| screen == self).unwrap_or_default();
        u8::try_from(place).unwrap_or_default().store(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_leads_to_the_start_from_everywhere() {
        for screen in Screen::ALL {
            let mut at = screen;
            for _ in Screen::ALL {
                at = at.parent();
            }
            assert_eq!(at, Screen::Main, "{screen:?}");
            let mut byte = [0];
            screen.store(&mut byte);
            assert_eq!(Screen::load(&byte), screen);
        }
        assert_eq!(Screen::load(&[0xFF]), Screen::Main);
    }
}
