//! What the store knows, as a plan wants it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jackfield_domain::{
    Holiday, Item, Owned, Page, Presence, Provider, ProviderField, Query, Registration, Result, SpeedDial,
    SpeedDial8, SpeedDial100, SpeedDialRange, TenantId, User, UserId, UserSummary, Zone,
    route::{Answerer, Member, Person, Reached, TeamFacts, TenantFacts},
    text::country_code,
};
use jackfield_store::{NumberKind, OwnedDocument, Shelf, TeamDocument, TeamKey, TeamRecord};

use crate::{Directory, document::settings_of, holidays, owned::read, policy};

/// Trunks that a plan looks at; more than any tenant has.
const TRUNKS: Page = Page { skip: 0, take: 1000 };

impl Directory {
    /// What of a tenant counts for its calls.
    pub(super) async fn tenant_of_calls(&self, id: TenantId) -> Result<TenantFacts> {
        let tenant = self.known_tenant(id).await?;
        let settings = &tenant.settings;
        Ok(TenantFacts {
            id,
            enabled: tenant.enabled,
            country: country_code(&tenant.region).to_owned(),
            // Only a zone that exists is stored.
            zone: Zone::named(&tenant.timezone).unwrap_or_else(Zone::utc),
            week: settings.office_hours.clone(),
            night_mode: settings.enable_night_mode,
            holidays: self.shelf_of(holidays::common(id)).await?,
            trunks: settings.enable_feature_trunks,
            most_calls: tenant.max_concurrent_calls,
            caller_ids: settings.outbound_caller_ids.clone(),
        })
    }

    /// All of a collection of holidays or speed dials: none has more than a few hundred.
    async fn shelf_of<T: Owned + OwnedDocument>(&self, place: Shelf) -> Result<Vec<Item<T>>> {
        let page = Page {
            skip: 0,
            take: T::MOST,
        };
        let listing = self.store().list_owned(place, page).await?;
        listing.items.iter().map(read).collect()
    }

    /// The user whose extension has a number, as somebody who calls.
    pub(crate) async fn person_numbered(&self, tenant: TenantId, number: &str) -> Result<Option<Person>> {
        match self.store().user_by_extension(tenant, number).await? {
            Some(user) => Ok(Some(self.person(user).await?)),
            None => Ok(None),
        }
    }

    async fn person(&self, user: User) -> Result<Person> {
        Ok(Person {
            id: user.id,
            permissions: policy::permissions_of(self.store().as_reads(), &user).await?,
            settings: settings_of(&user)?,
            enabled: user.enabled,
            number: user.extension_number.unwrap_or_default(),
        })
    }

    /// What answers a number.
    pub(super) async fn answerer(
        &self,
        tenant: TenantId,
        number: &str,
        carried_out: bool,
    ) -> Result<Answerer> {
        Ok(match self.store().number(tenant, number).await? {
            // An account of a trunk proves something and answers nothing.
            None | Some(NumberKind::TrunkAccount) => Answerer::Nobody,
            Some(NumberKind::Meeting) => Answerer::Meeting,
            Some(NumberKind::Extension) => {
                match self.store().user_by_extension(tenant, number).await? {
                    Some(user) => Answerer::User(Arc::new(self.reached(user).await?)),
                    // He went away in between.
                    None => Answerer::Nobody,
                }
            }
            Some(NumberKind::RingGroup) => match self.team_facts(tenant, number, carried_out).await? {
                Some(team) => Answerer::RingGroup(Arc::new(team)),
                None => Answerer::Nobody,
            },
            Some(NumberKind::CallQueue) => match self.team_facts(tenant, number, carried_out).await? {
                Some(team) => Answerer::Queue(Arc::new(team)),
                None => Answerer::Nobody,
            },
        })
    }

    async fn reached(&self, user: User) -> Result<Reached> {
        let (tenant, id, dnd) = (user.tenant, user.id, user.dnd);
        let said = self.store().presence(tenant, id).await?;
        let place = Shelf {
            tenant,
            owner: Some(id),
            collection: Holiday::COLLECTION,
        };
        Ok(Reached {
            presence: said.map_or_else(Presence::default, |said| said.presence),
            dnd,
            devices: self.store().registrations(tenant, id, self.now()).await?,
            chosen: holidays::chosen(self.store().as_reads(), tenant, id).await?,
            own: self.shelf_of(place).await?,
            person: Arc::new(self.person(user).await?),
        })
    }

    /// A team with its people; none when it went away in between.
    async fn team_facts<S: TeamDocument>(
        &self,
        tenant: TenantId,
        number: &str,
        carried_out: bool,
    ) -> Result<Option<TeamFacts<S>>> {
        let record = self.store().team_numbered(tenant, number).await?;
        let Some(record) = record.filter(|record| record.key.kind == S::KIND) else {
            return Ok(None);
        };
        let agents = self.store().agents(record.key).await?;
        let ids: Vec<i64> = agents.iter().map(|agent| agent.user.get()).collect();
        let users = self.store().users_among(tenant, &ids).await?;
        let users: HashMap<UserId, UserSummary> = users.into_iter().map(|user| (user.id, user)).collect();
        let said = self.store().presences_among(tenant, &ids).await?;
        let said: HashMap<UserId, Presence> = said.iter().map(|said| (said.user, said.presence)).collect();
        let mut devices: HashMap<UserId, Vec<Registration>> = HashMap::new();
        for device in self.store().registrations_among(tenant, &ids, self.now()).await? {
            devices.entry(device.user).or_default().push(device);
        }
        let member = |agent: jackfield_domain::Agent| {
            let user = users.get(&agent.user)?;
            Some(Member {
                enabled: user.enabled,
                dnd: user.dnd,
                presence: said.get(&agent.user).copied().unwrap_or_default(),
                devices: devices.remove(&agent.user).unwrap_or_default(),
                agent,
            })
        };
        Ok(Some(TeamFacts {
            turn: self.turn(record.key, carried_out),
            members: agents.into_iter().filter_map(member).collect(),
            team: TeamRecord::team(record)?,
        }))
    }

    /// Counts the calls of a team in this process, from a beginning of chance; what is only explained is not counted.
    fn turn(&self, key: TeamKey, carried_out: bool) -> u64 {
        let counter = self.inner.turns.get_with(key, || {
            let mut start = [0; 4];
            self.entropy().fill(&mut start);
            Arc::new(AtomicU64::new(u64::from(u32::from_le_bytes(start))))
        });
        counter.fetch_add(u64::from(carried_out), Ordering::Relaxed)
    }

    pub(super) async fn trunks_of(&self, tenant: TenantId) -> Result<Vec<Provider>> {
        let query = Query::<ProviderField> {
            page: TRUNKS,
            ..Query::default()
        };
        Ok(self.store().list_providers(tenant, &query).await?.items)
    }

    /// What a speed dial of a user stands for.
    pub(super) async fn speed_dial(
        &self,
        tenant: TenantId,
        user: UserId,
        range: SpeedDialRange,
        code: &str,
    ) -> Result<Option<String>> {
        match range {
            SpeedDialRange::Eight => {
                self.dial_of::<1>(tenant, user, SpeedDial8::COLLECTION, code)
                    .await
            }
            SpeedDialRange::Hundred => {
                self.dial_of::<2>(tenant, user, SpeedDial100::COLLECTION, code)
                    .await
            }
        }
    }

    async fn dial_of<const DIGITS: usize>(
        &self,
        tenant: TenantId,
        user: UserId,
        collection: &'static str,
        code: &str,
    ) -> Result<Option<String>>
    where
        SpeedDial<DIGITS>: OwnedDocument,
    {
        let place = Shelf {
            tenant,
            owner: Some(user),
            collection,
        };
        let dials: Vec<Item<SpeedDial<DIGITS>>> = self.shelf_of(place).await?;
        let found = dials.into_iter().find(|dial| dial.value.code == code);
        Ok(found.map(|dial| dial.value.phone_number))
    }
}
