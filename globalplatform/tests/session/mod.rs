//! Both ends of a session, beside each other.

use apdu::{Aid, Command, Response, Sw};
use globalplatform::scp03::card::{self, Challenge, Offer, Pending};
use globalplatform::scp03::host::{self, Authenticating, Host, HostError};
use globalplatform::scp03::{InitializeUpdateResponse, Level, Parameter};
use globalplatform::{ISSUER_DOMAIN, KeySet};

pub(crate) const VERSION: u8 = 0x30;
const HOST_CHALLENGE: [u8; 8] = [0xA0, 1, 2, 3, 4, 5, 6, 7];

pub(crate) fn keys(length: usize) -> KeySet {
    let bytes: Vec<u8> = (0..length * 3).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect();
    KeySet::from_bytes(&bytes).unwrap()
}

pub(crate) fn ok(data: &[u8]) -> Response<'_> {
    Response { data, sw: Sw::OK }
}

pub(crate) fn bytes_of(command: &Command<'_>) -> Vec<u8> {
    let mut out = vec![0; command.encoded_len()];
    command.encode(&mut out).unwrap();
    out
}

/// What a card with these options offers.
pub(crate) fn offer(keys: &KeySet, i: Parameter) -> Offer<'_> {
    let challenge = if i.pseudo_random {
        Challenge::Sequence { counter: [0, 0, 9], aid: ISSUER_DOMAIN }
    } else {
        Challenge::Random([0xC0, 1, 2, 3, 4, 5, 6, 7])
    };
    let diversification = core::array::from_fn(|i| u8::try_from(i).unwrap());
    Offer { keys, key_version: VERSION, diversification, responses: i.responses, challenge }
}

/// A host and a card after INITIALIZE UPDATE: the response is still on its way.
pub(crate) fn initialize<'k>(
    keys: &'k KeySet,
    version: u8,
    i: Parameter,
    aid: Option<Aid>,
) -> (Host<'k>, Pending, Vec<u8>) {
    let host = Host::new(keys, version, HOST_CHALLENGE);
    let host = aid.into_iter().fold(host, Host::for_application);
    let (pending, answer) = offer(keys, i).answer(host.initialize_update());
    assert_eq!(answer.parameter, i);
    let data = answer.encode(&mut [0; InitializeUpdateResponse::MAX_LENGTH]).to_vec();
    (host, pending, data)
}

/// And after EXTERNAL AUTHENTICATE: the command is still on its way.
pub(crate) fn authenticate(
    keys: &KeySet,
    i: Parameter,
    level: Level,
) -> Result<(Authenticating, Pending, Vec<u8>), HostError> {
    let (host, pending, data) = initialize(keys, VERSION, i, None);
    let mut room = [0; 16];
    let (authenticating, command) = host.receive(&ok(&data))?.external_authenticate(level, &mut room)?;
    Ok((authenticating, pending, bytes_of(&command)))
}

/// And with a session each; `None` if there is no such level.
pub(crate) fn open(keys: &KeySet, i: Parameter, level: Level) -> Option<(host::Session, card::Session)> {
    let (authenticating, pending, command) = authenticate(keys, i, level).ok()?;
    let card = pending.external_authenticate(&Command::decode(&command).unwrap()).unwrap();
    Some((authenticating.accepted(&ok(&[])).unwrap(), card))
}
