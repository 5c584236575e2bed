//! `protocol.json`: request and response codes.

use digitally::profile::{DIGITALLY_8, FIRST_PROTOCOL, FIXED, NonceRule};
use digitally::{Algorithm, Profile, Scheme};

use super::{Generated, group};
use crate::kind::code::{Code, Input};
use crate::kind::suite::SuiteFields;
use crate::kind::{Group, Kind};

const NOTES: &[(&str, &str)] = &[
    ("algorithm-bound", "The algorithm is not covered: a key used with both by mistake gives codes that fit both."),
    (
        "amount-bound",
        "The amount is not covered, or not all 32 bits of it in their order: one amount is paid and another credited.",
    ),
    (
        "collision",
        "The hole of first-protocol: R covers C in the place of X, so requests that look alike are paid alike.",
    ),
    ("currency-bound", "The currency is not covered, or not in BCD: shillings are paid and dinars credited."),
    ("epoch-bound", "The key epoch is not covered: a code outlives the key that was to replace its own."),
    (
        "fields",
        "A number, an amount, a nonce, a key or a currency that is none is taken, or one that is: purses differ in what \
         can be paid at all.",
    ),
    (
        "full-serial",
        "Not the full serial is covered, but its shown digits: a recorded response fits again after 1000 requests.",
    ),
    ("kind-bound", "The kind is not covered: the digits of a request tell something about those of the response."),
    (
        "key-length",
        "The key is cut or filled up to another length: fewer of its bits count, and the purse agrees with no other.",
    ),
    (
        "layout",
        "Header, fields, or version of the layout stand otherwise in the MAC input: the purse agrees with no other.",
    ),
    ("leading-zero", "A leading zero is lost: one code in ten cannot be typed, or stands for another one."),
    (
        "number-padding",
        "Numbers are filled up with zeros in the place of f, or not right-aligned: numbers of different lengths are \
         confused, and somebody else is paid.",
    ),
    ("party-order", "Payer and payee are exchanged, or one is not covered: a payment back is taken for the payment."),
    (
        "payer-nonce",
        "N_A is not covered or not shown in full: responses to two payments with the same N_B are the same.",
    ),
    ("profile-bound", "The profile is not covered: codes of a broken profile are good in a sound one."),
    ("scheme-bound", "The key scheme is not covered: a universal key passes for a pairwise one of the same bytes."),
    ("shown", "The digits are grouped in another way: what one person says is not what the other one expects to hear."),
    (
        "truncation",
        "Other bytes of the tag than its first 8 are used, or in another order: the purse agrees with no other.",
    ),
    ("truncation-31", "Only 31 bits are reduced, as in HOTP: some codes are 2.45 % likelier than others."),
    ("worked-example", "docs/protocol.md shows this test in full."),
];

/// The statements that every code is about.
const CODES: &[&str] = &[
    "P-NUM-2", "P-CUR-1", "P-ALG-1", "P-ALG-2", "P-EPO-1", "P-SCH-1", "P-INP-1", "P-INP-2", "P-INP-3", "P-TAG-1",
    "P-NON-1", "P-AMT-1", "P-SHOW-1",
];

const ALICE: &str = "+254700000001";
const BOB: &str = "+254700000002";

/// The suite of the worked examples.
pub(super) fn suite(profile: &'static Profile, algorithm: Algorithm) -> SuiteFields {
    let last = if algorithm == Algorithm::AesCmac { 0x0F } else { 0x1F };
    let key = crate::hex_text::Hex((0..=last).collect());
    SuiteFields { profile, algorithm, key, scheme: Scheme::Pairwise, epoch: 1, currency: 404 }
}

/// The payment of the worked examples: Alice pays Bob 400.00.
fn payment(profile: &Profile) -> Input {
    let (payee_nonce, payer_nonce) = match profile.payee_nonce {
        NonceRule::Random => (615, Some(4242)),
        NonceRule::Serial { .. } => (1, None),
    };
    Input { payer: ALICE.into(), payee: BOB.into(), amount: 400_00, payee_nonce, payer_nonce }
}

/// A profile without pointers into this function: those of the library are constants.
pub(super) fn published(profile: &Profile) -> &'static Profile {
    static PUBLISHED: [Profile; 3] = [FIRST_PROTOCOL, FIXED, DIGITALLY_8];
    let [first, fixed, eight] = &PUBLISHED;
    match profile.number {
        0x01 => first,
        0x02 => fixed,
        _ => eight,
    }
}

/// All tests of this kind.
pub(super) fn file() -> Generated {
    let mut groups = Vec::new();
    for algorithm in Algorithm::ALL {
        for profile in [FIRST_PROTOCOL, FIXED] {
            groups.push(random(published(&profile), algorithm));
        }
        let eight = suite(published(&DIGITALLY_8), algorithm);
        groups.push(serials(&eight));
        groups.extend(suites(&eight));
        groups.push(malformed(&eight));
    }
    groups.push(malformed(&suite(published(&FIXED), Algorithm::AesCmac)));
    super::file("protocol.json", "Request and response codes of all profiles", "docs/protocol.md", NOTES, groups)
}

/// `first-protocol-aes-cmac`, and with `rest` behind it.
fn id(fields: &SuiteFields, rest: &str) -> String {
    let name = format!("{}-{}", fields.profile.name, fields.algorithm.name().to_lowercase());
    if rest.is_empty() { name } else { format!("{name}-{rest}") }
}

fn comment(fields: &SuiteFields, rest: &str) -> String {
    let name = format!("{}, {}", fields.profile.name, fields.algorithm);
    if rest.is_empty() { name } else { format!("{name}, {rest}") }
}

fn statements(profile: &Profile, also: &[&'static str]) -> Vec<&'static str> {
    let split: &[&str] = match profile.payee_nonce {
        NonceRule::Random => &["P-NON-2", "P-REQ-1", "P-RSP-1"],
        NonceRule::Serial { .. } => &["P-SER-1", "P-REQ-2", "P-RSP-2"],
    };
    [CODES, split, also].concat()
}

fn random(profile: &'static Profile, algorithm: Algorithm) -> Group<Code> {
    let fields = suite(profile, algorithm);
    let id = |rest: &str| id(&fields, rest);
    let nonces = |payee_nonce, payer_nonce| Input { payee_nonce, payer_nonce: Some(payer_nonce), ..payment(profile) };
    let paying = |amount, payee_nonce| Input { amount, payee_nonce, ..payment(profile) };
    let group = group(comment(&fields, ""), &statements(profile, &[]), fields.clone())
        .test(
            id(""),
            "KES 400.00, N_B 615, N_A 4242",
            &["worked-example", "profile-bound", "truncation", "layout", "shown"],
            payment(profile),
        )
        .test(id("nonces-least"), "N_B 000, N_A 0000", &["leading-zero", "payer-nonce"], nonces(0, 0))
        .test(id("nonces-most"), "N_B 999, N_A 9999", &["payer-nonce"], nonces(999, 9999));
    if profile.number != FIRST_PROTOCOL.number || algorithm != Algorithm::AesCmac {
        return group.test(
            id("amount-other"),
            "KES 400.01, else as the first",
            if profile.number == FIXED.number { &["amount-bound"] } else { &[] },
            paying(400_01, 615),
        );
    }
    group
        .test(
            id("collision-paid"),
            "the hole, what Alice pays: KES 100.00",
            &["worked-example", "collision"],
            paying(100_00, 214),
        )
        .test(
            id("collision-credited"),
            "the hole, what Bob is credited with: KES 400.00; the same request code, so the same response",
            &["worked-example", "collision"],
            paying(400_00, 214),
        )
        .test(
            id("two-nonces-shown"),
            "the hole as printed, what Alice pays: KES 100.00",
            &["worked-example"],
            paying(100_00, 616),
        )
        .test(
            id("two-nonces-used"),
            "the hole as printed, what Bob's purse expects: the same check for KES 400.00, another nonce, so another response",
            &["worked-example"],
            paying(400_00, 656),
        )
}

fn serials(fields: &SuiteFields) -> Group<Code> {
    let id = |rest: &str| id(fields, rest);
    let serial = |payee_nonce| Input { payee_nonce, ..payment(fields.profile) };
    let amount = |amount| Input { amount, ..payment(fields.profile) };
    let between =
        |payer: &str, payee: &str| Input { payer: payer.into(), payee: payee.into(), ..payment(fields.profile) };
    let (short, long) = ("+2547001", "+987654321098765");
    let mut group = group(comment(fields, ""), &statements(fields.profile, &["P-NUM-1", "P-SER-2"]), fields.clone())
        .test(
            id(""),
            "KES 400.00, serial 1",
            &[
                "worked-example",
                "truncation",
                "truncation-31",
                "kind-bound",
                "profile-bound",
                "algorithm-bound",
                "layout",
                "shown",
            ],
            serial(1),
        )
        .test(id("serial-1000"), "serial 1000: the tail is 000", &["full-serial", "leading-zero"], serial(1000))
        .test(
            id("serial-1001"),
            "serial 1001: the tail is that of serial 1, nothing else is",
            &["full-serial"],
            serial(1001),
        )
        .test(id("serial-last"), "serial 4294967295, the last there is", &["full-serial"], serial(u32::MAX))
        .test(id("numbers-shortest"), "numbers of 7 digits", &["number-padding"], between(short, "+2547002"))
        .test(id("numbers-longest"), "numbers of 15 digits", &["number-padding"], between("+123456789012345", long))
        .test(
            id("numbers-mixed"),
            "payer of 7 digits, payee of 15",
            &["number-padding", "party-order"],
            between(short, long),
        )
        .test(id("reversed"), "payer and payee exchanged", &["party-order"], between(BOB, ALICE))
        .test(id("amount-least"), "amount 1", &["amount-bound"], amount(1))
        .test(id("amount-most"), "amount 4294967295, the most there is", &["amount-bound"], amount(u32::MAX.into()))
        .test(id("number-zeros"), "numbers that end in zeros", &["number-padding"], between("+2547000", "+25470000"));
    for (rest, value) in [("255", 0xFF), ("256", 0x100), ("65536", 0x1_0000), ("16777216", 0x100_0000)] {
        let comment = format!("amount {value}: another byte");
        group = group.test(id(&format!("amount-{rest}")), comment, &["amount-bound"], amount(value));
    }
    let zeros = |starts: &str, part: fn(&crate::kind::code::Output) -> &str| {
        (2..100_000).map(serial).find(|input| {
            Code::answer(fields, input).and_then(Result::ok).is_some_and(|output| part(&output).starts_with(starts))
        })
    };
    let found = [
        ("check-zeros", "the check of the request begins with 000", zeros("000", |output| &output.request.check)),
        ("response-zeros", "the response begins with 0000", zeros("0000", |output| &output.response.check)),
    ];
    for (rest, comment, input) in found {
        if let Some(input) = input {
            group = group.test(id(rest), comment, &["leading-zero"], input);
        }
    }
    group
}

/// One group for each thing of the suite that is different.
fn suites(base: &SuiteFields) -> Vec<Group<Code>> {
    let key = |len: u8| crate::hex_text::Hex((0..len).collect());
    let other = |change: fn(&mut SuiteFields)| {
        let mut fields = base.clone();
        change(&mut fields);
        fields
    };
    let one = |fields: SuiteFields, name: &str, rest: &str, about: &str, flags: &[&str], input: Input| {
        let statements = statements(fields.profile, &[]);
        group(comment(&fields, name), &statements, fields.clone()).test(id(&fields, rest), about, flags, input)
    };
    let plain = || payment(base.profile);
    let between = |payer: &str, payee: &str, amount| Input {
        payer: payer.into(),
        payee: payee.into(),
        amount,
        ..payment(base.profile)
    };
    let mut groups = vec![
        one(
            other(|fields| fields.scheme = Scheme::Universal),
            "universal key",
            "universal",
            "key scheme 00",
            &["scheme-bound"],
            plain(),
        ),
        one(
            other(|fields| fields.scheme = Scheme::Ticket),
            "ticket key",
            "ticket",
            "key scheme 02",
            &["scheme-bound"],
            plain(),
        ),
        one(other(|fields| fields.epoch = 0), "key epoch 0", "epoch-0", "key epoch 00", &["epoch-bound"], plain()),
        one(
            other(|fields| fields.epoch = 255),
            "key epoch 255",
            "epoch-255",
            "key epoch ff",
            &["epoch-bound"],
            plain(),
        ),
        one(
            other(|fields| fields.currency = 800),
            "Ugandan shilling, no decimals",
            "ugx",
            "UGX 5000: 5000 minor units",
            &["currency-bound"],
            between("+256700000001", "+256700000002", 5000),
        ),
        one(
            other(|fields| fields.currency = 414),
            "Kuwaiti dinar, three decimals",
            "kwd",
            "KWD 1.250: 1250 minor units",
            &["currency-bound"],
            between("+96550000001", "+96550000002", 1250),
        ),
        one(
            other(|fields| fields.currency = 8),
            "Albanian lek, a number with a leading zero",
            "all",
            "ALL 400.00: currency 008",
            &["currency-bound"],
            between("+355600000001", "+355600000002", 400_00),
        ),
        one(
            other(|fields| fields.currency = 999),
            "no currency, the last number",
            "xxx",
            "currency 999",
            &["currency-bound"],
            plain(),
        ),
    ];
    let lengths: &[u8] = if base.algorithm == Algorithm::AesCmac { &[24, 32] } else { &[16, 20] };
    for &len in lengths {
        let fields = SuiteFields { key: key(len), ..base.clone() };
        let name = format!("a key of {len} bytes");
        groups.push(one(fields, &name, &format!("key-{len}"), &name, &["key-length"], plain()));
    }
    let wrong: &[u8] = if base.algorithm == Algorithm::AesCmac { &[15, 17] } else { &[15, 33] };
    for &len in wrong {
        let fields = SuiteFields { key: key(len), ..base.clone() };
        let name = format!("a key of {len} bytes, which is none");
        groups.push(one(fields, &name, &format!("key-{len}"), "no such key", &["fields"], plain()));
    }
    groups.push(one(
        other(|fields| fields.currency = 1000),
        "a currency of four digits",
        "currency-1000",
        "no such currency",
        &["fields"],
        plain(),
    ));
    groups
}

/// What is no payment at all.
fn malformed(fields: &SuiteFields) -> Group<Code> {
    let id = |rest: &str| id(fields, rest);
    let plain = || payment(fields.profile);
    let payer = |number: &str| Input { payer: number.into(), ..plain() };
    let mut group = group(comment(fields, "what is refused"), &["P-NUM-1", "P-NUM-3", "P-AMT-1"], fields.clone())
        .test(id("number-short"), "6 digits", &["fields"], payer("+254700"))
        .test(id("number-long"), "16 digits", &["fields"], payer("+2547000000000001"))
        .test(id("number-zero-first"), "the first digit is 0", &["fields"], payer("+0254700000001"))
        .test(id("number-local"), "no country code", &["fields"], payer("0700000001"))
        .test(id("number-letter"), "a letter", &["fields"], payer("+25470000000l"))
        .test(id("number-space"), "a space", &["fields"], payer("+254 700000001"))
        .test(id("number-empty"), "no number", &["fields"], payer(""))
        .test(id("same-party"), "Bob pays himself", &["fields"], payer(BOB))
        .test(id("amount-zero"), "amount 0", &["fields"], Input { amount: 0, ..plain() })
        .test(id("amount-too-large"), "amount 4294967296", &["fields"], Input { amount: 1 << 32, ..plain() });
    match fields.profile.payee_nonce {
        NonceRule::Random => {
            group = group
                .test(id("nonce-1000"), "N_B of four digits", &["fields"], Input { payee_nonce: 1000, ..plain() })
                .test(
                    id("payer-nonce-10000"),
                    "N_A of five digits",
                    &["fields"],
                    Input { payer_nonce: Some(10_000), ..plain() },
                )
                .test(id("payer-nonce-none"), "no N_A", &["fields"], Input { payer_nonce: None, ..plain() });
        }
        NonceRule::Serial { .. } => {
            group = group.test(id("serial-0"), "serial 0", &["fields"], Input { payee_nonce: 0, ..plain() }).test(
                id("payer-nonce"),
                "an N_A",
                &["fields"],
                Input { payer_nonce: Some(4242), ..plain() },
            );
        }
    }
    group
}
