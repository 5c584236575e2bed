//! Why a card's file cannot be used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::image::ImageError;

/// What is wrong with a card's file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is no such file, or no directory to make it in.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// The file or directory.
        path: PathBuf,
    },
    /// There is a file of this name already; a new card does not overwrite it.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It is a directory.
    #[error("{} is a directory", path.display())]
    IsDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// It is neither a file nor a directory: a device, a pipe, a socket.
    #[error("{} is not a regular file", path.display())]
    NotRegular {
        /// Whatever it is.
        path: PathBuf,
    },
    /// Somebody has the card open: another process, or this one a second time.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Its owner may not write to it (mode), and a card that cannot remember is none. Refused for root too.
    #[error("{} is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// This user may not read or write it, or not write to its directory.
    #[error("no permission to use {}", path.display())]
    Permissions {
        /// The file or directory.
        path: PathBuf,
    },
    /// What is in it is not the image of a card that can be used here.
    #[error("{} does not hold a usable card", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong with the image.
        #[source]
        source: ImageError,
    },
    /// Somebody moved, deleted or replaced it while it was open: what is there now is not overwritten.
    #[error("{} was moved, deleted or replaced while it was in use", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The operating system failed.
    #[error("cannot {step} {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was being done.
        step: Step,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
}

/// What was being done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Opening it.
    Open,
    /// Locking it.
    Lock,
    /// Reading it.
    Read,
    /// Making it.
    Create,
    /// Writing the new image beside it.
    Write,
    /// Putting the new image in its place.
    Rename,
    /// Having the directory written to the disk.
    Sync,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Lock => "lock",
            Self::Read => "read",
            Self::Create => "create",
            Self::Write => "write a new image beside",
            Self::Rename => "replace",
            Self::Sync => "sync the directory of",
        })
    }
}

impl FileError {
    /// The error that the operating system's stands for.
    pub(super) fn io(path: &Path, step: Step, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            io::ErrorKind::IsADirectory => Self::IsDirectory { path },
            io::ErrorKind::PermissionDenied => Self::Permissions { path },
            _ => Self::Io { path, step, source },
        }
    }
}

/// Why saving failed, to be told as often as somebody asks.
#[derive(Debug)]
pub(super) enum Failure {
    Replaced,
    Io { step: Step, source: io::Error },
}

impl Failure {
    /// As [`FileError::Io`] whatever the cause: what fails here is the saving, not the opening.
    pub(super) fn error(&self, path: &Path) -> FileError {
        let path = path.to_owned();
        match self {
            Self::Replaced => FileError::Replaced { path },
            Self::Io { step, source } => FileError::Io { path, step: *step, source: again(source) },
        }
    }
}

/// The same error once more.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
