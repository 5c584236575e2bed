//! `digitally card info`

mod domain;
mod memory;

use applet_model::purse::{Counters, Life, Limits, ProfileData};
use digitally::{Algorithm, Scheme, profile};
use serde_json::json;

use self::domain::Domain;
use self::memory::Memory;
use super::CardArg;
use crate::atr;
use crate::failure::medium::unanswered;
use crate::failure::{ErrorCode, Failure};
use crate::medium::Medium;
use crate::output::Output;
use crate::purse::Purse;
use crate::session::Session;
use crate::trace::Traced;

/// Show what a card tells of itself: whose it is, its limits, counters, ATR, issuer and memory
///
/// Works with any card: the ATR is explained, and what the issuer security domain tells is decoded, where there is one; the
/// rest is for cards with a purse. Nothing is sent that counts tries.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: digitally card info --card alice.card")]
pub struct Args {
    #[command(flatten)]
    card: CardArg,
}

/// Everything that the card tells about itself.
struct Info {
    profile: ProfileData,
    limits: Limits,
    counters: Counters,
    memory: Memory,
}

impl Args {
    /// Reads all data objects.
    ///
    /// # Errors
    /// If the card cannot be read.
    pub fn run(&self, session: &Session) -> Result<Output, Failure> {
        let place = self.card.place();
        let medium = Medium::open(place, session)?;
        let protocol = medium.protocol().map(|protocol| protocol.to_string());
        let mut card = Traced::new(medium, session.tracing.clone(), session.whose.clone());
        let atr = card.atr().to_vec();
        // Before the purse is selected: another application is, afterwards.
        let domain = Domain::ask(&mut card).map_err(|error| unanswered(error, &place.option()))?;
        let found = match Purse::select(session, card.into_inner(), place.option()) {
            Ok(purse) => Ok(purse),
            // Any card has an ATR, and perhaps an issuer; one without our purse says so.
            Err(failure) if failure.code() == ErrorCode::NoPurse => Err(failure.to_string()),
            Err(failure) if failure.code() == ErrorCode::CardRefused && protocol.is_some() => Err(failure.to_string()),
            Err(failure) => return Err(failure),
        };
        let (mut json, state, memory, number) = match found {
            Ok(mut purse) => {
                let info = Info::of(&mut purse)?;
                let number = purse.holder.number.map(|number| number.to_string()).unwrap_or_default();
                (info.json(&purse), info.text(&purse), info.memory.text(), number)
            }
            Err(why) => {
                let text = format!("purse        none of ours: {why}\n");
                (json!({"purse": null, "why_no_purse": why}), text, String::new(), String::new())
            }
        };
        if let Some(fields) = json.as_object_mut() {
            let more = json!({
                "atr": hex::encode_upper(&atr),
                "atr_parts": atr::parts(&atr),
                "protocol": protocol,
                "issuer_domain": Domain::json(domain.as_ref()),
            });
            fields.extend(more.as_object().cloned().unwrap_or_default());
        }
        let protocol = protocol.map_or_else(String::new, |protocol| format!("protocol     {protocol}\n"));
        let text = state + &atr::text(&atr) + &protocol + &Domain::text(domain.as_ref()) + &memory;
        Ok(Output::new(&json, text, number))
    }
}

impl Info {
    /// Reads all data objects.
    fn of(purse: &mut Purse) -> Result<Self, Failure> {
        let capacity = purse.data()?;
        Ok(Self {
            profile: purse.data()?,
            limits: purse.data()?,
            counters: purse.data()?,
            memory: Memory::of(capacity, purse.client.transport().inner().software()),
        })
    }

    fn profile(&self) -> &'static str {
        let found = PROFILES.iter().find(|profile| profile.number == self.profile.profile);
        found.map_or("unknown", |profile| profile.name)
    }

    fn scheme(&self) -> &'static str {
        self.profile.scheme().map_or("unknown", Scheme::name)
    }

    fn algorithm(&self) -> &'static str {
        self.profile.algorithm().map_or("unknown", Algorithm::name)
    }

    fn left(&self) -> [u16; 3] {
        let (limits, counters) = (&self.limits, &self.counters);
        [
            limits.opens.saturating_sub(counters.opened_since_contact),
            limits.failures.saturating_sub(counters.wrong_responses_since_contact),
            limits.unacknowledged.saturating_sub(counters.unacknowledged),
        ]
    }

    fn text(&self, purse: &Purse) -> String {
        match purse.holder.life() {
            Life::Blank => "holder       nobody yet\nlife cycle   blank\n".to_owned(),
            Life::Personalised | Life::Blocked | Life::Suspended => self.state(purse),
        }
    }

    /// What somebody's purse says of itself.
    fn state(&self, purse: &Purse) -> String {
        let (counters, limits) = (&self.counters, &self.limits);
        let [requests, responses, payments] = self.left();
        let [(request_nonce, request_check), (response_nonce, response_check)] =
            [self.profile.request, self.profile.response].map(|[nonce, check]| (nonce, check));
        format!(
            "holder       {holder}\n\
             life cycle   {life}\n\
             profile      {profile}: requests of {request_nonce} + {request_check} digits, responses of {response_nonce} + {response_check}\n\
             keys         {scheme}, epoch {epoch}, {algorithm}\n\
             limits       {payment} a payment, {balance} in the purse, {tries} tries a request\n\
             left until the next issuer contact\n\
             \x20            {requests} of {opens} requests, {responses} of {failures} wrong responses, \
             {payments} of {unacknowledged} payments\n\
             counters     {made} payments made, {received} received, {opened} requests opened\n\
             \x20            {wrong_requests} wrong requests, {wrong_responses} wrong responses, \
             {wrong_pins} wrong PINs of {attempts}\n\
             \x20            issuer's orders {issuer}\n\
             PIN          {pin} tries left, PUK {puk}\n",
            holder = purse.holder.number.map_or_else(|| "nobody yet".to_owned(), |number| number.to_string()),
            life = purse.holder.life().name(),
            profile = self.profile(),
            scheme = self.scheme(),
            epoch = self.profile.epoch,
            algorithm = self.algorithm(),
            payment = purse.show(limits.payment),
            balance = purse.show(limits.balance),
            tries = limits.tries,
            opens = limits.opens,
            failures = limits.failures,
            unacknowledged = limits.unacknowledged,
            made = counters.payments,
            received = counters.received,
            opened = counters.opened,
            wrong_requests = counters.wrong_requests,
            wrong_responses = counters.wrong_responses,
            wrong_pins = counters.wrong_pins,
            attempts = counters.pin_attempts,
            issuer = counters.issuer,
            pin = counters.pin_tries,
            puk = counters.puk_tries,
        )
    }

    fn json(&self, purse: &Purse) -> serde_json::Value {
        let (counters, limits) = (&self.counters, &self.limits);
        let [requests, responses, payments] = self.left();
        let [memory, payment, wear] = self.memory.json();
        json!({
            "msisdn": purse.holder.number.map(|number| number.to_string()),
            "currency": purse.money.name,
            "decimals": purse.money.decimals,
            "life_cycle": purse.holder.life().name(),
            "profile": self.profile(),
            "request_digits": self.profile.request,
            "response_digits": self.profile.response,
            "key_scheme": self.scheme(),
            "key_epoch": self.profile.epoch,
            "algorithm": self.algorithm(),
            "limits": {
                "payment": limits.payment.minor_units(),
                "balance": limits.balance.minor_units(),
                "requests": limits.opens,
                "wrong_codes": limits.failures,
                "tries_per_request": limits.tries,
                "wrong_requests_per_session": limits.refusals,
                "unacknowledged_payments": limits.unacknowledged,
            },
            "left": {"requests": requests, "wrong_codes": responses, "payments": payments},
            "counters": {
                "payments": counters.payments,
                "received": counters.received,
                "opened": counters.opened,
                "wrong_requests": counters.wrong_requests,
                "wrong_responses": counters.wrong_responses,
                "pin_attempts": counters.pin_attempts,
                "wrong_pins": counters.wrong_pins,
                "issuer": counters.issuer,
            },
            "pin_tries": counters.pin_tries,
            "puk_tries": counters.puk_tries,
            "memory": memory,
            "payment": payment,
            "wear": wear,
        })
    }
}

static PROFILES: [digitally::Profile; 3] = profile::ALL;
