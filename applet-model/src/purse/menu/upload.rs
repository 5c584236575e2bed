//! Upload: the log goes to the issuer in short messages, oldest entry first, then a statement.
//!
//! What the network took is remembered with each message, so that after a failure it goes on from there.

use ::toolkit::command::SendShortMessage;
use ::toolkit::sms::{Header, MAX_USER_DATA, Submit, UserData};
use ::toolkit::{Address, Alpha};
use apdu::Sw;
use core::fmt::Write;

use super::line::Line;
use super::screen::Screen;
use super::text::Text;
use super::{Input, Step, Talk};
use crate::purse::upload::{CHALLENGE, Entries, UploadMessage};
use crate::purse::{AttestedEntry, File, InternalAuthenticate, PurseCommand, ReadRecord};
use crate::runtime::Next;

/// Not everything went; what did is remembered.
pub(super) fn failed() -> Step {
    Step::Say(Text::NotUploaded.into(), Screen::Main)
}

impl Talk<'_, '_> {
    pub(super) fn start_upload(&mut self) -> Step {
        let uploaded = self.context.memory.read(self.purse.places.uploaded);
        let again = self.entries_behind(uploaded) == 0 && self.entries_behind(0) > 0;
        self.state.origin = if again { Screen::UploadConfirm } else { Screen::Main };
        self.state.from = if again { 0 } else { uploaded };
        Step::To(Screen::UploadConfirm)
    }

    /// How many entries the logs have with higher numbers.
    fn entries_behind(&self, number: u32) -> usize {
        let logs = [&self.purse.places.payments, &self.purse.places.history];
        let counts =
            logs.map(|log| log.newest_first(&self.context.memory).take_while(|entry| entry.number > number).count());
        counts.into_iter().fold(0, usize::saturating_add)
    }

    pub(super) fn ask_upload(&mut self, screen: Screen) -> Result<Next, Sw> {
        if screen == Screen::UploadSend {
            return self.send();
        }
        let messages = self.entries_behind(self.state.from).div_ceil(Entries::MOST).saturating_add(1);
        let again = self.state.origin == Screen::UploadConfirm;
        let text = if again { Text::ConfirmUploadAgain } else { Text::ConfirmUpload };
        let words = self.words(text, &[("count", &messages)])?;
        self.display(words.as_str(), false)
    }

    pub(super) fn upload(&mut self, screen: Screen, input: &Input<'_>) -> Result<Step, Sw> {
        match (screen, self.state.next) {
            (Screen::UploadConfirm, _) if input.agreed() => Ok(Step::To(Screen::UploadSend)),
            (Screen::UploadConfirm, _) => self.back(screen),
            // The statement was the last one.
            (_, 0) => Ok(Step::Say(Text::Uploaded.into(), Screen::Main)),
            (_, newest) => {
                let place = self.purse.places.uploaded;
                let uploaded = self.context.memory.read(place).max(newest);
                self.context.memory.write(place, &uploaded)?;
                self.state.from = newest;
                Ok(Step::To(Screen::UploadSend))
            }
        }
    }

    /// The next message: entries, or when there are none left, the statement.
    fn send(&mut self) -> Result<Next, Sw> {
        let message = self.message()?;
        let mut bytes = [0; MAX_USER_DATA];
        let bytes = message.encode(&mut bytes).ok_or(Sw::UNKNOWN)?;
        let data = UserData::octets(Header::None, bytes).map_err(|_| Sw::UNKNOWN)?;
        let (mut number, mut digits) = (Line::<20>::new(), [0; Address::MAX_SMS_BYTES]);
        let upload = self.menu.upload.ok_or(Sw::CONDITIONS_NOT_SATISFIED)?;
        write!(number, "{upload}").map_err(|_| Sw::UNKNOWN)?;
        let address = Address::encode(number.as_str(), &mut digits).map_err(|_| Sw::UNKNOWN)?;
        let mut tpdu = [0; Submit::MAX_LENGTH];
        let tpdu = Submit::new(address, data).encode(&mut tpdu).map_err(|_| Sw::UNKNOWN)?;
        let mut title = [0; 32];
        let title = Alpha::encode(Text::Upload.template(self.language), &mut title).ok();
        let send = SendShortMessage { packing: false, title, service_centre: None, tpdu, icon: None };
        self.terminal.ask(self.context, send)
    }

    fn message(&mut self) -> Result<UploadMessage, Sw> {
        let identity = self.context.memory.read(self.purse.places.identity);
        let holder = identity.number.ok_or(Sw::CONDITIONS_NOT_SATISFIED)?;
        let mut entries = Entries::new(holder, identity.sequence);
        let mut newest = self.state.from;
        while let Some(read) = self.oldest_behind(newest) {
            let entry: AttestedEntry = self.run(&PurseCommand::ReadRecord(read))?;
            if !entries.push(entry) {
                break;
            }
            newest = entry.entry.number;
        }
        if entries.is_empty() {
            self.state.next = 0;
            let statement =
                self.run(&PurseCommand::InternalAuthenticate(InternalAuthenticate { challenge: CHALLENGE }))?;
            return Ok(UploadMessage::Statement(statement));
        }
        self.state.next = newest;
        Ok(UploadMessage::Entries(entries))
    }

    /// The record of the oldest entry with a higher number.
    fn oldest_behind(&self, number: u32) -> Option<ReadRecord> {
        let places = &self.purse.places;
        let files = [(File::AttestedPayments, &places.payments), (File::AttestedHistory, &places.history)];
        let oldest = files.map(|(file, log)| {
            let entries = (1u8..=u8::MAX).zip(log.newest_first(&self.context.memory));
            let (record, entry) = entries.take_while(|(_, entry)| entry.number > number).last()?;
            Some((entry.number, ReadRecord { file, number: record }))
        });
        oldest.into_iter().flatten().min_by_key(|(number, _)| *number).map(|(_, read)| read)
    }
}
