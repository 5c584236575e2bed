//! How bytes become commands of a UICC, and answers bytes: `61XX`, `6CXX`, GET RESPONSE, `91XX`.

use ::toolkit::exchange::announcing;
use apdu::{Case, Cla, Command, Response, Sw};

use super::{Done, Uicc, is_plain, number};

const GET_RESPONSE: u8 = 0xC0;

impl Uicc {
    pub(super) fn answer(&mut self, bytes: &[u8], response: &mut [u8]) -> usize {
        // Any command gives up what waits but GET RESPONSE.
        let waiting = std::mem::take(&mut self.waiting);
        let (data, sw) = match Command::decode(bytes) {
            Ok(command) => self.exchange(waiting, &command),
            Err(_) => (Vec::new(), Sw::WRONG_LENGTH),
        };
        Response { data: &data, sw }.encode(response).unwrap_or_default()
    }

    fn exchange(&mut self, waiting: Vec<u8>, command: &Command<'_>) -> (Vec<u8>, Sw) {
        let alone = |sw| (Vec::new(), sw);
        let Some(on) = number(command.cla()) else { return alone(Sw::CHANNEL_NOT_SUPPORTED) };
        if !is_plain(command.cla()) {
            return alone(Sw::CLA_NOT_SUPPORTED);
        }
        if self.channels.get(on).is_none_or(Option::is_none) {
            return alone(Sw::CHANNEL_NOT_SUPPORTED);
        }
        if command.ins() == GET_RESPONSE && command.cla().base() == 0 {
            return self.get_response(on, waiting, command);
        }
        let ne = usize::try_from(command.ne()).unwrap_or(usize::MAX);
        match self.carry_out(on, command) {
            Err(sw) => alone(sw),
            Ok(Done::Nothing) => alone(self.done()),
            Ok(Done::Whole(data) | Done::Part(data)) if data.is_empty() => alone(self.done()),
            Ok(Done::Whole(data)) if command.case() == Case::ThreeShort => {
                let sw = Sw::bytes_available(short(data.len()));
                (self.waiting, self.on) = (data, on);
                alone(sw)
            }
            Ok(Done::Whole(data)) if ne != 256 && ne != data.len() => alone(Sw::correct_le(short(data.len()))),
            Ok(Done::Part(data)) if ne != 256 && ne > data.len() => alone(Sw::correct_le(short(data.len()))),
            Ok(Done::Part(mut data)) => {
                data.truncate(ne);
                (data, self.done())
            }
            Ok(Done::Whole(data)) => (data, self.done()),
        }
    }

    /// The status word of what is done.
    fn done(&self) -> Sw {
        let waits = self.toolkit.as_ref().and_then(super::Toolkit::waits);
        waits.and_then(announcing).unwrap_or(Sw::OK)
    }

    fn get_response(&mut self, on: usize, mut waiting: Vec<u8>, command: &Command<'_>) -> (Vec<u8>, Sw) {
        let ne = usize::try_from(command.ne()).unwrap_or(usize::MAX);
        if waiting.is_empty() || on != self.on {
            return (Vec::new(), Sw::CONDITIONS_NOT_SATISFIED);
        }
        if ne > waiting.len() && ne != 256 || ne == 0 {
            let sw = Sw::correct_le(short(waiting.len()));
            self.waiting = waiting;
            return (Vec::new(), sw);
        }
        self.waiting = waiting.split_off(ne.min(waiting.len()));
        let sw = if self.waiting.is_empty() { self.done() } else { Sw::bytes_available(short(self.waiting.len())) };
        (waiting, sw)
    }

    fn carry_out(&mut self, on: usize, command: &Command<'_>) -> Result<Done, Sw> {
        match (command.cla().base(), command.ins()) {
            (0x00, 0xA4) => self.select(on, command),
            (0x00, 0xB0) => self.read_binary(on, command),
            (0x00, 0xB2) => self.read_record(on, command),
            (0x00, 0x20) => self.verify(command),
            (0x00, 0x70) => self.manage_channel(command),
            (0x80, 0xF2) => self.status(on, command),
            (0x80, _) if command.cla() == Cla::PROPRIETARY && self.toolkit.is_some() => self.toolkit_command(command),
            (0x00 | 0x80, _) => Err(Sw::INS_NOT_SUPPORTED),
            _ => Err(Sw::CLA_NOT_SUPPORTED),
        }
    }

    fn toolkit_command(&mut self, command: &Command<'_>) -> Result<Done, Sw> {
        let toolkit = self.toolkit.as_mut().ok_or(Sw::INS_NOT_SUPPORTED)?;
        Ok(toolkit.command(command)?.map_or(Done::Nothing, Done::Whole))
    }
}

/// A length in one byte; 256 and more are 0.
fn short(length: usize) -> u8 {
    u8::try_from(length).unwrap_or_default()
}
