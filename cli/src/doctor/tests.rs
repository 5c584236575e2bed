use std::os::unix::net::UnixListener;
use std::path::Path;

use super::*;

fn check(root: &Path, subject: &str, level: Level, text: &str) -> Finding {
    let all = examine(&World::at(root));
    let found = all.into_iter().find(|one| one.subject == subject && one.text.contains(text));
    let found = found.unwrap_or_else(|| panic!("nothing of {subject} with {text:?}: {:?}", examine(&World::at(root))));
    assert_eq!(found.level, level, "{}", found.text);
    assert_eq!(found.mend.is_none(), level == Level::Ok, "{found:?}");
    found
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn in_an_empty_world_everything_is_missing_and_nothing_fails() {
    let root = tempfile::tempdir().unwrap();
    check(root.path(), "pcscd", Level::Bad, "not installed");
    check(root.path(), "service", Level::Bad, "not running");
    check(root.path(), "vpcd", Level::Warn, "not installed");
    assert!(examine(&World::at(root.path())).iter().all(|one| one.subject != "readers"));
}

#[test]
fn a_service_that_runs_and_one_that_was_killed() {
    let root = tempfile::tempdir().unwrap();
    let at = root.path();
    write(at, "usr/sbin/pcscd", "");
    check(at, "pcscd", Level::Ok, "/usr/sbin/pcscd");
    check(at, "service", Level::Bad, "there is no");
    std::fs::create_dir_all(at.join("run/pcscd")).unwrap();
    let listener = UnixListener::bind(at.join("run/pcscd/pcscd.comm")).unwrap();
    write(at, "proc/77/comm", "pcscd\n");
    check(at, "service", Level::Ok, "process 77");
    drop(listener);
    assert!(check(at, "service", Level::Bad, "left behind").mend.unwrap().contains("rm /run/pcscd/pcscd.comm"));
}

#[test]
fn who_is_connected_to_the_service() {
    let root = tempfile::tempdir().unwrap();
    let at = root.path();
    let row = |flags: &str, state: &str, inode: u32| {
        format!("0000000000000000: 00000003 00000000 {flags} 0001 {state} {inode} /run/pcscd/pcscd.comm\n")
    };
    let idle = row("00010000", "01", 1);
    write(at, "proc/net/unix", &idle);
    check(at, "clients", Level::Ok, "no program is connected");
    write(at, "proc/net/unix", &(idle + &row("00000000", "03", 2)));
    // A process whose descriptors we may not see.
    write(at, "proc/80/comm", "secret\n");
    check(at, "clients", Level::Warn, "1 connection");
    write(at, "proc/81/comm", "scdaemon\n");
    write(at, "proc/81/maps", "7f0 r-xp 0 0 0 /usr/lib/x86_64-linux-gnu/libpcsclite.so.1.0.0\n");
    std::fs::create_dir_all(at.join("proc/81/fd")).unwrap();
    std::os::unix::fs::symlink("socket:[9]", at.join("proc/81/fd/3")).unwrap();
    check(at, "clients", Level::Ok, "scdaemon (81)");
}

#[test]
fn vpcd_and_the_card_that_is_connected_to_it() {
    let root = tempfile::tempdir().unwrap();
    let at = root.path();
    write(at, "usr/lib/pcsc/drivers/serial/libifdvpcd.so", "");
    check(at, "vpcd", Level::Warn, "no file in /etc/reader.conf.d");
    let driver = "LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so";
    write(at, "etc/reader.conf.d/vpcd", &format!("FRIENDLYNAME \"Virtual PCD\"\n{driver}\nCHANNELID 0x8C7B\n"));
    check(at, "vpcd", Level::Ok, "configured");
    check(at, "vpcd", Level::Warn, "does not listen");
    let row = |local: &str, remote: &str, state: &str, inode: u32| {
        format!("   0: {local} {remote} {state} 00000000:00000000 00:00000000 00000000 0 0 {inode} 1 0\n")
    };
    let listener = row("00000000:8C7B", "00000000:0000", "0A", 1);
    write(at, "proc/net/tcp", &listener);
    check(at, "vpcd", Level::Warn, "listens on 0.0.0.0:35963, no card is connected; anybody");
    let both = row("0100007F:8C7B", "0100007F:C350", "01", 2) + &row("0100007F:C350", "0100007F:8C7B", "01", 3);
    write(at, "proc/net/tcp", &(listener + &both));
    check(at, "vpcd", Level::Warn, "card: 127.0.0.1:50000");
    write(at, "proc/90/comm", "digitally\n");
    std::fs::create_dir_all(at.join("proc/90/fd")).unwrap();
    std::os::unix::fs::symlink("socket:[3]", at.join("proc/90/fd/4")).unwrap();
    check(at, "vpcd", Level::Warn, "card: digitally (90)");
}
