//! What a lesson sees of a phone.

use applet_model::purse::Text;
use digitally::{Amount, Msisdn};
use toolkit::CommandType;

use super::way::Flow;
use crate::{Phone, Sim, Standing};

/// What a phone shows, and what it showed before that still matters. What is hidden is not looked at.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) standing: Standing,
    pub(super) has_sim: bool,
    pub(super) is_idle: bool,
    /// The command whose answer the card waits for.
    pub(super) waits_for: Option<CommandType>,
    /// Which text of the purse's menu is on the screen.
    pub(super) text: Option<Text>,
    /// The text itself: a title, a question, something that is shown.
    pub(super) question: String,
    pub(super) items: Option<Vec<String>>,
    /// What is keyed in so far, unless it is hidden.
    pub(super) keyed: String,
    /// Which list of people was shown last.
    pub(super) flow: Option<Flow>,
    /// The amount that was keyed in last.
    pub(super) amount: Option<Amount>,
    /// Whether the card takes no more request codes until the phone was off.
    pub(super) is_capped: bool,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            standing: Standing::Off,
            has_sim: true,
            is_idle: false,
            waits_for: None,
            text: None,
            question: String::new(),
            items: None,
            keyed: String::new(),
            flow: None,
            amount: None,
            is_capped: false,
        }
    }
}

impl Seen {
    /// Looks at the phone again.
    pub(super) fn look<T: Sim>(&mut self, phone: &Phone<T>, decimals: u8) {
        let handset = phone.handset();
        self.standing = phone.standing();
        self.has_sim = phone.has_sim();
        let is_on = self.is_on();
        self.is_idle = is_on && handset.is_idle();
        self.waits_for = handset.waits_for().filter(|_| is_on);
        self.question = handset.question().filter(|_| is_on).unwrap_or_default().to_owned();
        self.text = Text::of(&self.question);
        self.items = handset.items().filter(|_| is_on).map(|(items, _)| items.into_iter().map(str::to_owned).collect());
        let shown = handset.keyed().is_some_and(|keyed| keyed.count > 0) && !handset.is_hidden();
        let line = shown.then(|| handset.screen().lines().last()).flatten().unwrap_or_default();
        self.keyed = line.trim_end_matches('_').to_owned();
        match self.text {
            Some(Text::WhoToPay) => self.flow = Some(Flow::Pay),
            Some(Text::WhoPays) => self.flow = Some(Flow::Ask),
            Some(Text::Amount) => self.amount = Amount::parse(&self.keyed.replace('*', "."), decimals).ok(),
            Some(Text::TooManyWrong) => self.is_capped = true,
            _ if self.items.is_some() || self.is_idle => (self.flow, self.amount) = (None, None),
            _ => {}
        }
        if !is_on {
            (self.flow, self.amount, self.is_capped) = (None, None, false);
        }
    }

    /// Whether it has power and a SIM.
    pub(super) fn is_on(&self) -> bool {
        self.standing == Standing::On && self.has_sim
    }

    /// Whether it is among its owner's requests: at who pays, or how much.
    pub(super) fn is_asking(&self) -> bool {
        match self.text {
            Some(Text::WhoPays) => true,
            Some(Text::PhoneNumber | Text::Amount) => self.flow != Some(Flow::Pay),
            _ => false,
        }
    }

    /// Whether the number stands there, as a line of its own.
    pub(super) fn is_about(&self, number: Msisdn) -> bool {
        self.question.lines().any(|line| line == number.to_string())
    }

    /// Whether this stands there, between blanks.
    pub(super) fn says(&self, word: &str) -> bool {
        self.question.split_whitespace().any(|other| other == word)
    }
}
