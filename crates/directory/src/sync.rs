//! Following a collection: a token that says how far a client has read, and what has changed since.
//!
//! Collections are followed in the journal, here. Reports are their own journal: `call_records.rs` has the difference, and the
//! token of this file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use jackfield_domain::{
    Author, ChangeType, Error, Item, Kind, Owned, Result, TenantId, Thing, Timestamp, UserId,
};
use jackfield_store::{OwnedDocument, Reads};

use crate::{Directory, Keeper, owned::read, secrets::Sealed, work::Work};

/// Journal entries that are read at once.
const BATCH: i64 = 1000;

/// One record that has changed, once, with its last state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T> {
    /// Its id.
    pub id: i64,
    /// What happened since the client last heard of it.
    pub change: ChangeType,
    /// What it is now; none when it is gone.
    pub now: Option<T>,
}

/// What has changed, and the token for the next time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<T> {
    /// Continues from here.
    pub token: String,
    /// In the order of their ids.
    pub changed: Vec<Changed<T>>,
}

impl<T> Difference<T> {
    /// That there is nothing new since a token, which therefore serves on.
    pub(crate) fn nothing(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            changed: Vec::new(),
        }
    }
}

/// What a token says: how far its bearer has read the journal, about which collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) tenant: TenantId,
    pub(crate) bearer: UserId,
    pub(crate) kind: Kind,
    /// The number of the last entry he knows of.
    pub(crate) sequence: i64,
    /// The same for his marks, where the collection has such.
    pub(crate) marks: i64,
    /// For records that happened: only those at this moment or after it.
    pub(crate) since: Option<Timestamp>,
}

/// Which entries of the journal concern a follower.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream {
    pub(crate) tenant: TenantId,
    pub(crate) bearer: UserId,
    pub(crate) kind: Kind,
    /// Whose collection it is; none for the tenant's own.
    pub(crate) owner: Option<UserId>,
    /// What his marks are called in the journal, when they are not part of the records.
    pub(crate) marks: Option<Kind>,
}

impl Stream {
    fn of<T: Owned>(keeper: &Keeper) -> Result<Self> {
        Ok(Self {
            tenant: keeper.tenant(),
            bearer: keeper.bearer()?,
            kind: T::KIND,
            owner: keeper.owner(),
            marks: None,
        })
    }

    /// A position in it.
    pub(crate) fn at(&self, sequence: i64, marks: i64) -> Position {
        Position {
            tenant: self.tenant,
            bearer: self.bearer,
            kind: self.kind,
            sequence,
            marks,
            since: None,
        }
    }
}

/// What has changed, and the transaction in which to read what it is now.
///
/// The transaction changes nothing: while it lasts nobody else changes the tenant, so entries and records are of one
/// moment. Otherwise a change between the two reads would be told now and told again the next time.
pub(crate) struct News {
    pub(crate) work: Work,
    reached: Position,
    net: BTreeMap<i64, ChangeType>,
}

impl News {
    /// The records that are still there.
    pub(crate) fn alive(&self) -> Vec<i64> {
        let alive = self
            .net
            .iter()
            .filter(|(_, change)| **change != ChangeType::Deleted);
        alive.map(|(id, _)| *id).collect()
    }
}

impl Directory {
    /// A token for following a collection from now on. It is bound to its bearer and to the collection.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for the program itself, which follows nothing.
    pub async fn follow_items<T: Owned>(&self, keeper: &Keeper) -> Result<String> {
        let sequence = self.store().last_change(keeper.tenant()).await?;
        self.position_token(&Stream::of::<T>(keeper)?.at(sequence, 0))
    }

    /// What has changed in a collection since a token was given out: each record once, with its last state; one that came
    /// and went in between not at all.
    ///
    /// # Errors
    /// `Spent(SyncToken)` for a token of something else, of somebody else, or that this installation did not give out.
    pub async fn changed_items<T: Owned + OwnedDocument>(
        &self,
        keeper: &Keeper,
        token: &str,
    ) -> Result<Difference<Item<T>>> {
        let stream = Stream::of::<T>(keeper)?;
        let Some(news) = self.news(&stream, token, keeper.actor()).await? else {
            return Ok(Difference::nothing(token));
        };
        let mut now = BTreeMap::new();
        for record in news.work.owned_among(keeper.shelf::<T>(), &news.alive()).await? {
            now.insert(record.id, read::<T>(&record)?);
        }
        self.difference(news, now)
    }

    /// What has changed in a stream since a token was given out; none when nothing has.
    pub(crate) async fn news(&self, stream: &Stream, token: &str, author: Author) -> Result<Option<News>> {
        let from = self.position(token, stream.tenant, stream.bearer, stream.kind)?;
        // Followers ask often and mostly in vain. Entries are only ever added, so what has none after the position now had
        // none a moment ago either, and these questions need not be of one moment.
        let store = self.store();
        let last = store
            .last_change_of(stream.tenant, stream.kind, stream.owner)
            .await?;
        let mut quiet = last <= from.sequence;
        if let Some(kind) = stream.marks {
            let last = store
                .last_change_of(stream.tenant, kind, Some(stream.bearer))
                .await?;
            quiet &= last <= from.marks;
        }
        if quiet && store.last_change(stream.tenant).await? >= from.sequence.max(from.marks) {
            return Ok(None);
        }
        let work = self.begin(stream.tenant, author.actor).await?;
        let last = work.last_change(stream.tenant).await?;
        if from.sequence.max(from.marks) > last {
            // The database was restored from before the token: what happened since then, nobody knows.
            return Err(Error::Spent(Thing::SyncToken));
        }
        let reads = work.as_reads();
        let (_, mut net) = net_changes(reads, stream.tenant, stream.owner, from).await?;
        if let Some(kind) = stream.marks {
            for record in toggled(reads, stream, kind, from.marks).await? {
                net.entry(record).or_insert(ChangeType::Updated);
            }
        }
        let reached = stream.at(last, if stream.marks.is_some() { last } else { 0 });
        Ok(Some(News { work, reached, net }))
    }

    /// Puts together what a follower is told.
    pub(crate) fn difference<T>(&self, news: News, mut now: BTreeMap<i64, T>) -> Result<Difference<T>> {
        let News { work, reached, net } = news;
        drop(work);
        let changed = net.into_iter().filter_map(|(id, change)| {
            let now = now.remove(&id);
            // A mark on a record that went before the follower began: he never heard of it.
            (change == ChangeType::Deleted || now.is_some()).then_some(Changed { id, change, now })
        });
        let changed = changed.collect();
        Ok(Difference {
            token: self.position_token(&reached)?,
            changed,
        })
    }

    /// Writes a position as a token: opaque, and sealed so that nobody can make one.
    pub(crate) fn position_token(&self, position: &Position) -> Result<String> {
        let mut text = format!(
            "{}:{}:{}",
            position.kind.word(),
            position.sequence,
            position.marks
        );
        if let Some(since) = position.since {
            // Writing to a string cannot fail.
            let _ = write!(text, ":{}", since.as_micros());
        }
        let (tenant, bearer) = (position.tenant.get(), position.bearer.get());
        Ok(hex::encode(self.sealer().seal(
            self.entropy(),
            Sealed::SyncToken,
            tenant,
            bearer,
            &text,
        )?))
    }

    /// Reads the position of a token, if it is of this bearer and collection.
    pub(crate) fn position(
        &self,
        token: &str,
        tenant: TenantId,
        bearer: UserId,
        kind: Kind,
    ) -> Result<Position> {
        let foreign = || Error::Spent(Thing::SyncToken);
        let sealed = hex::decode(token).map_err(|_| foreign())?;
        let text = self
            .sealer()
            .open(Sealed::SyncToken, tenant.get(), bearer.get(), &sealed)
            .map_err(|_| foreign())?;
        let mut parts = text.splitn(4, ':');
        let of_kind = parts.next().and_then(Kind::from_word) == Some(kind);
        let mut number = || parts.next().and_then(|text| text.parse().ok());
        match (of_kind, number(), number(), number()) {
            (true, Some(sequence), Some(marks), since) => Ok(Position {
                tenant,
                bearer,
                kind,
                sequence,
                marks,
                since: since.map(Timestamp::from_micros),
            }),
            _ => Err(foreign()),
        }
    }
}

/// What became of each record since a position, seen from its two ends, and the number of the last entry.
pub(crate) async fn net_changes(
    reads: &dyn Reads,
    tenant: TenantId,
    owner: Option<UserId>,
    from: Position,
) -> Result<(i64, BTreeMap<i64, ChangeType>)> {
    let (mut last, mut net) = (from.sequence, BTreeMap::new());
    loop {
        let entries = reads.changes_of(tenant, from.kind, owner, last, BATCH).await?;
        let more = entries.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
        for (sequence, record, change) in entries {
            last = sequence;
            fold_change(&mut net, record, change);
        }
        if !more {
            return Ok((last, net));
        }
    }
}

/// The records whose mark of the bearer is another than after this entry: marked an odd number of times. Only a change of a
/// mark is an entry.
async fn toggled(reads: &dyn Reads, stream: &Stream, marks: Kind, after: i64) -> Result<BTreeSet<i64>> {
    let (mut last, mut records) = (after, BTreeSet::new());
    loop {
        let entries = reads
            .changes_of(stream.tenant, marks, Some(stream.bearer), last, BATCH)
            .await?;
        let more = entries.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
        for (sequence, record, _) in entries {
            last = sequence;
            if !records.remove(&record) {
                records.insert(record);
            }
        }
        if !more {
            return Ok(records);
        }
    }
}

/// Adds a later change of a record to an earlier one.
fn fold_change(net: &mut BTreeMap<i64, ChangeType>, record: i64, change: ChangeType) {
    match (net.get(&record), change) {
        // Ids are never given out twice, so what is new to the client and gone again was never there for it.
        (Some(ChangeType::Created), ChangeType::Deleted) => {
            net.remove(&record);
        }
        (Some(ChangeType::Created), _) => {}
        (_, change) => {
            net.insert(record, change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_fold_into_what_the_client_has_to_do() {
        use ChangeType::{Created, Deleted, Updated};
        for (changes, expected) in [
            (vec![Created, Updated], Some(Created)),
            (vec![Created, Updated, Deleted], None),
            (vec![Updated, Updated], Some(Updated)),
            (vec![Updated, Deleted], Some(Deleted)),
            (vec![Deleted], Some(Deleted)),
        ] {
            let mut net = BTreeMap::new();
            for change in &changes {
                fold_change(&mut net, 7, *change);
            }
            assert_eq!(net.get(&7).copied(), expected, "{changes:?}");
        }
    }
}
