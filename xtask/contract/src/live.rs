//! A running server, held against the vendor's document.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, ToSocketAddrs as _},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jackfield_domain::Timestamp;
use jackfield_testkit::{Answer, Contract, Request};
use serde_json::{Value, json};

use crate::{
    Failed, Findings,
    documents::{Document, Name, listed},
    engine::People,
    rounds::{self, Round},
};

/// Where to knock, and as whom.
#[derive(Debug)]
pub(crate) struct Door<'a> {
    pub(crate) server: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    pub(crate) domain: &'a str,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) findings: Findings,
    pub(crate) summary: String,
}

/// Calls every wanted operation that can be called without harm, and holds the answers against the document.
pub(crate) async fn call(door: &Door<'_>, wanted: &[Name], theirs: &Document) -> Result<Report, Failed> {
    let host = door
        .server
        .strip_prefix("http://")
        .unwrap_or(door.server)
        .trim_end_matches('/');
    let address = host
        .to_socket_addrs()
        .map_err(|error| Failed(format!("{}: {error}", door.server)))?;
    let address = address.into_iter().next();
    let mut caller = Caller {
        address: address.ok_or_else(|| Failed(format!("{}: no address", door.server)))?,
        token: String::new(),
        theirs,
        wanted: wanted.iter().cloned().collect(),
        judge: Contract::new(json!({"paths": {}}), ""),
        called: BTreeSet::new(),
        findings: Findings::new(),
    };
    caller.sign_in(door).await?;
    caller.everything(door).await?;
    let left: Vec<String> = wanted
        .iter()
        .filter(|name| theirs.has(name) && !caller.called.contains(name))
        .map(Name::to_string)
        .collect();
    let mut summary = format!(
        "{} of {} operations were called",
        wanted.len() - left.len(),
        wanted.len()
    );
    if !left.is_empty() {
        summary.push_str("; not called: ");
        summary.push_str(&left.join(", "));
    }
    Ok(Report {
        findings: caller.findings,
        summary,
    })
}

/// Who calls, and what came of it so far.
pub(crate) struct Caller<'a> {
    address: SocketAddr,
    pub(crate) token: String,
    theirs: &'a Document,
    wanted: BTreeSet<Name>,
    judge: Contract,
    called: BTreeSet<Name>,
    findings: Findings,
}

impl Caller<'_> {
    /// A request to the dialect in the name of who is signed in.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let path = format!("{}{path}", jackfield_dialect_portsip::PREFIX);
        let request = Request::new(method, path);
        if self.token.is_empty() {
            request
        } else {
            request.header("Authorization", format!("Bearer {}", self.token))
        }
    }

    pub(crate) async fn exchange(&self, request: Request) -> Result<Answer, Failed> {
        let answer = request.try_send(self.address).await;
        answer.map_err(|error| Failed(format!("the server at {}: {error}", self.address)))
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Failed> {
        let request = self.request(method, path);
        self.exchange(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    async fn sign_in(&mut self, door: &Door<'_>) -> Result<(), Failed> {
        self.token.clear();
        let body = json!({"username": door.user, "password": door.password, "domain": door.domain});
        let answer = self.send("POST", "/auth/sign_in", Some(&body)).await?;
        let token = answer.json()["access_token"].as_str();
        let token = token.ok_or_else(|| Failed(format!("signing in as {} failed: {answer}", door.user)))?;
        token.clone_into(&mut self.token);
        Ok(())
    }

    /// Calls an operation; puts down where the answer is not as the document says. Gives the body of a good answer.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        template: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Option<Value>, Failed> {
        let answer = self.send(method, path, body).await?;
        let name = name(method, template)?;
        if !self.wanted.contains(&name) {
            return Ok((answer.status < 400).then(|| answer.json().clone()));
        }
        let found = self.faults(&name, &answer);
        self.findings.entry(name.clone()).or_default().extend(found);
        self.called.insert(name);
        Ok((answer.status < 400).then(|| answer.json().clone()))
    }

    fn faults(&self, name: &Name, answer: &Answer) -> Vec<String> {
        let Some(operation) = self.theirs.operation(name) else {
            return Vec::new();
        };
        let response = &operation["responses"][answer.status.to_string()];
        if answer.status >= 400 || response.is_null() {
            return vec![format!("live: answers {}: {}", answer.status, answer.text())];
        }
        let content = &response["content"];
        if content.as_object().is_none_or(serde_json::Map::is_empty) {
            let text = answer.text();
            return if text.is_empty() {
                Vec::new()
            } else {
                vec![format!("live: a body where the contract has none: {text}")]
            };
        }
        let kind = answer.header("content-type").unwrap_or("none");
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let Some(media) = content.get(kind) else {
            return vec![format!("live: the body is {kind}")];
        };
        let faults = self
            .judge
            .faults(&self.theirs.flat(&media["schema"]), answer.json());
        // What only we have stands in our document, so the comparison of documents has told of it.
        let faults = faults
            .into_iter()
            .filter(|fault| !fault.ends_with(" is not documented"));
        faults.map(|fault| format!("live: {fault}")).collect()
    }

    async fn everything(&mut self, door: &Door<'_>) -> Result<(), Failed> {
        let mark = mark();
        let created = self
            .call("POST", "/users", "/users", Some(&rounds::user(&mark)))
            .await?;
        let created = created.and_then(|body| body["id"].as_str().map(str::to_owned));
        let user =
            created.ok_or_else(|| Failed("no user could be made, so nothing more can be tried".into()))?;
        for round in rounds::rounds(&mark) {
            self.round(&round, &user).await?;
        }
        self.members(&mark, &user).await?;
        for deed in rounds::deeds() {
            let path = deed.path.replacen("{}", &user, 1);
            self.call("POST", deed.path, &path, deed.body.as_ref()).await?;
        }
        self.own_passwords(door, &mark).await?;
        let business = self
            .call("POST", "/contacts", "/contacts", Some(&json!({"name": "Acme"})))
            .await?;
        if let Some(id) = business.as_ref().and_then(|body| body["id"].as_str()) {
            for deed in ["favorite", "unfavorite"] {
                let path = format!("/user/business_contacts/{id}/{deed}");
                let template = format!("/user/business_contacts/{{}}/{deed}");
                self.call("POST", &template, &path, None).await?;
            }
            self.call(
                "POST",
                "/contacts/{}/destroy",
                &format!("/contacts/{id}/destroy"),
                None,
            )
            .await?;
        }
        self.greetings(&user).await?;
        let numbers = (
            self.number(&format!("/users/{user}")).await?,
            self.number("/user").await?,
        );
        let people = People {
            user: &user,
            number: &numbers.0,
            own_number: &numbers.1,
        };
        self.queue(&mark, &people).await?;
        self.reported(&mark, &people).await?;
        for path in rounds::FOLLOWED {
            self.follow(path).await?;
        }
        self.read_all(&user).await?;
        let path = format!("/users/profile?id={user}");
        self.call("POST", "/users/profile", &path, None).await?;
        self.call(
            "POST",
            "/users/{}/destroy",
            &format!("/users/{user}/destroy"),
            None,
        )
        .await?;
        Ok(())
    }

    /// The number of the extension of the user at a path.
    async fn number(&self, path: &str) -> Result<String, Failed> {
        let user = self.send("GET", path, None).await?;
        let number = user.json()["extension_number"].as_str();
        number
            .map(str::to_owned)
            .ok_or_else(|| Failed(format!("GET {path} tells no extension: {user}")))
    }

    /// What the user who was made does for himself: his passwords.
    async fn own_passwords(&mut self, door: &Door<'_>, mark: &str) -> Result<(), Failed> {
        let token = self.token.clone();
        let (user, password) = (rounds::user_name(mark), rounds::NEW_PASSWORD);
        self.sign_in(&Door {
            user: &user,
            password,
            ..*door
        })
        .await?;
        let body = json!({"old_password": password, "new_password": "Qw7!mNxRt5"});
        for path in ["/user/password", "/user/extension_password"] {
            self.call("POST", path, path, Some(&body)).await?;
        }
        self.token = token;
        Ok(())
    }

    /// Everything that can be read and names at most a user.
    async fn read_all(&mut self, user: &str) -> Result<(), Failed> {
        let reads: Vec<Name> = self
            .wanted
            .iter()
            .filter(|name| name.method == "GET")
            .cloned()
            .collect();
        for name in reads {
            let path = if name.path.starts_with("/users/{}") {
                name.path.replacen("{}", user, 1)
            } else {
                name.path.clone()
            };
            if !path.contains("{}") && !self.called.contains(&name) {
                self.call("GET", &name.path, &path, None).await?;
            }
        }
        Ok(())
    }

    async fn round(&mut self, round: &Round, user: &str) -> Result<(), Failed> {
        let collection = round.collection.replacen("{}", user, 1);
        if !self.wanted.iter().any(|name| name.path == round.collection) {
            return Ok(());
        }
        let created = self
            .call("POST", round.collection, &collection, Some(&round.create))
            .await?;
        let key = created.as_ref().and_then(|body| body[round.key].as_str());
        let Some(key) = key.map(|key| key.replace(' ', "%20")) else {
            return Ok(());
        };
        let (template, path) = (
            format!("{}/{{}}", round.collection),
            format!("{collection}/{key}"),
        );
        self.call("GET", &template, &path, None).await?;
        if let Some(update) = &round.update {
            self.call("POST", &template, &path, Some(update)).await?;
        }
        for deed in round.deeds {
            self.call(
                "POST",
                &format!("{template}/{deed}"),
                &format!("{path}/{deed}"),
                None,
            )
            .await?;
        }
        self.call("GET", &template, &path, None).await?;
        self.call("GET", round.collection, &collection, None).await?;
        self.call(
            "POST",
            &format!("{template}/destroy"),
            &format!("{path}/destroy"),
            None,
        )
        .await?;
        let gone = self.send("GET", &path, None).await?;
        if gone.status != 404 {
            let finding = format!("live: a destroyed record answers {}", gone.status);
            self.findings
                .entry(name("GET", &template)?)
                .or_default()
                .push(finding);
        }
        Ok(())
    }

    /// The members of a group.
    async fn members(&mut self, mark: &str, user: &str) -> Result<(), Failed> {
        let group = json!({"name": format!("Members {mark}")});
        let group = self.call("POST", "/groups", "/groups", Some(&group)).await?;
        let number = self.number(&format!("/users/{user}")).await?;
        let Some(group) = group.as_ref().and_then(|body| body["id"].as_str()) else {
            return Ok(());
        };
        let (list, template) = ("/groups/{}/members", "/groups/{}/members/{}");
        let path = format!("/groups/{group}/members/{number}");
        self.call("POST", template, &path, None).await?;
        self.call("GET", template, &path, None).await?;
        self.call("GET", list, &format!("/groups/{group}/members"), None)
            .await?;
        self.call(
            "POST",
            "/groups/{}/members/{}/destroy",
            &format!("{path}/destroy"),
            None,
        )
        .await?;
        self.call(
            "POST",
            "/groups/{}/destroy",
            &format!("/groups/{group}/destroy"),
            None,
        )
        .await?;
        Ok(())
    }

    /// Begins to follow something and asks for news once.
    async fn follow(&mut self, path: &str) -> Result<(), Failed> {
        if !self.wanted.iter().any(|name| name.path == path) {
            return Ok(());
        }
        let followed = self.call("POST", path, path, Some(&json!({}))).await?;
        if let Some(token) = followed.as_ref().and_then(|body| body["token"].as_str()) {
            let template = format!("{path}/{{}}/diff");
            self.call("POST", &template, &format!("{path}/{token}/diff"), None)
                .await?;
        }
        Ok(())
    }
}

fn name(method: &str, template: &str) -> Result<Name, Failed> {
    let mut names = listed(&json!([{"method": method, "path": template}]))?;
    names
        .pop()
        .ok_or_else(|| Failed(format!("no operation: {method} {template}")))
}

/// An hour from now, which is when the device that is reported forgets itself.
#[expect(
    clippy::disallowed_methods,
    reason = "the server goes by its own clock, and an hour forgives a little"
)]
pub(crate) fn in_an_hour() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(now.as_micros()).unwrap_or(0);
    Timestamp::from_micros(micros)
        .plus(Duration::from_hours(1))
        .to_string()
}

/// Digits that no other run has, so that a run that was cut off does not stand in the way of the next.
#[expect(
    clippy::disallowed_methods,
    reason = "the marks of two runs have to differ, and nothing else depends on it"
)]
fn mark() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |since| since.as_secs());
    format!("{:08}", seconds % 100_000_000)
}
