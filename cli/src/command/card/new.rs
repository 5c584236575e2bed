//! `digitally card new`

use std::path::Path;

use applet_model::purse::{Capacity, Limits};
use card_sim::{FileError, atr};
use clap::ValueEnum;
use digitally::profile::{self, Standing};
use digitally::{Algorithm, Profile, derive};
use serde_json::json;

use crate::failure::medium::file_failure;
use crate::failure::{ErrorCode, Failure};
use crate::issue::{self, Issued, Order, SCHEME};
use crate::issuer::{Choice, Opened};
use crate::money::Money;
use crate::output::{self, Output};
use crate::secret::{Secret, Source};
use crate::session::Session;
use crate::typed::{self, shell_word};

/// Make a card: an image file with a personalised purse
///
/// The keys come from the issuer file; where there is none, one is made, with a master key from the operating
/// system's random source. Keep that file secret, and keep a copy.
///
/// A blank card has an issuer domain with published keys; it gets keys of its own, a purse and its holder's data through that
/// domain's secure channel (SCP03).
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card new alice.card --issuer issuer.json --msisdn +254700000001 \
                        --balance 2000 --currency KES --pin-file pin.txt")]
pub struct Args {
    /// The image file to make; nothing is ever overwritten
    #[arg(value_name = "FILE")]
    path: String,
    /// The issuer file; made, readable by you only, where there is none
    #[arg(long, value_name = "FILE")]
    issuer: String,
    /// The holder's phone number, with + and country code
    #[arg(long, value_name = "NUMBER")]
    msisdn: String,
    /// What to load at once, in currency units
    #[arg(long, value_name = "AMOUNT", default_value = "0", allow_negative_numbers = true)]
    balance: String,
    /// The currency, by its three letters (ISO 4217)
    #[arg(long, value_name = "CODE", default_value = "KES")]
    currency: String,
    /// A file with the PIN, 4 to 8 digits on one line; - for standard input; without it the PIN is asked for
    #[arg(long, value_name = "FILE")]
    pin_file: Option<String>,
    /// A file with the unblocking key, 4 to 8 digits; without it the key is derived from the issuer's
    #[arg(long, value_name = "FILE")]
    puk_file: Option<String>,
    /// The protocol of the codes
    #[arg(long, value_name = "NAME", default_value = "digitally-8", value_parser = profile::ALL.map(|profile| profile.name))]
    profile: String,
    /// Accept a profile that must not carry money, for the lab
    #[arg(long)]
    danger_accept_broken_profile: bool,
    /// What the codes are computed with
    #[arg(long, value_enum, default_value = "aes-cmac")]
    algorithm: TypedAlgorithm,
    /// How much the card can hold
    #[arg(long, value_enum, default_value = "consumer")]
    capacity: TypedCapacity,
    /// The transmission protocols that its ATR offers; SIM tools want T=0 alone
    #[arg(long, value_enum, default_value = "both")]
    protocol: TypedProtocol,
    /// Highest amount of one payment, in currency units
    #[arg(long, value_name = "AMOUNT", default_value = "5000", allow_negative_numbers = true)]
    max_payment: String,
    /// Highest balance, in currency units
    #[arg(long, value_name = "AMOUNT", default_value = "50000", allow_negative_numbers = true)]
    max_balance: String,
    /// Requests that may be opened between issuer contacts [default: 200, merchant 2000]
    #[arg(long, value_name = "N")]
    max_requests: Option<u16>,
    /// Wrong responses that may be typed between issuer contacts [default: 100, merchant 1000]
    #[arg(long, value_name = "N")]
    max_wrong_codes: Option<u16>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TypedAlgorithm {
    AesCmac,
    #[value(name = "hmac-sha-256")]
    HmacSha256,
}

/// How much a card can hold, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TypedCapacity {
    Consumer,
    Merchant,
}

/// The transmission protocols that a card offers, as they are typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TypedProtocol {
    T0,
    T1,
    Both,
}

impl TypedProtocol {
    /// The ATR of a card that offers these.
    pub const fn atr(self) -> &'static [u8] {
        match self {
            Self::T0 => &atr::DEFAULT_T0,
            Self::T1 => &atr::DEFAULT_T1,
            Self::Both => &atr::DEFAULT,
        }
    }
}

impl From<TypedAlgorithm> for Algorithm {
    fn from(typed: TypedAlgorithm) -> Self {
        match typed {
            TypedAlgorithm::AesCmac => Self::AesCmac,
            TypedAlgorithm::HmacSha256 => Self::HmacSha256,
        }
    }
}

impl From<TypedCapacity> for Capacity {
    fn from(typed: TypedCapacity) -> Self {
        match typed {
            TypedCapacity::Consumer => Self::CONSUMER,
            TypedCapacity::Merchant => Self::MERCHANT,
        }
    }
}

impl Args {
    /// Makes the card. All of it happens in memory; only a finished card becomes a file.
    ///
    /// # Errors
    /// If what was typed is malformed, a file is in the way, or the card refuses.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let number = typed::number(&self.msisdn)?;
        let money = Money::named(&self.currency)?;
        let balance = typed::amount_or_zero(&self.balance, &money)?;
        let capacity = self.capacity.into();
        let limits = self.limits(&money, capacity)?;
        let profile = self.profile()?;
        self.room()?;
        let pin = Source::typed(self.pin_file.as_deref()).read_new(Secret::Pin)?;
        let puk = self.puk_file.as_deref().map(|file| Source::typed(Some(file)).read(Secret::Puk)).transpose()?;
        let mut opened = Opened::open_or_create(Path::new(&self.issuer), &mut card_sim::OsRandom, Choice::default())?;
        let issuer_created = opened.created;
        if issuer_created {
            session.note(&format!(
                "made {}: a new master key, readable by you only. Keep it secret, and keep a copy.",
                self.issuer
            ));
        }
        let earlier = opened.register.next_place(number)?.sequence.saturating_sub(1);
        let order = Order {
            number,
            replaces: (earlier > 0).then_some(earlier),
            currency: money.currency,
            decimals: money.decimals,
            profile,
            danger_accept_broken_profile: self.danger_accept_broken_profile,
            algorithm: self.algorithm.into(),
            capacity,
            limits,
            balance,
            pin: Some(pin),
            puk,
        };
        let card = format!("--card {}", shell_word(&self.path));
        let making = (self.protocol.atr(), money.clone(), card);
        let Issued { purse, done } = issue::issue(session, &opened.issuer, &mut opened.register, &order, making)?;
        // The register has it already: a card that cannot be kept is one number skipped.
        purse.client.into_transport().into_inner().keep(&self.path)?;
        let (place, check_value) = (done.card.place, done.payment_key);
        let [enc, mac, dek] = done.keys.checks.map(|check| check.to_string());

        let algorithm = Algorithm::from(self.algorithm);
        let json = json!({
            "card": self.path,
            "issuer": self.issuer,
            "issuer_created": issuer_created,
            "msisdn": number.to_string(),
            "sequence": place.sequence,
            "balance": balance.minor_units(),
            "currency": money.name,
            "decimals": money.decimals,
            "profile": profile.name,
            "algorithm": algorithm.name(),
            "key_scheme": SCHEME.name(),
            "key_epoch": done.epoch,
            "key_check_value": check_value.to_string(),
            "diversification": derive::NAME,
            "domain": {
                "diversification": done.keys.scheme.name(),
                "key_version": done.keys.version,
                "key_check_values": {"enc": enc, "mac": mac, "dek": dek},
                "security_level": done.level.to_string(),
            },
            "limits": {
                "payment": limits.payment.minor_units(),
                "balance": limits.balance.minor_units(),
                "requests": limits.opens,
                "wrong_codes": limits.failures,
                "tries_per_request": limits.tries,
                "unacknowledged_payments": limits.unacknowledged,
            },
        });
        let text = format!(
            "made {path}: {number}{sequence}, balance {balance}\n\
             \x20 profile   {profile}, {algorithm}\n\
             \x20 keys      {scheme}, epoch {epoch}: one payment key on all cards, so for small amounts only\n\
             \x20           derived by {derivation}\n\
             \x20           check value {check_value}, the first 3 bytes of {algorithm} over 16 zero bytes\n\
             \x20 domain    the card's own keys, version {version:02X}, by {domain}; check values {enc} {mac} {dek}\n\
             \x20 limits    {payment} a payment, {most} in the purse,\n\
             \x20           {opens} requests and {failures} wrong codes between issuer contacts\n\
             \x20 PUK       {puk}\n",
            path = self.path,
            sequence = match place.sequence {
                1 => String::new(),
                nth => format!(", card {nth} of this number"),
            },
            balance = money.show(balance),
            profile = profile.name,
            scheme = SCHEME.name(),
            epoch = done.epoch,
            derivation = derive::NAME,
            version = done.keys.version,
            domain = done.keys.scheme.name(),
            payment = money.show(limits.payment),
            most = money.show(limits.balance),
            opens = limits.opens,
            failures = limits.failures,
            puk = if self.puk_file.is_some() {
                "from your file"
            } else {
                "derived; `card pin unblock --issuer` knows it"
            },
        );
        Ok(Output::new(&json, text, &self.path))
    }

    /// Checks that the card will have a place, before anything else is made or asked for.
    fn room(&self) -> Result<(), Failure> {
        let path = Path::new(&self.path);
        if path.symlink_metadata().is_ok() {
            return Err(file_failure(&self.path, &FileError::Exists { path: path.to_owned() }));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(Failure::new(ErrorCode::FileUnwritable, format!("there is no folder {}", folder.display()))
                .help("make the folder first, or choose another name for the card"));
        }
        // A file without a name, gone again at once: what cannot be written must not cost the number a card.
        tempfile::tempfile_in(folder).map(drop).map_err(|error| Failure::unwritable(path, &error))
    }

    fn limits(&self, money: &Money, capacity: Capacity) -> Result<Limits, Failure> {
        let payment = typed::amount(&self.max_payment, money)?;
        let balance = typed::amount(&self.max_balance, money)?;
        let defaults = issue::limits(capacity, payment, balance);
        Ok(Limits {
            opens: self.max_requests.unwrap_or(defaults.opens),
            failures: self.max_wrong_codes.unwrap_or(defaults.failures),
            ..defaults
        })
    }

    /// The profile, if it may be used; says aloud what is weak in it.
    fn profile(&self) -> Result<&'static Profile, Failure> {
        let found = PROFILES.iter().find(|profile| profile.name == self.profile);
        let profile = found.ok_or_else(|| Failure::new(ErrorCode::Usage, "there is no such profile"))?;
        match profile.standing {
            Standing::Broken(why) if !self.danger_accept_broken_profile => {
                return Err(Failure::new(
                    ErrorCode::ProfileBroken,
                    format!("{} must not carry money: {why}", profile.name),
                )
                .help("leave --profile out; for the lab, and only there: --danger-accept-broken-profile"));
            }
            Standing::Broken(why) => {
                output::alarm(format!("{} is broken: {why}; never use it for money", profile.name))
            }
            Standing::Weak(why) => output::alarm(format!("{} is weak: {why}", profile.name)),
            Standing::Sound => {}
        }
        Ok(profile)
    }
}

static PROFILES: [Profile; 3] = profile::ALL;
