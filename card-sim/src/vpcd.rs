//! A card in a virtual reader: `vpcd`, the reader driver of vsmartcard, listens; the card connects, and answers.
//!
//! Each message is a length, two bytes with the high one first, and so many bytes. What the reader sends:
//!
//! | bytes | means | the card answers |
//! |---|---|---|
//! | `00` | power off | nothing |
//! | `01` | power on | nothing |
//! | `02` | reset | nothing |
//! | `04` | what is your ATR? Asked again and again, to see whether the card is still there | its ATR |
//! | all else | a command | the response |
//!
//! A card that closes the connection has been pulled out. So has one whose power failed in a command, for the driver has no
//! word for a card that says nothing: it is put back without power, as somebody would do.
//!
//! The driver sends length and bytes in two packets, and its kernel keeps the second back until ours has acknowledged the
//! first, which it does after 40 ms unless told otherwise. It must be told before every read ([`Link::hurry`]). For the
//! same reason an answer leaves in one piece.
//!
//! **Which protocol?** The reader chooses among those that the ATR offers, and the card is not told. [`protocol`] says what
//! to speak: T=0 if the ATR offers nothing else. Otherwise T=1, which serves programs that have chosen T=0 as well: to them
//! a command with data has no `Le`, and one without `Le` gets `61xx`.
//!
//! Source: vsmartcard, `virtualsmartcard/src/vpcd`, version 3.3, as measured.

mod control;

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use apdu::Transport;

pub use control::Control;

use crate::atr::Atr;
use crate::card::Protocol;

/// Where the driver listens for the card of its first reader; that of the second is one port further.
pub const ADDRESS: &str = "127.0.0.1:35963";

/// The longest message, in bytes: what two bytes can say.
const MESSAGE: usize = 65_535;
/// The bytes of a length.
const LENGTH: usize = 2;

/// A connection to the driver.
pub trait Link: Read + Write {
    /// Has what comes next acknowledged at once. It holds for one read at most.
    ///
    /// # Errors
    /// The operating system failed.
    fn hurry(&mut self) -> io::Result<()>;
}

impl Link for TcpStream {
    #[cfg(target_os = "linux")]
    fn hurry(&mut self) -> io::Result<()> {
        std::os::linux::net::TcpStreamExt::set_quickack(self, true)
    }

    #[cfg(not(target_os = "linux"))]
    fn hurry(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A card that a reader gives power to.
pub trait Powered: Transport {
    /// The power comes on; [`reset`](Transport::reset) is for a card that has had it all the time.
    ///
    /// # Errors
    /// The card's.
    fn power_up(&mut self) -> Result<(), Self::Error> {
        self.reset()
    }
}

/// What happens to a card and its reader.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Nobody listens. It is tried again until somebody does.
    Waiting(&'a io::Error),
    /// The card is in the reader.
    Inserted,
    /// The driver has not said anything for so long that it must have another card in this reader. It is waited for.
    Ignored,
    /// The card has power, and knows nothing of what was.
    PoweredUp,
    /// The same, without having been without power.
    Reset,
    /// The card has no power.
    PoweredDown,
    /// The card answered.
    Answered,
    /// The card said nothing to a command: it is pulled out, and put back.
    Mute,
    /// The card was pulled out.
    Removed,
    /// The driver has closed the connection: it ends, or pcscd does.
    Gone,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Either side closed it, or it broke.
    Closed,
    /// The card said nothing to a command.
    Mute,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between pulling a card out and putting it back, at least. pcscd looks every 400 ms; what comes back sooner was, to
    /// pcscd, never away, and still has power.
    pub out: Duration,
    /// Before connecting is tried again; twice as long each time.
    pub retry: Duration,
    /// At most so long.
    pub longest_retry: Duration,
    /// For the first question of the driver, until [`Event::Ignored`].
    pub question: Duration,
}

impl Pace {
    /// For pcscd and vpcd as they are.
    pub const DEFAULT: Self = Self {
        out: Duration::from_millis(1000),
        retry: Duration::from_millis(20),
        longest_retry: Duration::from_millis(500),
        question: Duration::from_secs(3),
    };
}

/// What a card with this ATR speaks in a virtual reader.
#[must_use]
pub fn protocol(atr: &[u8]) -> Protocol {
    match Atr::parse(atr) {
        Ok(atr) if !atr.offers(1) => Protocol::T0,
        _ => Protocol::T1,
    }
}

/// Keeps the card in the reader at `address` until `control` stops it: puts it in again after it was pulled out, and waits
/// for a driver that is not there.
///
/// # Errors
/// The card's.
pub fn run<T: Powered>(
    card: &mut T,
    address: &str,
    pace: Pace,
    control: &Control,
    report: &mut dyn FnMut(Event<'_>),
) -> Result<(), T::Error> {
    let mut retry = pace.retry;
    while control.wait_for_insertion() {
        let mut link = match connect(address) {
            Ok(link) => link,
            Err(error) => {
                report(Event::Waiting(&error));
                control.pause(retry);
                retry = retry.saturating_mul(2).min(pace.longest_retry);
                continue;
            }
        };
        retry = pace.retry;
        if !control.hold(&link) {
            control.pause(pace.retry);
            continue;
        }
        report(Event::Inserted);
        if is_ignored(&mut link, pace.question) {
            report(Event::Ignored);
        }
        let end = serve(card, &mut link, report);
        let was_held = control.let_go();
        #[cfg_attr(target_family = "wasm", expect(clippy::drop_non_drop, reason = "no socket is ever open there"))]
        drop(link);
        report(match end? {
            End::Mute => Event::Mute,
            End::Closed if was_held => Event::Gone,
            End::Closed => Event::Removed,
        });
        control.pause(pace.out);
    }
    Ok(())
}

/// Answers over one connection until it ends. The card has no power before the reader gives it some.
///
/// # Errors
/// The card's.
pub fn serve<T: Powered, L: Link>(
    card: &mut T,
    link: &mut L,
    report: &mut dyn FnMut(Event<'_>),
) -> Result<End, T::Error> {
    let (mut command, mut reply) = (vec![0; MESSAGE], vec![0; LENGTH.saturating_add(MESSAGE)]);
    let mut powered = false;
    loop {
        let Ok(message) = receive(link, &mut command) else { return Ok(End::Closed) };
        let length = match message {
            [0x00] => {
                powered = false;
                report(Event::PoweredDown);
                continue;
            }
            [0x01 | 0x02] => {
                if powered {
                    card.reset()?
                } else {
                    card.power_up()?
                }
                report(if powered { Event::Reset } else { Event::PoweredUp });
                powered = true;
                continue;
            }
            [0x04] => copy(card.atr(), reply.get_mut(LENGTH..).unwrap_or_default()),
            _ if !powered => 0,
            message => card.transmit(message, reply.get_mut(LENGTH..).unwrap_or_default())?,
        };
        let is_command = message != [0x04];
        let sent = send(link, &mut reply, length);
        // Answers may hold secrets, and commands do.
        wipe(message.len(), &mut command);
        wipe(LENGTH.saturating_add(length), &mut reply);
        match sent {
            Ok(()) if length == 0 => return Ok(End::Mute),
            Ok(()) if is_command => report(Event::Answered),
            Ok(()) => {}
            Err(_) => return Ok(End::Closed),
        }
    }
}

/// Waits for a whole message.
fn receive<'b, L: Link>(link: &mut L, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let mut length = [0; LENGTH];
    fill(link, &mut length)?;
    let message = buffer.get_mut(..u16::from_be_bytes(length).into()).unwrap_or_default();
    fill(link, message)?;
    Ok(message)
}

/// As `read_exact`, in a hurry before each read.
fn fill<L: Link>(link: &mut L, mut room: &mut [u8]) -> io::Result<()> {
    while !room.is_empty() {
        link.hurry()?;
        match link.read(room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => room = room.get_mut(read..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sends the first so many bytes behind the place of the length, and the length before them, in one piece.
fn send<L: Link>(link: &mut L, reply: &mut [u8], length: usize) -> io::Result<()> {
    let announced = u16::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?;
    copy(&announced.to_be_bytes(), reply);
    link.write_all(reply.get(..LENGTH.saturating_add(length)).unwrap_or_default())?;
    link.flush()
}

/// Copies as much as there is room for; returns how much that is.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    from.iter().zip(to).map(|(from, to)| *to = *from).count()
}

fn wipe(length: usize, buffer: &mut [u8]) {
    zeroize::Zeroize::zeroize(buffer.get_mut(..length).unwrap_or_default());
}

/// How long connecting may take, to each of the addresses that a name stands for.
const CONNECT: Duration = Duration::from_secs(5);

fn connect(address: &str) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name stands for no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(link) => return Ok(link),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Whether nothing has come for so long. The driver takes one card a reader, and lets others wait without a word.
fn is_ignored(link: &mut TcpStream, long: Duration) -> bool {
    let asked = link.set_read_timeout(Some(long)).and_then(|()| link.hurry()).and_then(|()| link.peek(&mut [0]));
    let _ = link.set_read_timeout(None);
    asked.is_err_and(|error| matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}
