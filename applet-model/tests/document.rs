//! `docs/applet.md` and the applet say the same.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::panic)]

use applet_model::purse::{Capacity, PAYEE, PAYER, PURSE_AID, Purse, RESERVED, byte_table, status, writes};
use applet_model::runtime::Applet;
use card_sim::Card;

fn document() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/applet.md")).unwrap()
}

#[track_caller]
fn check(needle: &str) {
    assert!(document().contains(needle), "docs/applet.md does not say: {needle}");
}

#[test]
fn every_status_word_of_ours_is_documented() {
    for (sw, name, _) in status::ALL {
        check(&format!("| `{:04X}` | {name} |", sw.value()));
    }
}

#[test]
fn the_byte_table_is_the_layout() {
    let (consumer, merchant) = (byte_table(Capacity::CONSUMER), byte_table(Capacity::MERCHANT));
    for ((what, consumer), (_, merchant)) in consumer.iter().zip(&merchant) {
        check(&format!("| {what} | {consumer} | {merchant} |"));
    }
    let sum = |rows: &[(&str, usize)]| rows.iter().map(|(_, bytes)| bytes).sum::<usize>();
    check(&format!("| **all** | **{}** | **{}** |", sum(&consumer), sum(&merchant)));
    let demand = Purse::new(Capacity::CONSUMER).demand();
    check(&format!("{} bytes until deselection, {} until reset", demand.until_deselect, demand.until_reset));
    check(&format!("{RESERVED} bytes are kept free"));
}

#[test]
fn purse_and_card_add_up() {
    let own = Card::own_demand();
    let both = [Capacity::CONSUMER, Capacity::MERCHANT].map(|capacity| Purse::new(capacity).demand());
    let [consumer, merchant] = both.map(|demand| demand.persistent + RESERVED + own.persistent);
    check(&format!("| the purse | {} | {} | |", both[0].persistent, both[1].persistent));
    check(&format!("| kept free | {RESERVED} | {RESERVED} | |"));
    check(&format!("| the card's journal | {0} | {0} | |", own.persistent));
    check(&format!("| **persistent** | **{consumer}** | **{merchant}** | 32768 |"));
    let [consumer, merchant] = both.map(|demand| demand.until_deselect + demand.until_reset);
    let card = own.until_deselect + own.until_reset;
    check(&format!("| the purse | {consumer} | {merchant} | |"));
    check(&format!("| the card | {card} | {card} | |"));
    check(&format!("| **transient** | **{}** | **{}** | 2048 |", consumer + card, merchant + card));
    let toolkit = Card::toolkit_demand();
    let conversation = both[0].until_deselect + toolkit.until_deselect + toolkit.until_reset;
    let [consumer, merchant] = [consumer, merchant].map(|purse| purse + card + conversation);
    check(&format!("| with a conversation by the menu | {consumer} | {merchant} | 2048 |"));
    assert!(consumer.max(merchant) <= 2048, "{consumer} {merchant}");
}

#[test]
fn the_writes_of_a_payment_are_documented() {
    for work in PAYER.iter().chain(&PAYEE) {
        let numbers = format!("| {} | {} | {} |", work.commits, work.cells, work.writes(Card::WRITE_COST));
        let row =
            document().lines().any(|line| line.starts_with(&format!("| {}", work.command)) && line.ends_with(&numbers));
        assert!(row, "{}: {numbers}", work.command);
    }
    check(&format!("| **payer** | | | **{}** |", writes(&PAYER, Card::WRITE_COST)));
    check(&format!("| **payee** | | | **{}** |", writes(&PAYEE, Card::WRITE_COST)));
}

#[test]
fn the_aid_is_documented() {
    let hex: Vec<String> = PURSE_AID.as_bytes().iter().map(|byte| format!("{byte:02X}")).collect();
    check(&hex.join(" "));
}

/// Every command's file opens with its header bytes, and the table of commands has the same.
#[test]
fn every_command_stands_in_the_table() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/purse");
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The menu has no commands of its own.
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap();
        let Some((name, rest)) = first.trim_start_matches("//! ").split_once(" — `") else { continue };
        let file = path.file_name().unwrap().to_str().unwrap();
        // The card's own, and the issuer domain's.
        if matches!(name, "SELECT" | "STORE DATA") {
            continue;
        }
        let header: Vec<&str> = rest.split([' ', '`']).take(2).collect();
        let row = document().lines().find(|line| line.ends_with(&format!("| `{file}` |"))).map(str::to_owned);
        let row = row.unwrap_or_else(|| panic!("{file} is not in the table of commands"));
        assert!(row.contains(&format!("| {name} | `{}", header.join(" "))), "{file}: {row}");
        found += 1;
    }
    assert_eq!(found, 17, "commands with a file of their own");
}
