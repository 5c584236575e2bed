//! A purse, selected, with all that the commands of this program need to speak of it.

use apdu::{ExchangeError, Sw};
use applet_model::purse::client::{Client, ClientError};
use applet_model::purse::{Contact, DataObject, Entry, File, Holder, PURSE_AID, ProfileData, ShownRequest, status};
use digitally::{Amount, Currency, Msisdn};

use crate::failure::medium::{cut_failure, file_failure, wrong_answer};
use crate::failure::reader::reader_failure;
use crate::failure::refusal::{Doing, Facts, refusal};
use crate::failure::{ErrorCode, Failure};
use crate::medium::{Medium, MediumError, Place};
use crate::money::Money;
use crate::session::Session;
use crate::trace::Traced;
use crate::typed;

/// What the client says when it got no answer to its liking.
pub type Error = ClientError<MediumError>;

/// A purse behind a transport, and who it is.
#[derive(Debug)]
pub struct Purse {
    /// The way to ask it.
    pub client: Client<Traced<Medium>>,
    /// The option that names its card, as the shell takes it: `--card alice.card` or `--reader '00 01'`.
    pub card: String,
    /// Who holds it.
    pub holder: Holder,
    /// Its currency.
    pub money: Money,
}

/// How many digits the codes of a purse have.
#[derive(Clone, Copy, Debug)]
pub struct CodeDigits {
    /// A request.
    pub request: u8,
    /// The first of these: the nonce, or its tail.
    pub request_nonce: u8,
    /// A response.
    pub response: u8,
}

/// A person as people speak of them: the number, and the name if it is kept.
#[derive(Clone, Debug)]
pub struct Person {
    /// The number.
    pub number: Msisdn,
    /// The name among the contacts.
    pub name: Option<String>,
}

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.number),
            None => write!(f, "{}", self.number),
        }
    }
}

impl Purse {
    /// Opens the card that is there and selects its purse.
    ///
    /// # Errors
    /// If the card cannot be reached, or there is no purse that answers.
    pub fn open(session: &Session, place: Place<'_>) -> Result<Self, Failure> {
        Self::select(session, Medium::open(place, session)?, place.option())
    }

    /// Selects the purse on a card. `card` is what messages call it.
    ///
    /// # Errors
    /// If there is no purse that answers.
    pub fn select(session: &Session, medium: Medium, card: String) -> Result<Self, Failure> {
        let traced = Traced::new(medium, session.tracing.clone(), session.whose.clone());
        let mut client = Client::select(traced, &PURSE_AID).map_err(|error| unopened(error, &card))?;
        let holder: Holder = client.data().map_err(|error| unopened(error, &card))?;
        let currency = Currency::from_bcd(holder.currency).map_err(|error| {
            Failure::new(ErrorCode::CardAnswer, error.to_string()).help("see every exchange with --trace")
        })?;
        Ok(Self { client, card, holder, money: Money::of_card(currency, holder.decimals) })
    }

    /// Asks for something; a refusal becomes the error that belongs to what was being done.
    ///
    /// # Errors
    /// What the purse, or the way to it, says.
    pub fn ask<A>(
        &mut self,
        doing: Doing,
        question: impl FnOnce(&mut Client<Traced<Medium>>) -> Result<A, Error>,
    ) -> Result<A, Failure> {
        question(&mut self.client).map_err(|error| self.failure(error, doing))
    }

    /// One data object.
    ///
    /// # Errors
    /// As [`Purse::ask`].
    pub fn data<D: DataObject>(&mut self) -> Result<D, Failure> {
        self.ask(Doing::Reading, Client::data)
    }

    /// The error for what the client says. Asks the purse for what the message needs.
    pub fn failure(&mut self, error: Error, doing: Doing) -> Failure {
        let sw = match error {
            ClientError::Refused(sw) => sw,
            other => return unreached(other, &self.card, Some(doing)),
        };
        let about_money = matches!(sw, status::INSUFFICIENT_BALANCE | status::AMOUNT_LIMIT | status::BALANCE_LIMIT);
        // It may have changed with this very command, so it is asked again.
        if sw == Sw::CONDITIONS_NOT_SATISFIED
            && let Ok(holder) = self.client.data()
        {
            self.holder = holder;
        }
        let facts = Facts {
            card: self.card.clone(),
            number: self.holder.number,
            life: self.holder.life(),
            money: self.money.clone(),
            limits: about_money.then(|| self.client.data().ok()).flatten(),
            balance: about_money.then(|| self.client.balance().ok()).flatten(),
        };
        refusal(sw, doing, &facts)
    }

    /// How many digits a request and a response have.
    ///
    /// # Errors
    /// As [`Purse::ask`].
    pub fn code_digits(&mut self) -> Result<CodeDigits, Failure> {
        let ProfileData { request: [request_nonce, check], response: [nonce, response_check], .. } = self.data()?;
        Ok(CodeDigits {
            request: request_nonce.saturating_add(check),
            request_nonce,
            response: nonce.saturating_add(response_check),
        })
    }

    /// The amount in the purse's currency.
    pub fn show(&self, amount: Amount) -> String {
        self.money.show(amount)
    }

    /// All contacts.
    ///
    /// # Errors
    /// As [`Purse::ask`].
    pub fn contacts(&mut self) -> Result<Vec<Contact>, Failure> {
        self.all(Client::contact)
    }

    /// All entries of one log, newest first.
    ///
    /// # Errors
    /// As [`Purse::ask`].
    pub fn entries(&mut self, file: File) -> Result<Vec<Entry>, Failure> {
        self.all(|client, number| client.entry(file, number))
    }

    /// All open requests, newest first, cancelled ones too.
    ///
    /// # Errors
    /// As [`Purse::ask`].
    pub fn requests(&mut self) -> Result<Vec<ShownRequest>, Failure> {
        self.all(Client::open_request)
    }

    fn all<A>(
        &mut self,
        mut record: impl FnMut(&mut Client<Traced<Medium>>, u8) -> Result<Option<A>, Error>,
    ) -> Result<Vec<A>, Failure> {
        let mut all = Vec::new();
        for number in 1..=u8::MAX {
            match self.ask(Doing::Reading, |client| record(client, number))? {
                Some(one) => all.push(one),
                None => break,
            }
        }
        Ok(all)
    }

    /// The person with this number.
    ///
    /// # Errors
    /// As [`Purse::ask`].
    pub fn person(&mut self, number: Msisdn) -> Result<Person, Failure> {
        Ok(named(&self.contacts()?, number))
    }

    /// The person that somebody typed: a number, or the name of a contact.
    ///
    /// # Errors
    /// If it is neither.
    pub fn who(&mut self, typed: &str) -> Result<Person, Failure> {
        if typed.starts_with('+') {
            let number = typed::number(typed)?;
            return self.person(number);
        }
        let contacts = self.contacts()?;
        let called = |same: fn(&str, &str) -> bool| {
            let found = contacts.iter().filter(|contact| contact.text().is_some_and(|name| same(name, typed)));
            found.filter_map(|contact| contact.number).collect::<Vec<_>>()
        };
        let exactly = called(|name, typed| name == typed);
        let found = if exactly.is_empty() {
            called(|name, typed| name.to_lowercase() == typed.to_lowercase())
        } else {
            exactly
        };
        match found.as_slice() {
            [number] => Ok(named(&contacts, *number)),
            [] if typed::looks_like_number(typed) => typed::number(typed).map(|number| named(&contacts, number)),
            [] => Err(Failure::new(ErrorCode::ContactUnknown, "there is no contact of this name on the card")
                .typed(typed, 0, typed.len(), "neither a contact nor a number")
                .help(format!(
                    "{}; or take a name from the contacts:\n  digitally card contacts list {}",
                    typed::NUMBER_FORM,
                    self.card
                ))),
            several => {
                Err(Failure::new(ErrorCode::ContactAmbiguous, format!("{} contacts have this name", several.len()))
                    .typed(typed, 0, typed.len(), "which one?")
                    .help(format!(
                        "give the number instead; the contacts and their numbers:\n  digitally card contacts list {}",
                        self.card
                    )))
            }
        }
    }

    /// Refuses a payment between a person and themselves.
    ///
    /// # Errors
    /// If the other side is the holder of this purse.
    pub fn not_oneself(&self, other: &Person) -> Result<(), Failure> {
        if self.holder.number != Some(other.number) {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::SameParty, format!("{} is the number of this card", other.number))
            .help("payer and payee are two: name the other side"))
    }
}

/// The person with this number, by these contacts.
pub fn named(contacts: &[Contact], number: Msisdn) -> Person {
    let contact = contacts.iter().find(|contact| contact.number == Some(number));
    Person { number, name: contact.and_then(Contact::text).map(str::to_owned) }
}

/// A purse that did not even say who it is.
fn unopened(error: Error, card: &str) -> Failure {
    match error {
        ClientError::Refused(Sw::FILE_NOT_FOUND) => Failure::new(ErrorCode::NoPurse, "there is no purse on this card")
            .help("is it a card of `digitally card new`? see every exchange with --trace"),
        ClientError::Refused(sw) => {
            Failure::new(ErrorCode::CardRefused, format!("the card answered {sw}: {}", sw.explanation()))
                .help("see every exchange with --trace")
        }
        other => unreached(other, card, None),
    }
}

/// No answer, or one of the wrong form.
fn unreached(error: Error, card: &str, doing: Option<Doing>) -> Failure {
    let help =
        format!("see every exchange with --trace; before you try again, look at the log:\n  digitally card log {card}");
    match error {
        ClientError::Exchange(ExchangeError::Transport(MediumError::PowerCut(outage))) => {
            cut_failure(&outage, card, doing)
        }
        ClientError::Exchange(ExchangeError::Transport(MediumError::File { path, error })) => {
            file_failure(&path, &error)
        }
        ClientError::Exchange(ExchangeError::Transport(MediumError::Reader(error))) => {
            reader_failure(&error, card, doing)
        }
        ClientError::Exchange(ExchangeError::Transport(MediumError::Memory(never))) => match never {},
        ClientError::Exchange(error) => wrong_answer(&error).help(help),
        error => Failure::new(ErrorCode::CardAnswer, error.to_string()).help(help),
    }
}
