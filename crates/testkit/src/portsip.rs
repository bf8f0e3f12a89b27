//! Persons who speak the PortSIP dialect.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::{Answer, Contract, Draft, PASSWORD, Request, TestServer, http::encode, server::ROOT_PASSWORD};

/// The SIP domain of the tenant in which the persons of a test live unless it says otherwise.
const HOME: &str = "home.test";
/// The administrator of each tenant.
const BOSS: &str = "boss";

/// The door of the PortSIP dialect.
#[derive(Clone, Copy)]
pub struct PortSip<'a> {
    server: &'a TestServer,
}

/// A tenant with its administrator.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its id.
    pub id: String,
    /// Its SIP domain.
    pub domain: String,
    /// Its first administrator, signed in.
    pub admin: Person,
}

/// Somebody with a session, or without one.
#[derive(Debug, Clone)]
pub struct Person {
    address: SocketAddr,
    prefix: &'static str,
    contract: Arc<Contract>,
    token: Arc<Mutex<Option<String>>>,
    /// His name.
    pub name: String,
    /// The SIP domain of his tenant; none for the system administrator.
    pub domain: Option<String>,
    /// His id; empty for the system administrator and for nobody.
    pub id: String,
    /// His extension number; empty without one.
    pub number: String,
}

/// A number that no other user of the process has.
fn next_number() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(2000);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}

impl<'a> PortSip<'a> {
    pub(crate) fn new(server: &'a TestServer) -> Self {
        Self { server }
    }

    /// Somebody without a session.
    pub fn anonymous(&self) -> Person {
        Person {
            address: self.server.address(),
            prefix: jackfield_dialect_portsip::PREFIX,
            contract: Arc::clone(&self.server.contract),
            token: Arc::default(),
            name: String::new(),
            domain: None,
            id: String::new(),
            number: String::new(),
        }
    }

    /// Somebody with this token.
    pub fn bearer(&self, token: &str) -> Person {
        let person = self.anonymous();
        *person.token.lock() = Some(token.to_owned());
        person
    }

    /// The system administrator in a new session, in no tenant.
    pub async fn root(&self) -> Person {
        let mut root = self.anonymous();
        "admin".clone_into(&mut root.name);
        root.sign_in(ROOT_PASSWORD).await;
        root
    }

    /// The tenant of the test.
    pub async fn home(&self) -> &'a Company {
        self.server.home.get_or_init(|| self.company(HOME)).await
    }

    /// The administrator of the test's tenant.
    pub async fn admin(&self) -> Person {
        self.home().await.admin.clone()
    }

    /// A new standard user of the test's tenant, signed in.
    pub async fn user(&self, name: &str) -> Person {
        self.employ(self.home().await, Draft::user(name, &next_number()))
            .await
    }

    /// New standard users of the test's tenant, signed in.
    pub async fn users<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let mut made = Vec::with_capacity(N);
        for name in names {
            made.push(self.user(name).await);
        }
        made.try_into().expect("one user for each name")
    }

    /// A new user of the test's tenant with this role, signed in.
    pub async fn user_as(&self, name: &str, role: &str) -> Person {
        self.employ(
            self.home().await,
            Draft::user(name, &next_number()).with("role", role),
        )
        .await
    }

    /// Creates a tenant, with an administrator.
    pub async fn company(&self, domain: &str) -> Company {
        let root = self.root().await;
        let id = root.post("/tenants", Draft::tenant(domain)).await.created();
        root.act_in(&id).await;
        let draft = Draft::user(BOSS, &next_number()).with("role", "Admin");
        let boss = root.post("/users", draft.clone()).await.created();
        let admin = self.signed_in(domain, &draft, boss).await;
        Company {
            id,
            domain: domain.to_owned(),
            admin,
        }
    }

    /// Creates a user of a tenant and signs him in.
    pub async fn employ(&self, company: &Company, draft: Draft) -> Person {
        let id = company.admin.post("/users", draft.clone()).await.created();
        self.signed_in(&company.domain, &draft, id).await
    }

    async fn signed_in(&self, domain: &str, draft: &Draft, id: String) -> Person {
        let text = |member: &str| draft.json()[member].as_str().unwrap_or_default().to_owned();
        let mut person = self.anonymous();
        person.name = text("name");
        person.number = text("extension_number");
        person.domain = Some(domain.to_owned());
        person.id = id;
        person.sign_in(PASSWORD).await;
        person
    }
}

impl Person {
    /// The person with the same session at another dialect's door.
    #[must_use]
    pub fn through(&self, prefix: &'static str, contract: Arc<Contract>) -> Self {
        Self {
            prefix,
            contract,
            ..self.clone()
        }
    }

    /// Begins a new session with the person's name and a password that has to be right.
    pub async fn sign_in(&self, password: &str) {
        let answer = self.try_sign_in(password).await.is(200);
        let token = answer["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token in {answer}"));
        *self.token.lock() = Some(token.to_owned());
    }

    /// Tries to sign in with the person's name. His session, if he has one, stays.
    pub async fn try_sign_in(&self, password: &str) -> Answer {
        let mut body = json!({ "username": self.name, "password": password });
        if let Some(domain) = &self.domain {
            body["domain"] = domain.as_str().into();
        }
        self.exchange(Request::new("POST", "/auth/sign_in").json(&body))
            .await
    }

    /// The token of the session.
    pub fn token(&self) -> String {
        self.token.lock().clone().expect("the person is signed in")
    }

    /// For the system administrator: acts in a tenant from now on.
    pub async fn act_in(&self, tenant: &str) {
        self.send(Request::new("POST", "/tenants/switch").query(&[("id", tenant)]))
            .await
            .changed();
    }

    /// Reads a path under the dialect's prefix.
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

    /// Makes a meeting; gives its id.
    pub async fn meeting(&self, draft: Draft) -> String {
        let made = self.post("/user/meetings", draft).await.is(201);
        made["id"].as_str().expect("a meeting has an id").to_owned()
    }

    /// Posts without a body.
    pub async fn act(&self, path: &str) -> Answer {
        self.send(Request::new("POST", path)).await
    }

    /// Sends a request with the person's token. The path is the one under the dialect's prefix.
    pub async fn send(&self, request: Request) -> Answer {
        let token = self.token.lock().clone();
        let request = match token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        self.exchange(request).await
    }

    async fn exchange(&self, mut request: Request) -> Answer {
        let (method, path) = (request.method.clone(), request.path.clone());
        request.path = format!("{}{path}", self.prefix);
        let answer = request.send(self.address).await;
        self.contract.check(&method, &path, &answer);
        answer
    }

    /// The path of a role, whatever is in its name.
    pub fn role_path(name: &str) -> String {
        format!("/roles/{}", encode(name))
    }
}
