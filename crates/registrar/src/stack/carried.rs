//! Connections over TLS, and those that are opened to providers. The library's own cannot be read by anybody else, so that one odd
//! request would end them; ours are channels of its, and both of their ends are here.

use std::net::SocketAddr;

use async_trait::async_trait;
use rsipstack::{
    platform::CancellationToken,
    transaction::endpoint::EndpointInnerRef,
    transport::{SipConnection, TransportEvent, channel::ChannelConnection},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, WriteHalf},
    sync::{Mutex, mpsc},
};

use super::{
    Stack, Wire,
    reading::{Back, Reader, Source},
};

/// Messages that wait until the other side takes what came before; whoever has another one to send waits too.
const QUEUE: usize = 32;

/// What is written to.
struct Writer<S>(Mutex<WriteHalf<S>>);

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Send> Back for Writer<S> {
    async fn send(&self, bytes: Vec<u8>) -> bool {
        let mut half = self.0.lock().await;
        half.write_all(&bytes).await.is_ok() && half.flush().await.is_ok()
    }
}

/// Makes a connection known to the library. What is given carries it until it ends or has to; the library cancels the token then.
///
/// # Errors
/// When the library refuses it.
pub(super) async fn carry<S>(
    stream: S,
    (wire, peer): (Wire, SocketAddr),
    endpoint: &EndpointInnerRef,
    reader: &Reader,
    token: &CancellationToken,
) -> Result<impl Future<Output = ()> + Send + use<S>, rsipstack::Error>
where
    S: AsyncRead + AsyncWrite + Send,
{
    // What is read goes to the library directly; this end only tells it when there is nothing more to come.
    let (ending, nothing) = mpsc::unbounded_channel();
    let (outgoing, mut messages) = mpsc::channel(QUEUE);
    let remote = Stack::target(wire, peer);
    let channel =
        ChannelConnection::create_connection_bounded(nothing, outgoing, remote, Some(token.clone())).await?;
    let connection = SipConnection::Channel(channel);
    endpoint.transport_layer.add_connection(connection.clone());
    let (reader, token) = (reader.clone(), token.clone());
    Ok(async move {
        let (mut half, writer) = tokio::io::split(stream);
        let writer = Writer(Mutex::new(writer));
        let source = Source {
            connection,
            wire,
            peer,
            back: &writer,
        };
        let sends = async {
            while let Some(event) = messages.recv().await {
                if let TransportEvent::Incoming(message, ..) = event
                    && !writer
                        .send(reader.untagged.leaves(&message.to_bytes()).into_owned())
                        .await
                {
                    return;
                }
            }
        };
        tokio::select! {
            () = reader.read(&mut half, &source, &token) => {}
            () = sends => {}
        }
        drop(ending);
        // The other side may be gone already.
        let _ = writer.0.into_inner().shutdown().await;
    })
}
