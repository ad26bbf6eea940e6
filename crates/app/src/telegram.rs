//! Telegram's Bot API, as far as alerts need it: one message to one chat. The bot's token is a part of the
//! address, so no address is ever in an error or in the log.

use std::sync::Arc;

use bytes::Bytes;
use fanvue::{Transport, TransportErrorKind};
use http::{Response, StatusCode, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::config::Telegram;

/// How long to wait where Telegram asks for it and does not say how long, in seconds.
const WAIT_SECONDS: i64 = 30;
/// The longest wait that is believed, in seconds.
const WAIT_SECONDS_MAX: i64 = 3_600;
/// How much of Telegram's words is kept, in characters.
const SAID_CHARS_MAX: usize = 120;

/// Why a message is not known to have arrived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotSent {
    /// It did not arrive, and may the next time: nobody was reached, or Telegram says that it failed.
    #[error("Telegram {what}")]
    Failed {
        /// What became of it.
        what: String,
    },
    /// Too many messages: none is taken for so long.
    #[error("Telegram asks to wait for {seconds} s")]
    Throttled {
        /// From 1 to an hour.
        seconds: i64,
    },
    /// The token or the chat is wrong, or the bot may not write there: a person has to mend it.
    #[error("Telegram refuses it ({status}): {said}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Telegram's words.
        said: String,
    },
    /// The answer was lost: the message may have arrived.
    #[error("Telegram's answer was lost, the message may have arrived")]
    Unknown,
}

/// The bot, and the chat that it writes to.
pub(crate) struct Bot {
    transport: Arc<dyn Transport>,
    address: SecretString,
    token: SecretString,
    chat_id: String,
}

/// What Telegram answers, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    ok: bool,
    description: String,
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    retry_after: Option<i64>,
}

impl Told {
    /// Whether Telegram itself says no: it always says why.
    fn is_telegrams(&self) -> bool {
        !self.ok && !self.description.is_empty()
    }
}

impl Bot {
    pub(crate) fn new(transport: Arc<dyn Transport>, telegram: &Telegram) -> Self {
        let base = telegram.api_url.as_str().trim_end_matches('/');
        let token = telegram.bot_token.clone();
        let address = format!("{base}/bot{}/sendMessage", token.expose_secret());
        let chat_id = telegram.chat_id.clone();
        Self { transport, address: SecretString::from(address), token, chat_id }
    }

    /// Sends a message of plain text, once. Telegram takes no key by which it would know it again.
    ///
    /// # Errors
    /// [`NotSent`] says whether it may have arrived all the same.
    pub(crate) async fn send(&self, text: &str) -> Result<(), NotSent> {
        // Without a parse mode nothing in the text is markup.
        let body = json!({
            "chat_id": self.chat_id,
            "text": text,
            "link_preview_options": {"is_disabled": true},
        });
        let request = http::Request::post(self.address.expose_secret())
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string()));
        let failed = |what: &str| NotSent::Failed { what: what.to_owned() };
        let request = request.map_err(|_| failed("has no address that can be asked"))?;
        match self.transport.send(request).await {
            Ok(answer) => self.judge(&answer),
            Err(error) if error.kind == TransportErrorKind::Connect => {
                Err(failed("was not reached"))
            }
            Err(_) => Err(NotSent::Unknown),
        }
    }

    fn judge(&self, answer: &Response<Bytes>) -> Result<(), NotSent> {
        let told: Told = serde_json::from_slice(answer.body()).unwrap_or_default();
        let status = answer.status();
        if status.is_success() {
            return if told.ok { Ok(()) } else { Err(NotSent::Unknown) };
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = told.parameters.retry_after.unwrap_or(WAIT_SECONDS);
            return Err(NotSent::Throttled { seconds: seconds.clamp(1, WAIT_SECONDS_MAX) });
        }
        if status.is_server_error() {
            // Whoever stands between says so of a Telegram that may have taken it, and was too slow.
            let is_between =
                matches!(status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT);
            if is_between && !told.is_telegrams() {
                return Err(NotSent::Unknown);
            }
            return Err(NotSent::Failed { what: format!("failed ({})", status.as_u16()) });
        }
        Err(NotSent::Refused { status: status.as_u16(), said: self.said(&told.description) })
    }

    /// Telegram's words, short and on one line. Whoever stands between might repeat the address there.
    fn said(&self, description: &str) -> String {
        let token = self.token.expose_secret();
        let secret = token.split_once(':').map_or(token, |(_, secret)| secret);
        if description.trim().is_empty() || description.contains(secret) {
            return "it does not say why".to_owned();
        }
        description.chars().filter(|c| !c.is_control()).take(SAID_CHARS_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use fanvue::TransportError;
    use futures_util::future::BoxFuture;

    use super::*;

    struct Nobody;

    impl Transport for Nobody {
        fn send(
            &self,
            _: http::Request<Bytes>,
        ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
            let lost: Result<Response<Bytes>, _> =
                Err(TransportError::from(TransportErrorKind::Timeout));
            Box::pin(std::future::ready(lost))
        }
    }

    fn bot() -> Bot {
        let telegram = Telegram {
            bot_token: "1:hush".into(),
            chat_id: "-1001".to_owned(),
            api_url: "https://telegram.example/behind/".parse().unwrap(),
        };
        Bot::new(Arc::new(Nobody), &telegram)
    }

    fn judged(status: u16, body: &str) -> Result<(), NotSent> {
        let answer = Response::builder().status(status).body(Bytes::from(body.to_owned()));
        bot().judge(&answer.unwrap())
    }

    #[test]
    fn the_token_stands_in_the_address_and_nowhere_else() {
        let bot = bot();
        assert_eq!(
            bot.address.expose_secret(),
            "https://telegram.example/behind/bot1:hush/sendMessage"
        );
        for description in ["/bot1:hush/sendMessage is not here", "hush", "", " "] {
            let body = json!({"ok": false, "description": description}).to_string();
            let error = judged(404, &body).unwrap_err();
            assert_eq!(error.to_string(), "Telegram refuses it (404): it does not say why");
        }
    }

    #[test]
    fn an_answer_is_judged_by_its_status_and_what_it_says() {
        assert_eq!(judged(200, r#"{"ok":true,"result":{"message_id":1}}"#), Ok(()));
        // A page of whoever stands between, or nothing.
        for body in ["<html>Welcome</html>", "", r#"{"ok":false}"#, r#"{"ok":1}"#] {
            assert_eq!(judged(200, body), Err(NotSent::Unknown), "{body}");
        }
        let refused = |status, said: &str| Err(NotSent::Refused { status, said: said.to_owned() });
        let chat = r#"{"ok":false,"error_code":400,"description":"Bad Request:\nchat not found"}"#;
        assert_eq!(judged(400, chat), refused(400, "Bad Request:chat not found"));
        assert_eq!(judged(302, ""), refused(302, "it does not say why"));
    }

    #[test]
    fn a_gateway_that_gives_up_does_not_say_that_telegram_did_not_take_it() {
        let failed = |status: u16| Err(NotSent::Failed { what: format!("failed ({status})") });
        let no = r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#;
        for status in [502, 504] {
            for body in ["<html>", "", "{}", r#"{"ok":false}"#, r#"{"description":7}"#] {
                assert_eq!(judged(status, body), Err(NotSent::Unknown), "{status} {body}");
            }
            assert_eq!(judged(status, no), failed(status));
        }
        for status in [500, 503] {
            assert_eq!(judged(status, "<html>"), failed(status));
        }
    }

    #[test]
    fn a_wait_is_believed_up_to_an_hour() {
        for (body, seconds) in [
            (r#"{"ok":false,"parameters":{"retry_after":7}}"#, 7),
            (r#"{"ok":false,"parameters":{"retry_after":-7}}"#, 1),
            (r#"{"ok":false,"parameters":{"retry_after":99999}}"#, 3_600),
            (r#"{"ok":false,"parameters":{}}"#, 30),
            ("", 30),
        ] {
            assert_eq!(judged(429, body), Err(NotSent::Throttled { seconds }), "{body}");
        }
    }

    #[tokio::test]
    async fn no_answer_is_no_proof_that_it_did_not_arrive() {
        assert_eq!(bot().send("x").await, Err(NotSent::Unknown));
    }
}
