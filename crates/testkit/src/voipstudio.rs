//! Clients that speak the VoIPstudio dialect.

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jackfield_dialect_voipstudio::Version;
use serde_json::{Value, json};

use crate::{Answer, Contract, Request, TestServer};

/// A program that speaks one version of the dialect, signed in or not. Each answer is held against that version's document.
#[derive(Debug, Clone)]
pub struct VoipStudio {
    address: SocketAddr,
    contract: Arc<Contract>,
    prefix: &'static str,
    /// The header that carries its credentials, if it has any.
    credentials: Option<(String, String)>,
    /// The id of the account; 0 for nobody.
    pub user_id: i64,
    /// Its token; empty for nobody.
    pub token: String,
}

impl VoipStudio {
    pub(crate) fn new(server: &TestServer, version: Version) -> Self {
        Self {
            address: server.address(),
            contract: Contract::voipstudio(version),
            prefix: version.prefix(),
            credentials: None,
            user_id: 0,
            token: String::new(),
        }
    }

    /// The path under which its version is mounted.
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// The document of its version.
    pub fn contract(&self) -> Arc<Contract> {
        Arc::clone(&self.contract)
    }

    /// The same program with these credentials in place of its own.
    #[must_use]
    pub fn with(&self, header: &str, value: impl Into<String>) -> Self {
        Self {
            credentials: Some((header.to_owned(), value.into())),
            ..self.clone()
        }
    }

    /// The same program with a token in the header that current clients use.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.with("X-Auth-Token", token)
        }
    }

    /// The same program with a user id and a token in HTTP Basic.
    #[must_use]
    pub fn with_basic(&self, user_id: i64, token: &str) -> Self {
        let pair = STANDARD.encode(format!("{user_id}:{token}"));
        self.with("Authorization", format!("Basic {pair}"))
    }

    /// Tries to sign in.
    pub async fn try_sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/login", json!({"email": email, "password": password}))
            .await
    }

    /// Signs in with a password that has to be right.
    #[must_use]
    pub async fn sign_in(&self, email: &str, password: &str) -> Self {
        self.signed_in(&self.try_sign_in(email, password).await.is(200))
    }

    /// The program with the session of an answer.
    #[must_use]
    pub fn signed_in(&self, answer: &Answer) -> Self {
        let token = answer["user_token"].as_str().expect("the answer has a token");
        Self {
            user_id: answer["user_id"].as_i64().expect("the answer has a user"),
            ..self.with_token(token)
        }
    }

    /// Reads a path under the prefix.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::new("GET", path)).await
    }

    /// Reads with parameters in the query.
    pub async fn find(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.send(Request::new("GET", path).query(query)).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: impl Into<Value>) -> Answer {
        self.send(Request::new("POST", path).json(&body.into())).await
    }

    /// Changes with JSON.
    pub async fn patch(&self, path: &str, body: impl Into<Value>) -> Answer {
        self.send(Request::new("PATCH", path).json(&body.into())).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Request::new("DELETE", path)).await
    }

    /// Sends a request with the program's credentials. The path is the one under the prefix.
    pub async fn send(&self, mut request: Request) -> Answer {
        if let Some((name, value)) = &self.credentials {
            request = request.header(name, value.clone());
        }
        let (method, path) = (request.method.clone(), request.path.clone());
        request.path = format!("{}{path}", self.prefix);
        let answer = request.send(self.address).await;
        self.contract.check(&method, &path, &answer);
        answer
    }
}
