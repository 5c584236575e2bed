//! The machine as the doctor sees it: a file system from its root on, or a folder that stands for one in a test.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A machine.
#[derive(Debug)]
pub struct World {
    root: PathBuf,
}

/// A process, as far as it lets us see.
#[derive(Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its name.
    pub name: String,
    /// The numbers of its sockets; none if we may not look.
    pub sockets: Option<BTreeSet<u64>>,
    /// Whether it has loaded the library of PC/SC.
    pub speaks_pcsc: bool,
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name, self.pid)
    }
}

impl World {
    /// The machine whose file system begins here.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Whether it is this machine: only then can anything be asked.
    pub fn is_ours(&self) -> bool {
        self.root == Path::new("/")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// A file's text, if it can be read.
    pub fn read(&self, path: &str) -> Option<String> {
        std::fs::read(self.path(path)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether there is anything of this name.
    pub fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// The names in a folder, in order; none if it cannot be read.
    pub fn list(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The first of these that is there.
    pub fn first<'p>(&self, paths: &[&'p str]) -> Option<&'p str> {
        paths.iter().copied().find(|path| self.has(path))
    }

    /// Connects to a socket in the file system, and lets go of it.
    ///
    /// # Errors
    /// Why it cannot be connected to.
    pub fn connect(&self, path: &str) -> io::Result<()> {
        UnixStream::connect(self.path(path)).map(drop)
    }

    /// The first line of what a program of this machine says of its version.
    pub fn version(&self, program: &str) -> Option<String> {
        if !self.is_ours() {
            return None;
        }
        let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().next().map(|line| line.trim().trim_end_matches('.').to_owned()).filter(|line| !line.is_empty())
    }

    /// All processes but this one.
    pub fn processes(&self) -> Vec<Process> {
        let ourselves = self.is_ours().then(std::process::id);
        let pids = self.list("/proc").into_iter().filter_map(|name| name.parse().ok());
        pids.filter(|pid| Some(*pid) != ourselves).filter_map(|pid| self.process(pid)).collect()
    }

    fn process(&self, pid: u32) -> Option<Process> {
        let name = self.read(&format!("/proc/{pid}/comm"))?.trim().to_owned();
        let links = std::fs::read_dir(self.path(&format!("/proc/{pid}/fd"))).ok();
        let sockets = links.map(|links| {
            let targets = links.flatten().filter_map(|link| std::fs::read_link(link.path()).ok());
            targets.filter_map(|target| socket_inode(&target.to_string_lossy())).collect()
        });
        let maps = self.read(&format!("/proc/{pid}/maps")).unwrap_or_default();
        Some(Process { pid, name, sockets, speaks_pcsc: maps.contains("/libpcsclite.so") })
    }
}

/// The number in `socket:[12345]`.
fn socket_inode(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}
