//! A telephone that says how its user is.

use super::{Phone, Reply};

/// A presence document about an extension, with this in it.
pub fn pidf(number: &str, inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \
         xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" \
         entity=\"sip:{number}@home.test\">\r\n{inner}\r\n</presence>\r\n"
    )
}

impl Phone {
    /// Publishes for its own extension: with these headers, and a body of the usual type unless there is none.
    pub async fn publishes(&mut self, headers: &[(&str, &str)], body: &str) -> Reply {
        let target = format!("sip:{}@{}", self.number, self.domain);
        self.publishes_for(&target, headers, body).await
    }

    /// The same for whatever address.
    pub async fn publishes_for(&mut self, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut reply = None;
        for _ in 0..3 {
            let credentials = self.credentials("PUBLISH");
            let named = |name: &str| headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
            let mut all = headers.to_vec();
            for (name, value) in [("Event", "presence"), ("Content-Type", "application/pidf+xml")] {
                if !named(name) && (name == "Event" || !body.is_empty()) {
                    all.push((name, value));
                }
            }
            if let Some(credentials) = &credentials {
                all.push(("Authorization", credentials));
            }
            let aimed = format!("PUBLISH sip:{} SIP", self.domain);
            let text = self
                .request("PUBLISH", &all)
                .replacen(&aimed, &format!("PUBLISH {target} SIP"), 1)
                .replacen(
                    "Content-Length: 0\r\n\r\n",
                    &format!("Content-Length: {}\r\n\r\n{body}", body.len()),
                    1,
                );
            let answer = self.send(&text).await;
            let stale = answer.challenges().first().is_some_and(|one| one.stale);
            if answer.status != 401 || (credentials.is_some() && !stale) {
                return answer;
            }
            self.challenged(&answer);
            reply = Some(answer);
        }
        reply.expect("it asked")
    }
}
