//! The load generator: connections that are kept, each with one request under way.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::{Failed, Result, http, process};

/// Writes the request of a number into the buffer.
pub(crate) type Requests = Arc<dyn Fn(u64, &mut Vec<u8>) + Send + Sync>;

/// A kind of request, and the status that every answer to it must have.
#[derive(Clone)]
pub(crate) struct Load {
    /// The requests. Their number goes on from one round to the next.
    pub(crate) requests: Requests,
    /// The number of the next one.
    pub(crate) next: Arc<AtomicU64>,
    /// What every answer must say.
    pub(crate) status: u16,
    /// How many connections.
    pub(crate) connections: usize,
}

/// What one stretch of load came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Processor time of the server for each, in microseconds.
    pub(crate) cpu: f64,
}

/// Loads a server: first for `warm`, which is not counted, then for `span`.
///
/// It runs on one thread, so that it leaves the other cores to the server. Processor time is taken when no request is
/// under way.
pub(crate) fn run(
    load: &Load,
    address: SocketAddr,
    pid: u32,
    warm: Duration,
    span: Duration,
) -> Result<Sample> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut streams = Vec::with_capacity(load.connections);
        for _ in 0..load.connections {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let (streams, _) = stretch(load, streams, warm).await?;
        let (before, began) = (process::cpu(pid)?, Instant::now());
        let (_, answers) = stretch(load, streams, span).await?;
        let (took, cpu) = (began.elapsed(), process::cpu(pid)?.saturating_sub(before));
        let answers = to_float(answers.max(1));
        Ok(Sample {
            rate: answers / took.as_secs_f64(),
            cpu: cpu.as_secs_f64() * 1e6 / answers,
        })
    })
}

/// Keeps all connections busy until the time is over; the connections, and how many answers came.
async fn stretch(load: &Load, streams: Vec<TcpStream>, span: Duration) -> Result<(Vec<TcpStream>, u64)> {
    let until = Instant::now() + span;
    let mut tasks = JoinSet::new();
    for stream in streams {
        tasks.spawn(drive(load.clone(), stream, until));
    }
    let (mut streams, mut answers) = (Vec::new(), 0);
    while let Some(done) = tasks.join_next().await {
        let (stream, count) = done??;
        streams.push(stream);
        answers += count;
    }
    Ok((streams, answers))
}

/// Keeps one connection busy.
async fn drive(load: Load, mut stream: TcpStream, until: Instant) -> Result<(TcpStream, u64)> {
    let (mut request, mut answer, mut count) = (Vec::new(), Vec::with_capacity(64 * 1024), 0);
    while Instant::now() < until {
        request.clear();
        (load.requests)(load.next.fetch_add(1, Ordering::Relaxed), &mut request);
        stream.write_all(&request).await?;
        answer.clear();
        let mut head = None;
        loop {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(Failed::new(
                    "the server closed a connection in the middle of an answer",
                ));
            }
            if head.is_none() {
                head = http::head(&answer);
            }
            if let Some(head) = &head
                && answer.len() >= head.body + head.length
            {
                break;
            }
        }
        let status = head.map_or(0, |head| head.status);
        if status != load.status {
            let text = String::from_utf8_lossy(&answer);
            return Err(Failed::new(format!(
                "an answer was not the expected {}:\n{text}",
                load.status
            )));
        }
        count += 1;
    }
    Ok((stream, count))
}

/// A count as a float; counts here stay far below the 2^53 up to which that is exact.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact below 2^53, and a run makes millions"
)]
pub(crate) fn to_float(count: u64) -> f64 {
    count as f64
}
