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
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Ask, SubjectError, compare};
use crate::kind::{Group, Kind, Test};
use crate::report::Verdict;

/// A line longer than this is no answer.
const LONGEST: u64 = 1 << 20;

/// How much of a program's last words is kept, in bytes.
const LAST_WORDS: usize = 2000;

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
    #[error("the program did not answer test {id} within {seconds} seconds{}", words(.said))]
    Hung {
        /// The test.
        id: String,
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

/// A running program.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// Closed at the end, so that the program sees it.
    stdin: Option<ChildStdin>,
    lines: Receiver<io::Result<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
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
        let stderr = child.stderr.take().map(|stderr| std::thread::spawn(move || last_words(stderr)));
        let stdin = child.stdin.take();
        Ok(Self { child, stdin, lines, stderr, patience, last: String::new() })
    }

    fn exchange(&mut self, id: &str, question: &[u8], patience: Duration) -> Result<Reply, ProgramError> {
        // One write for the whole line; a program that is gone is noticed below, by its silence.
        let sent = self.stdin.as_mut().map(|stdin| stdin.write_all(question).and_then(|()| stdin.flush()));
        let line = match self.lines.recv_timeout(patience) {
            Ok(Ok(line)) if !matches!(sent, Some(Err(_))) || !line.is_empty() => line,
            Err(RecvTimeoutError::Timeout) => {
                let said = self.kill().1;
                return Err(ProgramError::Hung { id: id.into(), seconds: patience.as_secs(), said });
            }
            _ => return Err(self.died(format!("at test {id}"))),
        };
        let garbage = |why: String| ProgramError::Garbage { id: id.into(), why, line: beginning(&line) };
        if u64::try_from(line.len()).is_ok_and(|len| len >= LONGEST) {
            return Err(garbage(format!("it is longer than {LONGEST} bytes")));
        }
        let reply: Reply = serde_json::from_slice(&line).map_err(|error| garbage(error.to_string()))?;
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

    fn died(&mut self, when: String) -> ProgramError {
        let (status, said) = self.kill();
        ProgramError::Died { status: status.map_or("it is gone".into(), |status| status.to_string()), when, said }
    }

    /// Ends the program if it is still there; how it ended, and the end of what it said on standard error.
    fn kill(&mut self) -> (Option<ExitStatus>, String) {
        self.stdin = None;
        // A program that closed its output is about to end by itself: its own status says more than our signal.
        for _ in 0..20 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let status = self.child.wait().ok();
        let said = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        (status, String::from_utf8_lossy(&said).trim().to_owned())
    }
}

impl Ask for Program {
    fn ask<K: Kind>(&mut self, group: &Group<K>, test: &Test<K>) -> Result<Verdict, SubjectError> {
        if K::answer(&group.shared, &test.input).is_none() {
            return Ok(Verdict::NotAsked("a conversation needs a card".into()));
        }
        let question = Question { id: &test.id, kind: K::NAME, shared: &group.shared, input: &test.input };
        let mut line = serde_json::to_vec(&question).unwrap_or_default();
        line.push(b'\n');
        let patience = if K::NAME == "accumulated" { self.patience.saturating_mul(10) } else { self.patience };
        let reply = self.exchange(&test.id, &line, patience)?;
        test.id.clone_into(&mut self.last);
        if reply.outcome == "unsupported" {
            return Ok(Verdict::NotAsked("the program says that it does not support them".into()));
        }
        let expected = test.output.as_ref().and_then(|output| serde_json::to_value(output).ok());
        let results = Some(K::RESULTS);
        Ok(compare::outcomes(&test.expect, expected.as_ref(), &reply.outcome, reply.output.as_ref(), results))
    }

    fn finish(&mut self) -> Result<(), SubjectError> {
        self.stdin = None;
        match self.lines.recv_timeout(self.patience) {
            Ok(Ok(line)) => {
                let (id, line) = (self.last.clone(), beginning(&line));
                self.kill();
                Err(ProgramError::TooMany { id, line }.into())
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Timeout) => {
                let said = self.kill().1;
                let id = format!("{} (nor did it end with its input)", self.last);
                Err(ProgramError::Hung { id, seconds: self.patience.as_secs(), said }.into())
            }
            Err(RecvTimeoutError::Disconnected) => {
                let (status, said) = self.kill();
                match status {
                    Some(status) if status.success() => Ok(()),
                    status => {
                        let status = status.map_or("it is gone".into(), |status| status.to_string());
                        Err(ProgramError::Died { status, when: "after the last test".into(), said }.into())
                    }
                }
            }
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

/// Reads to the end and keeps the last part.
fn last_words(mut from: impl Read) -> Vec<u8> {
    let (mut kept, mut part) = (Vec::new(), [0; 1024]);
    while let Ok(len @ 1..) = from.read(&mut part) {
        kept.extend_from_slice(part.get(..len).unwrap_or_default());
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
    kept
}

fn beginning(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line.get(..line.len().min(200)).unwrap_or_default());
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
