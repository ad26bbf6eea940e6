use super::*;

/// A folder of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("heartbeat-page-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("dist/assets")).unwrap();
        Self(folder)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn ask(page: &Page, path: &str) -> Option<(Response, String)> {
    let response = page.answer(&Method::GET, path, &HeaderMap::new()).await?;
    let (head, body) = response.into_parts();
    let text = String::from_utf8(body.gather(usize::MAX).await.unwrap().to_vec()).unwrap();
    Some((Response::from_parts(head, Bytes::new().into()), text))
}

#[test]
fn only_plain_names_lead_to_files() {
    for path in ["/", "/sync", "/creators/0b1c-2"] {
        assert_eq!(file_of(path), Some(INDEX), "{path}");
    }
    assert_eq!(file_of("/assets/index-Ab_1.js"), Some("assets/index-Ab_1.js"));
    assert_eq!(file_of("/first.js"), Some("first.js"));
    assert_eq!(file_of("/openapi.json"), Some("openapi.json"));
    for path in [
        "/api/health",
        "/api/x.js",
        "/index.html",
        "/../Cargo.toml",
        "/assets/../index.html",
        "/assets/..",
        "/.env",
        "/assets/.env",
        "/assets/",
        "/assets/%2e%2e",
        "//x.js",
        "/creators/",
        "/creators/a/b",
        "/nowhere",
        "/assets/a/b.js",
        "x.js",
        "",
    ] {
        assert_eq!(file_of(path), None, "{path}");
    }
}

#[tokio::test]
async fn files_are_given_with_their_type_and_how_long_they_may_be_kept() {
    let folder = Folder::new("files");
    folder.write("dist/index.html", "<h1>page</h1>");
    folder.write("dist/assets/a-1.js", "1");
    let page = Page::at(folder.0.clone());
    let (head, text) = ask(&page, "/creators/1").await.unwrap();
    assert_eq!(text, "<h1>page</h1>");
    assert_eq!(head.headers()["cache-control"], "no-cache");
    assert_eq!(head.headers()["content-security-policy"], POLICY);
    let (head, _) = ask(&page, "/assets/a-1.js").await.unwrap();
    assert_eq!(head.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(head.headers()["cache-control"].to_str().unwrap().ends_with("immutable"));
    assert!(ask(&page, "/assets/b-1.js").await.is_none());
    assert!(page.answer(&Method::POST, "/", &HeaderMap::new()).await.is_none());
}

#[tokio::test]
async fn without_a_build_the_page_says_how_to_make_one() {
    let page = Page::at("/nonexistent".into());
    page.build().await;
    let (_, text) = ask(&page, "/").await.unwrap();
    assert!(text.contains("npm run build") && !text.contains("{t"), "{text}");
    page.state.send_replace(State::Building);
    let (_, text) = ask(&page, "/").await.unwrap();
    assert!(text.contains("http-equiv=\"refresh\""), "{text}");
}

#[test]
fn the_policy_is_the_one_of_vercel_json() {
    let list = include_str!("../../../../vercel.json");
    assert!(list.contains(&format!("\"{POLICY}\"")), "{POLICY}");
}
