//! The purse's menu, as a phone sees it.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable
)]

#[path = "../world/mod.rs"]
mod world;

mod fallbacks;
mod languages;
mod lists;
mod noise;
mod payments;
mod people;
mod pins;
mod standing;
mod uploads;
mod wrong_turns;
