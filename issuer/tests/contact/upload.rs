//! What a card's menu sends: its log in short messages.

use applet_model::purse::client::Client;
use applet_model::purse::upload::{CHALLENGE, Entries, UploadMessage};
use applet_model::purse::{AttestedEntry, File};
use card_sim::Card;
use toolkit::Address;
use toolkit::sms::{Header, Submit, UserData};

use crate::world::Person;

/// The message as the phone is told to send it.
pub(crate) fn tpdu(message: &UploadMessage) -> Vec<u8> {
    let mut room = [0; UploadMessage::MAX_LENGTH];
    submit(message.encode(&mut room).unwrap())
}

pub(crate) fn submit(bytes: &[u8]) -> Vec<u8> {
    let mut digits = [0; Address::MAX_SMS_BYTES];
    let address = Address::encode("+254700000099", &mut digits).unwrap();
    let data = UserData::octets(Header::None, bytes).unwrap();
    let mut room = [0; Submit::MAX_LENGTH];
    Submit::new(address, data).encode(&mut room).unwrap().to_vec()
}

/// All that the card holds of its log, oldest first.
pub(crate) fn log(purse: &mut Client<&mut Card>) -> Vec<AttestedEntry> {
    let mut log = Vec::new();
    for file in [File::AttestedPayments, File::AttestedHistory] {
        log.extend((1..=u8::MAX).map_while(|record| purse.attested_entry(file, record).unwrap()));
    }
    log.sort_by_key(|attested| attested.entry.number);
    log
}

/// Messages of the entries above this number.
pub(crate) fn entries(person: &mut Person, above: u32) -> Vec<Vec<u8>> {
    let mut entries = log(&mut person.purse());
    entries.retain(|attested| attested.entry.number > above);
    let message = |three: &[AttestedEntry]| {
        let mut entries = Entries::new(person.number, 1);
        assert!(three.iter().all(|attested| entries.push(*attested)));
        tpdu(&UploadMessage::Entries(entries))
    };
    entries.chunks(Entries::MOST).map(message).collect()
}

/// The last message.
pub(crate) fn statement(person: &mut Person) -> Vec<u8> {
    tpdu(&UploadMessage::Statement(person.purse().attest(CHALLENGE).unwrap()))
}

/// All messages, in the order in which they are sent.
pub(crate) fn upload(person: &mut Person) -> Vec<Vec<u8>> {
    let mut messages = entries(person, 0);
    messages.push(statement(person));
    messages
}
