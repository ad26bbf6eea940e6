//! The HTTP face: real sockets and the real clock around `Simulator::respond`.
//!
//! Nothing is decided here; a reply that is no answer becomes silence or a cut connection.

use std::{future::Future, io};

use axum::{
    Router,
    body::{self, Body},
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Reply, Simulator, clock, courier,
    line::{Doors, Scissors},
};

/// The largest request body taken.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

#[derive(Clone)]
struct Face {
    simulator: Simulator,
    closing: watch::Receiver<bool>,
}

/// Serves the simulator over HTTP until `shutdown` is ready, and delivers its webhooks. Its time is
/// the wall clock plus what `POST /sim/time` added; requests that hang are let go at the end.
pub async fn serve(
    simulator: Simulator,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (close, closing) = watch::channel(false);
    let face = Face { simulator: simulator.clone(), closing: closing.clone() };
    let app = Router::new().fallback(answer).with_state(face);
    let service = app.into_make_service_with_connect_info::<Scissors>();
    let serving = axum::serve(Doors(listener), service).with_graceful_shutdown(async move {
        shutdown.await;
        close.send_replace(true);
    });
    let (served, ()) = tokio::join!(serving, courier::deliver(simulator, closing));
    served
}

async fn answer(
    State(mut face): State<Face>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body::to_bytes(body, BODY_BYTES_MAX).await else {
        let mut response = Response::new(Body::from(r#"{"message":"Request body too large"}"#));
        *response.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    let request = http::Request::from_parts(parts, body);
    match face.simulator.respond(request, clock::now()) {
        Reply::Answer(response) => response.map(Body::from),
        Reply::Slow { response, delay } => {
            // A closing server doesn't wait: the answer is due, only sooner.
            tokio::select! {
                () = clock::pause(delay) => {}
                _ = face.closing.wait_for(|closing| *closing) => {}
            }
            response.map(Body::from)
        }
        Reply::Dropped { .. } => cut(&scissors),
        Reply::Hang => {
            let _ = face.closing.wait_for(|closing| *closing).await;
            cut(&scissors)
        }
    }
}

/// The client gets nothing of this.
fn cut(scissors: &Scissors) -> Response<Body> {
    scissors.cut();
    Response::new(Body::empty())
}
