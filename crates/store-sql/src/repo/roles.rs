//! Custom roles.

use async_trait::async_trait;
use jackfield_domain::{Permissions, Role, RoleId, TenantId, Timestamp, text::fold};
use jackfield_store::{Result, RoleReads, RoleWrites};

use super::{exists, unstorable};
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::store::{Records, SqlTransaction};

/// A statement that reads roles.
macro_rules! select_roles {
    ($rest:literal) => {
        concat!(
            "SELECT tenant_id, id, name, description, permissions, created_at, version FROM roles \
             WHERE tenant_id = $1 ",
            $rest
        )
    };
}

fn role(row: &Row<'_>) -> std::result::Result<Role, Error> {
    Ok(Role {
        tenant: TenantId::new(row.get(0)?),
        id: RoleId::new(row.get(1)?),
        name: row.get(2)?,
        description: row.get(3)?,
        permissions: Permissions::from_bits(row.get(4)?),
        created_at: Timestamp::from_micros(row.get(5)?),
        version: row.get(6)?,
    })
}

#[async_trait]
impl<S: Sql, X: Send + Sync> RoleReads for Records<S, X> {
    async fn role_by_name(&self, tenant: TenantId, folded: &str) -> Result<Option<Role>> {
        if unstorable(folded) {
            return Ok(None);
        }
        let sql = select_roles!("AND name_folded = $2");
        Ok(self.sql.one(sql, &[&tenant.get(), &folded], role).await?)
    }

    async fn roles(&self, tenant: TenantId) -> Result<Vec<Role>> {
        let sql = select_roles!("ORDER BY name");
        Ok(self.sql.all(sql, &[&tenant.get()], role).await?)
    }
}

#[async_trait]
impl RoleWrites for SqlTransaction {
    async fn insert_role(&mut self, role: &Role) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO roles (tenant_id, id, name, name_folded, description, permissions, created_at, version) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    &role.tenant.get(),
                    &role.id.get(),
                    &role.name,
                    &fold(&role.name),
                    &role.description,
                    &role.permissions.bits(),
                    &role.created_at.as_micros(),
                    &role.version,
                ],
            )
            .await?;
        Ok(())
    }

    async fn update_role(&mut self, role: &Role) -> Result<()> {
        let changed = self
            .sql
            .exec(
                "UPDATE roles SET name = $3, name_folded = $4, description = $5, permissions = $6, version = $7 \
                 WHERE tenant_id = $1 AND id = $2",
                &[
                    &role.tenant.get(),
                    &role.id.get(),
                    &role.name,
                    &fold(&role.name),
                    &role.description,
                    &role.permissions.bits(),
                    &role.version,
                ],
            )
            .await?;
        exists(changed)
    }

    async fn delete_role(&mut self, tenant: TenantId, id: RoleId) -> Result<bool> {
        let sql = "DELETE FROM roles WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }
}
