//! A browser that keeps cookies and follows the way to Fanvue and back.

use std::collections::BTreeMap;

use bytes::Bytes;
use simulator::Reply;

use crate::world::{PUBLIC_URL, SECRET, World};

#[derive(Clone, Default)]
pub struct Browser {
    pub cookies: BTreeMap<String, String>,
}

/// What the browser shows.
pub struct Page {
    pub status: u16,
    pub text: String,
}

impl Page {
    /// Where its link leads.
    pub fn link(&self) -> String {
        let (_, rest) = self.text.split_once("<a href=\"").expect("a link");
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

impl Browser {
    /// Opens an address of the app.
    pub async fn open(&mut self, world: &World, url: &str) -> Page {
        let uri = url.strip_prefix(PUBLIC_URL).expect("an address of ours");
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = http::Request::get(uri);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let response = crate::world::route(&world.ctx, request.body(Bytes::new()).unwrap()).await;
        crate::world::canary::check_answer(&response);
        for cookie in response.headers().get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            for word in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/;"] {
                assert!(text.contains(word), "{text}");
            }
            let (name, rest) = text.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        assert!(
            !response.headers().contains_key("location"),
            "a link sends nobody elsewhere by itself"
        );
        Page {
            status: response.status().as_u16(),
            text: String::from_utf8(response.body().to_vec()).unwrap(),
        }
    }

    /// Goes from the link to Fanvue; the address it sends the browser back to.
    pub async fn agree(&mut self, world: &World, link: &str) -> String {
        let page = self.open(world, link).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let fanvue = page.link();
        assert!(fanvue.contains("/oauth2/auth?") && fanvue.contains("prompt=login"), "{fanvue}");
        let request = http::Request::get(fanvue).body(Bytes::new()).unwrap();
        let Reply::Answer(consent) = world.sim.respond(request, world.now()) else {
            panic!("no fault is set")
        };
        consent.headers()["location"].to_str().unwrap().to_owned()
    }

    /// From the link to Fanvue and back to the last page.
    pub async fn follow(&mut self, world: &World, link: &str) -> Page {
        let back = self.agree(world, link).await;
        self.open(world, &back).await
    }
}

/// A link, as the operator gets it.
pub async fn link(world: &World, query: &str) -> String {
    let (status, body) = world.get(&format!("/api/auth/fanvue/login?{query}"), Some(SECRET)).await;
    assert_eq!(status, 200, "{body}");
    body["loginUrl"].as_str().unwrap().to_owned()
}
