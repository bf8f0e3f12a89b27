//! Reports of calls that took place.

use jackfield_domain::{
    CallLeg, CallRecord, CallRecordId, Kind, NewCallRecord, Reporter, Result, Violations,
};
use jackfield_store::{ReportKind, Sequence};

use super::{Batch, Report, Reported, Users, store_batch};
use crate::{Directory, work::in_work};

impl Report for CallRecord {
    type New = NewCallRecord;

    const KIND: ReportKind = ReportKind::CallRecord;
    const SEQUENCE: Sequence = Sequence::CallRecord;

    fn check(new: &NewCallRecord) -> Violations {
        new.check()
    }

    fn external_id(&self) -> &str {
        &self.call.external_id
    }

    fn set_id(&mut self, id: i64) {
        self.id = CallRecordId::new(id);
    }

    fn numbers(&self) -> impl Iterator<Item = &str> {
        [self.call.caller.as_str(), &self.call.callee].into_iter()
    }

    fn set_users(&mut self, known: &Users) {
        self.caller_user = known.numbered(&self.call.caller);
        self.callee_user = known.numbered(&self.call.callee);
    }
}

impl Directory {
    /// Stores calls that took place. All of the batch that is new is on disk when this returns, in one commit; an item with
    /// an external id that the tenant has already is `Known`, also when the other one is of the same batch. A call is that of
    /// the users whose extensions have its numbers at that moment.
    ///
    /// # Errors
    /// Only when the store fails; then nothing of the batch is stored, and it may be sent again.
    pub async fn report_call_records(
        &self,
        reporter: &Reporter,
        calls: Vec<NewCallRecord>,
    ) -> Result<Vec<Reported>> {
        let batch = self.batch(reporter, calls);
        store_batch!(self, reporter, batch, insert_call_records)
    }

    /// Stores a call that took place together with its legs and takes its entry from those that are going on, in one commit; a
    /// call that the tenant has already stays as it is.
    ///
    /// # Errors
    /// As of [`report_call_records`](Self::report_call_records).
    pub async fn report_call(
        &self,
        reporter: &Reporter,
        call: NewCallRecord,
        legs: &[CallLeg],
    ) -> Result<Vec<Reported>> {
        let tenant = reporter.tenant();
        let mut batch = self.batch(reporter, vec![call]);
        let outcome = in_work!(self, tenant, reporter.caller().actor(), |work| {
            let outcome = batch.prepare(&mut work).await?;
            let ended: Vec<&str> = batch.items.iter().map(|(_, call)| call.external_id()).collect();
            work.end_live_calls(tenant, &ended).await?;
            work.announce(Kind::LiveCalls, 0).await?;
            let fresh = batch.fresh(&outcome);
            work.insert_call_records(&fresh).await?;
            for record in fresh {
                work.insert_call_legs(tenant, record.id, legs).await?;
            }
            outcome
        })?;
        Ok(batch.told(&outcome))
    }

    fn batch(&self, reporter: &Reporter, calls: Vec<NewCallRecord>) -> Batch<CallRecord> {
        let (tenant, created_at) = (reporter.tenant(), self.now());
        Batch::judge(calls, |call| CallRecord {
            tenant,
            id: CallRecordId::new(0),
            caller_user: None,
            callee_user: None,
            call,
            created_at,
        })
    }
}
