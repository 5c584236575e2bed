//! REQUEST — `80 40 00 00 0C payer amount 00`: the payee opens a request and shows its code.
//!
//! | field | bytes | contents |
//! |---|---|---|
//! | data | 8 | the payer's number, BCD |
//! | | 4 | amount in minor units |
//! | answer | 4 | number of the request on this card |
//! | | n | the request code, BCD |
//!
//! `6A80` amount zero or payer = holder; `9411` too many requests since the last issuer contact; `9413` amount above
//! its limit; `9414` the balance could not take it; `9402` the serials for this payer are used up.
//!
//! One transaction: the next serial, the ring of open requests, the counts. Only then is the code computed. In a full
//! ring the oldest request leaves; before it those without a try left, then cancelled ones.

use apdu::{Command, Sw};
use digitally::profile::NonceRule;
use digitally::{Amount, Code, Counter, Msisdn, Nonce, Request};

use super::frame::{Answer, Frame, Instruction, parameters, value};
use super::records::OpenRequest;
use super::{Purse, status};
use crate::runtime::{Cell, Context, Fields, Reply, record};

record! {
    /// The command.
    #[derive(Clone, Copy, Debug)]
    pub struct RequestPayment {
        /// Who is to pay.
        pub payer: Option<Msisdn>,
        /// How much.
        pub amount: Amount,
    }
}

/// The answer: a new request.
#[derive(Clone, Copy, Debug)]
pub struct OpenedRequest {
    /// Number of the request on this card.
    pub id: u32,
    /// What the payee shows to the payer.
    pub code: Code,
}

impl RequestPayment {
    pub(super) const INS: u8 = 0x40;

    pub(super) fn decode(command: &Command<'_>) -> Result<Self, Sw> {
        parameters(command, 0x00, 0x00)?;
        value(command)
    }

    pub(super) fn apply(self, purse: &Purse, context: &mut Context<'_>) -> Result<(), Sw> {
        let payer = self.payer.ok_or(Sw::WRONG_DATA)?;
        let terms = Purse::terms(payer, purse.own_number(context)?, self.amount)?;
        let keyring = purse.keyring(context)?;
        let limits = purse.limits(context);
        let opened = context.memory.read(purse.places.opened);
        if opened.since_contact >= limits.opens {
            return Err(status::OPEN_CAP);
        }
        if self.amount > limits.payment {
            return Err(status::AMOUNT_LIMIT);
        }
        purse.balance_with(context, self.amount)?;
        let opened = opened.increment().ok_or(status::COUNTER)?;

        let counter = purse.serial_counter(payer);
        let nonce = match keyring.suite().profile.payee_nonce {
            NonceRule::Serial { .. } => {
                let above = context.memory.read(purse.places.identity).serials_above;
                let last = counter.map_or(0, |cell| context.memory.read(cell)).max(above);
                Nonce::serial(Counter::at(last).next().ok_or(status::COUNTER)?.value())
            }
            NonceRule::Random => {
                let mut bits = [0; 8];
                context.random.fill(&mut bits)?;
                Nonce::random(bits, keyring.suite().profile.request.nonce)
            }
        };
        let request = Request::open(terms, nonce);
        let open = OpenRequest {
            id: opened.ever,
            payer: self.payer,
            amount: self.amount,
            nonce: request.payee_nonce(),
            tries: limits.tries,
            cancelled: 0,
            scheme: keyring.scheme.number(),
            epoch: keyring.epoch,
        };
        let place = purse.place_for_request(context).ok_or(Sw::NOT_ENOUGH_MEMORY)?;
        context.memory.atomically(|transaction| {
            if let (NonceRule::Serial { .. }, Some(cell)) = (keyring.suite().profile.payee_nonce, counter) {
                transaction.write(cell, &open.nonce)?;
            }
            transaction.write(place, &open)?;
            Ok(transaction.write(purse.places.opened, &opened)?)
        })?;
        OpenedRequest { id: open.id, code: request.code(&keyring.suite()) }.write(&mut context.reply)
    }
}

impl Instruction for RequestPayment {
    type Answer = OpenedRequest;

    fn frame(&self) -> Frame {
        Frame::new(0x80, Self::INS, 0x00, 0x00).with_value(self).expecting_any()
    }
}

impl OpenedRequest {
    fn write(&self, reply: &mut Reply<'_>) -> Result<(), Sw> {
        reply.value(&self.id)?;
        write_code(reply, &self.code)
    }
}

impl Answer for OpenedRequest {
    fn read(data: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(data);
        Some(Self { id: fields.take()?, code: read_code(fields)? })
    }
}

/// Puts a code at the end of an answer.
pub(super) fn write_code(reply: &mut Reply<'_>, code: &Code) -> Result<(), Sw> {
    let mut bytes = [0; Code::MAX_BCD];
    let len = code.write_bcd(&mut bytes).ok_or(Sw::UNKNOWN)?;
    reply.put(bytes.get(..len).unwrap_or_default())
}

/// Reads the code at the end of an answer.
pub(super) fn read_code(fields: Fields<'_>) -> Option<Code> {
    Code::from_padded_bcd(fields.rest()).ok().filter(|code| code.digits() > 0)
}

impl Purse {
    /// The counter of the serials for this payer: that of the bucket which the number falls into.
    pub(super) fn serial_counter(&self, payer: Msisdn) -> Option<Cell<u32>> {
        let buckets = u64::try_from(self.places.counters.count()).ok()?;
        let bucket = payer.number().checked_rem(buckets)?;
        self.places.counters.cell(usize::try_from(bucket).ok()?)
    }

    /// A free place in the ring; or else that of the oldest request that has no try left, that is cancelled, or of the
    /// oldest one, in this order.
    fn place_for_request(&self, context: &Context<'_>) -> Option<Cell<OpenRequest>> {
        self.places.requests.cells().min_by_key(|cell| {
            let open = context.memory.read(*cell);
            let worth = match (open.id, open.tries, open.cancelled) {
                (0, _, _) => 0,
                (_, 0, _) => 1,
                (_, _, 0) => 3,
                _ => 2,
            };
            (worth, open.id)
        })
    }

    /// The open request of this number, with its place. Nothing for 0.
    pub(super) fn open_request(&self, context: &Context<'_>, id: u32) -> Option<(Cell<OpenRequest>, OpenRequest)> {
        let requests = self.places.requests.cells().map(|cell| (cell, context.memory.read(cell)));
        requests.filter(|_| id > 0).find(|(_, open)| open.id == id)
    }

    /// The request as the protocol sees it.
    pub(super) fn recall(&self, context: &Context<'_>, open: &OpenRequest) -> Result<Request, Sw> {
        let payer = open.payer.ok_or(Sw::UNKNOWN)?;
        Ok(Request::recall(Self::terms(payer, self.own_number(context)?, open.amount)?, open.nonce))
    }
}
