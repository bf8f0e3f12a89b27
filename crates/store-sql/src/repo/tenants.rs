//! Tenants.

use async_trait::async_trait;
use jackfield_domain::{Listing, Query, Tenant, TenantField, TenantId, TenantSummary, Timestamp, text::fold};
use jackfield_store::{
    Result, TenantReads, TenantWrites, decode_policy, decode_tenant_settings, encode_policy,
    encode_tenant_settings,
};

use super::{Tally, document, exists, unstorable};
use crate::db::{Error, Row, Sql, SqlWrite};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

const SUMMARY: &str = "id, name, domain, enabled, website, timezone, currency, region, max_extensions, \
                       max_concurrent_calls, created_at";

/// [`SUMMARY`] and what a whole tenant has beyond.
const BY_ID: &str = "SELECT id, name, domain, enabled, website, timezone, currency, region, max_extensions, \
                     max_concurrent_calls, created_at, version, password_policy, settings FROM tenants WHERE id = $1";
const BY_DOMAIN: &str = "SELECT id, name, domain, enabled, website, timezone, currency, region, max_extensions, \
                         max_concurrent_calls, created_at, version, password_policy, settings FROM tenants \
                         WHERE domain = $1";

impl Columns for TenantField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Domain => "domain",
            Self::Enabled => "enabled",
            Self::Website => "website",
            Self::Timezone => "timezone",
            Self::Currency => "currency",
            Self::Region => "region",
            Self::MaxExtensions => "max_extensions",
            Self::MaxConcurrentCalls => "max_concurrent_calls",
            Self::CreatedAt => "created_at",
        }
    }
}

fn summary(row: &Row<'_>) -> std::result::Result<TenantSummary, Error> {
    Ok(TenantSummary {
        id: TenantId::new(row.get(0)?),
        name: row.get(1)?,
        domain: row.get(2)?,
        enabled: row.get(3)?,
        website: row.get(4)?,
        timezone: row.get(5)?,
        currency: row.get(6)?,
        region: row.get(7)?,
        max_extensions: row.get(8)?,
        max_concurrent_calls: row.get(9)?,
        created_at: Timestamp::from_micros(row.get(10)?),
    })
}

fn tenant(row: &Row<'_>) -> std::result::Result<Tenant, Error> {
    Ok(Tenant {
        id: TenantId::new(row.get(0)?),
        name: row.get(1)?,
        domain: row.get(2)?,
        enabled: row.get(3)?,
        website: row.get(4)?,
        timezone: row.get(5)?,
        currency: row.get(6)?,
        region: row.get(7)?,
        max_extensions: row.get(8)?,
        max_concurrent_calls: row.get(9)?,
        created_at: Timestamp::from_micros(row.get(10)?),
        version: row.get(11)?,
        password_policy: document(decode_policy(row.text(12)?))?,
        settings: document(decode_tenant_settings(row.text(13)?))?,
    })
}

/// What a search looks at. Words hold no line end, so none is found across two values.
fn search_text(tenant: &Tenant) -> String {
    fold(&[tenant.name.as_str(), &tenant.domain, &tenant.website].join("\n"))
}

#[async_trait]
impl<S: Sql, X: Send + Sync> TenantReads for Records<S, X> {
    async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>> {
        Ok(self.sql.one(BY_ID, &[&id.get()], tenant).await?)
    }

    async fn tenant_by_domain(&self, domain: &str) -> Result<Option<Tenant>> {
        if unstorable(domain) {
            return Ok(None);
        }
        Ok(self.sql.one(BY_DOMAIN, &[&domain], tenant).await?)
    }

    async fn list_tenants(&self, query: &Query<TenantField>) -> Result<Listing<TenantSummary>> {
        let list = List {
            table: "tenants",
            columns: SUMMARY,
            tenant: None,
            tally: None,
        };
        list.run(&self.sql, query, summary).await
    }

    async fn tenant_version(&self, id: TenantId) -> Result<Option<i64>> {
        let sql = "SELECT version FROM tenants WHERE id = $1";
        Ok(self.sql.one(sql, &[&id.get()], |row| row.get(0)).await?)
    }

    async fn count_users(&self, tenant: TenantId) -> Result<i64> {
        Ok(Tally::Users.read(&self.sql, tenant).await?.unwrap_or(0))
    }

    async fn count_extensions(&self, tenant: TenantId) -> Result<i64> {
        Ok(Tally::Extensions.read(&self.sql, tenant).await?.unwrap_or(0))
    }
}

#[async_trait]
impl TenantWrites for SqlTransaction {
    async fn insert_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO journal_heads (tenant_id) VALUES ($1)",
                &[&tenant.id.get()],
            )
            .await?;
        self.sql
            .exec(
                "INSERT INTO tenants (id, name, domain, enabled, website, timezone, currency, region, \
                 max_extensions, max_concurrent_calls, created_at, version, search_text, password_policy, settings) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                &[
                    &tenant.id.get(),
                    &tenant.name,
                    &tenant.domain,
                    &tenant.enabled,
                    &tenant.website,
                    &tenant.timezone,
                    &tenant.currency,
                    &tenant.region,
                    &tenant.max_extensions,
                    &tenant.max_concurrent_calls,
                    &tenant.created_at.as_micros(),
                    &tenant.version,
                    &search_text(tenant),
                    &encode_policy(&tenant.password_policy),
                    &encode_tenant_settings(&tenant.settings),
                ],
            )
            .await?;
        Ok(())
    }

    async fn update_tenant(&mut self, tenant: &Tenant) -> Result<()> {
        let changed = self
            .sql
            .exec(
                "UPDATE tenants SET name = $2, domain = $3, enabled = $4, website = $5, timezone = $6, \
                 currency = $7, region = $8, max_extensions = $9, max_concurrent_calls = $10, version = $11, \
                 search_text = $12, password_policy = $13, settings = $14 WHERE id = $1",
                &[
                    &tenant.id.get(),
                    &tenant.name,
                    &tenant.domain,
                    &tenant.enabled,
                    &tenant.website,
                    &tenant.timezone,
                    &tenant.currency,
                    &tenant.region,
                    &tenant.max_extensions,
                    &tenant.max_concurrent_calls,
                    &tenant.version,
                    &search_text(tenant),
                    &encode_policy(&tenant.password_policy),
                    &encode_tenant_settings(&tenant.settings),
                ],
            )
            .await?;
        exists(changed)
    }

    async fn delete_tenant(&mut self, id: TenantId) -> Result<bool> {
        if id.is_system() {
            return Ok(false);
        }
        let sql = "DELETE FROM journal_heads WHERE tenant_id = $1";
        Ok(self.sql.exec(sql, &[&id.get()]).await? > 0)
    }
}
