//! What a running server only has when an engine reports: calls, messages, recordings, devices and people in meetings. They
//! are reported through the feed, with a key that is made for this and revoked in the end.

use jackfield_testkit::{Answer, Draft, Request, files::wav};
use serde_json::{Value, json};

use crate::{Failed, live::Caller};

/// The number outside that calls, is called, and joins.
const OUTSIDE: &str = "+4930123456";
/// The header that an upload goes on with.
const UPLOAD_TOKEN: &str = "portsip-upload-token";
/// The device of the user who was made for this.
const DEVICE: &str = "contract-device";

/// The users that the rounds are about.
pub(crate) struct People<'a> {
    /// The id of the one who was made for this.
    pub(crate) user: &'a str,
    /// The number of his extension.
    pub(crate) number: &'a str,
    /// The number of the one who is signed in.
    pub(crate) own_number: &'a str,
}

impl Caller<'_> {
    /// Reports what an engine would, and reads it back.
    pub(crate) async fn reported(&mut self, mark: &str, people: &People<'_>) -> Result<(), Failed> {
        let made = self
            .native("POST", "/keys", None, &json!({"purpose": "feed", "name": mark}))
            .await?;
        let (Some(id), Some(key)) = (made["id"].as_i64(), made["key"].as_str()) else {
            return Err(Failed(format!("no key for the feed: {made}")));
        };
        self.call_data(mark, key, people).await?;
        self.device(key, people).await?;
        self.meeting(mark, key, people).await?;
        self.native("DELETE", &format!("/keys/{id}"), None, &Value::Null)
            .await?;
        Ok(())
    }

    async fn native(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &Value,
    ) -> Result<Value, Failed> {
        let path = format!("{}{path}", jackfield_dialect_native::PREFIX);
        let request = Request::new(method, path.as_str())
            .header("Authorization", format!("Bearer {}", key.unwrap_or(&self.token)));
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        let answer = self.exchange(request).await?;
        if answer.status >= 400 {
            return Err(Failed(format!("{method} {path} was refused: {answer}")));
        }
        Ok(if answer.text().is_empty() {
            Value::Null
        } else {
            answer.json().clone()
        })
    }

    async fn report(&self, key: &str, path: &str, item: &Value) -> Result<(), Failed> {
        self.native("POST", path, Some(key), item).await?;
        Ok(())
    }

    async fn call_data(&mut self, mark: &str, key: &str, people: &People<'_>) -> Result<(), Failed> {
        let own = people.own_number;
        let (start, answered, end) = (
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:05Z",
            "2026-01-01T00:01:00Z",
        );
        let cdr = json!({
            "external_id": mark, "direction": "inbound", "caller": OUTSIDE, "callee": own, "destination": own,
            "started_at": start, "answered_at": answered, "ended_at": end, "status_code": 200, "call_id": mark,
            "end_reason": "caller_disconnected", "cost": 0.12,
        });
        self.report(key, "/feed/cdrs", &cdr).await?;
        let message = json!({
            "external_id": mark, "direction": "in", "sender": OUTSIDE, "receiver": own, "message_type": "sms",
            "content": "Hello", "created_at": start,
        });
        self.report(key, "/feed/messages", &message).await?;
        let recording = json!({
            "external_id": mark, "call_id": mark, "caller": OUTSIDE, "callee": own, "started_at": answered,
            "ended_at": end, "file_name": "contract.wav",
        });
        self.report(key, "/feed/recordings", &recording).await?;
        for collection in ["/user/cdrs", "/user/external_messages", "/user/recordings"] {
            let list = self.call("GET", collection, collection, None).await?;
            let Some(id) = list.as_ref().and_then(|list| list["items"][0]["id"].as_str()) else {
                continue;
            };
            self.call(
                "GET",
                &format!("{collection}/{{}}"),
                &format!("{collection}/{id}"),
                None,
            )
            .await?;
            if collection == "/user/recordings" {
                let (template, path) = (
                    "/user/recordings/{}/destroy",
                    format!("{collection}/{id}/destroy"),
                );
                self.call("POST", template, &path, None).await?;
            }
        }
        Ok(())
    }

    async fn device(&mut self, key: &str, people: &People<'_>) -> Result<(), Failed> {
        let soon = crate::live::in_an_hour();
        let device = json!({
            "extension_number": people.number, "instance_id": DEVICE, "user_agent": "Desk phone", "ip": "192.0.2.7",
            "contact_address": "sip:desk@192.0.2.7", "expires_at": soon,
        });
        self.report(key, "/feed/registrations", &device).await?;
        let path = format!("/users/{}/status", people.user);
        self.call("GET", "/users/{}/status", &path, None).await?;
        let template = "/users/{}/status/{}/destroy_status";
        self.call("POST", template, &format!("{path}/{DEVICE}/destroy_status"), None)
            .await?;
        Ok(())
    }

    async fn meeting(&mut self, mark: &str, key: &str, people: &People<'_>) -> Result<(), Failed> {
        let (list, one) = ("/user/meetings", "/user/meetings/{}");
        let draft = Draft::meeting(mark).json();
        let made = self.call("POST", list, list, Some(&draft)).await?;
        let Some(id) = made.as_ref().and_then(|made| made["id"].as_str()) else {
            return Ok(());
        };
        let path = format!("{list}/{id}");
        self.call("GET", one, &path, None).await?;
        self.call("POST", one, &path, Some(&json!({"subject": "Changed"})))
            .await?;
        let deeds = ["start", "mute", "unmute", "start_recording", "stop_recording"];
        for deed in deeds {
            self.call("POST", &format!("{one}/{deed}"), &format!("{path}/{deed}"), None)
                .await?;
        }
        let joined = [(people.number, "a"), (OUTSIDE, "b")]
            .map(|(number, who)| json!({"external_id": who, "attendance": "joined", "number": number}));
        self.report(key, &format!("/feed/meetings/{id}/participants"), &json!(joined))
            .await?;
        self.participants(one, &path, people).await?;
        for deed in ["lock", "unlock", "stop", "destroy"] {
            if deed == "stop" {
                self.call("GET", &format!("{one}/status"), &format!("{path}/status"), None)
                    .await?;
            }
            self.call("POST", &format!("{one}/{deed}"), &format!("{path}/{deed}"), None)
                .await?;
        }
        Ok(())
    }

    async fn participants(&mut self, meeting: &str, path: &str, people: &People<'_>) -> Result<(), Failed> {
        let (template, path) = (format!("{meeting}/participants"), format!("{path}/participants"));
        let invited = json!({"number": people.own_number});
        self.call(
            "POST",
            &format!("{template}/invite"),
            &format!("{path}/invite"),
            Some(&invited),
        )
        .await?;
        let there = self.call("GET", &template, &path, None).await?;
        let Some(id) = there.as_ref().and_then(|list| list["items"][0]["id"].as_str()) else {
            return Ok(());
        };
        let layout = json!({"items": [id]});
        self.call(
            "POST",
            &format!("{template}/layout"),
            &format!("{path}/layout"),
            Some(&layout),
        )
        .await?;
        let (template, path) = (format!("{template}/{{}}"), format!("{path}/{id}"));
        self.call("GET", &template, &path, None).await?;
        for (deed, body) in [
            ("chairman", None),
            ("position", Some(json!({"position": 3}))),
            ("mute", None),
            ("unmute", None),
            ("destroy", None),
        ] {
            let (template, path) = (format!("{template}/{deed}"), format!("{path}/{deed}"));
            self.call("POST", &template, &path, body.as_ref()).await?;
        }
        Ok(())
    }

    /// A queue in which both are agents, and what an agent asks and says.
    pub(crate) async fn queue(&mut self, mark: &str, people: &People<'_>) -> Result<(), Failed> {
        let digits: String = mark.chars().filter(char::is_ascii_digit).collect();
        let draft = Draft::call_queue(mark, &format!("78{digits}")).json();
        let made = self
            .call("POST", "/call_queues", "/call_queues", Some(&draft))
            .await?;
        let Some(id) = made.as_ref().and_then(|made| made["id"].as_str()) else {
            return Ok(());
        };
        let numbers = [people.number, people.own_number];
        let agents =
            json!({"items": numbers.map(|number| json!({"extension_number": number, "skill_level": 1}))});
        let path = format!("/call_queues/{id}/agents");
        self.call("POST", "/call_queues/{}/agents", &path, Some(&agents))
            .await?;
        for (of, owner) in [
            ("/user", "/user".to_owned()),
            ("/users/{}", format!("/users/{}", people.user)),
        ] {
            let template = format!("{of}/call_queues/{{}}/agent");
            let path = format!("{owner}/call_queues/{id}/agent");
            self.call("GET", &template, &path, None).await?;
            self.call("POST", &template, &path, Some(&json!({"status": "READY"})))
                .await?;
        }
        self.call(
            "POST",
            "/call_queues/{}/destroy",
            &format!("/call_queues/{id}/destroy"),
            None,
        )
        .await?;
        Ok(())
    }

    /// A greeting for each of the two places that have some.
    pub(crate) async fn greetings(&mut self, user: &str) -> Result<(), Failed> {
        for (of, owner) in [
            ("/user", "/user".to_owned()),
            ("/users/{}", format!("/users/{user}")),
        ] {
            let Some(file) = self.upload().await? else {
                continue;
            };
            let (template, path) = (format!("{of}/greetings"), format!("{owner}/greetings"));
            let body = json!({"file_id": file});
            let made = self.call("POST", &template, &path, Some(&body)).await?;
            let Some(id) = made.as_ref().and_then(|made| made["id"].as_str()) else {
                continue;
            };
            self.call("GET", &template, &path, None).await?;
            for deed in ["enable", "disable", "destroy"] {
                let (template, path) = (format!("{template}/{{}}/{deed}"), format!("{path}/{id}/{deed}"));
                self.call("POST", &template, &path, None).await?;
            }
        }
        Ok(())
    }

    /// Sends a sound in two pieces and gives the id of the file.
    async fn upload(&mut self) -> Result<Option<String>, Failed> {
        let query = [("filename", "contract.wav"), ("temporary", "false")];
        let begun = self
            .exchange(self.request("POST", "/blobs/uploads").query(&query))
            .await?;
        let Some(id) = begun.header("portsip-upload-id") else {
            return Err(Failed(format!("no upload began: {begun}")));
        };
        let sound = wav(8_000);
        let (first, rest) = sound.split_at(sound.len() / 2);
        let (append, complete) = (
            format!("/blobs/uploads/{id}/append"),
            format!("/blobs/uploads/{id}/complete"),
        );
        let appended = self.exchange(self.piece(&append, &begun, first)).await?;
        let done = self.exchange(self.piece(&complete, &appended, rest)).await?;
        Ok(done.json()["id"].as_str().map(str::to_owned))
    }

    /// A piece of an upload; the answer to the one before has the token for it.
    fn piece(&self, path: &str, before: &Answer, bytes: &[u8]) -> Request {
        let token = before.header(UPLOAD_TOKEN).unwrap_or_default();
        self.request("POST", path)
            .header(UPLOAD_TOKEN, token)
            .bytes(bytes)
    }
}
