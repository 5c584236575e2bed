//! The times of a study as a picture: a box plot for each, on one scale, in black and white.

use std::fmt::Write;

use super::measures::Measures;
use super::quartiles::{Quartiles, Spread};

const LABELS: u64 = 250;
const WIDTH: u64 = 640;
const NUMBERS: u64 = 170;
const TOP: u64 = 64;
const ROW: u64 = 26;
/// Half of what a box is high.
const HALF: u64 = 8;
/// Between the two transactions and the steps.
const GAP: u64 = 14;

impl Measures {
    /// The picture, as SVG. The same measures are always the same bytes.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let rows = self.timed();
        let greatest = rows.iter().filter_map(|(_, spread)| spread.quartiles).map(|found| found.greatest).max();
        let tick = tick(greatest.unwrap_or(0));
        let end = greatest.unwrap_or(0).div_ceil(tick).max(1).saturating_mul(tick);
        let x = |time: u64| LABELS.saturating_add(time.saturating_mul(WIDTH).checked_div(end).unwrap_or(0));
        let count = u64::try_from(rows.len()).unwrap_or(0);
        let bottom = TOP.saturating_add(ROW.saturating_mul(count)).saturating_add(GAP);
        let (width, height) = (LABELS.saturating_add(WIDTH).saturating_add(NUMBERS), bottom.saturating_add(52));
        let mut svg = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\" \
             aria-labelledby=\"title desc\">\n<title id=\"title\">How long payments take</title>\n\
             <desc id=\"desc\">Box plots over a scale of seconds, of {}. {}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
             <text x=\"16\" y=\"28\" font-size=\"18\">How long payments take, {}</text>\n\
             <text x=\"{}\" y=\"52\">n</text><text x=\"{}\" y=\"52\">median</text>",
            self.of_how_many(),
            described(&rows),
            self.of_how_many(),
            NUMBERS_AT,
            MEDIAN_AT,
        );
        for at in (0..=end.checked_div(tick).unwrap_or(0)).map(|number| number.saturating_mul(tick)) {
            let _ = writeln!(
                svg,
                "<line x1=\"{x}\" y1=\"{TOP}\" x2=\"{x}\" y2=\"{bottom}\" stroke=\"#cccccc\"/>\
                 <text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                bottom.saturating_add(18),
                at / 1_000,
                x = x(at),
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">seconds; box: the quartiles, line in it: the median, \
             whiskers: the least and the greatest</text>",
            LABELS.saturating_add(WIDTH / 2),
            bottom.saturating_add(40),
        );
        for ((number, (name, spread)), place) in (0_u64..).zip(&rows).zip((0_u64..).map(|i| i.saturating_mul(ROW))) {
            let gap = if number < 2 { 0 } else { GAP };
            let middle = TOP.saturating_add(place).saturating_add(gap).saturating_add(ROW / 2);
            row(&mut svg, name, spread, middle, x);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// All that has a time, with its name.
    #[must_use]
    pub fn timed(&self) -> Vec<(String, Spread)> {
        let transactions = [
            ("payee: Request to received".to_owned(), self.request_to_received),
            ("payer: Pay to payment code".to_owned(), self.pay_to_code),
        ];
        let steps =
            self.steps.iter().map(|(role, step, spread)| (format!("{}: {}", role.word(), step.word()), *spread));
        transactions.into_iter().chain(steps).collect()
    }
}

const NUMBERS_AT: u64 = LABELS + WIDTH + 24;
const MEDIAN_AT: u64 = NUMBERS_AT + 50;

/// One box, and what it shows in numbers.
fn row(svg: &mut String, name: &str, spread: &Spread, middle: u64, x: impl Fn(u64) -> u64) {
    let text = middle.saturating_add(4);
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{name}</text><text x=\"{NUMBERS_AT}\" y=\"{text}\">{}</text>",
        LABELS.saturating_sub(12),
        spread.count,
    );
    let Some(Quartiles { least, lower, median, upper, greatest }) = spread.quartiles else { return };
    let (top, bottom) = (middle.saturating_sub(HALF), middle.saturating_add(HALF));
    let mut line = |x1: u64, x2: u64, y1: u64, y2: u64, width: u64| {
        let _ = writeln!(
            svg,
            "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"#000000\" stroke-width=\"{width}\"/>"
        );
    };
    line(x(least), x(greatest), middle, middle, 1);
    for end in [least, greatest] {
        line(x(end), x(end), top.saturating_add(3), bottom.saturating_sub(3), 1);
    }
    let _ = writeln!(
        svg,
        "<rect x=\"{}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"#ffffff\" stroke=\"#000000\"/>\
         <line x1=\"{m}\" y1=\"{top}\" x2=\"{m}\" y2=\"{bottom}\" stroke=\"#000000\" stroke-width=\"3\"/>\
         <text x=\"{MEDIAN_AT}\" y=\"{text}\">{} s</text>",
        x(lower),
        x(upper).saturating_sub(x(lower)),
        bottom.saturating_sub(top),
        seconds(median),
        m = x(median),
    );
}

/// The picture in words.
fn described(rows: &[(String, Spread)]) -> String {
    let words = rows.iter().map(|(name, spread)| match spread.quartiles {
        None => format!("{name}: none."),
        Some(Quartiles { lower, median, upper, .. }) => format!(
            "{name}: {} of them, median {} s, quartiles {} s and {} s.",
            spread.count,
            seconds(median),
            seconds(lower),
            seconds(upper)
        ),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Milliseconds in seconds, with a tenth, rounded half up.
pub(super) fn seconds(time: u64) -> String {
    let tenths = time.saturating_add(50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A step of 1, 2 or 5 times a power of ten seconds, of which at most ten reach so far.
fn tick(greatest: u64) -> u64 {
    let mut unit: u64 = 1_000;
    loop {
        for tick in [unit, unit.saturating_mul(2), unit.saturating_mul(5)] {
            if tick.saturating_mul(10) >= greatest {
                return tick;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for (greatest, expected) in [(0, 1), (10_000, 1), (10_001, 2), (47_000, 5), (99_999, 10), (3_600_000, 500)] {
            assert_eq!(tick(greatest), expected * 1_000, "{greatest}");
        }
        assert!(tick(u64::MAX) > 0);
    }

    #[test]
    fn nothing_is_drawn_too() {
        let svg = Measures::of(&[]).to_svg();
        assert!(svg.contains("of 0 sessions") && svg.ends_with("</svg>\n"), "{svg}");
        assert_eq!((seconds(0), seconds(1_249), seconds(59_950)), ("0.0".into(), "1.2".into(), "60.0".into()));
    }
}
