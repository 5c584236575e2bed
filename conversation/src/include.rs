//! Where files come from that a script includes.

use std::io::Read;
use std::path::{Component, Path};

/// A file that was included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// Its name for messages. A file that is included by itself is known by it, so it must always be the same.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Where files come from that a script includes.
pub trait Includes {
    /// The file that `from` calls `path`.
    ///
    /// # Errors
    /// Why it cannot be had, in one sentence.
    fn open(&mut self, from: &str, path: &str) -> Result<Included, String>;
}

/// Nowhere: a script that includes anything cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct NoIncludes;

impl Includes for NoIncludes {
    fn open(&mut self, _: &str, _: &str) -> Result<Included, String> {
        Err("nothing can be included here".into())
    }
}

/// The disk: a path is relative to the file that names it.
#[derive(Clone, Copy, Debug)]
pub struct Files;

impl Includes for Files {
    fn open(&mut self, from: &str, path: &str) -> Result<Included, String> {
        let wanted = Path::new(path);
        if wanted.is_absolute() {
            return Err("a file is named relative to the one that includes it".into());
        }
        let mut whole = Path::new(from).parent().map(Path::to_owned).unwrap_or_default();
        for part in wanted.components() {
            match part {
                Component::CurDir => {}
                // `a/../b` is `b`, so that one file has one name.
                Component::ParentDir if matches!(whole.components().next_back(), Some(Component::Normal(_))) => {
                    whole.pop();
                }
                other => whole.push(other),
            }
        }
        let text = read(&whole)?;
        Ok(Included { name: whole.display().to_string(), text })
    }
}

/// What is in a file, if it is a script's length and text.
///
/// # Errors
/// Why it cannot be had, in one sentence.
pub fn read(file: &Path) -> Result<String, String> {
    let longest = u64::try_from(crate::Script::LONGEST).unwrap_or(u64::MAX);
    let opened = std::fs::File::open(file).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    opened.take(longest.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > crate::Script::LONGEST {
        return Err(format!("a script has at most {longest} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".into())
}
