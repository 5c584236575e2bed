//! Alice's card and Bob's in image files, and a script in which she pays him.

use std::process::Command;

use tempfile::TempDir;

const PAYMENT: &str = "\
phone alice
phone bob
alice: boot
bob: boot
bob: select \"Purse\"
bob: select \"Request\"
bob: select \"Type number\"
bob: type +254700000001
bob: ok
bob: type 250
bob: ok
bob: keep request \"???? ????\"
alice: select \"Purse\"
alice: select \"Pay\"
alice: select \"Type number\"
alice: type +254700000002
alice: ok
alice: type 250
alice: ok
alice: type $request
alice: ok
alice: ok
alice: type 1234
alice: ok
alice: keep payment \"???? ????\"
bob: ok
bob: type $payment
bob: ok
bob: expect \"Received 250.00\"
";

/// A folder with `alice.card` and `bob.card`, 1000.00 and PIN 1234 each, and `pay.phones`.
pub struct Cards(TempDir);

impl Cards {
    pub fn new() -> Self {
        let cards = Self(tempfile::tempdir().unwrap());
        std::fs::write(cards.0.path().join("pin.txt"), "1234\n").unwrap();
        std::fs::write(cards.0.path().join("pay.phones"), PAYMENT).unwrap();
        for (card, number) in [("alice.card", "+254700000001"), ("bob.card", "+254700000002")] {
            let typed = ["card", "new", card, "--issuer", "issuer.json", "--msisdn", number, "--balance", "1000"];
            let (exit, told) = cards.digitally(&[&typed[..], &["--currency", "KES", "--pin-file", "pin.txt"]].concat());
            assert_eq!(exit, 0, "{told}");
        }
        cards
    }

    /// A command in the folder.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_digitally"));
        command.args(words).current_dir(self.0.path());
        command
    }

    /// Its exit code, and all that it says.
    pub fn digitally(&self, words: &[&str]) -> (i32, String) {
        let output = self.command(words).output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(told).unwrap())
    }
}
