//! The kinds of requests that are measured.

use std::sync::{Arc, atomic::AtomicU64};

use crate::{
    Result,
    data::{self, Data, NewUsers},
    http,
    load::{Load, Requests},
    server::Server,
};

/// Users that fit into the server's cache with room to spare.
const FEW: usize = 500;
/// Connections, where nothing else is said.
pub(crate) const CONNECTIONS: usize = 16;
/// Connections at which group commit has to show.
pub(crate) const MANY: usize = 64;

/// Where a dialect has its users.
pub(crate) struct Paths {
    /// One user is here and his id.
    users: &'static str,
    /// The first hundred users of the tenant.
    pub(crate) list: &'static str,
}

pub(crate) const PORTSIP: Paths = Paths {
    users: "/api/users",
    list: "/api/users?top=100",
};
pub(crate) const VOIPSTUDIO: Paths = Paths {
    users: "/v1.2/voipstudio/users",
    list: "/v1.2/voipstudio/users?limit=100",
};

/// Who asks: tokens of one server.
#[derive(Clone)]
pub(crate) struct Tokens {
    /// The administrator of each tenant.
    pub(crate) administrators: Arc<Vec<String>>,
    /// The administrator of the first tenant who is one by a custom role.
    pub(crate) clerk: Arc<str>,
}

impl Tokens {
    /// Signs everybody in.
    pub(crate) fn get(server: &Server, domains: &[String]) -> Result<Self> {
        let first = domains.first().map_or("", String::as_str);
        let administrator =
            |domain: &String| http::sign_in(server.address, domain, data::ADMINISTRATOR, data::PASSWORD);
        Ok(Self {
            administrators: Arc::new(domains.iter().map(administrator).collect::<Result<_>>()?),
            clerk: http::sign_in(server.address, first, data::CLERK, data::PASSWORD)?.into(),
        })
    }

    /// Signs the administrators in as clients of VoIPstudio do.
    pub(crate) fn of_voipstudio(self, server: &Server, domains: &[String]) -> Result<Self> {
        let administrator = |domain: &String| {
            let address = format!("{}@{domain}", data::ADMINISTRATOR);
            http::sign_in_by_address(server.address, &address, data::PASSWORD)
        };
        Ok(Self {
            administrators: Arc::new(domains.iter().map(administrator).collect::<Result<_>>()?),
            ..self
        })
    }

    /// The administrator of a tenant.
    pub(crate) fn of(&self, tenant: usize) -> &str {
        self.administrators.get(tenant).map_or("", String::as_str)
    }
}

/// What requests are made of.
#[derive(Clone)]
pub(crate) struct Kinds {
    users: Arc<Vec<(usize, i64)>>,
    new: Arc<NewUsers>,
}

impl Kinds {
    pub(crate) fn new(data: &Data) -> Self {
        Self {
            users: Arc::new(data.users.clone()),
            new: Arc::new(NewUsers::new(&data.hash)),
        }
    }

    /// Reads one user after the other, all of them in random order, so that hardly one is still in the cache.
    pub(crate) fn any_user(&self, tokens: &Tokens, paths: &Paths) -> Load {
        one_user(Arc::clone(&self.users), tokens.clone(), paths.users)
    }

    /// Reads the same few users again and again.
    pub(crate) fn known_users(&self, tokens: &Tokens) -> Load {
        one_user(
            Arc::new(self.users.iter().take(FEW).copied().collect()),
            tokens.clone(),
            PORTSIP.users,
        )
    }

    /// Creates users, each in another tenant than the one before, and none in the first, which lists are read of.
    pub(crate) fn create(&self, tokens: &Tokens, connections: usize) -> Load {
        let (new, tokens) = (Arc::clone(&self.new), tokens.clone());
        let write = move |number: u64, out: &mut Vec<u8>| {
            let others = tokens.administrators.len().max(2) - 1;
            let token = tokens.of(index(number, others) + 1);
            http::post(out, PORTSIP.users, token, new.body().as_bytes());
        };
        Load {
            connections,
            ..load(Arc::new(write), 201)
        }
    }
}

/// Lists a hundred users.
pub(crate) fn list(token: &str, paths: &Paths) -> Load {
    let mut request = Vec::new();
    http::get(&mut request, format_args!("{}", paths.list), token);
    load(
        Arc::new(move |_, out: &mut Vec<u8>| out.extend_from_slice(&request)),
        200,
    )
}

fn one_user(users: Arc<Vec<(usize, i64)>>, tokens: Tokens, path: &'static str) -> Load {
    let write = move |number: u64, out: &mut Vec<u8>| {
        if let Some((tenant, id)) = users.get(index(number, users.len())) {
            http::get(out, format_args!("{path}/{id}"), tokens.of(*tenant));
        }
    };
    load(Arc::new(write), 200)
}

fn index(number: u64, length: usize) -> usize {
    usize::try_from(number).unwrap_or(0) % length.max(1)
}

fn load(requests: Requests, status: u16) -> Load {
    Load {
        requests,
        next: Arc::new(AtomicU64::new(0)),
        status,
        connections: CONNECTIONS,
    }
}
