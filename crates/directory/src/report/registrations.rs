//! Reports of SIP devices that were bound, renewed or unbound.

use std::collections::{HashMap, hash_map::Entry};

use jackfield_domain::{
    Error, Field, Kind, NewRegistration, Registration, Reporter, Result, Rule, Thing, Timestamp, UserId,
    Violation, limits,
};
use jackfield_store::ExtensionUser;

use super::{Reported, users_by_number};
use crate::{
    Directory,
    work::{Work, in_work},
};

/// A binding as an engine reports it: of whose extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRegistration {
    /// The number of the extension.
    pub extension_number: String,
    /// What binds it, or no longer does when its end has come.
    pub binding: NewRegistration,
}

/// The devices of the users that a batch speaks of, as they are while it is carried out.
#[derive(Default)]
struct Bound(HashMap<UserId, Devices>);

/// The instance ids of a user's devices, and whether an edge of ours keeps each.
type Devices = HashMap<String, bool>;

impl Bound {
    /// What is bound to a user.
    async fn of(&mut self, work: &Work, user: UserId) -> Result<&mut Devices> {
        Ok(match self.0.entry(user) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let bound = work.registrations(work.scope(), user, work.now()).await?;
                let bound = bound.into_iter();
                unknown.insert(
                    bound
                        .map(|one| (one.binding.instance_id, one.route.is_some()))
                        .collect(),
                )
            }
        })
    }
}

/// The user that a report is about, when it may be stored.
fn judge<'a>(
    report: &ReportedRegistration,
    users: &'a HashMap<String, ExtensionUser>,
    now: Timestamp,
) -> Result<&'a ExtensionUser> {
    let mut found = report.binding.check(now);
    let user = users.get(&report.extension_number);
    if user.is_none() {
        found.add(Field::ExtensionNumber, Rule::Unknown);
    }
    found.finish()?;
    let user = user.ok_or(Error::Absent(Thing::User))?;
    if user.enabled || report.binding.ends(now) {
        Ok(user)
    } else {
        let rule = Rule::Other("belongs to a user who is disabled".into());
        Err(Error::invalid(Violation::new(Field::ExtensionNumber, rule)))
    }
}

impl Directory {
    /// Stores what an engine says of SIP devices, in the order in which it says it. A report with the instance id of another
    /// one renews it and one whose end has come removes it, both [`Reported::Replaced`]; [`Reported::Known`] says that there
    /// was nothing to remove. The id in the answer is that of the user: registrations have none. Nothing of this is in the
    /// journal: they are no records of the directory, and there is one every few minutes for each phone.
    ///
    /// An item is refused with [`Error::Invalid`] when it breaks a rule, names an extension that is no user's or one of a
    /// disabled user, and with [`Error::Full`] when so many devices of the user are bound already.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`]; then nothing of the batch is stored.
    pub async fn report_registrations(
        &self,
        reporter: &Reporter,
        reports: Vec<ReportedRegistration>,
    ) -> Result<Vec<Reported>> {
        let tenant = reporter.tenant();
        in_work!(self, tenant, reporter.caller().actor(), |work| {
            let numbers = reports.iter().map(|one| one.extension_number.as_str());
            let users = users_by_number(work.as_reads(), tenant, numbers).await?;
            let mut bound = Bound::default();
            let mut outcomes = Vec::with_capacity(reports.len());
            for report in &reports {
                outcomes.push(match judge(report, &users, work.now()) {
                    Ok(user) => {
                        let bound = bound.of(&work, user.user).await?;
                        let before = bound.clone();
                        let taken = take(&mut work, user.user, &report.binding, bound).await?;
                        // A mere renewal is nobody's news.
                        if *bound != before {
                            work.announce(Kind::Registrations, user.user.get()).await?;
                        }
                        taken
                    }
                    Err(refusal) => Reported::Refused(refusal),
                });
            }
            outcomes
        })
    }
}

/// Carries a valid report out.
async fn take(
    work: &mut Work,
    user: UserId,
    binding: &NewRegistration,
    bound: &mut Devices,
) -> Result<Reported> {
    let (tenant, now) = (work.scope(), work.now());
    if binding.ends(now) {
        work.delete_registration(tenant, user, &binding.instance_id)
            .await?;
        return Ok(if bound.remove(&binding.instance_id).is_some() {
            Reported::Replaced(user.get())
        } else {
            Reported::Known(user.get())
        });
    }
    if bound.len() >= limits::REGISTRATIONS && !bound.contains_key(&binding.instance_id) {
        let limit = u64::try_from(limits::REGISTRATIONS).unwrap_or(u64::MAX);
        return Ok(Reported::Refused(Error::Full(Thing::Registration, limit)));
    }
    work.put_registration(&Registration {
        tenant,
        user,
        binding: binding.clone(),
        updated_at: now,
        route: None,
    })
    .await?;
    Ok(if bound.insert(binding.instance_id.clone(), false).is_none() {
        Reported::New(user.get())
    } else {
        Reported::Replaced(user.get())
    })
}
