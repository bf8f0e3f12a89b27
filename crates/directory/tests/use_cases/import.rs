//! Many users at once.

use std::sync::Mutex;

use jackfield_directory::{ImportMode, ImportProgress, ImportedUser};
use jackfield_domain::{Field, NewPassword, Patch, UserPatch, VoicemailPin, capability::ManageUsers};
use jackfield_store::UserReads;

use crate::support::{PASSWORD, house};

fn row(line: u64, name: &str, number: &str) -> ImportedUser {
    ImportedUser {
        line,
        name: name.into(),
        password: Some(NewPassword::Plain(PASSWORD.into())),
        extension_number: Some(number.into()),
        extension_password: Some(NewPassword::Plain("Zx7!kq2W".into())),
        role: Some("StandardUser".into()),
        patch: UserPatch {
            email: Patch::Set(format!("{name}@one.example")),
            voicemail_pin: Patch::Set(VoicemailPin::new("135792")),
            ..UserPatch::default()
        },
        unreadable: Vec::new(),
    }
}

#[tokio::test]
async fn all_or_nothing_lists_every_bad_row_and_writes_none() {
    let house = house().await;
    house.make_user("old", "1000", "StandardUser").await;
    let grant = house.program::<ManageUsers>();
    let mut rows = vec![
        row(2, "ada", "1001"),
        row(3, ".bd", "10"),
        row(4, "ADA", "1002"),
        row(5, "carl", "1001"),
    ];
    rows.push(row(6, "dora", "1000"));
    rows[3].role = Some("Nobody".into());
    let report = house
        .directory
        .import_users(&grant, &rows, ImportMode::AllOrNothing, |_| {})
        .await
        .unwrap();
    assert!(!report.written);
    let bad: Vec<_> = report
        .failures
        .iter()
        .map(|failure| {
            (
                failure.line,
                failure
                    .violations
                    .iter()
                    .map(|violation| violation.field)
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        bad,
        [
            (3, vec![Field::Name, Field::ExtensionNumber]),
            (4, vec![Field::Name]),
            (5, vec![Field::Role, Field::ExtensionNumber]),
            (6, vec![Field::ExtensionNumber]),
        ]
    );
    assert!(
        house
            .store
            .user_by_name(house.tenant, "ada")
            .await
            .unwrap()
            .is_none()
    );

    let seen = Mutex::new(None);
    let report = house
        .directory
        .import_users(&grant, &rows, ImportMode::KeepGoing, |done| {
            *seen.lock().unwrap() = Some(done);
        })
        .await
        .unwrap();
    assert_eq!(
        (report.created, report.failures.len(), report.written),
        (1, 4, true)
    );
    assert_eq!(*seen.lock().unwrap(), Some(ImportProgress::Writing(1, 1)));
}

#[tokio::test]
async fn done_again_it_changes_nothing_and_with_other_values_it_updates() {
    let house = house().await;
    let grant = house.program::<ManageUsers>();
    let mut rows = vec![row(2, "ada", "1001"), row(3, "ben", "1002")];
    let import = async |rows: &[ImportedUser], mode| {
        let report = house
            .directory
            .import_users(&grant, rows, mode, |_| {})
            .await
            .unwrap();
        (report.created, report.updated, report.unchanged)
    };
    assert_eq!(import(&rows, ImportMode::DryRun).await, (2, 0, 0));
    assert!(
        house
            .store
            .user_by_name(house.tenant, "ada")
            .await
            .unwrap()
            .is_none(),
        "a dry run writes nothing"
    );
    assert_eq!(import(&rows, ImportMode::AllOrNothing).await, (2, 0, 0));
    assert_eq!(import(&rows, ImportMode::AllOrNothing).await, (0, 0, 2));
    for row in &mut rows {
        row.password = None;
        row.extension_password = None;
    }
    assert_eq!(import(&rows, ImportMode::AllOrNothing).await, (0, 0, 2));
    rows[1].patch.department = Patch::Set("Sales".into());
    assert_eq!(import(&rows, ImportMode::AllOrNothing).await, (0, 1, 1));
    rows[0].extension_number = Some("1009".into());
    let report = house
        .directory
        .import_users(&grant, &rows, ImportMode::AllOrNothing, |_| {})
        .await
        .unwrap();
    assert_eq!(report.failures[0].violations[0].field, Field::ExtensionNumber);
}
