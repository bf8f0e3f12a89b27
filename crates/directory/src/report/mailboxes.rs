//! Reports of voicemail boxes: how many messages lie in each now.

use std::collections::HashMap;

use jackfield_domain::{
    Error, Field, Kind, Mailbox, MessageCounts, Reporter, Result, Rule, TenantId, Thing, UserId,
};
use jackfield_store::ExtensionUser;

use super::{Reported, users_by_number};
use crate::{Directory, work::in_work};

/// A voicemail box as an engine reports it: of whose extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedMailbox {
    /// The number of the extension.
    pub extension_number: String,
    /// What lies in it.
    pub messages: MessageCounts,
}

/// Whose box a report is about, when it may be stored.
fn judge(report: &ReportedMailbox, users: &HashMap<String, ExtensionUser>) -> Result<UserId> {
    let mut found = report.messages.check();
    let user = users.get(&report.extension_number);
    if user.is_none() {
        found.add(Field::ExtensionNumber, Rule::Unknown);
    }
    found.finish()?;
    Ok(user.ok_or(Error::Absent(Thing::User))?.user)
}

impl Directory {
    /// Stores what an engine says of voicemail boxes; of several items about one box the last counts. An item that says what is
    /// known already is [`Reported::Known`]. The id in the answer is that of the user: boxes have none. It is a present state, of
    /// which the journal has no entry.
    ///
    /// An item is refused with [`Error::Invalid`] when it breaks a rule or names an extension that is no user's.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]; then nothing of the batch is stored.
    pub async fn report_mailboxes(
        &self,
        reporter: &Reporter,
        reports: Vec<ReportedMailbox>,
    ) -> Result<Vec<Reported>> {
        let tenant = reporter.tenant();
        in_work!(self, tenant, reporter.caller().actor(), |work| {
            let numbers = reports.iter().map(|one| one.extension_number.as_str());
            let users = users_by_number(work.as_reads(), tenant, numbers).await?;
            let ids: Vec<i64> = users.values().map(|user| user.user.get()).collect();
            let known = work.mailboxes_among(tenant, &ids).await?;
            let mut known: HashMap<UserId, MessageCounts> =
                known.into_iter().map(|one| (one.user, one.messages)).collect();
            let mut outcomes = Vec::with_capacity(reports.len());
            for report in &reports {
                outcomes.push(match judge(report, &users) {
                    Err(refusal) => Reported::Refused(refusal),
                    Ok(user) => match known.insert(user, report.messages) {
                        Some(before) if before == report.messages => Reported::Known(user.get()),
                        before => {
                            let mailbox = Mailbox {
                                tenant,
                                user,
                                messages: report.messages,
                                updated_at: work.now(),
                            };
                            work.put_mailbox(&mailbox).await?;
                            work.announce(Kind::Mailbox, user.get()).await?;
                            match before {
                                Some(_) => Reported::Replaced(user.get()),
                                None => Reported::New(user.get()),
                            }
                        }
                    },
                });
            }
            outcomes
        })
    }

    /// What lies in the voicemail boxes of these users. Whose box nobody reported is left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn mailboxes(
        &self,
        tenant: TenantId,
        users: &[UserId],
    ) -> Result<HashMap<UserId, MessageCounts>> {
        let ids: Vec<i64> = users.iter().map(|user| user.get()).collect();
        let found = self.store().mailboxes_among(tenant, &ids).await?;
        Ok(found.into_iter().map(|one| (one.user, one.messages)).collect())
    }
}
