//! Memory does not grow with a vector file: a file of many times the bound is verified within it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::panic)]
#![allow(clippy::as_conversions)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};

/// Bytes of file.
const FILE: usize = 100 << 20;
/// Bytes of memory that the whole process may take.
const BOUND: i64 = 64 << 20;

#[test]
fn a_large_file_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.json");
    let mut file = BufWriter::new(File::create(&path).unwrap());
    let head = r#"{"format":"digitally-vectors","version":1,"kind":"tlv","name":"many","source":"here","notes":{},
"groups":[{"comment":"one","shared":{},"tests":["#;
    file.write_all(head.as_bytes()).unwrap();
    let (mut written, mut count) = (head.len(), 0u64);
    while written < FILE {
        let comma = if count == 0 { "" } else { ",\n" };
        // Every thousandth fails: what failed is kept, and must not be kept for ever.
        let value = if count % 1000 == 7 { "aa" } else { "bb" };
        let test = format!(
            r#"{comma}{{"id":"many-{count}","comment":"one object","input":{{"bytes":"8001bb"}},"expect":"accept","output":{{"objects":[{{"tag":"80","value":"{value}"}}],"encoded":"8001bb"}}}}"#
        );
        file.write_all(test.as_bytes()).unwrap();
        written += test.len();
        count += 1;
    }
    file.write_all(b"]}]}").unwrap();
    file.into_inner().unwrap().sync_all().unwrap();

    let child = Command::new(env!("CARGO_BIN_EXE_digitally"))
        .args(["vectors", "verify", "--json"])
        .arg(&path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let failed = (count + 992) / 1000;
    assert_eq!((told["passed"].as_u64(), told["failed"].as_u64()), (Some(count - failed), Some(failed)));
    assert_eq!(told["files"][0]["failures"].as_array().unwrap().len() as u64, failed.min(1000));
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).unwrap();
    let peak = usage.max_rss() * 1024;
    assert!(peak < BOUND, "{count} tests in {written} bytes took {peak} bytes");
}
