//! Kind `apdu`: the coding of commands and responses, ISO/IEC 7816-3 and 7816-4.

use apdu::class::{ClassKind, SecureMessaging};
use apdu::command::{Case, CommandError};
use apdu::{Command, Response};
use serde::{Deserialize, Serialize};

use super::{Answer, Kind};
use crate::expect::Expect;
use crate::hex_text::Hex;
use crate::read::strict::from_an_object;

/// The kind.
pub(crate) struct Apdu;

/// Which of the two.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shared {
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum What {
    Command,
    Response,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    pub(crate) bytes: Hex,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Output {
    Command(CommandFields),
    Response(ResponseFields),
}

/// A command, field by field.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(crate) struct CommandFields {
    /// `1`, `2S`, `3S`, `4S`, `2E`, `3E` or `4E`.
    case: String,
    cla: Hex,
    ins: Hex,
    p1: Hex,
    p2: Hex,
    data: Hex,
    /// How many bytes of answer are expected at most; 0 without Le.
    ne: u32,
    class: String,
    /// Not where the class byte says nothing about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chained: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secure_messaging: Option<String>,
}

/// A response.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(crate) struct ResponseFields {
    data: Hex,
    sw: Hex,
}

from_an_object! { CommandFields ResponseFields }

impl Kind for Apdu {
    const NAME: &'static str = "apdu";
    type Shared = Shared;
    type Input = Input;
    type Output = Output;
    const RESULTS: &'static [&'static str] = &["case", "cla", "ins", "p1", "p2", "ne", "data", "class", "sw"];

    fn answer(shared: &Shared, input: &Input) -> Option<Answer<Output>> {
        let bytes = input.bytes.bytes();
        Some(match shared.what {
            What::Command => Command::decode(bytes)
                .map(|command| Output::Command(CommandFields::of(&command)))
                .map_err(|error| match error {
                    CommandError::HeaderTruncated { .. } => Expect::malformed("header"),
                    _ => Expect::malformed("body"),
                }),
            What::Response => Response::decode(bytes)
                .map(|response| {
                    let sw = response.sw.bytes();
                    Output::Response(ResponseFields { data: response.data.into(), sw: sw.into() })
                })
                .map_err(|_| Expect::malformed("status-word")),
        })
    }
}

impl CommandFields {
    fn of(command: &Command<'_>) -> Self {
        let cla = command.cla();
        let says = !matches!(cla.kind(), ClassKind::Reserved | ClassKind::Invalid);
        Self {
            case: case(command.case()).into(),
            cla: [cla.byte()].into(),
            ins: [command.ins()].into(),
            p1: [command.p1()].into(),
            p2: [command.p2()].into(),
            data: command.data().into(),
            ne: command.ne(),
            class: match cla.kind() {
                ClassKind::FirstInterindustry => "first-interindustry",
                ClassKind::FurtherInterindustry => "further-interindustry",
                ClassKind::Proprietary => "proprietary",
                ClassKind::Reserved => "reserved",
                ClassKind::Invalid => "invalid",
            }
            .into(),
            channel: cla.channel().map(apdu::Channel::number),
            chained: says.then(|| cla.chaining()),
            secure_messaging: says.then(|| secure_messaging(cla.secure_messaging()).into()),
        }
    }
}

const fn case(case: Case) -> &'static str {
    match case {
        Case::One => "1",
        Case::TwoShort => "2S",
        Case::ThreeShort => "3S",
        Case::FourShort => "4S",
        Case::TwoExtended => "2E",
        Case::ThreeExtended => "3E",
        Case::FourExtended => "4E",
    }
}

const fn secure_messaging(kind: SecureMessaging) -> &'static str {
    match kind {
        SecureMessaging::None => "none",
        SecureMessaging::Proprietary => "proprietary",
        SecureMessaging::IsoHeaderNotAuthenticated => "iso",
        SecureMessaging::IsoHeaderAuthenticated => "iso-with-header",
    }
}
