//! The account of the published profiles: what it promises, and its form.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::as_conversions)]

use digitally::profile::{ALL, DIGITALLY_8, FIRST_PROTOCOL};
use lab::entropy::{Better, Figures, Help, SUBJECTS, Worth};
use lab::{Account, Policy};

fn account(policy: &str) -> Account {
    Account::new(Policy::named(policy).unwrap(), ALL.to_vec())
}

fn figures(account: &Account, id: &str, profile: usize) -> Figures {
    account.rows.iter().find(|row| row.subject.id == id).unwrap_or_else(|| panic!("{id}")).figures[profile]
}

fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-2 * expected, "got {got:e}, expected {expected:e}");
}

/// Neither digits nor state help here. Whoever adds one has to defend it in `docs/entropy.md`.
const NOT_HELPED: [&str; 5] = ["typed-twice", "peers-full", "contact-deleted", "card-restarted", "image-restored"];

#[test]
fn digitally_8_is_a_hundred_times_better_wherever_digits_and_state_can_help() {
    for name in Policy::NAMES {
        let account = Account::new(Policy::named(name).unwrap(), vec![DIGITALLY_8]);
        let mut not_helped = Vec::new();
        for row in &account.rows {
            let id = row.subject.id;
            match (row.subject.help, row.better[0]) {
                (Help::Neither(reason), _) => {
                    assert!(reason.len() > 40, "{id} gives no reason");
                    not_helped.push(id);
                }
                (_, Better::Ended) => assert!(row.figures[0].per_try == 0.0, "{id}"),
                (_, Better::Times(times)) => assert!(times > 100.0 * (1.0 - 1e-9), "{name}, {id}: only {times}"),
            }
        }
        assert_eq!(not_helped, NOT_HELPED);
    }
}

#[test]
fn rows_have_the_numbers_of_the_documents() {
    let consumer = account("consumer");
    let [first, fixed, ours] = [0, 1, 2];
    let contact = |id, profile| figures(&consumer, id, profile).until_contact.unwrap();

    // docs/protocol.md §8, and F_max x 10^-8: at 1000.00 it is worth 0.001.
    close(figures(&consumer, "guess-response", ours).per_request.unwrap(), 5e-8);
    close(contact("guess-response", ours).chance, 1e-6);
    close(contact("guess-response", ours).expected, 0.1);
    close(contact("guess-response", first).chance, 9.95e-3);
    assert_eq!(contact("guess-response", ours).at_most, Some(200 * 100_000));
    // The slides: n · 10^-3.
    close(figures(&consumer, "replay", fixed).per_try, 0.0198);
    close(contact("replay", ours).chance, 1e-6);
    // A cap of 200 leaves about 10^-2 of the hunt.
    close(contact("collision", first).chance, 9.48e-3);
    close(contact("collision", fixed).chance, 9.48e-7);
    assert!(contact("collision", ours).chance == 0.0 && contact("collision", ours).at_most == Some(0));
    close(contact("check-collision", first).chance, 1e-4);
    // 20 payments a day, 30 days, 5 % mistyped: 600 x 0.05 x 3.75e-6.
    close(contact("mistyped-request", ours).chance, 1.125e-4);
    close(contact("mistyped-request", ours).expected, 11.25);
    close(figures(&consumer, "typed-twice", ours).per_try, 1.6e-4);

    let merchant = account("merchant");
    close(figures(&merchant, "guess-response", ours).until_contact.unwrap().chance, 1e-5);
    // 2000 serials pass 1000 once: a thousand pairs, each a collision by 10^-5 and then a guess at R.
    close(figures(&merchant, "collision", ours).per_try, 9.95e-3 * 1e-8);
}

#[test]
fn what_is_money_and_what_is_a_failed_payment() {
    let account = account("consumer");
    let worth = |id, profile| figures(&account, id, profile).worth;
    for id in ["guess-response", "replay", "collision", "check-collision", "nonces-used-up", "tail-wrapped"] {
        assert!((0..3).all(|profile| worth(id, profile) == Worth::Made), "{id}");
    }
    for id in ["guess-request", "mistyped-request", "transposed-request", "wrong-person", "paid-twice", "peers-full"] {
        assert!((0..3).all(|profile| worth(id, profile) == Worth::Failed), "{id}");
    }
    for id in ["wrong-amount", "typed-twice"] {
        assert_eq!([0, 1, 2].map(|profile| worth(id, profile)), [Worth::Made, Worth::Failed, Worth::Failed], "{id}");
    }
    for id in ["mistyped-response", "contact-deleted"] {
        for row in 0..3 {
            let figures = figures(&account, id, row);
            assert_eq!((figures.worth, figures.until_contact.unwrap().at_most), (Worth::Nothing, Some(0)), "{id}");
        }
    }
}

#[test]
fn every_figure_is_in_its_range() {
    for name in Policy::NAMES {
        for row in account(name).rows {
            for figures in &row.figures {
                assert!((0.0..=1.0).contains(&figures.per_try), "{}", row.subject.id);
                if let (Some(day), Some(contact)) = (figures.per_day, figures.until_contact) {
                    assert!((0.0..=1.0).contains(&day.chance) && (0.0..=1.0).contains(&contact.chance));
                    assert!(day.chance <= contact.chance * (1.0 + 1e-12), "{}", row.subject.id);
                    assert!(day.expected <= contact.expected * (1.0 + 1e-12), "{}", row.subject.id);
                    let bounded = |most: Option<u64>, expected: f64| most.is_none_or(|most| expected <= most as f64);
                    assert!(bounded(day.at_most, day.expected), "{}", row.subject.id);
                    assert!(bounded(contact.at_most, contact.expected), "{}", row.subject.id);
                }
            }
        }
    }
}

#[test]
fn the_table_fits_120_columns_and_names_every_row() {
    for name in Policy::NAMES {
        let text = account(name).to_text();
        for line in text.lines() {
            assert!(line.chars().count() <= 120, "{}: {line}", line.chars().count());
        }
        assert!(SUBJECTS.iter().all(|subject| text.contains(subject.title)));
    }
}

#[test]
fn ids_are_unique() {
    for (i, subject) in SUBJECTS.iter().enumerate() {
        assert!(SUBJECTS[i + 1..].iter().all(|other| other.id != subject.id), "{}", subject.id);
    }
}

#[test]
fn json_has_every_figure() {
    let account = account("consumer");
    let json = account.to_json();
    let rows = json["rows"].as_array().unwrap();
    assert_eq!(rows.len(), SUBJECTS.len());
    for (row, subject) in rows.iter().zip(SUBJECTS) {
        assert_eq!(row["id"], subject.id);
        assert_eq!(row["figures"].as_array().unwrap().len(), 3);
    }
    assert_eq!(json["policy"]["requests"], 200);
    assert_eq!(json["profiles"][2]["windows"]["payer_again"], 16);
    assert_eq!(rows[3]["figures"][2]["better_than_first_protocol"], "ended");
    close(rows[0]["figures"][0]["per_try"].as_f64().unwrap(), 1e-4);
    assert!(rows.last().unwrap()["figures"][0]["until_contact"]["money_at_most"].is_null());
}

/// Tags that open and close in order, attributes in quotes, nothing unescaped: what a reader of XML needs.
#[test]
fn the_picture_is_well_formed() {
    let svg = account("merchant").to_svg();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    let mut open = Vec::new();
    for piece in svg.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        assert!(
            !text.contains('&') || text.contains("&amp;") || text.contains("&lt;") || text.contains("&gt;"),
            "{text}"
        );
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap());
        }
    }
    assert!(open.is_empty());
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    let bars = svg.matches("font-size=\"10\"").count();
    assert_eq!(bars, SUBJECTS.len() * ALL.len());
    assert!(ALL.iter().all(|profile| svg.contains(profile.name)));
    assert!(!svg.contains("href") && !svg.contains("@import"));
}

#[test]
fn one_profile_alone_is_still_compared_with_the_first() {
    let alone = Account::new(Policy::named("consumer").unwrap(), vec![DIGITALLY_8]);
    let all = account("consumer");
    for (one, three) in alone.rows.iter().zip(&all.rows) {
        assert_eq!((one.figures[0], one.better[0]), (three.figures[2], three.better[2]));
    }
    let first = Account::new(Policy::named("consumer").unwrap(), vec![FIRST_PROTOCOL]);
    assert!(first.rows.iter().all(|row| row.better[0] == Better::Times(1.0)));
}

#[test]
fn the_document_shows_what_the_program_prints() {
    let document = include_str!("../../docs/entropy.md");
    let table = account("consumer").to_text();
    assert!(document.contains(&format!("```text\n{table}```")), "docs/entropy.md has another table than:\n{table}");
    for subject in SUBJECTS {
        assert!(document.contains(&format!("`{}`", subject.id)), "no formula for {}", subject.id);
    }
    for id in NOT_HELPED {
        assert!(document.contains(&format!("- `{id}`: ")), "no reason for {id}");
    }
}

/// Nothing is drawn outside of the picture, and no row over another.
#[test]
fn bars_lie_inside_the_picture_and_below_each_other() {
    let svg = account("consumer").to_svg();
    let number = |tag: &str, name: &str| -> Option<f64> {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split('"').next()?.parse().ok()
    };
    let root = svg.lines().next().unwrap();
    let (width, height) = (number(root, "width").unwrap(), number(root, "height").unwrap());
    let mut last = 0.0;
    for tag in svg.split('<').filter(|tag| tag.starts_with("rect x=\"330\"")) {
        let (x, y) = (number(tag, "x").unwrap(), number(tag, "y").unwrap());
        assert!(y >= last && x + number(tag, "width").unwrap() <= width, "{tag}");
        last = y + number(tag, "height").unwrap();
    }
    assert!(last > 0.0 && last < height);
}
