use jackfield_edge::samples;

use super::*;
use crate::PortSip;

#[tokio::test]
async fn everything_that_can_go_wrong_has_its_answer() {
    insta::assert_snapshot!(samples::transcript::<PortSip>().await);
}

#[test]
fn every_value_has_a_name_of_the_vendors_form() {
    for field in Field::ALL {
        let name = wire(*field);
        if *field == Field::UploadToken {
            // It comes in a header.
            assert_eq!(name, "PortSIP-Upload-Token");
            continue;
        }
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
            "{field:?} is {name:?}"
        );
        assert!(!name.is_empty() || *field == Field::Settings, "{field:?}");
    }
}
