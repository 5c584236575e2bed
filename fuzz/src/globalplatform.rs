//! An issuer domain: its commands, its data objects, and its secure channel.

use apdu::{Command, Response, Sw};
use globalplatform::command::{
    Delete, GetData, GetStatus, Install, Instruction, PutKey, RegistryEntry, SetStatus, StoreData,
};
use globalplatform::data::{CardRecognition, Cplc, KeyInformation};
use globalplatform::scp03::card::{Challenge, Offer, Session};
use globalplatform::scp03::host::{self, Host};
use globalplatform::scp03::{InitializeUpdate, InitializeUpdateResponse, Level, ResponseProtection};
use globalplatform::{Key, KeySet};

/// What is understood is understood the same after it was written again; what is said through the channel arrives; and
/// nothing goes through it that the other end has not said.
pub fn globalplatform(bytes: &[u8]) {
    objects(bytes);
    if let Ok(command) = Command::decode(bytes) {
        commands(&command);
        through_the_channel(&command);
        forged(&command);
    }
    if let Ok(response) = Response::decode(bytes) {
        let keys = keys();
        assert!(Host::new(&keys, 0, [0; 8]).receive(&response).is_err());
        let (mut host, _) = sessions(&keys, Level::Full);
        let (mut room, mut read) = ([0; 64], vec![0; bytes.len()]);
        let get_data = GetData::CARD_DATA.encode(&mut []).expect("nothing to write");
        let (sent, _) = host.wrap(&get_data, &mut room).expect("it fits");
        // Errors have no MAC: they are believed, without data.
        let error = !response.sw.is_ok() && !matches!(response.sw.bytes(), [0x62 | 0x63, _]);
        assert_eq!(sent.unwrap(&response, &mut read).is_ok(), error && response.data.is_empty());
    }
}

/// What this command is understood as, written and understood again.
macro_rules! again {
    ($($kind:ty),*) => {
        |command: &Command<'_>| {
            $(if let Ok(read) = <$kind>::decode(command) {
                let mut room = vec![0; command.data().len() + 8];
                let written = read.encode(&mut room).expect("no longer than what was read");
                assert_eq!(<$kind>::decode(&written), Ok(read));
            })*
        }
    };
}

fn commands(command: &Command<'_>) {
    again!(Install<'_>, Delete, StoreData<'_>, SetStatus, GetStatus<'_>, GetData, PutKey<'_>)(command);
    if let Ok(put) = PutKey::decode(command) {
        assert_eq!(put.keys().count(), usize::from(put.count()));
        let dek = Key::new(&[7; 16]).expect("a length of AES");
        let _ = put.decrypt(&dek);
        assert!(put.response().is(put.response().bytes()));
    }
    if let Ok(request) = InitializeUpdate::decode(command) {
        let written = request.command().expect("8 bytes");
        assert_eq!(InitializeUpdate::decode(&written), Ok(request));
    }
}

fn objects(bytes: &[u8]) {
    if let Ok(response) = InitializeUpdateResponse::decode(bytes) {
        assert_eq!(response.encode(&mut [0; InitializeUpdateResponse::MAX_LENGTH]), bytes);
    }
    if let Ok(recognition) = CardRecognition::decode(bytes) {
        let mut room = [0; 80];
        let written = recognition.encode(&mut room).expect("it is short");
        assert_eq!(CardRecognition::decode(written), Ok(recognition));
    }
    if let Ok(cplc) = Cplc::decode(bytes) {
        assert_eq!(Cplc::decode(&cplc.encode()), Ok(cplc));
    }
    if let Ok(entries) = KeyInformation::decode(bytes) {
        let entries: Vec<_> = entries.filter_map(Result::ok).collect();
        let mut room = vec![0; bytes.len() + 16];
        let written = KeyInformation::encode(&entries, &mut room).expect("no longer than what was read");
        let read: Result<Vec<_>, _> = KeyInformation::decode(written).expect("a template").collect();
        assert_eq!(read, Ok(entries));
    }
    for entry in RegistryEntry::decode_all(bytes).filter_map(Result::ok) {
        let mut room = [0; 128];
        let mut writer = apdu::tlv::Writer::new(&mut room);
        entry.encode(&mut writer).expect("it is short");
        assert_eq!(RegistryEntry::decode_all(writer.finish()).next(), Some(Ok(entry)));
    }
}

fn through_the_channel(command: &Command<'_>) {
    let keys = keys();
    for level in Level::ALL {
        let (mut host, mut card) = sessions(&keys, level);
        let room = command.data().len() + 32;
        let (mut wrapped, mut opened) = (vec![0; room], vec![0; room]);
        if let Ok((_, said)) = host.wrap(command, &mut wrapped) {
            match card.unwrap(&said, &mut opened) {
                Ok((_, heard)) => assert!(heard == *command, "{heard:?} of {command:?}"),
                // Without secure messaging, a command that says it has some is refused.
                Err(_) => assert!(!level.command_mac()),
            }
        }
    }
}

fn forged(command: &Command<'_>) {
    let keys = keys();
    let (_, mut card) = sessions(&keys, Level::CMac);
    let mut room = vec![0; command.data().len()];
    assert!(card.unwrap(command, &mut room).is_err());
    assert!(!card.is_open());
    assert!(
        offer(&keys)
            .answer(&InitializeUpdate { key_version: 0, host_challenge: [1; 8] })
            .0
            .external_authenticate(command)
            .is_err()
    );
}

fn keys() -> KeySet {
    KeySet::from_bytes(&[0x4B; 48]).expect("three lengths of AES")
}

fn offer(keys: &KeySet) -> Offer<'_> {
    let responses = ResponseProtection::MacAndEncryption;
    Offer { keys, key_version: 1, diversification: [0; 10], responses, challenge: Challenge::Random([2; 8]) }
}

fn sessions(keys: &KeySet, level: Level) -> (host::Session, Session) {
    let host = Host::new(keys, 0, [1; 8]);
    let (pending, answer) = offer(keys).answer(host.initialize_update());
    let mut data = [0; InitializeUpdateResponse::MAX_LENGTH];
    let response = Response { data: answer.encode(&mut data), sw: Sw::OK };
    let verified = host.receive(&response).expect("the same keys");
    let mut room = [0; 16];
    let (authenticating, command) = verified.external_authenticate(level, &mut room).expect("every level");
    let card = pending.external_authenticate(&command).expect("the same keys");
    (authenticating.accepted(&Response { data: &[], sw: Sw::OK }).expect("9000"), card)
}
