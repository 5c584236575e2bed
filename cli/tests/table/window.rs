//! A terminal window with the program in it: keys are typed, and what is on its screen is read.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rexpect::process::{PtyProcess, Signal, WaitStatus};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// How long a person would wait. It is only ever waited for so long where the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Window {
    process: PtyProcess,
    keys: File,
    output: Receiver<Vec<u8>>,
    emulator: vt100::Parser,
    /// All that came, for what an emulator does not keep.
    pub raw: Vec<u8>,
}

fn size(of: u16) -> NonZeroU16 {
    NonZeroU16::new(of).unwrap()
}

impl Window {
    /// The program with these words, in a window of 80 x 24.
    pub fn open(words: &[&str]) -> Self {
        Self::of(Command::new(env!("CARGO_BIN_EXE_digitally")).args(words))
    }

    /// A command of whatever kind.
    pub fn of(program: &Command) -> Self {
        // The size is there before the program is.
        let mut command = Command::new("sh");
        command.args(["-c", "stty cols 80 rows 24; exec \"$0\" \"$@\""]).arg(program.get_program());
        command.args(program.get_args()).env("TERM", "xterm").env("NO_COLOR", "1");
        for (name, value) in program.get_envs() {
            command.env(name, value.unwrap());
        }
        let mut process = PtyProcess::new(command).unwrap();
        process.set_kill_timeout(Some(1_000));
        let (sender, output) = channel();
        let mut reader = process.get_file_handle().unwrap();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(count) = reader.read(&mut chunk) {
                if count == 0 || sender.send(chunk[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keys = process.get_file_handle().unwrap();
        Self { process, keys, output, emulator: vt100::Parser::new(size(24), size(80), 0), raw: Vec::new() }
    }

    pub fn type_in(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// A click with the left button on the cell where this stands (SGR mouse reports).
    pub fn click(&mut self, text: &str) {
        let lines = self.lines();
        let (line, column) = lines
            .iter()
            .enumerate()
            .find_map(|(at, line)| Some((at + 1, line[..line.find(text)?].chars().count() + 1)))
            .unwrap_or_else(|| panic!("no {text} in\n{}", lines.join("\n")));
        self.type_in(&format!("\x1b[<0;{column};{line}M\x1b[<0;{column};{line}m"));
    }

    pub fn resize(&mut self, columns: u16, lines: u16) {
        let winsize = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.keys, winsize).unwrap();
        self.emulator.set_size(size(lines), size(columns));
    }

    pub fn signal(&mut self, signal: Signal) {
        self.process.signal(signal).unwrap();
    }

    /// Whether keys come as they are pressed.
    pub fn is_raw(&self) -> bool {
        !tcgetattr(&self.keys).unwrap().local_modes.contains(LocalModes::ICANON)
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.emulator.screen()
    }

    pub fn lines(&self) -> Vec<String> {
        let (_, columns) = self.screen().size();
        self.screen().rows(0, columns.get()).map(|line| line.trim_end().to_owned()).collect()
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Waits until this is so.
    pub fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.emulator.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("not so: {what}\n{}", self.text())
                }
            }
        }
    }

    /// Waits until this is on the screen.
    pub fn sees(&mut self, text: &str) {
        self.until(text, |window| window.text().contains(text));
    }

    /// What is in these columns, as one text; lines of a phone that were broken are joined by a blank.
    fn columns(&self, from: usize, count: usize) -> String {
        let part = |line: &String| line.chars().skip(from).take(count).collect::<String>();
        self.lines().iter().map(part).collect::<Vec<_>>().join("\n")
    }

    /// The screen of the left phone, or of the right one: its text, blanks once.
    pub fn phone(&self, right: bool) -> String {
        let text = self.columns(if right { 25 } else { 2 }, 16);
        let lines: Vec<&str> = text.lines().skip(2).take(6).collect();
        lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until this is on the screen of that phone.
    pub fn phone_sees(&mut self, right: bool, text: &str) {
        self.until(text, |window| window.phone(right).contains(text));
    }

    /// Reads what is left, and says how the program ended.
    pub fn ends(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(bytes) = self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            self.emulator.process(&bytes);
            self.raw.extend(bytes);
        }
        assert!(Instant::now() < deadline, "it does not end:\n{}", self.text());
        match self.process.wait().unwrap() {
            WaitStatus::Exited(_, code) => code,
            other => panic!("{other:?}"),
        }
    }

    /// That the terminal is as it was before the program: cooked, its own screen, cursor and mouse.
    pub fn is_as_before(&self) -> bool {
        let screen = self.screen();
        !self.is_raw()
            && !screen.alternate_screen()
            && !screen.hide_cursor()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }
}
