//! Who watches the phones of a session, and makes the rows.

use std::time::Duration;

use applet_model::purse::Text;
use handset::Key;

use super::row::{End, Outcome, Role, Row, Step};
use super::step::{Place, answered, is_refusal};
use crate::{Observer, Phone, Seen, Side, Sim, SoftKeys, Standing, Touch};

/// Watches the phones of one session: an [`Observer`] that looks at what is asked, and how much is keyed in.
#[derive(Debug, Default)]
pub struct Recorder {
    left: Watched,
    right: Watched,
    payments: u32,
    rows: Vec<Row>,
}

/// One phone.
#[derive(Debug, Default)]
struct Watched {
    seen: Glance,
    payment: Option<Payment>,
    /// A payment that was given up when its request had been shown: the payment code can still be keyed in.
    waiting: Option<Payment>,
}

/// A payment that goes on.
#[derive(Debug)]
struct Payment {
    number: u32,
    role: Role,
    question: Question,
    has_shown_request: bool,
    is_done: bool,
}

/// The question at which it is.
#[derive(Debug)]
struct Question {
    step: Step,
    at: Duration,
    first_key: Option<Duration>,
    keys: u32,
    cleared: u32,
}

/// As much of a phone as tells one question from another.
#[derive(Debug)]
struct Glance {
    is_on: bool,
    is_asked: bool,
    text: Option<Text>,
    /// The selected item of a list, if it is one of the menu's own.
    item: Option<Text>,
    /// How many characters are keyed in.
    keyed: usize,
    soft: SoftKeys,
}

impl Default for Glance {
    fn default() -> Self {
        Self { is_on: false, is_asked: false, text: None, item: None, keyed: 0, soft: SoftKeys::NONE }
    }
}

impl Glance {
    fn of<T: Sim>(phone: &Phone<T>) -> Self {
        let is_on = phone.standing() == Standing::On && phone.has_sim();
        if !is_on {
            return Self::default();
        }
        let handset = phone.handset();
        let question = handset.question();
        let item = handset.items().and_then(|(items, at)| Text::of(items.get(at)?));
        Self {
            is_on,
            is_asked: question.is_some(),
            text: question.and_then(Text::of),
            item,
            keyed: handset.keyed().map_or(0, |keyed| keyed.count),
            soft: phone.soft_keys(),
        }
    }

    fn is_same_question(&self, other: &Self) -> bool {
        (self.is_on, self.is_asked, self.text) == (other.is_on, other.is_asked, other.text)
    }
}

impl Question {
    const fn new(step: Step, at: Duration) -> Self {
        Self { step, at, first_key: None, keys: 0, cleared: 0 }
    }
}

impl Recorder {
    /// Nothing is seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The session is over.
    pub fn stop(&mut self, now: Duration) {
        for watched in [&mut self.left, &mut self.right] {
            if let Some(payment) = watched.payment.take() {
                let end = if payment.is_done { End::Done } else { End::Aborted };
                self.rows.push(payment.row(now, Outcome::Stopped, Some(end)));
            }
        }
    }

    /// The rows that are ready. They are not handed over again.
    pub fn take_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }

    fn look<T: Sim>(&mut self, now: Duration, side: Side, touch: Option<Touch>, phone: &Phone<T>) {
        let watched = if side == Side::Left { &mut self.left } else { &mut self.right };
        let after = Glance::of(phone);
        let before = std::mem::take(&mut watched.seen);
        let key = match touch {
            Some(Touch::Key(key)) => Some(key),
            Some(Touch::Left) => before.soft.left.map(|(_, key)| key),
            Some(Touch::Right) => before.soft.right.map(|(_, key)| key),
            _ => None,
        };
        let is_same = before.is_same_question(&after);
        if let Some(payment) = &mut watched.payment
            && matches!(touch, Some(Touch::Key(_) | Touch::Left | Touch::Right))
        {
            let question = &mut payment.question;
            question.keys = question.keys.saturating_add(1);
            question.first_key.get_or_insert(now);
            if is_same && after.keyed < before.keyed {
                question.cleared = question.cleared.saturating_add(1);
            }
        }
        if !is_same {
            match watched.payment.take() {
                Some(payment) => watched.go_on(payment, &before, &after, key, now, &mut self.rows),
                None => watched.payment = watched.begin(&before, &after, key, now, &mut self.payments),
            }
        }
        watched.seen = after;
    }
}

impl<T: Sim> Observer<T> for Recorder {
    fn touched(&mut self, seen: &Seen<'_, T>) {
        self.look(seen.at, seen.side, Some(seen.touch), seen.phone);
    }

    fn changed(&mut self, at: Duration, side: Side, phone: &Phone<T>) {
        self.look(at, side, None, phone);
    }
}

impl Watched {
    /// A payment, if one begins here: by the choice of Pay or Request, or goes on by that of Enter code.
    fn begin(
        &mut self,
        before: &Glance,
        after: &Glance,
        key: Option<Key>,
        now: Duration,
        payments: &mut u32,
    ) -> Option<Payment> {
        let Place::Step(step) = Place::of(after.text) else { return None };
        let chosen = before.item.filter(|_| key == Some(Key::Ok));
        let (role, goes_on) = match (after.text?, chosen) {
            (Text::WhoToPay, _) => (Role::Payer, false),
            (Text::WhoPays, _) => (Role::Payee, false),
            (Text::WhichRequest | Text::PaymentCodeFor, _) => (Role::Payee, true),
            (_, Some(Text::Pay)) if matches!(step, Step::Amount | Step::Notice) => (Role::Payer, false),
            (_, Some(Text::Request)) if matches!(step, Step::Amount | Step::Notice) => (Role::Payee, false),
            _ => return None,
        };
        let question = Question::new(step, now);
        if let Some(payment) = self.waiting.take_if(|_| goes_on) {
            return Some(Payment { question, ..payment });
        }
        *payments = payments.saturating_add(1);
        Some(Payment { number: *payments, role, question, has_shown_request: goes_on, is_done: false })
    }

    /// The question is over; the payment is at another one, or over, too.
    fn go_on(
        &mut self,
        mut payment: Payment,
        before: &Glance,
        after: &Glance,
        key: Option<Key>,
        now: Duration,
        rows: &mut Vec<Row>,
    ) {
        let step = payment.question.step;
        let place = Place::of(after.text);
        let outcome = match key {
            _ if !after.is_on => Outcome::Off,
            Some(Key::Back) => Outcome::Back,
            Some(Key::End) => Outcome::Ended,
            None => Outcome::Unanswered,
            Some(_) if !after.is_asked => Outcome::Failed,
            Some(_) => answered(step, after.text),
        };
        if let Place::Step(next) = place {
            rows.push(payment.row(now, outcome, None));
            payment.question = Question::new(next, now);
            payment.has_shown_request |= next == Step::ShowRequest;
            payment.is_done |= matches!(next, Step::ShowPayment | Step::ShowReceived);
            self.payment = Some(payment);
            return;
        }
        let was_refused = place == Place::Menu && before.text.is_some_and(is_refusal);
        let end = match () {
            () if payment.is_done => End::Done,
            () if was_refused => End::Refused,
            () => End::Aborted,
        };
        rows.push(payment.row(now, outcome, Some(end)));
        if end == End::Aborted && payment.has_shown_request {
            self.waiting = Some(payment);
        }
    }
}

impl Payment {
    fn row(&self, now: Duration, outcome: Outcome, end: Option<End>) -> Row {
        let Question { step, at, first_key, keys, cleared } = self.question;
        let since = |until: Duration| milliseconds(until).saturating_sub(milliseconds(at));
        Row {
            payment: self.number,
            role: self.role,
            step,
            at: milliseconds(at),
            first_key: first_key.map(since),
            time: since(now),
            keys,
            cleared,
            outcome,
            end,
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
