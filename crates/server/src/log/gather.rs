//! Log lines on their way out, gathered so that a line does not cost a system call.
//!
//! A line goes into a buffer in memory; a thread of its own writes what has gathered, at most [`DELAY`] later. Nothing is
//! dropped: a full buffer makes whoever logs write it himself, a line at `WARN` or `ERROR` takes everything before it along at
//! once, and the [`Flush`] that [`start`] gives writes the rest when the program ends. Only a process that is killed loses
//! the lines of its last moment.

use std::{
    io::{self, Write},
    sync::Arc,
    thread,
    time::Duration,
};

use parking_lot::{Condvar, Mutex};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How late a line may be. Long enough that a busy server writes a hundred lines at once, too short for a person to notice.
const DELAY: Duration = Duration::from_millis(20);
/// Bytes at which a line no longer waits: some hundred lines.
const FULL: usize = 64 * 1024;

/// Starts the thread that writes to `out`.
///
/// # Errors
/// When there can be no such thread.
pub(super) fn start<W: Write + Send + 'static>(out: W) -> io::Result<(Gather<W>, Flush)> {
    let gather = Gather(Arc::new(Shared {
        waiting: Mutex::default(),
        filled: Condvar::new(),
        out: Mutex::new(Out {
            out,
            lines: Vec::new(),
        }),
    }));
    let writer = gather.clone();
    thread::Builder::new().name("log".into()).spawn(move || {
        loop {
            writer.0.wait();
            thread::sleep(DELAY);
            writer.0.write();
        }
    })?;
    let flush = gather.clone();
    Ok((gather, Flush(Box::new(move || flush.0.write()))))
}

/// Writes what is left when it goes.
#[must_use = "the last lines of the log are written when this is dropped"]
pub struct Flush(Box<dyn Fn() + Send>);

impl Drop for Flush {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Where lines are gathered.
pub(super) struct Gather<W>(Arc<Shared<W>>);

impl<W> Clone for Gather<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Shared<W> {
    waiting: Mutex<Vec<u8>>,
    filled: Condvar,
    /// Locked before `waiting` by who writes, so that lines keep their order.
    out: Mutex<Out<W>>,
}

struct Out<W> {
    out: W,
    /// Changes places with `waiting`, so that neither is ever allocated anew.
    lines: Vec<u8>,
}

impl<W: Write> Shared<W> {
    /// Returns when there is something to write.
    fn wait(&self) {
        let mut waiting = self.waiting.lock();
        while waiting.is_empty() {
            self.filled.wait(&mut waiting);
        }
    }

    /// Adds lines; tells whether they are too many to wait.
    fn add(&self, lines: &[u8]) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.is_empty() {
            self.filled.notify_one();
        }
        waiting.extend_from_slice(lines);
        waiting.len() >= FULL
    }

    /// Writes everything that was added before.
    fn write(&self) {
        let mut out = self.out.lock();
        let Out { out, lines } = &mut *out;
        std::mem::swap(&mut *self.waiting.lock(), lines);
        // There is nowhere to say that the log cannot be written.
        let _ = out.write_all(lines).and_then(|()| out.flush());
        lines.clear();
    }
}

impl<'a, W: Write + 'a> MakeWriter<'a> for Gather<W> {
    type Writer = Line<'a, W>;

    /// For a line of which nothing is known.
    fn make_writer(&'a self) -> Line<'a, W> {
        self.line(Level::ERROR)
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Line<'a, W> {
        self.line(*meta.level())
    }
}

impl<W: Write> Gather<W> {
    fn line(&self, level: Level) -> Line<'_, W> {
        Line {
            shared: &self.0,
            urgent: level <= Level::WARN,
        }
    }
}

/// Takes one line.
pub(super) struct Line<'a, W: Write> {
    shared: &'a Shared<W>,
    urgent: bool,
}

impl<W: Write> Write for Line<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.shared.add(bytes) || self.urgent {
            self.shared.write();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.shared.write();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().clone()).unwrap()
        }
    }

    #[test]
    fn lines_come_out_in_order_whoever_writes_them() {
        let page = Page::default();
        let (gather, flush) = start(page.clone()).unwrap();
        let count = 2 * FULL / 8;
        for number in 0..count {
            gather
                .line(Level::INFO)
                .write_all(format!("{number:07}\n").as_bytes())
                .unwrap();
        }
        drop(flush);
        let text = page.text();
        assert_eq!(text.lines().count(), count);
        assert!(
            text.lines()
                .enumerate()
                .all(|(number, line)| line.parse() == Ok(number))
        );
    }

    #[test]
    fn a_line_is_written_soon_and_an_error_at_once_with_what_came_before() {
        let page = Page::default();
        let (gather, _flush) = start(page.clone()).unwrap();
        gather.line(Level::INFO).write_all(b"one\n").unwrap();
        gather.line(Level::WARN).write_all(b"two\n").unwrap();
        assert_eq!(page.text(), "one\ntwo\n");
        gather.line(Level::INFO).write_all(b"three\n").unwrap();
        let began = Instant::now();
        while page.text() != "one\ntwo\nthree\n" {
            assert!(began.elapsed() < Duration::from_secs(20), "{:?}", page.text());
            thread::sleep(Duration::from_millis(1));
        }
    }
}
