use super::*;
use digitally::Scheme;

fn issuer() -> Issuer {
    Issuer::of_one_key(Key::new(Algorithm::AesCmac, &[7; 32]).unwrap()).unwrap()
}

const FIRST: &str = r#"{"format": "digitally-issuer", "version": 1, "note": "", "diversification":
    "sp800-108-counter-cmac", "keys": {"master": "0707070707070707070707070707070707070707070707070707070707070707"},
    "cards": {"+254700000001": {"cards": 2, "serials": 400}}}"#;

fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn key(issuer: &Issuer) -> Vec<u8> {
    issuer.payment_key(Scheme::Universal, 1, Algorithm::AesCmac).unwrap().expose().to_vec()
}

fn same_domain(one: &Issuer, other: &Issuer) -> bool {
    let pairs = one.domain().masters.all().into_iter().zip(other.domain().masters.all());
    pairs.into_iter().all(|(one, other)| one.same(other)) && one.domain().scheme == other.domain().scheme
}

#[test]
fn a_file_reads_back_and_is_private_and_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.json");
    issuer().create(&path).unwrap();
    private(&path).unwrap();
    let read = Issuer::open(&path).unwrap();
    assert_eq!(key(&read), key(&issuer()));
    assert!(same_domain(&read, &issuer()));
    assert!(!issuer().create(&path).unwrap(), "there is one");
}

#[test]
fn drawn_keys_have_the_length_that_was_chosen_and_differ() {
    let folder = tempfile::tempdir().unwrap();
    for length in [16, 24, 32] {
        let path = folder.path().join(format!("{length}.json"));
        let choice = Choice { length, scheme: globalplatform::diversify::Scheme::An10922, version: 0x20 };
        let issuer = Issuer::random(&mut Count(1), choice).unwrap();
        issuer.create(&path).unwrap();
        let read = Issuer::open(&path).unwrap();
        assert!(same_domain(&read, &issuer));
        assert_eq!((read.domain().masters.key_len(), read.domain().version), (length, 0x20));
        assert!(!read.domain().masters.enc().same(read.domain().masters.mac()));
        read.domain_keys(&[1; 10]).unwrap();
    }
    for choice in [Choice { length: 20, ..Choice::default() }, Choice { version: 0x80, ..Choice::default() }] {
        assert!(matches!(Issuer::random(&mut Count(1), choice), Err(KeysError::Choice(_))));
    }
}

struct Count(u8);

impl Random for Count {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), Fault> {
        for byte in out {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
        Ok(())
    }
}

/// P-ISS-3: what the file of version 1 counted is counted on in the register, also if its migration was cut off.
#[test]
fn version_1_becomes_version_2_and_its_cards_go_to_the_register() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.json");
    let alice: Msisdn = "+254700000001".parse().unwrap();
    write_private(&path, FIRST);
    assert_eq!(key(&Issuer::open(&path).unwrap()), key(&issuer()), "it is read as it is");
    // The first time the power goes before the file is rewritten: the register is there, the file still version 1.
    for _ in 0..2 {
        write_private(&path, FIRST);
        let opened = Opened::open(&path).unwrap();
        assert!(same_domain(&opened.issuer, &issuer()));
        let place = opened.register.next_place(alice).unwrap();
        assert_eq!(place, register::Place { sequence: 3, serials_above: 400 });
        assert!(opened.register.has_made(alice, 2).unwrap() && !opened.register.has_made(alice, 3).unwrap());
        assert_eq!(opened.register.count(None).unwrap(), 2);
    }
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"version\": 2") && !text.contains("cards\":"));
    private(&path).unwrap();
    private(&Opened::register_of(&path)).unwrap();
    assert_eq!(key(&Issuer::open(&path).unwrap()), key(&issuer()));
}

#[test]
fn a_lost_register_and_one_of_another_issuer_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("issuer.json"), folder.path().join("other.json"));
    assert!(Opened::open_or_create(&path, &mut Count(1), Choice::default()).unwrap().created);
    let mut opened = Opened::open_or_create(&other, &mut Count(9), Choice::default()).unwrap();
    opened.register.record("+254700000001".parse().unwrap(), register::Place::FIRST, 200).unwrap();
    drop(opened);
    let place = Opened::register_of(&path);
    std::fs::remove_file(&place).unwrap();
    let trouble = |path: &Path| match Opened::open(path) {
        Err(KeysError::Register(error)) => error.trouble,
        other => panic!("{other:?}"),
    };
    assert!(matches!(trouble(&path), register::Trouble::Missing));
    std::fs::copy(Opened::register_of(&other), &place).unwrap();
    assert!(matches!(trouble(&path), register::Trouble::OtherIssuer));
    write_private(&place, "no database, but long enough to be looked at");
    assert!(matches!(trouble(&path), register::Trouble::NotARegister));
    assert!(matches!(Opened::open(&folder.path().join("none.json")), Err(KeysError::Missing(_))));
}

#[test]
fn a_file_in_use_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.json");
    let first = Opened::open_or_create(&path, &mut Count(1), Choice::default()).unwrap();
    std::thread::scope(|scope| {
        let second = scope.spawn(|| Opened::open(&path).map(drop));
        assert!(!second.is_finished());
        drop(first);
        second.join().unwrap().unwrap();
    });
}

#[test]
fn what_is_no_issuer_file_is_refused_without_showing_keys() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.json");
    issuer().create(&path).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    let check = |text: String| {
        write_private(&path, &text);
        let error = Issuer::open(&path).unwrap_err();
        assert!(matches!(error, KeysError::Malformed { .. }), "{error}");
        assert!(!format!("{error:?}").contains("0707"), "{error:?}");
    };
    check(good.replace("\"version\": 2", "\"version\": 3"));
    check(good.replace("digitally-issuer", "other"));
    check(good.replace("\"sp800-108-counter-cmac\"", "\"none\""));
    check(good.replace("\"note\"", "\"notes\""));
    check(good.replacen("0707", "07", 1));
    check(good.replacen("0707", "0708", 1));
    check(good.replace("070707", "07070x"));
    check(good.replace("\"purse\"", "\"0707\""));
    check(good.replace("\"domain-enc\"", "\"domain-mac\""));
    check(good.replace("AES-256", "AES-128"));
    check(good.replace("\"key_version\": 48", "\"key_version\": 0"));
    check(good.chars().take(good.len() / 2).collect());
    check("{}".to_owned());
    check(FIRST.replace("sp800-108-counter-cmac", "none"));
    check(FIRST.replacen("0707", "07", 1));
    check(FIRST.replace("+254700000001", "0700"));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("issuer.json");
    issuer().create(&path).unwrap();
    for mode in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(Issuer::open(&path), Err(KeysError::OpenToOthers(_))), "{mode:o}");
    }
}
