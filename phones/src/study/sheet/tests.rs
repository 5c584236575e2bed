//! Records that are read, and those that are not.

#![allow(clippy::arithmetic_side_effects)]

use proptest::prelude::*;

use super::*;

const HEAD: &str = "digitally-study-1,payment,role,step,at_ms,first_key_ms,time_ms,keys,cleared,outcome,end";

fn written(rows: &[Row]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    rows.iter().for_each(|row| writer.add(row).unwrap());
    writer.get().clone()
}

#[test]
fn a_row_is_a_line() {
    let row = Row {
        payment: 2,
        role: Role::Payer,
        step: Step::Pin,
        at: 61_500,
        first_key: Some(400),
        time: 3_200,
        keys: 6,
        cleared: 1,
        outcome: Outcome::Wrong,
        end: None,
    };
    let text = String::from_utf8(written(&[
        row,
        Row { at: 70_000, first_key: None, keys: 0, cleared: 0, outcome: Outcome::Off, end: Some(End::Aborted), ..row },
    ]))
    .unwrap();
    assert_eq!(
        text,
        format!("{HEAD}\r\n1,2,payer,pin,61500,400,3200,6,1,wrong,\r\n2,2,payer,pin,70000,,3200,0,0,off,aborted\r\n")
    );
    // As spreadsheets write it.
    let quoted = text.replace("\r\n", "\n").replace("payer", "\"payer\"");
    assert_eq!(read(quoted.as_bytes()), read(text.as_bytes()));
    assert_eq!(read(format!("\u{FEFF}{text}").as_bytes()).unwrap().len(), 2);
}

/// What stands behind the header, and the error that it is.
#[test]
fn what_is_wrong_is_named() {
    let good = "1,1,payer,pin,0,400,3200,6,1,wrong,\n";
    assert_eq!(read(format!("{HEAD}\n{good}").as_bytes()).unwrap().len(), 1);
    // Whatever ends the lines.
    let check = |text: String, expected: &str| {
        for text in [text.replace('\n', "\r\n"), text] {
            assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), expected);
        }
    };
    let rows = |rows: &str, expected| check(format!("{HEAD}\n{rows}"), expected);
    check(String::new(), "line 1: it is no record of a study: the first column would be digitally-study-1");
    check("a,b\n".into(), "line 1: it is no record of a study: the first column would be digitally-study-1");
    check(
        HEAD.replace("study-1", "study-2") + "\n",
        "line 1: it is a record of another version; this program reads digitally-study-1",
    );
    check(HEAD.replace(",end", "") + "\n", &format!("line 1: the columns have to be {HEAD}"));
    check(HEAD.into(), "line 1: it has no end: it was not written whole, or cut off");
    rows("1,1,payer\n", "line 2: it has 3 fields, and not 11");
    rows(&good.replace('\n', ""), "line 2: it has no end: it was not written whole, or cut off");
    rows(&good.replace("1,1,", "2,1,"), "line 2, digitally-study-1: rows are counted from 1 on, and this one is 1");
    rows(&good.replace("1,1,", "1,0,"), "line 2, payment: not a whole number from 1 to 4294967295");
    rows(&good.replace("payer", "bank"), "line 2, role: none of payee, payer");
    rows(&good.replace("payer", "payee"), "line 2, step: the payee has no such step");
    rows(&good.replace("0,400", "-1,400"), "line 2, at_ms: not a whole number from 0 to 999999999999");
    rows(&good.replace("3200", "03200"), "line 2, time_ms: not a whole number from 0 to 999999999999");
    rows(&good.replace("400", "3201"), "line 2, first_key_ms: more than time_ms");
    rows(&good.replace("400", ""), "line 2, first_key_ms: it is there if keys were pressed, and only then");
    rows(&good.replace("6,1", "6,7"), "line 2, cleared: more than keys");
    rows(&good.replace("pin", "confirm"), "line 2, outcome: nothing is compared in this step");
    rows(&good.replace("wrong,", "wrong,paid"), "line 2, end: none of done, refused, aborted");
    rows(&format!("{good}2,1,payee,choose,9999,,1,0,0,off,\n"), "line 3, role: this payment had the other role before");
    rows(
        &format!("{good}2,1,payer,notice,3199,,1,0,0,off,\n"),
        "line 3, at_ms: the row of this payment before it ends later",
    );
    rows(
        &format!("{}2,1,payer,notice,3200,,1,0,0,off,\n", good.replace("wrong,", "wrong,refused")),
        "line 3, payment: the payment has ended",
    );
}

/// Rows of payments that follow each other.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let role = prop::sample::select(Role::ALL);
    let one =
        (prop::sample::select(Step::ALL), prop::sample::select(Outcome::ALL), 0..9_u64, 0..9_u64, 0..5_u32, 0..5_u32);
    let end = prop::option::of(prop::sample::select(End::ALL));
    prop::collection::vec((role, prop::collection::vec(one, 1..5), end), 0..5).prop_map(|payments| {
        let (mut rows, mut at) = (Vec::new(), 0);
        for (payment, (role, steps, end)) in (1..).zip(payments) {
            let first = rows.len();
            for (step, outcome, pause, time, keys, cleared) in steps {
                at += pause;
                let step = if role.has(step) { step } else { Step::Amount };
                let outcome = if step.is_compared() || outcome != Outcome::Wrong { outcome } else { Outcome::Refused };
                let first_key = (keys > 0).then_some(time / 2);
                let cleared = cleared.min(keys);
                rows.push(Row { payment, role, step, at, first_key, time, keys, cleared, outcome, end: None });
                at += time;
            }
            rows[first..].last_mut().unwrap().end = end;
        }
        rows
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in rows()) {
        prop_assert_eq!(read(&written(&rows)).unwrap(), rows);
    }

    #[test]
    fn what_is_cut_off_is_not_read(rows in rows(), cut in any::<prop::sample::Index>()) {
        let text = written(&rows);
        let cut = &text[..cut.index(text.len())];
        if let Ok(read) = read(cut) {
            prop_assert!(cut.ends_with(b"\n") && rows.starts_with(&read));
        }
    }
}
