//! Programs that speak the RingMe dialect, and those that get their tokens by OAuth 2.

use std::{net::SocketAddr, sync::Arc};

use jackfield_domain::{
    ApplicationAccess, ApplicationKind, Caller, NewApplication, TenantId, capability::ManageCompany,
};
use serde_json::Value;

use crate::{Answer, Contract, Request, TestServer};

/// A program at the dialect's door, with a token or without. Each answer is held against the document.
#[derive(Debug, Clone)]
pub struct RingMe {
    address: SocketAddr,
    contract: Arc<Contract>,
    prefix: &'static str,
    token: Option<String>,
}

/// An application as its maker knows it.
#[derive(Debug, Clone)]
pub struct App {
    /// What it is known by.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl RingMe {
    pub(crate) fn new(server: &TestServer) -> Self {
        Self {
            address: server.address(),
            contract: Contract::ringme(),
            prefix: jackfield_dialect_ringme::PREFIX,
            token: None,
        }
    }

    /// The path under which it asks.
    pub fn prefix(&self) -> &'static str {
        self.prefix
    }

    /// The document.
    pub fn contract(&self) -> Arc<Contract> {
        Arc::clone(&self.contract)
    }

    /// The same program at the paths that the vendor's reference prints.
    #[must_use]
    pub fn bare(&self) -> Self {
        Self {
            prefix: "",
            ..self.clone()
        }
    }

    /// The same program with this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The header that carries its token; empty without one.
    pub fn authorization(&self) -> String {
        let token = self.token.as_ref();
        token.map_or_else(String::new, |token| format!("Bearer {token}"))
    }

    /// Reads a path under the prefix.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::new("GET", path)).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: impl Into<Value>) -> Answer {
        self.send(Request::new("POST", path).json(&body.into())).await
    }

    /// Changes with JSON.
    pub async fn put(&self, path: &str, body: impl Into<Value>) -> Answer {
        self.send(Request::new("PUT", path).json(&body.into())).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Request::new("DELETE", path)).await
    }

    /// Sends a request with the program's token. The path is the one under the prefix. Every answer says what is left of the
    /// budget, whatever else it says.
    pub async fn send(&self, mut request: Request) -> Answer {
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let (method, path) = (request.method.clone(), request.path.clone());
        request.path = format!("{}{path}", self.prefix);
        let answer = request.send(self.address).await;
        self.contract.check(&method, &documented(&path), &answer);
        for name in ["limit", "remaining", "reset"] {
            let value = answer.header(&format!("x-ratelimit-{name}"));
            assert!(
                value.is_some_and(|value| value.parse::<u32>().is_ok()),
                "no {name}: {answer}"
            );
        }
        answer
    }
}

/// A path as the document has it: both spellings serve, with a slash at the end and without.
fn documented(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let bare = path.trim_end_matches('/');
    let collection = ["extension", "user", "call_history"]
        .iter()
        .any(|end| bare.ends_with(end));
    format!("{bare}{}?{query}", if collection { "/" } else { "" })
}

impl TestServer {
    /// The RingMe door.
    pub fn ringme(&self) -> RingMe {
        RingMe::new(self)
    }

    /// Makes an application of a tenant for one of its users, as an operator does.
    pub async fn app(
        &self,
        tenant: &str,
        user: &str,
        kind: ApplicationKind,
        access: ApplicationAccess,
        redirect_uris: &[&str],
    ) -> App {
        let tenant = TenantId::new(tenant.parse().expect("an id is a number"));
        let user = user.to_owned();
        let new = NewApplication {
            name: "CRM".into(),
            kind,
            access,
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
        };
        let work = async move |directory: jackfield_directory::Directory| {
            let grant = Arc::new(Caller::program(tenant)).grant::<ManageCompany>()?;
            directory.create_application(&grant, &user, new).await
        };
        let made = self.with_directory(work).await.expect("the application is made");
        App {
            id: made.application.client_id,
            secret: made.secret,
        }
    }

    /// Asks the protocol's door: the path is the one under `/oauth`.
    pub async fn oauth(&self, path: &str, app: &App, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("client_id", app.id.as_str()),
            ("client_secret", app.secret.as_str()),
        ];
        all.extend(fields);
        self.oauth_request(Request::new("POST", path).form(&all)).await
    }

    /// The same with any request. Its answer is held against the document.
    pub async fn oauth_request(&self, mut request: Request) -> Answer {
        let (method, path) = (request.method.clone(), request.path.clone());
        request.path = format!("{}{path}", jackfield_dialect_ringme::OAUTH_PREFIX);
        let answer = self.send(request).await;
        Contract::ringme().check(&method, &path, &answer);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer}");
        answer
    }

    /// A program with the token of a trusted application that was made for a user.
    pub async fn trusted(&self, tenant: &str, user: &str) -> RingMe {
        let app = self
            .app(
                tenant,
                user,
                ApplicationKind::Trusted,
                ApplicationAccess::All,
                &[],
            )
            .await;
        let answer = self
            .oauth("/token", &app, &[("grant_type", "client_credentials")])
            .await
            .is(200);
        self.ringme()
            .with_token(answer["access_token"].as_str().expect("a token"))
    }
}
