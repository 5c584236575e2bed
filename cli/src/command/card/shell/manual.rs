//! What can be typed: the words of conversations, which that crate lists, and the few of this shell.

use conversation::{Dialogue, Usage, usages};

use crate::failure::{ErrorCode, Failure};

/// The words of the shell itself: how each is written, and what it does.
const OWN: [(&str, &str, &str); 4] = [
    ("atr", "atr", "explains the answer to reset"),
    ("decode", "decode HEX", "says what bytes mean"),
    ("help", "help [WORD]", "lists what can be typed, or explains it"),
    ("quit", "quit", "ends this, as Ctrl-D does"),
];

fn all() -> Vec<Usage> {
    let own = OWN.iter().map(|(words, form, does)| Usage {
        words: (*words).to_owned(),
        form: (*form).to_owned(),
        does: (*does).to_owned(),
        values: Vec::new(),
        answers: Vec::new(),
    });
    usages().into_iter().chain(own).collect()
}

/// All that can be typed, or what begins with these words.
///
/// # Errors
/// If nothing does.
pub fn help(words: &str) -> Result<Vec<Usage>, Failure> {
    let mut found = all();
    found.retain(|usage| words.is_empty() || usage.words == words || usage.words.starts_with(&format!("{words} ")));
    if found.is_empty() {
        return Err(Failure::new(ErrorCode::Usage, "there is no such word")
            .typed(words, 0, words.len(), "what is this?")
            .help("`help` alone lists all words"));
    }
    Ok(found)
}

/// Them for people: a line each, or each with its values and the fields of its answer.
pub fn text(usages: &[Usage], whole: bool) -> String {
    let width = usages.iter().map(|usage| usage.form.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for Usage { form, does, values, answers, .. } in usages {
        text += &format!("{form:width$}  {does}\n");
        if !whole {
            continue;
        }
        for (name, what) in values {
            text += &format!("  {name}: {what}\n");
        }
        if !answers.is_empty() {
            text += &format!("  answers {}\n", answers.join(", "));
        }
    }
    text
}

/// What the tab key completes: where the word begins, and the words that it may be.
pub fn complete(dialogue: &Dialogue, before: &str) -> (usize, Vec<String>) {
    if let Some(begun) = before.trim_start().strip_prefix("help ") {
        let start = before.len().saturating_sub(begun.len());
        let mut words: Vec<String> = all().into_iter().map(|usage| usage.words).collect();
        words.retain(|word| word.starts_with(begun));
        return (start, words);
    }
    let (start, mut words) = dialogue.complete(before);
    if let Some(begun) = before.get(start..).filter(|_| before.get(..start).is_some_and(|text| text.trim().is_empty()))
    {
        words.extend(OWN.iter().map(|(word, ..)| (*word).to_owned()).filter(|word| word.starts_with(begun)));
        words.sort();
    }
    (start, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_and_those_of_conversations() {
        let complete = |before: &str| complete(&Dialogue::default(), before);
        assert_eq!(complete("a"), (0, ["add", "atr", "authorise"].map(str::to_owned).to_vec()));
        assert_eq!(complete("help q"), (5, vec!["quit".to_owned()]));
        assert_eq!(complete("read pa"), (5, vec!["paid".to_owned()]));
        assert!(complete("balance d").1.is_empty());
        assert_eq!(help("read").unwrap().len(), 4);
        assert!(help("rea").is_err() && help("").unwrap().len() > 30);
        let names: Vec<String> = all().into_iter().map(|usage| usage.form).collect();
        let unique: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{names:?}");
    }
}
