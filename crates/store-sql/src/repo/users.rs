//! Users and their extensions.

use async_trait::async_trait;
use jackfield_domain::{
    Avatar, BlobId, BlobKey, ExtensionId, Listing, Money, Query, SettingsText, TenantId, Timestamp, User,
    UserField, UserId, UserSummary, text::fold,
};
use jackfield_store::{
    ExtensionRecord, ExtensionSecrets, ExtensionUser, NumberKind, NumberWrites as _, Result, UserReads,
    UserWrites,
};

use super::{ByCount, IDS, Tally, exists, id_chunks, id_places, unstorable};
use crate::db::{Error, Param, Row, Sql, SqlWrite};
use crate::query::{Columns, List};
use crate::store::{Records, SqlTransaction};

/// The columns of a line of the list; a whole user begins with the same.
macro_rules! summary_columns {
    () => {
        "users.id, name, email, display_name, enabled, role, mobile_phone, work_phone, home_phone, address, department, \
         extension_number, external_identity, created_at, dnd, location, initial, \
             avatar, avatar_key, avatar_name, avatar_size"
    };
}

/// A statement that reads whole users, of all tenants or of one.
macro_rules! select_users {
    (anywhere $rest:literal) => {
        concat!(
            "SELECT ",
            summary_columns!(),
            ", users.tenant_id, extension_id, acb, balance, must_change_password, updated_at, version, profile, \
             sealed_pin, settings FROM users \
             JOIN user_details ON user_details.tenant_id = users.tenant_id AND user_details.id = users.id WHERE ",
            $rest
        )
    };
    ($rest:literal) => {
        concat!(select_users!(anywhere "users.tenant_id = $1 "), $rest)
    };
}

impl Columns for UserField {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Email => "email",
            Self::DisplayName => "display_name",
            Self::Enabled => "enabled",
            Self::Role => "role",
            Self::MobilePhone => "mobile_phone",
            Self::WorkPhone => "work_phone",
            Self::HomePhone => "home_phone",
            Self::Address => "address",
            Self::Department => "department",
            Self::ExtensionNumber => "extension_number",
            Self::ExternalIdentity => "external_identity",
            Self::CreatedAt => "created_at",
            Self::Dnd => "dnd",
            Self::Location => "location",
            Self::AvatarKey => "avatar_key",
            Self::AvatarName => "avatar_name",
            Self::AvatarSize => "avatar_size",
        }
    }

    fn nullable(self) -> bool {
        matches!(
            self,
            Self::ExtensionNumber | Self::ExternalIdentity | Self::Location
        )
    }

    fn folded(self) -> Option<&'static str> {
        match self {
            Self::Name => Some("name_folded"),
            Self::Email => Some("email_folded"),
            _ => None,
        }
    }
}

fn summary(row: &Row<'_>) -> std::result::Result<UserSummary, Error> {
    Ok(UserSummary {
        id: UserId::new(row.get(0)?),
        name: row.get(1)?,
        email: row.get(2)?,
        display_name: row.get(3)?,
        enabled: row.get(4)?,
        role: row.get(5)?,
        mobile_phone: row.get(6)?,
        work_phone: row.get(7)?,
        home_phone: row.get(8)?,
        address: row.get(9)?,
        department: row.get(10)?,
        extension_number: row.get(11)?,
        external_identity: row.get(12)?,
        created_at: Timestamp::from_micros(row.get(13)?),
        dnd: row.get(14)?,
        location: row.get(15)?,
        initial: row.get(16)?,
        avatar: avatar(row)?,
    })
}

fn avatar(row: &Row<'_>) -> std::result::Result<Option<Avatar>, Error> {
    let Some(file) = row.get::<Option<i64>>(17)? else {
        return Ok(None);
    };
    Ok(Some(Avatar {
        file: BlobId::new(file),
        key: BlobKey::parse(row.text(18)?).ok_or_else(|| Error::corrupt("the key of a picture is none"))?,
        name: row.get(19)?,
        size: row.get(20)?,
    }))
}

fn user(row: &Row<'_>) -> std::result::Result<User, Error> {
    let summary = summary(row)?;
    Ok(User {
        id: summary.id,
        name: summary.name,
        email: summary.email,
        display_name: summary.display_name,
        enabled: summary.enabled,
        role: summary.role,
        mobile_phone: summary.mobile_phone,
        work_phone: summary.work_phone,
        home_phone: summary.home_phone,
        address: summary.address,
        department: summary.department,
        extension_number: summary.extension_number,
        external_identity: summary.external_identity,
        created_at: summary.created_at,
        dnd: summary.dnd,
        location: summary.location,
        initial: summary.initial,
        avatar: summary.avatar,
        tenant: TenantId::new(row.get(21)?),
        extension: row.get::<Option<i64>>(22)?.map(ExtensionId::new),
        acb: row.get(23)?,
        balance: Money::from_units(row.get(24)?),
        must_change_password: row.get(25)?,
        updated_at: Timestamp::from_micros(row.get(26)?),
        version: row.get(27)?,
        profile: row.get(28)?,
        sealed_pin: row.get(29)?,
        settings: SettingsText::new(row.text(30)?),
    })
}

/// The columns of a picture; empty for a user without one, so that lists find and order them by it.
struct Picture<'a> {
    file: Option<i64>,
    key: &'a str,
    name: &'a str,
    size: i64,
}

impl<'a> Picture<'a> {
    fn of(user: &'a User) -> Self {
        let avatar = user.avatar.as_ref();
        Self {
            file: avatar.map(|avatar| avatar.file.get()),
            key: avatar.map_or("", |avatar| avatar.key.as_str()),
            name: avatar.map_or("", |avatar| avatar.name.as_str()),
            size: avatar.map_or(0, |avatar| avatar.size),
        }
    }
}

/// What a search looks at. Words hold no line end, so none is found across two values.
fn search_text(user: &User) -> String {
    let values = [
        user.name.as_str(),
        &user.display_name,
        &user.email,
        user.extension_number.as_deref().unwrap_or_default(),
        &user.mobile_phone,
        &user.work_phone,
        &user.home_phone,
        &user.department,
    ];
    fold(&values.join("\n"))
}

/// The statement of `users_among`.
static AMONG: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let columns = summary_columns!();
    let places = id_places(2);
    format!("SELECT {columns} FROM users WHERE tenant_id = $1 AND id IN ({places})")
});

/// The statement of `users_of_extensions`.
static OF_EXTENSIONS: std::sync::LazyLock<ByCount> = std::sync::LazyLock::new(|| {
    ByCount::new(2, |places| {
        format!(
            "SELECT extension_number, id, enabled, extension_id FROM users WHERE tenant_id = $1 \
             AND extension_number IN ({places})"
        )
    })
});

#[async_trait]
impl<S: Sql, X: Send + Sync> UserReads for Records<S, X> {
    async fn user(&self, tenant: TenantId, id: UserId) -> Result<Option<User>> {
        let sql = select_users!("AND users.id = $2");
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], user).await?)
    }

    async fn user_by_name(&self, tenant: TenantId, folded: &str) -> Result<Option<User>> {
        if unstorable(folded) {
            return Ok(None);
        }
        let sql = select_users!("AND name_folded = $2");
        Ok(self.sql.one(sql, &[&tenant.get(), &folded], user).await?)
    }

    async fn users_by_email(&self, folded: &str, limit: i64) -> Result<Vec<User>> {
        if unstorable(folded) || folded.is_empty() {
            return Ok(Vec::new());
        }
        // The second condition lets the index serve that leaves empty addresses out.
        let sql = select_users!(anywhere "email_folded = $1 AND email_folded <> '' \
                                 ORDER BY users.tenant_id LIMIT $2");
        Ok(self.sql.all(sql, &[&folded, &limit.max(0)], user).await?)
    }

    async fn user_by_extension(&self, tenant: TenantId, number: &str) -> Result<Option<User>> {
        if unstorable(number) {
            return Ok(None);
        }
        let sql = select_users!("AND extension_number = $2");
        Ok(self.sql.one(sql, &[&tenant.get(), &number], user).await?)
    }

    async fn list_users(&self, tenant: TenantId, query: &Query<UserField>) -> Result<Listing<UserSummary>> {
        let list = List {
            table: "users",
            columns: summary_columns!(),
            tenant: Some(tenant),
            tally: Some(Tally::Users),
        };
        list.run(&self.sql, query, summary).await
    }

    async fn users_after(&self, tenant: TenantId, after: i64, limit: i64) -> Result<Vec<User>> {
        let sql = select_users!("AND users.id > $2 ORDER BY users.id LIMIT $3");
        let params = (tenant.get(), limit.max(0));
        Ok(self
            .sql
            .all_long(sql, &[&params.0, &after, &params.1], user)
            .await?)
    }

    async fn users_among(&self, tenant: TenantId, ids: &[i64]) -> Result<Vec<UserSummary>> {
        let tenant = tenant.get();
        let mut found = Vec::with_capacity(ids.len());
        for places in id_chunks(ids) {
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().map(|id| id as &dyn Param));
            found.extend(self.sql.all(AMONG.as_str(), &values, summary).await?);
        }
        found.sort_unstable_by_key(|user: &UserSummary| user.id.get());
        Ok(found)
    }

    async fn users_of_extensions(&self, tenant: TenantId, numbers: &[&str]) -> Result<Vec<ExtensionUser>> {
        let tenant = tenant.get();
        let of_extension = |row: &Row<'_>| {
            Ok(ExtensionUser {
                number: row.get(0)?,
                user: UserId::new(row.get(1)?),
                enabled: row.get(2)?,
                extension: ExtensionId::new(row.get(3)?),
            })
        };
        let mut found = Vec::with_capacity(numbers.len());
        for numbers in numbers.chunks(IDS) {
            // What is left over, and what no row can hold, asks for the empty number, which nobody has.
            let mut places = [""; IDS];
            for (place, number) in places.iter_mut().zip(numbers) {
                *place = if unstorable(number) { "" } else { number };
            }
            let (sql, size) = OF_EXTENSIONS.fitting(numbers.len());
            let mut values: Vec<&dyn Param> = vec![&tenant];
            values.extend(places.iter().take(size).map(|number| number as &dyn Param));
            found.extend(self.sql.all(sql, &values, of_extension).await?);
        }
        Ok(found)
    }

    async fn password_hash(&self, tenant: TenantId, id: UserId) -> Result<Option<String>> {
        let sql = "SELECT password_hash FROM user_details WHERE tenant_id = $1 AND id = $2";
        let params = (tenant.get(), id.get());
        Ok(self
            .sql
            .one(sql, &[&params.0, &params.1], |row| row.get(0))
            .await?)
    }

    async fn extension_secrets(&self, tenant: TenantId, id: ExtensionId) -> Result<Option<ExtensionSecrets>> {
        let sql =
            "SELECT ha1_md5, ha1_sha256, sealed_password FROM extensions WHERE tenant_id = $1 AND id = $2";
        let secrets = |row: &Row<'_>| {
            Ok(ExtensionSecrets {
                ha1_md5: row.get(0)?,
                ha1_sha256: row.get(1)?,
                sealed_password: row.get(2)?,
            })
        };
        Ok(self.sql.one(sql, &[&tenant.get(), &id.get()], secrets).await?)
    }

    async fn count_users_with_role(
        &self,
        tenant: TenantId,
        role: &str,
        only_enabled: bool,
        except: Option<UserId>,
    ) -> Result<i64> {
        if unstorable(role) {
            return Ok(0);
        }
        // No user has the id 0.
        let except = except.map_or(0, UserId::get);
        let sql = "SELECT COUNT(*) FROM users WHERE tenant_id = $1 AND role = $2 AND (enabled OR NOT $3) AND id <> $4";
        let count = self
            .sql
            .one(sql, &[&tenant.get(), &role, &only_enabled, &except], |row| {
                row.get(0)
            })
            .await?;
        Ok(count.unwrap_or(0))
    }
}

#[async_trait]
impl UserWrites for SqlTransaction {
    async fn insert_user(&mut self, user: &User, password_hash: &str) -> Result<()> {
        let (tenant, id) = (user.tenant.get(), user.id.get());
        let picture = Picture::of(user);
        self.sql
            .exec(
                "INSERT INTO users (tenant_id, id, name, email, display_name, enabled, role, mobile_phone, work_phone, \
                 home_phone, address, department, extension_number, external_identity, created_at, extension_id, \
                 dnd, acb, balance, must_change_password, updated_at, version, name_folded, email_folded, search_text, \
                 location, initial, avatar, avatar_key, avatar_name, avatar_size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
                 $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)",
                &[
                    &tenant,
                    &id,
                    &user.name,
                    &user.email,
                    &user.display_name,
                    &user.enabled,
                    &user.role,
                    &user.mobile_phone,
                    &user.work_phone,
                    &user.home_phone,
                    &user.address,
                    &user.department,
                    &user.extension_number,
                    &user.external_identity,
                    &user.created_at.as_micros(),
                    &user.extension.map(ExtensionId::get),
                    &user.dnd,
                    &user.acb,
                    &user.balance.units(),
                    &user.must_change_password,
                    &user.updated_at.as_micros(),
                    &user.version,
                    &fold(&user.name),
                    &fold(&user.email),
                    &search_text(user),
                    &user.location,
                    &user.initial,
                    &picture.file,
                    &picture.key,
                    &picture.name,
                    &picture.size,
                ],
            )
            .await?;
        self.sql
            .exec(
                "INSERT INTO user_details (tenant_id, id, profile, password_hash, sealed_pin, settings) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    &tenant,
                    &id,
                    &user.profile,
                    &password_hash,
                    &user.sealed_pin,
                    &user.settings.as_str(),
                ],
            )
            .await?;
        Tally::Users.add(&self.sql, user.tenant, 1).await
    }

    async fn update_user(&mut self, user: &User) -> Result<()> {
        let (tenant, id) = (user.tenant.get(), user.id.get());
        let picture = Picture::of(user);
        // When he was made never changes, nor whether he was the first.
        let changed = self
            .sql
            .exec(
                "UPDATE users SET email = $3, display_name = $4, enabled = $5, role = $6, mobile_phone = $7, \
                 work_phone = $8, home_phone = $9, address = $10, department = $11, extension_number = $12, \
                 external_identity = $13, extension_id = $14, dnd = $15, acb = $16, balance = $17, \
                 must_change_password = $18, updated_at = $19, version = $20, email_folded = $21, search_text = $22, \
                 location = $23, avatar = $24, avatar_key = $25, avatar_name = $26, avatar_size = $27, name = $28, \
                 name_folded = $29 WHERE tenant_id = $1 AND id = $2",
                &[
                    &tenant,
                    &id,
                    &user.email,
                    &user.display_name,
                    &user.enabled,
                    &user.role,
                    &user.mobile_phone,
                    &user.work_phone,
                    &user.home_phone,
                    &user.address,
                    &user.department,
                    &user.extension_number,
                    &user.external_identity,
                    &user.extension.map(ExtensionId::get),
                    &user.dnd,
                    &user.acb,
                    &user.balance.units(),
                    &user.must_change_password,
                    &user.updated_at.as_micros(),
                    &user.version,
                    &fold(&user.email),
                    &search_text(user),
                    &user.location,
                    &picture.file,
                    &picture.key,
                    &picture.name,
                    &picture.size,
                    &user.name,
                    &fold(&user.name),
                ],
            )
            .await?;
        exists(changed)?;
        let sql = "UPDATE user_details SET profile = $3, sealed_pin = $4, settings = $5 WHERE tenant_id = $1 AND id = $2";
        let settings = user.settings.as_str();
        let params: [&dyn Param; 5] = [&tenant, &id, &user.profile, &user.sealed_pin, &settings];
        exists(self.sql.exec(sql, &params).await?)
    }

    async fn delete_user(&mut self, tenant: TenantId, id: UserId) -> Result<bool> {
        // His meetings go with their numbers.
        let sql = "DELETE FROM numbers WHERE tenant_id = $1 AND number IN \
                   (SELECT extension_number FROM meetings WHERE tenant_id = $1 AND owner = $2)";
        self.sql.exec(sql, &[&tenant.get(), &id.get()]).await?;
        let sql = "DELETE FROM users WHERE tenant_id = $1 AND id = $2 RETURNING extension_number";
        let deleted: Option<Option<String>> = self
            .sql
            .one(sql, &[&tenant.get(), &id.get()], |row| row.get(0))
            .await?;
        let Some(number) = deleted else {
            return Ok(false);
        };
        Tally::Users.add(&self.sql, tenant, -1).await?;
        super::reports::forget_histories(&self.sql, tenant, id).await?;
        if let Some(number) = number {
            // The extension goes with its number.
            self.release_number(tenant, &number).await?;
            Tally::Extensions.add(&self.sql, tenant, -1).await?;
        }
        Ok(true)
    }

    async fn set_password_hash(&mut self, tenant: TenantId, id: UserId, hash: &str) -> Result<()> {
        let sql = "UPDATE user_details SET password_hash = $3 WHERE tenant_id = $1 AND id = $2";
        exists(self.sql.exec(sql, &[&tenant.get(), &id.get(), &hash]).await?)
    }

    async fn insert_extension(&mut self, extension: &ExtensionRecord) -> Result<()> {
        let (tenant, secrets) = (extension.tenant.get(), &extension.secrets);
        self.claim_number(extension.tenant, &extension.number, NumberKind::Extension)
            .await?;
        self.sql
            .exec(
                "INSERT INTO extensions (tenant_id, id, number, ha1_md5, ha1_sha256, sealed_password) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    &tenant,
                    &extension.id.get(),
                    &extension.number,
                    &secrets.ha1_md5,
                    &secrets.ha1_sha256,
                    &secrets.sealed_password,
                ],
            )
            .await?;
        Tally::Extensions.add(&self.sql, extension.tenant, 1).await
    }

    async fn set_extension_secrets(
        &mut self,
        tenant: TenantId,
        id: ExtensionId,
        secrets: &ExtensionSecrets,
    ) -> Result<()> {
        let changed = self
            .sql
            .exec(
                "UPDATE extensions SET ha1_md5 = $3, ha1_sha256 = $4, sealed_password = $5 \
                 WHERE tenant_id = $1 AND id = $2",
                &[
                    &tenant.get(),
                    &id.get(),
                    &secrets.ha1_md5,
                    &secrets.ha1_sha256,
                    &secrets.sealed_password,
                ],
            )
            .await?;
        exists(changed)
    }

    async fn replace_role(
        &mut self,
        tenant: TenantId,
        old: &str,
        new: &str,
        now: Timestamp,
    ) -> Result<Vec<UserId>> {
        let sql = "UPDATE users SET role = $3, updated_at = $4, version = version + 1 \
                   WHERE tenant_id = $1 AND role = $2 RETURNING id";
        let params = (tenant.get(), now.as_micros());
        let mut ids = self
            .sql
            .all(sql, &[&params.0, &old, &new, &params.1], |row| row.get(0))
            .await?;
        ids.sort_unstable();
        Ok(ids.into_iter().map(UserId::new).collect())
    }
}
