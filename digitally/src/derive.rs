//! Key derivation: NIST SP 800-108r1, counter mode, with CMAC as the pseudo-random function.
//!
//! `K(i) = CMAC(K, [i]₃₂ ‖ label ‖ 00 ‖ context ‖ [L]₃₂)`, `L` the length of all output in bits; the output is
//! `K(1) ‖ K(2) ‖ …` cut to that length.

use zeroize::Zeroize;

use crate::key::{Key, KeyLength, Purpose};
use crate::mac::Algorithm;

/// The name under which key files and cards' documents know this scheme.
pub const NAME: &str = "sp800-108-counter-cmac";

/// The longest label and context together, in bytes.
pub const MAX_INFO: usize = 64;

/// The most output, in bytes: L is 65536 then.
pub const MAX_OUTPUT: usize = 8192;

/// Why no key could be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeriveError {
    /// The key to derive from is for another MAC: its tags have another length.
    #[error("keys are derived from AES-CMAC keys only")]
    NotCmac,
    /// No output, or more than [`MAX_OUTPUT`].
    #[error("1 to {MAX_OUTPUT} bytes can be derived at once")]
    OutputLength,
    /// Label and context are longer than [`MAX_INFO`].
    #[error("label and context together have more than {MAX_INFO} bytes")]
    InfoTooLong,
    /// The key asked for has a length that its algorithm does not take.
    #[error(transparent)]
    Length(#[from] KeyLength),
}

/// Fills `out` with bytes derived from `key` for this label and context.
///
/// # Errors
/// [`DeriveError`]: the key is not for AES-CMAC, label and context are too long, or the output has none of the lengths
/// that P-DER-1 of `docs/protocol.md` allows.
pub fn bytes<P: Purpose>(key: &Key<P>, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), DeriveError> {
    let bits = u32::try_from(out.len()).ok().filter(|_| (1..=MAX_OUTPUT).contains(&out.len()));
    let bits = bits.and_then(|len| len.checked_mul(8)).ok_or(DeriveError::OutputLength)?;
    if key.algorithm() != Algorithm::AesCmac {
        return Err(DeriveError::NotCmac);
    }
    for (i, block) in (1u32..).zip(out.chunks_mut(16)) {
        let mut input = [0; MAX_INFO + 9];
        let mut len = 0usize;
        for part in [&i.to_be_bytes()[..], label, &[0], context, &bits.to_be_bytes()] {
            let end = len.saturating_add(part.len());
            input.get_mut(len..end).ok_or(DeriveError::InfoTooLong)?.copy_from_slice(part);
            len = end;
        }
        let tag = key.tag(input.get(..len).unwrap_or_default());
        block.iter_mut().zip(tag.expose()).for_each(|(to, from)| *to = *from);
    }
    Ok(())
}

/// A key of `len` bytes for another purpose.
///
/// # Errors
/// [`DeriveError`], also for a length that the algorithm does not take.
pub fn key<P: Purpose, Q: Purpose>(
    key: &Key<P>,
    label: &[u8],
    context: &[u8],
    algorithm: Algorithm,
    len: usize,
) -> Result<Key<Q>, DeriveError> {
    let mut room = [0; 32];
    let out = room.get_mut(..len).ok_or(KeyLength { algorithm, found: len })?;
    bytes(key, label, context, out)?;
    let derived = Key::new(algorithm, out);
    room.zeroize();
    Ok(derived?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Master, Payment};
    use hex_literal::hex;

    /// P-DER-1: SCP03 derives its keys by the same counter mode: Amendment D's layout differs, so this is a check of
    /// our own layout against CMAC called by hand.
    #[test]
    fn the_layout_is_the_documented_one() {
        let master = Key::<Master>::new(Algorithm::AesCmac, &hex!("000102030405060708090a0b0c0d0e0f")).unwrap();
        let derived: Key<Payment> = key(&master, b"payment", &[0, 1], Algorithm::HmacSha256, 32).unwrap();
        let first = master.tag(&hex!("00000001" "7061796d656e74" "00" "0001" "00000100"));
        let second = master.tag(&hex!("00000002" "7061796d656e74" "00" "0001" "00000100"));
        assert_eq!(derived.expose()[..16], *first.expose());
        assert_eq!(derived.expose()[16..], *second.expose());
    }

    #[test]
    fn refusals() {
        let master = Key::<Master>::new(Algorithm::AesCmac, &[0; 16]).unwrap();
        assert_eq!(bytes(&master, &[0; 60], &[0; 5], &mut [0; 16]), Err(DeriveError::InfoTooLong));
        let hmac = Key::<Master>::new(Algorithm::HmacSha256, &[0; 16]).unwrap();
        assert_eq!(bytes(&hmac, b"x", b"", &mut [0; 16]), Err(DeriveError::NotCmac));
        assert_eq!(bytes(&master, b"x", b"", &mut []), Err(DeriveError::OutputLength));
        assert_eq!(bytes(&master, b"x", b"", &mut [0; MAX_OUTPUT]), Ok(()));
        assert_eq!(bytes(&master, b"x", b"", &mut [0; MAX_OUTPUT + 1]), Err(DeriveError::OutputLength));
        assert!(key::<_, Payment>(&master, b"x", b"", Algorithm::AesCmac, 17).is_err());
        assert!(key::<_, Payment>(&master, b"x", b"", Algorithm::AesCmac, 33).is_err());
    }
}
