//! `digitally phones --web`: the same two phones as a page, served to browsers on this machine.

use std::path::Path;

use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Output};
use crate::session::Session;
use crate::web::Site;

/// Names the address at once, and serves until it is told to end.
pub fn run(folder: &Path, port: u16, session: &Session) -> Result<Output, Failure> {
    let site = Site::open(folder, port)?;
    let address = site.url();
    let text = format!("the two phones are at {address}\nCtrl-C ends it; what is loaded goes on without it");
    Output::new(&json!({ "address": address }), text, &address).print(session.format)?;
    let requests = site.serve()?;
    if session.format == output::Format::Text {
        output::note(format_args!("{requests} requests answered"));
    }
    Ok(Output::said(Exit::Done))
}
