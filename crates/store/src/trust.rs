//! Whose word is taken for a server's certificate, and what is said when nobody's is.

use std::{error::Error as StdError, io, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;

/// The authorities that may sign a server's certificate: the public ones, and any that were named
/// beside them. The default names none.
#[derive(Clone, Debug, Default)]
pub struct Authorities {
    named: Arc<[CertificateDer<'static>]>,
}

impl Authorities {
    /// Those whose certificates stand in `pem`, beside the public ones. Anything else in it is passed over.
    ///
    /// # Errors
    /// What is wrong with it, without repeating any of it.
    pub fn beside_public(pem: &str) -> Result<Self, &'static str> {
        let mut named = Vec::new();
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| "holds a PEM block that is broken")?;
            let understood = roots.add(certificate.clone());
            understood.map_err(|_| "holds a certificate that can't be read")?;
            named.push(certificate);
        }
        if named.is_empty() {
            return Err("holds no certificate (-----BEGIN CERTIFICATE-----)");
        }
        // One that begins in the middle of a line would be passed over in silence.
        if pem.matches("-----BEGIN CERTIFICATE-----").count() != named.len() {
            return Err("holds a certificate that does not begin on a line of its own");
        }
        Ok(Self { named: named.into() })
    }

    /// TLS as these authorities allow it: the certificate and the host's name are always verified.
    pub(crate) fn connector(&self) -> Result<MakeRustlsConnect, Error> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        roots.add_parsable_certificates(self.named.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::Unreachable { source: Box::new(e) })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

/// The server showed a certificate that proves nothing, so it was told nothing: no password either.
#[derive(Debug, thiserror::Error)]
#[error("the server's certificate {problem}")]
pub(crate) struct Untrusted {
    /// What is wrong with it, and the remedy.
    problem: String,
    #[source]
    source: rustls::Error,
}

/// No connection, for this reason: in our words where the server's certificate is the reason.
pub(crate) fn unreachable(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    let error = error.into();
    let source = match refused_certificate(&*error) {
        Some((source, problem)) => Box::new(Untrusted { problem, source }),
        None => error,
    };
    Error::Unreachable { source }
}

/// Looks among the causes, also inside the I/O errors, which show what they hold as no cause.
fn refused_certificate(error: &(dyn StdError + 'static)) -> Option<(rustls::Error, String)> {
    let mut next = Some(error);
    while let Some(error) = next {
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = held.and_then(|held| held.downcast_ref::<rustls::Error>());
        if let Some(error @ rustls::Error::InvalidCertificate(why)) = tls {
            return Some((error.clone(), remedy(why)));
        }
        next = error.source();
    }
    None
}

fn remedy(why: &CertificateError) -> String {
    use CertificateError as Why;
    match why {
        // An authority of the same name with another key is another authority.
        Why::UnknownIssuer | Why::BadSignature => {
            "is signed neither by a public authority nor by one in DATABASE_CA: give DATABASE_CA the \
             certificate of the authority that signed it, as PEM or as the path of a PEM file"
                .to_owned()
        }
        Why::NotValidForNameContext { expected, .. } => format!(
            "is not for {}: name the host in DATABASE_URL as the certificate does",
            expected.to_str()
        ),
        Why::NotValidForName => {
            "is for another host: name the host in DATABASE_URL as the certificate does".to_owned()
        }
        Why::Expired | Why::ExpiredContext { .. } => {
            "has expired: it has to be renewed on the server".to_owned()
        }
        Why::NotValidYet | Why::NotValidYetContext { .. } => {
            "is not valid yet: look at the clocks of the server and of this machine".to_owned()
        }
        // One that signs itself among them, as `openssl req -x509` makes it: who may sign others is no server.
        _ => "is not accepted: the server has to show one that an authority signed for it, as a server's and not as an \
             authority's own, and DATABASE_CA be given that authority's certificate, if it is no public one"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = include_str!("../../../tests/it/tls/authority.pem");

    #[test]
    fn authorities_are_read_from_pem_and_what_is_none_is_refused_without_repeating_it() {
        assert_eq!(Authorities::beside_public(PEM).unwrap().named.len(), 1);
        assert_eq!(
            Authorities::beside_public(&[PEM, "text\n", PEM].concat()).unwrap().named.len(),
            2
        );
        let key = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n";
        let cut = &PEM[..PEM.len() / 2];
        let wrong = key.replace("PRIVATE KEY", "CERTIFICATE");
        for text in
            ["", "hunter2", key, cut, &wrong, &[PEM, &wrong].concat(), &[PEM, "text", PEM].concat()]
        {
            let problem = Authorities::beside_public(text).unwrap_err();
            assert!(problem.starts_with("holds ") && !problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn a_refused_certificate_is_found_where_it_is_hidden_and_the_remedy_is_named() {
        let refused = |why| {
            let tls = rustls::Error::InvalidCertificate(why);
            unreachable(io::Error::new(io::ErrorKind::InvalidData, tls))
        };
        for (why, words) in [
            (CertificateError::UnknownIssuer, "DATABASE_CA"),
            (CertificateError::BadSignature, "DATABASE_CA"),
            (CertificateError::NotValidForName, "DATABASE_URL"),
            (CertificateError::Expired, "renewed"),
            (CertificateError::NotValidYet, "clocks"),
            (CertificateError::BadEncoding, "is not accepted: the server has to show one"),
            (CertificateError::Revoked, "DATABASE_CA"),
        ] {
            let error = refused(why);
            assert!(error.is_untrusted() && error.is_transient());
            let Error::Unreachable { source } = error else { panic!() };
            assert!(source.to_string().contains(words), "{source}");
        }
        let other = unreachable(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert!(!other.is_untrusted());
    }
}
