//! Records of studies, in CSV.

use phones::study::{Measures, sheet};

/// A record is read as its rows, which are written and read the same; or it is named what is wrong, and on which line. Of
/// any rows something can be worked out.
pub fn study(bytes: &[u8]) {
    let rows = match sheet::read(bytes) {
        Ok(rows) => rows,
        Err(error) => {
            let ends = bytes.iter().filter(|byte| matches!(**byte, b'\n' | b'\r')).count();
            assert!((1..=ends + 1).contains(&usize::try_from(error.line).expect("few")), "{error} of {ends} ends");
            assert!(error.column.is_none_or(|column| sheet::COLUMNS.contains(&column)), "{error}");
            return;
        }
    };
    let mut again = sheet::Writer::new(Vec::new()).expect("memory");
    rows.iter().for_each(|row| again.add(row).expect("memory"));
    assert_eq!(sheet::read(again.get()).as_ref(), Ok(&rows));
    let measures = Measures::of(&[rows]);
    let [payees, payers] = [measures.payees, measures.payers];
    for of in [payees, payers] {
        assert_eq!(of.begun, of.done + of.refused + of.aborted);
    }
    assert!(measures.wrong.iter().all(|(_, rate)| rate.count <= rate.of));
    assert!(measures.to_svg().ends_with("</svg>\n"));
}
