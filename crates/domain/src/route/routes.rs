//! The tenant's own words on who answers a number from outside, and which trunk a number outside takes.

use super::{Need, facts::Facts, outside::takes_calls, planner::Planner};
use crate::{InboundRoute, Item, OutboundRoute, Provider, ProviderId};

impl<'a> Planner<'a> {
    /// The number that answers a call from outside over a trunk: that of the route that fits best, or else the called one itself.
    pub(super) fn answers(&mut self, trunk: &Provider, called: String) -> String {
        let facts: &'a Facts = self.facts;
        let Some(routes) = &facts.inbound_routes else {
            self.need(Need::InboundRoutes);
            return called;
        };
        let fit = |item: &&Item<InboundRoute>| item.value.fit(&called, trunk.id);
        // The first one of several that fit alike: they have been there for longer.
        let best = routes
            .iter()
            .rev()
            .filter(|item| fit(item).is_some())
            .max_by_key(fit);
        match best {
            None => called,
            Some(item) => {
                let target = &item.value.target;
                self.say(format!(
                    "inbound route {} ({}) leads it to {target}",
                    item.id, item.value.called
                ));
                target.clone()
            }
        }
    }

    /// The trunks that routes lead a number to, the first one first, with the number as it is sent; none when no route is for it.
    pub(super) fn routed(
        &mut self,
        trunks: &'a [Provider],
        number: &str,
    ) -> Option<Vec<(&'a Provider, String)>> {
        let facts: &'a Facts = self.facts;
        let Some(routes) = &facts.outbound_routes else {
            self.need(Need::OutboundRoutes);
            return None;
        };
        let fits = |item: &&Item<OutboundRoute>| number.starts_with(&item.value.prefix);
        let longest = routes
            .iter()
            .filter(fits)
            .map(|item| item.value.prefix.len())
            .max()?;
        let mut best: Vec<_> = routes
            .iter()
            .filter(fits)
            .filter(|item| item.value.prefix.len() == longest)
            .collect();
        best.sort_by_key(|item| item.value.priority);
        let mut ways = Vec::new();
        for item in best {
            let route = &item.value;
            match trunks.iter().find(|trunk| Some(trunk.id) == route.trunk) {
                Some(trunk) if takes_calls(trunk) => {
                    self.say(format!(
                        "outbound route {} ({}) leads to trunk {}",
                        item.id, route.prefix, trunk.name
                    ));
                    ways.push((trunk, route.sent(number)));
                }
                Some(trunk) => self.say(format!(
                    "outbound route {}: trunk {} takes no calls",
                    item.id, trunk.name
                )),
                None => {
                    let gone = route.trunk.map_or(0, ProviderId::get);
                    self.say(format!(
                        "outbound route {}: there is no trunk {gone} any more",
                        item.id
                    ));
                }
            }
        }
        Some(ways)
    }
}
