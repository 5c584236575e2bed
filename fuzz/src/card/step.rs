//! What somebody does, read from bytes.
//!
//! | byte | what |
//! |---|---|
//! | 0 | bit 8 (80): whose card; bit 7 (40): the command is bent; bits 4 to 1: what is done |
//! | 1, 2 | if bent: the byte that is changed, counted modulo the length; by which bits |
//! | then | what the step takes, see [`Step`] |

use apdu::Transport;
use applet_model::purse::{
    Answer, AppendContact, Authorise, Cancel, ChangeReferenceData, Check, Confirm, Contact, EraseContact, Instruction,
    Last, Load, PURSE_AID, RequestPayment, ResetRetryCounter, Unload, Verify,
};
use digitally::{Amount, Code};

use super::person::{self, Order, PIN, PUK, Person, pin};
use super::{Shown, transmit};

/// Reads steps.
pub(super) struct Script<'a>(&'a [u8]);

/// One step. Amounts are so many times 100 minor units; what was shown is counted from the newest back.
pub(super) struct Step<'a> {
    action: Action<'a>,
    bend: Option<(u8, u8)>,
}

enum Action<'a> {
    /// 0: a length, and that many bytes, sent as they are.
    Raw(&'a [u8]),
    /// 1
    PowerOff,
    /// 2
    Select,
    /// 3: amount
    Request(u8),
    /// 4: which request
    Check(u8),
    /// 5: 0 for the right PIN
    Verify(u8),
    /// 6
    Authorise,
    /// 7: which request; which response, of which 0 is its own
    Confirm(u8, u8),
    /// 8: amount
    Load(u8),
    /// 9: amount
    Unload(u8),
    /// 10: which request
    Cancel(u8),
    /// 11: how far back
    Last(u8),
    /// 12: 0 for the right PUK
    Unblock(u8),
    /// 13: 0 for the right PIN
    ChangePin(u8),
    /// 14: last digit of the number
    Append(u8),
    /// 15: record
    Erase(u8),
}

impl<'a> Script<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next step and whose it is; nothing at the end, also in the middle of a step.
    pub(super) fn next(&mut self) -> Option<(usize, Step<'a>)> {
        let first = self.byte()?;
        let bend = if first & 0x40 == 0 { None } else { Some((self.byte()?, self.byte()?)) };
        let action = match first & 0x0F {
            0 => {
                let length = usize::from(self.byte()?);
                let (raw, rest) = self.0.split_at(length.min(self.0.len()));
                self.0 = rest;
                Action::Raw(raw)
            }
            1 => Action::PowerOff,
            2 => Action::Select,
            3 => Action::Request(self.byte()?),
            4 => Action::Check(self.byte()?),
            5 => Action::Verify(self.byte()?),
            6 => Action::Authorise,
            7 => Action::Confirm(self.byte()?, self.byte()?),
            8 => Action::Load(self.byte()?),
            9 => Action::Unload(self.byte()?),
            10 => Action::Cancel(self.byte()?),
            11 => Action::Last(self.byte()?),
            12 => Action::Unblock(self.byte()?),
            13 => Action::ChangePin(self.byte()?),
            14 => Action::Append(self.byte()?),
            _ => Action::Erase(self.byte()?),
        };
        Some((usize::from(first >> 7), Step { action, bend }))
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }
}

fn amount(times: u8) -> Amount {
    Amount::new(u32::from(times) * 100)
}

/// The one so far back, if there are so many.
fn nth(shown: &[Shown], back: u8) -> Option<Shown> {
    shown.iter().rev().nth(back.into()).copied()
}

impl Step<'_> {
    /// Does it; says which instruction was sent. What needs something that was never shown does nothing.
    pub(super) fn play(&self, who: usize, people: &mut [Person; 2], shown: &mut Vec<Shown>) -> Option<u8> {
        let me = &mut people[who];
        let other = person::number(1 - who);
        match self.action {
            Action::Raw(raw) => {
                transmit(&mut me.card, raw);
                raw.get(1).copied()
            }
            Action::PowerOff => {
                me.card.reset().unwrap();
                me.select();
                None
            }
            Action::Select => self.sent(me, person::select(&PURSE_AID)).0,
            Action::Request(times) => {
                let (ins, opened) = self.send(me, &RequestPayment { payer: Some(other), amount: amount(times) });
                if let Some(opened) = opened {
                    let amount = amount(times).minor_units();
                    shown.push(Shown { payee: who, id: opened.id, amount, request: opened.code, response: None });
                }
                ins
            }
            Action::Check(back) => {
                let one = nth(shown, back)?;
                let payee = person::number(one.payee);
                self.send(me, &Check { payee, amount: Amount::new(one.amount), code: one.request }).0
            }
            Action::Verify(wrong) => self.send(me, &Verify { pin: Some(pin(secret(PIN, wrong))) }).0,
            Action::Authorise => {
                let (ins, paid) = self.send(me, &Authorise);
                if let Some(paid) = paid {
                    // Whose it is shows when it is confirmed; here it goes to the newest request that has none.
                    let place = shown.iter_mut().rev().find(|one| one.payee != who && one.response.is_none());
                    place.into_iter().for_each(|one| one.response = Some(paid.code));
                }
                ins
            }
            Action::Confirm(back, other) => {
                let one = nth(shown, back)?;
                let response: Option<Code> = match other.checked_sub(1) {
                    None => one.response,
                    Some(back) => nth(shown, back).and_then(|one| one.response.or(Some(one.request))),
                };
                self.send(me, &Confirm { id: one.id, code: response? }).0
            }
            Action::Load(times) => {
                let order = self.order(me, true, times);
                self.send(me, &Load::new(&me.issuer_key(), &me.identity(), amount(times), order.counter)).0
            }
            Action::Unload(times) => {
                let order = self.order(me, false, times);
                self.send(me, &Unload::new(&me.issuer_key(), &me.identity(), amount(times), order.counter)).0
            }
            Action::Cancel(back) => self.send(me, &Cancel { id: nth(shown, back)?.id }).0,
            Action::Last(back) => self.send(me, &Last { back }).0,
            Action::Unblock(wrong) => {
                self.send(me, &ResetRetryCounter { puk: pin(secret(PUK, wrong)), new: pin(PIN) }).0
            }
            Action::ChangePin(wrong) => {
                self.send(me, &ChangeReferenceData { old: pin(secret(PIN, wrong)), new: pin(PIN) }).0
            }
            Action::Append(last) => {
                let number = person::number(usize::from(last % 8));
                self.send(me, &AppendContact { contact: Contact::new(number, "Somebody")? }).0
            }
            Action::Erase(number) => self.send(me, &EraseContact { number }).0,
        }
    }

    /// The issuer gives an order: the next one for this card.
    fn order(&self, me: &mut Person, load: bool, times: u8) -> Order {
        let counter = me.known.counters.issuer + 1;
        let order = Order { load, amount: amount(times).minor_units(), counter };
        me.orders.push(order);
        order
    }

    /// Sends a command, bent if it is to be.
    fn sent(&self, me: &mut Person, mut command: Vec<u8>) -> (Option<u8>, (Vec<u8>, u16)) {
        if let Some((at, bits)) = self.bend {
            let at = usize::from(at) % command.len();
            command[at] ^= bits;
        }
        (command.get(1).copied(), transmit(&mut me.card, &command))
    }

    fn send<I: Instruction>(&self, me: &mut Person, instruction: &I) -> (Option<u8>, Option<I::Answer>) {
        let (ins, (data, sw)) = self.sent(me, person::bytes(&instruction.frame()));
        (ins, I::Answer::read(&data).filter(|_| sw == 0x9000))
    }
}

const fn secret(right: &'static str, wrong: u8) -> &'static str {
    if wrong == 0 { right } else { "9999" }
}
