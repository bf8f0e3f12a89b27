//! Programs of others that act for users: made, listed, revoked, and recognised by their secret.

use jackfield_domain::{
    Application, ApplicationId, ChangeType, Denial, Error, Grant, Kind, NewApplication, Result, Thing, User,
    capability::ManageCompany, limits, text::fold,
};
use jackfield_store::Sequence;
use subtle::ConstantTimeEq as _;

use crate::{
    Directory, policy,
    secrets::{new_file_name, new_token, token_hash},
    work::{Work, in_work},
};

/// A program that was just made. Its [`Debug`](std::fmt::Debug) output shows nothing of the secret.
pub struct CreatedApplication {
    /// The program.
    pub application: Application,
    /// Its secret. It is not kept: whoever loses it makes another program.
    pub secret: String,
}

impl std::fmt::Debug for CreatedApplication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedApplication")
            .field("application", &self.application)
            .finish_non_exhaustive()
    }
}

/// Proof that a program showed its secret. What gives tokens takes one.
#[derive(Debug, Clone)]
pub struct ProvenApplication(pub(crate) Application);

impl ProvenApplication {
    /// The program.
    pub fn application(&self) -> &Application {
        &self.0
    }
}

impl Directory {
    /// Makes a program that acts for the users of a tenant: a trusted one for the user of this name, whom it acts as.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(User)`; `Full(Application, …)`; [`Denial::Escalation`] for a user whose role exceeds the
    /// caller's own.
    pub async fn create_application(
        &self,
        grant: &Grant<ManageCompany>,
        owner: &str,
        new: NewApplication,
    ) -> Result<CreatedApplication> {
        new.check().finish()?;
        let tenant = grant.tenant();
        let (client_id, secret) = (new_file_name(self.entropy()), new_token(self.entropy()));
        let application = in_work!(self, tenant, grant.caller().actor(), |work| {
            let owner = work
                .user_by_name(tenant, &fold(owner))
                .await?
                .ok_or(Error::Absent(Thing::User))?;
            policy::may_control(work.as_reads(), grant.caller(), &owner).await?;
            if work.applications(tenant).await?.len() >= limits::APPLICATIONS {
                return Err(Error::Full(Thing::Application, limits::APPLICATIONS as u64));
            }
            let application = Application {
                tenant,
                id: ApplicationId::new(work.next_id(Sequence::Application).await?),
                client_id: client_id.clone(),
                name: new.name.clone(),
                kind: new.kind,
                access: new.access,
                owner: owner.id,
                redirect_uris: new.redirect_uris.clone(),
                created_at: work.now(),
            };
            work.insert_application(&application, &token_hash(&secret))
                .await?;
            work.journal(Kind::Application, application.id.get(), ChangeType::Created)
                .await?;
            application
        })?;
        Ok(CreatedApplication { application, secret })
    }

    /// The programs of a tenant, in the order in which they were made.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_applications(&self, grant: &Grant<ManageCompany>) -> Result<Vec<Application>> {
        Ok(self.store().applications(grant.tenant()).await?)
    }

    /// Revokes a program, named by what it is known by outside: from the commit on its tokens open nothing.
    ///
    /// # Errors
    /// `Absent(Application)`.
    pub async fn destroy_application(&self, grant: &Grant<ManageCompany>, client_id: &str) -> Result<()> {
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let id = work
                .applications(grant.tenant())
                .await?
                .into_iter()
                .find(|application| application.client_id == client_id)
                .ok_or(Error::Absent(Thing::Application))?
                .id;
            work.delete_application(grant.tenant(), id).await?;
            work.journal(Kind::Application, id.get(), ChangeType::Deleted)
                .await?;
        })
    }

    /// Journals the end of the programs that were made for a user: they go with him.
    pub(crate) async fn leave_applications(&self, work: &mut Work, user: &User) -> Result<()> {
        let all = work.applications(user.tenant).await?;
        for application in all.iter().filter(|application| application.owner == user.id) {
            work.journal(Kind::Application, application.id.get(), ChangeType::Deleted)
                .await?;
        }
        Ok(())
    }

    /// The program that is known by this id, for a page that asks a user about it. Whoever knows the id learns its name.
    ///
    /// # Errors
    /// `Absent(Application)`, also when its tenant is disabled.
    pub async fn application(&self, client_id: &str) -> Result<Application> {
        let found = self.store().application_by_client_id(client_id).await?;
        let (application, _) = found.ok_or(Error::Absent(Thing::Application))?;
        if self.known_tenant(application.tenant).await?.enabled {
            Ok(application)
        } else {
            Err(Error::Absent(Thing::Application))
        }
    }

    /// Recognises a program by its secret.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an unknown program and for a wrong secret alike; [`Denial::TenantDisabled`].
    pub async fn prove_application(&self, client_id: &str, secret: &str) -> Result<ProvenApplication> {
        let found = self.store().application_by_client_id(client_id).await?;
        let (application, hash) = found.ok_or(Error::Unauthenticated)?;
        if !bool::from(token_hash(secret).ct_eq(&hash)) {
            return Err(Error::Unauthenticated);
        }
        if !self.known_tenant(application.tenant).await?.enabled {
            return Err(Error::Denied(Denial::TenantDisabled));
        }
        Ok(ProvenApplication(application))
    }
}
