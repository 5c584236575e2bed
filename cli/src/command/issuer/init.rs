//! `digitally issuer init`

use std::path::Path;

use globalplatform::diversify::Scheme;
use serde_json::json;

use crate::failure::{ErrorCode, Failure};
use crate::issuer::{Choice, Opened};
use crate::output::Output;
use crate::typed::shell_word;

/// Make an issuer: a file of master keys, and an empty register of cards beside it
///
/// All keys are drawn from the operating system's random source. Keep the file secret, and keep a copy of both.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally issuer init --issuer issuer.json")]
pub struct Args {
    /// The issuer file to make, readable by you only; nothing is ever overwritten
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// How the keys of each card's issuer domain are made of the masters
    #[arg(long, value_name = "NAME", default_value = Scheme::Sp800108.name(), value_parser = Scheme::ALL.map(Scheme::name))]
    scheme: String,
    /// How long these keys are, and their masters
    #[arg(long, value_name = "BITS", default_value = "128", value_parser = ["128", "192", "256"])]
    key_bits: String,
}

impl Args {
    /// Makes the files.
    ///
    /// # Errors
    /// If there is an issuer file, or none can be written.
    pub fn run(&self) -> Result<Output, Failure> {
        let unknown = || Failure::new(ErrorCode::Usage, "there is no such scheme or key length");
        let choice = Choice {
            scheme: self.scheme.parse().map_err(|_| unknown())?,
            length: self.key_bits.parse::<usize>().map_err(|_| unknown())? / 8,
            ..Choice::default()
        };
        let opened = Opened::open_or_create(Path::new(&self.issuer), &mut card_sim::OsRandom, choice)?;
        if !opened.created {
            return Err(Failure::new(ErrorCode::IssuerFileExists, format!("there is an issuer file {}", self.issuer))
                .help("use it as it is, or give another name"));
        }
        let domain = opened.issuer.domain();
        let register = opened.register.path().display().to_string();
        let checks = domain.masters.all().map(|key| key.check_value().to_string());
        let [enc, mac, dek] = &checks;
        let json = json!({
            "issuer": self.issuer,
            "register": register,
            "diversification": domain.scheme.name(),
            "key_version": domain.version,
            "key_bits": domain.masters.key_len().saturating_mul(8),
            "key_check_values": {"domain-enc": enc, "domain-mac": mac, "domain-dek": dek},
        });
        let text = format!(
            "made {issuer}: master keys, readable by you only. Keep it secret, and keep a copy.\n\
             made {register}: which cards are made; keep it beside it.\n\
             \x20 cards' keys  AES-{bits}, version {version:02X}, by {scheme}\n\
             \x20 check values of their masters: ENC {enc}, MAC {mac}, DEK {dek}\n\
             next: digitally issuer personalise --issuer {word} --batch people.csv --out cards\n",
            issuer = self.issuer,
            bits = self.key_bits,
            version = domain.version,
            scheme = domain.scheme,
            word = shell_word(&self.issuer),
        );
        Ok(Output::new(&json, text, &self.issuer))
    }
}
