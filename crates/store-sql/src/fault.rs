//! What the engines' errors mean in the store's terms.

use jackfield_domain::{Field, Thing};
use jackfield_store::Error;

use crate::db;

/// What must not occur twice. PostgreSQL names the index that was violated, SQLite its columns.
struct Unique {
    index: &'static str,
    columns: &'static str,
    thing: Thing,
    field: Field,
}

/// Every unique index that the values of a request can violate.
const UNIQUE: &[Unique] = &[
    Unique {
        index: "tenants_domain",
        columns: "tenants.domain",
        thing: Thing::Tenant,
        field: Field::Domain,
    },
    Unique {
        index: "numbers_pkey",
        columns: "numbers.tenant_id, numbers.number",
        thing: Thing::Extension,
        field: Field::ExtensionNumber,
    },
    Unique {
        index: "extensions_number",
        columns: "extensions.tenant_id, extensions.number",
        thing: Thing::Extension,
        field: Field::ExtensionNumber,
    },
    Unique {
        index: "users_extension",
        columns: "users.tenant_id, users.extension_number",
        thing: Thing::User,
        field: Field::ExtensionNumber,
    },
    Unique {
        index: "users_name",
        columns: "users.tenant_id, users.name_folded",
        thing: Thing::User,
        field: Field::Name,
    },
    Unique {
        index: "users_email",
        columns: "users.tenant_id, users.email_folded",
        thing: Thing::User,
        field: Field::Email,
    },
    Unique {
        index: "roles_name",
        columns: "roles.tenant_id, roles.name_folded",
        thing: Thing::Role,
        field: Field::Name,
    },
    Unique {
        index: "sessions_name",
        columns: "sessions.tenant_id, sessions.user_id, sessions.name",
        thing: Thing::ApiToken,
        field: Field::Name,
    },
    Unique {
        index: "user_groups_name",
        columns: "user_groups.tenant_id, user_groups.name_folded",
        thing: Thing::Group,
        field: Field::Name,
    },
];

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        match &error {
            db::Error::Unique { constraint } => UNIQUE
                .iter()
                .find(|unique| unique.index == constraint || unique.columns == constraint)
                .map_or_else(
                    || Self::Internal(Box::new(error.clone())),
                    |unique| Self::Taken(unique.thing, unique.field),
                ),
            db::Error::ForeignKey => Self::Reference,
            db::Error::Retry(_) => Self::Retry,
            db::Error::Unavailable(_) => Self::Unavailable(Box::new(error)),
            db::Error::Other(_) => Self::Internal(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::UNIQUE;
    use crate::db::{Db, Engine, Sql};
    use crate::testing::on_each_engine;

    /// Unique indexes over what the store makes itself, where violating one is a defect, and over the keys of collections, whose
    /// insertion steps back by itself when the key is taken, and over the external ids of reports, of which only new ones are
    /// inserted.
    const OURS: &[&str] = &[
        "api_keys_hash",
        "applications_client_id",
        "authorization_tokens_hash",
        "blobs_key",
        "tokens_hash",
        "owned_records_device",
        "owned_records_key",
        "call_records_external_id",
        "recordings_external_id",
        "messages_external_id",
        "chat_messages_external_id",
    ];

    /// The unique indexes of the schema but for primary keys, with their columns as SQLite would report them.
    async fn unique_indexes(db: &Db) -> BTreeMap<String, String> {
        let sql = match db.engine() {
            Engine::Sqlite => {
                "SELECT i.name, t.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i, \
                 pragma_index_info(i.name) c WHERE t.type = 'table' AND i.\"unique\" AND i.origin <> 'pk' \
                 ORDER BY i.name, c.seqno"
            }
            Engine::Postgres => {
                "SELECT CAST(i.relname AS TEXT), CAST(t.relname AS TEXT), CAST(a.attname AS TEXT) FROM pg_index x \
                 JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
                 JOIN pg_attribute a ON a.attrelid = i.oid JOIN pg_namespace n ON n.oid = t.relnamespace \
                 WHERE x.indisunique AND n.nspname = 'public' \
                 AND (NOT x.indisprimary OR t.relname = 'numbers') ORDER BY i.relname, a.attnum"
            }
        };
        let rows: Vec<(String, String)> = db
            .all(sql, &[], |row| {
                Ok((row.get(0)?, format!("{}.{}", row.text(1)?, row.text(2)?)))
            })
            .await
            .unwrap();
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for (index, column) in rows {
            let columns = found.entry(index).or_default();
            if !columns.is_empty() {
                columns.push_str(", ");
            }
            columns.push_str(&column);
        }
        if db.engine() == Engine::Sqlite {
            // A primary key has no name here.
            found.insert("numbers_pkey".into(), "numbers.tenant_id, numbers.number".into());
        }
        for index in OURS {
            assert!(found.remove(*index).is_some(), "{index} is not in the schema");
        }
        found
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_unique_index_has_a_meaning() {
        on_each_engine(|config| async move {
            let db = Db::open(&config).await.unwrap();
            db.migrate().await.unwrap();
            let known: BTreeMap<String, String> = UNIQUE
                .iter()
                .map(|unique| (unique.index.to_owned(), unique.columns.to_owned()))
                .collect();
            assert_eq!(unique_indexes(&db).await, known);
        })
        .await;
    }
}
