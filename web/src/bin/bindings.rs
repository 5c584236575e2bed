//! Writes the JavaScript by which a page calls what was compiled to WebAssembly: `bindings INPUT.wasm FOLDER`.
//!
//! It is the library behind the command `wasm-bindgen`. Both halves must be of one version, and so they are without installing
//! anything: `Cargo.lock` has it.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(input), Some(folder), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("usage: bindings INPUT.wasm FOLDER".into());
    };
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("room")
        .generate(folder)?;
    Ok(ExitCode::SUCCESS)
}
