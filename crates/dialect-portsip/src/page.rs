//! Lists: what they are asked for, and how they look.

use jackfield_domain::{Field, Listing, Page, Queried, Query, Result, Rule, Search, Violations, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::odata;

/// What every list can be asked for. Each name may also be written with a `$` before it.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// A condition in the syntax of OData, on the fields of an item: `startswith(name,'a') and not (enabled eq false)`.
    #[serde(alias = "$filter")]
    filter: Option<String>,
    /// Words to look for, without regard to case; `or` between them begins an alternative.
    #[serde(alias = "$search")]
    search: Option<String>,
    /// Fields of an item, with commas between them, each with `asc` or `desc` after it if you like.
    #[serde(alias = "$orderby")]
    orderby: Option<String>,
    /// How many items to leave out at the start.
    #[serde(alias = "$skip")]
    #[param(value_type = Option<i32>, minimum = 0, default = 0)]
    skip: Option<String>,
    /// How many items to answer with, at most.
    #[serde(alias = "$top")]
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 100)]
    top: Option<String>,
}

impl ListParams {
    /// The query that they stand for. `names` finds the value that the vendor's name of a field stands for.
    ///
    /// # Errors
    /// A violation for each parameter that cannot be read.
    pub(crate) fn query<F: Queried>(&self, names: fn(&str) -> Option<F>) -> Result<Query<F>> {
        let mut found = Violations::new();
        let filter = given(self.filter.as_deref()).map(|text| odata::parse_filter(text, names));
        let search = given(self.search.as_deref()).map(Search::parse);
        let order = given(self.orderby.as_deref()).map(|text| odata::parse_order(text, names));
        let page = page(self.skip.as_deref(), self.top.as_deref(), &mut found);
        let mut keep = |violation| found.extend([violation]);
        let query = Query {
            filter: filter.and_then(|filter| filter.map_err(&mut keep).ok()),
            search: search
                .and_then(|search| search.map_err(&mut keep).ok())
                .unwrap_or_default(),
            order: order
                .and_then(|order| order.map_err(&mut keep).ok())
                .unwrap_or_default(),
            page,
        };
        found.finish().map(|()| query)
    }
}

/// What a list can be asked for that only comes in pages. Each name may also be written with a `$` before it.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many items to leave out at the start.
    #[serde(alias = "$skip")]
    #[param(value_type = Option<i32>, minimum = 0, default = 0)]
    skip: Option<String>,
    /// How many items to answer with, at most.
    #[serde(alias = "$top")]
    #[param(value_type = Option<i32>, minimum = 1, maximum = 100, default = 100)]
    top: Option<String>,
}

impl PageParams {
    /// The page that they stand for.
    ///
    /// # Errors
    /// A violation for each parameter that cannot be read.
    pub(crate) fn page(&self) -> Result<Page> {
        let mut found = Violations::new();
        let page = page(self.skip.as_deref(), self.top.as_deref(), &mut found);
        found.finish().map(|()| page)
    }
}

/// The page that `skip` and `top` stand for.
fn page(skip: Option<&str>, top: Option<&str>, found: &mut Violations) -> Page {
    let most = i64::try_from(limits::PAGE).unwrap_or(i64::MAX);
    let skip = number(skip, 0..=i64::from(i32::MAX), Field::Skip, found);
    let take = number(top, 1..=most, Field::Top, found);
    Page {
        skip: skip.unwrap_or(0),
        take: take.unwrap_or(most),
    }
}

/// A parameter without a value says nothing: forms send empty fields along.
fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn number(
    text: Option<&str>,
    range: std::ops::RangeInclusive<i64>,
    field: Field,
    found: &mut Violations,
) -> Option<i64> {
    let number = given(text)?
        .trim()
        .parse()
        .ok()
        .filter(|number| range.contains(number));
    if number.is_none() {
        found.add(field, Rule::OutOfRange(*range.start(), *range.end()));
    }
    number
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// How many records match altogether.
    #[schema(minimum = 0)]
    pub(crate) count: i64,
    /// The records of the page.
    pub(crate) items: Vec<T>,
}

impl<T> List<T> {
    /// The page as it is answered.
    pub(crate) fn of<R: Into<T>>(listing: Listing<R>) -> Self {
        Self {
            count: listing.total,
            items: listing.items.into_iter().map(Into::into).collect(),
        }
    }
}

/// A list that always comes whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Items<T> {
    /// The records.
    pub(crate) items: Vec<T>,
}

#[cfg(test)]
mod tests {
    use axum::{extract::Query as UrlQuery, http::Uri};
    use jackfield_domain::{Error, GroupField, Order};

    use super::*;

    fn names(name: &str) -> Option<GroupField> {
        match name {
            "id" => Some(GroupField::Id),
            "name" => Some(GroupField::Name),
            _ => None,
        }
    }

    fn query(text: &str) -> Result<Query<GroupField>> {
        let uri: Uri = format!("/groups?{text}").parse().unwrap();
        let UrlQuery(params) = UrlQuery::<ListParams>::try_from_uri(&uri).unwrap();
        params.query(names)
    }

    #[test]
    fn parameters_are_read_with_and_without_a_dollar() {
        for text in [
            "filter=name%20eq%20%27a%27&search=x+or+y&orderby=name+desc&skip=5&top=7",
            "$filter=name+eq+'a'&%24search=x+or+y&$orderby=name%20desc&$skip=5&$top=7&count=true",
        ] {
            let query = query(text).unwrap();
            assert!(query.filter.is_some());
            assert_eq!(query.search.alternatives().len(), 2);
            assert_eq!(query.order, [(GroupField::Name, Order::Descending)]);
            assert_eq!((query.page.skip, query.page.take), (5, 7));
        }
    }

    #[test]
    fn nothing_means_the_first_hundred() {
        for text in ["", "filter=&search=&orderby=&skip=&top="] {
            assert_eq!(query(text).unwrap(), Query::default(), "{text}");
        }
    }

    #[test]
    fn every_bad_parameter_is_named() {
        let error = query("filter=nothing+eq+1&orderby=x&skip=-1&top=101").unwrap_err();
        let Error::Invalid(all) = error else {
            panic!("another error")
        };
        let fields: Vec<_> = all.iter().map(|violation| violation.field).collect();
        assert_eq!(fields, [Field::Skip, Field::Top, Field::Filter, Field::OrderBy]);
        for text in ["top=0", "top=ten", "skip=9999999999", "top=1e1"] {
            assert!(query(text).is_err(), "{text}");
        }
    }
}
