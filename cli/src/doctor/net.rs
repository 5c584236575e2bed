//! What `/proc/net` tells of sockets.
//!
//! Source: proc_pid_net(5) and proc(5) of the Linux manual pages.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A TCP socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// Our end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
    /// Whether it waits for somebody, is connected, or neither.
    pub state: Condition,
    /// Its number, as `/proc/*/fd` shows it; 0 if no process has it.
    pub inode: u64,
}

/// A socket in the file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unix {
    /// Its name.
    pub path: String,
    /// Whether it waits for somebody, is connected, or neither.
    pub state: Condition,
    /// Its number.
    pub inode: u64,
}

/// What a socket does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It waits for somebody to connect.
    Listening,
    /// Somebody is at the other end.
    Connected,
    /// Anything else.
    Other,
}

/// The sockets in `/proc/net/tcp` or `/proc/net/tcp6`.
pub fn tcp(text: &str) -> Vec<Tcp> {
    text.lines().filter_map(tcp_line).collect()
}

fn tcp_line(line: &str) -> Option<Tcp> {
    let mut words = line.split_whitespace();
    words.next()?.strip_suffix(':')?;
    let (local, remote) = (address(words.next()?)?, address(words.next()?)?);
    let state = match words.next()? {
        "0A" => Condition::Listening,
        "01" => Condition::Connected,
        _ => Condition::Other,
    };
    // Queues, timer, retransmissions, user, timeout.
    let inode = words.nth(5)?.parse().ok()?;
    Some(Tcp { local, remote, state, inode })
}

/// `0100007F:8C7B`: words of 32 bits in the byte order of the machine, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let word = |at: usize| Some(u32::from_str_radix(address.get(at..at.checked_add(8)?)?, 16).ok()?.to_ne_bytes());
    let ip = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let octets: [u8; 16] = words.concat().try_into().ok()?;
            IpAddr::V6(Ipv6Addr::from(octets))
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// The sockets with a name in `/proc/net/unix`.
pub fn unix(text: &str) -> Vec<Unix> {
    text.lines().filter_map(unix_line).collect()
}

/// `__SO_ACCEPTCON` of the kernel.
const LISTENS: u32 = 0x1_0000;

fn unix_line(line: &str) -> Option<Unix> {
    let mut words = line.split_whitespace();
    words.next()?.strip_suffix(':')?;
    let flags = u32::from_str_radix(words.nth(2)?, 16).ok()?;
    let state = match words.nth(1)? {
        _ if flags & LISTENS != 0 => Condition::Listening,
        "03" => Condition::Connected,
        _ => Condition::Other,
    };
    let inode = words.next()?.parse().ok()?;
    let path = words.next()?.to_owned();
    Some(Unix { path, state, inode })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcp_sockets() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             \x20  0: 00000000:8C7B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n\
             \x20  1: 0100007F:8C7B 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0\n\
             \x20  2: 0100007F:C350 0100007F:8C7B 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0\n\
             garbage\n\n   3: 01:2\n   4: XX00007F:8C7B 00000000:0000 0A\n";
        let found = tcp(text);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[0].local, "0.0.0.0:35963".parse().unwrap());
        assert_eq!((found[0].state, found[0].inode), (Condition::Listening, 4711));
        assert_eq!(found[1].remote, "127.0.0.1:50000".parse().unwrap());
        assert_eq!((found[1].state, found[2].state), (Condition::Connected, Condition::Other));
    }

    #[test]
    fn tcp_sockets_of_version_6() {
        let text = "   0: 00000000000000000000000001000000:8C7B 00000000000000000000000000000000:0000 0A \
                    00000000:00000000 00:00000000 00000000     0        0 9 1 0\n";
        assert_eq!(tcp(text)[0].local, "[::1]:35963".parse().unwrap());
    }

    #[test]
    fn sockets_in_the_file_system() {
        let text = "Num       RefCount Protocol Flags    Type St Inode Path\n\
             0000000000000000: 00000002 00000000 00010000 0001 01 100 /run/pcscd/pcscd.comm\n\
             0000000000000000: 00000003 00000000 00000000 0001 03 101 /run/pcscd/pcscd.comm\n\
             0000000000000000: 00000003 00000000 00000000 0001 03 102\n\
             0000000000000000: 00000002 00000000 00000000 0002 01 103 @abstract\n\
             not: a line\n";
        let found = unix(text);
        let expected = [
            ("/run/pcscd/pcscd.comm", Condition::Listening, 100),
            ("/run/pcscd/pcscd.comm", Condition::Connected, 101),
            ("@abstract", Condition::Other, 103),
        ];
        assert_eq!(found.iter().map(|one| (one.path.as_str(), one.state, one.inode)).collect::<Vec<_>>(), expected);
    }
}
