//! `digitally pay authorise`

mod pin;

use applet_model::purse::client::Pending;
use applet_model::purse::{Contact, File, status};
use serde_json::json;
use subtle::ConstantTimeEq;

use crate::command::card::CardArg;
use crate::failure::refusal::Doing;
use crate::failure::{ErrorCode, Failure};
use crate::output::Output;
use crate::purse::{Error, Person, Purse};
use crate::secret::{Secret, Source};
use crate::session::Session;
use crate::typed;

/// Pay a request: shows the response that the payee types
///
/// The card checks the request first and asks for the PIN only if number, amount and code agree. The PIN is good for
/// this one payment.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally pay authorise --card alice.card --to +254700000002 --amount 400 \
                        --code \"4761 0825\"")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
    /// Who is to be paid: a phone number with + and country code, or a contact's name
    #[arg(long, value_name = "WHO")]
    to: String,
    /// How much, in currency units
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    amount: String,
    /// The request that the payee shows; spaces and dashes in it do no harm
    #[arg(long, value_name = "CODE", num_args = 1.., required = true)]
    code: Vec<String>,
    /// The same request typed once more, if it was refused and every digit is right: the card looks further ahead
    #[arg(long, value_name = "CODE", num_args = 1..)]
    code_again: Vec<String>,
    /// A file with the PIN; - for standard input; without it the PIN is asked for
    #[arg(long, value_name = "FILE")]
    pin_file: Option<String>,
}

/// The payment as it was asked for.
struct Order {
    payee: Person,
    amount: digitally::Amount,
    code: digitally::Code,
    /// How many digits of it are the nonce.
    nonce: u8,
    twice: bool,
}

impl Args {
    /// Checks the request, asks for the PIN, and pays.
    ///
    /// # Errors
    /// If what was typed is malformed, or the purse refuses.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let mut purse = Purse::open(session, self.card.place())?;
        let order = self.resolve(&mut purse)?;
        let source = Source::typed(self.pin_file.as_deref());
        let (payee, amount, money) = (order.payee.number, order.amount, purse.money.clone());

        let mut checked = purse.client.check(payee, amount, order.code);
        if order.twice && is_refused(&checked) {
            drop(checked);
            checked = purse.client.check(payee, amount, order.code);
        }
        let outcome = match checked {
            Err(error) => Err((error, Doing::Checking(amount))),
            Ok(pending) => {
                let name = Contact { number: Some(payee), name: pending.checked.name }.text().map(str::to_owned);
                let person = Person { number: payee, name };
                let shown = money.show(amount);
                session
                    .note(&format!("{shown} to {person}; balance afterwards {}", money.show(pending.checked.balance)));
                let question = format!("PIN to pay {shown} to {person}");
                let mut ask = || source.read_or_nothing(Secret::Pin, &question);
                pin::pay(pending, amount, &mut ask, matches!(source, Source::Prompt))?
            }
        };
        let paid = match outcome {
            Ok(paid) => paid,
            Err((error, _)) if error.sw() == Some(status::ALREADY_PAID) => {
                return Err(already_paid(&mut purse, &order)?);
            }
            Err((error, doing)) => return Err(purse.failure(error, doing)),
        };
        let json = json!({
            "code": paid.code.ungrouped().to_string(),
            "entry": paid.number,
            "payee": payee.to_string(),
            "name": order.payee.name,
            "amount": amount.minor_units(),
            "balance": paid.balance.minor_units(),
            "currency": money.name,
        });
        let text = format!(
            "{code}\n\
             {amount} paid to {payee}, balance {balance}\n\
             Show or read the code to the payee. To see it again:\n\
             \x20 digitally pay last {card}\n",
            code = paid.code,
            amount = money.show(amount),
            payee = order.payee,
            balance = money.show(paid.balance),
            card = purse.card,
        );
        Ok(Output::new(&json, text, paid.code.ungrouped()))
    }

    fn resolve(&self, purse: &mut Purse) -> Result<Order, Failure> {
        let amount = typed::amount(&self.amount, &purse.money)?;
        let digits = purse.code_digits()?;
        let code = typed::code(&self.code, digits.request, "request")?;
        let twice = !self.code_again.is_empty();
        if twice && !bool::from(typed::code(&self.code_again, digits.request, "request")?.ct_eq(&code)) {
            return Err(Failure::new(ErrorCode::CodesDiffer, "--code and --code-again differ")
                .help("nothing was debited; read the request again from the payee's phone"));
        }
        let payee = purse.who(&self.to)?;
        purse.not_oneself(&payee)?;
        Ok(Order { payee, amount, code, nonce: digits.request_nonce, twice })
    }
}

fn is_refused<T>(checked: &Result<Pending<'_, T>, Error>) -> bool {
    matches!(checked, Err(error) if error.sw() == Some(status::MAC_WRONG))
}

/// The request is in the log: says how to show the response of just this payment.
fn already_paid(purse: &mut Purse, order: &Order) -> Result<Failure, Failure> {
    let (tail, _) = order.code.split(order.nonce);
    let range = 10u32.saturating_pow(u32::from(order.nonce));
    let mut payments = (1..).zip(purse.entries(File::Payments)?);
    let found = payments.find(|(_, entry)| {
        entry.peer == Some(order.payee.number)
            && entry.amount == order.amount
            && entry.nonce.checked_rem(range).map(u128::from) == Some(tail.value())
    });
    let which = match found {
        Some((1, _)) | None => String::new(),
        Some((back, _)) => format!(" --number {back}"),
    };
    Ok(Failure::new(ErrorCode::AlreadyPaid, "this request is paid already; nothing was debited")
        .help(format!("show the response again:\n  digitally pay last {}{which}", purse.card)))
}
