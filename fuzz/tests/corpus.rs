//! The corpus, replayed: seeds that somebody thought up, and what fuzzers have found.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::TARGETS;
use proptest::prelude::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn every_target_bears_its_corpus() {
    for target in TARGETS {
        let folder = fs::read_dir(root().join(target.name)).unwrap_or_else(|_| panic!("{} has no corpus", target.name));
        let files: BTreeSet<PathBuf> = folder.map(|file| file.unwrap().path()).collect();
        assert!(files.len() >= target.least, "{} of {} inputs for {}", files.len(), target.least, target.name);
        for file in files {
            // Shown if it fails, with the command that runs this input alone.
            println!("cargo run -p fuzz --bin replay -- {} {}", target.name, file.display());
            let bytes = fs::read(&file).unwrap();
            (target.body)(&bytes);
            // What is cut off, or begins too late.
            for cut in [1, 2, 4, 5, 7, 11, 16, 25, bytes.len() / 2, bytes.len().saturating_sub(1)] {
                if let Some((before, after)) = bytes.split_at_checked(cut) {
                    (target.body)(before);
                    (target.body)(after);
                }
            }
        }
    }
}

#[test]
fn every_corpus_has_its_target() {
    let folders = fs::read_dir(root()).unwrap().map(|folder| folder.unwrap().file_name().into_string().unwrap());
    let names = TARGETS.iter().map(|target| target.name.to_owned());
    assert_eq!(folders.collect::<BTreeSet<_>>(), names.collect());
}

/// Bytes that look like length fields often enough to get deep into a parser.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => 0_u8..6, 1 => 0x7F_u8..0x86, 1 => Just(0x30), 2 => any::<u8>()];
    prop::collection::vec(byte, 0..100)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn every_target_bears_noise(bytes in noise()) {
        for target in TARGETS {
            (target.body)(&bytes);
        }
    }
}
