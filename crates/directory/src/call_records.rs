//! Calls that took place, as their users read and follow them.

use std::collections::HashMap;

use jackfield_domain::{
    CallLeg, CallRecord, CallRecordField, CallRecordId, ChangeType, Comparison, Denial, Error, ExtensionId,
    Filter, Kind, Listing, Literal, Member, Owner, Permitted, Query, RecordCapability, Result, TenantId,
    Thing, Timestamp, capability::ReadCalls,
};
use jackfield_store::History;

use crate::{Changed, Difference, Directory, report::users_by_number, sync::Position};

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

/// Whose records a member may see: the whole tenant's, or his own.
fn visible(member: &Member) -> Result<History> {
    let (tenant, caller) = (member.tenant(), member.caller());
    let user = if caller.permissions.has(ReadCalls::TENANT) {
        None
    } else if caller.permissions.has(ReadCalls::OWN) {
        Some(caller.user.ok_or(Error::Unauthenticated)?)
    } else {
        return Err(Error::Denied(Denial::Permission));
    };
    Ok(History { tenant, user })
}

/// Call records with the extensions that have numbers of theirs now.
#[derive(Debug)]
pub struct CallHistory {
    /// The records of the page, and how many match.
    pub records: Listing<CallRecord>,
    /// The extensions, by number.
    pub extensions: HashMap<String, ExtensionId>,
}

impl Directory {
    /// The call records that a member may see: the whole tenant's, or his own; those that an extension took part in, when one is
    /// named. Nobody's for an extension that is not there.
    ///
    /// # Errors
    /// [`Denial::Permission`] for who may see neither.
    pub async fn call_history(
        &self,
        member: &Member,
        mut query: Query<CallRecordField>,
        of: Option<ExtensionId>,
    ) -> Result<CallHistory> {
        let whose = visible(member)?;
        if let Some(id) = of {
            let extension = self.store().extension(member.tenant(), id).await?;
            let Some(extension) = extension else {
                return Ok(CallHistory {
                    records: Listing {
                        items: Vec::new(),
                        total: 0,
                    },
                    extensions: HashMap::new(),
                });
            };
            let side = |field| {
                let number = Literal::Text(extension.number.clone());
                Box::new(Filter::Compare(field, Comparison::Equal, number))
            };
            let either = Filter::Or(side(CallRecordField::Caller), side(CallRecordField::Callee));
            query.filter = Some(match query.filter {
                Some(filter) => Filter::And(Box::new(filter), Box::new(either)),
                None => either,
            });
        }
        let records = self.store().list_call_records(whose, &query).await?;
        let extensions = self.extensions_of(member.tenant(), &records.items).await?;
        Ok(CallHistory { records, extensions })
    }

    /// One of them.
    ///
    /// # Errors
    /// `Absent(CallRecord)`, for those that he may not see too; [`Denial::Permission`] for who may see none.
    pub async fn call_of_history(&self, member: &Member, id: CallRecordId) -> Result<CallHistory> {
        let record = self.store().call_record(visible(member)?, id.get()).await?;
        let items = vec![record.ok_or(Error::Absent(Thing::CallRecord))?];
        let extensions = self.extensions_of(member.tenant(), &items).await?;
        let records = Listing { items, total: 1 };
        Ok(CallHistory { records, extensions })
    }

    async fn extensions_of(
        &self,
        tenant: TenantId,
        records: &[CallRecord],
    ) -> Result<HashMap<String, ExtensionId>> {
        let sides = records
            .iter()
            .flat_map(|record| [&record.call.caller, &record.call.callee]);
        let numbers = sides.map(String::as_str).filter(|number| !number.is_empty());
        let found = users_by_number(self.store().as_reads(), tenant, numbers).await?;
        Ok(found
            .into_iter()
            .map(|(number, user)| (number, user.extension))
            .collect())
    }

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
        let tenant = member.tenant();
        let record = self.store().call_record(visible(member)?, id.get()).await?;
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
