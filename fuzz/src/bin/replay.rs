//! `replay TARGET FILE…`: runs a body on what is in these files, to see again what a fuzzer has found.

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let names: Vec<&str> = fuzz::TARGETS.iter().map(|target| target.name).collect();
    let usage = || format!("usage: replay TARGET FILE…, where TARGET is one of {}", names.join(", "));
    let target = fuzz::target(&name).ok_or_else(usage)?;
    let files: Vec<String> = arguments.collect();
    if files.is_empty() {
        return Err(usage());
    }
    for file in files {
        (target.body)(&std::fs::read(&file).map_err(|error| format!("{file}: {error}"))?);
    }
    Ok(())
}
