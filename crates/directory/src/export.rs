//! Giving users out, for moving them elsewhere.

use jackfield_domain::{Grant, Result, User, UserId, UserSettings, VoicemailPin, capability::ManageUsers};
use jackfield_store::decode_user_settings;

use crate::{Directory, policy};

/// A user with everything that another installation needs to have him too.
#[derive(Debug, Clone)]
pub struct ExportedUser {
    /// The user.
    pub user: User,
    /// His settings.
    pub settings: UserSettings,
    /// His secrets, if they were asked for.
    pub secrets: Option<ExportedSecrets>,
}

/// The secrets of a user. Their [`Debug`](std::fmt::Debug) output shows nothing of them.
#[derive(Clone)]
pub struct ExportedSecrets {
    /// The PHC string of his password. The password itself is not known.
    pub password_hash: Option<String>,
    /// The password of his SIP devices, in clear.
    pub extension_password: Option<String>,
    /// His voicemail PIN.
    pub voicemail_pin: Option<VoicemailPin>,
}

impl std::fmt::Debug for ExportedSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExportedSecrets(…)")
    }
}

impl Directory {
    /// Users of a tenant with ids above `after`, in the order of their ids, at most `limit`. Secrets of users whose role
    /// exceeds the caller's own are left out.
    ///
    /// # Errors
    /// [`Error::Internal`](jackfield_domain::Error::Internal) when a sealed secret does not open.
    pub async fn export_users(
        &self,
        grant: &Grant<ManageUsers>,
        after: Option<UserId>,
        limit: i64,
        with_secrets: bool,
    ) -> Result<Vec<ExportedUser>> {
        let users = self
            .store()
            .users_after(grant.tenant(), after.map_or(0, UserId::get), limit)
            .await?;
        let mut exported = Vec::with_capacity(users.len());
        for user in users {
            let settings = decode_user_settings(user.settings.as_str())?;
            let open = with_secrets
                && policy::may_control(self.store().as_reads(), grant.caller(), &user)
                    .await
                    .is_ok();
            let secrets = if open {
                Some(ExportedSecrets {
                    password_hash: self.store().password_hash(user.tenant, user.id).await?,
                    extension_password: match user.extension {
                        Some(_) => Some(self.extension_password(&user).await?),
                        None => None,
                    },
                    voicemail_pin: self.user_pin(&user)?,
                })
            } else {
                None
            };
            exported.push(ExportedUser {
                user,
                settings,
                secrets,
            });
        }
        Ok(exported)
    }
}
