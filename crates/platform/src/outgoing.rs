//! An answer's body in the form that servers send.
//!
//! A body that broke off is an error here: hyper then closes the connection without the end that a
//! complete answer has, so the client's own library reports it.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use app::http::{Body, BrokenOff, Pieces};
use bytes::Bytes;
use futures_util::StreamExt;
use http_body::{Frame, SizeHint};
use http_body_util::Full;
use tokio::sync::oneshot;

/// A body on its way out.
pub struct Outgoing {
    content: Content,
    /// Dropped with the body, which tells that it was sent or given up.
    in_progress: Option<oneshot::Sender<()>>,
}

enum Content {
    Whole(Full<Bytes>),
    /// Never locked: the mutex only makes it `Sync`, which Vercel's body has to be.
    Pieces(Mutex<Pieces>),
}

impl Outgoing {
    /// Ends when the body was sent or given up; nothing for one that is sent at once.
    pub fn until_sent(&mut self) -> Option<impl Future<Output = ()> + Send + use<>> {
        let Content::Pieces(_) = self.content else { return None };
        let (in_progress, ended) = oneshot::channel();
        self.in_progress = Some(in_progress);
        Some(async {
            // Nothing is ever said: the sender is dropped.
            let _ = ended.await;
        })
    }
}

impl From<Body> for Outgoing {
    fn from(body: Body) -> Self {
        let content = match body {
            Body::Whole(bytes) => Content::Whole(Full::new(bytes)),
            Body::Pieces(pieces) => Content::Pieces(Mutex::new(pieces)),
        };
        Self { content, in_progress: None }
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut self.content {
            Content::Whole(bytes) => {
                Pin::new(bytes).poll_frame(context).map_err(|never| match never {})
            }
            Content::Pieces(pieces) => {
                let pieces = pieces.get_mut().unwrap_or_else(PoisonError::into_inner);
                pieces.poll_next_unpin(context).map_ok(Frame::data)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.content, Content::Whole(bytes) if bytes.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => bytes.size_hint(),
            Content::Pieces(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};
    use http_body::Body as _;
    use http_body_util::BodyExt;

    use super::*;

    fn pieces(pieces: Vec<Result<Bytes, BrokenOff>>) -> Outgoing {
        Outgoing::from(Body::Pieces(stream::iter(pieces).boxed()))
    }

    #[tokio::test]
    async fn pieces_come_one_by_one_and_a_failure_is_no_end() {
        let piece = Bytes::from_static(b"ab");
        let mut body = pieces(vec![Ok(piece.clone()), Err(BrokenOff)]);
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), piece);
        assert_eq!(body.frame().await.unwrap().unwrap_err(), BrokenOff);
        assert_eq!(pieces(vec![]).size_hint().exact(), None);
        let whole = Outgoing::from(Body::from(piece));
        assert_eq!(whole.size_hint().exact(), Some(2), "a whole answer tells its length");
    }

    #[tokio::test]
    async fn a_body_in_pieces_is_in_progress_until_it_is_dropped() {
        let mut body = pieces(vec![]);
        let mut sent = Box::pin(body.until_sent().unwrap());
        assert!(sent.as_mut().now_or_never().is_none());
        drop(body);
        assert!(sent.now_or_never().is_some());
        assert!(Outgoing::from(Body::from(Bytes::new())).until_sent().is_none());
    }
}
