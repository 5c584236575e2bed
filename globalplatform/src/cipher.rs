//! The seam to the cryptography: AES of three key lengths, in CBC mode and in CMAC.
//!
//! Sources: FIPS 197 (AES), NIST SP 800-38A (CBC), NIST SP 800-38B (CMAC).

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use cmac::{Cmac, Mac};

/// Bytes of an AES block.
pub(crate) const BLOCK: usize = 16;

/// One block of AES.
pub(crate) type Block = [u8; BLOCK];

/// AES with its key schedule made.
#[derive(Clone)]
pub(crate) enum Aes {
    Of128(Aes128),
    Of192(Aes192),
    Of256(Aes256),
}

/// CMAC with its key schedule and subkeys made.
#[derive(Clone)]
pub(crate) enum AesCmac {
    Of128(Cmac<Aes128>),
    Of192(Cmac<Aes192>),
    Of256(Cmac<Aes256>),
}

/// The same for each key length.
macro_rules! each {
    ($kind:ident, $of:expr, $inner:ident => $do:expr) => {
        match $of {
            $kind::Of128($inner) => $do,
            $kind::Of192($inner) => $do,
            $kind::Of256($inner) => $do,
        }
    };
}

impl Aes {
    /// `None` unless the key has 16, 24 or 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(Self::Of128),
            24 => Aes192::new_from_slice(key).ok().map(Self::Of192),
            32 => Aes256::new_from_slice(key).ok().map(Self::Of256),
            _ => None,
        }
    }

    /// One block, enciphered.
    pub(crate) fn encrypt(&self, block: Block) -> Block {
        let mut block = Array::from(block);
        each!(Self, self, aes => aes.encrypt_block(&mut block));
        block.into()
    }

    /// Enciphers in place. Bytes behind the last whole block stay as they are: callers have none.
    pub(crate) fn cbc_encrypt(&self, iv: Block, data: &mut [u8]) {
        let (blocks, _) = Array::<u8, U16>::slice_as_chunks_mut(data);
        each!(Self, self, aes => cbc::Encryptor::inner_iv_init(aes, &iv.into()).encrypt_blocks(blocks));
    }

    /// Deciphers in place. Bytes behind the last whole block stay as they are: callers have none.
    pub(crate) fn cbc_decrypt(&self, iv: Block, data: &mut [u8]) {
        let (blocks, _) = Array::<u8, U16>::slice_as_chunks_mut(data);
        each!(Self, self, aes => cbc::Decryptor::inner_iv_init(aes, &iv.into()).decrypt_blocks(blocks));
    }
}

impl AesCmac {
    /// `None` unless the key has 16, 24 or 32 bytes.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Cmac::new_from_slice(key).ok().map(Self::Of128),
            24 => Cmac::new_from_slice(key).ok().map(Self::Of192),
            32 => Cmac::new_from_slice(key).ok().map(Self::Of256),
            _ => None,
        }
    }

    /// The MAC of these parts, one after the other.
    pub(crate) fn tag(&mut self, parts: &[&[u8]]) -> Block {
        each!(Self, self, mac => {
            for part in parts {
                mac.update(part);
            }
            mac.finalize_reset().into_bytes().into()
        })
    }
}
