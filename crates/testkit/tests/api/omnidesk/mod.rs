//! The Omnidesk dialect.

mod activation;
mod bodies;
mod coverage;
mod desk;
mod keys;
mod parity;
mod reservations;
mod status;
mod users;

use jackfield_testkit::{Company, Omnidesk, TestServer};

/// The test's tenant, and a program that may do everything in the name of its administrator.
async fn office(server: &TestServer) -> (&Company, Omnidesk) {
    let home = server.portsip().home().await;
    let program = server
        .omnidesk_key(&home.id, &home.admin.id, &Omnidesk::ALL)
        .await;
    (home, program)
}

/// The number of changes in a tenant, apart from people who sign in.
async fn changes(server: &TestServer, company: &Company) -> usize {
    let journal = server
        .journal(company.id.parse().expect("an id is a number"))
        .await;
    journal.iter().filter(|line| line.kind != "session").count()
}
