//! What becomes of a call over a trunk: out to the world, and in from it.

use super::{
    Headers, Need, Next, Refusal, Ring, Shown, Target,
    facts::Person,
    number::{in_world, number_of_trunk},
    planner::{Account, Planner},
};
use crate::{OutboundCallerId, Provider, ProviderId, TrunkAuth};

/// Seconds that a number outside is rung. RFC 3261 lets a proxy give up after three minutes; networks do so earlier.
const RING_SECONDS: i64 = 180;

impl<'a> Planner<'a> {
    /// The number, in digits, that a call from outside comes in with; none when it may not. Says why not.
    pub(super) fn comes_in(&mut self, trunk: Option<ProviderId>, number: &str) -> Option<String> {
        if !self.facts.tenant.enabled {
            self.refuse(Refusal::FORBIDDEN, "the tenant is disabled");
            return None;
        }
        let trunks = self.trunks()?;
        let country = &self.facts.tenant.country;
        let own = |trunk: &Provider| number_of_trunk(&trunk.settings, number, country);
        let found = match trunk {
            Some(id) => trunks.iter().find(|trunk| trunk.id == id),
            None => trunks.iter().find(|trunk| own(trunk).is_some()),
        };
        let (refusal, reason) = match found {
            None => (
                Refusal::UNKNOWN,
                format!("{number} is the number of no trunk of the tenant"),
            ),
            Some(trunk) if !trunk.settings.enabled => {
                (Refusal::FORBIDDEN, format!("trunk {} is disabled", trunk.name))
            }
            Some(trunk) => match own(trunk) {
                Some(own) => {
                    self.say(format!("{own} is a number of trunk {}", trunk.name));
                    match self.is_full(trunk) {
                        // It may have another way to us.
                        Some(reason) => (Refusal::NO_WAY, reason),
                        None => return self.has_free_call().then(|| self.answers(trunk, own)),
                    }
                }
                None => (
                    Refusal::UNKNOWN,
                    format!("{number} is none of the numbers of trunk {}", trunk.name),
                ),
            },
        };
        self.refuse(refusal, reason);
        None
    }

    fn trunks(&mut self) -> Option<&'a [Provider]> {
        let facts = self.facts;
        if facts.trunks.is_none() {
            self.need(Need::Trunks);
        }
        facts.trunks.as_deref()
    }

    /// A call for help: over any trunk, on no conditions. It is never anonymous, because help has to find the caller.
    pub(super) fn emergency(&mut self, person: &'a Person, number: &str) -> usize {
        self.say(format!(
            "{number} calls for help and goes out whatever the caller may do"
        ));
        let Some(trunks) = self.trunks() else {
            return self.refuse(Refusal::NO_WAY, "unknown yet");
        };
        let account = Account::Caller(person);
        let mut ways = Vec::new();
        for trunk in ordered(trunks, account) {
            ways.push((trunk, self.caller_id(account, trunk.id), number.to_owned()));
        }
        self.try_trunks(ways, number)
    }

    /// A call to the world.
    pub(super) fn outside(&mut self, number: &str, account: Account<'a>) -> usize {
        let country = &self.facts.tenant.country;
        let Some(world) = in_world(number, country) else {
            let reason = format!("{number} is no number of the tenant and no telephone number");
            return self.refuse(Refusal::UNKNOWN, reason);
        };
        let kind = if world.domestic {
            "a domestic"
        } else {
            "an international"
        };
        self.say(format!("{} is {kind} number", world.e164));
        if let Some(reason) = Self::barred(account, world.domestic) {
            return self.refuse(Refusal::FORBIDDEN, reason);
        }
        if !self.facts.tenant.trunks {
            return self.refuse(Refusal::FORBIDDEN, "the tenant may not use trunks");
        }
        let Some(trunks) = self.trunks() else {
            return self.refuse(Refusal::NO_WAY, "unknown yet");
        };
        let routed = self.routed(trunks, &world.e164);
        let wanted = routed.unwrap_or_else(|| {
            let all = ordered(trunks, account).into_iter();
            all.map(|trunk| (trunk, world.e164.clone())).collect()
        });
        let mut ways = Vec::new();
        for (trunk, sent) in wanted {
            if let Some(reason) = self.is_full(trunk) {
                self.say(reason);
            } else {
                let shown = self.shown(account, trunk.id);
                ways.push((trunk, shown, sent));
            }
        }
        self.try_trunks(ways, &world.e164)
    }

    /// Why a trunk takes no further call, in or out; none when it does.
    fn is_full(&self, trunk: &Provider) -> Option<String> {
        let going = self.facts.calls.iter();
        let going = going.filter(|call| call.trunk == trunk.name).count();
        let most = trunk.settings.concurrency;
        (most > 0 && i64::try_from(going).is_ok_and(|going| going >= most))
            .then(|| format!("trunk {} has {going} calls, and {most} are the most", trunk.name))
    }

    /// Tries one trunk after the other. A called side that is busy or does not answer ends it: it was reached.
    fn try_trunks(&mut self, ways: Vec<(&Provider, Shown, String)>, number: &str) -> usize {
        let mut first = None;
        let mut before: Option<(usize, usize, usize)> = None;
        for (trunk, shown, sent) in ways {
            if !self.has_room() {
                break;
            }
            self.say(match &shown {
                Shown::Anonymous => format!("over trunk {}, anonymously", trunk.name),
                Shown::As(text) => format!("over trunk {}, shown as {text}", trunk.name),
                Shown::Account => format!("over trunk {}, shown as its account", trunk.name),
            });
            let step = self.ring(Ring {
                targets: vec![Target::Outside {
                    provider: trunk.id,
                    trunk: trunk.name.clone(),
                    number: sent,
                    shown,
                }],
                seconds: RING_SECONDS,
                headers: Headers::default(),
                music: None,
            });
            self.join(before, step);
            first = first.or(Some(step));
            let no_answer = self.refuse(
                Refusal::UNAVAILABLE,
                format!("nobody answers within {RING_SECONDS} seconds"),
            );
            let busy = self.refuse(Refusal::BUSY, format!("{number} is busy"));
            self.say(format!("trunk {} does not lead there now", trunk.name));
            before = Some((step, busy, no_answer));
        }
        let reason = match first {
            None => "the tenant has no trunk that this call can take",
            Some(_) => "there is no other trunk",
        };
        let last = self.refuse(Refusal::NO_WAY, reason);
        self.join(before, last);
        first.unwrap_or(last)
    }

    fn join(&mut self, before: Option<(usize, usize, usize)>, unreachable: usize) {
        if let Some((step, busy, no_answer)) = before {
            self.lead(
                step,
                Next {
                    busy,
                    no_answer,
                    unreachable,
                },
            );
        }
    }

    /// What the called side sees: what the caller wants of it, then the caller ids that he may show on this trunk.
    fn shown(&mut self, account: Account<'a>, trunk: ProviderId) -> Shown {
        if let Some(person) = account.person() {
            let number = &person.number;
            if person.settings.anonymous_outbound_calls {
                self.say(format!("user {number} calls anonymously"));
                return Shown::Anonymous;
            }
            if !person.settings.delivery_outbound_cid {
                self.say(format!("user {number} passes no caller id on"));
                return Shown::Account;
            }
        }
        self.caller_id(account, trunk)
    }

    /// The caller id for a trunk: of the user's own list, of his groups, of the tenant.
    fn caller_id(&mut self, account: Account<'a>, trunk: ProviderId) -> Shown {
        let facts = self.facts;
        let mut found = choose(own_list(account), trunk);
        if let (None, Some(person)) = (found, account.person()) {
            match facts.groups.get(&person.id) {
                None => self.need(Need::Groups(person.id)),
                Some(list) => found = choose(list, trunk),
            }
        }
        let found = found.or_else(|| choose(&facts.tenant.caller_ids, trunk));
        found.map_or(Shown::Account, |entry| Shown::As(entry.caller_id.clone()))
    }
}

/// Whether telephone calls can take a trunk.
pub(super) fn takes_calls(trunk: &Provider) -> bool {
    trunk.settings.enabled && !matches!(trunk.auth_mode, TrunkAuth::WhatsApp | TrunkAuth::Teams)
}

/// The trunks that telephone calls can take: first the one whose caller id is preferred, then those with caller ids of the
/// account, then the others.
fn ordered<'a>(trunks: &'a [Provider], account: Account<'_>) -> Vec<&'a Provider> {
    let list = own_list(account);
    let rank = |trunk: &&Provider| match list.iter().find(|entry| entry.provider == trunk.id) {
        Some(_)
            if list
                .iter()
                .any(|entry| entry.provider == trunk.id && entry.preferred) =>
        {
            0
        }
        Some(_) => 1,
        None => 2,
    };
    let mut ways: Vec<&Provider> = trunks.iter().filter(|trunk| takes_calls(trunk)).collect();
    ways.sort_by_key(rank);
    ways
}

/// The caller ids of whoever the call goes on for.
fn own_list(account: Account<'_>) -> &[OutboundCallerId] {
    match account {
        Account::Caller(person) | Account::Forwarder(person) => &person.settings.outbound_caller_ids,
        Account::Team(list) => list,
        Account::Stranger => &[],
    }
}

/// The entry of a list for a trunk: the preferred one, else the first.
fn choose(list: &[OutboundCallerId], trunk: ProviderId) -> Option<&OutboundCallerId> {
    let of_trunk = || list.iter().filter(|entry| entry.provider == trunk);
    of_trunk()
        .find(|entry| entry.preferred)
        .or_else(|| of_trunk().next())
}
