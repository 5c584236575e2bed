//! What goes into a MAC, field by field, and the digits that come out.
//!
//! `docs/protocol.md`, sections 3 to 5. The bytes are those of [`digitally::message`]; here they are only named.

use applet_model::purse::{Entry, OpenRequest, ShownRequest};
use digitally::message::{Kind as Label, Message, Variables};
use digitally::profile::Field;
use digitally::{Amount, Code, Currency, Key, Memory, Msisdn, Payment, Request, Scheme, Suite, Terms};

use super::toolkit::MASK;
use super::{Kind, Veil};
use crate::Glimpse;

type Lines = Vec<(Kind, String)>;

/// What may be shown, and what can be computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs<'k> {
    pub(super) veil: Veil,
    pub(super) key: Option<&'k Key<Payment>>,
}

/// One MAC: which, of what, and the code that comes of it.
struct Made<'m> {
    label: Label,
    terms: Terms,
    payee_nonce: u32,
    payer_nonce: u32,
    /// The check of the request, where it is known.
    check: Option<Code>,
    glimpse: &'m Glimpse,
    scheme: u8,
    epoch: u8,
}

impl Inputs<'_> {
    /// The payee's purse opened a request.
    pub(super) fn opened(self, glimpse: &Glimpse, request: &ShownRequest) -> Lines {
        let OpenRequest { payer, amount, nonce, scheme, epoch, .. } = request.open;
        let Some(terms) = terms(payer, glimpse.number(), amount) else { return Vec::new() };
        let made = Made { scheme, epoch, ..Made::new(glimpse, Label::Request, terms, nonce) };
        self.told("the purse opens a request: MAC for C", &made, Some(&request.code))
    }

    /// The payer's purse compared a request code with what was typed.
    pub(super) fn checked(self, glimpse: &Glimpse, payee: Msisdn, amount: Amount, code: &Code, again: bool) -> Lines {
        let (Some(profile), Some(terms)) = (glimpse.protocol(), terms(glimpse.number(), Some(payee), amount)) else {
            return Vec::new();
        };
        let paid = glimpse.payments.iter().filter(|entry| entry.peer == Some(payee)).map(|entry| entry.nonce).max();
        let memory = Memory { paid: digitally::Counter::at(paid.unwrap_or(0)), typed_before: again };
        let found = self.with_suite(glimpse, glimpse.profile.scheme, glimpse.profile.epoch, |suite| {
            let nearest = Request::candidates(suite, terms, code, memory).next();
            let fitting = self.key.and_then(|_| Request::read(suite, terms, code, memory).ok());
            fitting.or(nearest).map(|request| request.payee_nonce())
        });
        // A code that was paid already: N_B is that of the payment.
        let (tail, _) = code.split(profile.request.nonce);
        let same = |entry: &&Entry| {
            let entry_tail = entry.nonce.checked_rem(profile.nonce_range()).map(u128::from);
            entry.peer == Some(payee) && entry.amount == amount && entry_tail == Some(tail.value())
        };
        let nonce = glimpse.payments.iter().find(same).map(|entry| entry.nonce).or(found.flatten());
        let Some(nonce) = nonce else { return Vec::new() };
        self.told(
            "the purse checks a request: MAC for C",
            &Made::new(glimpse, Label::Request, terms, nonce),
            Some(code),
        )
    }

    /// The payer's purse paid.
    pub(super) fn paid(self, glimpse: &Glimpse, entry: &Entry) -> Lines {
        let Some(terms) = terms(glimpse.number(), entry.peer, entry.amount) else { return Vec::new() };
        let newest = glimpse.payments.first().is_some_and(|newest| newest.number == entry.number);
        let code = glimpse.last.filter(|_| newest);
        self.told("the purse has paid: MAC for R", &Made::of(glimpse, entry, terms), code.as_ref())
    }

    /// The payee's purse received.
    pub(super) fn received(self, glimpse: &Glimpse, entry: &Entry) -> Lines {
        let Some(terms) = terms(entry.peer, glimpse.number(), entry.amount) else { return Vec::new() };
        self.told("the purse compared, and credited: MAC for R", &Made::of(glimpse, entry, terms), None)
    }

    /// The payee's purse found a payment code wrong.
    pub(super) fn refused(self, glimpse: &Glimpse, open: &OpenRequest, code: &Code) -> Lines {
        let (Some(terms), Some(profile)) = (terms(open.payer, glimpse.number(), open.amount), glimpse.protocol())
        else {
            return Vec::new();
        };
        let (head, _) = code.split(profile.response.nonce);
        let payer_nonce = u32::try_from(head.value()).unwrap_or(0);
        let request = glimpse.requests.iter().find(|request| request.open.id == open.id);
        let check = request.map(|request| request.code.split(profile.request.nonce).1);
        let made = Made {
            payer_nonce,
            check,
            scheme: open.scheme,
            epoch: open.epoch,
            ..Made::new(glimpse, Label::Response, terms, open.nonce)
        };
        self.told("the purse compares a payment code: MAC for R", &made, Some(code))
    }

    /// Calls this with what the MAC is made under.
    fn with_suite<A>(self, glimpse: &Glimpse, scheme: u8, epoch: u8, then: impl FnOnce(&Suite<'_>) -> A) -> Option<A> {
        let algorithm = glimpse.algorithm()?;
        // Without the key: the input of a MAC names its algorithm, and has nothing else of it.
        let nobodys = Key::new(algorithm, &[0; 16]).ok()?;
        let key = self.key.filter(|key| key.algorithm() == algorithm).unwrap_or(&nobodys);
        let currency = Currency::from_bcd(glimpse.holder.currency).ok()?;
        let scheme = Scheme::from_number(scheme)?;
        Some(then(&Suite { profile: glimpse.protocol()?, scheme, epoch, currency, key }))
    }

    fn told(self, title: &str, made: &Made<'_>, code: Option<&Code>) -> Lines {
        let lines = self.with_suite(made.glimpse, made.scheme, made.epoch, |suite| {
            let request = Request::recall(made.terms, made.payee_nonce);
            let known = self.key.is_some() && self.veil == Veil::Pins;
            let check = match made.check {
                None if known => Some(request.code(suite).split(suite.profile.request.nonce).1),
                check => check,
            };
            let variables = Variables {
                payee_nonce: made.payee_nonce,
                payer_nonce: made.payer_nonce,
                check: check.and_then(|check| u32::try_from(check.value()).ok()).unwrap_or(0),
            };
            let message = Message::new(made.label, suite, &made.terms, variables);
            let mut lines = vec![(Kind::Mac, format!("{title}, of {} bytes", message.bytes().len()))];
            lines.extend(
                parts(&message, made.label, suite, made.glimpse, &made.terms, variables)
                    .map(|part| part.line(self.veil)),
            );
            if known {
                lines.extend(digits(&message, made, suite, code));
            } else {
                lines.push((Kind::Part, "key and MAC: the cards' secret".to_owned()));
            }
            lines
        });
        lines.unwrap_or_default()
    }
}

impl<'m> Made<'m> {
    fn new(glimpse: &'m Glimpse, label: Label, terms: Terms, payee_nonce: u32) -> Self {
        let (scheme, epoch) = (glimpse.profile.scheme, glimpse.profile.epoch);
        Self { label, terms, payee_nonce, payer_nonce: 0, check: None, glimpse, scheme, epoch }
    }

    /// The response of a payment in the log.
    fn of(glimpse: &'m Glimpse, entry: &Entry, terms: Terms) -> Self {
        let Entry { nonce, payer_nonce, scheme, epoch, .. } = *entry;
        Self { payer_nonce, scheme, epoch, ..Self::new(glimpse, Label::Response, terms, nonce) }
    }
}

/// A field of the input: its bytes, its name, what it says.
struct Part {
    bytes: Vec<u8>,
    name: &'static str,
    meaning: String,
    /// Whether digits of a code are in it.
    of_code: bool,
}

impl Part {
    fn line(&self, veil: Veil) -> (Kind, String) {
        let (mut bytes, mut meaning) = (hex(&self.bytes), self.meaning.as_str());
        if self.of_code && veil == Veil::Codes {
            (bytes, meaning) = (MASK.repeat(self.bytes.len()), MASK);
        }
        let gap = if self.name.is_empty() { "" } else { " " };
        (Kind::Part, format!("{bytes} {}{gap}{meaning}", self.name))
    }
}

/// The input cut into its fields: the header's, and those that the profile names.
fn parts(
    message: &Message,
    label: Label,
    suite: &Suite<'_>,
    glimpse: &Glimpse,
    terms: &Terms,
    variables: Variables,
) -> impl Iterator<Item = Part> {
    let kind = if label == Label::Request { "request" } else { "response" };
    let mut named = vec![
        (1, "", kind.to_owned(), false),
        (1, "profile", suite.profile.name.to_owned(), false),
        (1, "key scheme", suite.scheme.name().to_owned(), false),
        (1, "key epoch", suite.epoch.to_string(), false),
        (2, "currency", format!("{:03}", suite.currency.number()), false),
        (1, "", suite.key.algorithm().to_string(), false),
        (1, "layout", digitally::message::VERSION.to_string(), false),
    ];
    let fields = if label == Label::Request { suite.profile.request_covers } else { suite.profile.response_covers };
    named.extend(fields.iter().map(|field| {
        let (meaning, of_code) = match field {
            Field::Payer => (terms.payer().to_string(), false),
            Field::Payee => (terms.payee().to_string(), false),
            Field::Amount => (glimpse.money(terms.amount()), false),
            Field::PayeeNonce => (variables.payee_nonce.to_string(), true),
            Field::PayerNonce => (variables.payer_nonce.to_string(), true),
            Field::RequestCheck => (variables.check.to_string(), true),
        };
        (field.len(), field.name(), meaning, of_code)
    }));
    let bytes = message.bytes().to_vec();
    named.into_iter().scan(0usize, move |at, (len, name, meaning, of_code)| {
        let end = at.saturating_add(len);
        let bytes = bytes.get(*at..end).unwrap_or_default().to_vec();
        *at = end;
        Some(Part { bytes, name, meaning, of_code })
    })
}

/// How the digits are cut from the MAC.
fn digits(message: &Message, made: &Made<'_>, suite: &Suite<'_>, shown: Option<&Code>) -> Lines {
    let first = suite.key.tag(message.bytes()).first_8();
    let number = u64::from_be_bytes(first);
    let (split, letter, nonce) = match made.label {
        Label::Request => (suite.profile.request, "C", ("N_B", made.payee_nonce)),
        Label::Response => (suite.profile.response, "R", ("N_A", made.payer_nonce)),
    };
    let Some(check) = last_digits(number, split.check) else { return Vec::new() };
    let head = last_digits(nonce.1.into(), split.nonce);
    let code = head.map_or(check, |head| head.join(check));
    let mut lines = vec![
        format!("MAC, first 8 bytes: {}", hex(&first)),
        format!("= {number}"),
        format!("mod 10^{} = {letter} = {}", split.check, check.ungrouped()),
    ];
    if let Some(head) = head {
        lines.push(format!("{} mod 10^{} = {}", nonce.0, split.nonce, head.ungrouped()));
    }
    lines.push(format!("code: {code}"));
    if let Some(shown) = shown.filter(|shown| shown.to_string() != code.to_string()) {
        lines.push(format!("typed: {shown}, which is another"));
    }
    lines.into_iter().map(|line| (Kind::Part, line)).collect()
}

/// The last digits of a number; none of none.
fn last_digits(number: u64, digits: u8) -> Option<Code> {
    let last = u128::from(number).checked_rem(10u128.checked_pow(digits.into())?)?;
    Code::new(last, digits).ok().filter(|_| digits > 0)
}

fn terms(payer: Option<Msisdn>, payee: Option<Msisdn>, amount: Amount) -> Option<Terms> {
    Terms::new(payer?, payee?, amount).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
