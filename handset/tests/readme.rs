//! The README's scripts: they can be read, and each of its steps is one.

#![allow(clippy::unwrap_used, clippy::panic)]

use handset::script::Script;

const README: &str = include_str!("../README.md");

#[test]
fn its_script_can_be_read() {
    let scripts: Vec<&str> = README.split("```text\n").filter(|block| block.starts_with("# payment.phones")).collect();
    let [script] = scripts.as_slice() else { panic!("{} scripts", scripts.len()) };
    let script = Script::parse("payment.phones", script.split("```").next().unwrap()).unwrap();
    assert_eq!(script.phones().collect::<Vec<_>>(), ["alice", "bob"]);
}

#[test]
fn each_step_of_its_table_is_one() {
    let rows =
        README.lines().skip_while(|line| *line != "| step | does |").skip(2).take_while(|line| line.starts_with('|'));
    let mut count = 0;
    for row in rows {
        let steps = row.split(" | ").next().unwrap().split('`').skip(1).step_by(2);
        for step in steps.filter(|step| *step != "boot") {
            let text = format!("boot\nkeep kept \"?\"\n{}", step.replace("$request", "$kept"));
            Script::parse(step, &text).unwrap_or_else(|error| panic!("{error}"));
            count += 1;
        }
    }
    assert_eq!(count, 23);
}
