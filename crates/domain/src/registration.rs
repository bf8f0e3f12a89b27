//! SIP devices that are bound now. Two writers keep them, the SIP edge and the feed, and they end by themselves.

use std::{net::IpAddr, time::Duration};

use crate::{Field, Rule, TenantId, Timestamp, UserId, Violations, limits};

/// A SIP device that is bound, as its writer reported it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The tenant of the user.
    pub tenant: TenantId,
    /// The user whose extension it is bound to.
    pub user: UserId,
    /// What binds it.
    pub binding: NewRegistration,
    /// When it was last reported.
    pub updated_at: Timestamp,
    /// How calls reach it, when it registered at the SIP edge; none for one that an engine reported.
    pub route: Option<SipRoute>,
}

/// The way to a device that registered at the SIP edge, and the request that it registered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipRoute {
    /// Where the request came from: a protocol and an address, `udp:192.0.2.1:5060`.
    pub received: String,
    /// The proxies between, as the request named them (RFC 3327), with commas between them; empty when there are none.
    pub path: String,
    /// The `Call-ID` of the request: a device keeps one as long as it runs.
    pub call_id: String,
    /// The number of the request among those of its `Call-ID`. One that is not higher came late.
    pub cseq: u32,
    /// The preference of the device among its user's, in thousandths.
    pub preference: u16,
    /// The process that took the request: only there is a connection that the device opened.
    pub edge: String,
}

/// A binding that goes on and of which nothing changes but its end and the request that said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The tenant of the user.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The device.
    pub instance_id: String,
    /// The `Call-ID` of the request that bound it or renewed it last, as far as it is stored.
    pub before: String,
    /// The `Call-ID` of the request: the same one, or a new one when the device was started anew meanwhile.
    pub call_id: String,
    /// The number of the request; higher than the one before with the same `Call-ID`.
    pub cseq: u32,
    /// When the binding ends now.
    pub expires_at: Timestamp,
    /// When the request came.
    pub updated_at: Timestamp,
}

impl SipRoute {
    /// Whether a request may change what this one bound (RFC 3261 §10.3, step 7).
    pub fn is_followed_by(&self, call_id: &str, cseq: u32) -> bool {
        self.call_id != call_id || self.cseq < cseq
    }
}

/// A binding as it is reported. A second one with the same instance id replaces the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegistration {
    /// The id that the device gives itself; unique among the registrations of the user.
    pub instance_id: String,
    /// What the device calls itself.
    pub user_agent: String,
    /// The program it belongs to, for a softphone.
    pub application: String,
    /// The address it was seen at; empty when the writer does not know.
    pub ip: String,
    /// Whether it wants to be woken before a call.
    pub enable_push: bool,
    /// The SIP address that calls are sent to.
    pub contact_address: String,
    /// When the binding ends unless it is renewed. A moment that has passed ends it at once.
    pub expires_at: Timestamp,
}

/// Text that can stand in one line, in a path and in a SIP header.
fn check_line(found: &mut Violations, field: Field, text: &str, max: usize) {
    found.length(field, text, 0..=max);
    if text.chars().any(char::is_control) {
        found.add(field, Rule::Form("text without control characters"));
    }
}

impl NewRegistration {
    /// Every rule that the report breaks at this moment.
    pub fn check(&self, now: Timestamp) -> Violations {
        let mut found = Violations::new();
        found.length(Field::InstanceId, &self.instance_id, limits::INSTANCE_ID);
        if self
            .instance_id
            .chars()
            .any(|c| c.is_control() || c.is_whitespace())
        {
            found.add(Field::InstanceId, Rule::Form("an id without spaces"));
        }
        check_line(&mut found, Field::UserAgent, &self.user_agent, limits::USER_AGENT);
        check_line(
            &mut found,
            Field::Application,
            &self.application,
            limits::USER_AGENT,
        );
        check_line(
            &mut found,
            Field::ContactAddress,
            &self.contact_address,
            limits::CONTACT_ADDRESS,
        );
        if !self.ip.is_empty() && self.ip.parse::<IpAddr>().is_err() {
            found.add(Field::Ip, Rule::Form("an IP address"));
        }
        if self.expires_at > now.plus(Duration::from_secs(limits::REGISTRATION_SECONDS)) {
            found.add(
                Field::ExpiresAt,
                Rule::Form("a moment within the next seven days"),
            );
        }
        found
    }

    /// Whether this report ends the binding instead of renewing it.
    pub fn ends(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

impl Registration {
    /// Whether the device is bound at this moment. At the very moment of its end it is not.
    pub fn is_bound(&self, now: Timestamp) -> bool {
        !self.binding.ends(now)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    pub(crate) fn bound_until(expires_at: Timestamp) -> Registration {
        Registration {
            tenant: TenantId::FIRST,
            user: UserId::FIRST,
            binding: NewRegistration {
                instance_id: "<urn:uuid:4a1f>".into(),
                user_agent: "Desk phone 1.0".into(),
                application: String::new(),
                ip: "2001:db8::1".into(),
                enable_push: false,
                contact_address: "sip:1001@192.0.2.1:5060;transport=tcp".into(),
                expires_at,
            },
            updated_at: NOW,
            route: None,
        }
    }

    #[test]
    fn a_late_request_changes_nothing() {
        let route = SipRoute {
            received: "udp:192.0.2.1:5060".into(),
            path: String::new(),
            call_id: "one".into(),
            cseq: 7,
            preference: 1000,
            edge: String::new(),
        };
        assert!(route.is_followed_by("one", 8) && route.is_followed_by("two", 1));
        assert!(!route.is_followed_by("one", 7) && !route.is_followed_by("one", 6));
    }

    #[test]
    fn a_binding_ends_by_itself() {
        let registration = bound_until(NOW.plus(Duration::from_mins(1)));
        assert!(registration.is_bound(NOW));
        assert!(registration.is_bound(NOW.plus(Duration::from_secs(59))));
        assert!(!registration.is_bound(NOW.plus(Duration::from_mins(1))));
        assert!(bound_until(NOW).binding.ends(NOW));
    }

    #[test]
    fn what_a_writer_may_report() {
        type Change = fn(&mut NewRegistration);
        let table: [(Change, Option<Field>); 10] = [
            (|_| (), None),
            (|new| new.ip = String::new(), None),
            (|new| new.expires_at = Timestamp::from_micros(0), None),
            (|new| new.instance_id = String::new(), Some(Field::InstanceId)),
            (|new| new.instance_id = "a b".into(), Some(Field::InstanceId)),
            (|new| new.instance_id = "x".repeat(257), Some(Field::InstanceId)),
            (
                |new| new.user_agent = "a\r\nVia: b".into(),
                Some(Field::UserAgent),
            ),
            (|new| new.ip = "10.0.0.256".into(), Some(Field::Ip)),
            (
                |new| new.contact_address = "x".repeat(1025),
                Some(Field::ContactAddress),
            ),
            (
                |new| new.expires_at = NOW.plus(Duration::from_hours(8 * 24)),
                Some(Field::ExpiresAt),
            ),
        ];
        for (index, (change, field)) in table.into_iter().enumerate() {
            let mut new = bound_until(NOW.plus(Duration::from_mins(1))).binding;
            change(&mut new);
            let found = new.check(NOW).into_vec();
            assert_eq!(
                found.first().map(|violation| violation.field),
                field,
                "row {index}"
            );
        }
    }
}
