//! Connections on which nothing moves any more are given up: whoever opens many and says nothing holds none for ever.

use std::{
    io::{self, ErrorKind, IoSlice},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    time::{Instant, Sleep, sleep},
};

/// A listener whose connections end once nothing was read or written for so long.
pub struct Patient {
    listener: TcpListener,
    patience: Duration,
}

impl Patient {
    /// Must be longer than any request takes to be answered.
    pub fn new(listener: TcpListener, patience: Duration) -> Self {
        Self { listener, patience }
    }
}

impl Listener for Patient {
    type Io = Watched;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Watched, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let patience = self.patience;
        (Watched { stream, patience, quiet: Box::pin(sleep(patience)) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that is watched.
pub struct Watched {
    stream: TcpStream,
    patience: Duration,
    quiet: Pin<Box<Sleep>>,
}

impl Watched {
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

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let moved = Pin::new(&mut self.stream).poll_read(context, into);
        self.watched(context, moved)
    }
}

impl AsyncWrite for Watched {
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
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::timeout,
    };

    use super::*;

    async fn serving(patience: Duration) -> SocketAddr {
        let listener = Patient::new(TcpListener::bind("127.0.0.1:0").await.unwrap(), patience);
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, axum::Router::new()).await });
        address
    }

    #[tokio::test]
    async fn half_a_request_and_then_silence_ends_the_connection() {
        let mut stream = TcpStream::connect(serving(Duration::from_millis(50)).await).await.unwrap();
        stream.write_all(b"POST /v1/push HTTP/1.1\r\nHost:").await.unwrap();
        let ended = timeout(Duration::from_secs(20), stream.read_to_end(&mut Vec::new())).await;
        assert!(ended.is_ok(), "still open");
    }

    #[tokio::test]
    async fn a_patient_hub_waits_for_the_rest() {
        let mut stream = TcpStream::connect(serving(Duration::from_secs(60)).await).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
        sleep(Duration::from_millis(50)).await;
        stream.write_all(b" hub\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
}
