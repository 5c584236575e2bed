//! A SIM below that fails in a way one asks for.
#![allow(dead_code, unreachable_pub, reason = "every user has its own part of this")]

use apdu::Transport;
use card_sim::uicc::{Setup, Uicc};

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It says nothing, or less than a status word.
    Mute(usize),
    /// It has been pulled out.
    Pulled,
    /// It answers FETCH with this.
    Fetch(Vec<u8>),
    /// It answers every command with this.
    Always(Vec<u8>),
}

/// It is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no card")]
pub struct NoCard;

/// A UICC that can fail, and counts the commands that reach it.
#[derive(Clone, Debug)]
pub struct Faulty {
    pub card: Uicc,
    pub fault: Fault,
    pub reached: Vec<Vec<u8>>,
}

impl Faulty {
    pub fn new(setup: &Setup) -> Self {
        Self { card: Uicc::new(setup), fault: Fault::None, reached: Vec::new() }
    }
}

fn say(bytes: &[u8], response: &mut [u8]) -> usize {
    response.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    bytes.len()
}

impl Transport for Faulty {
    type Error = NoCard;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, NoCard> {
        self.reached.push(command.to_vec());
        match &self.fault {
            Fault::Pulled => Err(NoCard),
            Fault::Mute(length) => Ok(*length),
            Fault::Always(bytes) => Ok(say(bytes, response)),
            Fault::Fetch(bytes) if command.get(1) == Some(&0x12) => Ok(say(bytes, response)),
            Fault::None | Fault::Fetch(_) => {
                let Ok(length) = self.card.transmit(command, response);
                Ok(length)
            }
        }
    }

    fn reset(&mut self) -> Result<(), NoCard> {
        if self.fault == Fault::Pulled {
            return Err(NoCard);
        }
        let Ok(()) = self.card.reset();
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        self.card.atr()
    }
}
