#![doc = include_str!("../README.md")]

pub mod atr;
pub mod card;
#[cfg(unix)]
pub mod file;
pub mod image;
mod menu;
mod nvm;
pub mod overlay;
pub mod random;
pub mod uicc;
pub mod vpcd;

pub use atr::{Atr, AtrError};
pub use card::{
    CHANNELS, Card, DomainSetup, Held, ISSUER_DOMAIN, InstallError, Module, OtherCard, PUBLISHED_KEY_VERSION,
    PUBLISHED_KEYS, Place, Protocol, Snapshot, Wear,
};
#[cfg(unix)]
pub use file::{CardFile, FileError};
pub use image::ImageError;
pub use overlay::{Overlay, OverlayError};
pub use random::{OsRandom, SeededRandom};
pub use uicc::Uicc;
