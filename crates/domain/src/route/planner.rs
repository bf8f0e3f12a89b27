//! Puts the steps of a plan together. What users, teams and the outside do with a call stands in files of their own.

use super::{
    Action, Answerer, Call, Facts, MediaService, Need, Next, Origin, Plan, Reached, Refusal, Ring, Step,
    emergency::is_emergency,
    facts::{Person, TeamFacts},
    number::compact,
};
use crate::{
    OutboundCallerId, Permission, SpeedDial8, SpeedDial100, TeamSettings, Timestamp, limits, text::is_digits,
};

/// The number at which users hear their messages.
const MAILBOX: &str = "777";

/// On whose account a call goes on: who dialled, or whose rule sends it elsewhere.
#[derive(Clone, Copy)]
pub(super) enum Account<'a> {
    /// Nobody of the tenant: the call comes from outside.
    Stranger,
    /// The user who dialled.
    Caller(&'a Person),
    /// The user whose rule forwards it.
    Forwarder(&'a Person),
    /// The team whose rule forwards it. Only who manages the telephone system writes such rules, so they may lead anywhere.
    Team(&'a [OutboundCallerId]),
}

impl<'a> Account<'a> {
    /// The account of a team's rules.
    pub(super) fn of_team<S: TeamSettings>(facts: &'a TeamFacts<S>) -> Self {
        Self::Team(facts.team.settings.outbound_caller_ids())
    }

    /// The user, where it is one.
    pub(super) fn person(self) -> Option<&'a Person> {
        match self {
            Self::Caller(person) | Self::Forwarder(person) => Some(person),
            Self::Stranger | Self::Team(_) => None,
        }
    }

    /// Whether calls of a kind may be made on it; the reason when not.
    fn lacks(self, permission: Permission, what: &str) -> Option<String> {
        let person = self.person()?;
        let may = person.permissions.has(permission);
        (!may).then(|| {
            format!(
                "user {} may not make {what} calls ({})",
                person.number,
                permission.name()
            )
        })
    }
}

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) facts: &'a Facts,
    pub(super) at: Timestamp,
    pub(super) call: &'a Call,
    steps: Vec<Step>,
    /// What was said since the last step.
    because: Vec<String>,
    /// The numbers that the call was for on the present way.
    path: Vec<String>,
    /// The ring group or queue that it came through last on the present way.
    service: Option<String>,
    missing: Vec<Need>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(facts: &'a Facts, at: Timestamp, call: &'a Call) -> Self {
        Self {
            facts,
            at,
            call,
            steps: Vec::new(),
            because: Vec::new(),
            path: Vec::new(),
            service: None,
            missing: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Result<Plan, Vec<Need>> {
        self.begin();
        if self.missing.is_empty() {
            Ok(Plan { steps: self.steps })
        } else {
            Err(self.missing)
        }
    }

    /// Whom the queue that was called rings for somebody who waits in it.
    pub(super) fn round(mut self, seconds: i64) -> Result<Vec<Ring>, Vec<Need>> {
        let call = self.call;
        if let Some(Answerer::Queue(queue)) = self.answerer(&call.to) {
            self.ring_ready(queue, seconds);
        }
        if !self.missing.is_empty() {
            return Err(self.missing);
        }
        let rings = self.steps.into_iter().filter_map(|step| match step.action {
            Action::Ring(ring) => Some(ring),
            Action::Media { .. } | Action::Refuse(_) => None,
        });
        Ok(rings.collect())
    }

    /// Notes a reason for the next step.
    pub(super) fn say(&mut self, reason: impl Into<String>) {
        self.because.push(reason.into());
    }

    /// Notes what is missing; the plan will be made again.
    pub(super) fn need(&mut self, need: Need) {
        if !self.missing.contains(&need) {
            self.missing.push(need);
        }
    }

    fn push(&mut self, action: Action) -> usize {
        self.steps.push(Step {
            because: std::mem::take(&mut self.because),
            path: self.path.clone(),
            service: self.service.clone(),
            action,
            next: None,
        });
        self.steps.len() - 1
    }

    /// Whether there is room for steps that lead further.
    pub(super) fn has_room(&self) -> bool {
        self.steps.len() < limits::ROUTE_STEPS
    }

    /// A step that ends the call.
    pub(super) fn refuse(&mut self, refusal: Refusal, reason: impl Into<String>) -> usize {
        self.say(reason);
        self.push(Action::Refuse(refusal))
    }

    /// A step that rings. Where to go on is told with [`lead`](Self::lead).
    pub(super) fn ring(&mut self, ring: Ring) -> usize {
        self.push(Action::Ring(ring))
    }

    /// A step for the media engine.
    pub(super) fn media(&mut self, service: MediaService) -> usize {
        // An engine takes calls; it places none.
        let rings = matches!(service, MediaService::Announcement(_));
        let refusal = (!self.facts.media_engine || rings).then_some(Refusal::UNAVAILABLE);
        self.say(match refusal {
            None => service.to_string(),
            Some(_) if rings => format!("{service} is not made: no media engine rings telephones here"),
            Some(_) => format!("{service} needs a media engine, and none is configured"),
        });
        self.push(Action::Media { service, refusal })
    }

    /// Says where to go on after a step.
    pub(super) fn lead(&mut self, step: usize, next: Next) {
        if let Some(step) = self.steps.get_mut(step) {
            step.next = Some(next);
        }
    }

    /// What answers a number; none when that is not known yet.
    pub(super) fn answerer(&mut self, number: &str) -> Option<&'a Answerer> {
        let facts = self.facts;
        let known = facts.numbers.get(number);
        if known.is_none() {
            self.need(Need::Number(number.to_owned()));
        }
        known
    }

    fn begin(&mut self) {
        let dialled = compact(&self.call.to);
        match &self.call.from {
            Origin::User(person) => {
                if is_emergency(&dialled, &self.facts.tenant.country) {
                    self.path.push(dialled.clone());
                    self.emergency(person, &dialled);
                } else if self.may_call(person) {
                    let number = self.expand(person, dialled);
                    self.dial(&number, Account::Caller(person));
                }
            }
            Origin::Outside { trunk, .. } => {
                if let Some(number) = self.comes_in(*trunk, &dialled) {
                    self.dial(&number, Account::Stranger);
                }
            }
        }
    }

    /// Whether a user may call at all. Says why not.
    fn may_call(&mut self, person: &Person) -> bool {
        if !self.facts.tenant.enabled {
            self.refuse(Refusal::FORBIDDEN, "the tenant is disabled");
        } else if !person.enabled {
            self.refuse(Refusal::FORBIDDEN, format!("user {} is disabled", person.number));
        } else {
            return self.has_free_call();
        }
        false
    }

    /// Whether the tenant may have one more call. Says why not.
    pub(super) fn has_free_call(&mut self) -> bool {
        let (going, most) = (self.facts.calls.len(), self.facts.tenant.most_calls);
        let free = i64::try_from(going).is_ok_and(|going| going < most);
        if !free {
            let reason = format!("the tenant has {going} calls, and {most} are the most it may have");
            self.refuse(Refusal::NO_WAY, reason);
        }
        free
    }

    /// The number that a speed dial of the caller stands for, or the number itself.
    fn expand(&mut self, person: &Person, dialled: String) -> String {
        let ranges = [SpeedDial8::RANGE, SpeedDial100::RANGE];
        let Some(range) = ranges.into_iter().find(|range| range.contains(&dialled)) else {
            return dialled;
        };
        let key = (person.id, dialled);
        match self.facts.speed_dials.get(&key) {
            None => {
                self.need(Need::SpeedDial(person.id, range, key.1.clone()));
                key.1
            }
            Some(None) => key.1,
            Some(Some(number)) => {
                self.say(format!(
                    "speed dial {} of user {} is {number}",
                    key.1, person.number
                ));
                compact(number)
            }
        }
    }

    /// A rule sends the call to another number.
    pub(super) fn forward(&mut self, number: &str, account: Account<'a>) -> usize {
        let number = compact(number);
        if is_emergency(&number, &self.facts.tenant.country) {
            let reason = format!("{number} calls for help, and no rule does that");
            return self.refuse(Refusal::FORBIDDEN, reason);
        }
        self.dial(&number, account)
    }

    /// Goes on to a number, of the tenant or of the world.
    fn dial(&mut self, number: &str, account: Account<'a>) -> usize {
        if self.path.iter().any(|tried| tried == number) {
            let way = self.path.join(" → ");
            return self.refuse(
                Refusal::LOOP,
                format!("the call was for {number} before: {way} → {number}"),
            );
        }
        if self.path.len() > limits::ROUTE_FORWARDS || !self.has_room() {
            let most = limits::ROUTE_FORWARDS;
            return self.refuse(
                Refusal::TOO_MANY,
                format!("the rules forward the call more than {most} times"),
            );
        }
        self.path.push(number.to_owned());
        let service = self.service.clone();
        let step = self.reach(number, account);
        self.service = service;
        self.path.pop();
        step
    }

    fn reach(&mut self, number: &str, account: Account<'a>) -> usize {
        if let (MAILBOX, Account::Caller(person)) = (number, account) {
            return self.own_mailbox(person);
        }
        let own = (!number.is_empty() && is_digits(number)).then(|| self.answerer(number));
        let answerer = match own {
            // Not known yet: this plan will not be used.
            Some(None) => return self.refuse(Refusal::UNKNOWN, "unknown yet"),
            None | Some(Some(Answerer::Nobody)) => return self.elsewhere(number, account),
            Some(Some(answerer)) => answerer,
        };
        if let Some(reason) = account.lacks(Permission::InternalCalls, "internal") {
            return self.refuse(Refusal::FORBIDDEN, reason);
        }
        match answerer {
            Answerer::User(user) => self.user(user),
            Answerer::RingGroup(group) => {
                self.service = Some(number.to_owned());
                self.ring_group(group)
            }
            Answerer::Queue(queue) => {
                self.service = Some(number.to_owned());
                self.queue(queue)
            }
            Answerer::Meeting => self.media(MediaService::Meeting(number.to_owned())),
            Answerer::Nobody => self.elsewhere(number, account),
        }
    }

    fn own_mailbox(&mut self, person: &Person) -> usize {
        if person.permissions.has(Permission::VoicemailView) {
            return self.media(MediaService::Mailbox(person.number.clone()));
        }
        let reason = format!(
            "user {} may not hear voicemail ({})",
            person.number,
            Permission::VoicemailView.name()
        );
        self.refuse(Refusal::FORBIDDEN, reason)
    }

    /// Nothing of the tenant has the number.
    fn elsewhere(&mut self, number: &str, account: Account<'a>) -> usize {
        match account {
            Account::Stranger => {
                let reason = format!("nothing in the tenant has the number {number}");
                self.refuse(Refusal::UNKNOWN, reason)
            }
            _ => self.outside(number, account),
        }
    }

    /// A call on this account to a number outside; the reason why not.
    pub(super) fn barred(account: Account<'a>, domestic: bool) -> Option<String> {
        if domestic {
            account.lacks(Permission::DomesticCalls, "domestic")
        } else {
            account.lacks(Permission::InternationalCalls, "international")
        }
    }

    /// Takes a message in somebody's box: that of a number, or his own.
    pub(super) fn voicemail(&mut self, number: &str, own: Option<&Reached>) -> usize {
        let number = compact(number);
        match own {
            Some(own) if number.is_empty() || number == own.person.number => {
                self.media(MediaService::Voicemail(own.person.number.clone()))
            }
            _ => match self.answerer(&number) {
                Some(Answerer::User(_)) => self.media(MediaService::Voicemail(number)),
                _ => self.refuse(Refusal::UNKNOWN, format!("no user has a voicemail box {number}")),
            },
        }
    }
}
