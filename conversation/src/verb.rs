//! The commands that have words: how each is written, and the command that its struct in `applet_model` makes of it.

use applet_model::purse::{
    AppendContact, Authorise, Cancel, ChangeReferenceData, Check, Confirm, Contact, EraseContact, File, Frame,
    GetBalance, Instruction, Last, PURSE_AID, RequestPayment, ResetRetryCounter, Verify,
};
use applet_model::runtime::PinBlock;
use digitally::{Amount, Code, Msisdn};

use crate::answer::{self, Layout};
use crate::kind::{Bytes, Kind};

/// A part of the form in which a command is written, behind its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// This word.
    Word(&'static str),
    /// A value.
    Of(Kind),
    /// A value that may be left out.
    Maybe(Kind),
    /// This word, or not.
    Flag(&'static str),
}

/// A command that has words.
pub(crate) struct Verb {
    /// The words that begin it.
    pub(crate) words: &'static [&'static str],
    /// What it does, for those who ask.
    pub(crate) does: &'static str,
    /// What comes behind them.
    pub(crate) form: &'static [Part],
    /// What it answers.
    pub(crate) layout: Layout,
    /// The command; nothing if a value is not of its kind, which never happens.
    pub(crate) frame: fn(&Values<'_>) -> Option<Frame>,
}

/// The values of a command, one for each part of its form that is not a fixed word; nothing where one was left out.
pub(crate) struct Values<'v>(pub(crate) &'v [Option<Bytes>]);

impl Values<'_> {
    fn bytes(&self, at: usize) -> Option<&[u8]> {
        self.0.get(at)?.as_deref().map(Vec::as_slice)
    }

    fn has(&self, at: usize) -> bool {
        self.bytes(at).is_some()
    }

    fn amount(&self, at: usize) -> Option<Amount> {
        Some(Amount::new(self.long(at)?))
    }

    fn number(&self, at: usize) -> Option<Msisdn> {
        Msisdn::from_bcd(self.bytes(at)?.first_chunk()?).ok()
    }

    fn code(&self, at: usize) -> Option<Code> {
        Code::from_padded_bcd(self.bytes(at)?).ok()
    }

    fn pin(&self, at: usize) -> Option<PinBlock> {
        PinBlock::from_bytes(*self.bytes(at)?.first_chunk()?).ok()
    }

    fn long(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(*self.bytes(at)?.first_chunk()?))
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes(at)?.first().copied()
    }
}

const BYTE: Kind = Kind::Count(1);
const ID: Kind = Kind::Count(4);

use Part::{Flag, Maybe, Of, Word};

/// Every command that has words.
pub(crate) const ALL: &[Verb] = &[
    Verb {
        words: &["select"],
        does: "selects the purse, or the application whose name begins so",
        form: &[Maybe(Kind::Aid), Flag("next"), Flag("quietly")],
        layout: Layout::Fci,
        frame: |values| {
            let name = values.bytes(0).unwrap_or(PURSE_AID.as_bytes());
            let next = if values.has(1) { 0x02 } else { 0x00 };
            Some(match values.has(2) {
                true => Frame::new(0x00, 0xA4, 0x04, 0x0C | next).with(name),
                false => Frame::new(0x00, 0xA4, 0x04, next).with(name).expecting_any(),
            })
        },
    },
    Verb {
        words: &["verify"],
        does: "shows the card its PIN; without one, asks for the tries left",
        form: &[Maybe(Kind::Pin)],
        layout: answer::NOTHING,
        frame: |values| Some(Verify { pin: values.pin(0) }.frame()),
    },
    Verb {
        words: &["change", "pin"],
        does: "sets another PIN",
        form: &[Of(Kind::Pin), Word("to"), Of(Kind::Pin)],
        layout: answer::NOTHING,
        frame: |values| Some(ChangeReferenceData { old: values.pin(0)?, new: values.pin(1)? }.frame()),
    },
    Verb {
        words: &["unblock", "pin"],
        does: "sets another PIN by the PUK",
        form: &[Of(Kind::Pin), Word("to"), Of(Kind::Pin)],
        layout: answer::NOTHING,
        frame: |values| Some(ResetRetryCounter { puk: values.pin(0)?, new: values.pin(1)? }.frame()),
    },
    Verb {
        words: &["balance"],
        does: "asks what is in the purse",
        form: &[],
        layout: answer::BALANCE,
        frame: |_| Some(GetBalance.frame()),
    },
    Verb {
        words: &["request"],
        does: "the payee asks for money, and gets the code for the payer",
        form: &[Of(Kind::Amount), Word("from"), Of(Kind::Number)],
        layout: answer::REQUEST,
        frame: |values| Some(RequestPayment { payer: values.number(1), amount: values.amount(0)? }.frame()),
    },
    Verb {
        words: &["cancel"],
        does: "takes a request back",
        form: &[Of(ID)],
        layout: answer::NOTHING,
        frame: |values| Some(Cancel { id: values.long(0)? }.frame()),
    },
    Verb {
        words: &["confirm"],
        does: "the payee types the payer's code, and is credited",
        form: &[Of(ID), Word("code"), Of(Kind::Code)],
        layout: answer::CONFIRM,
        frame: |values| Some(Confirm { id: values.long(0)?, code: values.code(1)? }.frame()),
    },
    Verb {
        words: &["check"],
        does: "the payer types the payee's code, and sees what it is about",
        form: &[Of(Kind::Amount), Word("to"), Of(Kind::Number), Word("code"), Of(Kind::Code)],
        layout: answer::CHECK,
        frame: |values| {
            Some(Check { payee: values.number(1)?, amount: values.amount(0)?, code: values.code(2)? }.frame())
        },
    },
    Verb {
        words: &["authorise"],
        does: "pays what was checked, and shows the code for the payee",
        form: &[],
        layout: answer::AUTHORISE,
        frame: |_| Some(Authorise.frame()),
    },
    Verb {
        words: &["last"],
        does: "shows a payment and its code again, the last one or the one so many before it",
        form: &[Maybe(BYTE)],
        layout: answer::LAST,
        frame: |values| Some(Last { back: values.byte(0).unwrap_or(0) }.frame()),
    },
    Verb {
        words: &["read", "paid"],
        does: "reads an entry of the payments made, 1 being the newest",
        form: &[Of(BYTE)],
        layout: answer::ENTRY,
        frame: |values| read_record(File::Payments, values),
    },
    Verb {
        words: &["read", "history"],
        does: "reads an entry of the history, 1 being the newest",
        form: &[Of(BYTE)],
        layout: answer::ENTRY,
        frame: |values| read_record(File::History, values),
    },
    Verb {
        words: &["read", "contact"],
        does: "reads a contact",
        form: &[Of(BYTE)],
        layout: answer::CONTACT,
        frame: |values| read_record(File::Contacts, values),
    },
    Verb {
        words: &["read", "request"],
        does: "reads an open request",
        form: &[Of(BYTE)],
        layout: answer::OPEN_REQUEST,
        frame: |values| read_record(File::Requests, values),
    },
    Verb {
        words: &["add", "contact"],
        does: "keeps a contact",
        form: &[Of(Kind::Number), Of(Kind::Name)],
        layout: answer::NOTHING,
        frame: |values| {
            let name = *values.bytes(1)?.first_chunk()?;
            Some(AppendContact { contact: Contact { number: values.number(0), name } }.frame())
        },
    },
    Verb {
        words: &["erase", "contact"],
        does: "erases a contact",
        form: &[Of(BYTE)],
        layout: answer::NOTHING,
        frame: |values| Some(EraseContact { number: values.byte(0)? }.frame()),
    },
    Verb {
        words: &["holder"],
        does: "asks whose purse it is",
        form: &[],
        layout: answer::HOLDER,
        frame: |_| Some(get_data(answer::HOLDER)),
    },
    Verb {
        words: &["profile"],
        does: "asks for the profile of the codes",
        form: &[],
        layout: answer::PROFILE,
        frame: |_| Some(get_data(answer::PROFILE)),
    },
    Verb {
        words: &["limits"],
        does: "asks for the limits",
        form: &[],
        layout: answer::LIMITS,
        frame: |_| Some(get_data(answer::LIMITS)),
    },
    Verb {
        words: &["counters"],
        does: "asks for the counters, and the tries left",
        form: &[],
        layout: answer::COUNTERS,
        frame: |_| Some(get_data(answer::COUNTERS)),
    },
    Verb {
        words: &["capacity"],
        does: "asks how much the purse can keep",
        form: &[],
        layout: answer::CAPACITY,
        frame: |_| Some(get_data(answer::CAPACITY)),
    },
    Verb {
        words: &["totals"],
        does: "asks for the totals of what was folded",
        form: &[],
        layout: answer::TOTALS,
        frame: |_| Some(get_data(answer::TOTALS)),
    },
    Verb {
        words: &["open", "channel"],
        does: "opens a logical channel, this one or any",
        form: &[Maybe(BYTE)],
        layout: answer::CHANNEL,
        frame: |values| {
            let number = values.byte(0);
            let frame = Frame::new(0x00, 0x70, 0x00, number.unwrap_or(0));
            // The card names the channel only if it was left to it.
            Some(if number.is_some() { frame } else { frame.expecting(1) })
        },
    },
    Verb {
        words: &["close", "channel"],
        does: "closes a logical channel",
        form: &[Of(BYTE)],
        layout: answer::NOTHING,
        frame: |values| Some(Frame::new(0x00, 0x70, 0x80, values.byte(0)?)),
    },
];

/// READ RECORD by number: the short file identifier in the high five bits of P2, `100` below it (ISO/IEC 7816-4).
fn read_record(file: File, values: &Values<'_>) -> Option<Frame> {
    Some(Frame::new(0x00, 0xB2, values.byte(0)?, file.sfi() << 3 | 0b100).expecting_any())
}

/// GET DATA of the object that the answer is.
fn get_data(layout: Layout) -> Frame {
    let [high, low] = if let Layout::Object(tag, _) = layout { tag.to_be_bytes() } else { [0, 0] };
    Frame::new(0x00, 0xCA, high, low).expecting_any()
}

/// Two commands that only the issuer can give: the host makes the order.
pub(crate) const ORDERS: [&str; 2] = ["load", "unload"];

/// The first words of all commands, for messages.
pub(crate) fn first_words() -> String {
    let mut words: Vec<&str> = ALL.iter().filter_map(|verb| verb.words.first().copied()).collect();
    words.extend(ORDERS);
    words.push("transmit");
    words.dedup();
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[&str], values: &[Option<(Kind, &str)>]) -> String {
        let verb = ALL.iter().find(|verb| verb.words == words).unwrap();
        let values: Vec<Option<Bytes>> =
            values.iter().map(|value| value.map(|(kind, text)| kind.encode(text, 2).unwrap())).collect();
        let frame = (verb.frame)(&Values(&values)).unwrap();
        let mut room = [0; 300];
        let len = frame.command().unwrap().encode(&mut room).unwrap();
        hex::encode_upper(&room[..len])
    }

    /// What `docs/applet.md` and ISO/IEC 7816-4 say, where the purse's own struct does not make the bytes.
    #[test]
    fn bytes_of_what_has_no_struct() {
        let flag = Some((Kind::Text, "next"));
        assert_eq!(bytes(&["select"], &[None, None, None]), "00A404000BF06469676974616C6C790100");
        assert_eq!(bytes(&["select"], &[Some((Kind::Aid, "F064")), flag, flag]), "00A4040E02F064");
        assert_eq!(bytes(&["read", "request"], &[Some((BYTE, "3"))]), "00B2032400");
        assert_eq!(bytes(&["counters"], &[]), "00CADF2300");
        assert_eq!(bytes(&["open", "channel"], &[None]), "0070000001");
        assert_eq!(bytes(&["open", "channel"], &[Some((BYTE, "2"))]), "00700002");
        assert_eq!(bytes(&["close", "channel"], &[Some((BYTE, "2"))]), "00708002");
    }
}
