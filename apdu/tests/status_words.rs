//! Every status word, as people read it: each row begins a run of words with one meaning. A change here is a change of what users see: look at it.

use std::fmt::Write;

use apdu::Sw;

#[test]
fn every_named_word() {
    let mut table = String::new();
    let mut previous = ("", "");
    for value in 0..=u16::MAX {
        let sw = Sw::new(value);
        let meaning = (sw.name(), sw.explanation());
        if meaning != previous {
            writeln!(table, "{value:04X} {:?}: {}\n     {}", sw.category(), meaning.0, meaning.1).unwrap();
            previous = meaning;
        }
    }
    insta::assert_snapshot!(table);
}
