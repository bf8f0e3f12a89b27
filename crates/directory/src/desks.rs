//! The desks of users: how each is set up to answer calls, chats and tickets, and what is sent to the consoles on them.

use jackfield_domain::{
    ChangeType, DeskChange, DeskLocale, DeskSettings, Field, Kind, Owner, Result, Rule, UserId, Violations,
    limits,
};

use crate::{
    Directory,
    events::TabRefresh,
    policy,
    work::{Work, in_work},
};

impl Directory {
    /// The settings of a user's desk.
    ///
    /// # Errors
    /// `Absent(User)`.
    pub async fn desk(&self, owner: &Owner) -> Result<DeskSettings> {
        let (tenant, id) = (owner.tenant(), owner.user());
        policy::existing_user(self.store().as_reads(), tenant, id).await?;
        Ok(self.store().desk(tenant, id).await?.unwrap_or_default())
    }

    /// Changes one setting of a user's desk. A change to the present value leaves no trace.
    ///
    /// # Errors
    /// [`Error::Invalid`](jackfield_domain::Error::Invalid); `Absent(User)`; as of [`DeskSettings::apply`].
    pub async fn change_desk(&self, owner: &Owner, change: DeskChange) -> Result<()> {
        change.check().finish()?;
        let (tenant, id) = (owner.tenant(), owner.user());
        in_work!(self, tenant, owner.caller().actor(), |work| {
            policy::existing_user(work.as_reads(), tenant, id).await?;
            let mut desk = work.desk(tenant, id).await?.unwrap_or_default();
            if desk.apply(change.clone())? {
                put(&mut work, id, &desk).await?;
            }
        })
    }

    /// Asks the consoles that a user has open to show a tab anew. Those that follow [`Directory::tab_refreshes`] of this
    /// process hear of it; nothing is kept for those that do not.
    ///
    /// # Errors
    /// [`Error::Invalid`](jackfield_domain::Error::Invalid); `Absent(User)`.
    pub async fn refresh_tab(&self, owner: &Owner, tab: &str) -> Result<()> {
        let mut found = Violations::new();
        if !limits::TAB_NAME.contains(&tab.chars().count())
            || !tab.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            found.add(Field::Tab, Rule::Form("1 to 64 letters, digits and _"));
        }
        found.finish()?;
        policy::existing_user(self.store().as_reads(), owner.tenant(), owner.user()).await?;
        // Nobody listening is no failure.
        let _ = self.inner.tab_refreshes.send(TabRefresh {
            tenant: owner.tenant(),
            user: owner.user(),
            tab: tab.to_owned(),
        });
        Ok(())
    }
}

/// Changes language and form of dates, inside of a unit of work that changes more of the user.
pub(crate) async fn change_locale(work: &mut Work, user: UserId, locale: &DeskLocale) -> Result<()> {
    let mut desk = work.desk(work.scope(), user).await?.unwrap_or_default();
    if locale.clone().apply(&mut desk) {
        put(work, user, &desk).await?;
    }
    Ok(())
}

async fn put(work: &mut Work, user: UserId, desk: &DeskSettings) -> Result<()> {
    let tenant = work.scope();
    work.put_desk(tenant, user, desk).await?;
    work.journal(Kind::Desk, user.get(), ChangeType::Updated).await
}
