//! The fields of the purse's commands and answers, without the secret ones.

use apdu::{Command, tlv};
use applet_model::purse::{
    Answer, Attested, AttestedEntry, Checked, Contact, Counters, DataObject, Entry, File, GetData, Holder, LastPaid,
    Limits, MenuData, OpenedRequest, Paid, ProfileData, PurseCommand, ReadRecord, Received, ShownRequest, Statement,
};
use digitally::{Amount, Code, Msisdn};

use super::veil::SELECT;

/// Whether nothing in the data of a command is secret.
pub fn command_is_harmless(command: &Command<'_>, decoded: Option<&PurseCommand>) -> bool {
    match decoded {
        None => command.ins() == SELECT,
        Some(decoded) => match decoded {
            PurseCommand::Verify(_)
            | PurseCommand::ChangeReferenceData(_)
            | PurseCommand::ResetRetryCounter(_)
            | PurseCommand::Confirm(_)
            | PurseCommand::Check(_) => false,
            PurseCommand::InternalAuthenticate(_)
            | PurseCommand::GetBalance(_)
            | PurseCommand::GetData(_)
            | PurseCommand::ReadRecord(_)
            | PurseCommand::AppendContact(_)
            | PurseCommand::EraseContact(_)
            | PurseCommand::Request(_)
            | PurseCommand::Cancel(_)
            | PurseCommand::Authorise(_)
            | PurseCommand::Last(_)
            | PurseCommand::Load(_)
            | PurseCommand::Unload(_) => true,
        },
    }
}

/// Whether nothing in the answer to a command is secret.
pub const fn answer_is_harmless(command: &PurseCommand) -> bool {
    !matches!(
        command,
        PurseCommand::Request(_)
            | PurseCommand::Authorise(_)
            | PurseCommand::Last(_)
            | PurseCommand::ReadRecord(ReadRecord { file: File::Requests, .. })
    )
}

/// The fields of a command.
pub fn of_command(command: &PurseCommand) -> Vec<String> {
    match command {
        PurseCommand::Verify(verify) if verify.pin.is_none() => vec!["only asks for the tries left".to_owned()],
        PurseCommand::Verify(_) => vec!["PIN ••".to_owned()],
        PurseCommand::ChangeReferenceData(_) => vec!["PIN ••".to_owned(), "new PIN ••".to_owned()],
        PurseCommand::ResetRetryCounter(_) => vec!["PUK ••".to_owned(), "new PIN ••".to_owned()],
        PurseCommand::GetData(GetData { tag }) => vec![object(*tag).to_owned()],
        PurseCommand::ReadRecord(ReadRecord { file, number }) => vec![format!("{} {number}", record(*file))],
        PurseCommand::AppendContact(append) => contact(&append.contact),
        PurseCommand::EraseContact(erase) => vec![format!("contact {}", erase.number)],
        PurseCommand::Request(request) => vec![who("payer", request.payer), amount("amount", request.amount)],
        PurseCommand::Cancel(cancel) => vec![format!("request {}", cancel.id)],
        PurseCommand::Confirm(confirm) => vec![format!("request {}", confirm.id), code(&confirm.code)],
        PurseCommand::Check(check) => {
            vec![who("payee", Some(check.payee)), amount("amount", check.amount), code(&check.code)]
        }
        PurseCommand::Last(last) => vec![format!("{} payments back", last.back)],
        PurseCommand::Load(load) => order(load.order.amount, load.order.counter),
        PurseCommand::Unload(unload) => order(unload.order.amount, unload.order.counter),
        PurseCommand::InternalAuthenticate(_) | PurseCommand::GetBalance(_) | PurseCommand::Authorise(_) => Vec::new(),
    }
}

/// The fields of an answer; none if it is not what the command answers.
pub fn of_answer(command: &PurseCommand, data: &[u8]) -> Vec<String> {
    answer(command, data).unwrap_or_default()
}

fn answer(command: &PurseCommand, data: &[u8]) -> Option<Vec<String>> {
    Some(match command {
        PurseCommand::GetBalance(_) => vec![amount("balance", Amount::read(data)?)],
        PurseCommand::GetData(GetData { tag }) => data_object(*tag, data)?,
        PurseCommand::ReadRecord(ReadRecord { file: File::Payments | File::History, .. }) => entry(&Entry::read(data)?),
        PurseCommand::ReadRecord(ReadRecord { file: File::AttestedPayments | File::AttestedHistory, .. }) => {
            entry(&AttestedEntry::read(data)?.entry)
        }
        PurseCommand::InternalAuthenticate(_) => statement(&Attested::read(data)?.statement),
        PurseCommand::ReadRecord(ReadRecord { file: File::Contacts, .. }) => contact(&Contact::read(data)?),
        PurseCommand::ReadRecord(ReadRecord { file: File::Requests, .. }) => {
            let ShownRequest { open, code: shown } = ShownRequest::read(data)?;
            let state = if open.cancelled == 0 { "open" } else { "cancelled" };
            vec![
                format!("request {} {state}", open.id),
                who("payer", open.payer),
                amount("amount", open.amount),
                format!("{} tries", open.tries),
                code(&shown),
            ]
        }
        PurseCommand::Request(_) => {
            let opened = OpenedRequest::read(data)?;
            vec![format!("request {}", opened.id), code(&opened.code)]
        }
        PurseCommand::Check(_) => {
            let checked = Checked::read(data)?;
            vec![name(&checked.name), amount("balance afterwards", checked.balance)]
        }
        PurseCommand::Authorise(_) => {
            let paid = Paid::read(data)?;
            vec![format!("entry {}", paid.number), amount("balance", paid.balance), code(&paid.code)]
        }
        PurseCommand::Confirm(_) => {
            let received = Received::read(data)?;
            vec![
                format!("entry {}", received.number),
                who("payer", received.payer),
                amount("amount", received.amount),
                amount("balance", received.balance),
            ]
        }
        PurseCommand::Last(_) => {
            let last = LastPaid::read(data)?;
            let mut fields = entry(&last.entry);
            fields.push(code(&last.code));
            fields
        }
        PurseCommand::Load(_) | PurseCommand::Unload(_) => {
            vec![amount("balance", applet_model::purse::IssuerReceipt::read(data)?.balance)]
        }
        _ => Vec::new(),
    })
}

/// The fields of one of our data objects; none if it is not what its tag says.
pub fn object_fields(tag: u16, value: &[u8]) -> Vec<String> {
    object_value(tag, value).unwrap_or_default()
}

fn data_object(tag: u16, data: &[u8]) -> Option<Vec<String>> {
    object_value(tag, tlv::parse(data).ok()?.0.value)
}

fn object_value(tag: u16, value: &[u8]) -> Option<Vec<String>> {
    Some(match tag {
        Holder::TAG => {
            let holder = Holder::read(value)?;
            vec![
                who("holder", holder.number),
                format!("currency {}", hex::encode(holder.currency)),
                holder.life().name().to_owned(),
            ]
        }
        ProfileData::TAG => {
            let profile = ProfileData::read(value)?;
            vec![
                format!("profile {}", profile.profile),
                format!("scheme {}", profile.scheme),
                format!("epoch {}", profile.epoch),
            ]
        }
        Limits::TAG => {
            let limits = Limits::read(value)?;
            vec![amount("payment", limits.payment), amount("balance", limits.balance)]
        }
        Counters::TAG => {
            let counters = Counters::read(value)?;
            vec![
                format!("PIN tries {}", counters.pin_tries),
                format!("payments {}", counters.payments),
                format!("received {}", counters.received),
                format!("issuer counter {}", counters.issuer),
            ]
        }
        _ => Vec::new(),
    })
}

const fn object(tag: u16) -> &'static str {
    match tag {
        Holder::TAG => "holder",
        ProfileData::TAG => "profile",
        Limits::TAG => "limits",
        Counters::TAG => "counters",
        0xDF24 => "capacity",
        0xDF25 => "folded history",
        MenuData::TAG => "menu settings",
        _ => "unknown object",
    }
}

const fn record(file: File) -> &'static str {
    match file {
        File::Payments => "payment made",
        File::History => "history entry",
        File::Contacts => "contact",
        File::Requests => "open request",
        File::AttestedPayments => "payment made, with MAC,",
        File::AttestedHistory => "history entry, with MAC,",
    }
}

/// What an entry of the log tells.
pub const fn kind(entry: &Entry) -> &'static str {
    match entry.kind {
        Entry::PAID => "paid",
        Entry::RECEIVED => "received",
        Entry::LOADED => "loaded",
        Entry::UNLOADED => "unloaded",
        _ => "unknown",
    }
}

fn entry(entry: &Entry) -> Vec<String> {
    let mut fields = vec![format!("entry {} {}", entry.number, kind(entry))];
    fields.extend(entry.peer.map(|peer| who("peer", Some(peer))));
    fields.extend([amount("amount", entry.amount), amount("balance", entry.balance)]);
    fields
}

fn statement(statement: &Statement) -> Vec<String> {
    vec![
        who("holder", statement.holder.number),
        statement.holder.life().name().to_owned(),
        format!("contact {}", statement.contact),
        amount("balance", statement.balance),
        format!("entries {}", statement.entries),
    ]
}

fn order(value: Amount, counter: u32) -> Vec<String> {
    vec![amount("amount", value), format!("issuer counter {counter}")]
}

fn contact(contact: &Contact) -> Vec<String> {
    vec![name(&contact.name), who("number", contact.number)]
}

fn name(padded: &[u8]) -> String {
    let text = String::from_utf8_lossy(padded);
    match text.trim_end_matches('\0') {
        "" => "no contact".to_owned(),
        name => format!("name {}", name.replace(char::is_control, " ")),
    }
}

fn who(role: &str, number: Option<Msisdn>) -> String {
    number.map_or_else(|| format!("{role} none"), |number| format!("{role} {number}"))
}

fn amount(what: &str, amount: Amount) -> String {
    format!("{what} {} minor units", amount.minor_units())
}

fn code(code: &Code) -> String {
    format!("code •• ({} digits)", code.digits())
}
