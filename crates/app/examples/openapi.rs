//! Prints the description of the HTTP API as it is committed in `dashboard/public/openapi.json`. No command of
//! `heartbeat`: what builds descriptions would then be in the functions, too.

use std::io::{Error, Write};

fn main() -> Result<(), Error> {
    std::io::stdout().write_all(app::openapi::text()?.as_bytes())
}
