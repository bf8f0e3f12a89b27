use jackfield_edge::samples;

use super::*;
use crate::Native;

#[tokio::test]
async fn everything_that_can_go_wrong_has_its_answer() {
    insta::assert_snapshot!(samples::transcript::<Native>().await);
}

#[tokio::test]
async fn a_problem_names_its_own_status_and_request() {
    let answer = error(&Error::Absent(jackfield_domain::Thing::ApiKey));
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX)
        .await
        .unwrap();
    let body: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(body["status"], status);
    assert_eq!(body["instance"], "urn:x-request-id:-");
}
