//! What routes make of numbers.

use super::*;
use crate::{InboundRoute, Item, OutboundRoute};

fn item<T>(id: i64, value: T) -> Item<T> {
    Item {
        id,
        value,
        created_at: at(OPEN),
        version: 1,
    }
}

fn inbound(id: i64, called: &str, trunk: Option<i64>, target: &str, priority: i64) -> Item<InboundRoute> {
    let route = InboundRoute {
        called: called.into(),
        trunk: trunk.map(ProviderId::new),
        target: target.into(),
        priority,
        description: String::new(),
    };
    item(id, route)
}

fn outbound(
    id: i64,
    prefix: &str,
    trunk: i64,
    priority: i64,
    strip: i64,
    prepend: &str,
) -> Item<OutboundRoute> {
    let route = OutboundRoute {
        prefix: prefix.into(),
        trunk: Some(ProviderId::new(trunk)),
        priority,
        strip,
        prepend: prepend.into(),
        description: String::new(),
    };
    item(id, route)
}

/// A house with two trunks, and a user whose extension is a number of one.
fn house_with_trunks() -> House {
    let mut house = full_house();
    house.trunk(1, "One").settings.did_numbers = "4930100-4930199".into();
    house.trunk(2, "Two").settings.did_numbers = "4930100-4930199".into();
    house.user("4930100");
    house
}

#[test]
fn the_route_that_fits_best_answers() {
    let mut house = house_with_trunks();
    house.facts.inbound_routes = Some(vec![
        inbound(1, "49*", None, "1001", 0),
        inbound(2, "4930101", None, "1002", 5),
        inbound(3, "4930101", None, "1003", 3),
        inbound(4, "493010*", Some(2), "1004", 9),
        inbound(5, "4930150", None, "1777", 0),
        inbound(6, "4930160", None, "112", 0),
        inbound(7, "4930170", None, "030901820", 0),
    ]);
    let comes = |trunk: i64, number: &str| {
        let origin = Origin::Outside {
            number: "0170".into(),
            trunk: Some(ProviderId::new(trunk)),
        };
        house.plan(origin, number, OPEN)
    };
    for (trunk, number, expected) in [
        // A route counts before the number itself.
        (1, "4930100", "ring 1001 60s"),
        (1, "+4930101", "ring 1003 60s"),
        (1, "030101", "ring 1003 60s"),
        (2, "4930102", "ring 1004 60s"),
        (1, "4930102", "ring 1001 60s"),
        // Nobody has the number, and no route leads out.
        (1, "4930150", "refuse 404"),
        (1, "4930160", "refuse 404"),
        (1, "4930170", "refuse 404"),
        // A route is no number of a trunk.
        (1, "4940100", "refuse 404"),
    ] {
        assert_eq!(first(&comes(trunk, number)), expected, "{trunk} {number}");
    }
    let plan = comes(1, "4930102");
    assert!(
        why(&plan).contains("inbound route 1 (49*) leads it to 1001"),
        "{plan}"
    );
    // Without one for it all is as it was.
    house.facts.inbound_routes = Some(vec![inbound(1, "4940*", None, "1001", 0)]);
    assert_eq!(first(&house.comes("0170", "4930100", OPEN)), "ring 4930100 60s");
}

#[test]
fn the_longest_prefix_says_which_trunks_are_tried() {
    let mut house = house_with_trunks();
    house.trunk(3, "Three").settings.concurrency = 1;
    house.person("1001").permissions = BuiltInRole::StandardInternationalUser.permissions();
    house.facts.outbound_routes = Some(vec![
        outbound(1, "+", 2, 0, 0, ""),
        outbound(2, "+49", 3, 5, 2, "0"),
        outbound(3, "+49", 1, 9, 0, ""),
        outbound(4, "+49171", 9, 0, 0, ""),
    ]);
    let ways = |house: &House, number: &str| follow(&house.call(number, OPEN), |next| next.unreachable);
    let ring = |number: &str, trunk: &str| format!("ring {number}@{trunk} 180s");
    assert_eq!(
        ways(&house, "+41446681800"),
        [ring("+41446681800", "Two"), "refuse 503".into()]
    );
    assert_eq!(
        ways(&house, "030901820"),
        [
            ring("030901820", "Three"),
            ring("+4930901820", "One"),
            "refuse 503".into()
        ]
    );
    // Its trunk is gone: nobody else's trunk takes it.
    assert_eq!(ways(&house, "+491711234567"), ["refuse 503"]);
    assert!(
        why(&house.call("+491711234567", OPEN)).contains("outbound route 4: there is no trunk 9 any more")
    );
    house.speaks("1004");
    house.facts.calls[0].trunk = "Three".into();
    assert_eq!(ways(&house, "030901820")[0], ring("+4930901820", "One"));
    house.facts.trunks.as_mut().unwrap()[0].settings.enabled = false;
    assert_eq!(ways(&house, "030901820"), ["refuse 503"]);
    // Help takes any trunk.
    assert_eq!(
        ways(&house, "112")[..2],
        [ring("112", "Two"), ring("112", "Three")]
    );
    // Numbers that no route is for take the trunks as they did.
    house.facts.outbound_routes = Some(vec![outbound(1, "+41", 3, 0, 0, "")]);
    assert_eq!(ways(&house, "030901820")[0], ring("+4930901820", "Two"));
}
