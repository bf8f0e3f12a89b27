//! Following a collection: a token that says how far a client has read, and what has changed since.

use std::collections::BTreeMap;

use jackfield_domain::{ChangeType, Error, Item, Kind, Owned, Result, TenantId, Thing, UserId};
use jackfield_store::{OwnedDocument, Reads};

use crate::{Directory, Keeper, owned::read, secrets::Sealed};

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

/// What a token says: how far its bearer has read the journal, about which collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) tenant: TenantId,
    pub(crate) bearer: UserId,
    pub(crate) kind: Kind,
    pub(crate) sequence: i64,
}

impl Directory {
    /// A token for following a collection from now on. It is bound to its bearer and to the collection.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for the program itself, which follows nothing.
    pub async fn follow_items<T: Owned>(&self, keeper: &Keeper) -> Result<String> {
        let sequence = self
            .store()
            .last_change_of(keeper.tenant(), T::KIND, keeper.owner())
            .await?;
        self.position_token(&Position {
            tenant: keeper.tenant(),
            bearer: keeper.bearer()?,
            kind: T::KIND,
            sequence,
        })
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
        let from = self.position(token, keeper.tenant(), keeper.bearer()?, T::KIND)?;
        // A transaction that changes nothing: while it lasts nobody else changes the tenant, so entries and records are of
        // one moment. Otherwise a change between the two reads would be told now and told again the next time.
        let work = self.begin(keeper.tenant(), keeper.actor()).await?;
        let (sequence, net) = net_changes(work.as_reads(), keeper.tenant(), keeper.owner(), from).await?;
        let alive: Vec<i64> = net
            .iter()
            .filter(|(_, change)| **change != ChangeType::Deleted)
            .map(|(id, _)| *id)
            .collect();
        let mut now = BTreeMap::new();
        for record in work.owned_among(keeper.shelf::<T>(), &alive).await? {
            now.insert(record.id, read::<T>(&record)?);
        }
        drop(work);
        let changed = net
            .into_iter()
            .map(|(id, change)| Changed {
                id,
                change,
                now: now.remove(&id),
            })
            .collect();
        Ok(Difference {
            token: self.position_token(&Position { sequence, ..from })?,
            changed,
        })
    }

    /// Writes a position as a token: opaque, and sealed so that nobody can make one.
    pub(crate) fn position_token(&self, position: &Position) -> Result<String> {
        let text = format!("{}:{}", position.kind.word(), position.sequence);
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
        let (word, sequence) = text.split_once(':').ok_or_else(foreign)?;
        let sequence = sequence.parse().map_err(|_| foreign())?;
        if Kind::from_word(word) == Some(kind) {
            Ok(Position {
                tenant,
                bearer,
                kind,
                sequence,
            })
        } else {
            Err(foreign())
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
