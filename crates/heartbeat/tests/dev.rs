//! `heartbeat dev` as its user meets it: a program that says when it is ready, and ends when told.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
#![expect(clippy::disallowed_methods, reason = "a real program takes real time")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use heartbeat::devdb;

/// A data folder of its own, erased at the end of the test even if it fails.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("heartbeat-dev-{name}-{}", std::process::id());
        Folder(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = devdb::erase(&self.0.join("postgres"), true);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn dev(folder: &Path, sim_port: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat"));
    command
        .args(["dev", "--port", "0", "--creators", "2", "--days", "20", "--sim-port", sim_port])
        .arg("--no-page")
        .arg("--data-dir")
        .arg(folder)
        .env_remove("DATABASE_URL")
        .env_remove("TOKEN_KEYS");
    command
}

/// Killed if the test fails before it ends by itself.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(folder: &Path) -> Running {
        let mut child =
            dev(folder, "0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Running { child, out }
    }

    fn ready_line(&mut self) -> Vec<String> {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    }

    /// Ends it with a signal; gives the time that took and what else it said.
    fn end(mut self, signal: &str) -> (Duration, String) {
        let began_at = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let took = began_at.elapsed();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (took, rest)
    }
}

fn get(address: &str, path: &str) -> String {
    ask(address, path, "")
}

fn ask(address: &str, path: &str, headers: &str) -> String {
    ask_as(address.strip_prefix("http://").unwrap(), address, path, headers)
}

/// The same from a browser that was led here by that name.
fn ask_as(host: &str, address: &str, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    let headers = format!("host: {host}\r\n{headers}connection: close\r\n");
    write!(stream, "GET {path} HTTP/1.1\r\n{headers}\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn complaint(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn it_starts_says_so_in_one_line_and_ends_at_once_keeping_its_data() {
    let folder = Folder::new("life");
    for signal in ["-INT", "-TERM"] {
        let mut running = Running::start(&folder.0);
        let words = running.ready_line();
        let [ready, api, simulator, sim_address, secret, dev_secret] = words.as_slice() else {
            panic!("not a ready line: {words:?}");
        };
        assert_eq!([ready, simulator, secret], ["ready", "simulator", "secret"]);
        assert_eq!(dev_secret, "dev-secret");
        let page = get(api, "/");
        assert!(page.starts_with("HTTP/1.1 200 "));
        let signs_in = |page: &str| page.contains("set-cookie: sb-demo-auth-token=");
        assert!(signs_in(&page));
        assert!(get(api, "/api/cron/revenue-heartbeat").starts_with("HTTP/1.1 401 "));
        for (role, status) in [("", "200"), ("?role=manager", "200"), ("?role=viewer", "403")] {
            let signed_in = get(api, &format!("/demo{role}"));
            let cookie = signed_in.lines().find_map(|line| line.strip_prefix("set-cookie: "));
            let cookie = cookie.unwrap().split(';').next().unwrap();
            let shown = ask(api, "/api/analytics/dashboard", &format!("cookie: {cookie}\r\n"));
            assert!(shown.starts_with(&format!("HTTP/1.1 {status} ")), "{role}: {shown}");
            // Whoever is signed in stays who they are; a session that is no good is replaced.
            assert!(!signs_in(&ask(api, "/", &format!("cookie: {cookie}\r\n"))));
            assert!(signs_in(&ask(api, "/", "cookie: sb-demo-auth-token=base64-e30\r\n")));
        }
        assert!(get(api, "/demo?role=nobody").starts_with("HTTP/1.1 404 "));
        for path in ["/", "/demo", "/api/health"] {
            let refused = ask_as("evil.example", api, path, "");
            assert!(refused.starts_with("HTTP/1.1 421 ") && !signs_in(&refused), "{path}");
        }
        assert!(get(sim_address, "/sim/truth").starts_with("HTTP/1.1 200 "));

        let second = dev(&folder.0, "0").output().unwrap();
        assert!(complaint(&second).contains("another `heartbeat dev`"));

        let (took, rest) = running.end(signal);
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert_eq!(rest, "");
        assert!(folder.0.join("simulator.journal").is_file());
    }
}

#[test]
fn a_port_that_is_taken_is_named_before_anything_is_started() {
    let folder = Folder::new("port");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = dev(&folder.0, &port).output().unwrap();
    let said = complaint(&output);
    assert!(said.contains(&port) && said.contains("--sim-port"), "{said}");
    assert!(!folder.0.join("postgres").exists());
}
