//! What a request still sends once it is refused: read and dropped, within bounds. A connection closed under an upload
//! breaks it before its sender has read why.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header,
};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use officine_protocol::limits::PUSH_BYTES;

/// A body that its reader may leave in the middle.
#[derive(Clone)]
pub(crate) struct Rest(Arc<Mutex<Body>>);

impl Rest {
    /// The request, and what will be left of its body. Nothing where the sender asks before he sends.
    pub fn of(request: Request) -> (Request, Option<Self>) {
        if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
            return (request, None);
        }
        let (head, body) = request.into_parts();
        let rest = Self(Arc::new(Mutex::new(body)));
        (Request::from_parts(head, Body::new(rest.clone())), Some(rest))
    }

    /// Reads it to its end beside the answer, for so long, and no more than a push may have.
    pub fn drop_within(mut self, patience: Duration) {
        let read = async move {
            let mut more = PUSH_BYTES;
            while let Some(Ok(frame)) = self.frame().await {
                let Some(left) = more.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { break };
                more = left;
            }
        };
        tokio::spawn(tokio::time::timeout(patience, read));
    }

    fn with<T>(&self, work: impl FnOnce(Pin<&mut Body>) -> T) -> T {
        work(Pin::new(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| body.poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
