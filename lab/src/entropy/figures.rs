//! From a chance and a policy to the figures of a row. Each function is one row; the formulae are `digitally::entropy`'s.

use digitally::profile::NonceRule;
use digitally::{Profile, entropy};

use super::{Figures, Span, Worth};
use crate::Policy;
use crate::policy::Reach;

impl Figures {
    /// A chance that no rate applies to: so much whenever it happens.
    const fn once(worth: Worth, per_try: f64) -> Self {
        Self { worth, per_try, per_request: None, per_day: None, until_contact: None }
    }

    /// With what happens in a day and until contact.
    fn over(self, policy: &Policy, span: impl Fn(Reach) -> Span) -> Self {
        Self { per_day: Some(span(policy.day())), until_contact: Some(span(policy.contact())), ..self }
    }
}

/// `successes` are expected, `most` are possible, each worth the limit of one payment.
fn span(policy: &Policy, chance: f64, successes: f64, most: u32) -> Span {
    let limit = policy.limit;
    let at_most = u64::from(most).saturating_mul(u64::from(limit));
    Span { chance, expected: successes * f64::from(limit), at_most: Some(at_most) }
}

const IMPOSSIBLE: Span = Span { chance: 0.0, expected: 0.0, at_most: Some(0) };

pub(super) fn guess_response(profile: &Profile, policy: &Policy) -> Figures {
    let p = entropy::guess_response(profile);
    let per_request = Some(entropy::at_least_once(p, policy.tries_per_request));
    Figures { per_request, ..Figures::once(Worth::Made, p) }.over(policy, |reach| {
        span(policy, entropy::at_least_once(p, reach.tries), p * f64::from(reach.tries), reach.credits)
    })
}

pub(super) fn guess_request(profile: &Profile, policy: &Policy) -> Figures {
    let p = entropy::guess_request(profile);
    // Different codes, or half as many, each typed twice in a row, where that opens a wider search (P-CHK-4).
    let pair = entropy::resynchronised(profile);
    let better = if pair > 2.0 * p { (pair, 2) } else { (p, 1) };
    let codes = |tries: u32| tries.checked_div(better.1).unwrap_or(0);
    // As many as the payer's purse takes until its next reset.
    let per_request = Some(entropy::at_least_once(better.0, codes(policy.wrong_requests)));
    Figures { per_request, ..Figures::once(Worth::Failed, p) }.over(policy, |reach| {
        let (codes, most) = (codes(reach.forged), reach.forged.min(policy.debits));
        span(policy, entropy::at_least_once(better.0, codes), better.0 * f64::from(codes), most)
    })
}

pub(super) fn replay(profile: &Profile, policy: &Policy) -> Figures {
    recorded(profile, policy, policy.recorded)
}

/// n responses are recorded, and requests for the same payer and amount opened as caps and rates allow.
fn recorded(profile: &Profile, policy: &Policy, n: u32) -> Figures {
    let p = entropy::replay(profile, n, policy.tries_per_request);
    Figures { per_request: Some(p), ..Figures::once(Worth::Made, p) }.over(policy, |reach| {
        let guesses = reach.tries.min(reach.requests.saturating_mul(n));
        let chance = entropy::replay_again(profile, n, reach.requests, guesses);
        let successes = match profile.payee_nonce {
            NonceRule::Random => p * f64::from(reach.credits),
            NonceRule::Serial { .. } => entropy::guess_response(profile) * f64::from(guesses),
        };
        span(policy, chance, successes, reach.credits)
    })
}

pub(super) fn collision(profile: &Profile, policy: &Policy) -> Figures {
    hunt(policy, |requests| entropy::collision(profile, requests) * entropy::collision_credited(profile))
}

pub(super) fn check_collision(profile: &Profile, policy: &Policy) -> Figures {
    hunt(policy, |requests| entropy::check_collision(profile, requests) * entropy::check_collision_credited(profile))
}

/// One hunt ends in one payment; it can use all requests until contact.
fn hunt(policy: &Policy, chance: impl Fn(u32) -> f64) -> Figures {
    Figures::once(Worth::Made, chance(policy.contact().requests)).over(policy, |reach| {
        let chance = chance(reach.requests);
        span(policy, chance, chance, u32::from(chance > 0.0))
    })
}

/// A mistake that is made in a share of all honest payments.
fn mistake(policy: &Policy, worth: Worth, per_try: f64, share: f64) -> Figures {
    let p = per_try * share;
    Figures { per_request: Some(p), ..Figures::once(worth, per_try) }.over(policy, |reach| {
        let most = if worth == Worth::Nothing || p == 0.0 { 0 } else { reach.payments };
        let successes = if worth == Worth::Nothing { 0.0 } else { p * f64::from(reach.payments) };
        span(policy, entropy::at_least_once(p, reach.payments), successes, most)
    })
}

pub(super) fn mistyped_request(profile: &Profile, policy: &Policy) -> Figures {
    mistake(policy, Worth::Failed, entropy::mistyped_request(profile), policy.mistyped)
}

pub(super) fn transposed_request(profile: &Profile, policy: &Policy) -> Figures {
    mistake(policy, Worth::Failed, entropy::transposed_request(profile), policy.mistyped)
}

pub(super) fn wrong_amount(profile: &Profile, policy: &Policy) -> Figures {
    mistake(policy, wrong_amount_worth(profile), entropy::wrong_terms(profile), policy.wrong_terms)
}

/// Where R does not cover X, the response for a wrong amount that passed fits the payee's request: he is credited what
/// he asked for, she is debited what she typed.
fn wrong_amount_worth(profile: &Profile) -> Worth {
    if entropy::wrong_amount_credited(profile) < 1.0 { Worth::Failed } else { Worth::Made }
}

pub(super) fn wrong_person(profile: &Profile, policy: &Policy) -> Figures {
    mistake(policy, Worth::Failed, entropy::wrong_terms(profile), policy.wrong_terms)
}

pub(super) fn typed_twice(profile: &Profile, policy: &Policy) -> Figures {
    mistake(policy, wrong_amount_worth(profile), entropy::resynchronised(profile), policy.wrong_terms)
}

pub(super) fn mistyped_response(profile: &Profile, policy: &Policy) -> Figures {
    mistake(policy, Worth::Nothing, entropy::mistyped_response(profile), policy.mistyped)
}

pub(super) fn paid_twice(profile: &Profile, policy: &Policy) -> Figures {
    mistake(policy, Worth::Failed, entropy::paid_again(profile), policy.repeated)
}

pub(super) fn nonces_used_up(profile: &Profile, policy: &Policy) -> Figures {
    match profile.payee_nonce {
        NonceRule::Random => recorded(profile, policy, profile.nonce_range()),
        // OPEN is refused after 2³² − 1 (P-SER-3): there is no request to answer.
        NonceRule::Serial { .. } => {
            Figures { per_request: Some(0.0), ..Figures::once(Worth::Made, 0.0) }.over(policy, |_| IMPOSSIBLE)
        }
    }
}

pub(super) fn tail_wrapped(profile: &Profile, _: &Policy) -> Figures {
    Figures::once(Worth::Made, entropy::wrapped(profile))
}

pub(super) const fn peers_full(_: &Profile, _: &Policy) -> Figures {
    // Random N_B: there is no such table, and any request can be paid again at any time. Serials: certain, too, once
    // the debit has left the log as well (P-AUTH-4).
    Figures::once(Worth::Failed, 1.0)
}

pub(super) fn contact_deleted(_: &Profile, policy: &Policy) -> Figures {
    Figures::once(Worth::Nothing, 0.0).over(policy, |_| IMPOSSIBLE)
}

pub(super) fn card_replaced(profile: &Profile, policy: &Policy) -> Figures {
    match profile.payee_nonce {
        // The next card draws from the same nonces.
        NonceRule::Random => recorded(profile, policy, policy.recorded),
        NonceRule::Serial { .. } => {
            Figures { per_request: Some(0.0), ..Figures::once(Worth::Made, 0.0) }.over(policy, |_| IMPOSSIBLE)
        }
    }
}

pub(super) fn card_restarted(profile: &Profile, policy: &Policy) -> Figures {
    match profile.payee_nonce {
        NonceRule::Random => recorded(profile, policy, policy.recorded),
        // Each recorded response is credited once more, at the request with its serial.
        NonceRule::Serial { .. } => {
            Figures { per_request: Some(1.0), ..Figures::once(Worth::Made, 1.0) }.over(policy, |reach| {
                let again = reach.credits.min(policy.recorded);
                span(policy, 1.0, f64::from(again), again)
            })
        }
    }
}

pub(super) fn image_restored(_: &Profile, policy: &Policy) -> Figures {
    // No counter that was copied back limits anything.
    let unbounded = Span { chance: 1.0, expected: f64::INFINITY, at_most: None };
    Figures { per_request: Some(1.0), ..Figures::once(Worth::Made, 1.0) }.over(policy, |_| unbounded)
}
