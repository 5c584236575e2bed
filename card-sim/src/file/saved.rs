//! The file on the disk: locked as long as it is held, replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use super::error::{Failure, FileError, Step};

/// The mode bits of users other than the owner.
const OTHERS: u32 = 0o077;
/// The mode bit that lets the owner write.
const OWNER_WRITES: u32 = 0o200;
/// More than the image of any card has, in bytes: whatever file is given, so much of it is read at most.
const LONGEST: u64 = 64 << 20;
/// How often opening begins again if the file is replaced meanwhile.
const ATTEMPTS: usize = 64;

/// A file that we hold the lock of.
pub(super) struct Saved {
    /// Absolute, without links.
    path: PathBuf,
    file: File,
}

impl Saved {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file.
    pub(super) fn create(path: PathBuf, image: &[u8]) -> Result<Self, FileError> {
        if path.is_dir() {
            return Err(FileError::IsDirectory { path });
        }
        let directory = directory(&path);
        let written = write(&path, image).map_err(|source| FileError::io(directory, Step::Create, source))?;
        let file = written.persist_noclobber(&path).map_err(|error| FileError::io(&path, Step::Create, error.error))?;
        sync(directory).map_err(|source| FileError::io(&path, Step::Sync, source))?;
        Ok(Self { path, file })
    }

    /// Opens and locks the file; returns it with its contents and whether others may read or write it.
    pub(super) fn open(path: PathBuf) -> Result<(Self, Zeroizing<Vec<u8>>, bool), FileError> {
        for _ in 0..ATTEMPTS {
            let Some((file, metadata)) = lock(&path)? else { continue };
            remove_leftover(&path).map_err(|source| FileError::io(&path, Step::Open, source))?;
            let mut contents = Zeroizing::new(Vec::new());
            // Room for all at once: a vector that grows while reading leaves copies of the keys behind.
            let length = metadata.len().min(LONGEST);
            contents.reserve_exact(usize::try_from(length).unwrap_or_default().saturating_add(1));
            let read = (&file).take(LONGEST).read_to_end(&mut contents);
            read.map_err(|source| FileError::io(&path, Step::Read, source))?;
            return Ok((Self { path, file }, contents, metadata.mode() & OTHERS != 0));
        }
        Err(FileError::InUse { path })
    }

    /// Puts a new file in the place of this one, if it is still in its place.
    pub(super) fn replace(&mut self, image: &[u8]) -> Result<(), Failure> {
        let failure = |step| move |source| Failure::Io { step, source };
        let old = self.file.metadata().map_err(failure(Step::Write))?;
        match fs::symlink_metadata(&self.path) {
            Ok(there) if same_file(&there, &old) => {}
            Ok(_) => return Err(Failure::Replaced),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Failure::Replaced),
            Err(source) => return Err(Failure::Io { step: Step::Write, source }),
        }
        let directory = directory(&self.path);
        let written = write(&self.path, image).map_err(failure(Step::Write))?;
        keep_owner(written.as_file(), &old).map_err(failure(Step::Write))?;
        let file =
            written.persist(&self.path).map_err(|error| Failure::Io { step: Step::Rename, source: error.error })?;
        self.file = file;
        sync(directory).map_err(failure(Step::Sync))
    }
}

/// Opens the file at this path and locks it; `None` if it was replaced meanwhile.
fn lock(path: &Path) -> Result<Option<(File, Metadata)>, FileError> {
    let error = |step| move |source| FileError::io(path, step, source);
    // Looked at before it is opened: opening a pipe would wait for whoever writes to it.
    let metadata = fs::metadata(path).map_err(error(Step::Open))?;
    if metadata.is_dir() {
        return Err(FileError::IsDirectory { path: path.to_owned() });
    }
    if !metadata.is_file() {
        return Err(FileError::NotRegular { path: path.to_owned() });
    }
    if metadata.mode() & OWNER_WRITES == 0 {
        return Err(FileError::ReadOnly { path: path.to_owned() });
    }
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(error(Step::Open))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(FileError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(FileError::io(path, Step::Lock, source)),
    }
    let (held, there) = (file.metadata().map_err(error(Step::Lock))?, fs::metadata(path));
    Ok(there.is_ok_and(|there| same_file(&there, &held)).then_some((file, held)))
}

/// A new file beside this one, mode 0600, locked, that holds these bytes for good; it has no name to keep yet.
///
/// Its name for now is the same every time: what a killed process has left behind is a whole image, keys and money, and
/// there must never be more than one of them.
fn write(path: &Path, image: &[u8]) -> io::Result<NamedTempFile> {
    remove_leftover(path)?;
    let (directory, name) = leftover(path);
    let mut written = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempfile_in(directory)?;
    written.as_file().try_lock().map_err(io::Error::from)?;
    written.write_all(image)?;
    written.as_file().sync_all()?;
    Ok(written)
}

/// If root saves the card of somebody else, it stays theirs.
fn keep_owner(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    if new.uid() == old.uid() {
        return Ok(());
    }
    fchown(file, Some(old.uid()), Some(old.gid()))
}

/// Where an image is written before it takes this path: `.NAME.tmp` in the same directory.
fn leftover(path: &Path) -> (&Path, OsString) {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".tmp");
    (directory(path), name)
}

/// Removes what a process that was killed while saving this file has left behind.
fn remove_leftover(path: &Path) -> io::Result<()> {
    let (directory, name) = leftover(path);
    match fs::remove_file(directory.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn same_file(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

fn directory(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
