use jackfield_edge::samples;

use crate::oauth::OAuth;

#[tokio::test]
async fn everything_that_can_go_wrong_has_its_answer() {
    insta::assert_snapshot!(samples::transcript::<OAuth>().await);
}
