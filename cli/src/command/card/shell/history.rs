//! The file in which typed lines are kept from one run to the next, and which lines are.

use std::ffi::OsString;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where the history is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History(PathBuf);

impl History {
    /// `$XDG_STATE_HOME/digitally/history`, by default `~/.local/state/digitally/history` (XDG Base Directory
    /// Specification); nothing where no home is.
    pub fn usual() -> Option<Self> {
        Self::below(std::env::var_os("XDG_STATE_HOME"), std::env::var_os("HOME"))
    }

    fn below(state: Option<OsString>, home: Option<OsString>) -> Option<Self> {
        // Relative paths are to be ignored, says the specification.
        let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
        let state = state.and_then(absolute).or_else(|| Some(home.and_then(absolute)?.join(".local/state")))?;
        Some(Self(state.join("digitally/history")))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the folder that it is in, for its owner alone.
    ///
    /// # Errors
    /// If that cannot be made.
    pub fn prepare(&self) -> std::io::Result<()> {
        self.0.parent().map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o700).create(folder))
    }
}

/// Whether a text has so many digits in a row, which may be a PIN or a code.
pub fn has_digits(text: &str, most: usize) -> bool {
    text.split(|character: char| !character.is_ascii_digit()).any(|digits| digits.len() >= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_is() {
        let below = |state: &str, home: &str| {
            let given = |text: &str| Some(OsString::from(text)).filter(|text| !text.is_empty());
            History::below(given(state), given(home)).map(|history| history.0.display().to_string())
        };
        assert_eq!(below("/s", "/h").unwrap(), "/s/digitally/history");
        assert_eq!(below("", "/h").unwrap(), "/h/.local/state/digitally/history");
        assert_eq!(below("s", "/h").unwrap(), "/h/.local/state/digitally/history");
        assert_eq!(below("", ""), None);
    }

    #[test]
    fn digits_in_a_row() {
        assert!(has_digits("verfy 1234", 4) && has_digits("x99999", 4));
        assert!(!has_digits("verfy 123 4", 4) && !has_digits("", 4));
    }
}
