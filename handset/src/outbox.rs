//! Short messages on their way out, and sounds: what leaves a phone but for what is on its screen.

use std::time::Duration;

use toolkit::command::{PlayTone, SendShortMessage, Tone};
use toolkit::sms::Submit;

/// A short message that the card sent. It is the host's to bring to somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The service centre, if the card names one.
    pub service_centre: Option<String>,
    /// To whom.
    pub destination: String,
    /// The SMS-SUBMIT as it goes to the network: packed, if the card asked for that, with a reference of the phone's.
    pub tpdu: Vec<u8>,
}

/// A sound that the phone made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sound {
    /// Which.
    pub tone: Tone,
    /// For how long, if the card says it.
    pub duration: Option<Duration>,
    /// Whether the phone also vibrates.
    pub vibrate: bool,
}

impl Message {
    /// What the card wants to be sent, with this reference; `None` if it is no SMS-SUBMIT.
    pub(crate) fn of(command: &SendShortMessage<'_>, reference: u8) -> Option<Self> {
        let submit = Submit::decode(command.tpdu).ok()?;
        let (mut packed, mut out) = ([0; 160], [0; Submit::MAX_LENGTH]);
        let data = if command.packing { submit.data.packed(&mut packed).ok()? } else { submit.data };
        let submit = Submit { reference, data, ..submit };
        Some(Self {
            service_centre: command.service_centre.map(|address| address.to_string()),
            destination: submit.destination.to_string(),
            tpdu: submit.encode(&mut out).ok()?.to_vec(),
        })
    }
}

impl Sound {
    pub(crate) fn of(command: &PlayTone<'_>) -> Self {
        let duration = command.duration.map(time);
        Self { tone: command.tone.unwrap_or(Tone::BEEP), duration, vibrate: command.vibrate }
    }
}

/// A duration of the toolkit as one of ours.
pub(crate) fn time(duration: toolkit::element::Duration) -> Duration {
    Duration::from_millis(u64::from(duration.milliseconds()))
}

impl std::fmt::Debug for Message {
    /// How long it is: its text may be anybody's secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({} bytes)", self.tpdu.len())
    }
}
