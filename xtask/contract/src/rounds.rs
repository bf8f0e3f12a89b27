//! What is done with a running server: rounds through collections, and single deeds.

use jackfield_testkit::{Draft, permissions};
use serde_json::{Value, json};

/// A way through a collection: create a record, read it, change it, read the list, destroy it.
#[derive(Debug)]
pub(crate) struct Round {
    /// The path of the collection; the first `{}` is the user who was made for this.
    pub(crate) collection: &'static str,
    /// The member of the answer that names the record in paths.
    pub(crate) key: &'static str,
    /// What is created.
    pub(crate) create: Value,
    /// What is changed, where records can be.
    pub(crate) update: Option<Value>,
    /// Deeds on the record, by the last part of their paths.
    pub(crate) deeds: &'static [&'static str],
}

/// A single deed.
#[derive(Debug)]
pub(crate) struct Deed {
    /// Its path; the first `{}` is the user who was made for this.
    pub(crate) path: &'static str,
    /// Its body.
    pub(crate) body: Option<Value>,
}

/// The password that he gets, also for his extension.
pub(crate) const NEW_PASSWORD: &str = "Zx9!kLmPq2";

/// His name.
pub(crate) fn user_name(mark: &str) -> String {
    format!("contract{mark}")
}

/// The user who is made for this, and destroyed in the end.
pub(crate) fn user(mark: &str) -> Value {
    let digits: String = mark.chars().filter(char::is_ascii_digit).collect();
    Draft::user(&user_name(mark), &format!("77{digits}"))
        .with("email", "")
        .json()
}

/// Every round. What exists once in the world is made of the mark.
pub(crate) fn rounds(mark: &str) -> Vec<Round> {
    let round = |collection, create, update| Round {
        collection,
        key: "id",
        create,
        update: Some(update),
        deeds: &[],
    };
    let tail: String = mark.chars().rev().take(4).collect();
    let (first, last) = tail.split_at(2);
    let mac = |kind: &str| format!("02:{kind}:00:00:{first}:{last}");
    let dial = |code: &str| json!({"code": code, "phone_number": "1001", "description": "Desk"});
    let text = json!({"description": "Changed"});
    let card = json!({"name": "Ada", "company": "Acme", "mobile_phone": "+4930123456"});
    let holiday = || Draft::holiday(&format!("Contract {mark}")).json();
    vec![
        round(
            "/groups",
            Draft::group(&format!("Contract {mark}")).json(),
            text.clone(),
        ),
        Round {
            key: "name",
            ..round(
                "/roles",
                json!({"name": format!("Contract {mark}"), "description": "x", "permissions": permissions(&["company.view_only"])}),
                text.clone(),
            )
        },
        round(
            "/users/{}/phones",
            Draft::phone(&mac("01")).json(),
            json!({"ringtone": "x"}),
        ),
        round(
            "/user/phones",
            Draft::phone(&mac("02")).json(),
            json!({"ringtone": "x"}),
        ),
        round("/users/{}/holidays", holiday(), json!({"name": "Changed"})),
        round("/user/holidays", holiday(), json!({"name": "Changed"})),
        round("/holidays", holiday(), json!({"name": "Changed"})),
        round("/users/{}/speed_dial_8", dial("9"), text.clone()),
        round("/user/speed_dial_8", dial("9"), text.clone()),
        round("/users/{}/speed_dial_100", dial("99"), text.clone()),
        round("/user/speed_dial_100", dial("99"), text),
        Round {
            deeds: &["favorite", "unfavorite"],
            ..round("/user/contacts", card.clone(), json!({"name": "Changed"}))
        },
        round("/contacts", card, json!({"name": "Changed"})),
    ]
}

/// Single deeds, in their order.
pub(crate) fn deeds() -> Vec<Deed> {
    let deed = |path, body| Deed { path, body };
    let password = || Some(json!({"password": NEW_PASSWORD}));
    vec![
        deed("/users/{}", Some(json!({"department": "Contract"}))),
        deed("/users/{}/password", password()),
        deed("/users/{}/extension_password", password()),
        deed(
            "/users/{}/role",
            Some(json!({"role": "StandardInternationalUser"})),
        ),
        deed("/users/{}/profile", None),
        deed("/users/{}/balance", Some(json!({"balance": 1.5}))),
        deed(
            "/users/{}/ms365_binding",
            Some(json!({"id": "contract@example.com"})),
        ),
        deed("/users/{}/ms365_binding/destroy", None),
        deed("/users/{}/global_holidays", Some(json!({"items": []}))),
        deed("/user", Some(json!({}))),
        deed("/user/profile", None),
        deed("/user/presence", Some(json!({"presence": "AVAILABLE"}))),
        deed("/user/global_holidays", Some(json!({"items": []}))),
        deed("/user/extension_contacts/{}/favorite", None),
        deed("/user/extension_contacts/{}/unfavorite", None),
    ]
}

/// What can be followed.
pub(crate) const FOLLOWED: &[&str] = &[
    "/user/contacts/sync_tokens",
    "/user/business_contacts/sync_tokens",
    "/user/extension_contacts/sync_tokens",
    "/user/cdrs/sync_tokens",
];
