//! A capture file that Wireshark and tshark dissect: each exchange a GSMTAP frame in UDP in IPv4.
//!
//! | bytes | what |
//! |---|---|
//! | 24 | file header: magic `A1B2C3D4`, version 2.4, link type 228 (raw IPv4), all little-endian |
//! | 16 | packet header: seconds, microseconds, length twice |
//! | 20 | IPv4: from 127.0.0.1 to 127.0.0.1, protocol 17 |
//! | 8 | UDP: port 4729 to port 4729, no checksum |
//! | 16 | GSMTAP: version 2, 4 words long, type 4 (SIM), …, subtype 0 (APDU) |
//! | | the command, at least CLA INS P1 P2 P3 as T=0 has them, and the answer with its status word |
//!
//! Answers to reset have a subtype too, but the dissectors in use take them for APDUs: they are left out.
//!
//! Source: pcap-savefile(5), RFC 791, RFC 768, libosmocore's `gsmtap.h`; what is expected of an APDU, Wireshark's
//! dissector `gsm_sim`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::failure::{ErrorCode, Failure};

/// A capture file, open for more.
#[derive(Debug)]
pub struct Pcap {
    file: File,
    path: PathBuf,
}

/// Link type 228, LINKTYPE_IPV4; up to 65,535 bytes a packet.
const FILE_HEADER: [u8; 24] =
    [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 228, 0, 0, 0];
const IP_HEADER: usize = 20;
const UDP_HEADER: usize = 8;
/// What an IPv4 packet has room for behind its own headers and GSMTAP's.
const ROOM: usize = 65_535 - IP_HEADER - UDP_HEADER - 16;
/// GSMTAP's own.
const PORT: [u8; 2] = 4729_u16.to_be_bytes();

impl Pcap {
    /// Makes the file, or goes on where another run of this program has ended. No other file is touched.
    ///
    /// # Errors
    /// If it is another file, or cannot be written.
    pub fn open(path: &str) -> Result<Self, Failure> {
        let path = PathBuf::from(path);
        let unwritable = |error: io::Error| Failure::unwritable(&path, &error);
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(unwritable)?;
        let mut header = Vec::new();
        (&mut file).take(24).read_to_end(&mut header).map_err(unwritable)?;
        match header.as_slice() {
            [] => file.write_all(&FILE_HEADER).map_err(unwritable)?,
            header if header == FILE_HEADER => {}
            _ => return Err(foreign(&path)),
        }
        Ok(Self { file, path })
    }

    /// Adds a command and its answer, with the time of now.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&mut self, command: &[u8], answer: &[u8]) -> Result<(), Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // pcap's seconds have 32 bits, and last until 2106.
        let seconds = u32::try_from(now.as_secs()).unwrap_or(u32::MAX);
        let packet = packet(command, answer);
        let length = u32::try_from(packet.len()).unwrap_or(u32::MAX).to_le_bytes();
        let record =
            [&seconds.to_le_bytes()[..], &now.subsec_micros().to_le_bytes(), &length, &length, &packet].concat();
        // In one piece: two processes may write to one file.
        self.file.write_all(&record).map_err(|error| Failure::unwritable(&self.path, &error))
    }
}

fn foreign(path: &Path) -> Failure {
    let shown = path.display();
    Failure::new(ErrorCode::TraceFile, format!("{shown} is there already, and is no capture file of this program"))
        .help("nothing is ever overwritten: choose another name for --trace-pcap")
}

fn packet(command: &[u8], answer: &[u8]) -> Vec<u8> {
    let payload = joined(command, answer);
    let gsmtap = [2, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let udp_length = UDP_HEADER.saturating_add(gsmtap.len()).saturating_add(payload.len());
    let [[l1, l2], udp_length] = [udp_length.saturating_add(IP_HEADER), udp_length]
        .map(|length| u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    let ip = |c1, c2| [0x45, 0, l1, l2, 0, 0, 0x40, 0, 64, 17, c1, c2, 127, 0, 0, 1, 127, 0, 0, 1];
    let [c1, c2] = checksum(&ip(0, 0)).to_be_bytes();
    [&ip(c1, c2)[..], &PORT, &PORT, &udp_length, &[0, 0], &gsmtap, &payload].concat()
}

/// Command and answer as the dissector wants them. What no packet has room for is cut from the answer's data.
fn joined(command: &[u8], answer: &[u8]) -> Vec<u8> {
    let mut joined = command.to_vec();
    // Without a fifth byte the dissector takes the first one of the status word for P3.
    if joined.len() == 4 {
        joined.push(0);
    }
    let (data, sw) = answer.split_at(answer.len().saturating_sub(2));
    let room = ROOM.saturating_sub(sw.len());
    joined.truncate(room);
    let room = room.saturating_sub(joined.len());
    joined.extend_from_slice(data.get(..room).unwrap_or(data));
    joined.extend_from_slice(sw);
    joined
}

/// The checksum of an IPv4 header whose own is zero. RFC 1071.
fn checksum(header: &[u8; IP_HEADER]) -> u16 {
    let words = header.chunks_exact(2).map(|pair| pair.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)));
    let sum = words.fold(0_u32, u32::wrapping_add);
    let folded = (sum & 0xFFFF).wrapping_add(sum >> 16);
    let [_, _, high, low] = folded.to_be_bytes();
    !u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_byte_by_byte() {
        let packet = packet(&[0, 0xA4, 4, 0], &[0x90, 0]);
        assert_eq!(packet.len(), 20 + 8 + 16 + 7);
        assert_eq!(hex::encode_upper(&packet[..10]), "45000033000040004011");
        assert_eq!(hex::encode_upper(&packet[12..20]), "7F0000017F000001");
        // With its checksum, the sum of all words of a header is FFFF (RFC 1071).
        let sum: u32 = packet[..20].chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
        assert_eq!((sum & 0xFFFF) + (sum >> 16), 0xFFFF);
        assert_eq!(hex::encode_upper(&packet[20..28]), "12791279001F0000");
        assert_eq!(hex::encode_upper(&packet[28..44]), "02040400000000000000000000000000");
        assert_eq!(hex::encode_upper(&packet[44..]), "00A40400009000");
    }

    #[test]
    fn what_is_too_long_for_a_packet_is_cut_and_the_status_word_stays() {
        for (command, answer) in [(10, 65_538), (65_544, 2), (65_544, 65_538), (0, 0), (4, 1)] {
            let packet = packet(&vec![1; command], &vec![2; answer]);
            assert!(packet.len() <= 65_535, "{command} {answer}");
            let status = answer.min(2);
            assert!(packet.ends_with(&[2, 2][..status]), "{command} {answer}");
        }
    }
}
