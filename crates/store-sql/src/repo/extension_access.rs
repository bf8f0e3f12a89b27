//! Extensions, and who may use them.

use async_trait::async_trait;
use jackfield_domain::{
    AccessLevel, Extension, ExtensionAccess, ExtensionField, ExtensionId, ExtensionMember,
    ExtensionMemberField, Query, TenantId, Timestamp, UserId,
};
use jackfield_store::{ExtensionAccessReads, ExtensionAccessWrites, Result};

use super::{Tally, word};
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

/// The columns of a right to an extension.
macro_rules! access_columns {
    () => {
        "extension_id, level, comment, custom_options, timezone"
    };
}

/// The columns of a user who has one.
macro_rules! member_columns {
    () => {
        concat!(access_columns!(), ", id, name, email, display_name, enabled")
    };
}

/// The columns of an extension with its owner.
macro_rules! extension_columns {
    () => {
        "tenant_id, id, number, owner, display_name, enabled, created_at"
    };
}

fn access(row: &Row<'_>) -> std::result::Result<ExtensionAccess, Error> {
    Ok(ExtensionAccess {
        extension: ExtensionId::new(row.get(0)?),
        level: word(AccessLevel::from_word(row.text(1)?), "level of an access")?,
        comment: row.get(2)?,
        custom_options: row.get(3)?,
        timezone: row.get(4)?,
    })
}

fn member(row: &Row<'_>) -> std::result::Result<ExtensionMember, Error> {
    Ok(ExtensionMember {
        access: access(row)?,
        id: UserId::new(row.get(5)?),
        name: row.get(6)?,
        email: row.get(7)?,
        display_name: row.get(8)?,
        enabled: row.get(9)?,
    })
}

fn extension(row: &Row<'_>) -> std::result::Result<Extension, Error> {
    Ok(Extension {
        tenant: TenantId::new(row.get(0)?),
        id: ExtensionId::new(row.get(1)?),
        number: row.get(2)?,
        owner: UserId::new(row.get(3)?),
        display_name: row.get(4)?,
        enabled: row.get(5)?,
        created_at: Timestamp::from_micros(row.get(6)?),
    })
}

impl Columns for ExtensionMemberField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Email => "email",
            Self::DisplayName => "display_name",
            Self::Enabled => "enabled",
            Self::Extension => "extension_id",
            Self::Level => "level",
            Self::Comment => "comment",
            Self::Timezone => "timezone",
        }
    }

    fn folded(self) -> Option<&'static str> {
        match self {
            Self::Name => Some("name_folded"),
            Self::Email => Some("email_folded"),
            _ => None,
        }
    }
}

impl Columns for ExtensionField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Number => "number",
            Self::DisplayName => "display_name",
            Self::Enabled => "enabled",
        }
    }
}

#[async_trait]
impl<S: Sql, X: Send + Sync> ExtensionAccessReads for Records<S, X> {
    async fn extension(&self, tenant: TenantId, id: ExtensionId) -> Result<Option<Extension>> {
        let sql = concat!(
            "SELECT ",
            extension_columns!(),
            " FROM extension_owners WHERE tenant_id = $1 AND id = $2"
        );
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], extension).await?)
    }

    async fn list_extensions(
        &self,
        tenant: TenantId,
        query: &Query<ExtensionField>,
    ) -> Result<Vec<Extension>> {
        let list = List {
            table: "extension_owners",
            columns: extension_columns!(),
            tenant: Some(tenant),
            tally: Some(Tally::Extensions),
        };
        list.page(&self.sql, query, extension).await
    }

    async fn extension_access(&self, tenant: TenantId, user: UserId) -> Result<Option<ExtensionAccess>> {
        let sql = concat!(
            "SELECT ",
            access_columns!(),
            " FROM extension_accesses WHERE tenant_id = $1 AND user_id = $2"
        );
        Ok(self.sql.one(sql, &[&tenant.get(), &user.get()], access).await?)
    }

    async fn extension_member(&self, tenant: TenantId, user: UserId) -> Result<Option<ExtensionMember>> {
        let sql = concat!(
            "SELECT ",
            member_columns!(),
            " FROM extension_members WHERE tenant_id = $1 AND id = $2"
        );
        Ok(self.sql.one(sql, &[&tenant.get(), &user.get()], member).await?)
    }

    async fn list_extension_members(
        &self,
        tenant: TenantId,
        query: &Query<ExtensionMemberField>,
    ) -> Result<Vec<ExtensionMember>> {
        let list = List {
            table: "extension_members",
            columns: member_columns!(),
            tenant: Some(tenant),
            tally: Some(Tally::Users),
        };
        list.page(&self.sql, query, member).await
    }

    async fn users_with_access(&self, tenant: TenantId, extension: ExtensionId) -> Result<Vec<UserId>> {
        let sql = "SELECT user_id FROM extension_accesses WHERE tenant_id = $1 AND extension_id = $2 ORDER BY user_id";
        let map = |row: &Row<'_>| Ok(UserId::new(row.get(0)?));
        Ok(self.sql.all(sql, &[&tenant.get(), &extension.get()], map).await?)
    }
}

#[async_trait]
impl ExtensionAccessWrites for SqlTransaction {
    async fn set_extension_access(
        &mut self,
        tenant: TenantId,
        user: UserId,
        access: &ExtensionAccess,
    ) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO extension_accesses (tenant_id, user_id, extension_id, level, comment, custom_options, \
                 timezone) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, user_id) DO UPDATE SET \
                 extension_id = excluded.extension_id, level = excluded.level, comment = excluded.comment, \
                 custom_options = excluded.custom_options, timezone = excluded.timezone",
                &[
                    &tenant.get(),
                    &user.get(),
                    &access.extension.get(),
                    &access.level.word(),
                    &access.comment,
                    &access.custom_options,
                    &access.timezone,
                ],
            )
            .await?;
        Ok(())
    }
}
