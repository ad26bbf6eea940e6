//! An answer that comes piece by piece, over a connection of its own.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{
    Request, StatusCode,
    header::{AUTHORIZATION, HOST},
};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Failure;

const BROKEN: &str = "the answer broke off";

/// Asks, and hands on each piece as it comes, until the answer ends or nobody wants more of it.
pub(super) async fn get(
    server: SocketAddr,
    (path, bearer): (&str, &str),
    mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let failed = "can't connect to the worker";
    let stream = TcpStream::connect(server).await.map_err(Failure::while_doing(failed))?;
    stream.set_nodelay(true).map_err(Failure::while_doing(failed))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(Failure::while_doing(failed))?;
    let request = Request::get(path)
        .header(HOST, server.to_string())
        .header(AUTHORIZATION, format!("Bearer {bearer}"))
        .body(Empty::<Bytes>::new())
        .map_err(Failure::while_doing("the request can't be written"))?;
    let asking = async {
        let response = sender.send_request(request).await.map_err(Failure::while_doing(BROKEN))?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(Failure::new(format!("{path} was answered {status}")));
        }
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            // Other frames than data are trailers.
            if let Ok(piece) = frame.map_err(Failure::while_doing(BROKEN))?.into_data() {
                take(&piece)?;
            }
        }
        Ok(())
    };
    tokio::pin!(connection, asking);
    tokio::select! {
        asked = &mut asking => asked,
        ended = &mut connection => match ended {
            // The last of the answer may still be on its way to us.
            Ok(()) => asking.await,
            Err(error) => Err(Failure::while_doing(BROKEN)(error)),
        },
    }
}
