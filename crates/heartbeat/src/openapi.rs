//! `heartbeat openapi`: the description of the HTTP API.

use std::io::Write;

use crate::Failure;

/// The document, as it is committed.
///
/// # Errors
/// When it can't be written as text.
pub fn text() -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(&app::openapi::document());
    let text = text.map_err(Failure::while_doing("the description can't be written"))?;
    Ok(text + "\n")
}

pub(crate) fn print() -> Result<(), Failure> {
    std::io::stdout()
        .write_all(text()?.as_bytes())
        .map_err(Failure::while_doing("can't write to standard output"))
}
