//! Histories that somebody thought up: what people with real purses do to each other, one story a test.
//!
//! The names S1 to S8 are the properties of the purse: conservation (S1), no credit without a debit (S2), one credit a
//! debit (S3), agreement (S4), bounded guesses (S5) and searches (S6), a PIN for each debit (S7), nothing lost (S8).
//! The statements (P-…) are those of `docs/protocol.md`. However a story goes, S1 to S4 and S8 are asked of all cards at
//! its end, by `history`. Random histories are in `hostile.rs`, cuts of the power at every write in `power.rs`.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unreachable)]
#![allow(clippy::as_conversions, clippy::cast_possible_truncation)]

#[path = "../world/mod.rs"]
mod world;

mod abandoned;
mod account;
mod balance;
mod both_directions;
mod caps;
mod check;
mod contacts;
mod issuer_contact;
mod keys;
mod last;
mod log_full;
mod nonces;
mod payees;
mod pin;
mod replacement;
mod replay;
mod serials;
mod third_party;
