//! The one way an encoder can fail: the caller's buffer is too small.

/// The buffer handed over cannot hold the encoding; nothing was written to it that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the buffer holds {available} bytes, {needed} are needed")]
pub struct BufferTooSmall {
    /// Bytes the whole encoding needs.
    pub needed: usize,
    /// Bytes the buffer has.
    pub available: usize,
}

/// Writes `parts` one after the other at the start of `out` and returns how many bytes that made.
#[inline]
pub(crate) fn write_parts(out: &mut [u8], parts: &[&[u8]]) -> Result<usize, BufferTooSmall> {
    let available = out.len();
    let mut rest = out;
    for part in parts {
        let Some((head, tail)) = rest.split_at_mut_checked(part.len()) else {
            let needed = parts.iter().fold(0, |sum: usize, p| sum.saturating_add(p.len()));
            return Err(BufferTooSmall { needed, available });
        };
        head.copy_from_slice(part);
        rest = tail;
    }
    Ok(available.saturating_sub(rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_written_in_order_or_the_need_is_told() {
        let mut out = [0; 4];
        assert_eq!(write_parts(&mut out, &[&[1], &[], &[2, 3]]), Ok(3));
        assert_eq!(out, [1, 2, 3, 0]);
        assert_eq!(write_parts(&mut out, &[&[1, 2], &[3, 4, 5]]), Err(BufferTooSmall { needed: 5, available: 4 }));
    }
}
