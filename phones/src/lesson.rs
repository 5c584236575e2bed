//! A lesson: two people who have never paid like this make one payment, step by step.
//!
//! It looks at the phones whenever something was done to one of them, and says what to do next, from whatever is on the screens then.
//! Nothing leads out of it: who does something else hears how to go on from there. How far the payment is, it reads from copies
//! of the cards; the cards hear nothing of it. Every number that it tells is computed: from the cards' protocol and caps, by [`digitally::entropy`].

mod odds;
mod page;
mod seen;
mod way;

use std::fmt;

use applet_model::purse::{Entry, ShownRequest, Text};
use digitally::{Amount, Msisdn};

pub use odds::one_in;
pub use page::Page;
pub use way::Act;

use crate::both::Both;
use crate::{Glimpse, Phone, Side, Sim, Table};
use page::Told;
use seen::Seen;
use way::{Goal, Terms};

/// A lesson for the two people at a table.
#[derive(Debug)]
pub struct Lesson {
    people: Both<Person>,
    /// Who is to get money: who asks for it first.
    payee: Side,
    /// Whether both phones were on at once.
    started: bool,
    /// The payment that the payee received last in this lesson.
    received: Option<Entry>,
    /// The payment whose code was on the payer's screen.
    shown: Option<u32>,
    page: Page,
    /// The page that somebody turned to.
    turned: Option<Page>,
    pin: Option<&'static str>,
}

/// One of the two, and a phone.
#[derive(Debug)]
struct Person {
    name: String,
    number: Msisdn,
    glimpse: Glimpse,
    /// How often the card had written when it was looked at.
    writes: u64,
    seen: Seen,
    /// The newest request and log entry that are none of this lesson.
    before: (u32, u32),
}

/// Something that one of the two does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose phone.
    pub side: Side,
    /// Whose name tag.
    pub name: String,
    /// What.
    pub act: Act,
}

/// A page as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub page: Page,
    /// Its title.
    pub title: String,
    /// What happens under the hood.
    pub hood: String,
    /// What went another way.
    pub note: Option<String>,
    /// What to do next. Nothing if there is nothing more to do, or no way on, which the note says then.
    pub next: Option<Step>,
}

impl Lesson {
    /// A lesson for two phones with software cards in them. Without two, or where a card has no purse of somebody's, there is none.
    ///
    /// `pin` is the PIN that both have, if everybody knows it: that of fresh cards.
    #[must_use]
    pub fn new<T: Sim>(table: &Table<T>, pin: Option<&'static str>) -> Option<Self> {
        let person = |side| {
            let placed = table.at(side)?;
            let card = placed.phone.handset().card().card().software()?;
            let glimpse = Glimpse::of(card)?;
            let before = (newest_request(&glimpse), newest_entry(&glimpse));
            let (number, writes, seen) = (glimpse.number()?, card.writes(), Seen::default());
            Some(Person { name: placed.name.clone(), number, glimpse, writes, seen, before })
        };
        let (left, right) = (person(Side::Left)?, person(Side::Right)?);
        if left.number == right.number {
            return None;
        }
        let mut lesson = Self {
            people: Both::new(left, right),
            payee: Side::Right,
            started: false,
            received: None,
            shown: None,
            page: Page::SwitchOn,
            turned: None,
            pin,
        };
        for side in Side::BOTH {
            lesson.look(side, &table.at(side)?.phone);
        }
        Some(lesson)
    }

    /// Looks at a phone, after something was done to it, or something happened to it.
    pub fn look<T: Sim>(&mut self, side: Side, phone: &Phone<T>) {
        self.people.at_mut(side).look(phone);
        self.started |= Side::BOTH.into_iter().all(|side| self.people.at(side).seen.is_on());
        self.choose_payee();
        self.receive();
        if let (Some(paid), Some(Text::Paid)) = (self.paid(), self.payer().seen.text) {
            self.shown = Some(paid.number);
        }
        let page = self.place();
        if page != self.page {
            (self.page, self.turned) = (page, None);
        }
    }

    /// The page where the payment is, or to which somebody turned.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let page = self.turned.unwrap_or(self.page);
        let told = self.told();
        let (next, note) =
            if page == self.page { (self.next(), self.note()) } else { (None, Some(page::elsewhere(self.page))) };
        Shown { page, title: page.title(&told), hood: page.hood(&told), note, next }
    }

    /// The page where the payment is.
    #[must_use]
    pub const fn page(&self) -> Page {
        self.page
    }

    /// Turns to the next page, to read it before the payment is there. When the payment goes on, the lesson is there again.
    pub fn skip(&mut self) {
        self.turned = self.turned.unwrap_or(self.page).next();
    }

    /// Turns a page back.
    pub fn turn_back(&mut self) {
        self.turned = self.turned.unwrap_or(self.page).before();
    }

    /// Who asks first gets the money. Where one of the two can no longer pay, it is the one who pays to whom it can go.
    fn choose_payee(&mut self) {
        let other = self.payee.other();
        let asks = |side: Side| self.request_of(side).is_some();
        let pays = |side: Side| self.people.at(side).glimpse.counters.pin_tries > 0;
        if !asks(self.payee) && (asks(other) || !pays(other) && pays(self.payee)) {
            self.payee = other;
        }
    }

    /// What the payee has received since the last look. All that was open then is none of the next payment.
    fn receive(&mut self) {
        let payer = self.payer().number;
        let payee = self.people.at_mut(self.payee);
        let entry = payee.glimpse.history.first().copied();
        let new = entry.filter(|entry| entry.kind == Entry::RECEIVED && entry.peer == Some(payer));
        if let Some(entry) = new.filter(|entry| entry.number > payee.before.1) {
            payee.before = (newest_request(&payee.glimpse).max(payee.before.0), entry.number);
            self.received = Some(entry);
        } else if self.request().is_some() {
            self.received = None;
        }
    }

    fn payee(&self) -> &Person {
        self.people.at(self.payee)
    }

    fn payer(&self) -> &Person {
        self.people.at(self.payee.other())
    }

    /// The request that this payment is about.
    fn request(&self) -> Option<&ShownRequest> {
        self.request_of(self.payee)
    }

    /// Of what was asked on this side, what was paid, or else the newest.
    fn request_of(&self, side: Side) -> Option<&ShownRequest> {
        let (payee, payer) = (self.people.at(side), self.people.at(side.other()));
        let open = || payee.requests_of(payer.number);
        let payable = |request: &&ShownRequest| {
            request.open.cancelled == 0 && payer.can_pay(request.open.amount) && payer.glimpse.counters.pin_tries > 0
        };
        let paid = open().find(|request| payer.payment_for(payee.number, request).is_some());
        paid.or_else(|| open().find(payable))
    }

    /// The payment for it, in the payer's log.
    fn paid(&self) -> Option<&Entry> {
        self.payer().payment_for(self.payee().number, self.request()?)
    }

    /// Where the payment is.
    fn place(&self) -> Page {
        let (payee, payer) = (&self.payee().seen, &self.payer().seen);
        if !self.started {
            return Page::SwitchOn;
        }
        if self.request().is_none() {
            return match self.received {
                Some(_) if payee.text == Some(Text::Received) => Page::Received,
                Some(_) => Page::End,
                None if payee.is_asking() => Page::Terms,
                None => Page::Ask,
            };
        }
        if self.paid().is_some() {
            return Page::Code;
        }
        match payer.text {
            Some(Text::RequestCode) if !self.terms().differs(payer) => Page::Type,
            Some(Text::Differs | Text::CodeDigits | Text::HelpRequestCode) => Page::Type,
            Some(Text::ConfirmPayment) => Page::Confirm,
            Some(Text::Pin | Text::WrongPin | Text::NotAPin | Text::HelpPin) => Page::Pin,
            _ => Page::Tell,
        }
    }

    /// What to do next.
    fn next(&self) -> Option<Step> {
        let (payee, payer) = (self.payee, self.payee.other());
        match self.page {
            Page::SwitchOn => Side::BOTH.into_iter().find_map(|side| self.step(side, Goal::On)),
            Page::Ask | Page::Terms if self.stuck().is_some() => None,
            Page::Ask | Page::Terms => self.step(payee, Goal::Ask),
            Page::Tell | Page::Type | Page::Confirm | Page::Pin => self.step(payer, Goal::Pay),
            Page::Code if self.shown != self.paid().map(|paid| paid.number) => self.step(payer, Goal::Show),
            Page::Code => self.step(payee, Goal::Enter),
            Page::Received => self.step(payee, Goal::Ask),
            Page::End => None,
        }
    }

    fn step(&self, side: Side, goal: Goal) -> Option<Step> {
        let person = self.people.at(side);
        let act = goal.way(&person.seen, &self.terms_of(side))?;
        Some(Step { side, name: person.name.clone(), act })
    }

    fn terms(&self) -> Terms {
        self.terms_of(self.payee.other())
    }

    /// What is to be keyed in on this side.
    fn terms_of(&self, side: Side) -> Terms {
        let (person, other) = (self.people.at(side), self.people.at(side.other()));
        let request = self.request();
        let amount = request.map_or_else(|| self.suggested(), |request| request.open.amount);
        let code = match request {
            Some(request) if side != self.payee => Some(request.code),
            _ => self.paid().and(self.payer().glimpse.last),
        };
        let shown = person.glimpse.money(amount);
        Terms {
            other: other.number,
            label: person.glimpse.name_of(other.number).map(str::to_owned),
            typed: keys_of(&shown),
            amount,
            shown,
            code: code.map(|code| code.to_string()),
            pin: self.pin,
        }
    }

    /// An amount that the payer has, and neither card's caps are against.
    fn suggested(&self) -> Amount {
        let (payee, payer) = (&self.payee().glimpse, self.payer());
        let unit = (0..payee.holder.decimals).fold(1u32, |unit, _| unit.saturating_mul(10));
        let amounts = [250, 100, 50, 10, 1].map(|units: u32| Amount::new(units.saturating_mul(unit)));
        let fits = |amount: &Amount| {
            let after = payee.balance.plus(*amount);
            payer.can_pay(*amount)
                && *amount <= payee.limits.payment
                && after.is_some_and(|after| after <= payee.limits.balance)
        };
        amounts.into_iter().find(fits).unwrap_or(Amount::new(1))
    }

    /// Why no payment can be begun.
    fn stuck(&self) -> Option<String> {
        let (payee, payer) = (self.payee(), self.payer());
        let (name, caps, counted) = (&payee.name, &payee.glimpse.limits, &payee.glimpse.counters);
        let why = if !payee.glimpse.pays() || !payer.glimpse.pays() {
            "One of the two cards takes part in no payments.".to_owned()
        } else if payer.glimpse.counters.pin_tries == 0 {
            "Both PINs are blocked: nobody can pay.".to_owned()
        } else if !payer.can_pay(Amount::new(1)) {
            format!("{} has nothing to pay with.", payer.name)
        } else if counted.opened_since_contact >= caps.opens {
            format!(
                "{name}'s purse has opened {} requests, as many as it may before its issuer has heard of them.",
                caps.opens
            )
        } else if counted.wrong_responses_since_contact >= caps.failures {
            format!(
                "{name}'s purse has seen {} wrong payment codes, as many as it may before its issuer has heard of them.",
                caps.failures
            )
        } else {
            return None;
        };
        Some(format!("{why} Begin again with fresh cards."))
    }

    /// What went another way than it was meant to.
    fn note(&self) -> Option<String> {
        if let (Page::Ask | Page::Terms, Some(why)) = (self.page, self.stuck()) {
            return Some(why);
        }
        let side = self.next()?.side;
        let (person, other) = (self.people.at(side), self.people.at(side.other()));
        page::note(&person.seen, &person.name, &other.name, &self.terms_of(side)).or_else(|| {
            let lost = self.payee().requests_of_all(self.payer().number).find(|request| request.open.tries == 0)?;
            let paid = self.payer().payment_for(self.payee().number, lost).is_some();
            (paid && self.page == Page::Ask).then(|| page::lost(&self.payer().name, &self.payee().name))
        })
    }

    fn told(&self) -> Told {
        let (payee, payer) = (self.payee(), self.payer());
        let protocol = payee.glimpse.protocol().unwrap_or(&digitally::profile::DIGITALLY_8);
        Told {
            payee: payee.name.clone(),
            payer: payer.name.clone(),
            protocol,
            limits: payee.glimpse.limits,
            refusals: payer.glimpse.limits.refusals,
            pin_tries: payer.glimpse.counters.pin_tries,
            nonce: self.request().map(|request| request.open.nonce),
            code: self.request().map(|request| request.code),
            balances: (payer.money(), payee.money()),
        }
    }
}

impl Person {
    fn look<T: Sim>(&mut self, phone: &Phone<T>) {
        let card = phone.handset().card().card().software();
        // What a card without power has half done, it may take back.
        if let Some(card) = card.filter(|card| card.is_on() && card.writes() != self.writes)
            && let Some(glimpse) = Glimpse::of(card)
        {
            (self.glimpse, self.writes) = (glimpse, card.writes());
        }
        self.seen.look(phone, self.glimpse.holder.decimals);
    }

    /// Requests of this lesson to this payer that can still be answered, the newest first.
    fn requests_of(&self, payer: Msisdn) -> impl Iterator<Item = &ShownRequest> {
        self.requests_of_all(payer).filter(|request| request.open.tries > 0)
    }

    fn requests_of_all(&self, payer: Msisdn) -> impl Iterator<Item = &ShownRequest> {
        let new = move |request: &&ShownRequest| request.open.id > self.before.0 && request.open.payer == Some(payer);
        self.glimpse.requests.iter().filter(new)
    }

    /// The payment in the log that answers this request.
    fn payment_for(&self, payee: Msisdn, request: &ShownRequest) -> Option<&Entry> {
        let (amount, nonce) = (request.open.amount, request.open.nonce);
        let answers = |entry: &&Entry| entry.peer == Some(payee) && entry.amount == amount && entry.nonce == nonce;
        self.glimpse.payments.iter().find(answers).filter(|entry| entry.number > self.before.1)
    }

    fn money(&self) -> String {
        self.glimpse.money(self.glimpse.balance)
    }

    fn can_pay(&self, amount: Amount) -> bool {
        amount <= self.glimpse.balance && amount <= self.glimpse.limits.payment
    }
}

fn newest_request(glimpse: &Glimpse) -> u32 {
    glimpse.requests.iter().map(|request| request.open.id).max().unwrap_or(0)
}

fn newest_entry(glimpse: &Glimpse) -> u32 {
    glimpse.payments.iter().chain(&glimpse.history).map(|entry| entry.number).max().unwrap_or(0)
}

/// An amount as it is keyed in: without decimals that say nothing, and with `*` for the point.
fn keys_of(shown: &str) -> String {
    match shown.split_once('.') {
        Some((units, decimals)) if decimals.bytes().all(|digit| digit == b'0') => units.to_owned(),
        _ => shown.replace('.', "*"),
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.act)
    }
}

/// The page as a text: title, what happens under the hood, what went another way, what to do next.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {}\n{}", self.page.number(), Page::ALL.len(), self.title, self.hood)?;
        self.note.iter().try_for_each(|note| write!(f, "\n! {note}"))?;
        self.next.iter().try_for_each(|next| write!(f, "\n> {next}"))
    }
}
