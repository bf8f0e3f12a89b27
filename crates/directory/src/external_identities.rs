//! Who users are in the directory outside that their tenant is bound to.

use jackfield_domain::{
    Error, Field, Grant, Result, Rule, Thing, UserId, Violations, capability::ManageUsers, limits,
};

use crate::{Directory, policy, work::in_work};

impl Directory {
    /// Binds a user to his identity in the directory that the tenant is bound to: an object id or a principal name.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(User)`.
    pub async fn bind_external_identity(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        identity: &str,
    ) -> Result<()> {
        let mut found = Violations::new();
        let length = identity.chars().count();
        if length == 0 {
            found.add(Field::ExternalIdentity, Rule::Required);
        } else if length > limits::EXTERNAL_IDENTITY {
            found.add(Field::ExternalIdentity, Rule::TooLong(limits::EXTERNAL_IDENTITY));
        } else if identity.chars().any(|c| c.is_control() || c.is_whitespace()) {
            found.add(
                Field::ExternalIdentity,
                Rule::Form("an object id or a principal name like name@example.com"),
            );
        }
        found.finish()?;
        self.set_external_identity(grant, id, Some(identity)).await
    }

    /// Ends that binding.
    ///
    /// # Errors
    /// `Absent(User)`; `Absent(Binding)` when there is none.
    pub async fn unbind_external_identity(&self, grant: &Grant<ManageUsers>, id: UserId) -> Result<()> {
        self.set_external_identity(grant, id, None).await
    }

    async fn set_external_identity(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        identity: Option<&str>,
    ) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), grant.tenant(), id).await?;
            policy::may_control(work.as_reads(), grant.caller(), &user).await?;
            if identity.is_none() && user.external_identity.is_none() {
                return Err(Error::Absent(Thing::Binding));
            }
            if user.external_identity.as_deref() != identity {
                user.external_identity = identity.map(str::to_owned);
                self.store_changed(&mut work, &mut user, None).await?;
            }
        })
    }
}
