//! One order, typed: the columns of a batch as options.

use std::path::PathBuf;

use ::issuer::batch::{Column, Rule, one};
use zeroize::Zeroizing;

use crate::failure::{ErrorCode, Failure};
use crate::issue::Order;
use crate::secret::{Secret, Source, digits};
use crate::typed::NUMBER_FORM;

/// What one card is to be. Each option is the column of its name, with the same rules.
#[derive(Debug, clap::Args)]
pub(super) struct One {
    /// Instead of a file: the phone number of the one holder, with + and country code
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// A file with the PIN, 4 to 8 digits on one line; - for standard input; without it the PIN is derived from the issuer's
    /// keys, as the PUK is (--letters tells both)
    #[arg(long, value_name = "FILE", requires = "number")]
    pin_file: Option<String>,
    /// What to load at once, in currency units
    #[arg(long, value_name = "AMOUNT", requires = "number", allow_negative_numbers = true)]
    balance: Option<String>,
    /// The currency, by its three letters (ISO 4217) [default: KES]
    #[arg(long, value_name = "CODE", requires = "number")]
    currency: Option<String>,
    /// The protocol of the codes [default: digitally-8]
    #[arg(long, value_name = "NAME", requires = "number")]
    profile: Option<String>,
    /// What the codes are computed with: aes-cmac or hmac-sha-256 [default: aes-cmac]
    #[arg(long, value_name = "NAME", requires = "number")]
    algorithm: Option<String>,
    /// How much the card can hold: consumer or merchant [default: consumer]
    #[arg(long, value_name = "NAME", requires = "number")]
    capacity: Option<String>,
    /// Highest amount of one payment, in currency units [default: 5000]
    #[arg(long, value_name = "AMOUNT", requires = "number", allow_negative_numbers = true)]
    max_payment: Option<String>,
    /// Highest balance, in currency units [default: 50000]
    #[arg(long, value_name = "AMOUNT", requires = "number", allow_negative_numbers = true)]
    max_balance: Option<String>,
    /// Requests that may be opened between issuer contacts [default: 200, merchant 2000]
    #[arg(long, value_name = "N", requires = "number")]
    max_requests: Option<String>,
    /// Wrong responses that may be typed between issuer contacts [default: 100, merchant 1000]
    #[arg(long, value_name = "N", requires = "number")]
    max_wrong_codes: Option<String>,
    /// The sequence number of the holder's card that this one replaces
    #[arg(long, value_name = "N", requires = "number")]
    replaces: Option<String>,
    /// The image file of the card, made if it is not there
    #[arg(id = "card", long, value_name = "FILE", requires = "number", conflicts_with_all = ["out", "reader"])]
    pub(super) card: Option<PathBuf>,
}

impl One {
    /// The order.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn order(&self) -> Result<Order, Failure> {
        let pin = self.pin_file.as_deref().map(|file| Source::typed(Some(file)).read_new(Secret::Pin)).transpose()?;
        let pin = pin.map(|pin| Zeroizing::new(String::from_utf8_lossy(digits(&pin)).into_owned()));
        let options = [
            (Column::Number, self.number.as_deref()),
            (Column::Pin, pin.as_deref().map(String::as_str)),
            (Column::Balance, self.balance.as_deref()),
            (Column::Currency, self.currency.as_deref()),
            (Column::Profile, self.profile.as_deref()),
            (Column::Algorithm, self.algorithm.as_deref()),
            (Column::Capacity, self.capacity.as_deref()),
            (Column::MaxPayment, self.max_payment.as_deref()),
            (Column::MaxBalance, self.max_balance.as_deref()),
            (Column::MaxRequests, self.max_requests.as_deref()),
            (Column::MaxWrongCodes, self.max_wrong_codes.as_deref()),
            (Column::Replaces, self.replaces.as_deref()),
        ];
        let fields: Vec<_> = options.into_iter().filter_map(|(column, text)| Some((column, text?))).collect();
        one(&fields).map_err(|(column, rule)| {
            let option = column.map_or_else(String::new, |column| format!("--{}: ", column.name().replace('_', "-")));
            let (code, help) = match rule {
                Rule::Number(_) | Rule::Missing => (ErrorCode::MsisdnMalformed, NUMBER_FORM),
                Rule::Broken => (ErrorCode::ProfileBroken, "leave --profile out"),
                _ => (ErrorCode::Usage, "see `digitally issuer personalise --help`; no card was touched"),
            };
            Failure::new(code, format!("{option}{rule}")).help(help)
        })
    }
}
