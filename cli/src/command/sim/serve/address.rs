//! Where vpcd listens: a host and a port.

use crate::failure::{ErrorCode, Failure};

/// A host and a port, as they are typed: HOST:PORT, with an IPv6 address in brackets.
#[derive(Debug, PartialEq, Eq)]
pub struct Address<'a> {
    host: &'a str,
    port: u16,
}

const FORM: &str = "write HOST:PORT, for instance --vpcd 127.0.0.1:35963";

impl<'a> Address<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong, shown under what was typed.
    pub fn parse(typed: &'a str) -> Result<Self, Failure> {
        let malformed = |message: &str, at: usize, length: usize, label: &str| {
            Failure::new(ErrorCode::VpcdMalformed, message).typed(typed, at, length, label).help(FORM)
        };
        let whole = typed.len();
        let (host, port) =
            typed.rsplit_once(':').ok_or_else(|| malformed("--vpcd has no port", 0, whole, "a port is missing"))?;
        let ends = host.starts_with('[') == host.ends_with(']') && (host.starts_with('[') || !host.contains(':'));
        if host.is_empty() || !ends {
            return Err(malformed("--vpcd has no host before its port", 0, whole, "not a host"));
        }
        let digits = Some(port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|port| port.parse().ok()).filter(|port| *port > 0).ok_or_else(|| {
            let (at, length) =
                if port.is_empty() { (0, whole) } else { (whole.saturating_sub(port.len()), port.len()) };
            malformed("the port of --vpcd is not a number from 1 to 65535", at, length, "not a port")
        })?;
        Ok(Self { host, port: number })
    }

    /// The address for the card of the reader with this number.
    ///
    /// # Errors
    /// If there is no port for it. `typed` is what the user typed.
    pub fn slot(&self, typed: &str, number: u16) -> Result<String, Failure> {
        let port = self.port.checked_add(number).ok_or_else(|| {
            Failure::new(ErrorCode::VpcdMalformed, format!("reader {number} would have a port beyond 65535"))
                .typed(typed, 0, typed.len(), format!("{number} ports further"))
                .help("each reader has a port of its own, counted from that of --vpcd: choose a lower one, or a lower --slot")
        })?;
        Ok(format!("{}:{port}", self.host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        for (typed, slot, expected) in [
            ("127.0.0.1:35963", 0, Some("127.0.0.1:35963")),
            ("localhost:1", 1, Some("localhost:2")),
            ("[::1]:65534", 1, Some("[::1]:65535")),
            ("[::1]:65534", 2, None),
            ("", 0, None),
            ("35963", 0, None),
            (":35963", 0, None),
            ("::1:35963", 0, None),
            ("[::1:35963", 0, None),
            ("host:", 0, None),
            ("host:0", 0, None),
            ("host:+1", 0, None),
            ("host:65536", 0, None),
            ("host:x", 0, None),
        ] {
            let found = Address::parse(typed).and_then(|address| address.slot(typed, slot));
            assert_eq!(found.as_deref().ok(), expected, "{typed}");
            let code = found.err().map(|failure| failure.code());
            assert!(code.is_none_or(|code| code == ErrorCode::VpcdMalformed), "{typed}");
        }
    }
}
