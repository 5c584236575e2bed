#![doc = include_str!("../README.md")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a body that panics has found something"
)]

mod aid;
mod batch;
mod card;
mod command;
mod conversation;
mod domain;
mod globalplatform;
mod handset;
mod image;
mod keys;
mod overlay;
mod phones;
mod receive;
mod response;
mod study;
mod t0;
mod t0_terminal;
mod tlv;
mod toolkit;
mod upload;

pub use self::handset::handset;
pub use self::toolkit::toolkit;
pub use aid::aid;
pub use batch::batch;
pub use card::card;
pub use command::command;
pub use conversation::conversation;
pub use domain::domain;
pub use globalplatform::globalplatform;
pub use image::image;
pub use keys::keys;
pub use overlay::{overlay, overlay_merge};
pub use phones::phones;
pub use receive::receive_lines;
pub use response::response;
pub use study::study;
pub use t0::t0;
pub use t0_terminal::t0_terminal;
pub use tlv::tlv;
pub use upload::upload;

/// One front door.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its folder in `corpus/`.
    pub name: &'static str,
    /// What is run for each input.
    pub body: fn(&[u8]),
    /// The least number of inputs that its corpus has: so many are kept, and none gets lost unseen.
    pub least: usize,
}

/// Every front door.
pub const TARGETS: &[Target] = &[
    Target { name: "aid", body: aid, least: 6 },
    Target { name: "batch", body: batch, least: 12 },
    Target { name: "card", body: card, least: 150 },
    Target { name: "command", body: command, least: 20 },
    Target { name: "conversation", body: conversation, least: 150 },
    Target { name: "domain", body: domain, least: 13 },
    Target { name: "globalplatform", body: globalplatform, least: 18 },
    Target { name: "handset", body: handset, least: 20 },
    Target { name: "image", body: image, least: 100 },
    Target { name: "keys", body: keys, least: 10 },
    Target { name: "phones", body: phones, least: 12 },
    Target { name: "overlay", body: overlay, least: 8 },
    Target { name: "overlay-merge", body: overlay_merge, least: 10 },
    Target { name: "receive", body: receive_lines, least: 9 },
    Target { name: "response", body: response, least: 12 },
    Target { name: "study", body: study, least: 10 },
    Target { name: "t0", body: t0, least: 150 },
    Target { name: "t0-terminal", body: t0_terminal, least: 40 },
    Target { name: "tlv", body: tlv, least: 25 },
    Target { name: "toolkit", body: toolkit, least: 30 },
    Target { name: "upload", body: upload, least: 6 },
];

/// The front door of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}
