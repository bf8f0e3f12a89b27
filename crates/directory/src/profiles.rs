//! Users with what belongs to them beside their own record: for doors whose body names all of it at once.

use jackfield_domain::{
    DeskLocale, Error, Field, Grant, GroupId, Patch, PersonNamePatch, Result, Rule, TenantId, Thing, UserId,
    UserPatch, Violations, capability::ManageUsers, check_user_name, limits, text::fold,
};

use crate::{
    Directory,
    desks::change_locale,
    placements::put_into,
    policy,
    welcome::Welcome,
    work::{Work, in_work},
};

/// What a new user gets in the transaction that makes him.
#[derive(Debug, Clone, Default)]
pub struct Belongings {
    /// The groups that he is in.
    pub groups: Vec<GroupId>,
    /// The language and the form of dates of his desk.
    pub locale: DeskLocale,
    /// Who gets a mail with a link to choose his password, if anybody does.
    pub welcome: Option<WelcomeTo>,
}

/// Who is told how a new user gets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WelcomeTo {
    /// He himself.
    User,
    /// Who makes him.
    Maker,
    /// Whoever has this address.
    Address(String),
}

/// A change to a user and to what belongs to him: all of it or nothing.
#[derive(Debug, Clone, Default)]
pub struct ProfilePatch {
    /// The name that he signs in with.
    pub name: Patch<String>,
    /// His first and last name.
    pub person: PersonNamePatch,
    /// His address.
    pub email: Patch<String>,
    /// His mobile number.
    pub mobile_phone: Patch<String>,
    /// All of his groups from now on.
    pub groups: Patch<Vec<GroupId>>,
    /// The language and the form of dates of his desk.
    pub locale: DeskLocale,
}

impl Belongings {
    /// Every rule that they break.
    pub(crate) fn check(&self) -> Violations {
        let mut found = self.locale.check();
        check_groups(&mut found, &self.groups);
        found
    }
}

impl ProfilePatch {
    /// Every rule that the change breaks by itself.
    pub fn check(&self, tenant: TenantId) -> Violations {
        let mut found = self.of_record().check();
        if let Patch::Set(name) = &self.name {
            check_user_name(&mut found, name, tenant);
        }
        if let Patch::Set(groups) = &self.groups {
            check_groups(&mut found, groups);
        }
        found.merge(self.locale.check());
        found
    }

    /// What of it is a change to the record itself and can be said without knowing the record.
    fn of_record(&self) -> UserPatch {
        UserPatch {
            email: self.email.clone(),
            mobile_phone: self.mobile_phone.clone(),
            ..UserPatch::default()
        }
    }
}

fn check_groups(found: &mut Violations, groups: &[GroupId]) {
    if groups.len() > limits::GROUPS_OF_USER {
        found.add(Field::Groups, Rule::TooMany(limits::GROUPS_OF_USER));
    }
}

impl Directory {
    /// Changes a user and what belongs to him. What is not mentioned stays; what is as it was leaves no trace.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(User)`; `Absent(Group)`; `Taken(User, Name)`, `Taken(User, Email)`; [`Error::Denied`]
    /// when the user's role exceeds the caller's.
    pub async fn update_profile(
        &self,
        grant: &Grant<ManageUsers>,
        id: UserId,
        patch: ProfilePatch,
    ) -> Result<()> {
        let tenant = grant.tenant();
        patch.check(tenant).finish()?;
        let mut change = patch.of_record();
        let owner = grant.caller().owner_of(id)?;
        in_work!(self, tenant, grant.caller().actor(), |work| {
            let mut user = policy::existing_user(work.as_reads(), tenant, id).await?;
            policy::may_control(work.as_reads(), grant.caller(), &user).await?;
            change.display_name = patch.person.clone().over(&user.display_name);
            change.check().finish()?;
            let renamed = patch.name.clone().apply(&mut user.name);
            let stored = self.change_user(&mut work, &owner, &mut user, &change).await?;
            if renamed && !stored {
                self.store_changed(&mut work, &mut user, None).await?;
            }
            if let Patch::Set(groups) = &patch.groups {
                put_into(&mut work, id, groups).await?;
            }
            change_locale(&mut work, id, &patch.locale).await?;
        })
    }

    /// The user of this name, in whatever case it is written.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn user_named(&self, grant: &Grant<ManageUsers>, name: &str) -> Result<UserId> {
        let user = self.store().user_by_name(grant.tenant(), &fold(name)).await?;
        user.map(|user| user.id).ok_or(Error::Absent(Thing::User))
    }

    /// The user of this address, in whatever case it is written.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn user_with_address(&self, grant: &Grant<ManageUsers>, address: &str) -> Result<UserId> {
        // At most one of each tenant.
        let everywhere = self.store().users_by_email(&fold(address), i64::MAX).await?;
        let user = everywhere.into_iter().find(|user| user.tenant == grant.tenant());
        user.map(|user| user.id).ok_or(Error::Absent(Thing::User))
    }

    /// Gives a new user what belongs to him. Gives the mail that welcomes him, to this address and to be sent after the commit.
    pub(crate) async fn settle_in(
        &self,
        work: &mut Work,
        id: UserId,
        belongings: &Belongings,
        told: Option<&str>,
    ) -> Result<Option<Welcome>> {
        put_into(work, id, &belongings.groups).await?;
        change_locale(work, id, &belongings.locale).await?;
        let Some(told) = told else {
            return Ok(None);
        };
        let user = policy::existing_user(work.as_reads(), work.scope(), id).await?;
        let tenant = work.tenant(work.scope()).await?;
        let tenant = tenant.ok_or(Error::Absent(Thing::Tenant))?;
        self.welcome(work, &user, &tenant, told).await.map(Some)
    }
}
