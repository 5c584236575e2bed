//! SET STATUS.

use apdu::{Aid, Cla, Command, Sw};

use super::fields::Room;
use super::{EncodeError, Instruction, expect};
use crate::{ApplicationState, CardState};

/// SET STATUS: P1 says of what, P2 the new state, the data whose.
///
/// Source: GPCS §11.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetStatus {
    /// Whose state.
    pub target: Target,
    /// The new state; for an application, only bit `80` counts unless it asks for itself.
    pub state: u8,
}

/// Whose state is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// P1 `80`: the card's. The data is not looked at.
    Card,
    /// P1 `40`: an application's, or a security domain's.
    Application(Aid),
    /// P1 `60`: a security domain's, and that of all its applications.
    DomainAndApplications(Aid),
}

impl SetStatus {
    /// The card's state.
    #[must_use]
    pub const fn card(state: CardState) -> Self {
        Self { target: Target::Card, state: state.byte() }
    }

    /// An application's state.
    #[must_use]
    pub const fn application(aid: Aid, state: ApplicationState) -> Self {
        Self { target: Target::Application(aid), state: state.byte() }
    }
}

impl<'a> Instruction<'a> for SetStatus {
    const INS: u8 = 0xF0;

    fn encode<'b>(&self, room: &'b mut [u8]) -> Result<Command<'b>, EncodeError> {
        let mut out = Room::new(room);
        let p1 = match self.target {
            Target::Card => 0x80,
            Target::Application(aid) => {
                out.put(aid.as_bytes())?;
                0x40
            }
            Target::DomainAndApplications(aid) => {
                out.put(aid.as_bytes())?;
                0x60
            }
        };
        Ok(Command::new(Cla::PROPRIETARY, Self::INS, p1, self.state, out.finish(), 0)?)
    }

    fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        expect::<Self>(command)?;
        let aid = || Aid::new(command.data()).map_err(|_| Sw::WRONG_DATA);
        let target = match command.p1() {
            0x80 => Target::Card,
            0x40 => Target::Application(aid()?),
            0x60 => Target::DomainAndApplications(aid()?),
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        Ok(Self { target, state: command.p2() })
    }
}
