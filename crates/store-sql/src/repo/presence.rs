//! Registrations and presence.

use std::sync::LazyLock;

use async_trait::async_trait;
use jackfield_domain::{
    NewRegistration, Presence, Registration, Renewal, SipRoute, TenantId, Timestamp, UserId, UserPresence,
};
use jackfield_store::{PresenceReads, PresenceWrites, Result};

use super::{id_chunks, id_places, unstorable, word};
use crate::db::{Error, Param, Row, Sql, SqlWrite, Tx};
use crate::store::{Records, SqlTransaction};

fn registration(row: &Row<'_>) -> std::result::Result<Registration, Error> {
    Ok(Registration {
        tenant: TenantId::new(row.get(0)?),
        user: UserId::new(row.get(1)?),
        binding: reported(row)?,
        updated_at: Timestamp::from_micros(row.get(9)?),
        route: route(row)?,
    })
}

/// What was registered: columns 2 to 8, of telephones and of trunks.
pub(super) fn reported(row: &Row<'_>) -> std::result::Result<NewRegistration, Error> {
    Ok(NewRegistration {
        instance_id: row.get(2)?,
        user_agent: row.get(3)?,
        application: row.get(4)?,
        ip: row.get(5)?,
        enable_push: row.get(6)?,
        contact_address: row.get(7)?,
        expires_at: Timestamp::from_micros(row.get(8)?),
    })
}

/// What is read of a registration.
macro_rules! registration_columns {
    () => {
        "tenant_id, user_id, instance_id, user_agent, application, ip, enable_push, contact_address, expires_at, \
         updated_at, received, path, call_id, cseq, preference, edge"
    };
}

/// The statement of `registrations_among`.
static REGISTRATIONS_AMONG: LazyLock<String> = LazyLock::new(|| {
    let columns = registration_columns!();
    let places = id_places(3);
    format!(
        "SELECT {columns} FROM registrations WHERE tenant_id = $1 AND expires_at > $2 AND user_id IN ({places})"
    )
});

/// How many renewals one statement carries.
const RENEWALS: usize = 32;

/// The statement of `renew_registrations`, always with the same number of rows, so that one prepared plan serves.
static RENEW_REGISTRATIONS: LazyLock<String> = LazyLock::new(|| {
    let rows: Vec<String> = (0..RENEWALS)
        .map(|row| {
            let places = [
                "BIGINT", "BIGINT", "TEXT", "TEXT", "BIGINT", "BIGINT", "BIGINT", "TEXT",
            ];
            let places = places.iter().enumerate();
            let places: Vec<String> = places
                .map(|(at, kind)| format!("CAST(${} AS {kind})", row * 8 + at + 1))
                .collect();
            format!("({})", places.join(", "))
        })
        .collect();
    format!(
        "UPDATE registrations SET cseq = renewed.column5, expires_at = renewed.column6, updated_at = renewed.column7, \
         call_id = renewed.column8 \
         FROM (VALUES {}) AS renewed WHERE registrations.tenant_id = renewed.column1 \
         AND registrations.user_id = renewed.column2 AND registrations.instance_id = renewed.column3 \
         AND registrations.call_id = renewed.column4 \
         AND (registrations.cseq < renewed.column5 OR renewed.column8 <> renewed.column4) \
         AND registrations.expires_at <= renewed.column6",
        rows.join(", ")
    )
});

fn presence(row: &Row<'_>) -> std::result::Result<UserPresence, Error> {
    Ok(UserPresence {
        tenant: TenantId::new(row.get(0)?),
        user: UserId::new(row.get(1)?),
        presence: word(Presence::from_word(row.text(2)?), "presence")?,
        note: row.get(3)?,
        locked: row.get(4)?,
        updated_at: Timestamp::from_micros(row.get(5)?),
    })
}

/// The statement of `presences_among`.
static PRESENCES_AMONG: LazyLock<String> = LazyLock::new(|| {
    let places = id_places(2);
    format!(
        "SELECT tenant_id, user_id, presence, note, locked, updated_at FROM user_presence \
         WHERE tenant_id = $1 AND user_id IN ({places})"
    )
});

/// The way to it: columns 10 to 15. None when an engine reported it.
pub(super) fn route(row: &Row<'_>) -> std::result::Result<Option<SipRoute>, Error> {
    let received: String = row.get(10)?;
    if received.is_empty() {
        return Ok(None);
    }
    let (cseq, preference): (i64, i64) = (row.get(13)?, row.get(14)?);
    Ok(Some(SipRoute {
        received,
        path: row.get(11)?,
        call_id: row.get(12)?,
        cseq: u32::try_from(cseq).map_err(Error::corrupt)?,
        preference: u16::try_from(preference).map_err(Error::corrupt)?,
        edge: row.get(15)?,
    }))
}

/// Writes a binding, of a telephone or of a trunk, by a statement whose values are the columns that [`reported`] and [`route`] read, after
/// the tenant and whose binding it is.
pub(super) async fn put_binding(
    tx: &Tx,
    sql: &str,
    (tenant, owner): (i64, i64),
    (binding, route): (&NewRegistration, Option<&SipRoute>),
    updated_at: Timestamp,
) -> Result<()> {
    let text = |part: fn(&SipRoute) -> &String| route.map_or("", |route| part(route).as_str());
    let values: [&dyn Param; 16] = [
        &tenant,
        &owner,
        &binding.instance_id,
        &binding.user_agent,
        &binding.application,
        &binding.ip,
        &binding.enable_push,
        &binding.contact_address,
        &binding.expires_at.as_micros(),
        &updated_at.as_micros(),
        &text(|route| &route.received),
        &text(|route| &route.path),
        &text(|route| &route.call_id),
        &route.map_or(0, |route| i64::from(route.cseq)),
        &route.map_or(0, |route| i64::from(route.preference)),
        &text(|route| &route.edge),
    ];
    tx.exec(sql, &values).await?;
    Ok(())
}

#[async_trait]
impl<S: Sql, X: Send + Sync> PresenceReads for Records<S, X> {
    async fn registrations(
        &self,
        tenant: TenantId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Registration>> {
        let sql = concat!(
            "SELECT ",
            registration_columns!(),
            " FROM registrations WHERE tenant_id = $1 AND user_id = $2 AND expires_at > $3 ORDER BY instance_id"
        );
        let params = (tenant.get(), user.get(), now.as_micros());
        Ok(self
            .sql
            .all(sql, &[&params.0, &params.1, &params.2], registration)
            .await?)
    }

    async fn registrations_among(
        &self,
        tenant: TenantId,
        users: &[i64],
        now: Timestamp,
    ) -> Result<Vec<Registration>> {
        let (tenant, now) = (tenant.get(), now.as_micros());
        let mut found = Vec::new();
        for places in id_chunks(users) {
            let mut values: Vec<&dyn Param> = vec![&tenant, &now];
            values.extend(places.iter().map(|id| id as &dyn Param));
            found.extend(
                self.sql
                    .all(REGISTRATIONS_AMONG.as_str(), &values, registration)
                    .await?,
            );
        }
        found.sort_by(|one: &Registration, other| {
            (one.user, &one.binding.instance_id).cmp(&(other.user, &other.binding.instance_id))
        });
        Ok(found)
    }

    async fn presence(&self, tenant: TenantId, user: UserId) -> Result<Option<UserPresence>> {
        let sql = "SELECT tenant_id, user_id, presence, note, locked, updated_at FROM user_presence \
             WHERE tenant_id = $1 AND user_id = $2";
        Ok(self.sql.one(sql, &[&tenant.get(), &user.get()], presence).await?)
    }

    async fn presences_among(&self, tenant: TenantId, users: &[i64]) -> Result<Vec<UserPresence>> {
        let tenant = tenant.get();
        let mut found = Vec::new();
        for places in id_chunks(users) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().map(|id| id as &dyn Param));
            found.extend(self.sql.all(PRESENCES_AMONG.as_str(), &values, presence).await?);
        }
        found.sort_unstable_by_key(|said: &UserPresence| said.user);
        Ok(found)
    }
}

#[async_trait]
impl PresenceWrites for SqlTransaction {
    async fn put_registration(&mut self, registration: &Registration) -> Result<()> {
        let sql = "INSERT INTO registrations (tenant_id, user_id, instance_id, user_agent, application, ip, enable_push, \
             contact_address, expires_at, updated_at, received, path, call_id, cseq, preference, edge) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
             ON CONFLICT (tenant_id, user_id, instance_id) DO UPDATE SET user_agent = excluded.user_agent, \
             application = excluded.application, ip = excluded.ip, enable_push = excluded.enable_push, \
             contact_address = excluded.contact_address, expires_at = excluded.expires_at, \
             updated_at = excluded.updated_at, received = excluded.received, path = excluded.path, \
             call_id = excluded.call_id, cseq = excluded.cseq, preference = excluded.preference, edge = excluded.edge";
        let whose = (registration.tenant.get(), registration.user.get());
        let bound = (&registration.binding, registration.route.as_ref());
        put_binding(&self.sql, sql, whose, bound, registration.updated_at).await
    }

    async fn renew_registrations(&mut self, renewals: &[Renewal]) -> Result<u64> {
        // What a portion lacks is filled up with rows of tenant -1, which nobody is.
        const NOBODY: [i64; 5] = [-1, 0, 0, 0, 0];
        let mut moved = 0;
        for portion in renewals.chunks(RENEWALS) {
            let numbers: Vec<[i64; 5]> = portion
                .iter()
                .map(|one| {
                    [
                        one.tenant.get(),
                        one.user.get(),
                        one.cseq.into(),
                        one.expires_at.as_micros(),
                        one.updated_at.as_micros(),
                    ]
                })
                .collect();
            let texts: Vec<[&str; 3]> = portion
                .iter()
                .map(|one| [&one.instance_id, &one.before, &one.call_id].map(String::as_str))
                .collect();
            let mut values: Vec<&dyn Param> = Vec::with_capacity(RENEWALS * 8);
            for at in 0..RENEWALS {
                let [tenant, user, cseq, expires_at, updated_at] = numbers.get(at).unwrap_or(&NOBODY);
                let [instance_id, before, call_id] = texts.get(at).unwrap_or(&["", "", ""]);
                values.extend([tenant as &dyn Param, user, instance_id, before]);
                values.extend([cseq as &dyn Param, expires_at, updated_at, call_id]);
            }
            moved += self.sql.exec(RENEW_REGISTRATIONS.as_str(), &values).await?;
        }
        Ok(moved)
    }

    async fn delete_registration(
        &mut self,
        tenant: TenantId,
        user: UserId,
        instance_id: &str,
    ) -> Result<bool> {
        if unstorable(instance_id) {
            return Ok(false);
        }
        let sql = "DELETE FROM registrations WHERE tenant_id = $1 AND user_id = $2 AND instance_id = $3";
        let params = (tenant.get(), user.get());
        let gone = self.sql.exec(sql, &[&params.0, &params.1, &instance_id]).await?;
        Ok(gone > 0)
    }

    async fn delete_registrations_of_user(&mut self, tenant: TenantId, user: UserId) -> Result<u64> {
        let sql = "DELETE FROM registrations WHERE tenant_id = $1 AND user_id = $2";
        Ok(self.sql.exec(sql, &[&tenant.get(), &user.get()]).await?)
    }

    async fn delete_registrations_of_tenant(&mut self, tenant: TenantId) -> Result<u64> {
        let sql = "DELETE FROM registrations WHERE tenant_id = $1";
        Ok(self.sql.exec(sql, &[&tenant.get()]).await?)
    }

    async fn purge_registrations(&mut self, now: Timestamp) -> Result<u64> {
        let sql = "DELETE FROM registrations WHERE expires_at <= $1";
        Ok(self.sql.exec(sql, &[&now.as_micros()]).await?)
    }

    async fn put_presence(&mut self, presence: &UserPresence) -> Result<()> {
        self.sql
            .exec(
                "INSERT INTO user_presence (tenant_id, user_id, presence, note, updated_at, locked) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (tenant_id, user_id) DO UPDATE SET presence = excluded.presence, note = excluded.note, \
                 updated_at = excluded.updated_at, locked = excluded.locked",
                &[
                    &presence.tenant.get(),
                    &presence.user.get(),
                    &presence.presence.word(),
                    &presence.note,
                    &presence.updated_at.as_micros(),
                    &presence.locked,
                ],
            )
            .await?;
        Ok(())
    }
}
