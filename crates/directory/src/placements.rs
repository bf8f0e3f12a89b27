//! Where users work and which groups they are in, changed for many at once.

use jackfield_domain::{
    ChangeType, Error, Grant, Group, GroupId, Kind, Owner, Patch, Result, Thing, User, UserId, UserPlacement,
    capability::ManageUsers,
};

use crate::{
    Directory,
    groups::membership,
    policy,
    work::{Work, in_work},
};

impl Directory {
    /// Gives each of these users his site and his groups: all of them or, when one cannot be, none. Gives the users back as
    /// they are then, in the order in which they were named. What stays as it is leaves no trace.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(User)`, `Absent(Group)` for one that is unknown or of another tenant.
    pub async fn place_users(
        &self,
        grant: &Grant<ManageUsers>,
        placements: &[UserPlacement],
    ) -> Result<Vec<User>> {
        UserPlacement::check(placements).finish()?;
        in_work!(self, grant.tenant(), grant.caller().actor(), |work| {
            let mut users = Vec::with_capacity(placements.len());
            for placement in placements {
                let mut user = policy::existing_user(work.as_reads(), grant.tenant(), placement.user).await?;
                if placement.location.clone().apply(&mut user.location) {
                    self.store_changed(&mut work, &mut user, None).await?;
                }
                if let Patch::Set(groups) = &placement.groups {
                    put_into(&mut work, user.id, groups).await?;
                }
                users.push(user);
            }
            users
        })
    }

    /// The groups that a user is in, by their ids.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn groups_of(&self, owner: &Owner) -> Result<Vec<Group>> {
        policy::existing_user(self.store().as_reads(), owner.tenant(), owner.user()).await?;
        Ok(self.store().groups_of_user(owner.tenant(), owner.user()).await?)
    }

    /// Each membership of these users in a group, by user and group.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn groups_of_users(
        &self,
        grant: &Grant<ManageUsers>,
        users: &[UserId],
    ) -> Result<Vec<(UserId, Group)>> {
        let ids: Vec<i64> = users.iter().map(|user| user.get()).collect();
        Ok(self.store().groups_of_users(grant.tenant(), &ids).await?)
    }
}

/// Makes these groups the user's, and no others.
pub(crate) async fn put_into(work: &mut Work, user: UserId, groups: &[GroupId]) -> Result<()> {
    let tenant = work.scope();
    let present: Vec<GroupId> = work
        .groups_of_user(tenant, user)
        .await?
        .into_iter()
        .map(|group| group.id)
        .collect();
    for group in present.iter().filter(|group| !groups.contains(group)) {
        work.remove_group_member(tenant, *group, user).await?;
        let detail = Some(membership("removed", user));
        work.journal_with(Kind::Group, group.get(), ChangeType::Updated, detail)
            .await?;
    }
    for group in groups {
        if work.group(tenant, *group).await?.is_none() {
            return Err(Error::Absent(Thing::Group));
        }
        if work.add_group_member(tenant, *group, user).await? {
            let detail = Some(membership("added", user));
            work.journal_with(Kind::Group, group.get(), ChangeType::Updated, detail)
                .await?;
        }
    }
    Ok(())
}
