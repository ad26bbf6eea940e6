//! The deployment as others reach it, at `PUBLIC_URL`.

use app::Endpoint;
use http::{StatusCode, header::LOCATION};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{Asking, Site};
use crate::doctor::Told;

/// What `/api/health` says of itself.
const STATUSES: [&str; 3] = ["ok", "degraded", "unconfigured"];

impl Asking {
    /// Asks for its health: first without a secret, and with it only if it is a deployment of ours.
    pub(super) async fn site(&self, url: &Url, secret: Option<&SecretString>) -> Told<Site> {
        let Ok(health) = url.join(Endpoint::Health.path()) else {
            return Err("it is no address".to_owned());
        };
        let answer = self.get(health.as_str(), None).await?;
        if answer.status().is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| health.join(to).ok());
            let host = to.as_ref().and_then(Url::host_str).unwrap_or("another address");
            return Ok(Site { leads_to: Some(host.to_owned()), ..Site::default() });
        }
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let is_ours = body["status"].as_str().is_some_and(|status| STATUSES.contains(&status));
        let mut site = Site { is_ours, ..Site::default() };
        let Some(secret) = secret.filter(|_| is_ours) else { return Ok(site) };
        let answer = self.get(health.as_str(), Some(secret)).await?;
        site.refuses_secret = answer.status() == StatusCode::UNAUTHORIZED;
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        site.expects = body["migration"]["expected"].as_str().map(str::to_owned);
        Ok(site)
    }
}
