//! Users who are kept free for one call or chat that is about to reach them.

use jackfield_domain::{
    Field, Owner, RESERVATION, Readiness, Reservation, Result, UserPresence, Violations, limits,
};

use crate::{Directory, policy, report::live_calls::silent_since, work::in_work};

impl Directory {
    /// Reserves a user for a call or chat. It holds for [`RESERVATION`], or until the telephone system reports a call that
    /// reaches him. Of two at once one wins: a tenant's changes are serialised, and this is judged in its turn.
    ///
    /// # Errors
    /// [`Error::Invalid`](jackfield_domain::Error::Invalid); `Absent(User)`; as of [`Readiness::judge`].
    pub async fn reserve(&self, owner: &Owner, channel: Option<i64>) -> Result<Reservation> {
        let mut found = Violations::new();
        if let Some(channel) = channel
            && !limits::CHANNEL.contains(&channel)
        {
            let (first, last) = limits::CHANNEL.into_inner();
            found.add(Field::Channel, jackfield_domain::Rule::OutOfRange(first, last));
        }
        found.finish()?;
        let (tenant, id) = (owner.tenant(), owner.user());
        in_work!(self, tenant, owner.caller().actor(), |work| {
            let now = work.now();
            let user = policy::existing_user(work.as_reads(), tenant, id).await?;
            let said = work.presence(tenant, id).await?;
            let said = said.unwrap_or_else(|| UserPresence::unsaid(tenant, id, user.created_at));
            let calls = work.live_calls(tenant, Some(id), silent_since(now)).await?;
            let present = work.reservation(tenant, id).await?;
            let ready = Readiness {
                enabled: user.enabled,
                presence: said.presence,
                dnd: user.dnd,
                in_call: calls.iter().any(|call| call.is_current(now)),
                reserved: present.is_some_and(|present| present.holds(now)),
            };
            ready.judge()?;
            let reservation = Reservation {
                tenant,
                user: id,
                channel,
                ends_at: now.plus(RESERVATION),
            };
            work.put_reservation(&reservation).await?;
            reservation
        })
    }

    /// The reservation of a user that holds now.
    ///
    /// # Errors
    /// [`Error::Unavailable`](jackfield_domain::Error::Unavailable), [`Error::Internal`](jackfield_domain::Error::Internal).
    pub async fn reservation(&self, owner: &Owner) -> Result<Option<Reservation>> {
        let found = self.store().reservation(owner.tenant(), owner.user()).await?;
        let now = self.now();
        Ok(found.filter(|reservation| reservation.holds(now)))
    }
}
