//! `refusal.json`: what becomes of codes that were typed.

use digitally::profile::{DIGITALLY_8, FIRST_PROTOCOL, FIXED, NonceRule};
use digitally::{Algorithm, Amount, Code, Currency, Key, Msisdn, Payment, Profile, Request, Scheme, Terms};

use super::code::{published, suite};
use super::{Generated, group};
use crate::kind::Group;
use crate::kind::refusal::{Input, Refusal};
use crate::kind::suite::SuiteFields;

const NOTES: &[(&str, &str)] = &[
    ("algorithm-bound", "A code under the other algorithm is taken: the algorithm is not covered."),
    ("ambiguous", "Two serials fit a code, and it is not refused: in doubt the wrong request is paid."),
    ("amount-bound", "A code for another amount is taken: one amount is paid and another credited."),
    ("currency-bound", "A code in another currency is taken: shillings are paid and dinars credited."),
    ("digit", "A code with a wrong digit is taken: typing errors become payments, or guessing pays."),
    ("epoch-bound", "A code of another key epoch is taken: a code outlives the key that was to replace its own."),
    (
        "forward-only",
        "A serial that is not above the highest one paid is taken, or the search goes on beyond the last serial and \
         begins again: a request can be paid twice.",
    ),
    (
        "kind-bound",
        "The digits of a request are taken for a response, or the other way round: the kind is not covered.",
    ),
    ("party-bound", "A code for somebody else is taken: another person is debited or credited."),
    ("profile-bound", "A code of another profile is taken: the hole of a broken profile opens in a sound one."),
    ("readable", "What people type is misread: spaces and hyphens are theirs to choose, everything else is not."),
    (
        "replay",
        "A response to another request is taken, its serial not being covered in full: a recorded response is credited \
         again.",
    ),
    ("scheme-bound", "A code of another key scheme is taken: a universal key passes for a pairwise one."),
    (
        "self-paid",
        "Payer and payee are the same, or the amount is zero, and the code is taken: a payment that moves nothing.",
    ),
    (
        "window",
        "More serials are searched than is allowed, or fewer, or 16 at the first typing: typing errors pass, or honest requests do not.",
    ),
];

const ALICE: &str = "+254700000001";
const BOB: &str = "+254700000002";
const CAROL: &str = "+254700000003";

/// Which purse a code is typed into.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Payer,
    Payee,
}

/// A payment under a suite, as one side knows it.
#[derive(Clone)]
struct Case {
    fields: SuiteFields,
    payer: &'static str,
    payee: &'static str,
    amount: u32,
    nonce: u32,
}

impl Case {
    fn new(profile: &Profile, algorithm: Algorithm) -> Self {
        let fields = suite(published(profile), algorithm);
        let nonce = if profile.payee_nonce == NonceRule::Random { 615 } else { 7 };
        Self { fields, payer: ALICE, payee: BOB, amount: 400_00, nonce }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = self.clone();
        change(&mut other);
        other
    }

    fn open(&self) -> Option<(Request, (Key<Payment>, Currency))> {
        let number = |text: &str| text.parse::<Msisdn>().ok();
        let terms = Terms::new(number(self.payer)?, number(self.payee)?, Amount::new(self.amount)).ok()?;
        Some((Request::recall(terms, self.nonce), self.fields.open().ok()?))
    }

    /// The code that this side would have to type.
    fn code(&self, side: Side) -> Option<Code> {
        let (request, opened) = self.open()?;
        let suite = self.fields.suite(&opened);
        Some(match side {
            Side::Payer => request.code(&suite),
            Side::Payee => request.response_again(&suite, 4242),
        })
    }

    fn text(&self, side: Side) -> String {
        self.code(side).map(|code| code.ungrouped().to_string()).unwrap_or_default()
    }

    /// The question: this side is asked to take `code`.
    fn input(&self, side: Side, code: impl Into<String>) -> Input {
        let (payer, payee) = (self.payer.into(), self.payee.into());
        let (amount, code) = (self.amount.into(), code.into());
        match side {
            Side::Payer => Input::Payer { payer, payee, amount, code, paid: 0, typed_before: false },
            Side::Payee => Input::Payee { payer, payee, amount, code, payee_nonce: self.nonce },
        }
    }

    fn typed(&self, code: impl Into<String>, highest: u32, before: bool) -> Input {
        let (payer, payee) = (self.payer.into(), self.payee.into());
        Input::Payer {
            payer,
            payee,
            amount: self.amount.into(),
            code: code.into(),
            paid: highest,
            typed_before: before,
        }
    }

    fn id(&self, side: Side, rest: &str) -> String {
        let algorithm = if self.fields.algorithm == Algorithm::AesCmac { "aes" } else { "hmac" };
        let side = if side == Side::Payer { "payer" } else { "payee" };
        format!("typed-{}-{algorithm}-{side}-{rest}", self.fields.profile.name)
    }
}

/// All tests of this kind.
pub(super) fn file() -> Generated {
    let mut groups = Vec::new();
    for (profile, algorithm) in [
        (DIGITALLY_8, Algorithm::AesCmac),
        (DIGITALLY_8, Algorithm::HmacSha256),
        (FIXED, Algorithm::AesCmac),
        (FIRST_PROTOCOL, Algorithm::AesCmac),
    ] {
        let case = Case::new(&profile, algorithm);
        for side in [Side::Payer, Side::Payee] {
            groups.push(digits(&case, side));
            groups.push(others(&case, side));
            groups.push(forms(&case, side));
        }
        if profile.payee_nonce != NonceRule::Random {
            groups.push(serials(&case));
        }
    }
    super::file("refusal.json", "What becomes of codes that were typed", "docs/protocol.md", NOTES, groups)
}

fn of_side(case: &Case, side: Side, about: &str, also: &[&str]) -> Group<Refusal> {
    let (purse, own): (_, &[&str]) = match (side, case.fields.profile.payee_nonce) {
        (Side::Payer, NonceRule::Random) => ("the payer's", &["P-CHK-3", "P-CHK-7"]),
        (Side::Payer, NonceRule::Serial { .. }) => ("the payer's", &["P-CHK-2", "P-CHK-3"]),
        (Side::Payee, NonceRule::Random) => ("the payee's", &["P-CONF-1", "P-CONF-3", "P-CONF-9"]),
        (Side::Payee, NonceRule::Serial { .. }) => ("the payee's", &["P-CONF-1", "P-CONF-2", "P-CONF-9"]),
    };
    let comment = format!("{}, {}, {purse} purse: {about}", case.fields.profile.name, case.fields.algorithm);
    group(comment, &[own, also].concat(), case.fields.clone())
}

/// The right code, every code with one wrong digit, and every swap of neighbours.
fn digits(case: &Case, side: Side) -> Group<Refusal> {
    let right = case.text(side);
    let digits: Vec<char> = right.chars().collect();
    let mut group = of_side(case, side, "digits", &[]).test(
        case.id(side, "right"),
        "the right code",
        &[],
        case.input(side, right.clone()),
    );
    for (at, &digit) in digits.iter().enumerate() {
        for wrong in ('0'..='9').filter(|wrong| *wrong != digit) {
            let typed: String = digits.iter().enumerate().map(|(i, d)| if i == at { wrong } else { *d }).collect();
            let place = at.saturating_add(1);
            let comment = format!("{wrong} in the place of {digit}, digit {place}");
            let id = case.id(side, &format!("digit-{place}-{wrong}"));
            group = group.test(id, comment, &["digit"], case.input(side, typed));
        }
    }
    for at in 1..digits.len() {
        let mut typed = digits.clone();
        typed.swap(at.saturating_sub(1), at);
        let typed: String = typed.into_iter().collect();
        if typed != right {
            let comment = format!("digits {at} and {} exchanged", at.saturating_add(1));
            let id = case.id(side, &format!("swap-{at}"));
            group = group.test(id, comment, &["digit"], case.input(side, typed));
        }
    }
    group
}

/// Codes that are right for something else.
fn others(case: &Case, side: Side) -> Group<Refusal> {
    type Change = fn(&mut Case);
    let changes: [(&str, &str, &str, Change); 14] = [
        ("payer", "for another payer", "party-bound", |case| case.payer = CAROL),
        ("payee", "for another payee", "party-bound", |case| case.payee = CAROL),
        ("reversed", "for the payment back", "party-bound", |case| {
            (case.payer, case.payee) = (case.payee, case.payer);
        }),
        ("amount-less", "for one minor unit less", "amount-bound", |case| case.amount = 399_99),
        ("amount-more", "for one minor unit more", "amount-bound", |case| case.amount = 400_01),
        ("amount-tenfold", "for ten times the amount", "amount-bound", |case| case.amount = 4_000_00),
        ("amount-high-byte", "for an amount that differs in its first byte", "amount-bound", |case| {
            case.amount = 400_00 | 1 << 24;
        }),
        ("currency", "in another currency", "currency-bound", |case| case.fields.currency = 800),
        ("epoch", "of the next key epoch", "epoch-bound", |case| case.fields.epoch = 2),
        ("scheme", "of another key scheme", "scheme-bound", |case| case.fields.scheme = Scheme::Universal),
        ("next", "for the next request", "replay", |case| case.nonce = case.nonce.saturating_add(1)),
        ("key", "under another key", "party-bound", |case| {
            case.fields.key = crate::hex_text::Hex((0x40..0x50).collect());
        }),
        ("profile", "of another profile", "profile-bound", |case| {
            case.fields.profile = published(if case.fields.profile.number == 0x01 { &FIXED } else { &FIRST_PROTOCOL });
        }),
        ("algorithm", "under the other algorithm", "algorithm-bound", |case| {
            case.fields.algorithm = match case.fields.algorithm {
                Algorithm::AesCmac => Algorithm::HmacSha256,
                Algorithm::HmacSha256 => Algorithm::AesCmac,
            };
            case.fields.key = crate::hex_text::Hex((0..16).collect());
        }),
    ];
    let own = match side {
        Side::Payer => case.fields.profile.request.digits(),
        Side::Payee => case.fields.profile.response.digits(),
    };
    let serial = case.fields.profile.payee_nonce != NonceRule::Random;
    changes
        .into_iter()
        .fold(of_side(case, side, "codes for something else", &["P-INP-1"]), |group, (id, comment, flag, change)| {
            let typed = case.with(change);
            // For the payer another nonce is another request, and right; a code of other digits is another test.
            let pointless = side == Side::Payer && id == "next";
            match typed.code(side) {
                Some(code) if code.digits() == own && !pointless => {
                    let input = case.input(side, code.ungrouped().to_string());
                    group.test(case.id(side, &format!("other-{id}")), format!("the code {comment}"), &[flag], input)
                }
                _ => group,
            }
        })
        .tests_if(serial && side == Side::Payee, |group| {
            let later = case.with(|case| case.nonce = case.nonce.saturating_add(1000));
            let request = case.input(side, case.text(Side::Payer));
            group
                .test(
                    case.id(side, "replay-1000"),
                    "the response to the request 1000 serials earlier, which showed the same tail",
                    &["replay"],
                    later.input(side, case.text(side)),
                )
                .test(case.id(side, "request-as-response"), "the digits of the request", &["kind-bound"], request)
        })
        .tests_if(serial && side == Side::Payer, |group| {
            let response = case.input(side, case.text(Side::Payee));
            group.test(case.id(side, "response-as-request"), "the digits of the response", &["kind-bound"], response)
        })
}

impl Group<Refusal> {
    fn tests_if(self, condition: bool, more: impl FnOnce(Self) -> Self) -> Self {
        if condition { more(self) } else { self }
    }
}

/// What people type.
fn forms(case: &Case, side: Side) -> Group<Refusal> {
    let right = case.text(side);
    let spaced: String = right.chars().flat_map(|digit| [' ', digit, '-']).collect();
    let with = |change: &dyn Fn(&str) -> String| case.input(side, change(&right));
    let zero = case.with(|case| case.amount = 0);
    let self_paid = case.with(|case| case.payee = case.payer);
    let group = of_side(case, side, "what people type", &["P-READ-1", "P-READ-2", "P-NUM-3", "P-AMT-1"]);
    [
        ("spaced", "spaces and hyphens everywhere", with(&|_| spaced.clone())),
        ("short", "one digit too few", with(&|right| right.chars().skip(1).collect())),
        ("long", "one digit too many", with(&|right| format!("{right}0"))),
        ("empty", "nothing", with(&|_| String::new())),
        (
            "letter",
            "the letter O for the first digit",
            with(&|right| format!("O{}", right.chars().skip(1).collect::<String>())),
        ),
        ("point", "a point between the digits", with(&|right| format!("{right}."))),
        ("tab", "a tab is no space", with(&|right| format!("{right}\t"))),
        ("no-break", "a no-break space is no space", with(&|right| format!("{right}\u{a0}"))),
        ("arabic", "Arabic-Indic digits", with(&|right| right.chars().map(arabic).collect())),
        ("zero", "amount 0", zero.input(side, right.clone())),
        ("self", "both sides the same", self_paid.input(side, right.clone())),
    ]
    .into_iter()
    .fold(group, |group, (id, comment, input)| {
        let flag = if matches!(id, "zero" | "self") { "self-paid" } else { "readable" };
        group.test(case.id(side, &format!("form-{id}")), comment, &[flag], input)
    })
}

fn arabic(digit: char) -> char {
    let place = digit.to_digit(10).unwrap_or(0);
    char::from_u32(0x660_u32.saturating_add(place)).unwrap_or(digit)
}

/// The serials that the payer's purse searches.
fn serials(case: &Case) -> Group<Refusal> {
    let side = Side::Payer;
    let at = |nonce: u32| case.with(|case| case.nonce = nonce).text(side);
    let id = |rest: &str| case.id(side, rest);
    let mut group = of_side(case, side, "serials", &["P-CHK-4", "P-CHK-5", "P-AUTH-3", "P-SER-2"])
        .test(id("serial-same"), "the serial that was paid last", &["forward-only"], case.typed(at(7), 7, false))
        .test(id("serial-before"), "the serial before that", &["forward-only"], case.typed(at(6), 7, false))
        .test(id("serial-after"), "the serial after that", &[], case.typed(at(8), 7, false))
        .test(id("serial-range"), "the last of the thousand", &["window"], case.typed(at(1007), 7, false))
        .test(id("serial-beyond"), "one more than a thousand ahead", &["window"], case.typed(at(1008), 7, false))
        .test(
            id("serial-beyond-twice"),
            "the same, typed a second time in a row",
            &["window"],
            case.typed(at(1008), 7, true),
        )
        .test(
            id("serial-15-ranges"),
            "the last serial that is found when it is typed twice",
            &["window"],
            case.typed(at(16_007), 7, true),
        )
        .test(id("serial-16-ranges"), "one range too far", &["window"], case.typed(at(16_008), 7, true))
        .test(
            id("serial-end"),
            "the last serial there is, after the one before it",
            &["window"],
            case.typed(at(u32::MAX), u32::MAX.saturating_sub(1), false),
        )
        .test(
            id("serial-none"),
            "no serial is left: the code of serial 295 has the tail of the last one",
            &["forward-only", "window"],
            case.typed(at(295), u32::MAX, true),
        );
    if let Some(pair) = ambiguous(case) {
        let text = pair.text(side);
        group = group
            .test(
                id("ambiguous-once"),
                "a code that fits two serials, neither of them the nearest, typed once",
                &["window"],
                pair.typed(text.clone(), 0, false),
            )
            .test(id("ambiguous-twice"), "the same typed twice", &["ambiguous"], pair.typed(text, 0, true));
    }
    group
}

/// A request whose code fits another serial, too: both more than a range ahead, and within the search.
fn ambiguous(case: &Case) -> Option<Case> {
    let (first, opened) = case.open()?;
    let suite = case.fields.suite(&opened);
    (1..100_000).find_map(|amount| {
        let terms = Terms::new(*first.terms().payer(), *first.terms().payee(), Amount::new(amount)).ok()?;
        let codes: Vec<u128> = (0..16u32)
            .map(|k| Request::recall(terms, k.saturating_mul(1000).saturating_add(7)).code(&suite).value())
            .collect();
        let (nearest, further) = codes.split_first()?;
        let (i, _) = further.iter().enumerate().find(|(i, code)| {
            *code != nearest && further.iter().skip(i.saturating_add(1)).any(|other| other == *code)
        })?;
        let ranges = u32::try_from(i).ok()?.checked_add(1)?;
        Some(case.with(|case| {
            case.amount = amount;
            case.nonce = ranges.saturating_mul(1000).saturating_add(7);
        }))
    })
}
