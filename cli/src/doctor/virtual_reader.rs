//! vpcd, the driver whose readers software cards are put into: whether it is there, where it listens, who is connected.

use super::net::{self, Condition, Tcp};
use super::{Finding, World};

const VPCD: &str = "vpcd";
const INSTALL: &str = "apt-get install vsmartcard-vpcd, and restart pcscd";
/// Where pcscd is told of readers that are no USB devices.
const CONFIGURATION: &str = "/etc/reader.conf.d";
/// Where drivers are, where the configuration does not say.
const DRIVERS: [&str; 4] = [
    "/usr/lib/pcsc/drivers/serial",
    "/usr/lib64/pcsc/drivers/serial",
    "/usr/local/lib/pcsc/drivers/serial",
    "/usr/lib/x86_64-linux-gnu/pcsc/drivers/serial",
];
/// The port of its first reader, unless the configuration says otherwise. The second has the next one.
const PORT: u16 = 35_963;

pub fn findings(world: &World) -> Vec<Finding> {
    let driver = DRIVERS.iter().find_map(|folder| {
        let name = world.list(folder).into_iter().find(|name| name.contains("vpcd"))?;
        Some(format!("{folder}/{name}"))
    });
    let configured = configured(world);
    let mut all = vec![match (&driver, configured.is_empty()) {
        (Some(driver), false) => Finding::ok(VPCD, format!("installed: {driver}; its readers are configured")),
        (Some(driver), true) => Finding::warn(
            VPCD,
            format!("installed: {driver}; but no file in {CONFIGURATION} names it"),
            "apt-get install --reinstall -o Dpkg::Options::=--force-confmiss vsmartcard-vpcd, and restart pcscd",
        ),
        (None, false) => Finding::warn(VPCD, format!("{CONFIGURATION} names it, but the driver is missing"), INSTALL),
        (None, true) => Finding::warn(VPCD, "not installed; only to put software cards into readers", INSTALL),
    }];
    if driver.is_some() {
        let ports = if configured.is_empty() { vec![PORT] } else { configured };
        all.extend(listening(world, &ports));
    }
    all
}

/// The first ports of the vpcd readers that pcscd is told of.
fn configured(world: &World) -> Vec<u16> {
    let files = world.list(CONFIGURATION);
    let texts = files.iter().filter_map(|name| world.read(&format!("{CONFIGURATION}/{name}")));
    texts.flat_map(|text| ports(&text)).collect()
}

/// The ports in a file of reader.conf(5): the channels of those readers whose library is vpcd's.
fn ports(text: &str) -> Vec<u16> {
    let (mut ports, mut ours, mut channel) = (Vec::new(), false, None);
    // A reader begins with its name, and so does what is behind the last one.
    for line in text.lines().chain(["FRIENDLYNAME"]) {
        let (key, value) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        match key {
            "FRIENDLYNAME" => {
                ports.extend(channel.take().filter(|_| ours));
                ours = false;
            }
            "LIBPATH" => ours = value.contains("vpcd"),
            "CHANNELID" => channel = number(value.trim()),
            _ => {}
        }
    }
    ports
}

fn number(text: &str) -> Option<u16> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn listening(world: &World, ports: &[u16]) -> Vec<Finding> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| world.read(path).unwrap_or_default());
    let sockets: Vec<Tcp> = tables.iter().flat_map(|text| net::tcp(text)).collect();
    let processes = world.processes();
    let mut all = Vec::new();
    for port in ports.iter().flat_map(|first| [*first, first.saturating_add(1)]) {
        let here = || sockets.iter().filter(move |socket| socket.local.port() == port);
        let Some(listener) = here().find(|socket| socket.state == Condition::Listening) else {
            continue;
        };
        let cards: Vec<_> = here()
            .filter(|socket| socket.state == Condition::Connected)
            .map(|socket| {
                // The card's end of the connection, if it is on this machine.
                let end = sockets.iter().find(|other| other.local == socket.remote && other.remote == socket.local);
                let has = |inode: u64| {
                    processes.iter().find(|one| one.sockets.as_ref().is_some_and(|all| all.contains(&inode)))
                };
                match end.and_then(|end| has(end.inode)) {
                    Some(process) => process.to_string(),
                    None => socket.remote.to_string(),
                }
            })
            .collect();
        let card =
            if cards.is_empty() { "no card is connected".to_owned() } else { format!("card: {}", cards.join(", ")) };
        let text = format!("listens on {}, {card}", listener.local);
        all.push(if listener.local.ip().is_loopback() {
            Finding::ok(VPCD, text)
        } else {
            Finding::warn(
                VPCD,
                format!("{text}; anybody who reaches this machine can be the card"),
                format!("iptables -I INPUT -p tcp --dport {port} ! -i lo -j REJECT"),
            )
        });
    }
    if all.is_empty() {
        let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
        all.push(Finding::warn(
            VPCD,
            format!("does not listen (port {}): pcscd has not loaded it", ports.join(", ")),
            "restart pcscd",
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_a_configuration() {
        let debian = "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME   /dev/null:0x8C7B\n\
                      LIBPATH      /usr/lib/pcsc/drivers/serial/libifdvpcd.so\nCHANNELID    0x8C7B\n";
        assert_eq!(ports(debian), [35_963]);
        let other = "FRIENDLYNAME \"GemPC\"\nLIBPATH /usr/lib/libccidtwin.so\nCHANNELID 1\n";
        assert_eq!(ports(&format!("# comment\n{other}{debian}{other}")), [35_963]);
        assert_eq!(ports(&debian.replace("0x8C7B", "36000")), [36_000]);
        assert!(ports("").is_empty() && ports(&debian.replace("CHANNELID    0x8C7B", "CHANNELID x")).is_empty());
    }
}
