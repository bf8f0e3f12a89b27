//! Trunks to providers, and who refers to them.

use async_trait::async_trait;
use jackfield_domain::{
    Kind, Listing, Provider, ProviderField, ProviderId, Query, SealedSecret, TenantId, Timestamp, TrunkAuth,
    TrunkBinding, text::fold,
};
use jackfield_store::{
    ProviderReads, ProviderWrites, Result, TrunkHold, decode_provider_settings, encode_provider_settings,
};

use super::{
    document, exists, id_chunks, id_places,
    presence::{put_binding, reported, route},
    word,
};
use crate::db::{Error, Param, Row, Sql, SqlWrite};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

macro_rules! provider_columns {
    () => {
        "tenant_id, id, name, hostname, brand, auth_mode, sealed_password, settings, created_at, version"
    };
}

impl Columns for ProviderField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Enabled => "enabled",
            Self::Brand => "brand",
            Self::Hostname => "hostname",
            Self::Port => "port",
            Self::DidNumbers => "did_numbers",
        }
    }
}

fn provider(row: &Row<'_>) -> std::result::Result<Provider, Error> {
    Ok(Provider {
        tenant: TenantId::new(row.get(0)?),
        id: ProviderId::new(row.get(1)?),
        name: row.get(2)?,
        hostname: row.get(3)?,
        brand: row.get(4)?,
        auth_mode: word(TrunkAuth::from_word(row.text(5)?), "authentication of a trunk")?,
        password: SealedSecret(row.get(6)?),
        settings: document(decode_provider_settings(row.text(7)?))?,
        created_at: Timestamp::from_micros(row.get(8)?),
        version: row.get(9)?,
    })
}

macro_rules! binding_columns {
    () => {
        "tenant_id, provider_id, instance_id, user_agent, application, ip, enable_push, contact_address, expires_at, \
         updated_at, received, path, call_id, cseq, preference, edge"
    };
}

fn binding(row: &Row<'_>) -> std::result::Result<TrunkBinding, Error> {
    Ok(TrunkBinding {
        tenant: TenantId::new(row.get(0)?),
        provider: ProviderId::new(row.get(1)?),
        binding: reported(row)?,
        updated_at: Timestamp::from_micros(row.get(9)?),
        route: word(route(row)?, "way to a provider")?,
    })
}

/// What a search looks at. Words hold no line end, so none is found across two values.
fn search_text(provider: &Provider) -> String {
    let values = [
        provider.name.as_str(),
        &provider.brand,
        &provider.hostname,
        &provider.settings.did_numbers,
    ];
    fold(&values.join("\n"))
}

/// The statement of `providers_among`.
static AMONG: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    format!(
        "SELECT id FROM providers WHERE tenant_id = $1 AND id IN ({})",
        id_places(2)
    )
});

#[async_trait]
impl<S: Sql, X: Send + Sync> ProviderReads for Records<S, X> {
    async fn provider(&self, tenant: TenantId, id: ProviderId) -> Result<Option<Provider>> {
        let sql = concat!(
            "SELECT ",
            provider_columns!(),
            " FROM providers WHERE tenant_id = $1 AND id = $2"
        );
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], provider).await?)
    }

    async fn list_providers(
        &self,
        tenant: TenantId,
        query: &Query<ProviderField>,
    ) -> Result<Listing<Provider>> {
        let list = List {
            table: "providers",
            columns: provider_columns!(),
            tenant: Some(tenant),
            tally: None,
        };
        list.run(&self.sql, query, provider).await
    }

    async fn enabled_providers(&self) -> Result<Vec<Provider>> {
        let sql = concat!(
            "SELECT ",
            provider_columns!(),
            " FROM providers WHERE enabled ORDER BY tenant_id, id"
        );
        Ok(self.sql.all(sql, &[], provider).await?)
    }

    async fn trunk_hold(&self, tenant: TenantId, id: ProviderId) -> Result<Option<TrunkHold>> {
        let sql = "SELECT edge, held_until, registered_until FROM trunk_registrations \
                   WHERE tenant_id = $1 AND provider_id = $2";
        let hold = |row: &Row<'_>| {
            Ok(TrunkHold {
                tenant,
                provider: id,
                edge: row.get(0)?,
                held_until: Timestamp::from_micros(row.get(1)?),
                registered_until: Timestamp::from_micros(row.get(2)?),
            })
        };
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], hold).await?)
    }

    async fn accepting_providers(&self, tenant: TenantId) -> Result<Vec<Provider>> {
        let sql = concat!(
            "SELECT ",
            provider_columns!(),
            " FROM providers WHERE tenant_id = $1 AND auth_mode = $2 ORDER BY id"
        );
        let mode = TrunkAuth::AcceptRegister.word();
        Ok(self.sql.all(sql, &[&tenant.get(), &mode], provider).await?)
    }

    async fn trunk_binding(
        &self,
        tenant: TenantId,
        id: ProviderId,
        now: Timestamp,
    ) -> Result<Option<TrunkBinding>> {
        let sql = concat!(
            "SELECT ",
            binding_columns!(),
            " FROM trunk_bindings WHERE tenant_id = $1 AND provider_id = $2 AND expires_at > $3"
        );
        let values: [&dyn Param; 3] = [&tenant.get(), &id.get(), &now.as_micros()];
        Ok(self.sql.one(sql, &values, binding).await?)
    }

    async fn trunk_bindings(&self, now: Timestamp) -> Result<Vec<TrunkBinding>> {
        let sql = concat!(
            "SELECT ",
            binding_columns!(),
            " FROM trunk_bindings WHERE expires_at > $1 ORDER BY tenant_id, provider_id"
        );
        Ok(self.sql.all(sql, &[&now.as_micros()], binding).await?)
    }

    async fn providers_among(&self, tenant: TenantId, ids: &[ProviderId]) -> Result<Vec<ProviderId>> {
        let tenant = tenant.get();
        let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
        let mut found = Vec::with_capacity(ids.len());
        for places in id_chunks(&ids) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().map(|id| id as &dyn Param));
            let id = |row: &Row<'_>| Ok(ProviderId::new(row.get(0)?));
            found.extend(self.sql.all(AMONG.as_str(), &values, id).await?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    async fn provider_user(&self, tenant: TenantId, id: ProviderId) -> Result<Option<Kind>> {
        let sql = "SELECT kind FROM provider_users WHERE tenant_id = $1 AND provider_id = $2 \
                   ORDER BY kind DESC LIMIT 1";
        let kind = |row: &Row<'_>| word(Kind::from_word(row.text(0)?), "kind of a record");
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], kind).await?)
    }
}

#[async_trait]
impl ProviderWrites for SqlTransaction {
    async fn insert_provider(&mut self, provider: &Provider) -> Result<()> {
        let settings = &provider.settings;
        self.sql
            .exec(
                "INSERT INTO providers (tenant_id, id, name, enabled, brand, hostname, port, did_numbers, auth_mode, \
                 created_at, version, search_text, sealed_password, settings) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                &[
                    &provider.tenant.get(),
                    &provider.id.get(),
                    &provider.name,
                    &settings.enabled,
                    &provider.brand,
                    &provider.hostname,
                    &settings.port,
                    &settings.did_numbers,
                    &provider.auth_mode.word(),
                    &provider.created_at.as_micros(),
                    &provider.version,
                    &search_text(provider),
                    &provider.password.0,
                    &encode_provider_settings(settings),
                ],
            )
            .await?;
        Ok(())
    }

    async fn update_provider(&mut self, provider: &Provider) -> Result<()> {
        let settings = &provider.settings;
        // The product and the way of authentication never change.
        let changed = self
            .sql
            .exec(
                "UPDATE providers SET name = $3, enabled = $4, hostname = $5, port = $6, did_numbers = $7, \
                 version = $8, search_text = $9, sealed_password = $10, settings = $11 \
                 WHERE tenant_id = $1 AND id = $2",
                &[
                    &provider.tenant.get(),
                    &provider.id.get(),
                    &provider.name,
                    &settings.enabled,
                    &provider.hostname,
                    &settings.port,
                    &settings.did_numbers,
                    &provider.version,
                    &search_text(provider),
                    &provider.password.0,
                    &encode_provider_settings(settings),
                ],
            )
            .await?;
        exists(changed)
    }

    async fn delete_provider(&mut self, tenant: TenantId, id: ProviderId) -> Result<bool> {
        let sql = "DELETE FROM providers WHERE tenant_id = $1 AND id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn hold_trunk(&mut self, hold: &TrunkHold, now: Timestamp) -> Result<bool> {
        let sql = "INSERT INTO trunk_registrations (tenant_id, provider_id, edge, held_until, registered_until) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, provider_id) DO UPDATE \
                   SET edge = excluded.edge, held_until = excluded.held_until, registered_until = excluded.registered_until \
                   WHERE trunk_registrations.edge = excluded.edge OR trunk_registrations.held_until <= $6";
        let changed = self
            .sql
            .exec(
                sql,
                &[
                    &hold.tenant.get(),
                    &hold.provider.get(),
                    &hold.edge,
                    &hold.held_until.as_micros(),
                    &hold.registered_until.as_micros(),
                    &now.as_micros(),
                ],
            )
            .await?;
        Ok(changed > 0)
    }

    async fn release_trunk(&mut self, tenant: TenantId, id: ProviderId, edge: &str) -> Result<()> {
        let sql = "DELETE FROM trunk_registrations WHERE tenant_id = $1 AND provider_id = $2 AND edge = $3";
        self.sql.exec(sql, &[&tenant.get(), &id.get(), &edge]).await?;
        Ok(())
    }

    async fn put_trunk_binding(&mut self, one: &TrunkBinding) -> Result<()> {
        let sql = concat!(
            "INSERT INTO trunk_bindings (",
            binding_columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
             ON CONFLICT (tenant_id, provider_id) DO UPDATE SET instance_id = excluded.instance_id, \
             user_agent = excluded.user_agent, application = excluded.application, ip = excluded.ip, \
             enable_push = excluded.enable_push, contact_address = excluded.contact_address, \
             expires_at = excluded.expires_at, updated_at = excluded.updated_at, received = excluded.received, \
             path = excluded.path, call_id = excluded.call_id, cseq = excluded.cseq, \
             preference = excluded.preference, edge = excluded.edge"
        );
        let whose = (one.tenant.get(), one.provider.get());
        put_binding(
            &self.sql,
            sql,
            whose,
            (&one.binding, Some(&one.route)),
            one.updated_at,
        )
        .await
    }

    async fn delete_trunk_binding(&mut self, tenant: TenantId, id: ProviderId) -> Result<bool> {
        let sql = "DELETE FROM trunk_bindings WHERE tenant_id = $1 AND provider_id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &id.get()]).await? > 0)
    }

    async fn delete_trunk_bindings(&mut self, tenant: TenantId) -> Result<u64> {
        let sql = "DELETE FROM trunk_bindings WHERE tenant_id = $1";
        Ok(self.sql.exec(sql, &[&tenant.get()]).await?)
    }

    async fn set_providers_of(
        &mut self,
        tenant: TenantId,
        kind: Kind,
        record: i64,
        providers: &[ProviderId],
    ) -> Result<()> {
        let (tenant, kind) = (tenant.get(), kind.word());
        let sql = "DELETE FROM provider_users WHERE tenant_id = $1 AND kind = $2 AND record = $3";
        self.sql.exec(sql, &[&tenant, &kind, &record]).await?;
        let sql = "INSERT INTO provider_users (tenant_id, provider_id, kind, record) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        for provider in providers {
            self.sql
                .exec(sql, &[&tenant, &provider.get(), &kind, &record])
                .await?;
        }
        Ok(())
    }
}
