//! Where calls go: looks up what a plan needs. What becomes of a call is decided in `domain::route` and nowhere else.

mod gather;

use std::sync::Arc;

use jackfield_domain::{
    Error, Grant, ProviderId, Reporter, Result, TenantId, Thing, Timestamp,
    capability::ViewPhoneSystem,
    route::{Call, Facts, Need, Origin, Plan, Ring, RouteQuery, plan, round},
    text::fold,
};

use crate::{Directory, report::live_calls::silent_since};

/// The way of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedRoute {
    /// The instant it is for.
    pub at: Timestamp,
    /// Who calls, when it is a user: the number of his extension.
    pub extension: Option<String>,
    /// The steps.
    pub plan: Plan,
}

/// Where a call comes from that is to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calling {
    /// From a phone of the extension with this number, which has proved itself.
    Extension(String),
    /// From outside.
    Outside {
        /// The calling number as the trunk gave it.
        number: String,
        /// The trunk.
        trunk: ProviderId,
    },
}

impl Directory {
    /// Tells which way a call would go, and why, without making it. Presence, phones and calls are those of the present, also for
    /// another instant.
    ///
    /// # Errors
    /// [`Error::Invalid`]; `Absent(Tenant)` for the domain of any other tenant.
    pub async fn explain_route(
        &self,
        grant: &Grant<ViewPhoneSystem>,
        query: &RouteQuery,
    ) -> Result<ExplainedRoute> {
        query.check().finish()?;
        let tenant = self.known_tenant(grant.tenant()).await?;
        if query
            .tenant
            .as_ref()
            .is_some_and(|domain| fold(domain) != tenant.domain)
        {
            return Err(Error::Absent(Thing::Tenant));
        }
        let at = query.at.unwrap_or_else(|| self.now());
        let person = self.person_numbered(tenant.id, &query.from).await?;
        let extension = person.as_ref().map(|person| person.number.clone());
        let from = match person {
            Some(person) => Origin::User(Arc::new(person)),
            None => Origin::Outside {
                number: query.from.clone(),
                trunk: None,
            },
        };
        let plan = self.planned(tenant.id, from, &query.to, at, false).await?;
        Ok(ExplainedRoute { at, extension, plan })
    }

    /// Plans a call that is about to be carried out: as [`explain_route`](Self::explain_route) explains it, and teams that ring
    /// their people in turn begin with the next one.
    ///
    /// # Errors
    /// `Absent(Extension)` for an extension that is gone.
    pub async fn plan_call(&self, reporter: &Reporter, from: Calling, to: &str) -> Result<Plan> {
        let tenant = reporter.tenant();
        let from = match from {
            Calling::Extension(number) => {
                let person = self.person_numbered(tenant, &number).await?;
                Origin::User(Arc::new(person.ok_or(Error::Absent(Thing::Extension))?))
            }
            Calling::Outside { number, trunk } => Origin::Outside {
                number,
                trunk: Some(trunk),
            },
        };
        self.planned(tenant, from, to, self.now(), true).await
    }

    /// Whom a queue rings now for a caller who waits in it and may do so for so many seconds more, one after the other.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Internal`].
    pub async fn queue_round(&self, reporter: &Reporter, queue: &str, seconds: i64) -> Result<Vec<Ring>> {
        let (tenant, now) = (reporter.tenant(), self.now());
        let calls = self.store().ongoing_calls(tenant, silent_since(now)).await?;
        let engine = self.inner.media_engine;
        let mut facts = Facts::new(self.tenant_of_calls(tenant).await?, calls, engine);
        loop {
            match round(&facts, now, queue, seconds) {
                Ok(rings) => return Ok(rings),
                Err(needs) => self.look_up(tenant, &mut facts, needs, false).await?,
            }
        }
    }

    /// Plans, and looks up what is missing, until nothing is.
    pub(crate) async fn planned(
        &self,
        tenant: TenantId,
        from: Origin,
        to: &str,
        at: Timestamp,
        carried_out: bool,
    ) -> Result<Plan> {
        let mut chance = [0; 8];
        self.entropy().fill(&mut chance);
        let call = Call {
            from,
            to: to.to_owned(),
            chance: u64::from_le_bytes(chance),
        };
        let calls = self
            .store()
            .ongoing_calls(tenant, silent_since(self.now()))
            .await?;
        let engine = self.inner.media_engine;
        let mut facts = Facts::new(self.tenant_of_calls(tenant).await?, calls, engine);
        // Each round tells the plan more, and what it can need is limited by the forwards that it allows.
        loop {
            match plan(&facts, at, &call) {
                Ok(plan) => return Ok(plan),
                Err(needs) => self.look_up(tenant, &mut facts, needs, carried_out).await?,
            }
        }
    }

    async fn look_up(
        &self,
        tenant: TenantId,
        facts: &mut Facts,
        needs: Vec<Need>,
        carried_out: bool,
    ) -> Result<()> {
        for need in needs {
            match need {
                Need::Number(number) => {
                    let answerer = self.answerer(tenant, &number, carried_out).await?;
                    facts.numbers.insert(number, answerer);
                }
                Need::Trunks => facts.trunks = Some(self.trunks_of(tenant).await?),
                Need::InboundRoutes => facts.inbound_routes = Some(self.call_routes(tenant).await?),
                Need::OutboundRoutes => facts.outbound_routes = Some(self.call_routes(tenant).await?),
                Need::Groups(user) => {
                    let groups = self.store().groups_of_user(tenant, user).await?;
                    let lists = groups.into_iter().flat_map(|group| group.outbound_caller_ids);
                    facts.groups.insert(user, lists.collect());
                }
                Need::SpeedDial(user, range, code) => {
                    let number = self.speed_dial(tenant, user, range, &code).await?;
                    facts.speed_dials.insert((user, code), number);
                }
            }
        }
        Ok(())
    }
}
