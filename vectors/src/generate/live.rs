//! `live.json`: conversations with purses.

mod mistakes;

mod caps;
mod codes;
mod contacts;
mod payments;
mod pins;
mod serials;
mod steps;

use digitally::Algorithm;
use digitally::profile::{DIGITALLY_8, FIXED};

use super::Generated;

const NOTES: &[(&str, &str)] = &[
    (
        "amount-bound",
        "A code for another amount is taken, the amount not being covered: one is paid and another credited.",
    ),
    ("cancelled", "A cancelled request is forgotten: what its payer has paid by then is credited to nobody."),
    (
        "cap-failures",
        "The cap on wrong responses between issuer contacts does not hold, or by one less: guessing goes on.",
    ),
    (
        "cap-refusals",
        "The cap on wrong requests until a reset does not hold, or by one less: requests are fished for by machine.",
    ),
    (
        "cap-requests",
        "The cap on requests between issuer contacts does not hold, or by one less: there is room to hunt for collisions.",
    ),
    ("cap-tries", "The cap on wrong responses to one request does not hold, or by one less: guessing goes on."),
    ("conservation", "Money appears or disappears."),
    (
        "contact-caps",
        "A contact does not start the caps again, or gives back more than that: payments stop for good, or guesses are free.",
    ),
    ("contact-log", "A contact acknowledges debits that there are not, or takes an acknowledgement back."),
    ("contact-once", "An order of the issuer is carried out twice, or an older one after a newer one."),
    (
        "count-before-compare",
        "A try is counted after the comparison in the place of before: the last try, or a cut of the power, is free.",
    ),
    ("currency-bound", "A code in another currency is taken: the currency is not covered."),
    ("epoch-bound", "A code of another key epoch is taken: the epoch is not covered, or not compared."),
    ("evidence", "What goes up to the issuer has no right MAC, or does not say what happened."),
    (
        "free-guess",
        "A response that was credited is compared with an open request, or its tries are looked at, before it is known \
         as one: each is a free guess.",
    ),
    (
        "limits",
        "A limit of the issuer does not hold (amount, balance, what the balance can take), or what it refuses costs a try.",
    ),
    ("log-full", "A payment is made that the log has no room for: an older response can never be shown again."),
    (
        "order-bound",
        "An issuer's order is carried out for another card, amount or kind than it was made for: money out of nothing.",
    ),
    ("order-once", "An issuer's order is carried out twice, or out of turn: money out of nothing."),
    (
        "paid-once",
        "A request that is in the log, or is older than the last one paid, is paid: the second payment is credited to \
         nobody.",
    ),
    ("party-bound", "A code for somebody else is taken: payer or payee is not covered, or they are exchanged."),
    (
        "per-payee",
        "The highest serial paid is kept for all payees together: who was paid less often cannot be paid any more.",
    ),
    (
        "pin-once",
        "A PIN is not used up, or counts though it was given before CHECK: one that was given for another payment, or \
         for none, is good for this, and who finds the phone can pay.",
    ),
    ("pin-tries", "Wrong PINs are not counted, or not in time."),
    (
        "replay",
        "A recorded response is credited a second time, or for another request, or is not known as received: the \
         credited request is kept, or not the named one is compared, or the serial is not covered in full.",
    ),
    ("serial-fresh", "A serial is used twice: a recorded response fits again."),
    ("settled", "A payment that the issuer has made good is credited by the card as well: money out of nothing."),
    ("shown-again", "A response that was shown cannot be shown again: a payment is lost with a slip of paper."),
    ("suspended", "A suspended purse pays or is paid, or shows no more what it owes."),
    ("take-back", "A success takes back more than its own try, or clears the counter: caps never fill."),
    (
        "unreadable",
        "A code of another length costs a try, or counts as wrong: slips of the finger block honest people.",
    ),
    (
        "window",
        "The search for the serial is wider or narrower than allowed, or does not wait for a second typing in a row.",
    ),
];

/// All tests of this kind.
pub(super) fn file() -> Generated {
    let groups = vec![
        payments::payments("digitally-8, AES-CMAC", "eight", &DIGITALLY_8, Algorithm::AesCmac),
        payments::payments("digitally-8, HMAC-SHA-256", "eight-hmac", &DIGITALLY_8, Algorithm::HmacSha256),
        payments::payments("fixed, AES-CMAC", "fixed", &FIXED, Algorithm::AesCmac),
        codes::codes(),
        serials::serials(),
        serials::far_ahead(),
        serials::serials_end(),
        pins::pins(),
        caps::caps(),
        caps::limits(),
        caps::commands(),
        mistakes::looks(),
        mistakes::orders(),
        contacts::contacts(),
    ];
    let source = "docs/protocol.md; docs/applet.md";
    super::file("live.json", "Conversations with purses", source, NOTES, groups)
}
