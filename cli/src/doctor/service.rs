//! pcscd: whether it is installed, runs and may be reached, and who is connected to it.

use std::io::ErrorKind;

use super::net::{self, Condition};
use super::{Finding, World};

/// Where it listens.
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Where it is.
const PROGRAMS: [&str; 4] = ["/usr/sbin/pcscd", "/usr/bin/pcscd", "/usr/local/sbin/pcscd", "/sbin/pcscd"];

pub fn findings(world: &World) -> Vec<Finding> {
    let program = world.first(&PROGRAMS);
    let mut all = vec![match program {
        Some(path) => {
            let version = world.version(path).unwrap_or_else(|| "version unknown".to_owned());
            Finding::ok("pcscd", format!("installed: {path}, {version}"))
        }
        // It may run in another container, and lend us its socket.
        None if world.has(SOCKET) => {
            Finding::warn("pcscd", "not installed here; there is a socket of it all the same", "apt-get install pcscd")
        }
        None => Finding::bad("pcscd", "not installed: no PC/SC without it", "apt-get install pcscd"),
    }];
    // Looked for before we connect ourselves.
    let clients = clients(world);
    all.push(socket(world, program.is_some()));
    all.extend(clients);
    all
}

/// How pcscd is started.
fn start(world: &World) -> String {
    if world.has("/run/systemd/system") {
        "systemctl restart pcscd.socket pcscd".to_owned()
    } else {
        "pcscd --foreground   (as root, in a terminal of its own; Ctrl-C stops it)".to_owned()
    }
}

fn socket(world: &World, installed: bool) -> Finding {
    const SERVICE: &str = "service";
    let running: Vec<_> = world.processes().into_iter().filter(|process| process.name == "pcscd").collect();
    let who = running.first().map(|process| format!(", process {}", process.pid)).unwrap_or_default();
    match world.connect(SOCKET) {
        Ok(()) => Finding::ok(SERVICE, format!("running{who}, and we may use it: {SOCKET}")),
        Err(error) => match error.kind() {
            ErrorKind::NotFound if installed => {
                Finding::bad(SERVICE, format!("not running: there is no {SOCKET}"), start(world))
            }
            ErrorKind::NotFound => Finding::bad(
                SERVICE,
                format!("not running: there is no {SOCKET}"),
                format!("install pcscd, then: {}", start(world)),
            ),
            ErrorKind::PermissionDenied => Finding::bad(
                SERVICE,
                format!("running{who}, but this user may not use {SOCKET}"),
                format!("who may: ls -l {SOCKET}; or run this as root: sudo digitally doctor"),
            ),
            ErrorKind::ConnectionRefused => Finding::bad(
                SERVICE,
                format!("not running: nobody listens at {SOCKET}, which one that was killed has left behind"),
                format!("rm {SOCKET}; {}", start(world)),
            ),
            _ => Finding::bad(SERVICE, format!("{SOCKET} cannot be used: {error}"), start(world)),
        },
    }
}

/// Who is connected. The kernel's list does not say who is at the other end: what can be seen is how many connections
/// there are, and which processes have the library of PC/SC loaded and a socket open.
fn clients(world: &World) -> Option<Finding> {
    const CLIENTS: &str = "clients";
    let sockets = net::unix(&world.read("/proc/net/unix")?);
    let at =
        |condition| sockets.iter().filter(|one| one.path.ends_with("pcscd.comm") && one.state == condition).count();
    if at(Condition::Listening) == 0 {
        return None;
    }
    let connected = at(Condition::Connected);
    let processes = world.processes();
    let hidden = processes.iter().any(|process| process.sockets.is_none());
    let speaking = |process: &&super::world::Process| {
        process.speaks_pcsc && process.name != "pcscd" && process.sockets.as_ref().is_some_and(|all| !all.is_empty())
    };
    let names: Vec<_> = processes.iter().filter(speaking).map(ToString::to_string).collect();
    let count = match connected {
        0 => return Some(Finding::ok(CLIENTS, "no program is connected to pcscd")),
        1 => "1 connection to pcscd".to_owned(),
        _ => format!("{connected} connections to pcscd"),
    };
    Some(match (names.as_slice(), hidden) {
        ([], true) => {
            Finding::warn(CLIENTS, format!("{count}, of processes that we may not look at"), "sudo digitally doctor")
        }
        ([], false) => Finding::ok(CLIENTS, format!("{count}, of no process that can be seen here")),
        (names, _) => Finding::ok(CLIENTS, format!("{count}; these have PC/SC loaded: {}", names.join(", "))),
    })
}
