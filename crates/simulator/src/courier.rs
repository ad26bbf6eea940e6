//! The HTTP face of the webhooks: posts what is due, when it is due, and brings the answers back.
//!
//! Nothing is decided here. Only plain HTTP to this machine is ever sent; any other address is as if
//! nobody answered.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::{net::TcpStream, sync::watch, task::JoinSet};
use url::Url;

use crate::{Delivery, Simulator, clock, webhooks::settings::is_on_this_machine};

/// The most deliveries on their way at once.
const IN_FLIGHT_MAX: usize = 16;
/// How long an endpoint may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// The most of an answer's body that is read. What it says doesn't matter.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// A delivery's id and the status of its answer.
type Answered = (u64, Option<u16>);

/// Delivers webhooks until the server closes. What is on its way then is let go.
pub(crate) async fn deliver(simulator: Simulator, mut closing: watch::Receiver<bool>) {
    let mut in_flight = JoinSet::<Answered>::new();
    loop {
        // No more than can be sent now: the signature tells when, and it must not grow old here.
        let room = IN_FLIGHT_MAX - in_flight.len();
        for delivery in simulator.due_webhooks_up_to(room, clock::now()) {
            in_flight.spawn(post(delivery));
        }
        let full = in_flight.len() == IN_FLIGHT_MAX;
        let next = simulator.next_webhook_at().filter(|_| !full);
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => return,
            Some(answer) = in_flight.join_next() => {
                if let Ok((id, status)) = answer {
                    simulator.webhook_answered(id, status, clock::now());
                }
            }
            () = simulator.stirring() => {}
            () = until(next) => {}
        }
    }
}

/// Waits for an instant; for ever if there is none.
async fn until(instant: Option<Timestamp>) {
    match instant {
        None => std::future::pending().await,
        Some(instant) => {
            let wait = instant.duration_since(clock::now());
            clock::pause(Duration::try_from(wait).unwrap_or_default()).await;
        }
    }
}

async fn post(delivery: Delivery) -> Answered {
    let id = delivery.id;
    let status = clock::within(ANSWER_MAX, exchange(delivery)).await.flatten();
    (id, status)
}

/// One request on a connection of its own; redirects are not followed.
async fn exchange(delivery: Delivery) -> Option<u16> {
    let url: Url = delivery.url.parse().ok().filter(is_on_this_machine)?;
    let address = url.socket_addrs(|| None).ok()?;
    let stream = TcpStream::connect(&address[..]).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let mut request = Request::post(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(header::HOST, &url[url::Position::BeforeHost..url::Position::AfterPort])
        .body(Full::<Bytes>::new(delivery.body))
        .ok()?;
    request.headers_mut().extend(delivery.headers);
    let asking = async {
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        // Read to the end, so that the endpoint is not cut off in the middle of a word.
        let _ = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        Some(status)
    };
    tokio::pin!(connection, asking);
    tokio::select! {
        status = &mut asking => status,
        // However it ended: the answer may have come before that.
        _ = &mut connection => asking.await,
    }
}
