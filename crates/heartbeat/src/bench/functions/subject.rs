//! One function of whatever kind: started, asked once, and ended.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use http::StatusCode;
use jiff::SignedDuration;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
    time::timeout,
};

use crate::{
    Failure,
    bench::{report::figure, worker},
    loopback,
    runtime_api::{Outcome, RuntimeApi, http_event},
    wall,
};

/// Longer than any answer that is worth measuring.
const PATIENCE: Duration = Duration::from_secs(30);
/// What Lambda would give an invocation.
const INVOCATION: SignedDuration = SignedDuration::from_secs(60);
/// Nobody's secret and nobody's token.
const WRONG: &str = "wrong";

/// How a function is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adapter {
    /// Over HTTP, as under Vercel's runtime; so is the one for Node.
    Vercel,
    /// Under an emulated Runtime API.
    Lambda,
}

impl Adapter {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Vercel => "Vercel",
            Self::Lambda => "Lambda",
        }
    }

    /// As a part of a figure's name.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Vercel => "vercel",
            Self::Lambda => "lambda",
        }
    }
}

/// What a function is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// With a wrong secret: its process answers by itself.
    Refused,
    /// What it is there for.
    Read,
}

/// A function that can be started.
pub(super) struct Subject {
    /// For people.
    pub(super) name: String,
    /// What the names of its figures begin with.
    pub(super) key: String,
    pub(super) adapter: Adapter,
    pub(super) program: PathBuf,
    pub(super) words: Vec<String>,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) path: String,
    pub(super) query: String,
    /// What lets it read; none where nobody is asked for anything.
    pub(super) bearer: Option<String>,
    /// What is deployed.
    pub(super) bytes: u64,
}

/// What one start told.
pub(super) struct Start {
    /// Until the process was ready for a request: under Lambda that is its init.
    pub(super) ready: Duration,
    /// Until the last byte of its answer.
    pub(super) answered: Duration,
    /// Resident then, in MiB, where the system tells.
    pub(super) resident: Option<f64>,
}

/// Millions of bytes.
pub(super) fn megabytes(bytes: u64) -> f64 {
    figure(bytes) / 1_000_000.0
}

impl Subject {
    pub(super) fn megabytes(&self) -> f64 {
        megabytes(self.bytes)
    }

    /// Starts it, asks once, and ends it.
    pub(super) async fn start(&self, asked: Asked) -> Result<Start, Failure> {
        let started = match self.adapter {
            Adapter::Vercel => self.start_http(asked).await,
            Adapter::Lambda => self.start_lambda(asked).await,
        };
        started.map_err(Failure::while_doing(format!("{} can't be measured", self.name)))
    }

    fn bearer(&self, asked: Asked) -> Option<String> {
        let bearer = match asked {
            Asked::Refused => Some(WRONG),
            Asked::Read => self.bearer.as_deref(),
        };
        bearer.map(|bearer| format!("Bearer {bearer}"))
    }

    /// The process, which ends when it is dropped.
    fn spawn(&self, more: &[(&'static str, String)], said: Stdio) -> Result<Child, Failure> {
        let variable = |(name, value): &(&'static str, String)| (*name, value.clone());
        Command::new(&self.program)
            .args(&self.words)
            .env_clear()
            .envs(self.environment.iter().chain(more).map(variable))
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Failure::while_doing("it can't be started"))
    }

    async fn start_http(&self, asked: Asked) -> Result<Start, Failure> {
        let port = free_port().await?;
        let ports = [("VERCEL_DEV_PORT", port.to_string()), ("PORT", port.to_string())];
        let uri = match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        };
        let bearer = self.bearer(asked);
        let headers: Vec<_> = bearer.iter().map(|text| ("authorization", text.as_str())).collect();
        let began = wall::instant();
        let mut child = self.spawn(&ports, Stdio::piped())?;
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(silent)?).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.map_err(|_| silent())?;
        let line = line.map_err(Failure::while_doing("it did not say that it listens"))?;
        if !line.is_some_and(|line| line.contains("listening")) {
            return Err(silent());
        }
        let ready = began.elapsed();
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let answer = timeout(PATIENCE, loopback::get(server, &uri, &headers)).await;
        let (status, _) = answer
            .map_err(Failure::while_doing("it did not answer"))?
            .map_err(Failure::while_doing("it did not answer"))?;
        let answered = began.elapsed();
        expect(asked, status.as_u16())?;
        Ok(Start { ready, answered, resident: end(child).await? })
    }

    async fn start_lambda(&self, asked: Asked) -> Result<Start, Failure> {
        let mut event = http_event("GET", &self.path, &self.query);
        if let Some((headers, bearer)) =
            event.get_mut("headers").and_then(Value::as_object_mut).zip(self.bearer(asked))
        {
            headers.insert("authorization".to_owned(), bearer.into());
        }
        let api = RuntimeApi::open().await;
        let mut api = api.map_err(Failure::while_doing("no Runtime API can be had"))?;
        api.hand_over(&event, wall::now() + INVOCATION);
        let began = wall::instant();
        let child = self.spawn(&api.variables("f"), Stdio::null())?;
        let ready = timeout(PATIENCE, api.asked()).await.map(|()| began.elapsed());
        let ready = ready.map_err(Failure::while_doing("it did not ask for an invocation"))?;
        let outcome = timeout(PATIENCE, api.outcome()).await;
        let outcome = outcome.map_err(Failure::while_doing("it did not answer"))?;
        let answered = began.elapsed();
        match outcome {
            Some((_, Outcome::Answer(answer))) => {
                let status = answer.get("statusCode").and_then(Value::as_u64).unwrap_or_default();
                expect(asked, u16::try_from(status).unwrap_or_default())?;
            }
            Some((_, Outcome::Error(why))) => return Err(Failure::new(why.to_string())),
            None => return Err(silent()),
        }
        Ok(Start { ready, answered, resident: end(child).await? })
    }
}

fn silent() -> Failure {
    Failure::new("it did not say that it listens")
}

fn expect(asked: Asked, status: u16) -> Result<(), Failure> {
    let want = match asked {
        Asked::Refused => StatusCode::UNAUTHORIZED,
        Asked::Read => StatusCode::OK,
    };
    if status == want.as_u16() {
        return Ok(());
    }
    Err(Failure::new(format!("it answered {status}, not {}", want.as_u16())))
}

/// Ends the process; its resident size before, in MiB, where the system tells.
async fn end(mut child: Child) -> Result<Option<f64>, Failure> {
    let resident = child.id().and_then(worker::resident_mib);
    child.kill().await.map_err(Failure::while_doing("it can't be ended"))?;
    Ok(resident)
}

async fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(Failure::while_doing("can't listen"))?;
    let address = listener.local_addr().map_err(Failure::while_doing("can't listen"))?;
    Ok(address.port())
}
