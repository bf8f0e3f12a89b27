//! What engines report: calls, registrations, messages, recordings.
//!
//! A report comes in batches. Each item is judged for itself, the good ones are stored in one unit of work, and an item whose
//! id of the engine is known already is answered as done: an engine that lost an answer sends the batch again.
//!
//! Reports have no entries in the journal: nobody changes one, and the store numbers them for whom they are about in the order
//! of the commits, which is all that a journal would add.

mod calls;
pub(crate) mod live_calls;
pub(crate) mod lost_calls;
pub(crate) mod mailboxes;
mod meetings;
mod messages;
mod recordings;
pub(crate) mod registrations;

use std::collections::{BTreeSet, HashMap};

use jackfield_domain::{Error, Result, TenantId, UserId, Violations};
use jackfield_store::{ExtensionUser, Reads, ReportKind, Sequence};

use crate::work::Work;

/// What became of one item of a batch, in the order of the batch.
#[derive(Debug)]
pub enum Reported {
    /// It is stored, under this id.
    New(i64),
    /// It took the place of what was reported before and has this id: only of live calls and
    /// registrations, which have a present state.
    Replaced(i64),
    /// It was reported before and has this id; nothing was changed.
    Known(i64),
    /// It breaks a rule and was left out; the others of the batch are not concerned.
    Refused(Error),
}

/// The users behind numbers of extensions, by number. A report asks inside of its unit of work: who is disabled now must not be
/// reported about a moment later.
pub(crate) async fn users_by_number<'a>(
    reads: &dyn Reads,
    tenant: TenantId,
    numbers: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, ExtensionUser>> {
    let numbers: BTreeSet<&str> = numbers.collect();
    let numbers: Vec<&str> = numbers.into_iter().collect();
    let users = reads.users_of_extensions(tenant, &numbers).await?;
    let users = users.into_iter().map(|user| (user.number.clone(), user));
    Ok(users.collect())
}

/// Something that engines report once.
trait Report: Sized + Send {
    /// As it is reported.
    type New: Send;

    const KIND: ReportKind;
    const SEQUENCE: Sequence;

    fn check(new: &Self::New) -> Violations;
    fn external_id(&self) -> &str;
    fn set_id(&mut self, id: i64);
    /// The numbers by which users are recognised.
    fn numbers(&self) -> impl Iterator<Item = &str>;
    /// The folded names by which they are recognised where the number is nobody's.
    fn names(&self) -> impl Iterator<Item = String> {
        std::iter::empty()
    }
    fn set_users(&mut self, known: &Users);
}

/// Users by what reports call them.
#[derive(Default)]
struct Users {
    by_number: HashMap<String, UserId>,
    by_name: HashMap<String, UserId>,
}

impl Users {
    fn numbered(&self, number: &str) -> Option<UserId> {
        self.by_number.get(number).copied()
    }

    fn named(&self, folded: &str) -> Option<UserId> {
        self.by_name.get(folded).copied()
    }

    /// Asks once for all numbers, and once for all names.
    async fn find(
        work: &Work,
        tenant: TenantId,
        numbers: impl Iterator<Item = &str>,
        names: impl Iterator<Item = String>,
    ) -> Result<Self> {
        let by_number = users_by_number(
            work.as_reads(),
            tenant,
            numbers.filter(|number| !number.is_empty()),
        )
        .await?;
        let names: BTreeSet<String> = names.collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(Self {
            by_number: by_number
                .into_iter()
                .map(|(number, found)| (number, found.user))
                .collect(),
            by_name: work.users_by_names(tenant, &names).await?.into_iter().collect(),
        })
    }
}

/// A batch on its way into the store.
struct Batch<R> {
    /// The good items, the first of each external id, with their places in the batch.
    items: Vec<(usize, R)>,
    /// Items with the external id of an earlier one, with the place of that one.
    repeated: Vec<(usize, usize)>,
    refused: Vec<(usize, Error)>,
    size: usize,
}

impl<R: Report> Batch<R> {
    /// Judges the items one by one.
    fn judge(news: Vec<R::New>, make: impl Fn(R::New) -> R) -> Self {
        let mut batch = Self {
            items: Vec::with_capacity(news.len()),
            repeated: Vec::new(),
            refused: Vec::new(),
            size: news.len(),
        };
        let mut places = HashMap::with_capacity(news.len());
        for (place, new) in news.into_iter().enumerate() {
            if let Err(error) = R::check(&new).finish() {
                batch.refused.push((place, error));
                continue;
            }
            let item = make(new);
            if let Some(first) = places.get(item.external_id()) {
                batch.repeated.push((place, *first));
            } else {
                places.insert(item.external_id().to_owned(), place);
                batch.items.push((place, item));
            }
        }
        batch
    }

    /// Gives ids and users to those that are new, and tells for each item its id and whether it is new. May be done again
    /// in another transaction.
    async fn prepare(&mut self, work: &mut Work) -> Result<Vec<(i64, bool)>> {
        let tenant = work.scope();
        let ids: Vec<&str> = self.items.iter().map(|(_, item)| item.external_id()).collect();
        let known: HashMap<String, i64> = work
            .reported_among(tenant, R::KIND, &ids)
            .await?
            .into_iter()
            .collect();
        let missing = self.items.len().saturating_sub(known.len());
        let mut next = work.next_ids(R::SEQUENCE, missing).await?.into_iter();
        let users = Users::find(
            work,
            tenant,
            self.items.iter().flat_map(|(_, item)| item.numbers()),
            self.items.iter().flat_map(|(_, item)| item.names()),
        )
        .await?;
        let mut outcome = Vec::with_capacity(self.items.len());
        for (_, item) in &mut self.items {
            if let Some(id) = known.get(item.external_id()) {
                outcome.push((*id, false));
                continue;
            }
            let id = next
                .next()
                .ok_or_else(|| Error::internal("the store gave out fewer ids than were asked for"))?;
            item.set_id(id);
            item.set_users(&users);
            outcome.push((id, true));
        }
        Ok(outcome)
    }

    /// The items that are to be stored.
    fn fresh<'a>(&'a self, outcome: &[(i64, bool)]) -> Vec<&'a R> {
        let items = self.items.iter().zip(outcome);
        items
            .filter(|(_, (_, new))| *new)
            .map(|((_, item), _)| item)
            .collect()
    }

    /// What became of each item, in the order of the batch.
    fn told(self, outcome: &[(i64, bool)]) -> Vec<Reported> {
        let mut ids = vec![0; self.size];
        let mut told: Vec<Reported> = (0..self.size).map(|_| Reported::Known(0)).collect();
        let mut tell = |place: usize, what| {
            if let Some(told) = told.get_mut(place) {
                *told = what;
            }
        };
        for ((place, _), (id, new)) in self.items.iter().zip(outcome) {
            if let Some(known) = ids.get_mut(*place) {
                *known = *id;
            }
            tell(
                *place,
                if *new {
                    Reported::New(*id)
                } else {
                    Reported::Known(*id)
                },
            );
        }
        for (place, first) in self.repeated {
            tell(place, Reported::Known(ids.get(first).copied().unwrap_or(0)));
        }
        for (place, error) in self.refused {
            tell(place, Reported::Refused(error));
        }
        told
    }
}

/// Stores what is new of a batch, with the named method of the store, in one unit of work; none when nothing is good.
macro_rules! store_batch {
    ($directory:expr, $reporter:expr, $batch:ident, $insert:ident) => {{
        let mut batch = $batch;
        let outcome = if batch.items.is_empty() {
            Vec::new()
        } else {
            crate::work::in_work!(
                $directory,
                $reporter.tenant(),
                $reporter.caller().actor(),
                |work| {
                    let outcome = batch.prepare(&mut work).await?;
                    work.$insert(&batch.fresh(&outcome)).await?;
                    outcome
                }
            )?
        };
        Ok(batch.told(&outcome))
    }};
}
use store_batch;
