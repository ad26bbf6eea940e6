//! The ready line, which programs wait for, and what a person may try next.

use std::io::{self, Write};

/// Where everything is.
pub(crate) struct Ready<'a> {
    pub(crate) api: &'a str,
    pub(crate) simulator: &'a str,
    pub(crate) secret: &'a str,
}

impl Ready<'_> {
    /// Exactly one line on standard output. Later versions keep its form.
    pub(crate) fn announce(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", self.line())?;
        out.flush()
    }

    fn line(&self) -> String {
        format!("ready {} simulator {} secret {}", self.api, self.simulator, self.secret)
    }

    /// What to try next, for people.
    pub(crate) fn hints(&self) -> String {
        let Ready { api, simulator, secret } = self;
        format!(
            "\n  Try next:\n\
             \x20   open {api} in a browser\n\
             \x20   curl -H 'Authorization: Bearer {secret}' {api}/api/analytics/dashboard\n\
             \x20   curl -H 'Authorization: Bearer {secret}' {api}/api/cron/revenue-heartbeat\n\
             \x20   {api}/demo      signs a browser in as the demo agency's owner\n\
             \x20   curl {simulator}/sim/truth      what the simulated Fanvue holds, to the cent\n\
             \x20   curl {simulator}/sim            what else it can be told to do\n\
             \x20 Ctrl-C stops everything; the data stay.\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_keeps_its_form() {
        let ready = Ready {
            api: "http://127.0.0.1:3000",
            simulator: "http://127.0.0.1:3001",
            secret: "dev-secret",
        };
        let line = "ready http://127.0.0.1:3000 simulator http://127.0.0.1:3001 secret dev-secret";
        assert_eq!(ready.line(), line);
        assert!(ready.hints().contains("Bearer dev-secret' http://127.0.0.1:3000/api/analytics"));
    }
}
