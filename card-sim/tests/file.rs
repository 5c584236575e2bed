//! A card in a file: locked, saved before each answer, replaced as a whole.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use std::error::Error as _;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use apdu::Transport;
use card_sim::file::Step;
use card_sim::{CardFile, FileError, ImageError, SeededRandom, image};
use hex_literal::hex;
use support::{MODULES, NOTEBOOK, card, select, send, tell};
use tempfile::TempDir;

/// How a test asks its own binary, in a second process, to play a part.
const PART: &str = "CARD_SIM_TEST_PART";
const FILE: &str = "CARD_SIM_TEST_FILE";

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn create(path: &Path) -> CardFile {
    CardFile::create(path, card(&[NOTEBOOK.as_bytes()])).unwrap()
}

fn open(path: &Path) -> Result<CardFile, FileError> {
    CardFile::open(path, MODULES, Box::new(SeededRandom::new(7)))
}

/// What is in the first bytes of the notebook's memory on the disk.
fn on_disk(path: &Path) -> Vec<u8> {
    let mut card = image::decode(&fs::read(path).unwrap(), MODULES, Box::new(SeededRandom::new(7))).unwrap();
    select(&mut card, NOTEBOOK.as_bytes());
    tell(&mut card, 0x11, 0, 2, &[]).0
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the test of this name in a second process; `shell` comes before it.
fn second_process(test: &str, part: &str, file: &Path, shell: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", &format!("{shell} exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(PART, part)
        .env(FILE, file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// The file to work on, if this is the second process, playing this part.
fn playing(part: &str) -> Option<std::path::PathBuf> {
    (std::env::var(PART).ok()? == part).then(|| std::env::var_os(FILE).unwrap().into())
}

#[test]
fn what_is_answered_is_on_the_disk() {
    let directory = directory();
    let path = directory.path().join("a.card");
    let mut file = create(&path);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    assert_eq!(on_disk(&path), [0, 0]);
    let first = fs::metadata(&path).unwrap().ino();
    assert_eq!(select(&mut file, NOTEBOOK.as_bytes()), 0x9000);
    assert_eq!(fs::metadata(&path).unwrap().ino(), first, "nothing to save");
    for (step, byte) in (1..=20).enumerate() {
        assert_eq!(tell(&mut file, 0x10, 0, 0, &[byte]).1, 0x9000);
        assert_eq!(on_disk(&path), [byte, 0], "step {step}");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    }
    assert_eq!(names(directory.path()), ["a.card"], "nothing is left lying about");
    drop(file);
    let mut file = open(&path).unwrap();
    assert!(!file.exposed());
    select(&mut file, NOTEBOOK.as_bytes());
    assert_eq!(tell(&mut file, 0x11, 0, 1, &[]), (vec![20], 0x9000));
    assert_eq!(file.atr(), file.card().atr());
    file.reset().unwrap();
    assert_eq!(file.card().selected(), None);
}

#[test]
fn what_is_done_without_a_command_is_saved_when_asked_or_with_the_next() {
    let directory = directory();
    let path = directory.path().join("a.card");
    let mut file = create(&path);
    let before = fs::read(&path).unwrap();
    file.card_mut().install(MODULES, NOTEBOOK, apdu::Aid::from_array(b"\xF0later"), &[]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), before);
    file.save().unwrap();
    let after = fs::read(&path).unwrap();
    assert_ne!(after, before);
    assert_eq!(after, image::encode(file.card()));
    file.card_mut().install(MODULES, NOTEBOOK, apdu::Aid::from_array(b"\xF0last"), &[]).unwrap();
    send(&mut file, &hex!("00C0000000"));
    assert_eq!(fs::read(&path).unwrap(), image::encode(file.card()));
}

#[test]
fn a_new_card_overwrites_nothing() {
    let directory = directory();
    let at = |name: &str| directory.path().join(name);
    let make = |path: &Path| CardFile::create(path, card(&[])).map(|_| ());
    fs::write(at("precious"), "data").unwrap();
    symlink(at("nowhere"), at("broken link")).unwrap();
    symlink(at("precious"), at("link")).unwrap();
    for name in ["precious", "broken link", "link"] {
        assert!(matches!(make(&at(name)), Err(FileError::Exists { path }) if path.ends_with(name)));
    }
    assert_eq!(fs::read(at("precious")).unwrap(), b"data");
    assert!(matches!(make(directory.path()), Err(FileError::IsDirectory { .. })));
    assert!(matches!(make(Path::new("/")), Err(FileError::IsDirectory { .. })));
    assert!(matches!(make(&at("no/a.card")), Err(FileError::NotFound { path }) if path == at("no")));
    assert_eq!(names(directory.path()), ["broken link", "link", "precious"]);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let directory = directory();
    let at = |name: &str| directory.path().join(name);
    let why = |name: &str| open(&at(name)).unwrap_err();
    assert!(matches!(why("none"), FileError::NotFound { path } if path == at("none")));
    assert!(matches!(why(""), FileError::IsDirectory { .. }));
    fs::write(at("text"), "hello").unwrap();
    let error = why("text");
    assert!(matches!(error, FileError::Image { source: ImageError::NotAnImage, .. }));
    assert_eq!(error.source().unwrap().to_string(), "this is not the image of a card");
    fs::write(at("empty"), "").unwrap();
    assert!(matches!(why("empty"), FileError::Image { source: ImageError::Truncated { found: 0, .. }, .. }));
    // A file of 1 TiB, all holes, is not read to its end.
    File::create(at("huge")).unwrap().set_len(1 << 40).unwrap();
    assert!(matches!(why("huge"), FileError::Image { source: ImageError::NotAnImage, .. }));
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    assert!(matches!(why("socket"), FileError::NotRegular { .. }));
    symlink(at("loop"), at("loop")).unwrap();
    assert!(matches!(why("loop"), FileError::Io { step: Step::Open, .. }));
    // Tests may run as root, who could write: refused all the same.
    drop(create(&at("a.card")));
    fs::set_permissions(at("a.card"), Permissions::from_mode(0o400)).unwrap();
    let error = why("a.card");
    assert!(matches!(error, FileError::ReadOnly { .. }));
    assert_eq!(error.to_string(), format!("{} is read-only", at("a.card").display()));
}

#[test]
fn others_may_not_read_it_unnoticed() {
    let directory = directory();
    let path = directory.path().join("a.card");
    drop(create(&path));
    for (mode, exposed) in [(0o600, false), (0o700, false), (0o640, true), (0o602, true), (0o644, true)] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert_eq!(open(&path).unwrap().exposed(), exposed, "{mode:o}");
    }
    let mut file = open(&path).unwrap();
    select(&mut file, NOTEBOOK.as_bytes());
    tell(&mut file, 0x10, 0, 0, &[1]);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600, "saved, it is private again");
}

#[test]
fn one_card_is_open_once_in_a_process() {
    let directory = directory();
    let path = directory.path().join("a.card");
    let mut file = create(&path);
    let in_use = |path: &Path| matches!(open(path), Err(FileError::InUse { path: named }) if named == path.canonicalize().unwrap());
    assert!(in_use(&path));
    select(&mut file, NOTEBOOK.as_bytes());
    for byte in 1..5 {
        tell(&mut file, 0x10, 0, 0, &[byte]);
        assert!(in_use(&path), "the lock moves to each new file");
    }
    // By any other name too.
    symlink(&path, directory.path().join("link")).unwrap();
    assert!(matches!(open(&directory.path().join("link")), Err(FileError::InUse { .. })));
    drop(file);
    assert!(open(&path).is_ok());
}

#[test]
fn one_card_is_open_in_one_process() {
    const SELF: &str = "one_card_is_open_in_one_process";
    if let Some(path) = playing("open") {
        match open(&path) {
            Ok(_) => println!("opened"),
            Err(FileError::InUse { path }) => println!("in use: {}", path.display()),
            Err(error) => println!("{error}"),
        }
        return;
    }
    let directory = directory();
    let path = directory.path().canonicalize().unwrap().join("a.card");
    let mut file = create(&path);
    let in_use = format!("in use: {}", path.display());
    assert!(second_process(SELF, "open", &path, "").contains(&in_use));
    select(&mut file, NOTEBOOK.as_bytes());
    tell(&mut file, 0x10, 0, 0, &[1]);
    assert!(second_process(SELF, "open", &path, "").contains(&in_use));
    drop(file);
    assert!(second_process(SELF, "open", &path, "").contains("opened"));
}

#[test]
fn many_at_once_lose_nothing() {
    const EACH: u8 = 30;
    const THREADS: u8 = 4;
    let directory = directory();
    let path = directory.path().join("a.card");
    drop(create(&path));
    let deadline = Instant::now() + Duration::from_secs(60);
    let work = || {
        for _ in 0..EACH {
            let mut file = loop {
                match open(&path) {
                    Ok(file) => break file,
                    Err(FileError::InUse { .. }) if Instant::now() < deadline => thread::yield_now(),
                    Err(error) => panic!("{error}"),
                }
            };
            select(&mut file, NOTEBOOK.as_bytes());
            assert_eq!(tell(&mut file, 0x26, 0, 0, &[]).1, 0x9000);
        }
    };
    thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(work))));
    assert_eq!(on_disk(&path), [EACH * THREADS, 0]);
    assert_eq!(names(directory.path()), ["a.card"]);
}

#[test]
fn a_link_is_followed_and_kept() {
    let directory = directory();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("real")).unwrap();
    drop(create(&at("real/a.card")));
    symlink("real/a.card", at("link")).unwrap();
    let mut file = open(&at("link")).unwrap();
    select(&mut file, NOTEBOOK.as_bytes());
    tell(&mut file, 0x10, 0, 0, &[7, 8]);
    assert_eq!(file.path(), at("real/a.card").canonicalize().unwrap());
    assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
    assert_eq!(on_disk(&at("real/a.card")), [7, 8]);
    assert_eq!(names(directory.path()), ["link", "real"]);
}

/// Something that happens to a file behind the card's back.
type Change = fn(&Path);

/// A card whose file is no longer where it was: what it wrote cannot be saved, and it says no more.
fn check_mute(mut file: CardFile, is_right: impl Fn(&FileError) -> bool) {
    let mut response = [0; 16];
    let read = hex!("80110002 00");
    assert!(file.transmit(&read, &mut response).is_ok(), "what changes nothing needs no saving");
    response.fill(0);
    let error = file.transmit(&hex!("80260000 00"), &mut response).unwrap_err();
    assert!(is_right(&error), "{error:?}");
    assert_eq!(response, [0; 16], "the answer is withheld");
    let first = error.to_string();
    for _ in 0..2 {
        for error in
            [file.transmit(&read, &mut response).unwrap_err(), file.reset().unwrap_err(), file.save().unwrap_err()]
        {
            assert!(is_right(&error), "{error:?}");
            assert_eq!(error.to_string(), first);
        }
    }
    assert_eq!(response, [0; 16]);
}

#[test]
fn a_file_that_was_moved_deleted_or_replaced_is_left_alone() {
    let changes: [(&str, Change); 4] = [
        ("moved", |path| fs::rename(path, path.with_extension("moved")).unwrap()),
        ("deleted", |path| fs::remove_file(path).unwrap()),
        ("replaced", |path| {
            fs::remove_file(path).unwrap();
            File::create(path).unwrap();
        }),
        ("without its directory", |path| fs::remove_dir_all(path.parent().unwrap()).unwrap()),
    ];
    for (what, change) in changes {
        let directory = directory();
        fs::create_dir(directory.path().join("cards")).unwrap();
        let path = directory.path().join("cards/a.card");
        let mut file = create(&path);
        select(&mut file, NOTEBOOK.as_bytes());
        change(&path);
        check_mute(file, |error| matches!(error, FileError::Replaced { .. }));
        match what {
            "moved" => assert_eq!(on_disk(&path.with_extension("moved")), [0, 0]),
            "replaced" => assert_eq!(fs::read(&path).unwrap(), b""),
            _ => assert!(!path.exists(), "{what}"),
        }
    }
}

/// The disk is full, or as good as: no file of this process may grow beyond a block.
#[test]
fn a_full_disk_leaves_the_old_image() {
    const SELF: &str = "a_full_disk_leaves_the_old_image";
    if let Some(path) = playing("save") {
        let mut file = open(&path).unwrap();
        select(&mut file, NOTEBOOK.as_bytes());
        check_mute(file, |error| {
            matches!(error, FileError::Io { step: Step::Write, source, .. }
                if source.kind() == std::io::ErrorKind::FileTooLarge)
        });
        println!("mute");
        return;
    }
    let directory = directory();
    let path = directory.path().join("a.card");
    let mut card = card(&[NOTEBOOK.as_bytes()]);
    for number in 0..20 {
        let name = apdu::Aid::new(&[0xF0, 0, 0, 0, number]).unwrap();
        card.install(MODULES, NOTEBOOK, name, &[250]).unwrap();
    }
    drop(CardFile::create(&path, card).unwrap());
    let before = fs::read(&path).unwrap();
    let said = second_process(SELF, "save", &path, "trap '' XFSZ; ulimit -f 2;");
    assert!(said.contains("mute"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(names(directory.path()), ["a.card"]);
}

/// A process killed while saving leaves its half-made file behind: under one name, and only until the card is opened.
#[test]
fn leftovers_of_a_killed_save_are_removed() {
    let directory = directory();
    let path = directory.path().join("alice.card");
    drop(create(&path));
    let leftover = directory.path().join(".alice.card.tmp");
    fs::copy(&path, &leftover).unwrap();
    drop(open(&path).unwrap());
    assert!(!leftover.exists());
    fs::write(&leftover, b"half an image").unwrap();
    drop(create(&directory.path().join("bob.card")));
    assert!(leftover.exists(), "another card's is left alone");
}
