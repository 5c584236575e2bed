//! Numbers as the table and the plot show them.

/// A chance: `1.0e-8`, and `0.632` from a tenth on; 0 and 1 as themselves.
pub(super) fn chance(value: f64) -> String {
    if value == 0.0 || value == 1.0 {
        format!("{value:.0}")
    } else if value >= 0.9995 {
        ">0.999".to_owned()
    } else if value >= 0.1 {
        format!("{value:.3}")
    } else {
        format!("{value:.1e}")
    }
}

/// How many times: `6.3`, `133`, `1.0e4`, `2.0e-2`; 1 as itself.
pub(super) fn times(value: f64) -> String {
    if value == 1.0 {
        "1".to_owned()
    } else if (10.0..1e4).contains(&value) {
        format!("{value:.0}")
    } else if (1.0..10.0).contains(&value) {
        format!("{value:.1}")
    } else {
        format!("{value:.1e}")
    }
}

/// Minor units in units of the currency: with its decimals, or `1.0e-3` below its smallest coin.
pub(super) fn money(minor: f64, decimals: u8) -> String {
    let units = minor / 10_f64.powi(i32::from(decimals));
    if minor.is_infinite() {
        "no bound".to_owned()
    } else if minor > 0.0 && minor < 1.0 || minor >= 1e9 {
        format!("{units:.1e}")
    } else if minor == 0.0 {
        "0".to_owned()
    } else {
        format!("{units:.*}", usize::from(decimals))
    }
}

/// Whole minor units, without the decimals that are zero.
pub(super) fn whole_money(minor: Option<u64>, decimals: u8) -> String {
    let Some(minor) = minor else { return "no bound".to_owned() };
    let coin = 10_u64.saturating_pow(u32::from(decimals));
    let (units, rest) = (minor.checked_div(coin).unwrap_or(minor), minor.checked_rem(coin).unwrap_or(0));
    if rest == 0 { units.to_string() } else { format!("{units}.{rest:0width$}", width = usize::from(decimals)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, shown) in
            [(1e-8, "1.0e-8"), (0.0, "0"), (1.0, "1"), (9.47e-3, "9.5e-3"), (0.632_3, "0.632"), (0.9997, ">0.999")]
        {
            assert_eq!(chance(value), shown);
        }
        for (value, shown) in [(1.0, "1"), (6.25, "6.2"), (133.3, "133"), (0.02, "2.0e-2"), (1e4, "1.0e4")] {
            assert_eq!(times(value), shown);
        }
    }

    #[test]
    fn money_has_its_decimals() {
        assert_eq!(money(100_000.0, 2), "1000.00");
        assert_eq!(money(0.1, 2), "1.0e-3");
        assert_eq!(money(0.0, 2), "0");
        assert_eq!(money(12.0, 0), "12");
        assert_eq!(money(1e12, 2), "1.0e10");
        assert_eq!(money(f64::INFINITY, 2), "no bound");
        assert_eq!(whole_money(Some(20_000_000), 2), "200000");
        assert_eq!(whole_money(Some(150), 2), "1.50");
        assert_eq!(whole_money(Some(1), 3), "0.001");
        assert_eq!(whole_money(Some(7), 0), "7");
        assert_eq!(whole_money(None, 2), "no bound");
    }
}
