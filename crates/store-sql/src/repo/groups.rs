//! Groups of users.

use async_trait::async_trait;
use jackfield_domain::{
    Group, GroupField, GroupId, GroupMember, Listing, Query, TenantId, Timestamp, UserId, text::fold,
};
use jackfield_store::{GroupReads, GroupWrites, Result, decode_caller_ids, encode_caller_ids};

use super::{document, exists, id_chunks, id_places, unstorable};
use crate::db::{Error, Param, Row, Sql, SqlWrite};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

/// The columns of a group, each named with its table: `group_members` has a tenant too.
macro_rules! group_columns {
    () => {
        "user_groups.tenant_id, user_groups.id, user_groups.name, user_groups.description, \
         user_groups.outbound_caller_ids, user_groups.created_at, user_groups.version, user_groups.color"
    };
}

/// A statement that reads members of a group.
macro_rules! select_members {
    ($rest:literal) => {
        concat!(
            "SELECT users.id, users.name, users.display_name, users.extension_number FROM group_members \
             JOIN users ON users.tenant_id = group_members.tenant_id AND users.id = group_members.user_id \
             WHERE group_members.tenant_id = $1 AND group_members.group_id = $2 ",
            $rest
        )
    };
}

impl Columns for GroupField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Description => "description",
            Self::Color => "color",
        }
    }

    fn folded(self) -> Option<&'static str> {
        (self == Self::Name).then_some("name_folded")
    }
}

fn group(row: &Row<'_>) -> std::result::Result<Group, Error> {
    Ok(Group {
        tenant: TenantId::new(row.get(0)?),
        id: GroupId::new(row.get(1)?),
        name: row.get(2)?,
        description: row.get(3)?,
        outbound_caller_ids: document(decode_caller_ids(row.text(4)?))?,
        created_at: Timestamp::from_micros(row.get(5)?),
        version: row.get(6)?,
        color: row.get(7)?,
    })
}

fn member(row: &Row<'_>) -> std::result::Result<GroupMember, Error> {
    Ok(GroupMember {
        id: UserId::new(row.get(0)?),
        name: row.get(1)?,
        display_name: row.get(2)?,
        extension_number: row.get(3)?,
    })
}

/// What a search looks at. Words hold no line end, so none is found across two values.
fn search_text(group: &Group) -> String {
    fold(&[group.name.as_str(), &group.description].join("\n"))
}

#[async_trait]
impl<S: Sql, X: Send + Sync> GroupReads for Records<S, X> {
    async fn group(&self, tenant: TenantId, id: GroupId) -> Result<Option<Group>> {
        let sql = concat!(
            "SELECT ",
            group_columns!(),
            " FROM user_groups WHERE tenant_id = $1 AND id = $2"
        );
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], group).await?)
    }

    async fn list_groups(&self, tenant: TenantId, query: &Query<GroupField>) -> Result<Listing<Group>> {
        let list = List {
            table: "user_groups",
            columns: group_columns!(),
            tenant: Some(tenant),
            tally: None,
        };
        list.run(&self.sql, query, group).await
    }

    async fn group_members(&self, tenant: TenantId, group: GroupId) -> Result<Vec<GroupMember>> {
        let sql = select_members!("ORDER BY group_members.user_id");
        Ok(self.sql.all(sql, &[&tenant.get(), &group.get()], member).await?)
    }

    async fn group_member(
        &self,
        tenant: TenantId,
        group: GroupId,
        number: &str,
    ) -> Result<Option<GroupMember>> {
        if unstorable(number) {
            return Ok(None);
        }
        let sql = select_members!("AND users.extension_number = $3");
        let params = (tenant.get(), group.get());
        Ok(self
            .sql
            .one(sql, &[&params.0, &params.1, &number], member)
            .await?)
    }

    async fn groups_of_user(&self, tenant: TenantId, user: UserId) -> Result<Vec<Group>> {
        let sql = concat!(
            "SELECT ",
            group_columns!(),
            " FROM group_members JOIN user_groups ON user_groups.tenant_id = group_members.tenant_id \
             AND user_groups.id = group_members.group_id \
             WHERE group_members.tenant_id = $1 AND group_members.user_id = $2 ORDER BY group_members.group_id"
        );
        Ok(self.sql.all(sql, &[&tenant.get(), &user.get()], group).await?)
    }

    async fn groups_of_users(&self, tenant: TenantId, users: &[i64]) -> Result<Vec<(UserId, Group)>> {
        let tenant = tenant.get();
        let mut found = Vec::new();
        for places in id_chunks(users) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().map(|id| id as &dyn Param));
            let of_user = |row: &Row<'_>| Ok((UserId::new(row.get(8)?), group(row)?));
            found.extend(self.sql.all(OF_USERS.as_str(), &values, of_user).await?);
        }
        found.sort_unstable_by_key(|(user, group): &(UserId, Group)| (*user, group.id));
        Ok(found)
    }

    async fn members_of_groups(
        &self,
        tenant: TenantId,
        groups: &[i64],
    ) -> Result<Vec<(GroupId, GroupMember)>> {
        let tenant = tenant.get();
        let mut found = Vec::new();
        for places in id_chunks(groups) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().map(|id| id as &dyn Param));
            let of_group = |row: &Row<'_>| Ok((GroupId::new(row.get(4)?), member(row)?));
            found.extend(self.sql.all(OF_GROUPS.as_str(), &values, of_group).await?);
        }
        found.sort_unstable_by_key(|(group, member): &(GroupId, GroupMember)| (*group, member.id));
        Ok(found)
    }
}

/// The statement of `groups_of_users`.
static OF_USERS: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let columns = group_columns!();
    let places = id_places(2);
    format!(
        "SELECT {columns}, group_members.user_id FROM group_members JOIN user_groups \
         ON user_groups.tenant_id = group_members.tenant_id AND user_groups.id = group_members.group_id \
         WHERE group_members.tenant_id = $1 AND group_members.user_id IN ({places})"
    )
});

/// The statement of `members_of_groups`.
static OF_GROUPS: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let places = id_places(2);
    format!(
        "SELECT users.id, users.name, users.display_name, users.extension_number, group_members.group_id \
         FROM group_members JOIN users ON users.tenant_id = group_members.tenant_id \
         AND users.id = group_members.user_id \
         WHERE group_members.tenant_id = $1 AND group_members.group_id IN ({places})"
    )
});

#[async_trait]
impl GroupWrites for SqlTransaction {
    async fn insert_group(&mut self, group: &Group) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO user_groups (tenant_id, id, name, description, created_at, version, name_folded, \
                 search_text, outbound_caller_ids, color) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                &[
                    &group.tenant.get(),
                    &group.id.get(),
                    &group.name,
                    &group.description,
                    &group.created_at.as_micros(),
                    &group.version,
                    &fold(&group.name),
                    &search_text(group),
                    &encode_caller_ids(&group.outbound_caller_ids),
                    &group.color,
                ],
            )
            .await?;
        Ok(())
    }

    async fn update_group(&mut self, group: &Group) -> Result<()> {
        let changed = self
            .sql
            .exec(
                "UPDATE user_groups SET name = $3, description = $4, version = $5, name_folded = $6, \
                 search_text = $7, outbound_caller_ids = $8, color = $9 WHERE tenant_id = $1 AND id = $2",
                &[
                    &group.tenant.get(),
                    &group.id.get(),
                    &group.name,
                    &group.description,
                    &group.version,
                    &fold(&group.name),
                    &search_text(group),
                    &encode_caller_ids(&group.outbound_caller_ids),
                    &group.color,
                ],
            )
            .await?;
        exists(changed)
    }

    async fn delete_group(&mut self, tenant: TenantId, id: GroupId) -> Result<bool> {
        let sql = "DELETE FROM user_groups WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn add_group_member(&mut self, tenant: TenantId, group: GroupId, user: UserId) -> Result<bool> {
        let sql = "INSERT INTO group_members (tenant_id, group_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let params = (tenant.get(), group.get(), user.get());
        Ok(self.sql.exec(sql, &[&params.0, &params.1, &params.2]).await? > 0)
    }

    async fn remove_group_member(&mut self, tenant: TenantId, group: GroupId, user: UserId) -> Result<bool> {
        let sql = "DELETE FROM group_members WHERE tenant_id = $1 AND group_id = $2 AND user_id = $3";
        let params = (tenant.get(), group.get(), user.get());
        Ok(self.sql.exec(sql, &[&params.0, &params.1, &params.2]).await? > 0)
    }
}
