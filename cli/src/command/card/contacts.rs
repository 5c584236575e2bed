//! `digitally card contacts`

use std::fmt::Write;

use applet_model::purse::Contact;
use clap::Subcommand;
use serde_json::json;

use super::CardArg;
use crate::failure::refusal::Doing;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::session::Session;
use crate::typed;

/// Keep the numbers of people
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(ListArgs),
    Add(AddArgs),
    Remove(RemoveArgs),
}

/// Show all contacts
#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    card: CardArg,
}

/// Keep a contact; a number that is kept already gets the new name
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card contacts add --card alice.card --name Bob --msisdn +254700000002")]
struct AddArgs {
    #[command(flatten)]
    card: CardArg,
    /// The name, at most 16 bytes
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The phone number, with + and country code
    #[arg(long, value_name = "NUMBER")]
    msisdn: String,
}

/// Forget a contact; payments to and from it stay in the log
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card contacts remove --card alice.card --name Bob")]
#[group(id = "who", required = true, multiple = false, args = ["name", "msisdn"])]
struct RemoveArgs {
    #[command(flatten)]
    card: CardArg,
    /// The contact's name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Or the phone number, with + and country code
    #[arg(long, value_name = "NUMBER")]
    msisdn: Option<String>,
}

impl Args {
    /// Runs the command.
    ///
    /// # Errors
    /// What each command says.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        match &self.command {
            Command::List(args) => args.run(session),
            Command::Add(args) => args.run(session),
            Command::Remove(args) => args.run(session),
        }
    }
}

impl ListArgs {
    fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let mut people = Vec::new();
        let mut text = String::new();
        for contact in purse.contacts()? {
            let (name, number) = (contact.text().unwrap_or("?"), contact.number.map(|number| number.to_string()));
            let _ = writeln!(text, "{name}  {}", number.as_deref().unwrap_or("?"));
            people.push(json!({"name": name, "msisdn": number}));
        }
        let quiet = text.clone();
        if people.is_empty() {
            text = format!(
                "no contacts yet; add one:\n  digitally card contacts add {} --name NAME --msisdn NUMBER\n",
                purse.card
            );
        }
        Ok(Output::new(&json!({"contacts": people}), text, quiet))
    }
}

impl AddArgs {
    fn run(&self, session: &Session) -> Result<Output, Failure> {
        let number = typed::number(&self.msisdn)?;
        let contact = Contact::new(number, &self.name).filter(|_| proper(&self.name)).ok_or_else(|| {
            Failure::new(ErrorCode::ContactNameMalformed, "a name has 1 to 16 bytes of UTF-8, and is no number")
                .typed(&self.name, 0, self.name.len(), format!("{} bytes", self.name.len()))
                .help(
                    "it is one line of a basic phone's screen: choose another one, without + in front, \
                     spaces around it, or characters that cannot be seen",
                )
        })?;
        let mut purse = Purse::open(session, self.card.place())?;
        purse.ask(Doing::Contacts, |client| client.store_contact(contact))?;
        let json = json!({"name": self.name, "msisdn": number.to_string()});
        Ok(Output::new(&json, format!("kept {} {number}\n", self.name), number))
    }
}

/// A name that is shown as it is, and that is no number when it is typed for one.
fn proper(name: &str) -> bool {
    let invisible =
        |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    name.trim() == name && !typed::looks_like_number(name) && !name.chars().any(invisible)
}

impl RemoveArgs {
    fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let number = match (&self.name, &self.msisdn) {
            (Some(name), _) => Some(purse.who(name)?.number),
            (None, number) => number.as_deref().map(typed::number).transpose()?,
        };
        let found = (1..).zip(purse.contacts()?).find(|(_, contact)| contact.number == number);
        let Some((record, contact)) = found else {
            return Err(Failure::new(ErrorCode::ContactUnknown, "there is no such contact")
                .help(format!("the contacts there are:\n  digitally card contacts list {}", purse.card)));
        };
        purse.ask(Doing::Contacts, |client| client.erase_contact(record))?;
        let (name, number) = (contact.text().unwrap_or("?"), contact.number.map(|number| number.to_string()));
        let text = format!(
            "forgot {name} {}; the log and what protects from replays stay\n",
            number.as_deref().unwrap_or("?")
        );
        Ok(Output::new(&json!({"name": name, "msisdn": number}), text, ""))
    }
}
