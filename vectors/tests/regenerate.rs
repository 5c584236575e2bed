//! The committed files are what the generator makes, byte for byte.
//!
//! `UPDATE_VECTORS=1 cargo test -p vectors --test regenerate` writes them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

#[test]
fn the_committed_files_are_the_generated_ones() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let write = std::env::var_os("UPDATE_VECTORS").is_some();
    for file in vectors::generate() {
        let path = data.join(file.name);
        if write {
            fs::write(&path, &file.text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap();
        assert!(committed == file.text, "{} is not what `digitally vectors generate` makes", file.name);
    }
}
