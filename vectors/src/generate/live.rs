//! `live.json`: conversations with purses.

mod mistakes;

use std::collections::BTreeMap;

use digitally::profile::{DIGITALLY_8, FIXED};
use digitally::{Algorithm, Profile, Scheme};

use super::code::published;
use super::{Generated, group};
use crate::expect::Expect;
use crate::kind::Group;
use crate::kind::live::{Action, CardFields, Changes, Input, LimitFields, Live, Output, Shared, Step, Typed};
use crate::subject::card::{ISSUER_KEY, PIN, PUK};

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
        "count-before-compare",
        "A try is counted after the comparison in the place of before: the last try, or a cut of the power, is free.",
    ),
    ("currency-bound", "A code in another currency is taken: the currency is not covered."),
    ("epoch-bound", "A code of another key epoch is taken: the epoch is not covered, or not compared."),
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
    ("shown-again", "A response that was shown cannot be shown again: a payment is lost with a slip of paper."),
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
        payments("digitally-8, AES-CMAC", "eight", &DIGITALLY_8, Algorithm::AesCmac),
        payments("digitally-8, HMAC-SHA-256", "eight-hmac", &DIGITALLY_8, Algorithm::HmacSha256),
        payments("fixed, AES-CMAC", "fixed", &FIXED, Algorithm::AesCmac),
        codes(),
        serials(),
        far_ahead(),
        serials_end(),
        pins(),
        caps(),
        limits(),
        commands(),
        mistakes::looks(),
        mistakes::orders(),
    ];
    let source = "docs/protocol.md; docs/applet.md";
    super::file("live.json", "Conversations with purses", source, NOTES, groups)
}

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
fn cards(profile: &Profile, algorithm: Algorithm, change: impl Fn(&str, &mut CardFields)) -> Shared {
    let people = [("alice", "+254700000001"), ("bob", "+254700000002"), ("carol", "+254700000003")];
    let cards = people.into_iter().map(|(name, number)| {
        let mut card = card(number, profile, algorithm);
        change(name, &mut card);
        (name.to_owned(), card)
    });
    Shared { cards: cards.collect::<BTreeMap<_, _>>() }
}

fn eight(change: impl Fn(&str, &mut CardFields)) -> Shared {
    cards(&DIGITALLY_8, Algorithm::AesCmac, change)
}

// Steps, as a person would say them.

fn step(card: &str, action: Action) -> Step {
    Step { card: card.into(), action, sw: [0x90, 0x00].into() }
}

impl Step {
    /// Answered by this status word.
    fn sw(self, sw: u16) -> Self {
        Self { sw: sw.to_be_bytes().into(), ..self }
    }
}

fn request(payee: &str, payer: &str, amount: u32, name: &str) -> Step {
    step(payee, Action::Request { payer: payer.into(), amount, name: name.into() })
}

fn cancel(payee: &str, request: &str) -> Step {
    step(payee, Action::Cancel { request: request.into() })
}

fn check(payer: &str, payee: &str, amount: u32, code: Typed) -> Step {
    step(payer, Action::Check { payee: payee.into(), amount, code })
}

fn verify(who: &str) -> Step {
    pin(who, PIN)
}

fn pin(who: &str, pin: &str) -> Step {
    step(who, Action::Verify { pin: pin.into() })
}

fn authorise(payer: &str, name: &str) -> Step {
    step(payer, Action::Authorise { name: name.into() })
}

fn confirm(payee: &str, request: &str, code: Typed) -> Step {
    step(payee, Action::Confirm { request: request.into(), code })
}

fn balance(who: &str, amount: u32) -> Step {
    step(who, Action::Balance { amount })
}

fn last(payer: &str, back: u8, shows: &str) -> Step {
    step(payer, Action::Last { back, shows: shows.into() })
}

fn reset(who: &str) -> Step {
    step(who, Action::Reset)
}

fn send(who: &str, command: &[u8], sw: u16) -> Step {
    step(who, Action::Send { command: command.into(), data: [].into() }).sw(sw)
}

fn shown(name: &str) -> Typed {
    Typed { shown: Some(name.into()), ..Typed::default() }
}

fn wrong(name: &str, plus: u32) -> Typed {
    Typed { plus, ..shown(name) }
}

fn response_with(request: &str, with: Changes) -> Typed {
    Typed { response: Some(request.into()), with: Some(with), ..Typed::default() }
}

fn request_with(request: &str, with: Changes) -> Typed {
    Typed { request: Some(request.into()), with: Some(with), ..Typed::default() }
}

/// CHECK, VERIFY, AUTHORISE.
fn pay(payer: &str, payee: &str, amount: u32, request: &str, name: &str) -> [Step; 3] {
    [check(payer, payee, amount, shown(request)), verify(payer), authorise(payer, name)]
}

/// A request, its payment, its confirmation.
fn whole(payer: &str, payee: &str, amount: u32, name: &str) -> Vec<Step> {
    let payment = format!("{name}-paid");
    let mut steps = vec![request(payee, payer, amount, name)];
    steps.extend(pay(payer, payee, amount, name, &payment));
    steps.push(confirm(payee, name, shown(&payment)));
    steps
}

/// Steps and groups of steps, one after the other.
fn talk<const N: usize>(parts: [Vec<Step>; N]) -> Vec<Step> {
    parts.concat()
}

impl Group<Live> {
    fn accepts(self, id: &str, comment: &str, flags: &[&str], steps: Vec<Step>) -> Self {
        self.with(format!("live-{id}"), comment, flags, Input { steps }, Expect::Accept, Some(Output {}))
    }

    fn refuses(self, id: &str, rule: &str, comment: &str, flags: &[&str], steps: Vec<Step>) -> Self {
        self.with(format!("live-{id}"), comment, flags, Input { steps }, Expect::refuse(rule), None)
    }
}

fn payments(about: &str, prefix: &str, profile: &Profile, algorithm: Algorithm) -> Group<Live> {
    let id = |rest: &str| format!("{prefix}-{rest}");
    let shared = cards(profile, algorithm, |_, _| {});
    let end = |alice, bob| vec![balance("alice", alice), balance("bob", bob)];
    let statements = ["P-OPEN-1", "P-CONF-6", "P-CONF-9", "P-AUTH-2", "P-LAST-1"];
    group(format!("payments, {about}"), &statements, shared)
        .accepts(
            &id("payment"),
            "Alice pays Bob 400.00",
            &["conservation"],
            talk([whole("alice", "bob", 400_00, "r"), end(1_600_00, 2_400_00)]),
        )
        .accepts(
            &id("both-ways"),
            "Alice pays Bob and Bob pays Alice the same amount, the steps of both mixed",
            &["conservation", "party-bound"],
            talk([
                vec![request("bob", "alice", 100_00, "to-bob"), request("alice", "bob", 100_00, "to-alice")],
                pay("bob", "alice", 100_00, "to-alice", "bob-paid").into(),
                pay("alice", "bob", 100_00, "to-bob", "alice-paid").into(),
                vec![confirm("bob", "to-bob", shown("alice-paid")), confirm("alice", "to-alice", shown("bob-paid"))],
                end(2_000_00, 2_000_00),
            ]),
        )
        .refuses(
            &id("confirmed-twice"),
            "P-CONF-9",
            "a request that was credited is gone, and its response is good for nothing",
            &["replay", "conservation"],
            talk([
                whole("alice", "bob", 400_00, "r"),
                vec![confirm("bob", "r", shown("r-paid")).sw(if profile.response.nonce == 0 {
                    0x9416
                } else {
                    0x6A88
                })],
                end(1_600_00, 2_400_00),
            ]),
        )
        .refuses(
            &id("wrong-response"),
            "P-CONF-9",
            "a wrong response costs a try and nothing else; the right one is good afterwards",
            &["conservation"],
            talk([
                vec![request("bob", "alice", 400_00, "r")],
                pay("alice", "bob", 400_00, "r", "p").into(),
                vec![confirm("bob", "r", wrong("p", 1)).sw(0x63C4), balance("bob", 2_000_00)],
                vec![confirm("bob", "r", shown("p"))],
                end(1_600_00, 2_400_00),
            ]),
        )
        .accepts(
            &id("last"),
            "LAST shows the responses again, the newest first, also after a reset and without a PIN",
            &["shown-again"],
            talk([
                whole("alice", "bob", 100_00, "first"),
                whole("alice", "carol", 200_00, "second"),
                vec![last("alice", 0, "second-paid"), last("alice", 1, "first-paid"), reset("alice")],
                vec![last("alice", 1, "first-paid"), last("alice", 0, "second-paid"), balance("alice", 1_700_00)],
            ]),
        )
}

fn codes() -> Group<Live> {
    let with = |change: fn(&mut Changes)| {
        let mut changes = Changes::default();
        change(&mut changes);
        changes
    };
    let refused_response = |group: Group<Live>, id: &str, comment: &str, flag: &str, changes: Changes| {
        let steps = vec![
            request("bob", "alice", 400_00, "r"),
            confirm("bob", "r", response_with("r", changes)).sw(0x63C4),
            balance("bob", 2_000_00),
        ];
        group.refuses(&format!("response-{id}"), "P-CONF-9", comment, &[flag], steps)
    };
    let refused_request = |group: Group<Live>, id: &str, comment: &str, flag: &str, changes: Changes| {
        let steps = vec![
            request("bob", "alice", 400_00, "r"),
            check("alice", "bob", 400_00, request_with("r", changes)).sw(0x9302),
            verify("alice"),
            authorise("alice", "p").sw(0x6985),
            balance("alice", 2_000_00),
        ];
        group.refuses(&format!("request-{id}"), "P-CHK-3", comment, &[flag], steps)
    };
    let mut group =
        group("codes for something else", &["P-CHK-3", "P-CONF-1", "P-CONF-2", "P-CONF-9"], eight(|_, _| {}))
            .accepts(
                "response-computed",
                "control: the response that is computed here is the right one",
                &[],
                talk([
                    vec![request("bob", "alice", 400_00, "r")],
                    vec![confirm("bob", "r", response_with("r", Changes::default())), balance("bob", 2_400_00)],
                ]),
            )
            .accepts(
                "request-computed",
                "control: the request that is computed here is the right one",
                &[],
                vec![
                    request("bob", "alice", 400_00, "r"),
                    check("alice", "bob", 400_00, request_with("r", Changes::default())),
                    verify("alice"),
                    authorise("alice", "p"),
                    confirm("bob", "r", shown("p")),
                ],
            );
    group = refused_response(
        group,
        "amount",
        "the response for another amount",
        "amount-bound",
        with(|c| c.amount = Some(400_01)),
    );
    group = refused_response(
        group,
        "payer",
        "the response of another payer",
        "party-bound",
        with(|c| c.payer = Some("carol".into())),
    );
    group = refused_response(
        group,
        "payee",
        "the response for another payee",
        "party-bound",
        with(|c| c.payee = Some("carol".into())),
    );
    group = refused_response(
        group,
        "reversed",
        "the response of the payment back",
        "party-bound",
        with(|c| {
            (c.payer, c.payee) = (Some("bob".into()), Some("alice".into()));
        }),
    );
    group = refused_response(
        group,
        "currency",
        "the response in another currency",
        "currency-bound",
        with(|c| c.currency = Some(800)),
    );
    group =
        refused_response(group, "epoch", "the response of the next epoch", "epoch-bound", with(|c| c.epoch = Some(2)));
    group = refused_response(group, "serial", "the response to the next request", "replay", with(|c| c.nonce_plus = 1));
    group = refused_response(
        group,
        "tail",
        "the response to the request 1000 serials later",
        "replay",
        with(|c| c.nonce_plus = 1000),
    );
    group = refused_request(
        group,
        "amount",
        "the request for another amount",
        "amount-bound",
        with(|c| c.amount = Some(400_01)),
    );
    group = refused_request(
        group,
        "payer",
        "a request meant for another payer",
        "party-bound",
        with(|c| c.payer = Some("carol".into())),
    );
    group = refused_request(
        group,
        "payee",
        "the request of another payee",
        "party-bound",
        with(|c| c.payee = Some("carol".into())),
    );
    group = refused_request(
        group,
        "currency",
        "the request in another currency",
        "currency-bound",
        with(|c| c.currency = Some(800)),
    );
    group =
        refused_request(group, "epoch", "the request of the next epoch", "epoch-bound", with(|c| c.epoch = Some(2)));
    group
        .refuses(
            "response-of-other-request",
            "P-CONF-9",
            "the response to one request, typed for another over the same amount",
            &["replay"],
            talk([
                vec![request("bob", "alice", 400_00, "first"), request("bob", "alice", 400_00, "second")],
                pay("alice", "bob", 400_00, "first", "p").into(),
                vec![confirm("bob", "second", shown("p")).sw(0x63C4), confirm("bob", "first", shown("p"))],
                vec![balance("bob", 2_400_00)],
            ]),
        )
        .refuses(
            "replay-for-later-request",
            "P-CONF-8",
            "a response that was credited, typed for a later request over the same amount: no try is counted",
            &["replay"],
            talk([
                whole("alice", "bob", 400_00, "first"),
                vec![request("bob", "alice", 400_00, "later"), confirm("bob", "later", shown("first-paid")).sw(0x9416)],
                vec![confirm("bob", "later", wrong("first-paid", 1)).sw(0x63C4), balance("bob", 2_400_00)],
            ]),
        )
        .refuses(
            "already-received-is-no-guess",
            "P-CONF-8",
            "a credited response is compared with no request, also where it would be right",
            &["replay"],
            talk([
                whole("alice", "bob", 400_00, "first"),
                vec![request("bob", "carol", 400_00, "other"), confirm("bob", "other", shown("first-paid")).sw(0x9416)],
                pay("carol", "bob", 400_00, "other", "carol-paid").into(),
                vec![confirm("bob", "other", shown("carol-paid")), balance("bob", 2_800_00)],
            ]),
        )
}

fn serials() -> Group<Live> {
    let statements = ["P-SER-2", "P-CHK-1", "P-CHK-2", "P-AUTH-3", "P-CAN-1", "P-OPEN-3"];
    group("serials", &statements, eight(|_, _| {}))
        .accepts(
            "serials-rise",
            "every request has a serial of its own, also after a cancelled one and after a reset",
            &["serial-fresh"],
            vec![
                request("bob", "alice", 100_00, "one"),
                request("bob", "alice", 100_00, "two"),
                cancel("bob", "two"),
                request("bob", "alice", 100_00, "three"),
                reset("bob"),
                request("bob", "alice", 100_00, "four"),
            ],
        )
        .accepts(
            "cancelled-is-creditable",
            "a cancelled request is credited all the same: the payer may have paid it",
            &["cancelled", "conservation"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                vec![cancel("bob", "r"), confirm("bob", "r", shown("p")), balance("bob", 2_100_00)],
            ]),
        )
        .refuses(
            "already-paid",
            "P-CHK-1",
            "a request that was paid is not paid again; its response is shown again",
            &["paid-once"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                vec![check("alice", "bob", 100_00, shown("r")).sw(0x9415), last("alice", 0, "p")],
                vec![reset("alice"), check("alice", "bob", 100_00, shown("r")).sw(0x9415), balance("alice", 1_900_00)],
            ]),
        )
        .refuses(
            "older-request",
            "P-CHK-3",
            "after a later request was paid the earlier one is not accepted any more",
            &["paid-once"],
            talk([
                vec![request("bob", "alice", 100_00, "first"), request("bob", "alice", 200_00, "second")],
                pay("alice", "bob", 200_00, "second", "p").into(),
                vec![check("alice", "bob", 100_00, shown("first")).sw(0x9302), balance("alice", 1_800_00)],
                vec![confirm("bob", "second", shown("p")), request("bob", "alice", 100_00, "third")],
                pay("alice", "bob", 100_00, "third", "q").into(),
                vec![confirm("bob", "third", shown("q")), balance("bob", 2_300_00)],
            ]),
        )
}

fn far_ahead() -> Group<Live> {
    let shared = eight(|name, card| {
        if name == "bob" {
            card.serials_above = 5_000;
        }
        if name == "carol" {
            card.serials_above = 16_000;
        }
    });
    group("a payee whose serials are far ahead", &["P-CHK-2", "P-CHK-4", "P-ISS-3"], shared)
        .refuses(
            "typed-twice",
            "P-CHK-3",
            "5001 is beyond the thousand: refused once, accepted when it is typed again",
            &["window"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")),
                verify("alice"),
                authorise("alice", "p"),
                confirm("bob", "r", shown("p")),
                request("bob", "alice", 100_00, "next"),
                check("alice", "bob", 100_00, shown("next")),
            ],
        )
        .refuses(
            "typed-twice-with-another-between",
            "P-CHK-3",
            "only the very next CHECK counts as typing it again",
            &["window"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                check("alice", "bob", 100_01, shown("r")).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")),
            ],
        )
        .refuses(
            "typed-twice-around-a-reset",
            "P-CHK-3",
            "a reset forgets what was typed",
            &["window"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
                reset("alice"),
                check("alice", "bob", 100_00, shown("r")).sw(0x9302),
            ],
        )
        .refuses(
            "too-far",
            "P-CHK-3",
            "16001 is beyond the search, however often it is typed",
            &["window"],
            vec![
                request("carol", "alice", 100_00, "r"),
                check("alice", "carol", 100_00, shown("r")).sw(0x9302),
                check("alice", "carol", 100_00, shown("r")).sw(0x9302),
                check("alice", "carol", 100_00, shown("r")).sw(0x9302),
            ],
        )
}

fn serials_end() -> Group<Live> {
    let shared = eight(|_, card| card.serials_above = u32::MAX.saturating_sub(1));
    group("a payee with one serial left", &["P-SER-3"], shared).refuses(
        "last-serial",
        "P-SER-3",
        "serial 4294967295 is the last; it is confirmed, and no other request is opened",
        &["serial-fresh"],
        vec![
            request("bob", "alice", 100_00, "r"),
            confirm("bob", "r", response_with("r", Changes::default())),
            request("bob", "alice", 100_00, "none").sw(0x9402),
            balance("bob", 2_100_00),
        ],
    )
}

fn pins() -> Group<Live> {
    let opened = || vec![request("bob", "alice", 100_00, "r")];
    let checked = || check("alice", "bob", 100_00, shown("r"));
    let unpaid = || vec![balance("alice", 2_000_00)];
    let refused = |group: Group<Live>, id: &str, comment: &str, steps: Vec<Step>| {
        group.refuses(&format!("pin-{id}"), "P-PIN-1", comment, &["pin-once"], talk([opened(), steps, unpaid()]))
    };
    let mut group = group("PIN", &["P-PIN-1", "P-AUTH-2"], eight(|_, _| {}));
    group = refused(group, "none", "no PIN", vec![checked(), authorise("alice", "p").sw(0x6982)]);
    group = refused(
        group,
        "early",
        "a PIN given before CHECK does not count",
        vec![verify("alice"), checked(), authorise("alice", "p").sw(0x6982)],
    );
    group = refused(
        group,
        "blind",
        "a PIN without CHECK pays nothing",
        vec![verify("alice"), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "interrupted",
        "another command between CHECK and VERIFY drops the request",
        vec![checked(), balance("alice", 2_000_00), verify("alice"), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "interrupted-later",
        "another command between VERIFY and AUTHORISE drops the request",
        vec![checked(), verify("alice"), balance("alice", 2_000_00), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "reset",
        "a reset forgets request and PIN",
        vec![checked(), verify("alice"), reset("alice"), authorise("alice", "p").sw(0x6985)],
    );
    group = refused(
        group,
        "selected-again",
        "SELECT forgets request and PIN",
        vec![checked(), verify("alice"), step("alice", Action::Select), authorise("alice", "p").sw(0x6985)],
    );
    group
        .refuses(
            "pin-for-one-payment",
            "P-PIN-1",
            "the PIN of one payment is not good for the next",
            &["pin-once"],
            talk([
                vec![request("bob", "alice", 100_00, "one"), request("bob", "alice", 100_00, "two")],
                pay("alice", "bob", 100_00, "one", "p").into(),
                vec![authorise("alice", "again").sw(0x6985), check("alice", "bob", 100_00, shown("two"))],
                vec![authorise("alice", "q").sw(0x6982), balance("alice", 1_900_00)],
            ]),
        )
        .refuses(
            "pin-used-up-by-refusal",
            "P-PIN-1",
            "an AUTHORISE that is refused uses the PIN up as well",
            &["pin-once"],
            talk([
                vec![request("bob", "alice", 100_00, "r"), verify("alice"), authorise("alice", "p").sw(0x6985)],
                vec![
                    step("alice", Action::Unload { amount: 100 }).sw(0x6982),
                    check("alice", "bob", 100_00, shown("r")),
                    authorise("alice", "q").sw(0x6982),
                    balance("alice", 2_000_00),
                ],
            ]),
        )
        .refuses(
            "pin-wrong",
            "P-PIN-1",
            "wrong PINs are counted over resets; the last one blocks; the PUK gives a new PIN",
            &["pin-tries"],
            vec![
                pin("alice", "4321").sw(0x63C2),
                reset("alice"),
                pin("alice", "4321").sw(0x63C1),
                pin("alice", "4321").sw(0x63C0),
                verify("alice").sw(0x6983),
                step("alice", Action::Unblock { puk: "12345678".into(), pin: "2468".into() }).sw(0x63C9),
                step("alice", Action::Unblock { puk: PUK.into(), pin: "2468".into() }),
                verify("alice").sw(0x63C2),
                pin("alice", "2468"),
            ],
        )
        .refuses(
            "pin-right-restores",
            "P-PIN-1",
            "a right PIN restores all its tries; a wrong one before the payment may be followed by the right one",
            &["pin-tries"],
            vec![
                request("bob", "alice", 100_00, "r"),
                pin("alice", "4321").sw(0x63C2),
                verify("alice"),
                pin("alice", "4321").sw(0x63C2),
                check("alice", "bob", 100_00, shown("r")),
                pin("alice", "4321").sw(0x63C1),
                verify("alice"),
                authorise("alice", "p"),
                confirm("bob", "r", shown("p")),
            ],
        )
}

fn caps() -> Group<Live> {
    let shared = eight(|_, card| {
        card.limits = LimitFields { opens: 3, failures: 3, tries: 2, refusals: 2, unacknowledged: 2, ..card.limits };
    });
    let statements = ["P-CAP-1", "P-CAP-2", "P-CAP-3", "P-CAP-4", "P-CAP-5", "P-CAP-6", "P-CONF-4", "P-CONF-5"];
    group("caps, small ones", &statements, shared)
        .refuses(
            "tries",
            "P-CONF-4",
            "after the tries of a request the right response is refused, also after a reset",
            &["cap-tries", "count-before-compare"],
            talk([
                vec![request("bob", "alice", 100_00, "r")],
                pay("alice", "bob", 100_00, "r", "p").into(),
                vec![confirm("bob", "r", wrong("p", 1)).sw(0x63C1), confirm("bob", "r", wrong("p", 2)).sw(0x63C0)],
                vec![
                    confirm("bob", "r", shown("p")).sw(0x6983),
                    reset("bob"),
                    confirm("bob", "r", shown("p")).sw(0x6983),
                ],
                vec![balance("bob", 2_000_00)],
            ]),
        )
        .refuses(
            "failures",
            "P-CONF-4",
            "after three wrong responses to two requests the right one is refused, also after a reset",
            &["cap-failures", "count-before-compare"],
            talk([
                vec![request("bob", "alice", 100_00, "one"), request("bob", "alice", 200_00, "two")],
                pay("alice", "bob", 200_00, "two", "p").into(),
                vec![confirm("bob", "one", wrong("p", 1)).sw(0x63C1), confirm("bob", "one", wrong("p", 2)).sw(0x63C0)],
                vec![confirm("bob", "two", wrong("p", 3)).sw(0x63C1), confirm("bob", "two", shown("p")).sw(0x9410)],
                vec![reset("bob"), confirm("bob", "two", shown("p")).sw(0x9410), balance("bob", 2_000_00)],
            ]),
        )
        .refuses(
            "failures-below",
            "P-CONF-9",
            "after two wrong responses the right one is accepted, and takes back its own try only",
            &["cap-failures", "take-back"],
            talk([
                vec![request("bob", "alice", 100_00, "one"), request("bob", "alice", 200_00, "two")],
                pay("alice", "bob", 200_00, "two", "p").into(),
                vec![confirm("bob", "one", wrong("p", 1)).sw(0x63C1), confirm("bob", "two", wrong("p", 2)).sw(0x63C1)],
                vec![confirm("bob", "two", shown("p")), request("bob", "alice", 300_00, "three")],
                pay("alice", "bob", 300_00, "three", "q").into(),
                vec![confirm("bob", "three", wrong("q", 1)).sw(0x63C1), confirm("bob", "three", shown("q")).sw(0x9410)],
            ]),
        )
        .refuses(
            "requests",
            "P-OPEN-2",
            "three requests and no more; to cancel or to reset gives none back",
            &["cap-requests"],
            vec![
                request("bob", "alice", 100_00, "one"),
                request("bob", "alice", 100_00, "two"),
                cancel("bob", "one"),
                cancel("bob", "two"),
                request("bob", "alice", 100_00, "three"),
                request("bob", "alice", 100_00, "four").sw(0x9411),
                reset("bob"),
                request("bob", "carol", 200_00, "five").sw(0x9411),
            ],
        )
        .refuses(
            "requests-confirmed",
            "P-OPEN-2",
            "a request that was credited counts like any other",
            &["cap-requests"],
            talk([
                whole("alice", "bob", 100_00, "one"),
                whole("alice", "bob", 100_00, "two"),
                whole("carol", "bob", 100_00, "three"),
                vec![request("bob", "alice", 100_00, "four").sw(0x9411), balance("bob", 2_300_00)],
            ]),
        )
        .refuses(
            "refusals",
            "P-CHK-3",
            "after two wrong requests no other is read before the next reset",
            &["cap-refusals"],
            vec![
                request("bob", "alice", 100_00, "r"),
                check("alice", "bob", 100_00, wrong("r", 1)).sw(0x9302),
                check("alice", "bob", 100_00, wrong("r", 2)).sw(0x9302),
                check("alice", "bob", 100_00, shown("r")).sw(0x9419),
                reset("alice"),
                check("alice", "bob", 100_00, shown("r")),
                verify("alice"),
                authorise("alice", "p"),
            ],
        )
        .refuses(
            "log-full",
            "P-AUTH-1",
            "with two payments in a log for two, the third is refused, and both are shown again",
            &["log-full", "shown-again"],
            talk([
                whole("alice", "bob", 100_00, "one"),
                whole("alice", "carol", 100_00, "two"),
                vec![
                    request("bob", "alice", 100_00, "three"),
                    check("alice", "bob", 100_00, shown("three")).sw(0x9412),
                ],
                vec![last("alice", 0, "two-paid"), last("alice", 1, "one-paid"), balance("alice", 1_800_00)],
            ]),
        )
}

fn limits() -> Group<Live> {
    let shared = eight(|name, card| {
        card.limits.payment = 500_00;
        card.limits.balance = 2_300_00;
        if name == "carol" {
            card.balance = 50_00;
        }
    });
    let load = |who: &str, amount| step(who, Action::Load { amount });
    let unload = |who: &str, amount| step(who, Action::Unload { amount });
    group("limits", &["P-OPEN-2", "P-AUTH-1", "P-CONF-7"], shared)
        .refuses(
            "amount-limit",
            "P-OPEN-2",
            "an amount at its limit, and one above it",
            &["limits"],
            vec![
                request("carol", "alice", 500_00, "at"),
                request("carol", "alice", 500_01, "above").sw(0x9413),
                check(
                    "alice",
                    "carol",
                    500_01,
                    request_with("at", Changes { amount: Some(500_01), ..Changes::default() }),
                )
                .sw(0x9413),
                check("alice", "carol", 500_00, shown("at")),
            ],
        )
        .refuses(
            "insufficient",
            "P-AUTH-1",
            "more than the balance, and all of it",
            &["limits", "conservation"],
            talk([
                vec![request("bob", "carol", 50_01, "more"), check("carol", "bob", 50_01, shown("more")).sw(0x9401)],
                whole("carol", "bob", 50_00, "all"),
                vec![balance("carol", 0), balance("bob", 2_050_00)],
            ]),
        )
        .refuses(
            "balance-limit-open",
            "P-OPEN-2",
            "a request that the balance could not take",
            &["limits"],
            vec![request("bob", "alice", 300_01, "above").sw(0x9414), request("bob", "alice", 300_00, "at")],
        )
        .refuses(
            "balance-limit-confirm",
            "P-CONF-7",
            "a response that the balance cannot take costs no try, and is good once there is room",
            &["limits", "conservation"],
            talk([
                vec![request("bob", "alice", 300_00, "one"), request("bob", "alice", 200_00, "two")],
                pay("alice", "bob", 300_00, "one", "p").into(),
                pay("alice", "bob", 200_00, "two", "q").into(),
                vec![confirm("bob", "one", shown("p")), confirm("bob", "two", shown("q")).sw(0x9414)],
                vec![confirm("bob", "two", wrong("q", 1)).sw(0x9414), verify("bob"), unload("bob", 200_00)],
                vec![confirm("bob", "two", wrong("q", 1)).sw(0x63C4), confirm("bob", "two", shown("q"))],
                vec![balance("bob", 2_300_00)],
            ]),
        )
        .refuses(
            "load-and-unload",
            "P-PIN-1",
            "LOAD up to the limit of the balance; UNLOAD only after the PIN, and not more than there is",
            &["limits", "pin-once"],
            vec![
                load("alice", 300_01).sw(0x9414),
                load("alice", 300_00),
                unload("alice", 100_00).sw(0x6982),
                verify("alice"),
                unload("alice", 100_00),
                unload("alice", 100_00).sw(0x6982),
                verify("alice"),
                unload("alice", 2_200_01).sw(0x9401),
                balance("alice", 2_200_00),
            ],
        )
}

fn commands() -> Group<Live> {
    let number = [0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x02];
    let asking = |number: &[u8], amount: [u8; 4]| [&[0x80, 0x40, 0, 0, 0x0C], number, &amount, &[0]].concat();
    let own = [0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x01];
    let leading_zero = [0xFF, 0xFF, 0x05, 0x47, 0x00, 0x00, 0x00, 0x02];
    let padded_with_zeros = [0x00, 0x00, 0x25, 0x47, 0x00, 0x00, 0x00, 0x02];
    let not_bcd = [0xFF, 0xFF, 0x25, 0x47, 0x00, 0x00, 0x00, 0x0A];
    group("commands that are refused", &["P-NUM-1", "P-NUM-2", "P-NUM-3", "P-AMT-1"], eight(|_, _| {}))
        .refuses(
            "fields",
            "P-NUM-1",
            "a field that breaks its rule",
            &["limits"],
            vec![
                send("alice", &asking(&own, [0, 0, 0, 1]), 0x6A80),
                send("alice", &asking(&number, [0, 0, 0, 0]), 0x6A80),
                send("alice", &asking(&leading_zero, [0, 0, 0, 1]), 0x6A80),
                send("alice", &asking(&padded_with_zeros, [0, 0, 0, 1]), 0x6A80),
                send("alice", &asking(&not_bcd, [0, 0, 0, 1]), 0x6A80),
            ],
        )
        .refuses(
            "header",
            "ISO-7816-4",
            "class, instruction, parameters and length that the purse does not know",
            &[],
            vec![
                send("alice", &[0xA0, 0x5C, 0x00, 0x02, 0x04], 0x6E00),
                send("alice", &[0x80, 0xFE, 0x00, 0x00], 0x6D00),
                send("alice", &[0x80, 0x5C, 0x01, 0x02, 0x04], 0x6A86),
                send("alice", &[0x80, 0x40, 0x00, 0x00, 0x01, 0xFF, 0x00], 0x6700),
                send("alice", &[0x80, 0x40, 0x00, 0x00, 0x0C, 0xFF], 0x6700),
            ],
        )
}
