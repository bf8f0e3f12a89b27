//! What becomes of a call to a user: his rules.

use super::{
    Headers, Next, Reached, Refusal, Ring, Target,
    facts::Member,
    number::matches_mask,
    planner::{Account, Planner},
};
use crate::{
    CustomForwardRule, ForwardAction, ForwardCase, NO_ANSWER_TIMEOUT, Registration, RuleHours, SeenPresence,
    UserId, office_hours_at, schedule::open_at,
};

/// The situation of a user who is seen like this.
fn situation(seen: SeenPresence, open: bool) -> ForwardCase {
    match (seen, open) {
        (SeenPresence::Available, true) => ForwardCase::AvailableOffice,
        (SeenPresence::Available, false) => ForwardCase::AvailableNonOffice,
        (SeenPresence::OnCall, true) => ForwardCase::BusyOffice,
        (SeenPresence::OnCall, false) => ForwardCase::BusyNonOffice,
        (SeenPresence::DoNotDisturb, true) => ForwardCase::DndOffice,
        (SeenPresence::DoNotDisturb, false) => ForwardCase::DndNonOffice,
        (SeenPresence::Away, true) => ForwardCase::AwayOffice,
        (SeenPresence::Away, false) => ForwardCase::AwayNonOffice,
        (SeenPresence::Lunch, true) => ForwardCase::LunchOffice,
        (SeenPresence::Lunch, false) => ForwardCase::LunchNonOffice,
        (SeenPresence::BusinessTrip, true) => ForwardCase::TripOffice,
        (SeenPresence::BusinessTrip, false) => ForwardCase::TripNonOffice,
        (SeenPresence::Offline, true) => ForwardCase::OfflineOffice,
        (SeenPresence::Offline, false) => ForwardCase::OfflineNonOffice,
    }
}

/// What a rule does, in words.
pub(super) fn deed(action: ForwardAction, number: &str) -> String {
    match action {
        ForwardAction::ToNumber => format!("→ {number}"),
        ForwardAction::ToVoicemail if number.trim().is_empty() => "→ his voicemail".to_owned(),
        ForwardAction::ToVoicemail => format!("→ the voicemail of {number}"),
        ForwardAction::RingAnyway => "rings".to_owned(),
        ForwardAction::HangUp => "ends the call".to_owned(),
    }
}

/// The devices of a user, each to be rung.
pub(super) fn targets(user: UserId, number: &str, devices: &[Registration]) -> Vec<Target> {
    let target = |device: &Registration| Target::Device {
        user,
        number: number.to_owned(),
        instance_id: device.binding.instance_id.clone(),
        contact: device.binding.contact_address.clone(),
    };
    devices.iter().map(target).collect()
}

impl Member {
    /// His devices, each to be rung.
    pub(super) fn targets(&self) -> Vec<Target> {
        targets(self.agent.user, &self.agent.extension_number, &self.devices)
    }
}

/// How a call to a user goes on: what is known of him at this instant.
#[derive(Clone, Copy)]
struct Present {
    /// Whether it is within his office hours.
    open: bool,
    /// Whether he is in a call.
    busy: bool,
    /// How a rule is answered that would ring him again; none before he was rung.
    rung: Option<Refusal>,
}

impl<'a> Planner<'a> {
    pub(super) fn user(&mut self, user: &'a Reached) -> usize {
        let number = &user.person.number;
        if !user.person.enabled {
            return self.refuse(Refusal::UNAVAILABLE, format!("user {number} is disabled"));
        }
        let seen = self.facts.seen(user);
        let decision = office_hours_at(self.at, &self.facts.schedule(), Some(&user.schedule()));
        let present = Present {
            open: decision.open,
            busy: seen == SeenPresence::OnCall,
            rung: None,
        };
        if let Some((place, rule)) = self.custom_rule(user) {
            self.say(format!(
                "custom rule {place} of user {number} {}",
                deed(rule.action, &rule.number)
            ));
            return self.apply(user, present, rule.action, &rule.number);
        }
        self.say(decision.because.said_of(&format!("user {number}")));
        self.say(format!("presence of user {number} is {}", seen.word()));
        self.rule(user, present, situation(seen, present.open))
    }

    /// The first of the user's custom rules that is for this caller at this hour, and its place, counted from 1.
    fn custom_rule(&mut self, user: &'a Reached) -> Option<(usize, &'a CustomForwardRule)> {
        let rules = user.person.settings.custom_forward_rules.iter().enumerate();
        let caller = self.call.from.number();
        for (index, rule) in rules {
            if !matches_mask(&rule.caller_id, caller) {
                continue;
            }
            let (open, moment) = open_at(self.at, &self.facts.tenant.zone, &rule.week);
            let applies = match rule.hours {
                RuleHours::All => true,
                RuleHours::Inside => open,
                RuleHours::Outside => !open,
            };
            if applies {
                if !rule.caller_id.is_empty() {
                    self.say(format!("caller {caller} is one of {}", rule.caller_id));
                }
                if rule.hours != RuleHours::All {
                    let side = if open { "in" } else { "outside of" };
                    self.say(format!("{moment} is {side} the hours of the rule"));
                }
                return Some((index + 1, rule));
            }
        }
        None
    }

    /// Applies the user's rule for a situation.
    fn rule(&mut self, user: &'a Reached, present: Present, case: ForwardCase) -> usize {
        let rules = &user.person.settings.forward_rules;
        let Some((_, rule)) = rules.cases().find(|(of, _)| *of == case) else {
            return self.refuse(Refusal::UNAVAILABLE, "no rule is for this");
        };
        self.say(format!(
            "rule {} {}",
            case.field().name(),
            deed(rule.action, &rule.number)
        ));
        self.apply(user, present, rule.action, &rule.number)
    }

    fn apply(&mut self, user: &'a Reached, present: Present, action: ForwardAction, number: &str) -> usize {
        match action {
            ForwardAction::ToNumber => self.forward(number, Account::Forwarder(&user.person)),
            ForwardAction::ToVoicemail => self.voicemail(number, Some(user)),
            ForwardAction::HangUp => self.refuse(
                Refusal::DECLINED,
                format!("user {} takes no call", user.person.number),
            ),
            ForwardAction::RingAnyway => match present.rung {
                None => self.ring_user(user, present),
                Some(refusal) => self.refuse(refusal, "his phones were tried already"),
            },
        }
    }

    /// Rings all devices of a user; his rules say what comes after.
    fn ring_user(&mut self, user: &'a Reached, present: Present) -> usize {
        let number = &user.person.number;
        let no_answer = if present.busy {
            ForwardCase::BusyNoAnswer
        } else {
            ForwardCase::AvailableNoAnswer
        };
        let tried = |refusal| Present {
            rung: Some(refusal),
            ..present
        };
        let (silent, busy) = (tried(Refusal::UNAVAILABLE), tried(Refusal::BUSY));
        let offline = situation(SeenPresence::Offline, present.open);
        if user.devices.is_empty() {
            self.say(format!("user {number} has no phone registered"));
            return self.rule(user, silent, offline);
        }
        let rules = &user.person.settings.forward_rules;
        let rule = rules.cases().find(|(case, _)| *case == no_answer);
        let seconds = rule
            .and_then(|(_, rule)| rule.timeout)
            .unwrap_or(NO_ANSWER_TIMEOUT);
        if seconds <= 0 {
            self.say(format!("rule {} waits 0 seconds", no_answer.field().name()));
            return self.rule(user, silent, no_answer);
        }
        self.say(match user.devices.len() {
            1 => format!("user {number} is rung"),
            many => format!("user {number} is rung on {many} phones at once"),
        });
        let step = self.ring(Ring {
            targets: targets(user.person.id, number, &user.devices),
            seconds,
            headers: Headers::default(),
            music: None,
        });
        self.say(format!("nobody answers within {seconds} seconds"));
        let no_answer = self.rule(user, silent, no_answer);
        self.say(format!("the phones of user {number} are busy"));
        let busy = self.rule(user, busy, situation(SeenPresence::OnCall, present.open));
        self.say(format!("no phone of user {number} can be reached"));
        let unreachable = self.rule(user, silent, offline);
        self.lead(
            step,
            Next {
                busy,
                no_answer,
                unreachable,
            },
        );
        step
    }
}
