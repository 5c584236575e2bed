//! A card that answers 9000 to everything, in a virtual reader: what other cards' speed is measured beside.
//!
//! `cargo run --release -p card-sim --example nine_thousand 127.0.0.1:35964`

use std::convert::Infallible;

use apdu::{Response, Sw, Transport};
use card_sim::atr::DEFAULT_T1;
use card_sim::vpcd::{ADDRESS, Control, Pace, Powered, run};

struct NineThousand;

impl Powered for NineThousand {}

impl Transport for NineThousand {
    type Error = Infallible;

    fn transmit(&mut self, _: &[u8], response: &mut [u8]) -> Result<usize, Infallible> {
        Ok(Response { data: &[], sw: Sw::OK }.encode(response).unwrap_or(0))
    }

    fn reset(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn atr(&self) -> &[u8] {
        &DEFAULT_T1
    }
}

fn main() -> Result<(), Infallible> {
    let address = std::env::args().nth(1).unwrap_or_else(|| ADDRESS.to_owned());
    run(&mut NineThousand, &address, Pace::DEFAULT, &Control::default(), &mut |_| {})
}
