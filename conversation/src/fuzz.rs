//! What a fuzzer runs.

use std::fmt;

use apdu::Transport;

use crate::{Answer, Dialogue, NoIncludes, Role, RunError, Script, ScriptError, Stage, StageError, Turn};

/// The body of a fuzz target: any bytes are read as a script without a panic; what can be read is written in its usual
/// form, and that reads as the same script; it can be played to a card that answers the same bytes to everything; and its
/// lines can be typed.
///
/// # Errors
/// What went wrong.
pub fn fuzz(bytes: &[u8]) -> Result<(), Broken> {
    let text = String::from_utf8_lossy(bytes);
    typed(&text, bytes)?;
    let script = match Script::parse("fuzz", &text, &mut NoIncludes) {
        Ok(script) => script,
        Err(error) => return within(&error),
    };
    let usual = script.to_string();
    match Script::parse("usual", &usual, &mut NoIncludes) {
        Ok(again) if again == script && again.to_string() == usual => {}
        Ok(again) => return Err(Broken(format!("it reads as another script:\n{usual}\n{again}"))),
        Err(error) => return Err(Broken(format!("its usual form cannot be read: {error}\n{usual}"))),
    }
    match script.run(&mut Parrots(bytes), &mut |step| drop(step.to_string())) {
        Ok(outcome) => {
            outcome.missed.iter().for_each(|missed| drop(missed.to_string()));
            match outcome.difference(&outcome) {
                None => Ok(()),
                Some(difference) => Err(Broken(format!("an outcome differs from itself: {difference}"))),
            }
        }
        Err(RunError::Bring { .. }) => Err(Broken("a card that is there was not found".into())),
        Err(error) => {
            drop(error.to_string());
            Ok(())
        }
    }
}

/// Lines as they are typed: each is completed and read, whatever was read before, and what is completed can be typed.
fn typed(text: &str, answer: &[u8]) -> Result<(), Broken> {
    const LINES: usize = 64;
    let mut dialogue = Dialogue::default();
    for line in text.split('\n').take(LINES) {
        let (start, words) = dialogue.complete(line);
        let begun = line.get(start..).ok_or_else(|| Broken(format!("completed within a character: {line:?}")))?;
        if let Some(word) = words.iter().find(|word| !word.starts_with(begun)) {
            return Err(Broken(format!("{begun:?} was completed to {word:?}")));
        }
        if let Some(line) = Dialogue::with_secrets(line, &["1234", "4321"])
            && !matches!(Dialogue::default().read(&line), Ok(Turn::Say(_)))
        {
            return Err(Broken(format!("it cannot be read with its PINs: {:?}", *line)));
        }
        match dialogue.read(line) {
            Ok(Turn::Say(_)) => dialogue.answered(Answer::Response { data: answer.to_vec(), sw: apdu::Sw::OK }),
            Ok(_) => {}
            Err(error) => within(&error)?,
        }
    }
    Ok(())
}

/// A property that does not hold.
#[derive(Debug)]
pub struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

/// The place of an error is one in its line.
fn within(error: &ScriptError) -> Result<(), Broken> {
    let column = usize::try_from(error.column).unwrap_or(usize::MAX);
    let there = column <= error.text.chars().count().saturating_add(1) && error.text.get(error.span.clone()).is_some();
    let one_line = !error.message.is_empty() && !error.message.contains('\n');
    if there && one_line { Ok(()) } else { Err(Broken(format!("the place of an error is not there: {error:?}"))) }
}

/// Cards that answer a part of these bytes to everything.
struct Parrots<'b>(&'b [u8]);

/// Such a card.
struct Parrot<'b>(&'b [u8]);

impl<'b> Stage for Parrots<'b> {
    type Card = Parrot<'b>;

    fn bring(&mut self, _: &Role) -> Result<Parrot<'b>, StageError> {
        Ok(Parrot(self.0))
    }
}

impl Transport for Parrot<'_> {
    type Error = std::convert::Infallible;

    fn transmit(&mut self, command: &[u8], response: &mut [u8]) -> Result<usize, Self::Error> {
        let length = command.len().min(self.0.len()).min(response.len());
        if let (Some(room), Some(bytes)) = (response.get_mut(..length), self.0.get(..length)) {
            room.copy_from_slice(bytes);
        }
        Ok(length)
    }

    fn reset(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[]
    }
}
