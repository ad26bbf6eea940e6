//! Who may call, and with what.

use serde_json::json;

use super::{AGENCY, POSTS, SHIFTS, Stage, ask};
use crate::world::SECRET;

#[tokio::test]
async fn callers_without_the_secret_are_refused_before_any_work() {
    let stage = Stage::set().await;
    stage.shift(AGENCY, "Mia", "2026-11-21T09:00:00Z").await;
    stage.post(AGENCY, "reel", "2026-11-21T07:00:00Z").await;
    let ctx = stage.ctx();
    let mut shut = stage.ctx();
    shut.config.cron_secret = None;
    for path in [SHIFTS, POSTS] {
        for secret in [None, Some(""), Some("wrong"), Some("test-secre"), Some("test-secret2")] {
            let (status, problem) = ask(&ctx, "GET", path, secret).await;
            assert_eq!((status, &problem["code"]), (401, &json!("unauthorized")), "{secret:?}");
        }
        assert_eq!(ask(&shut, "GET", path, Some(SECRET)).await.0, 401);
        // A secret in the address would stand in logs.
        assert_eq!(ask(&ctx, "GET", &format!("{path}?secret=x"), None).await.0, 401);
        let (status, problem) =
            ask(&ctx, "GET", &format!("{path}?agencyId={AGENCY}"), Some(SECRET)).await;
        assert_eq!((status, &problem["field"]), (400, &json!("agencyId")));
        assert_eq!(ask(&ctx, "DELETE", path, Some(SECRET)).await.0, 405);
    }
    assert!(stage.telegram.heard().is_empty());
    assert!(stage.states().await.is_empty());
    assert_eq!(stage.db.sql("select status from content_tasks").await, [["scheduled"]]);
    for path in [SHIFTS, POSTS] {
        let (status, report) = ask(&ctx, "POST", path, Some(SECRET)).await;
        assert_eq!((status, &report["sent"]), (200, &json!(1)), "schedulers may post");
    }
}
