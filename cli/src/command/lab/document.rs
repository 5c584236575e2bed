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
pub fn read(name: &str, unknown: impl Fn() -> Failure, too_large: ErrorCode) -> Result<Vec<u8>, Failure> {
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
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let write = || {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::other("what has this name is no file"));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(io::Error::other("there is no such folder"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("account.svg");
        replace(&path, b"first").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        // What has the name is no file, or there is no folder: everything is as it was, and nothing is left over.
        assert_eq!(replace(folder.path(), b"third").unwrap_err().code(), ErrorCode::FileUnwritable);
        let nowhere = folder.path().join("nowhere").join("account.svg");
        assert_eq!(replace(&nowhere, b"third").unwrap_err().code(), ErrorCode::FileUnwritable);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_none_of_ours_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.json");
        let unknown = || Failure::new(ErrorCode::PolicyUnknown, "none");
        let check = |name: &Path, code| {
            let error = read(name.to_str().unwrap(), unknown, ErrorCode::PolicyFile).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
        };
        check(&path, ErrorCode::PolicyUnknown);
        check(folder.path(), ErrorCode::FileUnreadable);
        fs::write(&path, vec![b' '; 65_537]).unwrap();
        check(&path, ErrorCode::PolicyFile);
        fs::write(&path, vec![b' '; 65_536]).unwrap();
        assert_eq!(read(path.to_str().unwrap(), unknown, ErrorCode::PolicyFile).unwrap().len(), 65_536);
    }
}
