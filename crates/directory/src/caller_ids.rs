//! Caller ids belong to trunks. A list that names a trunk which the tenant does not have is refused, and a trunk that is named
//! stays: whoever keeps such a list notes in the same unit of work to which trunks it refers.

use jackfield_domain::{Field, Kind, OutboundCallerId, ProviderId, Result, Rule, TenantId, Violations};
use jackfield_store::Reads;

use crate::work::Work;

/// The trunks that a list names.
pub(crate) fn providers(list: &[OutboundCallerId]) -> impl Iterator<Item = ProviderId> {
    list.iter().map(|entry| entry.provider)
}

/// Notes every entry of a list whose trunk is not among the known ones, which are in order.
pub(crate) fn judge_among(known: &[ProviderId], list: &[OutboundCallerId], found: &mut Violations) {
    for (index, entry) in list.iter().enumerate() {
        if known.binary_search(&entry.provider).is_err() {
            found.add_at(
                Field::OutboundCallerIds,
                format!("[{index}].provider_id"),
                Rule::Unknown,
            );
        }
    }
}

/// Notes every entry of a list whose trunk the tenant does not have.
pub(crate) async fn judge(
    reads: &dyn Reads,
    tenant: TenantId,
    list: &[OutboundCallerId],
    found: &mut Violations,
) -> Result<()> {
    if !list.is_empty() {
        let named: Vec<ProviderId> = providers(list).collect();
        let known = reads.providers_among(tenant, &named).await?;
        judge_among(&known, list, found);
    }
    Ok(())
}

/// Judges the list of a record and notes to which trunks it refers from now on.
///
/// # Errors
/// [`Error::Invalid`](jackfield_domain::Error::Invalid) for trunks that the tenant does not have.
pub(crate) async fn refer(work: &mut Work, kind: Kind, record: i64, list: &[OutboundCallerId]) -> Result<()> {
    let (tenant, mut found) = (work.scope(), Violations::new());
    judge(work.as_reads(), tenant, list, &mut found).await?;
    found.finish()?;
    let named: Vec<ProviderId> = providers(list).collect();
    Ok(work.set_providers_of(tenant, kind, record, &named).await?)
}
