//! Lists: whatever is asked for, a store answers as [`Query::run`] does over the same records.

use std::sync::Arc;

use jackfield_domain::{
    Comparison, Filter, Group, GroupField, Listing, Literal, Order, Page, Queried, Query, Search, Tenant,
    TenantField, TenantId, TenantSummary, TextMatch, User, UserField, UserSummary,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::samples::{at, avatar, change, group, insert, make_tenant, user, with_extension};
use crate::Store;

/// What texts are made of: both cases, signs that some matching takes for wildcards, letters beyond ASCII and beyond 16 bits.
const TEXTS: [&str; 14] = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "\u{e4}",
    "\u{c4}x",
    "z",
    "_",
    "%",
    "a%b",
    "a b",
    "\u{fffd}",
    "\u{1f4de}",
];

/// What only a question can hold, because no record can.
const STRANGE: [&str; 3] = ["\0", "a\0", "ab\0x"];

const USER_FIELDS: &[UserField] = &[
    UserField::Id,
    UserField::Name,
    UserField::Email,
    UserField::DisplayName,
    UserField::Enabled,
    UserField::Role,
    UserField::MobilePhone,
    UserField::WorkPhone,
    UserField::HomePhone,
    UserField::Address,
    UserField::Department,
    UserField::ExtensionNumber,
    UserField::ExternalIdentity,
    UserField::CreatedAt,
    UserField::Dnd,
    UserField::Location,
    UserField::AvatarKey,
    UserField::AvatarName,
    UserField::AvatarSize,
];

const TENANT_FIELDS: &[TenantField] = &[
    TenantField::Id,
    TenantField::Name,
    TenantField::Domain,
    TenantField::Enabled,
    TenantField::Website,
    TenantField::Timezone,
    TenantField::Currency,
    TenantField::Region,
    TenantField::MaxExtensions,
    TenantField::MaxConcurrentCalls,
    TenantField::CreatedAt,
];

const GROUP_FIELDS: &[GroupField] = &[
    GroupField::Id,
    GroupField::Name,
    GroupField::Description,
    GroupField::Color,
];

pub(super) fn text() -> impl Strategy<Value = String> {
    prop::sample::select(&TEXTS[..]).prop_map(str::to_owned)
}

fn asked_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => text(),
        1 => prop::sample::select(&STRANGE[..]).prop_map(str::to_owned),
        1 => (0..30_i64).prop_map(|number| format!("u{number}")),
        1 => (0..30_i64).prop_map(|number| number.to_string()),
    ]
}

/// A literal of any kind: a dialect should compare like with like, and a store must not break when one does not.
fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        1 => Just(Literal::Null),
        4 => asked_text().prop_map(Literal::Text),
        2 => (0..30_i64).prop_map(Literal::Number),
        1 => any::<bool>().prop_map(Literal::Flag),
        1 => (0..4_i64).prop_map(|seconds| Literal::Time(at(seconds))),
    ]
}

fn filter<F: Queried>(fields: &'static [F]) -> impl Strategy<Value = Filter<F>> {
    let comparison = prop::sample::select(vec![
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ]);
    let how = prop::sample::select(vec![
        TextMatch::StartsWith,
        TextMatch::EndsWith,
        TextMatch::Contains,
    ]);
    let field = || prop::sample::select(fields);
    let leaf = prop_oneof![
        (field(), comparison, literal())
            .prop_map(|(field, comparison, literal)| Filter::Compare(field, comparison, literal)),
        (field(), how, asked_text()).prop_map(|(field, how, part)| Filter::Match(field, how, part)),
    ];
    leaf.prop_recursive(3, 10, 2, |inner| {
        let pair = || (inner.clone(), inner.clone());
        prop_oneof![
            pair().prop_map(|(a, b)| Filter::And(Box::new(a), Box::new(b))),
            pair().prop_map(|(a, b)| Filter::Or(Box::new(a), Box::new(b))),
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
        ]
    })
}

fn query<F: Queried>(fields: &'static [F]) -> impl Strategy<Value = Query<F>> {
    let words = prop::sample::select(vec![
        "a",
        "A",
        "\u{c4}",
        "b",
        "or",
        "1",
        "%",
        "\0",
        "u2",
        "\u{1f4de}",
    ]);
    let search =
        prop::collection::vec(words, 0..4).prop_map(|words| Search::parse(&words.join(" ")).unwrap());
    let direction = prop::sample::select(vec![Order::Ascending, Order::Descending]);
    let order = prop::collection::vec((prop::sample::select(fields), direction), 0..4);
    let page = (0..12_i64, 0..30_i64).prop_map(|(skip, take)| Page { skip, take });
    let search = prop_oneof![2 => Just(Search::default()), 1 => search];
    (prop::option::weighted(0.8, filter(fields)), search, order, page).prop_map(
        |(filter, search, order, page)| Query {
            filter,
            search,
            order,
            page,
        },
    )
}

/// Waits within a test that cannot be asynchronous itself.
pub(super) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

/// Makes records and asks questions of them, until one is answered otherwise than `check` expects; prints the smallest such
/// case.
pub(super) fn try_many<R: std::fmt::Debug, F: Queried>(
    records: impl Strategy<Value = Vec<R>>,
    fields: &'static [F],
    check: impl Fn(Vec<R>, Vec<Query<F>>) -> std::result::Result<(), TestCaseError>,
) {
    let config = Config {
        cases: 12,
        max_shrink_iters: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let cases = (records, prop::collection::vec(query(fields), 40));
    TestRunner::new(config)
        .run(&cases, |(records, queries)| check(records, queries))
        .unwrap_or_else(|failure| panic!("{failure}"));
}

pub(super) fn same<T: PartialEq + std::fmt::Debug, F: Queried>(
    query: &Query<F>,
    found: &Listing<T>,
    expected: &Listing<T>,
) -> std::result::Result<(), TestCaseError> {
    prop_assert_eq!(found, expected, "{:?}", query);
    Ok(())
}

fn optional(text: Option<&String>) -> Literal {
    text.map_or(Literal::Null, |text| Literal::Text(text.clone()))
}

fn user_value(user: &UserSummary, field: UserField) -> Literal {
    let text = |text: &String| Literal::Text(text.clone());
    match field {
        UserField::Id => Literal::Number(user.id.get()),
        UserField::Name => text(&user.name),
        UserField::Email => text(&user.email),
        UserField::DisplayName => text(&user.display_name),
        UserField::Enabled => Literal::Flag(user.enabled),
        UserField::Role => text(&user.role),
        UserField::MobilePhone => text(&user.mobile_phone),
        UserField::WorkPhone => text(&user.work_phone),
        UserField::HomePhone => text(&user.home_phone),
        UserField::Address => text(&user.address),
        UserField::Department => text(&user.department),
        UserField::ExtensionNumber => optional(user.extension_number.as_ref()),
        UserField::ExternalIdentity => optional(user.external_identity.as_ref()),
        UserField::CreatedAt => Literal::Time(user.created_at),
        UserField::Dnd => Literal::Flag(user.dnd),
        UserField::AvatarKey => Literal::Text(
            user.avatar
                .as_ref()
                .map_or_else(String::new, |it| it.key.as_str().into()),
        ),
        UserField::AvatarName => Literal::Text(
            user.avatar
                .as_ref()
                .map_or_else(String::new, |it| it.name.clone()),
        ),
        UserField::AvatarSize => Literal::Number(user.avatar.as_ref().map_or(0, |it| it.size)),
        UserField::Location => user.location.map_or(Literal::Null, Literal::Number),
    }
}

fn user_words(user: &UserSummary) -> String {
    [
        user.name.as_str(),
        &user.display_name,
        &user.email,
        user.extension_number.as_deref().unwrap_or_default(),
        &user.mobile_phone,
        &user.work_phone,
        &user.home_phone,
        &user.department,
    ]
    .join("\n")
}

fn summary(user: User) -> UserSummary {
    UserSummary {
        id: user.id,
        name: user.name,
        email: user.email,
        display_name: user.display_name,
        enabled: user.enabled,
        role: user.role,
        mobile_phone: user.mobile_phone,
        work_phone: user.work_phone,
        home_phone: user.home_phone,
        address: user.address,
        department: user.department,
        extension_number: user.extension_number,
        external_identity: user.external_identity,
        created_at: user.created_at,
        dnd: user.dnd,
        location: user.location,
        initial: user.initial,
        avatar: user.avatar,
    }
}

/// Filters, searches, orders and pages of users, at random.
pub async fn users_are_listed_as_the_domain_would(store: Arc<dyn Store>) {
    let texts = prop::array::uniform7(text());
    let record = (texts, any::<[bool; 2]>(), prop::option::of(text()), 0..4_i64);
    let worlds = std::cell::Cell::new(0);
    // Somebody else's users, whom no list may show.
    let other = make_tenant(&*store, "other.example").await;
    change(&*store, other, async |tx| {
        insert(tx, &with_extension(user(other, 3, "u3"), "3")).await;
    })
    .await;
    try_many(
        prop::collection::vec(record, 0..24),
        USER_FIELDS,
        |records, queries| {
            worlds.set(worlds.get() + 1);
            let domain = format!("{}.example", worlds.get());
            let tenant = wait(make_tenant(&*store, &domain));
            let users: Vec<User> = (0_i64..)
                .zip(records)
                .map(|(id, (texts, [enabled, extended], identity, second))| {
                    let [email, display_name, role, phone, home, address, department] = texts;
                    let user = User {
                        // Unique but where it is empty, and of the form of names that are asked for.
                        email: if email.is_empty() {
                            email
                        } else {
                            format!("{}{id}", if extended { "u" } else { "U" })
                        },
                        display_name,
                        enabled,
                        role,
                        mobile_phone: phone.clone(),
                        work_phone: phone,
                        home_phone: home,
                        address,
                        department,
                        external_identity: identity,
                        created_at: at(second),
                        avatar: (second > 1).then(|| avatar(second)),
                        dnd: extended,
                        location: enabled.then_some(second),
                        ..user(tenant, id, &format!("{}{id}", if enabled { "u" } else { "U" }))
                    };
                    if extended {
                        with_extension(user, &id.to_string())
                    } else {
                        user
                    }
                })
                .collect();
            wait(change(&*store, tenant, async |tx| {
                for user in &users {
                    insert(tx, user).await;
                }
            }));
            let records: Vec<UserSummary> = users.into_iter().map(summary).collect();
            for query in queries {
                let expected = query.run(records.clone(), user_value, user_words);
                let found = wait(store.list_users(tenant, &query)).unwrap();
                same(&query, &found, &expected)?;
            }
            Ok(())
        },
    );
}

fn tenant_value(tenant: &TenantSummary, field: TenantField) -> Literal {
    let text = |text: &String| Literal::Text(text.clone());
    match field {
        TenantField::Id => Literal::Number(tenant.id.get()),
        TenantField::Name => text(&tenant.name),
        TenantField::Domain => text(&tenant.domain),
        TenantField::Enabled => Literal::Flag(tenant.enabled),
        TenantField::Website => text(&tenant.website),
        TenantField::Timezone => text(&tenant.timezone),
        TenantField::Currency => text(&tenant.currency),
        TenantField::Region => text(&tenant.region),
        TenantField::MaxExtensions => Literal::Number(tenant.max_extensions),
        TenantField::MaxConcurrentCalls => Literal::Number(tenant.max_concurrent_calls),
        TenantField::CreatedAt => Literal::Time(tenant.created_at),
    }
}

/// Filters, searches, orders and pages of tenants, at random.
#[expect(clippy::unused_async, reason = "every case of the suite is called alike")]
pub async fn tenants_are_listed_as_the_domain_would(store: Arc<dyn Store>) {
    let record = (prop::array::uniform4(text()), any::<bool>(), 0..30_i64, 0..4_i64);
    try_many(
        prop::collection::vec(record, 0..12),
        TENANT_FIELDS,
        |records, queries| {
            let tenants: Vec<Tenant> = (1_i64..)
                .zip(records)
                .map(
                    |(id, ([name, website, timezone, region], enabled, number, second))| Tenant {
                        name,
                        domain: format!("u{id}"),
                        enabled,
                        website,
                        timezone,
                        region,
                        max_extensions: number,
                        max_concurrent_calls: number % 3,
                        ..Tenant::blank(TenantId::new(id), at(second))
                    },
                )
                .collect();
            wait(change(&*store, TenantId::SYSTEM, async |tx| {
                for tenant in &tenants {
                    tx.insert_tenant(tenant).await.unwrap();
                }
            }));
            let records: Vec<TenantSummary> = tenants
                .iter()
                .map(|tenant| TenantSummary {
                    id: tenant.id,
                    name: tenant.name.clone(),
                    domain: tenant.domain.clone(),
                    enabled: tenant.enabled,
                    website: tenant.website.clone(),
                    timezone: tenant.timezone.clone(),
                    currency: tenant.currency.clone(),
                    region: tenant.region.clone(),
                    max_extensions: tenant.max_extensions,
                    max_concurrent_calls: tenant.max_concurrent_calls,
                    created_at: tenant.created_at,
                })
                .collect();
            let words = |tenant: &TenantSummary| [&*tenant.name, &tenant.domain, &tenant.website].join("\n");
            let answers = queries.iter().map(|query| {
                let expected = query.run(records.clone(), tenant_value, words);
                let found = wait(store.list_tenants(query)).unwrap();
                same(query, &found, &expected)
            });
            let outcome: std::result::Result<(), TestCaseError> = answers.collect();
            wait(change(&*store, TenantId::SYSTEM, async |tx| {
                for tenant in &tenants {
                    assert!(tx.delete_tenant(tenant.id).await.unwrap());
                }
            }));
            outcome
        },
    );
}

fn group_value(group: &Group, field: GroupField) -> Literal {
    match field {
        GroupField::Id => Literal::Number(group.id.get()),
        GroupField::Name => Literal::Text(group.name.clone()),
        GroupField::Description => Literal::Text(group.description.clone()),
        GroupField::Color => Literal::Text(group.color.clone()),
    }
}

/// Filters, searches, orders and pages of groups, at random.
#[expect(clippy::unused_async, reason = "every case of the suite is called alike")]
pub async fn groups_are_listed_as_the_domain_would(store: Arc<dyn Store>) {
    let worlds = std::cell::Cell::new(0);
    try_many(
        prop::collection::vec(text(), 0..24),
        GROUP_FIELDS,
        |records, queries| {
            worlds.set(worlds.get() + 1);
            let domain = format!("{}.example", worlds.get());
            let tenant = wait(make_tenant(&*store, &domain));
            let groups: Vec<Group> = (0_i64..)
                .zip(records)
                .map(|(id, description)| Group {
                    description: description.clone(),
                    color: description.chars().rev().collect(),
                    ..group(tenant, id, &format!("{description}u{id}"))
                })
                .collect();
            wait(change(&*store, tenant, async |tx| {
                for group in &groups {
                    tx.insert_group(group).await.unwrap();
                }
            }));
            let searched = |group: &Group| [&*group.name, &group.description].join("\n");
            for query in queries {
                let expected = query.run(groups.clone(), group_value, searched);
                let found = wait(store.list_groups(tenant, &query)).unwrap();
                same(&query, &found, &expected)?;
            }
            Ok(())
        },
    );
}

/// A tenant so large that an engine takes other ways than for a small one: pages and totals are still right.
pub async fn long_lists_are_paged_and_counted(store: Arc<dyn Store>) {
    const USERS: i64 = 1200;
    let store = &*store;
    let tenant = make_tenant(store, "one.example").await;
    change(store, tenant, async |tx| {
        for id in 1..=USERS {
            let user = User {
                department: if id % 3 == 0 {
                    "Support".into()
                } else {
                    String::new()
                },
                ..user(tenant, id, &format!("u{id:04}"))
            };
            insert(tx, &user).await;
        }
    })
    .await;
    let page = |skip, take| Query::<UserField> {
        page: Page { skip, take },
        ..Query::default()
    };
    let ids = |found: &Listing<UserSummary>| found.items.iter().map(|user| user.id.get()).collect::<Vec<_>>();

    let found = store.list_users(tenant, &page(0, 2)).await.unwrap();
    assert_eq!((ids(&found), found.total), (vec![1, 2], USERS));
    let found = store.list_users(tenant, &page(1198, 100)).await.unwrap();
    assert_eq!((ids(&found), found.total), (vec![1199, 1200], USERS));
    let found = store.list_users(tenant, &page(1200, 100)).await.unwrap();
    assert_eq!((ids(&found), found.total), (vec![], USERS));

    let mut support = page(1, 2);
    support.filter = Some(Filter::Compare(
        UserField::Department,
        Comparison::Equal,
        Literal::Text("Support".into()),
    ));
    support.order = vec![(UserField::Name, Order::Descending)];
    let found = store.list_users(tenant, &support).await.unwrap();
    assert_eq!((ids(&found), found.total), (vec![1197, 1194], 400));

    let mut search = page(0, 5);
    search.search = Search::parse("SUPP u117 or u0001").unwrap();
    let found = store.list_users(tenant, &search).await.unwrap();
    assert_eq!((ids(&found), found.total), (vec![1, 1170, 1173, 1176, 1179], 5));
    change(store, tenant, async |tx| {
        let inside = tx.list_users(tenant, &search).await.unwrap();
        assert_eq!(inside, found);
    })
    .await;
}
