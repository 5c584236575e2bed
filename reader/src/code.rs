//! The numbers by which PC/SC tells what went wrong, and what each is to us.
//!
//! Source: PC/SC Workgroup, Interoperability Specification for ICCs and Personal Computer Systems, Part 5; values as in
//! `pcsclite.h`.
#![cfg_attr(not(feature = "pcsc"), allow(dead_code, reason = "only the service tells numbers"))]

use crate::ReaderError;

pub(crate) const INVALID_HANDLE: u32 = 0x8010_0003;
pub(crate) const UNKNOWN_READER: u32 = 0x8010_0009;
pub(crate) const SHARING_VIOLATION: u32 = 0x8010_000B;
pub(crate) const NO_SMARTCARD: u32 = 0x8010_000C;
pub(crate) const PROTO_MISMATCH: u32 = 0x8010_000F;
pub(crate) const COMM_ERROR: u32 = 0x8010_0013;
pub(crate) const NOT_TRANSACTED: u32 = 0x8010_0016;
pub(crate) const READER_UNAVAILABLE: u32 = 0x8010_0017;
pub(crate) const SHUTDOWN: u32 = 0x8010_0018;
pub(crate) const NO_SERVICE: u32 = 0x8010_001D;
pub(crate) const SERVICE_STOPPED: u32 = 0x8010_001E;
pub(crate) const NO_ACCESS: u32 = 0x8010_0027;
pub(crate) const NO_READERS: u32 = 0x8010_002E;
pub(crate) const COMM_DATA_LOST: u32 = 0x8010_002F;
pub(crate) const UNRESPONSIVE: u32 = 0x8010_0066;
pub(crate) const UNPOWERED: u32 = 0x8010_0067;
pub(crate) const RESET: u32 = 0x8010_0068;
pub(crate) const REMOVED: u32 = 0x8010_0069;
pub(crate) const SECURITY_VIOLATION: u32 = 0x8010_006A;

/// The error for a number that came while this reader was asked for something.
pub(crate) fn error(code: u32, text: String, reader: &str) -> ReaderError {
    let reader = reader.to_owned();
    match code {
        NO_SERVICE => ReaderError::NoService,
        // A handle of a pcscd that has been restarted since; and what libpcsclite says when pcscd has ended meanwhile.
        SERVICE_STOPPED | SHUTDOWN | INVALID_HANDLE | COMM_ERROR => ReaderError::ServiceStopped,
        NO_ACCESS | SECURITY_VIOLATION => ReaderError::NoRights,
        NO_READERS => ReaderError::NoReaders,
        UNKNOWN_READER | READER_UNAVAILABLE => ReaderError::Gone { reader },
        NO_SMARTCARD => ReaderError::Empty { reader },
        UNRESPONSIVE | UNPOWERED => ReaderError::Mute { reader },
        SHARING_VIOLATION => ReaderError::Held { reader },
        PROTO_MISMATCH => ReaderError::Protocol { reader },
        REMOVED => ReaderError::Removed { reader },
        RESET => ReaderError::WasReset { reader },
        COMM_DATA_LOST | NOT_TRANSACTED => ReaderError::Exchange { reader },
        _ => ReaderError::Other { code, text },
    }
}

/// The same once the service has let us in: it can only have ended since. libpcsclite takes a connection that is closed
/// while it waits for an answer for a refusal.
pub(crate) fn meanwhile(code: u32, text: String, reader: &str) -> ReaderError {
    match error(code, text, reader) {
        ReaderError::NoService | ReaderError::NoRights => ReaderError::ServiceStopped,
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_cause() {
        let check = |code: u32, expected: &str| {
            let error = error(code, "words".to_owned(), "R");
            let shown = format!("{error:?}");
            let name = shown.split([' ', '(', '{']).next().unwrap_or_default();
            assert_eq!(name, expected, "{code:08X}");
            assert!(!error.to_string().is_empty());
        };
        check(NO_SERVICE, "NoService");
        check(SERVICE_STOPPED, "ServiceStopped");
        check(INVALID_HANDLE, "ServiceStopped");
        check(NO_ACCESS, "NoRights");
        check(SECURITY_VIOLATION, "NoRights");
        check(NO_READERS, "NoReaders");
        check(UNKNOWN_READER, "Gone");
        check(READER_UNAVAILABLE, "Gone");
        check(NO_SMARTCARD, "Empty");
        check(UNRESPONSIVE, "Mute");
        check(SHARING_VIOLATION, "Held");
        check(PROTO_MISMATCH, "Protocol");
        check(REMOVED, "Removed");
        check(RESET, "WasReset");
        check(NOT_TRANSACTED, "Exchange");
        check(COMM_ERROR, "ServiceStopped");
        check(0x8010_0001, "Other");
        check(0, "Other");
    }
    #[test]
    fn a_service_that_has_let_us_in_can_only_have_ended() {
        for code in [NO_SERVICE, SECURITY_VIOLATION, NO_ACCESS, SERVICE_STOPPED, COMM_ERROR] {
            assert!(matches!(meanwhile(code, String::new(), "R"), ReaderError::ServiceStopped), "{code:08X}");
        }
        assert!(matches!(meanwhile(REMOVED, String::new(), "R"), ReaderError::Removed { .. }));
    }
}
