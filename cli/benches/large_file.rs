//! The memory of `digitally vectors verify` on a file of 1 GiB: printed beside the bound that we promise.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::arithmetic_side_effects)]
#![allow(clippy::as_conversions, clippy::cast_precision_loss)]

use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (mut written, mut count) = (0, 0u64);
    let mut out = BufWriter::new(&file);
    writeln!(out, r#"{{"format":"digitally-vectors","version":1,"kind":"mac","name":"many","source":"RFC 4493","notes":{{}},"groups":[{{"comment":"AES-128","shared":{{"algorithm":"AES-CMAC","key":"2b7e151628aed2a6abf7158809cf4f3c","tag_bits":128}},"tests":["#).unwrap();
    while written < 1 << 30 {
        let comma = if count == 0 { "" } else { ",\n" };
        let test = format!(
            r#"{comma}{{"id":"many-{count}","comment":"no message","input":{{"message":""}},"expect":"accept","output":{{"tag":"bb1d6929e95937287fa37d129b756746"}}}}"#
        );
        out.write_all(test.as_bytes()).unwrap();
        written += test.len();
        count += 1;
    }
    out.write_all(b"]}]}").unwrap();
    out.flush().unwrap();
    drop(out);
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_digitally"))
        .args(["vectors", "verify", "--quiet"])
        .arg(file.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let seconds = start.elapsed().as_secs_f64();
    let memory = peak().map_or("not known here".to_owned(), |mib| format!("{mib:.1} MiB"));
    println!("process: {count} vectors in {} MiB: {seconds:.0} s, {memory} (at most 64)", written >> 20);
}

/// The most memory that the process held, in MiB.
fn peak() -> Option<f64> {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).ok()?;
    Some(usage.max_rss() as f64 / 1024.0)
}
