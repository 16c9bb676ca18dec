//! Connections on which nothing moves any more are given up: whoever opens many and says nothing holds none for ever.

use std::{
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// A stream that ends once nothing was read or written for so long.
pub struct Patient<S> {
    stream: S,
    patience: Duration,
    quiet: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    /// Must be longer than any request takes to be answered.
    pub fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, quiet: Box::pin(sleep(patience)) }
    }

    /// What the stream did; an error where it did nothing for too long.
    fn watched<T>(&mut self, context: &mut Context<'_>, moved: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            let end = Instant::now() + self.patience;
            self.quiet.as_mut().reset(end);
            return moved;
        }
        self.quiet.as_mut().poll(context).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(context, into);
        self.watched(context, moved)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(context, moved)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watched(context, moved)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_ends_the_connection() {
        let (_silent, hub) = duplex(8);
        let read = Patient::new(hub, Duration::from_secs(60)).read_u8().await;
        assert_eq!(read.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_goes_on_is_waited_for() {
        let (mut client, hub) = duplex(8);
        let mut hub = Patient::new(hub, Duration::from_secs(60));
        let speaking = tokio::spawn(async move {
            for _ in 0..3 {
                sleep(Duration::from_secs(50)).await;
                client.write_u8(1).await.unwrap();
            }
        });
        for _ in 0..3 {
            assert_eq!(hub.read_u8().await.unwrap(), 1);
        }
        speaking.await.unwrap();
    }
}
