//! Calls that took place, as their users read and follow them.

use jackfield_domain::{
    CallLeg, CallRecord, CallRecordField, CallRecordId, ChangeType, Denial, Error, Kind, Listing, Member,
    Owner, Permitted, Query, RecordCapability, Result, Thing, Timestamp, capability::ReadCalls,
};
use jackfield_store::History;

use crate::{Changed, Difference, Directory, sync::Position};

/// Call records that one difference names at most: a token with an early date may stand for years of calls, and the next
/// question continues where this one ended.
const MOST: i64 = 10_000;

/// Whose records an owner's are.
pub(crate) fn history(owner: &Owner) -> History {
    History {
        tenant: owner.tenant(),
        user: Some(owner.user()),
    }
}

impl Directory {
    /// Call records of a user, who called or was called; without an order, the latest reported first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn list_call_records(
        &self,
        owner: &Permitted<ReadCalls>,
        query: &Query<CallRecordField>,
    ) -> Result<Listing<CallRecord>> {
        Ok(self.store().list_call_records(history(owner), query).await?)
    }

    /// A call record of a user.
    ///
    /// # Errors
    /// `Absent(CallRecord)`, for those of others too.
    pub async fn call_record(&self, owner: &Permitted<ReadCalls>, id: i64) -> Result<CallRecord> {
        let record = self.store().call_record(history(owner), id).await?;
        record.ok_or(Error::Absent(Thing::CallRecord))
    }

    /// Whom a call was for, in the order in which they were asked: of any record of the tenant for who may see them all, else of
    /// one's own. A record that an engine reported has none.
    ///
    /// # Errors
    /// `Absent(CallRecord)`; [`Denial::Permission`] for who may see neither.
    pub async fn call_legs(&self, member: &Member, id: CallRecordId) -> Result<Vec<CallLeg>> {
        let (tenant, caller) = (member.tenant(), member.caller());
        let user = if caller.permissions.has(ReadCalls::TENANT) {
            None
        } else if caller.permissions.has(ReadCalls::OWN) {
            Some(caller.user.ok_or(Error::Unauthenticated)?)
        } else {
            return Err(Error::Denied(Denial::Permission));
        };
        let record = self
            .store()
            .call_record(History { tenant, user }, id.get())
            .await?;
        let record = record.ok_or(Error::Absent(Thing::CallRecord))?;
        Ok(self.store().call_legs(tenant, record.id).await?)
    }

    /// A token for following a user's call records: from now on, or, with a date, all that started at that moment or after it,
    /// those that are known already included.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for the program itself, which follows nothing.
    pub async fn follow_call_records(
        &self,
        owner: &Permitted<ReadCalls>,
        since: Option<Timestamp>,
    ) -> Result<String> {
        let sequence = match since {
            None => self.store().last_call_record(history(owner)).await?,
            Some(_) => 0,
        };
        self.position_token(&position(owner, sequence, since)?)
    }

    /// The call records that a follower has not heard of, each once. Records never change, so each of them is new; and they
    /// are numbered in the order of their commits, so one question finds them all, and no transaction is needed.
    ///
    /// # Errors
    /// `Spent(SyncToken)`, as of [`changed_items`](Self::changed_items).
    pub async fn changed_call_records(
        &self,
        owner: &Permitted<ReadCalls>,
        token: &str,
    ) -> Result<Difference<CallRecord>> {
        let bearer = owner.caller().user.ok_or(Error::Unauthenticated)?;
        let from = self.position(token, owner.tenant(), bearer, Kind::CallRecord)?;
        let of = history(owner);
        let found = self
            .store()
            .call_records_after(of, from.sequence, from.since, MOST)
            .await?;
        let Some((reached, _)) = found.last() else {
            // The database was restored from before the token: what happened since then, nobody knows.
            if self.store().last_call_record(of).await? < from.sequence {
                return Err(Error::Spent(Thing::SyncToken));
            }
            return Ok(Difference::nothing(token));
        };
        let token = self.position_token(&position(owner, *reached, from.since)?)?;
        let changed = found.into_iter().map(|(_, record)| Changed {
            id: record.id.get(),
            change: ChangeType::Created,
            now: Some(record),
        });
        Ok(Difference {
            token,
            changed: changed.collect(),
        })
    }
}

/// How far a user's records were read.
fn position(owner: &Owner, sequence: i64, since: Option<Timestamp>) -> Result<Position> {
    Ok(Position {
        tenant: owner.tenant(),
        bearer: owner.caller().user.ok_or(Error::Unauthenticated)?,
        kind: Kind::CallRecord,
        sequence,
        marks: 0,
        since,
    })
}
