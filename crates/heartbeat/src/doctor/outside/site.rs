//! The deployment as others reach it, at `PUBLIC_URL`.

use http::{StatusCode, Uri, header::LOCATION};
use secrecy::SecretString;
use serde_json::Value;

use super::{Asking, Site};
use crate::doctor::Told;

/// What `/api/health` says of itself.
const STATUSES: [&str; 3] = ["ok", "degraded", "unconfigured"];

impl Asking {
    /// Asks for its health: first without a secret, and with it only if it is a deployment of ours.
    pub(super) async fn site(&self, health: &str, secret: Option<&SecretString>) -> Told<Site> {
        let answer = self.get(health, None).await?;
        if answer.status().is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| to.parse::<Uri>().ok());
            let host = to.as_ref().and_then(Uri::host).unwrap_or("another path");
            return Ok(Site { leads_to: Some(host.to_owned()), ..Site::default() });
        }
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let is_ours = body["status"].as_str().is_some_and(|status| STATUSES.contains(&status));
        let mut site = Site { is_ours, ..Site::default() };
        let Some(secret) = secret.filter(|_| is_ours) else { return Ok(site) };
        let answer = self.get(health, Some(secret)).await?;
        site.refuses_secret = answer.status() == StatusCode::UNAUTHORIZED;
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        site.expects = body["migration"]["expected"].as_str().map(str::to_owned);
        Ok(site)
    }
}
