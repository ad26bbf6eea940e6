//! The deployment as others reach it, at `PUBLIC_URL`.

use app::{Entropy, SystemEntropy};
use bytes::Bytes;
use http::{Response, StatusCode, Uri, header::LOCATION};
use secrecy::SecretString;
use serde_json::Value;

use super::{Asking, Site};
use crate::doctor::Told;

/// What `/api/health` says of itself.
const STATUSES: [&str; 3] = ["ok", "degraded", UNCONFIGURED];
/// What it says where it knows no secret, nor anything else.
const UNCONFIGURED: &str = "unconfigured";

impl Asking {
    /// Asks for its health: first without a secret, then with one that is nobody's, and with the true one
    /// only if it answered both as a deployment of ours does.
    pub(super) async fn site(&self, health: &str, secret: Option<&SecretString>) -> Told<Site> {
        let name = SystemEntropy.uuid().to_string();
        let answer = self.get(health, &[("x-request-id", &name)], None).await?;
        if answer.status().is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| to.parse::<Uri>().ok());
            let host = to.as_ref().and_then(Uri::host).unwrap_or("another path");
            return Ok(Site { leads_to: Some(host.to_owned()), ..Site::default() });
        }
        let Some(status) = status(&answer, &name) else { return Ok(Site::default()) };
        let mut site = Site { is_ours: true, ..Site::default() };
        let Some(secret) = secret.filter(|_| status != UNCONFIGURED) else { return Ok(site) };
        // Many sites say that all is well, whoever asks. Ours refuses whoever claims too much.
        let nobodys = SecretString::from(format!("heartbeat-doctor-{}", SystemEntropy.uuid()));
        let answer = self.get(health, &[], Some(&nobodys)).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(Site::default());
        }
        let answer = self.get(health, &[], Some(secret)).await?;
        site.refuses_secret = answer.status() == StatusCode::UNAUTHORIZED;
        site.takes_secret = !site.refuses_secret;
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        site.expects = body["migration"]["expected"].as_str().map(str::to_owned);
        Ok(site)
    }
}

/// What a deployment of ours says of itself to strangers: one word, under the name that the request has.
fn status(answer: &Response<Bytes>, name: &str) -> Option<&'static str> {
    let is_named = answer.headers().get("x-request-id").is_some_and(|given| given == name);
    let body: Value = serde_json::from_slice(answer.body()).ok()?;
    let said =
        body.as_object().filter(|said| is_named && said.len() == 1)?.get("status")?.as_str()?;
    STATUSES.into_iter().find(|status| *status == said)
}
