//! Devices that engines report, and how any batch of the feed is taken.

use jackfield_testkit::{Answer, Request, TestServer};
use serde_json::{Value, json};

const PATH: &str = "/feed/registrations";

/// A device of an extension, bound for a while.
fn device(number: &str, instance: &str) -> Value {
    json!({
        "extension_number": number,
        "instance_id": format!("<urn:uuid:{instance}>"),
        "user_agent": "Desk phone 1.0",
        "application": "",
        "ip": "192.0.2.7",
        "enable_push": false,
        "contact_address": format!("sip:{number}@192.0.2.7:5060;transport=tcp"),
        "expires_at": "2026-03-02T09:00:00Z",
    })
}

/// The device with other values.
fn with(mut device: Value, changes: &Value) -> Value {
    let changes = changes.as_object().expect("an object").clone();
    device.as_object_mut().expect("an object").extend(changes);
    device
}

/// What is wrong with the items, as `index pointer`.
fn pointers(answer: &Answer) -> Vec<String> {
    let items = answer["errors"].as_array().expect("errors").iter();
    items
        .flat_map(|item| {
            let errors = item["errors"].as_array().expect("errors").iter();
            errors.map(|error| {
                format!(
                    "{} {}",
                    item["index"],
                    error["pointer"].as_str().unwrap_or_default()
                )
            })
        })
        .collect()
}

#[tokio::test]
async fn one_a_list_and_lines_are_taken() {
    let server = TestServer::start().await;
    let ada = server.portsip().user("ada").await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let one = device(&ada.number, "a");
    let _ = engine.post(PATH, one.clone()).await.took([1, 0, 0, 0]);
    let _ = engine
        .post(PATH, json!([one, device(&ada.number, "b")]))
        .await
        .took([2, 0, 0, 0]);
    let lines = format!("{one}\n\n{}\r\n", device(&ada.number, "c"));
    let _ = engine.stream(PATH, lines).await.took([2, 0, 0, 0]);
    // One whose end has passed is removed, and is known to be gone when it is.
    let gone = with(one, &json!({"expires_at": "2026-03-02T07:00:00Z"}));
    let _ = engine.post(PATH, gone.clone()).await.took([1, 0, 0, 0]);
    let _ = engine.post(PATH, gone).await.took([0, 1, 0, 0]);
}

#[tokio::test]
async fn bad_items_are_named_and_spoil_no_other() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let ada = portsip.user("ada").await;
    let other = portsip.company("other.test").await;
    let engine = server.native().engine(portsip.home().await).await;
    let good = || device(&ada.number, "a");
    let items = json!([
        good(),
        with(
            good(),
            &json!({"instance_id": "", "ip": "192.0.2.256", "expires_at": "soon"})
        ),
        with(good(), &json!({"extension_number": "9999"})),
        with(good(), &json!({"extension_number": other.admin.number})),
        with(good(), &json!({"expires_at": "2026-04-02T09:00:00Z"})),
        with(
            good(),
            &json!({"enable_push": "no", "user_agent": 7, "extension_number": null})
        ),
        7,
        [good()],
        good(),
    ]);
    let wanted = [
        "1 #/instance_id",
        "1 #/expires_at",
        "1 #/ip",
        "2 #/extension_number",
        "3 #/extension_number",
        "4 #/expires_at",
        "5 #/extension_number",
        "5 #/user_agent",
        "5 #/enable_push",
        "6 ",
        "7 ",
    ];
    let answer = engine.post(PATH, items.clone()).await.took([2, 0, 0, 7]);
    let mut found = pointers(&answer);
    found.sort();
    let mut expected = wanted.map(str::to_owned);
    expected.sort();
    assert_eq!(found, expected, "{answer}");
    // The number of another tenant is answered exactly like one that nobody has.
    let detail = |index: usize| answer["errors"][index]["errors"][0]["detail"].clone();
    assert_eq!(detail(1), detail(2));
    let lines: Vec<_> = items
        .as_array()
        .expect("a list")
        .iter()
        .map(ToString::to_string)
        .collect();
    let stream = engine.stream(PATH, lines.join("\n")).await.took([2, 0, 0, 7]);
    assert_eq!(stream["errors"], answer["errors"]);
    // Nothing good: a problem, so that who looks at the status alone keeps what he has.
    let bad = with(good(), &json!({"instance_id": ""}));
    for body in [bad.clone(), json!([bad])] {
        let answer = engine.post(PATH, body).await.problem(422, "invalid");
        assert_eq!(answer["receipt"]["refused"], 1, "{answer}");
        assert_eq!(
            answer["receipt"]["errors"][0]["errors"][0]["pointer"],
            "#/instance_id"
        );
    }
}

#[tokio::test]
async fn what_is_no_batch_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let ada = server.portsip().user("ada").await;
    let engine = server.native().engine(server.portsip().home().await).await;
    let good = device(&ada.number, "a");
    let send = async |kind: &str, body: Vec<u8>| {
        let request = Request::new("POST", PATH).header("Content-Type", kind);
        engine.send(request.bytes(body)).await
    };
    for text in [
        String::new(),
        format!("[{good}"),
        format!("[{good}] and more"),
        format!("{good}{good}"),
    ] {
        let _ = send("application/json", text.into_bytes())
            .await
            .problem(400, "unreadable");
    }
    let answer = send(
        "application/json",
        format!("[{good},\n {{\"x\": }}]").into_bytes(),
    )
    .await
    .problem(400, "unreadable");
    assert!(answer.text().contains("line 2"), "{answer}");
    let _ = send("application/json", b"[\"\xff\"]".to_vec())
        .await
        .problem(400, "unreadable");
    for kind in ["text/plain", "multipart/form-data", "application/xml"] {
        let _ = send(kind, good.to_string().into_bytes())
            .await
            .problem(415, "media-type");
    }
    let many = vec!["{}"; 10_001].join(",");
    let answer = send("application/json", format!("[{many}]").into_bytes())
        .await
        .problem(413, "too-large");
    assert!(answer.text().contains("10000"), "{answer}");
    let huge = vec![b' '; (16 << 20) + 1];
    let _ = send("application/json", huge).await.problem(413, "too-large");
    let _ = engine.get(PATH).await.problem(405, "wrong-method");
    let _ = engine
        .post("/feed/nothing", json!([]))
        .await
        .problem(404, "not-found");
    // Nothing of all this is bound.
    let gone = with(good, &json!({"expires_at": "2026-03-02T07:00:00Z"}));
    let _ = engine.post(PATH, gone).await.took([0, 1, 0, 0]);
}
