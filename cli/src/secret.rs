//! Secrets come by prompt, file or standard input, never by argument.

use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use applet_model::runtime::{PinBlock, PinBlockError};
use zeroize::Zeroizing;

use crate::failure::{ErrorCode, Failure};

/// Where a PIN or an unblocking key comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// The first line of a file.
    File(&'a str),
    /// The next line of standard input.
    StandardInput,
    /// A prompt on the terminal that does not show it.
    Prompt,
}

/// Which secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The PIN as it is.
    Pin,
    /// The PIN as it shall be.
    NewPin,
    /// The unblocking key.
    Puk,
}

impl Secret {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pin => "PIN",
            Self::NewPin => "new PIN",
            Self::Puk => "PUK",
        }
    }

    /// The option that names its file.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Pin => "--pin-file",
            Self::NewPin => "--new-pin-file",
            Self::Puk => "--puk-file",
        }
    }
}

impl<'a> Source<'a> {
    /// The source that the option names; without it a prompt.
    pub fn typed(option: Option<&'a str>) -> Self {
        match option {
            None => Self::Prompt,
            Some("-") => Self::StandardInput,
            Some(path) => Self::File(path),
        }
    }

    /// Reads a secret that exists already.
    ///
    /// # Errors
    /// If it cannot be read or is not of the right form.
    pub fn read(self, secret: Secret) -> Result<PinBlock, Failure> {
        self.read_or_nothing(secret, secret.name())?.ok_or_else(|| missing(secret, "nothing was typed"))
    }

    /// Reads a secret; nothing if the person at the prompt just pressed Enter. `question` is what the prompt asks.
    ///
    /// # Errors
    /// If it cannot be read or is not of the right form.
    pub fn read_or_nothing(self, secret: Secret, question: &str) -> Result<Option<PinBlock>, Failure> {
        let text = match self {
            Self::File(path) => file(path, secret)?,
            Self::StandardInput => standard_input(secret)?,
            Self::Prompt => match prompt(secret, question)? {
                text if text.is_empty() => return Ok(None),
                text => text,
            },
        };
        parse(&text, secret).map(Some)
    }

    /// Reads a new secret: at a prompt twice.
    ///
    /// # Errors
    /// If it cannot be read, is not of the right form, or differs the second time.
    pub fn read_new(self, secret: Secret) -> Result<PinBlock, Failure> {
        let first = self.read(secret)?;
        if let Self::Prompt = self
            && prompt(secret, &format!("{}, once more", secret.name()))?.as_bytes() != digits(&first)
        {
            return Err(Failure::new(ErrorCode::PinsDiffer, format!("the {} was typed differently", secret.name()))
                .help("nothing was changed; run the command again"));
        }
        Ok(first)
    }
}

/// The digits of a PIN, without what it is padded with.
pub fn digits(block: &PinBlock) -> &[u8] {
    block.expose().split(|byte| *byte == 0xFF).next().unwrap_or_default()
}

/// Checks what was typed; the error does not show it.
fn parse(text: &str, secret: Secret) -> Result<PinBlock, Failure> {
    PinBlock::parse(text).map_err(|error| {
        let name = secret.name();
        let message = match error {
            PinBlockError::Length { found } => format!("a {name} has 4 to 8 digits, this one has {found} characters"),
            _ => format!("a {name} has 4 to 8 digits and nothing else"),
        };
        Failure::new(ErrorCode::PinMalformed, message).help("no try was counted; give 4 to 8 digits on one line")
    })
}

fn file(path: &str, secret: Secret) -> Result<Zeroizing<String>, Failure> {
    let looks_like_a_pin = (4..=8).contains(&path.len()) && path.bytes().all(|byte| byte.is_ascii_digit());
    if looks_like_a_pin && !Path::new(path).exists() {
        let (option, name) = (secret.option(), secret.name());
        return Err(Failure::new(
            ErrorCode::PinOnCommandLine,
            format!("{option} takes the name of a file, not the {name}"),
        )
        .help(format!(
            "write the {name} into a file only you can read and name that; or leave {option} out to be asked. \
                 What was typed stands in your shell's history now"
        )));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    // A PIN file is one line; a device or a huge file is not read whole.
    let read = std::fs::File::open(path).and_then(|file| file.take(4096).read_to_end(&mut bytes));
    read.map_err(|error| Failure::unreadable(Path::new(path), &error))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Failure::new(ErrorCode::PinMalformed, format!("{path} is not text"))
            .help("the file holds the digits on one line")
    })?;
    Ok(Zeroizing::new(line(text).to_owned()))
}

fn standard_input(secret: Secret) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    match io::stdin().lock().read_line(&mut text) {
        Ok(0) => Err(missing(secret, "standard input ended")),
        Ok(_) => Ok(Zeroizing::new(line(&text).to_owned())),
        Err(error) => Err(missing(secret, &format!("standard input cannot be read: {error}"))),
    }
}

/// A text without the line end that every editor adds.
fn line(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn prompt(secret: Secret, question: &str) -> Result<Zeroizing<String>, Failure> {
    // Ctrl-C is for us as long as we ask: who dies at once leaves a terminal behind that shows nothing any more.
    let interrupted = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::default());
    let answer = rpassword::prompt_password(format!("{question}: "));
    if let Ok(handler) = interrupted {
        signal_hook::low_level::unregister(handler);
    }
    // Ctrl-D ends no line; what is said next begins one.
    if answer.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::UnexpectedEof) {
        crate::output::note("");
    }
    answer.map(Zeroizing::new).map_err(|error| match error.kind() {
        // Ctrl-C, and Ctrl-D.
        std::io::ErrorKind::Interrupted | std::io::ErrorKind::UnexpectedEof => {
            Failure::new(ErrorCode::GivenUp, "given up at the prompt").help("nothing was paid or changed")
        }
        _ => missing(secret, &format!("there is no terminal to ask on ({error})")),
    })
}

fn missing(secret: Secret, why: &str) -> Failure {
    let (name, option) = (secret.name(), secret.option());
    Failure::new(ErrorCode::PinMissing, format!("no {name}: {why}"))
        .help(format!("give it with {option} FILE, or with {option} - on standard input"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_is_taken_off() {
        assert_eq!(line("1234\n"), "1234");
        assert_eq!(line("1234\r\n"), "1234");
        assert_eq!(line("1234\n\n"), "1234\n");
    }

    #[test]
    fn errors_do_not_show_the_secret() {
        for bad in ["123", "123456789", "12a4", "1234\n"] {
            let failure = parse(bad, Secret::Pin).unwrap_err();
            assert_eq!(failure.code(), ErrorCode::PinMalformed);
            assert!(!format!("{failure:?}").contains(bad.trim()), "{bad}");
        }
        let failure = file("0741", Secret::Pin).unwrap_err();
        assert_eq!(failure.code(), ErrorCode::PinOnCommandLine);
        assert!(!format!("{failure:?}").contains("0741"));
    }
}
