//! A small HTTP/1.1 client: one connection for each request, and nothing done behind the test's back. It can send what a
//! well-behaved client library refuses to: broken UTF-8, a wrong length, any method.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Answer;

/// No answer takes longer; the server itself gives up after 30 seconds.
const PATIENCE: Duration = Duration::from_secs(45);

/// A request before it is sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// A request without headers and body. The path is sent as it is.
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            path: path.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// Adds parameters to the query, percent-encoded.
    #[must_use]
    pub fn query(mut self, parameters: &[(&str, &str)]) -> Self {
        for (name, value) in parameters {
            self.path.push(if self.path.contains('?') { '&' } else { '?' });
            self.path.push_str(&encode(name));
            self.path.push('=');
            self.path.push_str(&encode(value));
        }
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// A body of JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .bytes(body.to_string())
    }

    /// A body of form fields.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        self.header("Content-Type", "application/x-www-form-urlencoded")
            .bytes(pairs.join("&"))
    }

    /// A multipart body.
    #[must_use]
    pub fn multipart(self, fields: &[(&str, &str)]) -> Self {
        const BOUNDARY: &str = "b0und4ry";
        let mut body = String::new();
        for (name, value) in fields {
            body.extend([
                "--",
                BOUNDARY,
                "\r\nContent-Disposition: form-data; name=\"",
                name,
                "\"\r\n\r\n",
            ]);
            body.extend([value, "\r\n"]);
        }
        body.extend(["--", BOUNDARY, "--\r\n"]);
        self.header(
            "Content-Type",
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .bytes(body)
    }

    /// Any body.
    #[must_use]
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends it and awaits the answer.
    pub(crate) async fn send(self, address: SocketAddr) -> Answer {
        let name = format!("{} {}", self.method, self.path);
        match self.try_send(address).await {
            Ok(answer) => answer,
            Err(error) => panic!("{name}: {error}"),
        }
    }

    /// Sends it and awaits the answer, for who wants to know why there is none.
    ///
    /// # Errors
    /// When the connection breaks, or no answer comes in time.
    pub async fn try_send(self, address: SocketAddr) -> io::Result<Answer> {
        match timeout(PATIENCE, self.exchange(address)).await {
            Ok(answer) => answer,
            Err(_) => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("no answer within {PATIENCE:?}"),
            )),
        }
    }

    async fn exchange(self, address: SocketAddr) -> io::Result<Answer> {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n",
            self.method, self.path
        );
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if let Some(body) = &self.body
            && !self
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        let mut message = head.into_bytes();
        message.extend(self.body.unwrap_or_default());

        let (mut reader, mut writer) = TcpStream::connect(address).await?.into_split();
        // A server that refuses a body answers before it has read it all, so both directions go on at once.
        let write = async {
            // The answer tells more than a broken pipe does.
            let _ = writer.write_all(&message).await;
        };
        let read = async {
            let mut bytes = Vec::new();
            let mut chunk = vec![0; 16 * 1024];
            loop {
                match reader.read(&mut chunk).await {
                    Ok(0) => break,
                    Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                    Err(_) if is_whole(&bytes) => break,
                    Err(error) => return Err(error),
                }
                if is_whole(&bytes) {
                    break;
                }
            }
            Ok(bytes)
        };
        let bytes = tokio::select! {
            biased;
            bytes = read => bytes?,
            () = async { write.await; std::future::pending().await } => unreachable!("the future above never ends"),
        };
        parse(&self.method, &self.path, &bytes)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no whole HTTP message"))
    }
}

struct Head<'a> {
    status: u16,
    headers: Vec<(String, String)>,
    rest: &'a [u8],
}

fn head(bytes: &[u8]) -> Option<Head<'_>> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Head {
        status,
        headers,
        rest: &bytes[end + 4..],
    })
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn body(head: &Head<'_>) -> Option<Vec<u8>> {
    if header(&head.headers, "transfer-encoding") == Some("chunked") {
        return chunks(head.rest);
    }
    let length = match header(&head.headers, "content-length") {
        Some(length) => length.parse().ok()?,
        // Answers without a body, such as 204 and 304, name no length.
        None => 0,
    };
    (head.rest.len() >= length).then(|| head.rest[..length].to_vec())
}

fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..length)?);
        rest = rest.get(length + 2..)?;
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    head(bytes).is_some_and(|head| body(&head).is_some())
}

fn parse(method: &str, path: &str, bytes: &[u8]) -> Option<Answer> {
    let head = head(bytes)?;
    let body = body(&head)?;
    Some(Answer::new(
        format!("{method} {path}"),
        head.status,
        head.headers,
        body,
    ))
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_all_three_forms() {
        for (text, body) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\n\r\n",
                "ok!",
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", ""),
        ] {
            assert!(!is_whole(&text.as_bytes()[..text.len() / 2]), "{text}");
            let answer = parse("GET", "/", text.as_bytes()).expect("it is whole");
            assert_eq!(answer.text(), body);
        }
    }

    #[test]
    fn queries_are_encoded() {
        let request = Request::new("GET", "/users").query(&[("filter", "name eq 'ä'"), ("$top", "1")]);
        assert_eq!(request.path, "/users?filter=name%20eq%20%27%C3%A4%27&%24top=1");
    }
}
