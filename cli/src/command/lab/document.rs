//! Small files in and out: what a person wrote, and results that are complete or not there.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use tempfile::Builder;

use crate::failure::{ErrorCode, Failure};

/// More than any policy or profile needs.
const LARGEST: u64 = 64 * 1024;

/// Reads a file that a person wrote; `unknown` says what to answer if there is none.
///
/// # Errors
/// No such file, one that cannot be read, one over 64 KiB.
pub(super) fn read(name: &str, unknown: impl Fn() -> Failure, too_large: ErrorCode) -> Result<Vec<u8>, Failure> {
    let path = Path::new(name);
    let unreadable = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => unknown(),
        _ => Failure::unreadable(path, &error),
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut text = Vec::new();
    file.take(LARGEST.saturating_add(1)).read_to_end(&mut text).map_err(unreadable)?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= LARGEST) {
        return Ok(text);
    }
    Err(Failure::new(too_large, format!("{} is over {LARGEST} bytes", path.display()))
        .help("check the name: such a file has some hundred bytes"))
}

/// Writes a file as a whole: beside its place first, then renamed into it.
///
/// # Errors
/// If it cannot be written, or what has that name now is no file.
pub(super) fn replace(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let write = || {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::other("what has this name is no file"));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder.prefix(".digitally-").tempfile_in(folder)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error: io::Error| Failure::unwritable(path, &error))
}
