//! Which commands the card answers itself, which go to an applet, and which to nobody.

use apdu::{Channel, Cla, ClassKind, Command, SecureMessaging, Sw};

use super::channel::Selection;
use super::front::is_get_response;
use super::toolkit::is_toolkit;
use super::{BUFFER, Card};

const MANAGE_CHANNEL: u8 = 0x70;
const SELECT: u8 = 0xA4;
/// P1 of SELECT by name.
const BY_NAME: u8 = 0x04;

impl Card {
    /// Leaves in the answer buffer what is to be sent.
    #[inline]
    pub(super) fn dispatch(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        self.answer.clear();
        self.nvm.cells_mut().read_unstable();
        self.wake_talk();
        let outcome = self.dispatch_any(command);
        if outcome.is_ok() && self.waits().is_some() {
            self.announce(command.cla().secure_messaging() != SecureMessaging::None);
        }
        outcome
    }

    #[inline]
    fn dispatch_any(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        // What nearly all commands are needs no taking apart.
        let plain = matches!(command.cla(), Cla::INTERINDUSTRY | Cla::PROPRIETARY);
        if plain && !self.chain.is_open() && command.data().len() <= BUFFER {
            self.answer.set_channel(Channel::BASIC);
            if is_toolkit(command) && self.answers_toolkit() {
                return self.toolkit_command(command);
            }
            return self.carry_out(Channel::BASIC, command.cla() == Cla::INTERINDUSTRY, command);
        }
        self.dispatch_other(command)
    }

    /// A command on another channel, a piece of a chain, or one that is too long.
    #[inline(never)]
    fn dispatch_other(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        let channel = self.channel(command.cla());
        let refused = channel.is_err() || command.data().len() > BUFFER;
        if refused {
            self.chain.drop_all();
        }
        let channel = channel?;
        if refused {
            return Err(Sw::WRONG_LENGTH);
        }
        self.answer.set_channel(channel);
        // What is protected is the domain's, whatever it is.
        let own = command.cla().base() == 0 && command.cla().secure_messaging() == SecureMessaging::None;
        if command.cla().chaining() {
            if !matches!(command.cla().base(), 0x00 | 0x80) {
                self.chain.drop_all();
                return Err(Sw::CLA_NOT_SUPPORTED);
            }
            return self.chain.push(command);
        }
        match self.chain.end(command) {
            None => self.carry_out(channel, own, command),
            Some(data) => {
                let data = data?;
                let (cla, ins, p1, p2) = (command.cla(), command.ins(), command.p1(), command.p2());
                let whole = Command::new(cla, ins, p1, p2, &data, command.ne()).map_err(|_| Sw::WRONG_LENGTH)?;
                self.carry_out(channel, own, &whole)
            }
        }
    }

    /// Carries a command out on an open channel; `own` says that its class is that of ISO/IEC 7816-4.
    #[inline]
    fn carry_out(&mut self, channel: Channel, own: bool, command: &Command<'_>) -> Result<(), Sw> {
        if own {
            match (command.ins(), command.p1()) {
                (SELECT, BY_NAME) => return self.select(channel, command),
                (MANAGE_CHANNEL, _) => return self.manage_channel(channel, command),
                // With nothing waiting.
                _ if is_get_response(command) => return Err(Sw::CONDITIONS_NOT_SATISFIED),
                _ => {}
            }
        }
        match self.channels.applet(channel) {
            Some(index) => {
                let outcome = self.call(index, channel, |applet, context| applet.process(command, context));
                outcome.map_err(|sw| self.refuse(sw))
            }
            None => self.without_applet(channel, command),
        }
    }

    /// Drops what an applet has written before it refused. A status word that is none, and a `61xx` with nothing
    /// behind it, become `6F00`.
    pub(super) fn refuse(&mut self, sw: Sw) -> Sw {
        self.answer.clear();
        if sw.category() == apdu::Category::Invalid || sw.available().is_some() { Sw::UNKNOWN } else { sw }
    }

    /// The channel of a class byte, if this card can do what the byte asks for; what it cannot, in this order: the class
    /// at all, the channel, secure messaging.
    ///
    /// | class byte | answer |
    /// |---|---|
    /// | `20`-`3F` `FF` | `6E00` |
    /// | a channel that the card does not have, or that is closed | `6881` |
    /// | `B0`-`BF`: whose bit 5 means chaining only to this table | `6E00`, after the others |
    /// | secure messaging: `0x` `1x` `8x`-`Bx` with bits 4 or 3, `60`-`7F` and `E0`-`FE` | `6882`, but where the issuer domain is selected; there `6884` in a chain |
    fn channel(&self, cla: Cla) -> Result<Channel, Sw> {
        if matches!(cla.kind(), ClassKind::Reserved | ClassKind::Invalid) {
            return Err(Sw::CLA_NOT_SUPPORTED);
        }
        let channel = cla.channel().ok_or(Sw::CHANNEL_NOT_SUPPORTED)?;
        self.channels.get(channel).ok_or(Sw::CHANNEL_NOT_SUPPORTED)?;
        if cla.secure_messaging() != SecureMessaging::None {
            if self.channels.get(channel) != Some(Selection::Domain) {
                return Err(Sw::SECURE_MESSAGING_NOT_SUPPORTED);
            }
            if cla.chaining() {
                return Err(Sw::CHAINING_NOT_SUPPORTED);
            }
        }
        Ok(channel)
    }
}
