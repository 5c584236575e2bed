//! The invariants of ARCHITECTURE.md that a test can check.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::string_slice)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates each one may use. What is not here does not exist.
const ARROWS: [(&str, &[&str]); 16] = [
    ("apdu", &[]),
    ("toolkit", &["apdu"]),
    ("digitally", &[]),
    ("globalplatform", &["apdu"]),
    ("applet-model", &["apdu", "digitally", "globalplatform", "toolkit"]),
    ("card-sim", &["apdu", "applet-model", "globalplatform", "toolkit"]),
    ("conversation", &["apdu", "applet-model", "digitally"]),
    ("reader", &["apdu"]),
    ("handset", &["apdu", "toolkit"]),
    ("phones", &["apdu", "applet-model", "card-sim", "digitally", "globalplatform", "handset", "toolkit"]),
    ("web", &["applet-model", "card-sim", "handset", "phones"]),
    ("issuer", &["apdu", "applet-model", "digitally", "globalplatform", "toolkit"]),
    ("vectors", &["apdu", "applet-model", "digitally", "globalplatform"]),
    ("lab", &["apdu", "applet-model", "card-sim", "digitally", "globalplatform"]),
    (
        "cli",
        &[
            "apdu",
            "applet-model",
            "card-sim",
            "conversation",
            "digitally",
            "globalplatform",
            "handset",
            "issuer",
            "lab",
            "phones",
            "reader",
            "toolkit",
            "vectors",
        ],
    ),
    (
        "fuzz",
        &[
            "apdu",
            "applet-model",
            "card-sim",
            "conversation",
            "digitally",
            "globalplatform",
            "handset",
            "issuer",
            "phones",
            "toolkit",
        ],
    ),
];

const NO_STD: [&str; 5] = ["apdu", "toolkit", "digitally", "globalplatform", "applet-model"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The packages of the workspace by name, as cargo sees them.
fn packages() -> BTreeMap<String, Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--locked", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages.map(|package| (package["name"].as_str().unwrap().to_owned(), package.clone())).collect()
}

/// All Rust sources below a folder.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn arrows_point_one_way() {
    let packages = packages();
    let known: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(packages.len(), known.len(), "a crate without a row here: {:?}", packages.keys());
    for (name, allowed) in ARROWS {
        for dependency in packages[name]["dependencies"].as_array().unwrap() {
            let other = dependency["name"].as_str().unwrap();
            let ours = known.contains(&other);
            // Tests may run things on a card; what is shipped may not.
            let for_tests = dependency["kind"] == "dev";
            assert!(!ours || for_tests || allowed.contains(&other), "{name} must not depend on {other}");
        }
    }
}

#[test]
fn only_the_reader_links_a_system_library_and_only_if_asked() {
    for (name, package) in packages() {
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["name"] == "pcsc" {
                assert_eq!((name.as_str(), &dependency["optional"]), ("reader", &Value::Bool(true)));
            }
        }
        let default = package["features"].get("default").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        assert!(!default || !["reader", "cli"].contains(&name.as_str()), "{name} has default features");
    }
}

#[test]
fn a_folder_has_the_name_of_its_crate() {
    for (name, package) in packages() {
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
        assert_eq!(manifest.parent().unwrap().file_name().unwrap(), name.as_str());
    }
}

#[test]
fn only_one_target_called_digitally_has_docs() {
    let binary =
        packages()["cli"]["targets"].as_array().unwrap().iter().find(|target| target["name"] == "digitally").cloned();
    assert_eq!(binary.unwrap()["doc"], false);
}

#[test]
fn card_sim_imports_the_runtime_only() {
    for (path, text) in sources(&root().join("card-sim/src")) {
        for (at, _) in text.match_indices("applet_model::") {
            assert!(text[at..].starts_with("applet_model::runtime"), "{}: {}", path.display(), &text[at..at + 40]);
        }
    }
}

#[test]
fn no_std_crates_say_so_and_do_no_io() {
    for name in NO_STD {
        let library = std::fs::read_to_string(root().join(name).join("src/lib.rs")).unwrap();
        assert!(library.contains("#![no_std]"), "{name}");
        for (path, text) in sources(&root().join(name).join("src")) {
            let shipped = text.split("#[cfg(test)]\nmod ").next().unwrap();
            for word in ["std::fs", "std::io", "std::net", "std::time", "std::env", "getrandom", "thread_rng"] {
                assert!(!shipped.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for (name, _) in ARROWS {
        let manifest = std::fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}");
        // One exception: the command line prints, because that is its purpose.
        for (path, text) in sources(&root().join(name).join("src")) {
            let prints = text.contains("clippy::print_stdout") || text.contains("clippy::print_stderr");
            assert!(!prints || name == "cli", "{} allows printing", path.display());
            assert!(!text.contains("unsafe {") && !text.contains("unsafe fn"), "{}", path.display());
        }
    }
    let root = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for lint in ["unsafe_code = \"forbid\"", "missing_docs = \"deny\"", "print_stdout = \"deny\""] {
        assert!(root.contains(lint), "{lint}");
    }
}

#[test]
fn no_test_is_switched_off() {
    for (name, _) in ARROWS {
        for (path, text) in sources(&root().join(name)) {
            let marker = concat!("#[", "ignore");
            assert!(!text.contains(marker), "{} has an ignored test", path.display());
        }
    }
}
