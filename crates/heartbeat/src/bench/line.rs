//! One connection to the worker that is kept, as a platform that sends many webhooks keeps it.

use std::{net::SocketAddr, pin::Pin, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode, header::HOST};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{Failure, wall};

/// Much longer than anything measured here takes.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// A connection to the worker. One request at a time.
pub(super) struct Line {
    host: String,
    sender: SendRequest<Full<Bytes>>,
    connection: Pin<Box<Connection<TokioIo<TcpStream>, Full<Bytes>>>>,
}

/// What was answered, and how long it took from the first byte sent to the last received.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    pub(super) took: Duration,
}

impl Line {
    /// Connects.
    pub(super) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let failed = "can't connect to the worker";
        let stream = TcpStream::connect(address).await.map_err(Failure::while_doing(failed))?;
        stream.set_nodelay(true).map_err(Failure::while_doing(failed))?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(Failure::while_doing(failed))?;
        Ok(Self { host: address.to_string(), sender, connection: Box::pin(connection) })
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(
        &mut self,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<Answer, Failure> {
        let request: Request<_> = request
            .header(HOST, &self.host)
            .body(Full::new(body))
            .map_err(Failure::while_doing("the request can't be written"))?;
        let began = wall::instant();
        let answer = tokio::time::timeout(ANSWER_MAX, self.exchange(request)).await;
        let failed = "the worker did not answer";
        let (status, body) =
            answer.map_err(Failure::while_doing(failed))?.map_err(Failure::while_doing(failed))?;
        Ok(Answer { status, body, took: began.elapsed() })
    }

    async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, Bytes), hyper::Error> {
        let Self { sender, connection, .. } = self;
        let asking = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            Ok((status, response.into_body().collect().await?.to_bytes()))
        };
        tokio::pin!(asking);
        // The connection is driven by whoever waits for its answer: no task to wake for each.
        tokio::select! {
            answer = &mut asking => answer,
            ended = connection.as_mut() => match ended {
                // The last of the answer may still be on its way to us.
                Ok(()) => asking.await,
                Err(error) => Err(error),
            },
        }
    }
}
