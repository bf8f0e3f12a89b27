//! Balances: exact decimals, set and not added, with a trace of every change.

use jackfield_testkit::{Request, TestServer};
use serde_json::{Value, json};

#[tokio::test]
async fn balances_are_exact() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    let path = format!("/users/{}/balance", alice.id);
    let set = async |amount: &str| {
        let request = Request::new("POST", path.as_str()).header("Content-Type", "application/json");
        admin
            .send(request.bytes(format!("{{\"balance\":{amount}}}")))
            .await
    };
    assert_eq!(admin.get(&path).await.is(200).text(), r#"{"balance":0}"#);
    for (written, read) in [
        ("0.1", "0.1"),
        ("0.30000", "0.3"),
        ("0.00001", "0.00001"),
        ("-12.34567", "-12.34567"),
        ("1e2", "100"),
        ("90071992547409.93", "90071992547409.93"),
        ("12345678901234.56789", "12345678901234.56789"),
    ] {
        set(written).await.changed();
        assert_eq!(
            admin.get(&path).await.is(200).text(),
            format!("{{\"balance\":{read}}}")
        );
        assert_eq!(
            alice.get("/user/balance").await.is(200).text(),
            format!("{{\"balance\":{read}}}")
        );
    }
    let last = admin.get(&path).await.is(200).text();
    for wrong in ["0.000001", "1.000001", "1e30", "\"1\"", "null", "[1]", "true"] {
        let _ = set(wrong).await.fails(400, "VALIDATE_FAILED").says("balance");
    }
    let _ = set("NaN").await.is(400);
    let _ = admin.post(&path, json!({})).await.fails(400, "VALIDATE_FAILED");
    assert_eq!(admin.get(&path).await.is(200).text(), last);
}

#[tokio::test]
async fn the_journal_keeps_what_a_balance_was_and_the_difference() {
    let server = TestServer::start().await;
    let alice = server.portsip().user("alice").await;
    let admin = server.portsip().admin().await;
    let path = format!("/users/{}/balance", alice.id);
    for amount in [json!(0.1), json!(0.3), json!(0.3)] {
        admin.post(&path, json!({"balance": amount})).await.changed();
    }
    let tenant = server.portsip().home().await.id.parse().expect("a number");
    let details: Vec<Value> = server
        .journal(tenant)
        .await
        .into_iter()
        .filter_map(|line| serde_json::from_str(&line.detail?).ok())
        .collect();
    // Setting the same amount again leaves no trace.
    assert_eq!(
        details,
        [
            json!({"balance": {"from": 0, "to": 0.1, "difference": 0.1}}),
            json!({"balance": {"from": 0.1, "to": 0.3, "difference": 0.2}}),
        ]
    );
}
