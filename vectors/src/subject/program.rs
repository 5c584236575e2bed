//! A program that answers in JSON lines: a test in, an answer out.
//!
//! It reads one question a line from standard input and writes one answer a line to standard output, in the same order,
//! until its input ends:
//!
//! ```text
//! {"id":"rfc4493-1","kind":"mac","shared":{"algorithm":"AES-CMAC",…},"input":{"message":""}}
//! {"id":"rfc4493-1","outcome":"accept","output":{"tag":"bb1d6929e95937287fa37d129b756746"}}
//! ```
//!
//! The outcome is `accept`, `refuse:<rule>`, `malformed:<what>`, or `unsupported` for a question that it does not know.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Ask, SubjectError, compare};
use crate::kind::{Group, Kind, Test};
use crate::read::strict::Strict;
use crate::report::Verdict;

/// A line longer than this is no answer.
const LONGEST: u64 = 1 << 20;

/// How much of a program's last words is kept, in bytes.
const LAST_WORDS: usize = 2000;

/// A program that closed its output is about to end by itself: its own status says more than our signal.
const GRACE: Duration = Duration::from_millis(200);

/// Why a program cannot be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// The command line has no words, or an open quotation mark.
    #[error("`{command}` is not a command line: {why}")]
    CommandLine {
        /// What was given.
        command: String,
        /// What is wrong with it.
        why: String,
    },
    /// It cannot be started.
    #[error("`{program}` cannot be started: {source}")]
    Start {
        /// Its name.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It ended while it was asked, or with a failure at the end.
    #[error("the program ended ({status}) {when}{}", words(.said))]
    Died {
        /// How.
        status: String,
        /// At which test.
        when: String,
        /// The end of its standard error.
        said: String,
    },
    /// No answer in time.
    #[error("the program did not answer test {id} within {seconds} s{}", words(.said))]
    Hung {
        /// The test.
        id: String,
        /// How long was waited.
        seconds: u64,
        /// The end of its standard error.
        said: String,
    },
    /// It answered everything, and went on when its input had ended.
    #[error("the program did not end within {seconds} s after its input had ended{}", words(.said))]
    NotEnding {
        /// How long was waited.
        seconds: u64,
        /// The end of its standard error.
        said: String,
    },
    /// A line that is no answer.
    #[error("the program's answer to test {id} is not one: {why}: {line}")]
    Garbage {
        /// The test.
        id: String,
        /// What is wrong with it.
        why: String,
        /// Its beginning.
        line: String,
    },
    /// An answer to something else.
    #[error("the program was asked test {asked} and answered test {answered}{}", if asked == last { "" } else if answered == last { " for the second time" } else { "" })]
    OtherTest {
        /// What it was asked.
        asked: String,
        /// What it answered.
        answered: String,
        /// What it was asked before.
        last: String,
    },
    /// The answer came before the question.
    #[error("the program answered test {id} before it was asked")]
    Unasked {
        /// The test.
        id: String,
    },
    /// More lines than questions.
    #[error("the program wrote more answers than there were tests; the last one asked was {id}: {line}")]
    TooMany {
        /// The last test.
        id: String,
        /// What it wrote, its beginning.
        line: String,
    },
}

fn words(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; it said: {said}") }
}

#[derive(Serialize)]
struct Question<'t, S, I> {
    id: &'t str,
    kind: &'t str,
    shared: &'t S,
    input: &'t I,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    id: String,
    outcome: String,
    output: Option<Value>,
}

/// A running program. It can stop reading, writing or ending at any time, so nobody here waits for it without a limit: each
/// of its pipes has a thread, and who gives it up leaves the thread behind.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// Dropped at the end: then the program's input ends, too.
    questions: Option<Sender<Vec<u8>>>,
    /// Whether it took in a question, one word for each.
    taken: Receiver<io::Result<()>>,
    lines: Receiver<io::Result<Vec<u8>>>,
    said: LastWords,
    patience: Duration,
    /// The test that was asked last.
    last: String,
}

impl Program {
    /// Starts a program, given as words that a shell would read: name and arguments, quotation marks and backslashes.
    /// `patience` is how long it may take for an answer; a million accumulated results may take ten times as long.
    ///
    /// # Errors
    /// [`ProgramError::CommandLine`] or [`ProgramError::Start`].
    pub fn start(command: &str, patience: Duration) -> Result<Self, ProgramError> {
        let unreadable = |why: String| ProgramError::CommandLine { command: command.into(), why };
        let words = shell_words::split(command).map_err(|error| unreadable(error.to_string()))?;
        let (program, arguments) = words.split_first().ok_or_else(|| unreadable("it is empty".into()))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| ProgramError::Start { program: program.clone(), source })?;
        let (send, lines) = mpsc::sync_channel(16);
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || read_lines(stdout, |line| send.send(line).is_ok()));
        }
        let (questions, asked) = mpsc::channel::<Vec<u8>>();
        let (took, taken) = mpsc::channel();
        if let Some(mut stdin) = child.stdin.take() {
            // One write for the whole line.
            let mut write = move |line: Vec<u8>| stdin.write_all(&line).and_then(|()| stdin.flush());
            std::thread::spawn(move || asked.into_iter().try_for_each(|line| took.send(write(line))));
        }
        let said = LastWords::of(child.stderr.take());
        Ok(Self { child, questions: Some(questions), taken, lines, said, patience, last: String::new() })
    }

    fn exchange(&mut self, id: &str, question: Vec<u8>, patience: Duration) -> Result<Reply, ProgramError> {
        if let Ok(line) = self.lines.try_recv() {
            self.reply(id, line)?;
            return Err(ProgramError::Unasked { id: id.into() });
        }
        let asked = Instant::now();
        // A program that is gone is noticed below, by its silence.
        let _ = self.questions.as_ref().map(|questions| questions.send(question));
        let line = match self.lines.recv_timeout(patience) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => return Err(self.hung(id.into(), patience)),
            Err(RecvTimeoutError::Disconnected) => return Err(self.died(format!("at test {id}"))),
        };
        let reply = self.reply(id, line)?;
        // Who did not take in the question has not answered it, whatever was written.
        match self.taken.recv_timeout(patience.saturating_sub(asked.elapsed())) {
            Ok(Ok(())) => Ok(reply),
            Err(RecvTimeoutError::Timeout) => Err(self.hung(id.into(), patience)),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(self.died(format!("at test {id}"))),
        }
    }

    /// The answer in a line.
    fn reply(&mut self, id: &str, line: io::Result<Vec<u8>>) -> Result<Reply, ProgramError> {
        let Ok(line) = line else { return Err(self.died(format!("at test {id}"))) };
        let garbage = |why: String| ProgramError::Garbage { id: id.into(), why, line: beginning(&line) };
        if u64::try_from(line.len()).is_ok_and(|len| len >= LONGEST) {
            return Err(garbage(format!("it is longer than {LONGEST} bytes")));
        }
        let reply: Reply = parse(&line).map_err(|error| garbage(error.to_string()))?;
        if reply.id != id {
            let last = std::mem::take(&mut self.last);
            return Err(ProgramError::OtherTest { asked: id.into(), answered: reply.id, last });
        }
        let known = ["accept", "unsupported"].contains(&reply.outcome.as_str())
            || ["refuse:", "malformed:"].iter().any(|layer| reply.outcome.starts_with(layer));
        if !known {
            return Err(garbage(format!("unknown outcome `{}`", reply.outcome)));
        }
        if (reply.outcome == "accept") != reply.output.as_ref().is_some_and(Value::is_object) {
            return Err(garbage("`output` is an object with `accept`, and is not there with anything else".into()));
        }
        Ok(reply)
    }

    fn hung(&mut self, id: String, patience: Duration) -> ProgramError {
        let said = self.end(Duration::ZERO).1;
        ProgramError::Hung { id, seconds: patience.as_secs(), said }
    }

    fn died(&mut self, when: String) -> ProgramError {
        let (status, said) = self.end(GRACE);
        ProgramError::Died { status: status.map_or("it is gone".into(), |status| status.to_string()), when, said }
    }

    /// Ends the program if it is still there after this time; how it ended, and the end of what it said on standard error.
    fn end(&mut self, grace: Duration) -> (Option<ExitStatus>, String) {
        self.questions = None;
        let start = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < grace {
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let status = self.child.wait().ok();
        (status, self.said.text())
    }
}

impl Ask for Program {
    fn ask<K: Kind>(&mut self, group: &Group<K>, test: &Test<K>) -> Result<Verdict, SubjectError> {
        if K::NEEDS_CARD {
            return Ok(Verdict::NotAsked("a conversation needs a card".into()));
        }
        let question = Question { id: &test.id, kind: K::NAME, shared: &group.shared, input: &test.input };
        let mut line = serde_json::to_vec(&question).unwrap_or_default();
        line.push(b'\n');
        let patience = if K::NAME == "accumulated" { self.patience.saturating_mul(10) } else { self.patience };
        let reply = self.exchange(&test.id, line, patience)?;
        test.id.clone_into(&mut self.last);
        if reply.outcome == "unsupported" {
            return Ok(Verdict::NotAsked("the program says that it does not support this".into()));
        }
        let expected = test.output.as_ref().and_then(|output| serde_json::to_value(output).ok());
        let results = Some(K::RESULTS);
        Ok(compare::outcomes(&test.expect, expected.as_ref(), &reply.outcome, reply.output.as_ref(), results))
    }

    fn finish(&mut self) -> Result<(), SubjectError> {
        self.questions = None;
        match self.lines.recv_timeout(self.patience) {
            Ok(Ok(line)) => {
                let (id, line) = (self.last.clone(), beginning(&line));
                self.end(Duration::ZERO);
                Err(ProgramError::TooMany { id, line }.into())
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Timeout) => {
                let said = self.end(Duration::ZERO).1;
                Err(ProgramError::NotEnding { seconds: self.patience.as_secs(), said }.into())
            }
            Err(RecvTimeoutError::Disconnected) => match self.end(self.patience) {
                (Some(status), _) if status.success() => Ok(()),
                (status, said) => {
                    let status = status.map_or("it is gone".into(), |status| status.to_string());
                    Err(ProgramError::Died { status, when: "after the last test".into(), said }.into())
                }
            },
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends every line, without its end, until nobody wants them or the input ends.
fn read_lines(from: impl Read, mut send: impl FnMut(io::Result<Vec<u8>>) -> bool) {
    let mut from = BufReader::new(from);
    loop {
        let mut line = Vec::new();
        let more = match from.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
            Ok(0) => false,
            Ok(_) => {
                if line.last() == Some(&b'\n') {
                    line.pop();
                }
                send(Ok(line))
            }
            Err(error) => {
                send(Err(error));
                false
            }
        };
        if !more {
            return;
        }
    }
}

/// The end of what a program says on its standard error.
#[derive(Debug)]
struct LastWords {
    kept: Arc<Mutex<Vec<u8>>>,
    /// Disconnected when there is nothing more to come.
    over: Receiver<()>,
}

impl LastWords {
    fn of(from: Option<impl Read + Send + 'static>) -> Self {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (goes_on, over) = mpsc::channel::<()>();
        if let Some(from) = from {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                keep_last(from, &kept);
                drop(goes_on);
            });
        }
        Self { kept, over }
    }

    /// All of it, once the program has ended. A child that it left behind may hold its standard error open: nobody waits
    /// for that one.
    fn text(&self) -> String {
        let _ = self.over.recv_timeout(GRACE);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).trim().to_owned()
    }
}

/// Reads to the end and keeps the last part.
fn keep_last(mut from: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut part = [0; 1024];
    while let Ok(len @ 1..) = from.read(&mut part) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(part.get(..len).unwrap_or_default());
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
}

fn parse(line: &[u8]) -> serde_json::Result<Reply> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let reply = Reply::deserialize(Strict(&mut json))?;
    json.end().map(|()| reply)
}

fn beginning(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line.get(..line.len().min(200)).unwrap_or_default());
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
