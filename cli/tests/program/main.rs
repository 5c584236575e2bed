//! The program as a user runs it: one process a command, image files in a folder, results read as JSON.

#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "all of this is test code"
)]

mod bad_input;
mod cards;
mod contact;
mod export;
mod issuer;
mod json;
mod payment;
mod pins;
mod receive;
mod secrets;
mod serve;
mod shell;
mod talk;
mod tear;
mod trace;
mod vectors;
mod web;
mod world;
