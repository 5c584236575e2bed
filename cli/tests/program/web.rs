//! `phones --web`: a page is served on loopback until a signal, and what is in the way is said.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use serde_json::Value;

use crate::world::World;

const FILES: [&str; 5] = ["index.html", "style.css", "phones.js", "room.js", "room_bg.wasm"];

/// A page whose files hold their own names.
fn page(world: &World) {
    std::fs::create_dir(world.path("page")).unwrap();
    for name in FILES {
        std::fs::write(world.path("page").join(name), name).unwrap();
    }
}

#[test]
fn a_page_is_served_until_a_signal() {
    let world = World::new();
    page(&world);
    for signal in ["TERM", "INT"] {
        let mut child = world.start(&["phones", "--web", "page", "--json"]);
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut json = String::new();
        while !json.contains('}') {
            assert!(said.read_line(&mut json).unwrap() > 0, "{json}");
        }
        let json: Value = serde_json::from_str(&json).unwrap();
        let address = json["address"].as_str().unwrap().strip_prefix("http://").unwrap().strip_suffix('/').unwrap();
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET /room_bg.wasm HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("application/wasm") && answer.ends_with("\r\n\r\nroom_bg.wasm"), "{answer}");
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn what_is_in_the_way_is_said() {
    let world = World::new();
    let said = world.fails(&["phones", "--web", "nowhere"], 2, "page-missing");
    assert!(said.contains("index.html is missing") && said.contains("web/build"), "{said}");
    page(&world);
    std::fs::remove_file(world.path("page").join("room_bg.wasm")).unwrap();
    let said = world.fails(&["phones", "--web", "page"], 2, "page-missing");
    assert!(said.contains("room_bg.wasm is missing"), "{said}");
    for words in [
        ["phones", "--web", "page", "--plain"].as_slice(),
        &["phones", "--web", "page", "--left", "alice.card"],
        &["phones", "--web", "page", "--port", "65536"],
        &["phones", "--port", "8000"],
    ] {
        world.fails(words, 2, "usage");
    }
}
