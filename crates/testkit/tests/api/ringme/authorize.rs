//! The page that asks a user, and the code that comes of it.

use std::time::Duration;

use jackfield_domain::{ApplicationAccess::All, ApplicationKind};
use jackfield_testkit::{Answer, App, PASSWORD, Request, TestServer};
use serde_json::json;

const BACK: &str = "https://app.test/cb?x=1";
/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn app(server: &TestServer) -> App {
    let home = server.portsip().home().await;
    server
        .app(&home.id, "boss", ApplicationKind::Public, All, &[BACK])
        .await
}

async fn page(server: &TestServer, parameters: &[(&str, &str)]) -> Answer {
    server
        .send(Request::new("GET", "/oauth/authorize").query(parameters))
        .await
}

/// The hidden fields of a page's form.
fn hidden(page: &Answer) -> Vec<(String, String)> {
    let signs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let plain = |text: &str| {
        signs
            .iter()
            .fold(text.to_owned(), |text, (name, sign)| text.replace(name, sign))
    };
    let text = page.text();
    let fields = text.split("<input type=\"hidden\" name=\"").skip(1);
    let fields = fields.map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").expect("a field has a value");
        let (value, _) = rest.split_once("\">").expect("it ends");
        (name.to_owned(), plain(value))
    });
    fields.collect()
}

/// A browser that has got a page.
struct Browser<'a> {
    server: &'a TestServer,
    cookie: String,
    fields: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    fn at(server: &'a TestServer, page: &Answer) -> Self {
        let cookie = page.header("set-cookie").unwrap_or_default();
        Self {
            server,
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
            fields: hidden(page),
        }
    }

    /// Sends the page's form with what the user fills in.
    async fn send(&self, filled: &[(&str, &str)]) -> Answer {
        let mut all: Vec<_> = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        all.extend(filled);
        let request = Request::new("POST", "/oauth/authorize")
            .form(&all)
            .header("Cookie", self.cookie.clone());
        self.server.send(request).await
    }

    async fn allow(&self, login: &str, password: &str) -> Answer {
        self.send(&[("login", login), ("password", password), ("decision", "allow")])
            .await
    }
}

/// A parameter of the address that an answer sends to.
fn sent(answer: &Answer, name: &str) -> Option<String> {
    let location = answer.header("location").expect("the answer leads back");
    assert!(location.starts_with("https://app.test/cb?x=1&"), "{location}");
    location
        .split(['?', '&'])
        .find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
}

async fn code(server: &TestServer, parameters: &[(&str, &str)]) -> String {
    let page = page(server, parameters).await.is(200);
    let answer = Browser::at(server, &page).allow("boss", PASSWORD).await.is(303);
    sent(&answer, "code").expect("a code")
}

async fn trade(server: &TestServer, app: &App, code: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code)];
    fields.extend(more);
    server.oauth("/token", app, &fields).await
}

#[tokio::test]
async fn a_user_allows_an_application() {
    let server = TestServer::start().await;
    let app = app(&server).await;
    let asked = [
        ("response_type", "code"),
        ("client_id", app.id.as_str()),
        ("redirect_uri", BACK),
        ("scope", "all"),
        ("state", "a\"b<c>&d"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let page = page(&server, &asked).await.is(200);
    assert!(page.text().contains("CRM asks to act as you"), "{page}");
    assert!(
        !page.text().contains("<script") && !page.text().contains("b<c>"),
        "{page}"
    );
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(
        policy.contains("form-action 'self' https://app.test;"),
        "{policy}"
    );
    let cookie = page.header("set-cookie").expect("a cookie");
    for word in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/oauth/authorize"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    let browser = Browser::at(&server, &page);
    let wrong = browser.allow("boss", "Mistyped7!").await.is(401);
    assert!(wrong.text().contains("not right") && wrong.header("location").is_none());
    assert!(
        !wrong.text().contains("Mistyped7!"),
        "what was typed comes back: {wrong}"
    );
    let answer = browser.allow("boss", PASSWORD).await.is(303);
    assert_eq!(sent(&answer, "state").as_deref(), Some("a%22b%3Cc%3E%26d"));
    let code = sent(&answer, "code").expect("a code");

    // Without the proof, with another, or with another address it opens nothing, and is not used up by that.
    for more in [
        &[][..],
        &[("redirect_uri", BACK)],
        &[("redirect_uri", BACK), ("code_verifier", "x")],
        &[("code_verifier", VERIFIER)],
        &[
            ("redirect_uri", "https://app.test/cb"),
            ("code_verifier", VERIFIER),
        ],
    ] {
        let refused = trade(&server, &app, &code, more).await.is(401);
        assert_eq!(refused["error"], "invalid_grant");
    }
    let other = self::app(&server).await;
    let whole = [("redirect_uri", BACK), ("code_verifier", VERIFIER)];
    assert_eq!(
        trade(&server, &other, &code, &whole).await.is(401)["error"],
        "invalid_grant"
    );
    let tokens = trade(&server, &app, &code, &whole).await.is(200);
    let access = tokens["access_token"].as_str().expect("a token");
    let door = server.ringme().with_token(access);
    assert_eq!(door.get("/user/").await.is(200)["login"], "boss");

    // A code that comes again was copied: the tokens that came from it end.
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().expect("one")),
    ];
    let renewed = server.oauth("/token", &app, &fields).await.is(200);
    let _ = trade(&server, &app, &code, &whole).await.is(401);
    let _ = door.get("/user/").await.is(401);
    let renewed = renewed["access_token"].as_str().expect("a token");
    let _ = server.ringme().with_token(renewed).get("/user/").await.is(401);
}

#[tokio::test]
async fn a_code_without_a_challenge_takes_no_proof_and_lasts_a_minute() {
    let server = TestServer::start().await;
    let app = app(&server).await;
    let asked = [("response_type", "code"), ("client_id", app.id.as_str())];
    let one = code(&server, &asked).await;
    let refused = trade(&server, &app, &one, &[("code_verifier", VERIFIER)])
        .await
        .is(401);
    assert_eq!(refused["error"], "invalid_grant");
    let _ = trade(&server, &app, &one, &[]).await.is(200);
    let two = code(&server, &asked).await;
    let _ = trade(&server, &app, &two, &[("redirect_uri", BACK)])
        .await
        .is(200);
    let late = code(&server, &asked).await;
    server.clock.advance(Duration::from_mins(1));
    let _ = trade(&server, &app, &late, &[]).await.is(401);
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let server = TestServer::start().await;
    let app = app(&server).await;
    let home = server.portsip().home().await;
    let trusted = server
        .app(&home.id, "boss", ApplicationKind::Trusted, All, &[])
        .await;
    let id = ("client_id", app.id.as_str());
    let kind = ("response_type", "code");
    for parameters in [
        &[kind][..],
        &[kind, ("client_id", "unknown")],
        &[kind, ("client_id", "a\u{0}b")],
        &[kind, id, ("redirect_uri", "https://evil.test/")],
        &[kind, id, ("redirect_uri", "https://app.test/cb")],
        &[kind, id, ("redirect_uri", "https://app.test/cb?x=1&y=2")],
        &[kind, id, ("redirect_uri", "HTTPS://app.test/cb?x=1")],
        &[
            kind,
            id,
            ("redirect_uri", BACK),
            ("redirect_uri", "https://evil.test/"),
        ],
        &[kind, id, id, ("redirect_uri", BACK)],
        &[kind, ("client_id", &trusted.id)],
        &[kind, ("client_id", &trusted.id), ("redirect_uri", BACK)],
        &[
            ("response_type", "token"),
            id,
            ("redirect_uri", "https://evil.test/"),
        ],
    ] {
        let stop = page(&server, parameters).await.is(400);
        assert_eq!(stop.header("location"), None, "{stop}");
        assert!(
            !stop.text().contains("<form") && !stop.text().contains("evil.test"),
            "{stop}"
        );
        let form = Request::new("POST", "/oauth/authorize").form(parameters);
        let stop = server.send(form).await.is(400);
        assert_eq!(stop.header("location"), None, "{stop}");
    }
    // From a registered address on, what is wrong is said there.
    for (parameters, error) in [
        (&[id][..], "invalid_request"),
        (&[id, ("response_type", "token")], "unsupported_response_type"),
        (&[id, kind, ("scope", "everything")], "invalid_scope"),
        (&[id, kind, ("code_challenge", CHALLENGE)], "invalid_request"),
        (
            &[
                id,
                kind,
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "plain"),
            ],
            "invalid_request",
        ),
        (
            &[
                id,
                kind,
                ("code_challenge", "x"),
                ("code_challenge_method", "S256"),
            ],
            "invalid_request",
        ),
        (&[id, kind, ("code_challenge_method", "S256")], "invalid_request"),
        (&[id, kind, ("state", &"x".repeat(2049))], "invalid_request"),
    ] {
        let answer = page(&server, parameters).await.is(303);
        assert_eq!(sent(&answer, "error").as_deref(), Some(error), "{answer}");
    }
    let state = page(&server, &[id, ("response_type", "token"), ("state", "s")])
        .await
        .is(303);
    assert_eq!(sent(&state, "state").as_deref(), Some("s"));
}

#[tokio::test]
async fn only_our_own_form_counts() {
    let server = TestServer::start().await;
    let app = app(&server).await;
    let asked = [("response_type", "code"), ("client_id", app.id.as_str())];
    let first = page(&server, &asked).await.is(200);
    let browser = Browser::at(&server, &first);
    let filled = [("login", "boss"), ("password", PASSWORD), ("decision", "allow")];
    let mut all: Vec<(&str, &str)> = browser
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    all.extend(filled);
    let form = |fields: &[(&str, &str)]| Request::new("POST", "/oauth/authorize").form(fields);
    let without: Vec<_> = all
        .iter()
        .copied()
        .filter(|(name, _)| *name != "form_key")
        .collect();
    for request in [
        form(&all),
        form(&all).header("Cookie", "jackfield_form=0123456789abcdef0123456789abcdef"),
        form(&without).header("Cookie", browser.cookie.clone()),
        form(&all)
            .header("Cookie", browser.cookie.clone())
            .header("Sec-Fetch-Site", "cross-site"),
    ] {
        let refused = server.send(request).await.is(403);
        assert_eq!(refused.header("location"), None, "{refused}");
    }
    let denied = browser.send(&[("decision", "deny")]).await.is(303);
    assert_eq!(sent(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(sent(&denied, "code"), None);
    let silent = browser.send(&filled[..2]).await.is(303);
    assert_eq!(sent(&silent, "error").as_deref(), Some("access_denied"));
    // A second page of the same browser leaves the first one good.
    let second = Request::new("GET", "/oauth/authorize")
        .query(&asked)
        .header("Cookie", browser.cookie.clone());
    let second = server.send(second).await.is(200);
    assert!(
        second
            .header("set-cookie")
            .is_some_and(|cookie| cookie.starts_with(&browser.cookie))
    );
    let _ = browser.allow("boss", PASSWORD).await.is(303);
}

#[tokio::test]
async fn people_of_another_tenant_and_blocked_ones_are_not_let_in() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let home = portsip.home().await;
    let other = portsip.company("other.test").await;
    let _ = portsip
        .employ(&other, jackfield_testkit::Draft::user("olga", "8001"))
        .await;
    let alice = portsip.user("alice").await;
    let app = app(&server).await;
    let asked = [("response_type", "code"), ("client_id", app.id.as_str())];
    let page = page(&server, &asked).await.is(200);
    let browser = Browser::at(&server, &page);
    let _ = browser.allow("olga", PASSWORD).await.is(401);
    let _ = browser.allow("alice", PASSWORD).await.is(303);
    home.admin
        .post(&format!("/users/{}", alice.id), json!({"enabled": false}))
        .await
        .changed();
    let _ = browser.allow("alice", PASSWORD).await.is(401);
    let _ = browser.allow("", "").await.is(401);
}

#[tokio::test]
async fn a_one_time_code_is_asked_for_where_the_tenant_demands_one() {
    let server = TestServer::start().await;
    let portsip = server.portsip();
    let app = app(&server).await;
    let admin = portsip.admin().await;
    admin
        .post("/tenant", json!({"enable_two_factor_authentication": true}))
        .await
        .changed();
    let asked = [
        ("response_type", "code"),
        ("client_id", app.id.as_str()),
        ("state", "s"),
    ];
    let first = page(&server, &asked).await.is(200);
    let mut browser = Browser::at(&server, &first);
    let second = browser.allow("boss", PASSWORD).await.is(200);
    assert!(second.text().contains("name=\"code\""), "{second}");
    let mail = server.mails.await_mail().await;
    assert_eq!(mail.to, "boss@mail.test");
    browser.fields = hidden(&second);
    let right = mail.code();
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let again = browser
        .send(&[("code", wrong), ("decision", "allow")])
        .await
        .is(401);
    assert!(again.header("location").is_none() && again.text().contains("name=\"code\""));
    let answer = browser
        .send(&[("code", &right), ("decision", "allow")])
        .await
        .is(303);
    assert_eq!(sent(&answer, "state").as_deref(), Some("s"));
    let code = sent(&answer, "code").expect("a code");
    let _ = trade(&server, &app, &code, &[]).await.is(200);
    let _ = browser
        .send(&[("code", &right), ("decision", "allow")])
        .await
        .is(401);
}
