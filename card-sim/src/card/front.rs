//! Fronts: how the bytes of a transmission protocol become commands and answers.
//!
//! In T=1 whole command APDUs come in, short or extended. The answer goes out in one piece if `Le` has room for it, else
//! as much as `Le` asks for and `61xx`.
//!
//! In T=0 there is a header of five bytes, CLA INS P1 P2 P3, and behind it either P3 bytes of data or none:
//!
//! | what comes | data to the card | what is answered |
//! |---|---|---|
//! | 4 bytes | none | `9000`; `61xx` if there is data all the same |
//! | 5 bytes | none | P3 (`00`: 256) bytes and `9000` if the answer is that long; `6Cxx` if it is not: the same header with P3 = xx then brings it, and with a smaller P3 so much of it and `61xx`. The command is not carried out again. `9000` if there is no data at all |
//! | 5 + P3 bytes | P3 bytes | `9000`, or `61xx`: the data is fetched with GET RESPONSE |
//! | 6 + P3 bytes | P3 bytes | the same: a `Le` behind the data is not part of T=0, but many send it |
//! | any other length | | `6700` |
//!
//! In both, `61xx` says that xx (`00`: 256 or more) bytes wait for GET RESPONSE, `0X C0 00 00 Le`, on the channel they were
//! asked for on; class `8X` will do, as some terminals take that of the command. Any other command gives them up. GET RESPONSE with nothing waiting is `6985`, for which ISO/IEC 7816-4 has
//! no word; in T=0, one that asks for more than there is gets `6Cxx`. Commands longer than T=0 can carry come as a chain.
//!
//! Source: ISO/IEC 7816-3:2006 §12.2, mapping of APDUs by T=0; ISO/IEC 7816-4:2013 §5.3.4, response chaining.

use apdu::{Case, Cla, Command, Response, SecureMessaging, Sw};

use super::{Card, Protocol};

const GET_RESPONSE: u8 = 0xC0;

impl Card {
    /// Answers bytes of the protocol that is spoken and returns the length of the answer; 0 without power.
    #[inline]
    pub(super) fn respond(&mut self, bytes: &[u8], response: &mut [u8]) -> usize {
        if !self.nvm.cells().is_on() {
            return 0;
        }
        let length = match self.protocol {
            Protocol::T1 => self.respond_t1(bytes, response),
            Protocol::T0 => self.respond_t0(bytes, response),
        };
        if self.nvm.cells().is_on() {
            return length;
        }
        self.lose_power();
        response.get_mut(..length).unwrap_or_default().fill(0);
        0
    }

    #[inline]
    fn respond_t1(&mut self, bytes: &[u8], response: &mut [u8]) -> usize {
        let outcome = match Command::decode(bytes) {
            Ok(command) if is_get_response(&command) => self.get_response(&command).map(|()| command.ne()),
            Ok(command) => self.dispatch(&command).map(|()| command.ne()),
            Err(_) => {
                self.answer.clear();
                self.chain.drop_all();
                Err(Sw::WRONG_LENGTH)
            }
        };
        match outcome {
            Ok(ne) => self.release(ne, response),
            Err(sw) => status(sw, response),
        }
    }

    #[inline(never)]
    fn respond_t0(&mut self, bytes: &[u8], response: &mut [u8]) -> usize {
        let Some((command, header)) = tpdu(bytes) else {
            self.answer.clear();
            self.chain.drop_all();
            return status(Sw::WRONG_LENGTH, response);
        };
        let repeated = self.answer.repeat() == Some(header) && command.data().is_empty();
        let outcome = if repeated {
            Ok(())
        } else if is_get_response(&command) {
            self.get_response(&command)
        } else {
            self.dispatch(&command)
        };
        if let Err(sw) = outcome {
            return status(sw, response);
        }
        let waiting = self.answer.waiting().len();
        let ne = usize::try_from(command.ne()).unwrap_or_default();
        match command.case() {
            // A `Le` that is 256 takes the first 256 bytes of more.
            Case::TwoShort if waiting != 0 && waiting != ne && (waiting < ne || ne != 256) => {
                // GET RESPONSE may ask for a part, and so may who knows by now how much there is.
                if (repeated || is_get_response(&command)) && ne < waiting {
                    return self.release(command.ne(), response);
                }
                self.answer.wait_for(header);
                status(Sw::correct_le(u8::try_from(waiting).unwrap_or(0)), response)
            }
            _ => self.release(command.ne(), response),
        }
    }

    /// Writes as much as `ne` and `response` allow, with its status word if that was all, else `61xx`; returns the length.
    #[inline]
    fn release(&mut self, ne: u32, response: &mut [u8]) -> usize {
        let Some(room) = response.len().checked_sub(Sw::OK.bytes().len()) else { return 0 };
        let sw = self.answer.sw();
        let (data, left) = self.answer.take(room.min(usize::try_from(ne).unwrap_or(usize::MAX)));
        let sw = match left {
            0 => sw,
            // 256 bytes and more are said as 0.
            left => Sw::bytes_available(u8::try_from(left).unwrap_or(0)),
        };
        Response { data, sw }.encode(response).unwrap_or(0)
    }

    /// GET RESPONSE, `0X C0 00 00 Le`: what is still waiting of the last answer, as much of it as `Le` asks for. `6A86` or
    /// `6700` to one that is none leaves what is waiting where it is.
    #[inline(never)]
    fn get_response(&mut self, command: &Command<'_>) -> Result<(), Sw> {
        let there = command.cla().channel() == Some(self.answer.channel()) && !self.answer.waiting().is_empty();
        if !there {
            // It is a command like any other then, and refused as such.
            return self.dispatch(command);
        }
        match (command.p1(), command.p2()) {
            (0, 0) if !command.data().is_empty() || command.ne() == 0 => Err(Sw::WRONG_LENGTH),
            (0, 0) => Ok(()),
            _ => Err(Sw::INCORRECT_P1_P2),
        }
    }
}

#[inline]
pub(super) fn is_get_response(command: &Command<'_>) -> bool {
    let cla = command.cla();
    command.ins() == GET_RESPONSE
        && matches!(cla.base(), 0x00 | 0x80)
        && !cla.chaining()
        && cla.secure_messaging() == SecureMessaging::None
}

/// The command that comes in these bytes of T=0, and its header; nothing if their number is wrong.
fn tpdu(bytes: &[u8]) -> Option<(Command<'_>, [u8; 4])> {
    let (header, body) = bytes.split_first_chunk::<4>()?;
    let [cla, ins, p1, p2] = *header;
    let (data, case, ne) = match *body {
        [] => (&[][..], Case::One, 0),
        [0] => (&[][..], Case::TwoShort, 256),
        [le] => (&[][..], Case::TwoShort, u32::from(le)),
        [lc, ref rest @ ..] => {
            let lc = usize::from(lc);
            let data = rest.get(..lc).filter(|data| !data.is_empty() && rest.len() <= lc.saturating_add(1))?;
            (data, Case::ThreeShort, 0)
        }
    };
    Some((Command::with_case(case, Cla::new(cla), ins, p1, p2, data, ne).ok()?, *header))
}

fn status(sw: Sw, response: &mut [u8]) -> usize {
    Response { data: &[], sw }.encode(response).unwrap_or(0)
}
