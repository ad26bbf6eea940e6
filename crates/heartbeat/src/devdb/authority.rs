//! A certificate authority of our own, for local servers that offer TLS as a provider's do: Supabase's
//! certificates are signed by an authority that no machine knows either. Made by `openssl`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use secrecy::SecretString;

use super::Error;

/// What `openssl` is told. Servers are known by their address on this machine.
const SETTINGS: &str = "\
[req]
prompt = no
distinguished_name = name
x509_extensions = authority
[name]
CN = Authority of a local database
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1
[ca]
default_ca = signing
[signing]
database = signed
unique_subject = no
rand_serial = yes
new_certs_dir = .
default_md = sha256
policy = policy
[policy]
commonName = supplied
";
/// Both of the authority's own and of a server's key.
const NEW_KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

const FROM: &str = "20200101000000Z";
const FAR: &str = "20490101000000Z";
const PAST: &str = "20200201000000Z";

/// An authority and its folder, which nobody else uses.
#[derive(Debug)]
pub struct Authority {
    folder: PathBuf,
}

/// What a server shows, and the key to it.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate, as PEM.
    pub pem: String,
    /// Its key, as PEM.
    pub key: SecretString,
}

impl Authority {
    /// Makes one, with its files in `folder`.
    ///
    /// # Errors
    /// When `openssl` is missing or fails, or a file can't be written.
    pub fn make(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        for (name, text) in [("settings", SETTINGS), ("signed", "")] {
            let path = folder.join(name);
            fs::write(&path, text).map_err(Error::io("write", &path))?;
        }
        let authority = Self { folder: folder.to_owned() };
        let own = ["req", "-x509", "-days", "3650", "-keyout", "authority.key", "-out"];
        authority.openssl(own.iter().chain(&["authority.pem"]).chain(&NEW_KEY))?;
        Ok(authority)
    }

    /// The file with its certificate, for `DATABASE_CA`.
    #[must_use]
    pub fn pem_file(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// A certificate for a server on 127.0.0.1.
    ///
    /// # Errors
    /// As [`Authority::make`].
    pub fn certificate(&self) -> Result<Certificate, Error> {
        self.sign(FAR)
    }

    /// One that was good once.
    ///
    /// # Errors
    /// As [`Authority::make`].
    pub fn expired_certificate(&self) -> Result<Certificate, Error> {
        self.sign(PAST)
    }

    /// Its own, which is no server's: what is made without an authority beside it is such a one.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn own_certificate(&self) -> Result<Certificate, Error> {
        self.read("authority")
    }

    fn sign(&self, until: &str) -> Result<Certificate, Error> {
        let ask = ["req", "-new", "-subj", "/CN=server", "-keyout", "server.key", "-out", "asked"];
        self.openssl(ask.iter().chain(&NEW_KEY))?;
        let sign = ["ca", "-batch", "-notext", "-cert", "authority.pem", "-keyfile"];
        let of = ["authority.key", "-extensions", "server", "-in", "asked", "-out", "server.pem"];
        let valid = ["-startdate", FROM, "-enddate", until];
        self.openssl(sign.iter().chain(&of).chain(&valid))?;
        self.read("server")
    }

    /// The certificate in the files of that name, and its key.
    fn read(&self, name: &str) -> Result<Certificate, Error> {
        let read = |kind: &str| {
            let path = self.folder.join(format!("{name}.{kind}"));
            fs::read_to_string(&path).map_err(Error::io("read", &path))
        };
        Ok(Certificate { pem: read("pem")?, key: SecretString::from(read("key")?) })
    }

    fn openssl(&self, words: impl Iterator<Item = impl AsRef<OsStr>>) -> Result<(), Error> {
        let program = Path::new("openssl");
        let mut command = Command::new(program);
        command.current_dir(&self.folder).args(words).args(["-config", "settings"]);
        let output = command.output().map_err(Error::io("run", program))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::Program { program: "openssl".to_owned(), output: said })
    }
}
