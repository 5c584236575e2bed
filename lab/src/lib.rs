#![doc = include_str!("../README.md")]

pub mod attack;
mod document;
pub mod entropy;
pub mod policy;
pub mod profile;
pub mod tear;

pub use document::DocumentError;
pub use entropy::Account;
pub use policy::Policy;
pub use profile::published;
