//! A batch of orders, in CSV.

use applet_model::runtime::PinBlock;
use digitally::profile::Standing;
use digitally::{Algorithm, Key};
use issuer::batch::Batch;
use issuer::{Issuer, Order};

/// Each line is an order or named as none, once; the orders keep the rules; and an order that is written again is the same.
pub fn batch(bytes: &[u8]) {
    let Ok(batch) = Batch::read(bytes) else { return };
    let ends = bytes.iter().filter(|byte| matches!(**byte, b'\n' | b'\r')).count();
    let mut lines: Vec<u64> = batch.lines.iter().map(|line| line.line).collect();
    lines.extend(batch.refused.iter().map(|error| error.line));
    lines.sort_unstable();
    assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "a line is told of once: {lines:?}");
    let last = u64::try_from(ends).expect("few") + 1;
    assert!(lines.iter().all(|line| (2..=last).contains(line)), "{lines:?} of {last}");
    let mut numbers: Vec<_> = batch.lines.iter().map(|line| line.order.number).collect();
    numbers.sort_unstable();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a number stands there once");
    let issuer = Issuer::of_one_key(Key::new(Algorithm::AesCmac, &[7; 32]).expect("32 bytes")).expect("an AES key");
    for line in &batch.lines {
        let order = &line.order;
        assert!(order.balance <= order.limits.balance);
        assert!(!matches!(order.profile.standing, Standing::Broken(_)));
        assert!(order.replaces.is_none_or(|replaces| matches!(replaces, 1..=254)));
        if order.currency.number() == 404 {
            let again = Batch::read(written(order).as_bytes()).expect("a header");
            assert!(again.refused.is_empty(), "{:?}", again.refused);
            let seal = |order| issuer.seal(order).expect("an AES key");
            assert_eq!(seal(&again.lines[0].order), seal(order));
        }
    }
}

/// An order in shillings as a batch of its own.
fn written(order: &Order) -> String {
    let units = |amount: digitally::Amount| amount.in_units(order.decimals).to_string();
    let digits = |pin: &PinBlock| {
        String::from_utf8(pin.expose().iter().copied().filter(|byte| *byte != 0xFF).collect()).expect("digits")
    };
    let merchant = order.capacity == applet_model::purse::Capacity::MERCHANT;
    format!(
        "number,pin,balance,profile,algorithm,capacity,max_payment,max_balance,max_requests,max_wrong_codes,replaces\n\
         {},{},{},{},{},{},{},{},{},{},{}\n",
        order.number,
        order.pin.as_ref().map(digits).unwrap_or_default(),
        units(order.balance),
        order.profile.name,
        order.algorithm.name().to_ascii_lowercase(),
        if merchant { "merchant" } else { "consumer" },
        units(order.limits.payment),
        units(order.limits.balance),
        order.limits.opens,
        order.limits.failures,
        order.replaces.map(|replaces| replaces.to_string()).unwrap_or_default(),
    )
}
