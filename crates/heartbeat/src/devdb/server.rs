//! Making a data directory, starting a server on it, stopping it. One caller at a time: whoever
//! holds the place's turn.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{OpenOptionsExt, fchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::ExposeSecret;

use super::find::Install;
use super::pidfile::{PidFile, is_live_server};
use super::place::Place;
use super::{Certificate, Error, Options};
use crate::wall;

const START_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);
const TRIES_MAX: u32 = 5;
const LOG_LINES_MAX: usize = 6;

const SETTINGS: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "timezone=UTC",
    "log_timezone=UTC",
];
/// Speed before durability: a crash of the machine may cost the development data, nothing else may.
const HASTE: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// A server that takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Running {
    pid: i32,
    pub(super) port: u16,
}

/// The server of this place, if one is up and answers.
pub(super) fn running(place: &Place) -> Result<Option<Running>, Error> {
    let majors = place.majors()?;
    Ok(majors.iter().rev().find_map(|major| ready(&place.data_dir(*major))))
}

fn ready(data_dir: &Path) -> Option<Running> {
    let file = PidFile::read(data_dir).filter(|file| file.is_live_in(data_dir) && file.is_ready)?;
    let running = Running { pid: file.pid, port: file.port? };
    let address = (Ipv4Addr::LOCALHOST, running.port).into();
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok().map(|_| running)
}

/// Starts a server, on fresh data if this version has none here.
pub(super) fn start(place: &Place, install: &Install, options: &Options) -> Result<Running, Error> {
    let data_dir = place.data_dir(install.major);
    if !data_dir.exists() {
        make_data(place, install, &data_dir)?;
    }
    if let Some(certificate) = &options.certificate {
        put_certificate(place, &data_dir, certificate)?;
    }
    let give_up_at = wall::instant() + START_MAX;
    for attempt in 1..=TRIES_MAX {
        forget_dead_server(&data_dir)?;
        let mut child = spawn(place, install, &data_dir, options)?;
        if let Some(running) = wait_until_ready(&mut child, &data_dir, give_up_at)? {
            return Ok(running);
        }
        // The port was taken meanwhile, or children of a killed server still hold its memory.
        wall::block(Duration::from_millis(100) * attempt);
    }
    Err(Error::Program { program: "postgres".to_owned(), output: log_tail(place) })
}

/// Made under another name first, so that a half-made directory is never taken for a whole one.
fn make_data(place: &Place, install: &Install, data_dir: &Path) -> Result<(), Error> {
    let half_made = place.dir().join("half-made");
    if half_made.exists() {
        fs::remove_dir_all(&half_made).map_err(Error::io("delete", &half_made))?;
    }
    let program = install.bin.join("initdb");
    let output = place
        .runner()
        .command(&program)
        .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(&half_made)
        .output()
        .map_err(Error::io("run", &program))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Program { program: "initdb".to_owned(), output: tail(&said) });
    }
    fs::rename(&half_made, data_dir).map_err(Error::io("rename", &half_made))
}

/// Where PostgreSQL looks for it by itself. It takes a key only if that is its user's alone.
fn put_certificate(place: &Place, data_dir: &Path, certificate: &Certificate) -> Result<(), Error> {
    let (pem, key) = (certificate.pem.as_str(), certificate.key.expose_secret());
    for (name, text) in [("server.crt", pem), ("server.key", key)] {
        let path = data_dir.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io("remove", &path)(error));
            }
            _ => {}
        }
        let mut options = File::options();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.map_err(Error::io("create", &path))?;
        file.write_all(text.as_bytes()).map_err(Error::io("write", &path))?;
        let runner = place.runner();
        if runner.steps_down {
            fchown(&file, Some(runner.uid), Some(runner.gid))
                .map_err(Error::io("hand over", &path))?;
        }
    }
    Ok(())
}

/// PostgreSQL refuses to start when the number in its old pid file is in use by any process.
fn forget_dead_server(data_dir: &Path) -> Result<(), Error> {
    let path = data_dir.join("postmaster.pid");
    let is_live = PidFile::read(data_dir).is_some_and(|file| file.is_live_in(data_dir));
    if is_live || !path.exists() {
        return Ok(());
    }
    fs::remove_file(&path).map_err(Error::io("remove", &path))
}

fn spawn(
    place: &Place,
    install: &Install,
    data_dir: &Path,
    options: &Options,
) -> Result<Child, Error> {
    let log_file = place.log_file();
    // Begun anew at each start: it only has to explain the last one.
    let log = File::create(&log_file).map_err(Error::io("write", &log_file))?;
    let errors = log.try_clone().map_err(Error::io("write", &log_file))?;
    let program = install.bin.join("postgres");
    let mut command: Command = place.runner().command(&program);
    command.arg("-D").arg(data_dir).arg("-p").arg(free_port()?.to_string());
    let haste = if options.durable { &[][..] } else { &HASTE };
    let tls = if options.certificate.is_some() { &["ssl=on"][..] } else { &[] };
    for setting in SETTINGS.iter().chain(haste).chain(tls) {
        command.arg("-c").arg(setting);
    }
    // Its own process group, so that Ctrl-C in the terminal doesn't reach it.
    command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
    command.spawn().map_err(Error::io("run", &program))
}

fn free_port() -> Result<u16, Error> {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
    free().map(|address| address.port()).map_err(Error::io("listen on", Path::new("127.0.0.1")))
}

/// Waits for the server's pid file to say `ready`; `None` if it exits first.
fn wait_until_ready(
    child: &mut Child,
    data_dir: &Path,
    give_up_at: Instant,
) -> Result<Option<Running>, Error> {
    while wall::instant() < give_up_at {
        if let Some(running) = ready(data_dir) {
            return Ok(Some(running));
        }
        if child.try_wait().map_err(Error::io("wait for", data_dir))?.is_some() {
            return Ok(None);
        }
        wall::block(POLL);
    }
    let _ = child.kill();
    let output = format!("it wasn't ready after {} s", START_MAX.as_secs());
    Err(Error::Program { program: "postgres".to_owned(), output })
}

/// Stops the server of this place: fast shutdown, and the hard one if that doesn't end.
pub(super) fn stop(place: &Place) -> Result<(), Error> {
    let Some(Running { pid, .. }) = running(place)? else { return Ok(()) };
    for signal in [Signal::SIGINT, Signal::SIGQUIT] {
        match kill(Pid::from_raw(pid), signal) {
            Ok(()) => {}
            Err(Errno::ESRCH) => return Ok(()),
            Err(errno) => return Err(Error::io("stop the server of", place.dir())(errno.into())),
        }
        let give_up_at = wall::instant() + STOP_MAX;
        while wall::instant() < give_up_at {
            if !is_live_server(pid) {
                return Ok(());
            }
            wall::block(POLL);
        }
    }
    Err(Error::Program { program: "postgres".to_owned(), output: "it doesn't stop".to_owned() })
}

fn log_tail(place: &Place) -> String {
    fs::read_to_string(place.log_file()).map_or_else(|error| error.to_string(), |log| tail(&log))
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LOG_LINES_MAX)..].join(" | ")
}
