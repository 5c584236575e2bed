//! The vocabulary of conversations: people with cards, and steps as a person would say them.

use std::collections::BTreeMap;

use digitally::profile::DIGITALLY_8;
use digitally::{Algorithm, Profile, Scheme};

use crate::expect::Expect;
use crate::generate::code::published;
use crate::kind::Group;
use crate::kind::live::{Action, CardFields, Changes, Input, LimitFields, Live, Output, Shared, Step, Typed};
use crate::subject::card::{ISSUER_KEY, PIN, PUK};

/// A card with its holder's name.
fn card(number: &str, profile: &Profile, algorithm: Algorithm) -> CardFields {
    let len = if algorithm == Algorithm::AesCmac { 16 } else { 32 };
    CardFields {
        number: number.into(),
        currency: 404,
        decimals: 2,
        serials_above: 0,
        profile: published(profile),
        algorithm,
        scheme: Scheme::Universal,
        epoch: 1,
        payment_key: crate::hex_text::Hex((0..len).collect()),
        issuer_key: ISSUER_KEY.into(),
        pin: PIN.into(),
        pin_tries: 3,
        puk: PUK.into(),
        puk_tries: 10,
        limits: LimitFields {
            payment: 5_000_00,
            balance: 50_000_00,
            opens: 200,
            failures: 100,
            tries: 5,
            refusals: 20,
            unacknowledged: 16,
        },
        balance: 2_000_00,
    }
}

/// The cards of Alice, Bob and Carol, after a change to each.
pub(super) fn cards(profile: &Profile, algorithm: Algorithm, change: impl Fn(&str, &mut CardFields)) -> Shared {
    let people = [("alice", "+254700000001"), ("bob", "+254700000002"), ("carol", "+254700000003")];
    let cards = people.into_iter().map(|(name, number)| {
        let mut card = card(number, profile, algorithm);
        change(name, &mut card);
        (name.to_owned(), card)
    });
    Shared { cards: cards.collect::<BTreeMap<_, _>>() }
}

pub(super) fn eight(change: impl Fn(&str, &mut CardFields)) -> Shared {
    cards(&DIGITALLY_8, Algorithm::AesCmac, change)
}

pub(super) fn step(card: &str, action: Action) -> Step {
    Step { card: card.into(), action, sw: [0x90, 0x00].into() }
}

impl Step {
    /// Answered by this status word.
    pub(super) fn sw(self, sw: u16) -> Self {
        Self { sw: sw.to_be_bytes().into(), ..self }
    }
}

pub(super) fn request(payee: &str, payer: &str, amount: u32, name: &str) -> Step {
    step(payee, Action::Request { payer: payer.into(), amount, name: name.into() })
}

pub(super) fn cancel(payee: &str, request: &str) -> Step {
    step(payee, Action::Cancel { request: request.into() })
}

pub(super) fn check(payer: &str, payee: &str, amount: u32, code: Typed) -> Step {
    step(payer, Action::Check { payee: payee.into(), amount, code })
}

pub(super) fn verify(who: &str) -> Step {
    pin(who, PIN)
}

pub(super) fn pin(who: &str, pin: &str) -> Step {
    step(who, Action::Verify { pin: pin.into() })
}

pub(super) fn authorise(payer: &str, name: &str) -> Step {
    step(payer, Action::Authorise { name: name.into() })
}

pub(super) fn confirm(payee: &str, request: &str, code: Typed) -> Step {
    step(payee, Action::Confirm { request: request.into(), code })
}

pub(super) fn balance(who: &str, amount: u32) -> Step {
    step(who, Action::Balance { amount })
}

pub(super) fn last(payer: &str, back: u8, shows: &str) -> Step {
    step(payer, Action::Last { back, shows: shows.into() })
}

pub(super) fn reset(who: &str) -> Step {
    step(who, Action::Reset)
}

pub(super) fn send(who: &str, command: &[u8], sw: u16) -> Step {
    step(who, Action::Send { command: command.into(), data: [].into() }).sw(sw)
}

pub(super) fn shown(name: &str) -> Typed {
    Typed { shown: Some(name.into()), ..Typed::default() }
}

pub(super) fn wrong(name: &str, plus: u32) -> Typed {
    Typed { plus, ..shown(name) }
}

pub(super) fn response_with(request: &str, with: Changes) -> Typed {
    Typed { response: Some(request.into()), with: Some(with), ..Typed::default() }
}

pub(super) fn request_with(request: &str, with: Changes) -> Typed {
    Typed { request: Some(request.into()), with: Some(with), ..Typed::default() }
}

/// CHECK, VERIFY, AUTHORISE.
pub(super) fn pay(payer: &str, payee: &str, amount: u32, request: &str, name: &str) -> [Step; 3] {
    [check(payer, payee, amount, shown(request)), verify(payer), authorise(payer, name)]
}

/// A request, its payment, its confirmation.
pub(super) fn whole(payer: &str, payee: &str, amount: u32, name: &str) -> Vec<Step> {
    let payment = format!("{name}-paid");
    let mut steps = vec![request(payee, payer, amount, name)];
    steps.extend(pay(payer, payee, amount, name, &payment));
    steps.push(confirm(payee, name, shown(&payment)));
    steps
}

/// Steps and groups of steps, one after the other.
pub(super) fn talk<const N: usize>(parts: [Vec<Step>; N]) -> Vec<Step> {
    parts.concat()
}

impl Group<Live> {
    pub(super) fn accepts(self, id: &str, comment: &str, flags: &[&str], steps: Vec<Step>) -> Self {
        self.with(format!("live-{id}"), comment, flags, Input { steps }, Expect::Accept, Some(Output {}))
    }

    pub(super) fn refuses(self, id: &str, rule: &str, comment: &str, flags: &[&str], steps: Vec<Step>) -> Self {
        self.with(format!("live-{id}"), comment, flags, Input { steps }, Expect::refuse(rule), None)
    }
}
