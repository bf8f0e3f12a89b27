//! What an operator's tools ask, and the pages for people.

use jackfield_testkit::{Options, Request, TestServer, check_document};
use serde_json::Value;

async fn get(server: &TestServer, path: &str) -> jackfield_testkit::Answer {
    server.send(Request::new("GET", path)).await
}

#[tokio::test]
async fn signs_of_life() {
    let server = TestServer::start().await;
    assert_eq!(get(&server, "/livez").await.is(200).text(), "ok\n");
    let ready = get(&server, "/readyz").await.is(200);
    assert_eq!(
        (&ready["ready"], &ready["dependencies"]["database"]),
        (&Value::Bool(true), &"ok".into())
    );
    let version = get(&server, "/version").await.is(200);
    assert_eq!(version["name"], "jackfield");
    assert!(
        version["version"]
            .as_str()
            .is_some_and(|text| text.split('.').count() == 3)
    );
    for path in ["/", "/nothing", "/livez/"] {
        let _ = get(&server, path).await.is(404);
    }
    let _ = get(&server, "/metrics").await.is(404);
}

#[tokio::test]
async fn requests_are_counted() {
    let server = TestServer::start_with(Options {
        metrics: true,
        ..Options::default()
    })
    .await;
    let alice = server.portsip().user("alice").await;
    let _ = alice.get("/user").await.is(200);
    let _ = alice.get("/users").await.is(403);
    let metrics = get(&server, "/metrics").await.is(200);
    assert!(
        metrics
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/plain")),
        "{metrics}"
    );
    let text = metrics.text();
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.contains("/user\"") && line.contains("200"))
        .collect();
    assert!(!lines.is_empty(), "{text}");
    // Ids in paths would give each user a series of his own.
    assert!(!text.contains(&alice.id), "{text}");
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (_, value) = line.rsplit_once(' ').expect("a line is a name and a value");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn the_documents_are_valid() {
    let server = TestServer::start().await;
    for (path, least) in [
        ("/openapi/portsip.json", 40),
        ("/openapi/jackfield.json", 2),
        ("/openapi/voipstudio.json", 10),
        ("/openapi/voipstudio-v1.1.json", 10),
    ] {
        let document = get(&server, path).await.is(200);
        assert!(
            document
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("application/json"))
        );
        let problems = check_document(document.json());
        assert!(problems.is_empty(), "{path}: {}", problems.join("\n"));
        let paths = document["paths"].as_object().expect("paths").len();
        assert!(paths > least, "{path}: {paths} paths");
    }
}

/// Whether a path ends in this extension.
fn is_a(path: &str, kind: &str) -> bool {
    std::path::Path::new(path)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(kind))
}

#[tokio::test]
async fn the_pages_load_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    let page = get(&server, "/docs/").await.is(200);
    assert!(page.text().contains("swagger-ui"), "{page}");
    let mut queue: Vec<String> = vec!["/docs/".to_owned()];
    let mut seen = Vec::new();
    while let Some(path) = queue.pop() {
        let answer = get(&server, &path).await.is(200);
        let text = answer.text();
        for attribute in ["src=\"", "href=\"", "url(", "@import \""] {
            // Scripts hold such texts as data; what a browser fetches stands in pages and style sheets.
            if is_a(&path, "js") {
                continue;
            }
            for (_, rest) in text
                .match_indices(attribute)
                .map(|(at, found)| text.split_at(at + found.len()))
            {
                let target = rest
                    .split(['"', ')', '\''])
                    .find(|part| !part.is_empty())
                    .unwrap_or_default();
                assert!(
                    !target.starts_with("http") && !target.starts_with("//"),
                    "{path} loads {target}"
                );
                if target.starts_with("data:") || target.starts_with('#') {
                    continue;
                }
                let local = format!("/docs/{}", target.trim_start_matches("./"));
                if !seen.contains(&local) {
                    seen.push(local.clone());
                    queue.push(local);
                }
            }
        }
    }
    assert!(
        ["js", "css"]
            .iter()
            .all(|kind| seen.iter().any(|path| is_a(path, kind))),
        "{seen:?}"
    );
    let initializer = get(&server, "/docs/swagger-initializer.js").await.is(200).text();
    assert!(
        initializer.contains("/openapi/portsip.json") && initializer.contains("/openapi/jackfield.json"),
        "{initializer}"
    );
    assert!(
        !initializer.contains("http://") && !initializer.contains("https://"),
        "{initializer}"
    );
}
