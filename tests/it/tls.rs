//! A server whose certificate a private authority signed, as Supabase's does: it is verified with
//! `DATABASE_CA`, and whatever proves nothing is refused with the remedy.

use std::{path::PathBuf, process::Stdio};

use app::{Config, Ctx, Endpoint, authorities, http::chain};
use heartbeat::devdb::{self, Authority, Certificate, DevDb, Error, Options};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;
use store::{Listener, admin};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    functions::binary::Binary,
    world::{SECRET, ask, canary, config, environment, fetch},
};

/// The server asks for none, but whoever connects has one in the URL.
const PASSWORD: &str = "hunter2-of-the-database";

/// A PostgreSQL of its own that offers TLS, and the authority that signed its certificate.
struct Server {
    folder: PathBuf,
    db: Option<DevDb>,
    /// The path of the authority's certificate.
    authority: String,
    port: String,
}

impl Server {
    async fn start(name: &str, certificate: fn(&Authority) -> Result<Certificate, Error>) -> Self {
        let name = format!("heartbeat-test-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let starting = tokio::task::spawn_blocking(move || {
            let authority = Authority::make(&folder.join("authority")).unwrap();
            let certificate = Some(certificate(&authority).unwrap());
            let base = folder.join("postgres");
            let options = Options { given: None, base, keep: false, durable: false, certificate };
            let db = devdb::ensure(&options).unwrap();
            let authority = authority.pem_file().to_str().unwrap().to_owned();
            let url = db.url("postgres");
            let (_, place) = url.split_once("@127.0.0.1:").unwrap();
            let port = place.split('/').next().unwrap().to_owned();
            Self { folder, db: Some(db), authority, port }
        });
        starting.await.unwrap()
    }

    /// The way to it under another name than its address, if one is given.
    fn url(&self, name: Option<&str>, options: &str) -> String {
        let host = name.unwrap_or("127.0.0.1");
        let port = &self.port;
        let address = name.map(|_| "hostaddr=127.0.0.1");
        let options: Vec<_> =
            [options].into_iter().chain(address).filter(|s| !s.is_empty()).collect();
        format!("postgres://postgres:{PASSWORD}@{host}:{port}/postgres?{}", options.join("&"))
    }

    /// How many connections of ours it has, with TLS and without.
    async fn connections(&self) -> [String; 2] {
        let sql = "select count(*) filter (where ssl), count(*) filter (where not ssl)
                     from pg_stat_ssl join pg_stat_activity using (pid)
                    where application_name = 'heartbeat' and pid <> pg_backend_pid()";
        let mut rows =
            admin::run_sql(&self.url(None, "sslmode=disable&application_name=watcher"), sql)
                .await
                .unwrap();
        let row: Vec<_> = rows.remove(0).into_iter().map(Option::unwrap).collect();
        row.try_into().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.db.take());
        let _ = devdb::erase(&self.folder.join("postgres"), true);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An authority that signed nothing here, in a folder of the server's.
fn stranger(server: &Server) -> String {
    let other = Authority::make(&server.folder.join("stranger")).unwrap();
    other.pem_file().to_str().unwrap().to_owned()
}

fn ctx(url: &str, ca: Option<&str>) -> Ctx {
    let config = Config::from_lookup(|name| match name {
        "DATABASE_URL" => Some(url.to_owned()),
        "DATABASE_CA" => ca.map(str::to_owned),
        _ => None,
    });
    Ctx::new(config.unwrap()).unwrap()
}

/// Why there is no connection.
async fn refusal(url: &str, ca: Option<&str>) -> String {
    let read = ctx(url, ca).store.read_health(Timestamp::UNIX_EPOCH).await;
    let error = read.expect_err("there is no connection");
    assert!(error.is_untrusted(), "{error:?}");
    let said = chain(&error);
    assert!(!said.contains(PASSWORD) && !format!("{error:?}").contains(PASSWORD), "{said}");
    said
}

#[tokio::test]
async fn a_server_is_trusted_with_the_certificate_of_its_authority_as_file_or_text() {
    let server = Server::start("private", Authority::certificate).await;
    let text = std::fs::read_to_string(&server.authority).unwrap();
    for ca in [server.authority.as_str(), &text, &text.replace('\n', "\\n")] {
        for options in ["", "sslmode=require", "sslmode=verify-full"] {
            let ctx = ctx(&server.url(None, options), Some(ca));
            ctx.store.read_health(Timestamp::UNIX_EPOCH).await.unwrap();
            assert_eq!(server.connections().await, ["1", "0"], "{options}");
            // Its end is told to the server, which need not be done with it at once.
            drop(ctx);
            while server.connections().await != ["0", "0"] {}
        }
    }
    // Only whoever asks for it goes without.
    let plain = ctx(&server.url(None, "sslmode=disable"), None);
    plain.store.read_health(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(server.connections().await, ["0", "1"]);
}

#[tokio::test]
async fn what_proves_nothing_is_refused_and_the_remedy_is_named() {
    let server = Server::start("refused", Authority::certificate).await;
    let (ours, other) = (server.authority.clone(), stranger(&server));
    let elsewhere = Some("db.example");
    for (name, options, ca, words) in [
        (None, "", None, "give DATABASE_CA the certificate of the authority"),
        (
            None,
            "sslmode=require",
            Some(&other),
            "give DATABASE_CA the certificate of the authority",
        ),
        (elsewhere, "", None, "give DATABASE_CA the certificate of the authority"),
        (elsewhere, "", Some(&ours), "is not for db.example: name the host in DATABASE_URL"),
        (elsewhere, "sslmode=require", Some(&ours), "is not for db.example"),
    ] {
        let said = refusal(&server.url(name, options), ca.map(String::as_str)).await;
        assert!(said.contains(words), "{options}: {said}");
    }
    assert_eq!(server.connections().await, ["0", "0"]);

    // Migrations and whoever hears of changes connect by themselves.
    let url = server.url(None, "sslmode=require");
    let secret = SecretString::from(url.as_str());
    let (trusting, wary) = (authorities(&ours).unwrap(), authorities(&other).unwrap());
    assert!(Listener::open(&secret, &wary).await.is_err_and(|error| error.is_untrusted()));
    Listener::open(&secret, &trusting).await.unwrap();
    assert!(store::migrate(&url).await.is_err_and(|error| error.is_untrusted()));
    store::migrate_trusting(&url, &trusting).await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_refused_whoever_signed_it() {
    let server = Server::start("expired", Authority::expired_certificate).await;
    let said = refusal(&server.url(None, "sslmode=require"), Some(&server.authority)).await;
    assert!(said.contains("the server's certificate has expired"), "{said}");
    assert!(said.contains("renewed on the server"), "{said}");
}

#[tokio::test]
async fn a_certificate_that_signs_itself_is_refused_with_the_remedy_whoever_is_trusted() {
    let server = Server::start("itself", Authority::own_certificate).await;
    for ca in [None, Some(server.authority.as_str())] {
        let said = refusal(&server.url(None, "sslmode=require"), ca).await;
        assert!(said.contains("one that an authority signed for it"), "{said}");
        assert!(said.contains("DATABASE_CA"), "{said}");
    }
}

#[tokio::test]
async fn a_function_tells_its_log_the_remedy_and_its_caller_no_more_than_that_there_is_one() {
    let server = Server::start("function", Authority::certificate).await;
    let url = server.url(None, "sslmode=require");
    let trusting = authorities(&server.authority).unwrap();
    store::migrate_trusting(&url, &trusting).await.unwrap();
    let path = env!("CARGO_BIN_EXE_health");
    let mut variables = environment(&url, "http://127.0.0.1:1");

    let mut wary = Binary::logging_to(Stdio::piped(), path, variables.clone()).await;
    let answer = fetch(&format!("{}/api/health", wary.url), Some(SECRET)).await;
    assert_eq!(answer.status(), 503);
    let told: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(told["database"], "unreachable", "{told}");
    let mut log = BufReader::new(wary.child.stderr.take().unwrap()).lines();
    let line = loop {
        let line = log.next_line().await.unwrap().expect("the log tells of it");
        if line.contains("the database failed") {
            break line;
        }
    };
    assert!(line.contains("give DATABASE_CA the certificate"), "{line}");
    canary::check("the log", line.as_bytes());
    assert!(!line.contains(PASSWORD), "{line}");

    let pem = std::fs::read_to_string(&server.authority).unwrap();
    variables.push(("DATABASE_CA", pem));
    let trusting = Binary::start(path, variables).await;
    let answer = fetch(&format!("{}/api/health", trusting.url), Some(SECRET)).await;
    assert_eq!(answer.status(), 200);

    // An endpoint that has to read first answers a problem.
    let ctx = Ctx::new(config(&url, "http://127.0.0.1:1")).unwrap();
    let answer = ask(&ctx, Endpoint::Dashboard, Endpoint::Dashboard.path()).await;
    assert_eq!(answer.status(), 503);
    let problem = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(problem.contains("certificate is not trusted"), "{problem}");
    assert!(!problem.contains("DATABASE_CA") && !problem.contains(PASSWORD), "{problem}");
}
