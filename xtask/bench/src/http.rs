//! As much of HTTP/1.1 as a load generator needs: it knows both sides, so it asks in one form and expects one form.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::{Failed, Result};

/// What the first bytes of an answer say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The status.
    pub(crate) status: u16,
    /// Where the body begins.
    pub(crate) body: usize,
    /// How long it is.
    pub(crate) length: usize,
}

/// Reads the head of an answer; `None` while it is not complete. An answer without a length is taken to have no body.
pub(crate) fn head(bytes: &[u8]) -> Option<Head> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    Some(Head {
        status,
        body: end + 4,
        length,
    })
}

/// Writes a request without a body.
pub(crate) fn get(out: &mut Vec<u8>, path: std::fmt::Arguments<'_>, token: &str) {
    // Writing into memory cannot fail.
    let _ = write!(
        out,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"
    );
}

/// Writes a request with a body of JSON.
pub(crate) fn post(out: &mut Vec<u8>, path: &str, token: &str, body: &[u8]) {
    // As above.
    let _ = write!(
        out,
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    out.extend_from_slice(body);
}

/// Sends one request over a connection of its own and waits for the answer: status and body.
pub(crate) fn once(address: SocketAddr, request: &[u8]) -> Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let (mut answer, mut part) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(head) = head(&answer)
            && answer.len() >= head.body + head.length
        {
            return Ok((head.status, answer.split_off(head.body)));
        }
        let read = stream.read(&mut part)?;
        if read == 0 {
            return Err(Failed::new(format!(
                "{address} closed the connection in the middle of an answer"
            )));
        }
        answer.extend_from_slice(part.get(..read).unwrap_or_default());
    }
}

/// Signs in and gives the access token.
pub(crate) fn sign_in(address: SocketAddr, domain: &str, name: &str, password: &str) -> Result<String> {
    let body = serde_json::json!({ "username": name, "password": password, "domain": domain });
    token(address, "/api/auth/sign_in", &body, "access_token")
}

/// Signs in as clients of VoIPstudio do and gives the token.
pub(crate) fn sign_in_by_address(address: SocketAddr, person: &str, password: &str) -> Result<String> {
    let body = serde_json::json!({ "email": person, "password": password });
    token(address, "/v1.2/voipstudio/login", &body, "user_token")
}

fn token(address: SocketAddr, path: &str, body: &serde_json::Value, name: &str) -> Result<String> {
    let mut request = Vec::new();
    post(&mut request, path, "-", body.to_string().as_bytes());
    let (status, answer) = once(address, &request)?;
    let token = serde_json::from_slice::<serde_json::Value>(&answer)
        .ok()
        .and_then(|answer| Some(answer.get(name)?.as_str()?.to_owned()));
    token.ok_or_else(|| {
        Failed::new(format!(
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&answer)
        ))
    })
}

/// The body of a `GET` that must succeed.
pub(crate) fn fetch(address: SocketAddr, path: &str, token: &str) -> Result<Vec<u8>> {
    let mut request = Vec::new();
    get(&mut request, format_args!("{path}"), token);
    match once(address, &request)? {
        (200, body) => Ok(body),
        (status, body) => Err(Failed::new(format!(
            "GET {path} answered {status}: {}",
            String::from_utf8_lossy(&body)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_once_they_are_complete() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\ndate: x\r\n\r\n{}";
        let expected = Head {
            status: 201,
            body: answer.len() - 2,
            length: 2,
        };
        assert_eq!(head(answer), Some(expected));
        assert_eq!(head(&answer[..40]), None);
        let empty = head(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        assert_eq!((empty.status, empty.length), (204, 0));
        assert_eq!(head(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"), None);
    }

    #[test]
    fn requests_have_their_length() {
        let mut out = Vec::new();
        post(&mut out, "/api/users", "abc", b"{\"a\":1}");
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\r\ncontent-length: 7\r\n\r\n{\"a\":1}"), "{text}");
    }
}
