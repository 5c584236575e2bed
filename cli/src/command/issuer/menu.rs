//! `digitally issuer menu`

use std::path::Path;

use applet_model::purse::{Country, Language, MenuData, TrunkPrefix};
use digitally::Msisdn;
use serde_json::{Value, json};

use crate::failure::{ErrorCode, Failure};
use crate::issuer::Opened;
use crate::output::Output;
use crate::typed;

/// Show or change what the menus of cards need to know: the country, the language, the number for uploads
///
/// A new card has it from the beginning; one that is issued gets it at its next contact, if it has something else. What is not
/// named stays. Without any of it, people type numbers with +, and cards upload nothing. The language is that of the menu
/// until the card's holder chooses one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  digitally issuer menu --issuer issuer.json --country 254 --trunk 0 --language sw \
                        --upload +254700000000\n  \
                        digitally issuer menu --issuer issuer.json --upload none"
)]
pub struct Args {
    /// The issuer file
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// The country's calling code, or none: then numbers are typed with + only
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// What people dial before a number of their own country, one digit or two, or none
    #[arg(long, value_name = "DIGITS")]
    trunk: Option<String>,
    /// The language of the menu
    #[arg(long, value_name = "LANGUAGE", value_parser = LANGUAGES.map(|(code, _)| code))]
    language: Option<String>,
    /// The issuer's phone number for uploads, or none
    #[arg(long, value_name = "NUMBER")]
    upload: Option<String>,
}

const LANGUAGES: [(&str, Language); 2] = [("en", Language::English), ("sw", Language::Swahili)];

const NONE: &str = "none";

impl Args {
    /// Shows or changes it.
    ///
    /// # Errors
    /// If the register cannot be worked with, or what was typed is none of it.
    pub fn run(&self) -> Result<Output, Failure> {
        let mut opened = Opened::open(Path::new(&self.issuer))?;
        let old = opened.register.menu()?;
        let asked = self.country.is_some() || self.trunk.is_some() || self.language.is_some() || self.upload.is_some();
        let new = if asked { Some(self.changed(old.unwrap_or(MenuData::NONE))?) } else { old };
        let changed = match new {
            Some(menu) if new != old => {
                opened.register.set_menu(&menu)?;
                "; each card changes at its next contact"
            }
            _ => "",
        };
        let text = new.as_ref().map_or_else(|| format!("nothing set: {}", words(&MenuData::NONE)), words);
        let quiet = new.and_then(|menu| menu.upload).map_or_else(String::new, |number| number.to_string());
        let json = new.as_ref().map_or(Value::Null, json);
        Ok(Output::new(&json!({"menu": json}), format!("{text}{changed}\n"), quiet))
    }

    fn changed(&self, old: MenuData) -> Result<MenuData, Failure> {
        let mut menu = old;
        match self.country.as_deref() {
            Some(NONE) => (menu.country, menu.trunk) = (Country::NONE, TrunkPrefix::NONE),
            Some(text) => {
                let code = text.strip_prefix('+').unwrap_or(text).parse().ok().and_then(Country::new);
                menu.country = code.ok_or_else(|| {
                    usage("--country takes a calling code of one to three digits, or none", text)
                        .help("for instance --country 254 for Kenya")
                })?;
            }
            None => {}
        }
        match self.trunk.as_deref() {
            Some(NONE) => menu.trunk = TrunkPrefix::NONE,
            Some(text) if menu.country == Country::NONE => {
                return Err(usage("a trunk prefix is one of a country", text)
                    .help("name the country as well, for instance --country 254 --trunk 0"));
            }
            Some(text) => {
                menu.trunk = TrunkPrefix::new(text).ok_or_else(|| {
                    usage("--trunk takes one digit or two, or none", text)
                        .help("for instance --trunk 0, where 0700 000 001 is dialled for +254 700 000 001")
                })?;
            }
            None => {}
        }
        if let Some((_, language)) = LANGUAGES.iter().find(|(code, _)| Some(*code) == self.language.as_deref()) {
            menu.language = *language;
        }
        match self.upload.as_deref() {
            Some(NONE) => menu.upload = None,
            Some(text) => menu.upload = Some(typed::number(text)?),
            None => {}
        }
        Ok(menu)
    }
}

fn usage(message: &str, text: &str) -> Failure {
    Failure::new(ErrorCode::Usage, message).typed(text, 0, text.len(), "this is none")
}

fn trunk(menu: &MenuData) -> String {
    menu.trunk.digits().collect()
}

/// What a menu is told, in words.
pub(super) fn words(menu: &MenuData) -> String {
    let numbers = match (menu.country, trunk(menu).as_str()) {
        (Country::NONE, _) => "numbers with + only".to_owned(),
        (country, "") => format!("country +{}, no trunk prefix", country.code()),
        (country, trunk) => format!("country +{}, trunk prefix {trunk}", country.code()),
    };
    let upload = menu.upload.as_ref().map_or_else(|| "no uploads".to_owned(), |number| format!("uploads to {number}"));
    format!("{numbers}; {}; {upload}", menu.language.name())
}

/// The same, as a JSON object.
pub(super) fn json(menu: &MenuData) -> Value {
    let is_there = menu.country != Country::NONE;
    let language = LANGUAGES.iter().find(|(_, language)| *language == menu.language);
    json!({
        "country": is_there.then(|| menu.country.code()),
        "trunk": is_there.then(|| trunk(menu)).filter(|digits| !digits.is_empty()),
        "language": language.map(|(code, _)| code),
        "upload": menu.upload.as_ref().map(Msisdn::to_string),
    })
}
