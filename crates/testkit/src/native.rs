//! Programs that speak the native dialect.

use std::{net::SocketAddr, sync::Arc};

use serde_json::{Value, json};

use crate::{Answer, Company, Contract, Person, Request, TestServer};

/// The door of our own API.
#[derive(Clone, Copy)]
pub struct Native<'a> {
    server: &'a TestServer,
}

/// Somebody with a key, with the token of a session, or with nothing.
#[derive(Debug, Clone)]
pub struct Caller {
    address: SocketAddr,
    contract: Arc<Contract>,
    authorization: Option<String>,
}

impl<'a> Native<'a> {
    pub(crate) fn new(server: &'a TestServer) -> Self {
        Self { server }
    }

    /// Somebody without key or session.
    pub fn anonymous(&self) -> Caller {
        Caller {
            address: self.server.address(),
            contract: Contract::native(),
            authorization: None,
        }
    }

    /// Somebody with this key or token.
    pub fn bearer(&self, token: &str) -> Caller {
        Caller {
            authorization: Some(format!("Bearer {token}")),
            ..self.anonymous()
        }
    }

    /// Somebody with this `Authorization` header.
    pub fn authorized(&self, header: &str) -> Caller {
        Caller {
            authorization: Some(header.to_owned()),
            ..self.anonymous()
        }
    }

    /// Somebody with the session of a person of another dialect.
    pub fn person(&self, person: &Person) -> Caller {
        self.bearer(&person.token())
    }

    /// A new key for the feed of a tenant, and its id.
    pub async fn feed_key(&self, company: &Company) -> (i64, String) {
        let admin = self.person(&company.admin);
        let made = admin
            .post("/keys", json!({"purpose": "feed", "name": "PBX"}))
            .await
            .is(201);
        let key = made["key"].as_str().expect("a key").to_owned();
        (made["id"].as_i64().expect("an id"), key)
    }

    /// The telephone system of a tenant.
    pub async fn engine(&self, company: &Company) -> Caller {
        let (_, key) = self.feed_key(company).await;
        self.bearer(&key)
    }
}

impl Caller {
    /// Reads a path under the dialect's prefix.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::new("GET", path)).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: impl Into<Value>) -> Answer {
        self.send(Request::new("POST", path).json(&body.into())).await
    }

    /// Posts a stream of lines.
    pub async fn stream(&self, path: &str, lines: impl Into<Vec<u8>>) -> Answer {
        let request = Request::new("POST", path).header("Content-Type", "application/x-ndjson");
        self.send(request.bytes(lines)).await
    }

    /// Hands in a file.
    pub async fn put(&self, path: &str, content: impl Into<Vec<u8>>) -> Answer {
        let request = Request::new("PUT", path).header("Content-Type", "application/octet-stream");
        self.send(request.bytes(content)).await
    }

    /// Destroys.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Request::new("DELETE", path)).await
    }

    /// Sends a request. The path is the one under the dialect's prefix.
    pub async fn send(&self, mut request: Request) -> Answer {
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization.clone());
        }
        let (method, path) = (request.method.clone(), request.path.clone());
        request.path = format!("{}{path}", jackfield_dialect_native::PREFIX);
        let answer = request.send(self.address).await;
        self.contract.check(&method, &path, &answer);
        answer
    }
}
