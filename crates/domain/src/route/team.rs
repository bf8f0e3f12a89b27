//! What becomes of a call to a ring group or a queue.

use super::{
    Headers, MediaService, Next, Refusal, Ring, Target,
    facts::{Member, TeamFacts},
    planner::{Account, Planner},
};
use crate::{
    AgentStatus, CallQueueSettings, LiveCallState, MissedAction, MissedRule, RingGroupSettings, Strategy,
    UserStatus,
};

/// What a missed call's rule does, in words.
fn deed(rule: &MissedRule) -> String {
    match rule.action {
        MissedAction::ToNumber => format!("→ {}", rule.number),
        MissedAction::ToVoicemail => format!("→ the voicemail of {}", rule.number),
        MissedAction::Repeat => "rings everybody once more".to_owned(),
        MissedAction::HangUp => "ends the call".to_owned(),
    }
}

/// A stream of numbers that follows from one, for what is decided by chance: `SplitMix64`, which is short and well spread. Nothing
/// secret depends on it.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Brings a list into a random order.
fn shuffle<T>(list: &mut [T], mut chance: u64) {
    for last in (1..list.len()).rev() {
        let among = u64::try_from(last).unwrap_or(0) + 1;
        let other = usize::try_from(next_random(&mut chance) % among).unwrap_or(0);
        list.swap(last, other);
    }
}

/// The strategy without its regard to skill, and whether it has one.
fn without_skill(strategy: Strategy) -> (Strategy, bool) {
    match strategy {
        Strategy::SkillBasedRoutingPrioritizedHunt => (Strategy::PrioritizedHunt, true),
        Strategy::SkillBasedRoutingCyclicHunt => (Strategy::CyclicHunt, true),
        Strategy::SkillBasedRoutingLeastWorkedHunt => (Strategy::LeastWorkedHunt, true),
        other => (other, false),
    }
}

/// How the people of a team are rung.
struct Hunt<'a> {
    number: &'a str,
    members: Vec<&'a Member>,
    all_at_once: bool,
    /// Seconds for each of them.
    each: i64,
    /// Seconds for all of it.
    most: i64,
    headers: Headers,
    /// The queue whose music the caller hears meanwhile.
    music: Option<String>,
}

/// A call of a team that went unanswered.
struct Missed<'a> {
    rule: &'a MissedRule,
    name: &'static str,
    account: Account<'a>,
}

impl<'a> Planner<'a> {
    pub(super) fn ring_group(&mut self, group: &'a TeamFacts<RingGroupSettings>) -> usize {
        let (number, settings) = (&*group.team.extension_number, &group.team.settings);
        self.say(format!("{number} is ring group {}", group.team.name));
        let account = Account::of_team(group);
        let no_answer = Missed {
            rule: &settings.no_answer_forward_rule,
            name: "no_answer_forward_rule",
            account,
        };
        if self.facts.tenant.night_mode {
            self.say("the tenant is in night mode");
            let night = Missed {
                rule: &settings.night_mode_forward_rule,
                name: "night_mode_forward_rule",
                account,
            };
            if night.rule.action != MissedAction::Repeat {
                return self.missed(&night);
            }
            self.say("rule night_mode_forward_rule rings everybody");
        }
        if settings.ring_strategy == Strategy::PagingIntercom {
            return self.media(MediaService::Announcement(number.to_owned()));
        }
        let mut members: Vec<&Member> = group.members.iter().collect();
        members.retain(|member| self.may_ring(member, settings.skip_busy_member));
        let (strategy, skilled) = without_skill(settings.ring_strategy);
        match strategy {
            Strategy::CyclicHunt if !members.is_empty() => {
                let count = u64::try_from(members.len()).unwrap_or(1);
                members.rotate_left(usize::try_from(group.turn % count).unwrap_or(0));
                self.say("in turn, each call beginning with the next one");
            }
            Strategy::LeastWorkedHunt => {
                shuffle(&mut members, self.call.chance);
                self.say("in an order of chance");
            }
            _ => {}
        }
        if skilled {
            members.sort_by_key(|member| std::cmp::Reverse(member.agent.skill_level));
            self.say("who has more skill goes first");
        }
        let hunt = Hunt {
            number,
            members,
            all_at_once: strategy == Strategy::RingSimultaneously,
            each: settings.ring_time,
            most: i64::MAX,
            headers: Headers {
                asserted: settings.enable_paid,
                remote_party: settings.enable_prid,
                to: settings.extension_number_as_to_header.then(|| number.to_owned()),
            },
            music: None,
        };
        let (first, tails) = self.hunt(&hunt);
        let again = no_answer.rule.action == MissedAction::Repeat && !tails.is_empty();
        if !again {
            let tail = self.missed(&no_answer);
            return self.fasten(first, &tails, tail);
        }
        self.say("rule no_answer_forward_rule rings everybody once more");
        let (second, last) = self.hunt(&hunt);
        let end = self.refuse(
            Refusal::UNAVAILABLE,
            format!("nobody of ring group {number} answers"),
        );
        let second = self.fasten(second, &last, end);
        self.fasten(first, &tails, second)
    }

    /// Whether a member of a ring group can be rung. Says why not.
    fn may_ring(&mut self, member: &Member, skip_busy: bool) -> bool {
        let number = &member.agent.extension_number;
        let phones = self.facts.phones_of(member);
        let why_not = if !member.enabled {
            "is disabled"
        } else if member.wants_none() {
            "wants no calls"
        } else if member.devices.is_empty() {
            "has no phone registered"
        } else if skip_busy && phones == UserStatus::OnCall {
            "is in a call"
        } else {
            return true;
        };
        self.say(format!("{number} {why_not} and is left out"));
        false
    }

    pub(super) fn queue(&mut self, queue: &'a TeamFacts<CallQueueSettings>) -> usize {
        let (number, settings) = (&*queue.team.extension_number, &queue.team.settings);
        self.say(format!("{number} is call queue {}", queue.team.name));
        let account = Account::of_team(queue);
        let overflow = Missed {
            rule: &settings.no_answer_forward_rule,
            name: "no_answer_forward_rule",
            account,
        };
        if self.facts.tenant.night_mode {
            self.say("the tenant is in night mode");
            let night = Missed {
                rule: &settings.night_mode_forward_rule,
                name: "night_mode_forward_rule",
                account,
            };
            return self.missed(&night);
        }
        let waits =
            |call: &&crate::OngoingCall| call.state == LiveCallState::Ringing && call.destination == number;
        let waiting = self.facts.calls.iter().filter(waits).count();
        let most = settings.max_callers;
        if most > 0 && i64::try_from(waiting).is_ok_and(|waiting| waiting >= most) {
            self.say(format!("{waiting} callers wait, and {most} are the most"));
            return self.missed(&overflow);
        }
        let (ready, somebody) = self.ready_agents(queue);
        if ready.is_empty() && !somebody && !settings.wait_when_no_agents_online {
            self.say("no agent is there, and callers do not wait for one");
            return self.missed(&overflow);
        }
        let hunt = self.queue_hunt(queue, ready, settings.max_waiting_time);
        if hunt.music.is_some() && !hunt.members.is_empty() {
            self.say("the caller hears the queue's music meanwhile");
        }
        let spent = hunt.seconds();
        let (first, tails) = self.hunt(&hunt);
        let tail = self.wait(queue, settings.max_waiting_time - spent, &overflow);
        self.fasten(first, &tails, tail)
    }

    /// Rings the agents who are ready, for somebody who may wait so many seconds more.
    pub(super) fn ring_ready(&mut self, queue: &'a TeamFacts<CallQueueSettings>, seconds: i64) {
        let (ready, _) = self.ready_agents(queue);
        let hunt = self.queue_hunt(queue, ready, seconds);
        self.hunt(&hunt);
    }

    /// How agents of a queue are rung.
    fn queue_hunt(
        &self,
        queue: &'a TeamFacts<CallQueueSettings>,
        members: Vec<&'a Member>,
        most: i64,
    ) -> Hunt<'a> {
        let (number, settings) = (&*queue.team.extension_number, &queue.team.settings);
        Hunt {
            number,
            members,
            all_at_once: settings.polling_strategy == Strategy::RingSimultaneously,
            each: settings.ring_time,
            most,
            headers: Headers {
                asserted: settings.enable_paid,
                remote_party: settings.enable_prid,
                to: settings.extension_number_as_to_header.then(|| number.to_owned()),
            },
            music: self.facts.media_engine.then(|| number.to_owned()),
        }
    }

    /// The agents who take a call now, in the order in which they are rung, and whether any agent is there at all.
    fn ready_agents(&mut self, queue: &'a TeamFacts<CallQueueSettings>) -> (Vec<&'a Member>, bool) {
        let (mut ready, mut somebody) = (Vec::new(), false);
        for member in &queue.members {
            let status = member.agent.status.seen(self.facts.phones_of(member));
            let number = &member.agent.extension_number;
            somebody |= member.enabled && !matches!(status, AgentStatus::LoggedOut | AgentStatus::Offline);
            if status == AgentStatus::Ready && member.enabled && !member.wants_none() {
                ready.push(member);
            } else if !member.enabled {
                self.say(format!("agent {number} is disabled"));
            } else if member.wants_none() {
                self.say(format!("agent {number} wants no calls"));
            } else {
                self.say(format!("status of agent {number} is {}", status.word()));
            }
        }
        let (strategy, skilled) = without_skill(queue.team.settings.polling_strategy);
        if matches!(strategy, Strategy::CyclicHunt | Strategy::LeastWorkedHunt) {
            ready.sort_by_key(|member| member.agent.since);
            self.say("who has been ready longest goes first");
        }
        if skilled {
            ready.sort_by_key(|member| std::cmp::Reverse(member.agent.skill_level));
            self.say("who has more skill goes before");
        }
        (ready, somebody)
    }

    /// The caller waits for the rest of his time; then the queue's rule.
    fn wait(
        &mut self,
        queue: &'a TeamFacts<CallQueueSettings>,
        seconds: i64,
        overflow: &Missed<'a>,
    ) -> usize {
        let number = &queue.team.extension_number;
        if seconds <= 0 {
            self.say("the caller has waited as long as he may");
            return self.missed(overflow);
        }
        if !self.facts.media_engine {
            self.say("callers cannot wait: that needs a media engine, and none is configured");
            return self.missed(overflow);
        }
        let step = self.media(MediaService::Queue {
            number: number.clone(),
            seconds,
        });
        self.say(format!("no agent is free within {seconds} seconds"));
        let tail = self.missed(overflow);
        self.lead(step, Next::always(tail));
        step
    }

    /// Rings the people of a team. Gives the first step, and those from which the call goes on when nobody answers.
    fn hunt(&mut self, hunt: &Hunt<'a>) -> (Option<usize>, Vec<usize>) {
        let number = hunt.number;
        if hunt.members.is_empty() {
            self.say(format!("nobody of {number} can be rung"));
            return (None, Vec::new());
        }
        if hunt.each <= 0 {
            self.say(format!("{number} rings for 0 seconds"));
            return (None, Vec::new());
        }
        let ring = |targets: Vec<Target>, seconds| Ring {
            targets,
            seconds,
            headers: hunt.headers.clone(),
            music: hunt.music.clone(),
        };
        if hunt.all_at_once {
            let targets = hunt.members.iter().flat_map(|member| member.targets());
            let seconds = hunt.each.min(hunt.most);
            self.say(format!(
                "{} people are rung at once for {seconds} seconds",
                hunt.members.len()
            ));
            let step = self.ring(ring(targets.collect(), seconds));
            return (Some(step), vec![step]);
        }
        let (mut first, mut before, mut spent) = (None, None, 0);
        for member in &hunt.members {
            let seconds = hunt.each.min(hunt.most - spent);
            if seconds <= 0 || !self.has_room() {
                break;
            }
            spent += seconds;
            let who = &member.agent.extension_number;
            self.say(format!("{who} is rung for {seconds} seconds"));
            let step = self.ring(ring(member.targets(), seconds));
            if let Some(before) = before.replace(step) {
                self.lead(before, Next::always(step));
            }
            first = first.or(Some(step));
        }
        (first, before.into_iter().collect())
    }

    /// Lets the call go on from the last steps of a hunt.
    fn fasten(&mut self, first: Option<usize>, tails: &[usize], to: usize) -> usize {
        for tail in tails {
            self.lead(*tail, Next::always(to));
        }
        first.unwrap_or(to)
    }

    /// Applies the rule for a call that nobody took.
    fn missed(&mut self, missed: &Missed<'a>) -> usize {
        self.say(format!("rule {} {}", missed.name, deed(missed.rule)));
        match missed.rule.action {
            MissedAction::ToNumber => self.forward(&missed.rule.number, missed.account),
            MissedAction::ToVoicemail => self.voicemail(&missed.rule.number, None),
            MissedAction::Repeat | MissedAction::HangUp => {
                self.refuse(Refusal::UNAVAILABLE, "nobody takes the call")
            }
        }
    }
}

impl Hunt<'_> {
    /// How long it takes when nobody answers.
    fn seconds(&self) -> i64 {
        let each = self.each.max(0);
        let people = i64::try_from(self.members.len()).unwrap_or(i64::MAX);
        let all = if self.all_at_once {
            each.saturating_mul(people.min(1))
        } else {
            each.saturating_mul(people)
        };
        all.min(self.most)
    }
}
