//! Programs that speak the Omnidesk dialect.

use std::{net::SocketAddr, sync::Arc};

use serde_json::Value;

use crate::{Answer, Contract, Request, TestServer};

/// A program with a key, or without one.
#[derive(Debug, Clone)]
pub struct Omnidesk {
    address: SocketAddr,
    contract: Arc<Contract>,
    key: Option<String>,
}

impl Omnidesk {
    pub(crate) fn new(server: &TestServer) -> Self {
        Self {
            address: server.address(),
            contract: Contract::omnidesk(),
            key: None,
        }
    }

    /// All permissions that a key may have.
    pub const ALL: [&'static str; 4] = [
        "USER_READ",
        "USER_CUD",
        "API_RESERVE_USER",
        "USER_ANONYMOUS_BROWSING_UPDATE",
    ];

    /// The same program with this key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    /// Its key.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// Reads a path under the prefix.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::new("GET", path)).await
    }

    /// Reads with parameters in the query.
    pub async fn find(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.send(Request::new("GET", path).query(query)).await
    }

    /// Posts fields as multipart, as the vendor's clients do.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Request::new("POST", path).multipart(fields)).await
    }

    /// Posts JSON.
    pub async fn post_json(&self, path: &str, body: impl Into<Value>) -> Answer {
        self.send(Request::new("POST", path).json(&body.into())).await
    }

    /// Changes with a form.
    pub async fn put(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Request::new("PUT", path).form(fields)).await
    }

    /// Deletes with a form.
    pub async fn delete(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Request::new("DELETE", path).form(fields)).await
    }

    /// The settings of a user.
    pub async fn settings(&self, user: &str) -> Value {
        let answer = self.find("/user/settings", &[("userID", user)]).await.is(200);
        answer["result"].clone()
    }

    /// Sends a request with the key in the header. The path is the one under the prefix.
    pub async fn send(&self, mut request: Request) -> Answer {
        if let Some(key) = &self.key {
            request = request.header("apiKey", key.clone());
        }
        let (method, path) = (request.method.clone(), request.path.clone());
        request.path = format!("{}{path}", jackfield_dialect_omnidesk::PREFIX);
        let answer = request.send(self.address).await;
        self.contract.check(&method, &path, &answer);
        answer
    }
}
