//! How a connection to Postgres is made: the URL's options. Whom TLS trusts is in `trust`.

use tokio_postgres::config::{Host, SslMode};

use crate::Error;

/// Reads a connection URL. Options that other drivers know (`pgbouncer`, `sslmode=verify-full`, …)
/// are understood; away from this machine TLS is required unless the URL says `sslmode=disable`. TLS
/// always verifies certificate and host name, so `require` is as strict as `verify-full`.
///
/// # Errors
/// [`Error::Url`] when the URL can't be understood.
pub(crate) fn parse(url: &str) -> Result<tokio_postgres::Config, Error> {
    let (url, mode) = strip_options(url)?;
    let mut config: tokio_postgres::Config = url
        .parse()
        .map_err(|e: tokio_postgres::Error| Error::Url { problem: format!("is malformed: {e}") })?;
    let local = is_local(&config);
    config.ssl_mode(match mode.as_deref() {
        Some("disable") => SslMode::Disable,
        Some("require" | "verify-ca" | "verify-full") => SslMode::Require,
        None | Some("allow" | "prefer") if local => SslMode::Prefer,
        None | Some("allow" | "prefer") => SslMode::Require,
        Some(_) => {
            return Err(Error::Url {
                problem: "has an sslmode that would not verify the server; use require".into(),
            });
        }
    });
    if config.get_application_name().is_none() {
        config.application_name("heartbeat");
    }
    Ok(config)
}

/// Whether every server that may be reached is on this machine: by its name, and by its address where the URL
/// gives that beside or in place of the name (`hostaddr`).
fn is_local(config: &tokio_postgres::Config) -> bool {
    let hosts = config.get_hosts();
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
        Host::Unix(_) => true,
    };
    let addresses = config.get_hostaddrs();
    !hosts.is_empty() && hosts.iter().all(is_here) && addresses.iter().all(|ip| ip.is_loopback())
}

/// Takes out of the query what `tokio-postgres` refuses to parse; returns the `sslmode`.
fn strip_options(url: &str) -> Result<(String, Option<String>), Error> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(Error::Url { problem: "must start with postgres://".into() });
    }
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), None)) };
    let mut mode = None;
    let kept: Vec<_> = query
        .split('&')
        .filter(|pair| match pair.split_once('=') {
            Some(("sslmode", value)) => {
                mode = Some(value.to_owned());
                false
            }
            Some(("pgbouncer" | "connection_limit" | "pool_timeout" | "sslrootcert", _)) => false,
            _ => true,
        })
        .collect();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    Ok((format!("{base}{query}"), mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_other_drivers_are_understood_and_tls_is_required_away_from_home() {
        let mode = |url: &str| parse(url).map(|config| config.get_ssl_mode());
        let away = "postgres://u:p@db.example.com:6543/postgres";
        assert_eq!(mode("postgres://u@127.0.0.1/db").unwrap(), SslMode::Prefer);
        assert_eq!(mode(away).unwrap(), SslMode::Require);
        assert_eq!(mode(&format!("{away}?pgbouncer=true")).unwrap(), SslMode::Require);
        for strict in ["require", "verify-ca", "verify-full", "verify-full&sslrootcert=system"] {
            let url = format!("{away}?sslmode={strict}");
            assert_eq!(mode(&url).unwrap(), SslMode::Require, "{strict}");
        }
        for lax in ["allow", "prefer"] {
            let url = format!("{away}?sslmode={lax}");
            assert_eq!(mode(&url).unwrap(), SslMode::Require, "{lax}");
        }
        assert_eq!(mode(&format!("{away}?sslmode=disable")).unwrap(), SslMode::Disable);
        assert!(mode(&format!("{away}?sslmode=no-verify")).is_err());
        assert!(mode("mysql://u@h/db").is_err());
    }

    #[test]
    fn an_address_away_from_home_requires_tls_whatever_its_name_is() {
        let mode = |url: &str| parse(url).unwrap().get_ssl_mode();
        for away in [
            "postgres://u@localhost/db?hostaddr=203.0.113.7",
            "postgres://u@/db?hostaddr=203.0.113.7",
            "postgres://u@127.0.0.1/db?hostaddr=2001:db8::1",
            "postgres://u@localhost,127.0.0.1/db?hostaddr=127.0.0.1,203.0.113.7",
            "postgres://u@localhost,db.example.com/db",
            "postgres:///db",
        ] {
            assert_eq!(mode(away), SslMode::Require, "{away}");
        }
        for here in
            ["postgres://u@localhost/db?hostaddr=127.0.0.1", "postgres://u@[::1]/db?hostaddr=::1"]
        {
            assert_eq!(mode(here), SslMode::Prefer, "{here}");
        }
    }

    #[test]
    fn a_malformed_url_is_refused_without_repeating_it() {
        let error = parse("postgres://user:hunter2@host:notaport/db").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}
