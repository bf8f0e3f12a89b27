//! Who answers a number from outside, and which trunk a number outside takes.

use crate::{
    Field, Kind, Owned, ProviderId, Rule, SealedSecret, Thing, Violations, limits, patch::settings,
    text::is_digits,
};

settings! {
    /// Says which number of the tenant answers a number that calls come in for.
    InboundRoute,
    /// A change to such a route.
    InboundRoutePatch {
        /// The number called, in digits as the trunk has it; or how such numbers begin, when a `*` stands behind.
        called: String = String::new();
        /// The trunk that the call has to come by; none for any.
        trunk: Option<ProviderId> = None;
        /// The number that answers: an extension, a ring group, a queue or a meeting.
        target: String = String::new();
        /// Of two routes that fit alike, the one with the lower number counts.
        priority: i64 = 0;
        /// A note for people.
        description: String = String::new();
    }
}

settings! {
    /// Says which trunk takes numbers outside that begin alike, and how they are sent to it.
    OutboundRoute,
    /// A change to such a route.
    OutboundRoutePatch {
        /// How the numbers begin, in E.164 form: a plus sign and digits. A plus sign alone means every number.
        prefix: String = "+".to_owned();
        /// The trunk.
        trunk: Option<ProviderId> = None;
        /// Of the routes with the longest prefix, the one with the lowest number is tried first.
        priority: i64 = 0;
        /// How many digits behind the plus sign are left out of what is sent.
        strip: i64 = 0;
        /// What is sent before the digits that are left.
        prepend: String = String::new();
        /// A note for people.
        description: String = String::new();
    }
}

fn check_priority(found: &mut Violations, priority: i64) {
    found.range(Field::Priority, priority, limits::ROUTE_PRIORITY);
}

/// Whether a text is one that can be dialled.
fn is_dialled(text: &str) -> bool {
    text.len() <= limits::ROUTE_NUMBER
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#'))
}

impl InboundRoute {
    /// Every rule that the route breaks.
    pub fn check(&self, found: &mut Violations) {
        let digits = self.called.strip_suffix('*').unwrap_or(&self.called);
        if digits.len() > limits::ROUTE_NUMBER || !is_digits(digits) {
            found.add(
                Field::Called,
                Rule::Form("digits without a plus sign, with a * behind for all that begin so"),
            );
        }
        if !is_dialled(&self.target) {
            found.add(Field::Target, Rule::Form("a number of the tenant"));
        }
        check_priority(found, self.priority);
        found.text(Field::Description, &self.description, limits::DESCRIPTION);
    }

    /// What a route must have.
    fn complete(&self, found: &mut Violations) {
        for (field, text) in [(Field::Called, &self.called), (Field::Target, &self.target)] {
            if text.is_empty() {
                found.add(field, Rule::Required);
            }
        }
    }

    /// How well the route fits a call; none when it is not for it. More is better: a number before what it begins with, a longer
    /// beginning before a shorter one, a trunk before any.
    pub fn fit(&self, called: &str, trunk: ProviderId) -> Option<(usize, bool, std::cmp::Reverse<i64>)> {
        if self.trunk.is_some_and(|own| own != trunk) {
            return None;
        }
        let length = match self.called.strip_suffix('*') {
            Some(prefix) => called.starts_with(prefix).then_some(prefix.len())?,
            None => (self.called == called).then_some(called.len() + 1)?,
        };
        Some((length, self.trunk.is_some(), std::cmp::Reverse(self.priority)))
    }
}

impl OutboundRoute {
    /// Every rule that the route breaks.
    pub fn check(&self, found: &mut Violations) {
        let digits = self.prefix.strip_prefix('+');
        if digits.is_none_or(|digits| digits.len() > limits::ROUTE_NUMBER || !is_digits(digits)) {
            found.add(
                Field::Prefix,
                Rule::Form("a plus sign and digits, as E.164 numbers begin"),
            );
        }
        check_priority(found, self.priority);
        found.range(Field::Strip, self.strip, limits::ROUTE_STRIP);
        if !is_dialled(self.prepend.strip_prefix('+').unwrap_or(&self.prepend)) {
            found.add(
                Field::Prepend,
                Rule::Form("digits, * and #, with or without a plus sign before"),
            );
        }
        found.text(Field::Description, &self.description, limits::DESCRIPTION);
    }

    /// What a route must have.
    fn complete(&self, found: &mut Violations) {
        if self.trunk.is_none() {
            found.add(Field::TrunkId, Rule::Required);
        }
    }

    /// An E.164 number as it is sent to the trunk: as it is, unless the route strips or prepends something.
    pub fn sent(&self, number: &str) -> String {
        if self.strip == 0 && self.prepend.is_empty() {
            return number.to_owned();
        }
        let digits = number.strip_prefix('+').unwrap_or(number);
        let strip = usize::try_from(self.strip).unwrap_or(0);
        format!("{}{}", self.prepend, digits.get(strip..).unwrap_or_default())
    }
}

/// The routes are alike in how they are kept. No two have one key: of two that fit alike nobody could say which counts.
macro_rules! owned {
    ($name:ident, $patch:ident, $of:ident, $collection:literal, $key:ident, |$route:ident| $text:expr) => {
        impl Owned for $name {
            const THING: Thing = Thing::$of;
            const KIND: Kind = Kind::$of;
            const COLLECTION: &'static str = $collection;
            const MOST: i64 = limits::CALL_ROUTES;
            const KEY: Field = Field::$key;

            type New = Self;
            type Patch = $patch;

            fn check(new: &Self) -> Violations {
                let mut found = Violations::new();
                new.check(&mut found);
                new.complete(&mut found);
                found
            }

            fn check_patch(&self, patch: &$patch) -> Violations {
                let mut changed = self.clone();
                patch.clone().apply(&mut changed);
                <Self as Owned>::check(&changed)
            }

            fn make(new: Self, _: &mut dyn FnMut(&str) -> SealedSecret) -> Self {
                new
            }

            fn apply(&mut self, patch: $patch, _: &mut dyn FnMut(&str) -> SealedSecret) -> bool {
                patch.apply(self)
            }

            fn key(&self) -> Option<String> {
                let $route = self;
                Some($text)
            }
        }
    };
}

owned!(
    InboundRoute,
    InboundRoutePatch,
    InboundRoute,
    "inbound_route",
    Called,
    |route| {
        format!(
            "{} {} {}",
            route.called,
            route.trunk.map_or(0, ProviderId::get),
            route.priority
        )
    }
);
owned!(
    OutboundRoute,
    OutboundRoutePatch,
    OutboundRoute,
    "outbound_route",
    Prefix,
    |route| {
        format!(
            "{} {} {}",
            route.prefix,
            route.trunk.map_or(0, ProviderId::get),
            route.priority
        )
    }
);

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::*;
    use crate::Patch;

    #[test]
    fn what_routes_must_look_like() {
        for (called, target, good) in [
            ("4930100", "1001", true),
            ("49*", "6000", true),
            ("*", "6000", true),
            ("+4930100", "1001", false),
            ("49*30", "1001", false),
            ("", "1001", false),
            ("4930100", "", false),
            ("4930100", "+4930", false),
            (&"1".repeat(33), "1001", false),
        ] {
            let route = InboundRoute {
                called: called.into(),
                target: target.into(),
                ..InboundRoute::default()
            };
            assert_eq!(
                <InboundRoute as Owned>::check(&route).is_empty(),
                good,
                "{called} {target}"
            );
        }
        for (prefix, strip, prepend, good) in [
            ("+", 0, "", true),
            ("+4930", 2, "0", true),
            ("+", 0, "+1#", true),
            ("49", 0, "", false),
            ("+49x", 0, "", false),
            ("+", -1, "", false),
            ("+", 33, "", false),
            ("+", 0, "00 49", false),
        ] {
            let route = OutboundRoute {
                prefix: prefix.into(),
                trunk: Some(ProviderId::FIRST),
                strip,
                prepend: prepend.into(),
                ..OutboundRoute::default()
            };
            assert_eq!(
                <OutboundRoute as Owned>::check(&route).is_empty(),
                good,
                "{prefix} {prepend}"
            );
        }
        let without = OutboundRoute::default();
        assert!(<OutboundRoute as Owned>::check(&without).concerns(Field::TrunkId));
        let late = InboundRoutePatch {
            called: Patch::Set("x".into()),
            ..InboundRoutePatch::default()
        };
        assert!(InboundRoute::default().check_patch(&late).concerns(Field::Called));
    }

    #[test]
    fn the_better_fit_is_more() {
        let (one, two) = (ProviderId::new(1), ProviderId::new(2));
        let fit = |called: &str, trunk: Option<ProviderId>, priority| {
            let route = InboundRoute {
                called: called.into(),
                trunk,
                priority,
                ..InboundRoute::default()
            };
            route.fit("4930100", one)
        };
        assert_eq!(fit("4930101", None, 0), None);
        assert_eq!(fit("50*", None, 0), None);
        assert_eq!(fit("4930100", Some(two), 0), None);
        assert_eq!(fit("49*", None, 3), Some((2, false, Reverse(3))));
        assert!(fit("4930100", None, 9) > fit("4930100*", Some(one), 0));
        assert!(fit("4930*", None, 9) > fit("49*", Some(one), 0));
        assert!(fit("49*", Some(one), 9) > fit("49*", None, 0));
        assert!(fit("49*", None, 0) > fit("49*", None, 1));
    }

    #[test]
    fn numbers_are_sent_as_the_route_says() {
        let sent = |strip, prepend: &str| {
            let route = OutboundRoute {
                strip,
                prepend: prepend.into(),
                ..OutboundRoute::default()
            };
            route.sent("+4930901820")
        };
        assert_eq!(sent(0, ""), "+4930901820");
        assert_eq!(sent(2, "0"), "030901820");
        assert_eq!(sent(0, "00"), "004930901820");
        assert_eq!(sent(20, "1"), "1");
    }
}
