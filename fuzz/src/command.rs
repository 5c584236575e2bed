//! A command APDU.

use apdu::{Cla, Command};

/// What reads as a command is written as the same bytes.
pub fn command(bytes: &[u8]) {
    let Ok(command) = Command::decode(bytes) else { return };
    let mut out = vec![0; bytes.len()];
    assert_eq!(command.encode(&mut out), Ok(bytes.len()));
    assert!(out == bytes, "{command:?}");
    assert_eq!(command.encoded_len(), bytes.len());
    let (cla, ins, p1, p2) = (command.cla(), command.ins(), command.p1(), command.p2());
    let again = Command::with_case(command.case(), cla, ins, p1, p2, command.data(), command.ne());
    assert_eq!(again, Ok(command));
    assert_eq!(Cla::from(cla.byte()), cla);
}
