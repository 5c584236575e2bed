//! The account as a picture: horizontal bars on a logarithmic scale, one group a row, one colour a profile.

use std::fmt::Write;

use super::number;
use super::{Account, Row};

const LABELS: u32 = 330;
const BARS: u32 = 720;
const RIGHT: u32 = 80;
const TOP: u32 = 96;
const BAR: u32 = 13;
const GAP: u32 = 12;
/// The axis begins at 10^-DECADES; what is less and not 0 is drawn as a sliver.
const DECADES: u32 = 12;
/// Told apart by those who see no red or green, too (Okabe and Ito's palette).
const COLOURS: [&str; 7] = ["#d55e00", "#e69f00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#000000"];

pub(super) fn plot(account: &Account) -> String {
    let group = group_height(account);
    let bottom = TOP.saturating_add(group.saturating_mul(count(account.rows.len())));
    let (width, height) = (LABELS.saturating_add(BARS).saturating_add(RIGHT), bottom.saturating_add(56));
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Entropy account</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"28\" font-size=\"18\">What one try is worth, policy {}</text>",
        escaped(&account.policy.name),
    );
    legend(&mut svg, account);
    axis(&mut svg, bottom);
    for (row, y) in account.rows.iter().zip((0..).map(|i: u32| TOP.saturating_add(group.saturating_mul(i)))) {
        bars(&mut svg, account, row, y);
    }
    svg.push_str("</svg>\n");
    svg
}

fn group_height(account: &Account) -> u32 {
    BAR.saturating_mul(count(account.profiles.len())).saturating_add(GAP)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn colour(index: usize) -> &'static str {
    COLOURS.iter().cycle().nth(index).copied().unwrap_or("#000000")
}

fn legend(svg: &mut String, account: &Account) {
    for ((i, profile), x) in account.profiles.iter().enumerate().zip((0..).map(|i: u32| i.saturating_mul(150))) {
        let x = x.saturating_add(16);
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"44\" width=\"12\" height=\"12\" fill=\"{}\"/><text x=\"{}\" y=\"55\">{}</text>",
            colour(i),
            x.saturating_add(18),
            escaped(profile.name),
        );
    }
}

/// A line and a label for every second decade.
fn axis(svg: &mut String, bottom: u32) {
    for exponent in (0..=DECADES).step_by(2) {
        let x = f64::from(LABELS) + f64::from(BARS) * (1.0 - f64::from(exponent) / f64::from(DECADES));
        let label = if exponent == 0 { "1".to_owned() } else { format!("1e-{exponent}") };
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#cccccc\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            TOP.saturating_sub(8),
            bottom.saturating_add(18),
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">chance of one try, logarithmic; 0 has no bar</text>",
        LABELS.saturating_add(BARS / 2),
        bottom.saturating_add(40),
    );
}

fn bars(svg: &mut String, account: &Account, row: &Row, top: u32) {
    let middle = top.saturating_add(BAR.saturating_mul(count(account.profiles.len())) / 2).saturating_add(4);
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{}</text>",
        LABELS.saturating_sub(8),
        escaped(row.subject.title),
    );
    for ((i, figures), y) in
        row.figures.iter().enumerate().zip((0..).map(|i: u32| top.saturating_add(i.saturating_mul(BAR))))
    {
        let width = bar(figures.per_try);
        let _ = writeln!(
            svg,
            "<rect x=\"{LABELS}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{}\" font-size=\"10\">{}</text>",
            BAR.saturating_sub(2),
            colour(i),
            f64::from(LABELS) + width + 4.0,
            y.saturating_add(9),
            number::chance(figures.per_try),
        );
    }
}

/// The length of a bar: nothing for 0, a sliver below the axis.
fn bar(chance: f64) -> f64 {
    if chance <= 0.0 {
        return 0.0;
    }
    (f64::from(BARS) * (1.0 + chance.log10() / f64::from(DECADES))).clamp(2.0, f64::from(BARS))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_logarithmic() {
        let full = f64::from(BARS);
        for (chance, length) in [(1.0, full), (1e-6, full / 2.0), (0.0, 0.0), (1e-30, 2.0), (1e-12, 2.0)] {
            assert!((bar(chance) - length).abs() < 1e-9, "{chance}");
        }
    }
}
