//! The command line `heartbeat`: see the library of the same name.
fn main() -> std::process::ExitCode {
    heartbeat::main()
}
