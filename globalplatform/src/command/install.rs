//! INSTALL.

use apdu::{Aid, BufferTooSmall, Cla, Command, Sw, Tag, TlvError, tlv};

use super::fields::{Fields, Room};
use super::{EncodeError, Instruction, expect};
use crate::Privileges;

/// INSTALL, without delegated management: there is no token.
///
/// | P1 | |
/// |---|---|
/// | `04` | for install |
/// | `08` | for make selectable |
/// | `0C` | for both |
/// | `20` | for personalization |
///
/// P2 is `00`. Source: GPCS §11.5.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Install<'a> {
    /// Makes an application of a module; makes it selectable too, or leaves it for later.
    Application(NewApplication<'a>),
    /// Makes an application selectable that was made before.
    MakeSelectable {
        /// The application.
        application: Aid,
        /// Its privileges.
        privileges: Privileges,
    },
    /// The STORE DATA that follow are for this application.
    Personalization {
        /// The application.
        application: Aid,
    },
}

/// What an application is made of.
///
/// | field | bytes |
/// |---|---|
/// | load file's AID | 1 + 5 to 16 |
/// | module's AID | 1 + 5 to 16 |
/// | application's AID | 1 + 5 to 16 |
/// | privileges | 1 + 1 or 3 |
/// | install parameters, data objects | 1 to 3 + n |
/// | install token | `00` |
///
/// Source: GPCS §11.5.2.3.2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NewApplication<'a> {
    /// The load file that has the module.
    pub load_file: Aid,
    /// The module.
    pub module: Aid,
    /// The name of the new application.
    pub application: Aid,
    /// Its privileges.
    pub privileges: Privileges,
    /// Install parameters: data objects, `C9` with the application's own among them.
    pub parameters: &'a [u8],
    /// Whether it is made selectable too.
    pub selectable: bool,
}

const APPLICATION_PARAMETERS: Tag = Tag::new(0xC9);

/// Install parameters that have nothing but the application's own: `C9`, length, `parameters`.
///
/// # Errors
/// [`BufferTooSmall`].
pub fn application_parameters<'b>(parameters: &[u8], room: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
    let mut writer = tlv::Writer::new(room);
    writer.put(APPLICATION_PARAMETERS, parameters)?;
    Ok(writer.finish())
}

impl<'a> NewApplication<'a> {
    /// The application's own parameters, the value of `C9`; nothing if there is none.
    ///
    /// # Errors
    /// [`TlvError`] if the parameters are not data objects.
    pub fn application_parameters(&self) -> Result<&'a [u8], TlvError> {
        Ok(tlv::find(self.parameters, &[APPLICATION_PARAMETERS])?.unwrap_or_default())
    }
}

impl<'a> Instruction<'a> for Install<'a> {
    const INS: u8 = 0xE6;

    fn encode<'b>(&self, room: &'b mut [u8]) -> Result<Command<'b>, EncodeError> {
        let mut out = Room::new(room);
        let p1 = match self {
            Self::Application(new) => {
                out.short(new.load_file.as_bytes())?;
                out.short(new.module.as_bytes())?;
                out.short(new.application.as_bytes())?;
                out.short(new.privileges.encoded())?;
                out.long(new.parameters)?;
                out.put(&[0])?;
                if new.selectable { 0x0C } else { 0x04 }
            }
            Self::MakeSelectable { application, privileges } => {
                out.put(&[0, 0])?;
                out.short(application.as_bytes())?;
                out.short(privileges.encoded())?;
                out.put(&[0, 0])?;
                0x08
            }
            Self::Personalization { application } => {
                out.put(&[0, 0])?;
                out.short(application.as_bytes())?;
                out.put(&[0, 0, 0])?;
                0x20
            }
        };
        Ok(Command::new(Cla::PROPRIETARY, Self::INS, p1, 0, out.finish(), 256)?)
    }

    fn decode(command: &Command<'a>) -> Result<Self, Sw> {
        expect::<Self>(command)?;
        let mut fields = Fields(command.data());
        let install = match (command.p1(), command.p2()) {
            (p1 @ (0x04 | 0x0C), 0) => Self::Application(NewApplication {
                load_file: fields.aid()?,
                module: fields.aid()?,
                application: fields.aid()?,
                privileges: Privileges::decode(fields.short()?).ok_or(Sw::WRONG_DATA)?,
                parameters: fields.long()?,
                selectable: p1 == 0x0C,
            }),
            (0x08, 0) => {
                fields.nothing()?;
                fields.nothing()?;
                let application = fields.aid()?;
                let privileges = Privileges::decode(fields.short()?).ok_or(Sw::WRONG_DATA)?;
                fields.nothing()?;
                Self::MakeSelectable { application, privileges }
            }
            (0x20, 0) => {
                fields.nothing()?;
                fields.nothing()?;
                let application = fields.aid()?;
                fields.nothing()?;
                fields.nothing()?;
                Self::Personalization { application }
            }
            _ => return Err(Sw::INCORRECT_P1_P2),
        };
        fields.nothing()?;
        fields.end()?;
        Ok(install)
    }
}

impl core::fmt::Debug for Install<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Application(new) => new.fmt(f),
            Self::MakeSelectable { application, .. } => write!(f, "MakeSelectable({application})"),
            Self::Personalization { application } => write!(f, "Personalization({application})"),
        }
    }
}

impl core::fmt::Debug for NewApplication<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { load_file, module, application, parameters, .. } = self;
        write!(f, "NewApplication({application} of {module} in {load_file}, {} bytes of parameters)", parameters.len())
    }
}
