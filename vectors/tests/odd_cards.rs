//! Cards that are none: whatever they answer, nothing passes, and nothing panics.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::convert::Infallible;

use apdu::Transport;
use vectors::{CardError, Cards, Filter, OnCards, SubjectError, VectorError};

/// Answers every command with the same bytes.
#[derive(Clone, Copy)]
struct Same(&'static [u8]);

impl Transport for Same {
    type Error = Infallible;

    fn transmit(&mut self, _: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        let len = self.0.len().min(response.len());
        response[..len].copy_from_slice(&self.0[..len]);
        Ok(len)
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &[]
    }
}

impl Cards for Same {
    type Card = Self;

    fn blank(&mut self) -> Result<Self, CardError> {
        Ok(*self)
    }
}

#[test]
fn no_answer_is_right_for_everything() {
    const LONG: &[u8] = &[0x90; 300];
    const SOME: &[u8] = &[0x6F, 0x10, 0x84, 0x01, 0xA0, 0x90, 0x00];
    let answers: [&[u8]; 10] = [
        &[],
        &[0x90],
        &[0x90, 0x00],
        &[0x6F, 0x00],
        &[0x6A, 0x80],
        &[0x61, 0x10],
        &[0x6C, 0x10],
        &[0x63, 0xC4],
        SOME,
        LONG,
    ];
    for answer in answers {
        for kind in ["code", "refusal", "live"] {
            let filter = Filter { kind: Some(kind.into()), flag: None };
            match vectors::verify(&vectors::embedded(), &mut OnCards(Same(answer)), &filter, &mut ()) {
                Err(VectorError::Subject(SubjectError::Card(_))) => {}
                Ok(reports) => assert!(reports.iter().all(|report| report.passed == 0), "{kind} {answer:02X?}"),
                Err(other) => panic!("{kind} {answer:02X?}: {other}"),
            }
        }
    }
}
