//! What stands between this program and a card in a reader: looked for in files, in `/proc`, and by asking.

mod build;
mod cards;
mod net;
mod service;
mod virtual_reader;
mod world;

pub use world::World;

/// One thing that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub subject: &'static str,
    /// How that is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// What mends it: a command, or what to do.
    pub mend: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Something that may not be wanted, or is needed for some things only.
    Warn,
    /// Cards in readers cannot be used.
    Bad,
}

impl Level {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

impl Finding {
    fn ok(subject: &'static str, text: impl Into<String>) -> Self {
        Self { subject, level: Level::Ok, text: text.into(), mend: None }
    }

    fn warn(subject: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { subject, level: Level::Warn, text: text.into(), mend: Some(mend.into()) }
    }

    fn bad(subject: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { subject, level: Level::Bad, text: text.into(), mend: Some(mend.into()) }
    }
}

/// Looks at everything; what others hang on comes first.
pub fn examine(world: &World) -> Vec<Finding> {
    let mut all = build::findings(world);
    all.extend(service::findings(world));
    all.extend(cards::findings(world));
    all.extend(virtual_reader::findings(world));
    all
}

#[cfg(test)]
mod tests;
