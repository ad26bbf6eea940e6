//! What an answer carries: all of it at once, or piece by piece while it is read.

use std::fmt;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream::BoxStream};

/// The pieces of a body, made when they are asked for. One that fails is the last.
pub type Pieces = BoxStream<'static, Result<Bytes, BrokenOff>>;

/// The rest of a body can't be made. Why is in the log; whoever sends the answer has to break the
/// connection, so that nobody takes a part for the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off")]
pub struct BrokenOff;

/// Why a body could not be taken in whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatherError {
    /// A piece of it failed.
    #[error(transparent)]
    BrokenOff(#[from] BrokenOff),
    /// It has more bytes than were allowed.
    #[error("the answer is too large")]
    TooLarge,
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// Pieces, for what may be larger than memory.
    Pieces(Pieces),
}

impl Body {
    /// All of it at once, where nothing else can be sent.
    ///
    /// # Errors
    /// [`GatherError::TooLarge`] past `bytes_max`, [`GatherError::BrokenOff`] when a piece failed.
    pub async fn gather(self, bytes_max: usize) -> Result<Bytes, GatherError> {
        let mut pieces = match self {
            Self::Whole(bytes) => return Ok(bytes),
            Self::Pieces(pieces) => pieces,
        };
        let mut all = BytesMut::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if bytes_max - all.len() < piece.len() {
                return Err(GatherError::TooLarge);
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

/// Never the content: it may name fans.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Pieces(_) => f.write_str("Pieces(…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn pieces(pieces: Vec<Result<&'static str, BrokenOff>>) -> Body {
        let piece =
            |piece: Result<&'static str, _>| piece.map(|text| Bytes::from_static(text.as_bytes()));
        Body::Pieces(stream::iter(pieces).map(piece).boxed())
    }

    #[tokio::test]
    async fn pieces_are_gathered_up_to_the_limit_and_never_as_a_part() {
        let gathered = pieces(vec![Ok("ab"), Ok(""), Ok("cd")]).gather(4).await;
        assert_eq!(gathered, Ok(Bytes::from_static(b"abcd")));
        let gathered = pieces(vec![Ok("ab"), Ok("cde")]).gather(4).await;
        assert_eq!(gathered, Err(GatherError::TooLarge));
        let gathered = pieces(vec![Ok("ab"), Err(BrokenOff)]).gather(4).await;
        assert_eq!(gathered, Err(GatherError::BrokenOff(BrokenOff)));
    }
}
