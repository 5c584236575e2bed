//! Which commands the card answers itself, which go to the selected applet, and which to nobody.

use apdu::{Category, Channel, Cla, ClassKind, Command, Response, SecureMessaging, Sw};

use super::{BUFFER, Card};

const MANAGE_CHANNEL: u8 = 0x70;
const SELECT: u8 = 0xA4;
const GET_RESPONSE: u8 = 0xC0;
/// P1 of SELECT by name.
const BY_NAME: u8 = 0x04;

impl Card {
    /// Answers a command and returns the length of the answer.
    #[inline]
    pub(super) fn respond(&mut self, command: &[u8], response: &mut [u8]) -> usize {
        let outcome = match Command::decode(command) {
            Ok(command) => self.dispatch(&command).map(|()| command.ne()),
            Err(_) => {
                self.answer.clear();
                Err(Sw::WRONG_LENGTH)
            }
        };
        match outcome {
            Ok(ne) => self.answer.release(ne, response),
            Err(sw) => Response { data: &[], sw }.encode(response).unwrap_or(0),
        }
    }

    /// Leaves in the answer buffer what is to be sent.
    #[inline]
    fn dispatch(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        let own = command.cla() == Cla::INTERINDUSTRY;
        if own && command.ins() == GET_RESPONSE {
            return self.get_response(command);
        }
        // Whatever is not GET RESPONSE gives up what is waiting.
        self.answer.clear();
        check_class(command.cla())?;
        if command.data().len() > BUFFER {
            return Err(Sw::WRONG_LENGTH);
        }
        match (own, command.ins(), command.p1()) {
            (true, SELECT, BY_NAME) => self.select(command),
            (true, SELECT, _) if self.selected.is_none() => Err(Sw::INCORRECT_P1_P2),
            (true, MANAGE_CHANNEL, _) => Err(Sw::CHANNEL_NOT_SUPPORTED),
            _ => self.process(command),
        }
    }

    /// Lets the selected applet answer.
    #[inline]
    fn process(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        let index = self.selected.ok_or(Sw::CONDITIONS_NOT_SATISFIED)?;
        let outcome = self.call(index, |applet, context| applet.process(command, context));
        outcome.unwrap_or(Err(Sw::UNKNOWN)).map_err(|sw| self.refuse(sw))
    }

    /// GET RESPONSE, `00 C0 00 00 Le`: what is still waiting of the last answer, as much of it as `Le` asks for.
    ///
    /// `6985` if nothing is waiting: ISO/IEC 7816-4 has no word for that. `6A86` or `6700` to a GET RESPONSE that is
    /// none leaves what is waiting where it is.
    fn get_response(&self, command: &Command<'_>) -> Result<(), Sw> {
        match (command.p1(), command.p2()) {
            (0, 0) if !command.data().is_empty() || command.ne() == 0 => Err(Sw::WRONG_LENGTH),
            (0, 0) if self.answer.waiting().is_empty() => Err(Sw::CONDITIONS_NOT_SATISFIED),
            (0, 0) => Ok(()),
            _ => Err(Sw::INCORRECT_P1_P2),
        }
    }

    /// Drops what an applet has written before it refused. A status word that is none, and a `61xx` with nothing
    /// behind it, become `6F00`.
    pub(super) fn refuse(&mut self, sw: Sw) -> Sw {
        self.answer.clear();
        if sw.category() == Category::Invalid || sw.available().is_some() { Sw::UNKNOWN } else { sw }
    }
}

/// What this card cannot do, in this order: the class at all, channels, command chaining, secure messaging.
///
/// | class byte | answer |
/// |---|---|
/// | `00` `80` `A0` | goes on |
/// | `20`-`3F` `FF` | `6E00` |
/// | a channel other than 0: `x1`-`x3` and so on of `0x` `1x` `8x`-`Bx`, all of `40`-`7F` and `C0`-`FE` | `6881` |
/// | `1x` `9x` `Bx`: more of a chain follows | `6884` |
/// | `0x` `8x` `Ax` with bits 4 or 3 | `6882` |
#[inline]
fn check_class(cla: Cla) -> Result<(), Sw> {
    // What nearly all commands carry needs no taking apart.
    if matches!(cla, Cla::INTERINDUSTRY | Cla::PROPRIETARY) {
        return Ok(());
    }
    if matches!(cla.kind(), ClassKind::Reserved | ClassKind::Invalid) {
        return Err(Sw::CLA_NOT_SUPPORTED);
    }
    if cla.channel() != Some(Channel::BASIC) {
        return Err(Sw::CHANNEL_NOT_SUPPORTED);
    }
    if cla.chaining() {
        return Err(Sw::CHAINING_NOT_SUPPORTED);
    }
    if cla.secure_messaging() != SecureMessaging::None {
        return Err(Sw::SECURE_MESSAGING_NOT_SUPPORTED);
    }
    Ok(())
}
