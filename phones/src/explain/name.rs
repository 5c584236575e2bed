//! What commands are called.

use apdu::Command;
use applet_model::purse::PurseCommand;

/// The name of a command: the purse's if it is one of its, else the one that ISO/IEC 7816 gives the instruction.
#[must_use]
pub fn name(command: &Command<'_>) -> &'static str {
    PurseCommand::decode(command).map_or_else(|_| iso_name(command), |decoded| decoded.name())
}

/// The names of commands that no applet sees, or that the purse does not understand.
///
/// ISO/IEC 7816-4, -8 and -9; GlobalPlatform Card Specification; ETSI TS 102 221 and TS 102 223.
fn iso_name(command: &Command<'_>) -> &'static str {
    let own = command.cla().byte() & 0x80 != 0;
    match (command.ins(), own) {
        (0x04, _) => "DEACTIVATE FILE",
        (0x0C, false) => "ERASE RECORD",
        (0x0E, _) => "ERASE BINARY",
        (0x10, true) => "TERMINAL PROFILE",
        (0x12, true) => "FETCH",
        (0x14, true) => "TERMINAL RESPONSE",
        (0x20 | 0x21, _) => "VERIFY",
        (0x22, _) => "MANAGE SECURITY ENVIRONMENT",
        (0x24 | 0x25, _) => "CHANGE REFERENCE DATA",
        (0x26, _) => "DISABLE VERIFICATION REQUIREMENT",
        (0x28, _) => "ENABLE VERIFICATION REQUIREMENT",
        (0x2A, _) => "PERFORM SECURITY OPERATION",
        (0x2C, _) => "RESET RETRY COUNTER",
        (0x44, false) => "ACTIVATE FILE",
        (0x46 | 0x47, false) => "GENERATE ASYMMETRIC KEY PAIR",
        (0x50, true) => "INITIALIZE UPDATE",
        (0x70, _) => "MANAGE CHANNEL",
        (0x82, _) => "EXTERNAL AUTHENTICATE",
        (0x84, _) => "GET CHALLENGE",
        (0x86 | 0x87, false) => "GENERAL AUTHENTICATE",
        (0x88, _) => "INTERNAL AUTHENTICATE",
        (0xA0 | 0xA1, _) => "SEARCH BINARY",
        (0xA2, _) => "SEARCH RECORD",
        (0xA4, _) => "SELECT",
        (0xA8, true) => "GET PROCESSING OPTIONS",
        (0xAE, true) => "GENERATE APPLICATION CRYPTOGRAM",
        (0xB0 | 0xB1, _) => "READ BINARY",
        (0xB2 | 0xB3, _) => "READ RECORD",
        (0xC0, _) => "GET RESPONSE",
        (0xC2 | 0xC3, _) => "ENVELOPE",
        (0xCA | 0xCB, _) => "GET DATA",
        (0xD0 | 0xD1, _) => "WRITE BINARY",
        (0xD2, _) => "WRITE RECORD",
        (0xD6 | 0xD7, _) => "UPDATE BINARY",
        (0xD8, true) => "PUT KEY",
        (0xDA | 0xDB, _) => "PUT DATA",
        (0xDC | 0xDD, _) => "UPDATE RECORD",
        (0xE0, _) => "CREATE FILE",
        (0xE2, true) => "STORE DATA",
        (0xE2, false) => "APPEND RECORD",
        (0xE4, true) => "DELETE",
        (0xE4, false) => "DELETE FILE",
        (0xE6, true) => "INSTALL",
        (0xE8, true) => "LOAD",
        (0xF0, true) => "SET STATUS",
        (0xF2, true) => "GET STATUS or STATUS",
        _ => "unknown command",
    }
}
