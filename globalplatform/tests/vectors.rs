//! The answers of `reference/scp03.py`, computed without our code: every option, level and key size from both ends,
//! diversified keys, and PUT KEY.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use apdu::{Command, Response, Sw};
use globalplatform::command::{Instruction, PutKey};
use globalplatform::diversify::Scheme;
use globalplatform::scp03::card::{Challenge, Offer};
use globalplatform::scp03::host::Host;
use globalplatform::scp03::{InitializeUpdate, InitializeUpdateResponse};
use globalplatform::{ISSUER_DOMAIN, Key, KeySet};
use serde_json::Value;

fn vectors(name: &str, count: usize) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let found = all[name].as_array().unwrap().clone();
    assert_eq!(found.len(), count);
    found
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex::decode(value[name].as_str().unwrap()).unwrap()
}

fn encoded(command: &Command<'_>) -> Vec<u8> {
    let mut out = vec![0; command.encoded_len()];
    command.encode(&mut out).unwrap();
    out
}

fn ok(data: &[u8]) -> Response<'_> {
    Response { data, sw: Sw::OK }
}

#[test]
fn sessions() {
    for vector in vectors("sessions", 3 * 28) {
        let keys = KeySet::from_bytes(&bytes(&vector, "keys")).unwrap();
        let (initialize, expected) = (bytes(&vector, "initialize_update"), bytes(&vector, "response"));
        let request = InitializeUpdate::decode(&Command::decode(&initialize).unwrap()).unwrap();
        let host = Host::new(&keys, request.key_version, request.host_challenge).for_application(ISSUER_DOMAIN);
        assert_eq!(encoded(&host.initialize_update().command().unwrap()), initialize);

        let read = InitializeUpdateResponse::decode(&expected).unwrap();
        let challenge = if read.parameter.pseudo_random {
            Challenge::Sequence { counter: read.sequence, aid: ISSUER_DOMAIN }
        } else {
            Challenge::Random(read.card_challenge)
        };
        let responses = read.parameter.responses;
        let diversification = read.diversification;
        let offer = Offer { keys: &keys, key_version: 0x21, diversification, responses, challenge };
        let (pending, answer) = offer.answer(&request);
        assert_eq!(answer.encode(&mut [0; 32]), expected);
        assert_eq!(u64::from(answer.parameter.byte()), vector["i"]);

        let verified = host.receive(&ok(&expected)).unwrap();
        let external = bytes(&vector, "external_authenticate");
        let mut room = [0; 16];
        let mut card = pending.external_authenticate(&Command::decode(&external).unwrap()).unwrap();
        assert_eq!(u64::from(card.level().byte()), vector["level"]);
        let (authenticating, command) = verified.external_authenticate(card.level(), &mut room).unwrap();
        assert_eq!(encoded(&command), external);
        let mut host = authenticating.accepted(&ok(&[])).unwrap();

        for exchange in vector["exchanges"].as_array().unwrap() {
            let [mut a, mut b, mut c, mut d] = [(); 4].map(|()| vec![0; 1000]);
            let (plain, wrapped) = (bytes(exchange, "command"), bytes(exchange, "wrapped"));
            let sw = Sw::from_bytes(bytes(exchange, "sw").try_into().unwrap());
            let (sent, command) = host.wrap(&Command::decode(&plain).unwrap(), &mut a).unwrap();
            assert_eq!(encoded(&command), wrapped);
            let (received, command) = card.unwrap(&Command::decode(&wrapped).unwrap(), &mut b).unwrap();
            assert_eq!(encoded(&command), plain);
            let (plain, wrapped) = (bytes(exchange, "response"), bytes(exchange, "wrapped_response"));
            let response = received.wrap(&Response { data: &plain, sw }, &mut c).unwrap();
            assert_eq!((response.data, response.sw), (wrapped.as_slice(), sw));
            let response = sent.unwrap(&Response { data: &wrapped, sw }, &mut d).unwrap();
            assert_eq!((response.data, response.sw), (plain.as_slice(), sw));
        }
    }
}

#[test]
fn diversified_keys() {
    for vector in vectors("diversified", 3 * 10) {
        let scheme: Scheme = vector["scheme"].as_str().unwrap().parse().unwrap();
        let masters = KeySet::from_bytes(&bytes(&vector, "masters")).unwrap();
        let keys = scheme.keys(&masters, &bytes(&vector, "data")).unwrap();
        assert_eq!(keys.all().map(Key::expose).concat(), bytes(&vector, "keys"), "{scheme}");
    }
}

#[test]
fn put_key() {
    for vector in vectors("put_key", 3) {
        let dek = Key::new(&bytes(&vector, "dek")).unwrap();
        let keys = KeySet::from_bytes(&bytes(&vector, "keys")).unwrap();
        let (mut room, mut data) = ([0; PutKey::MAX_LENGTH], [0; PutKey::MAX_LENGTH]);
        let put = PutKey::key_set(0x30, 0x31, &keys, &dek, &mut room).unwrap();
        let command = put.encode(&mut data).unwrap();
        assert_eq!((command.p1(), command.p2(), command.data()), (0x30, 0x81, bytes(&vector, "data").as_slice()));
        assert_eq!(put.response().bytes(), bytes(&vector, "response"));
        let read = PutKey::decode(&command).unwrap();
        assert_eq!(read, put);
        let read = read.decrypt(&dek).unwrap();
        assert_eq!(read.all().map(Key::expose), keys.all().map(Key::expose));
    }
}
