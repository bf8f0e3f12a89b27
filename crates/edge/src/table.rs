//! The operations of a dialect: a table of which both its router and its OpenAPI document are made.
//!
//! The document is made only when somebody asks for it. It describes every field of every body, so making it takes several
//! megabytes of code and of memory, which a start that serves nobody yet does without.

use axum::{
    Router,
    routing::{MethodFilter, MethodRouter},
};
use utoipa::openapi::{OpenApi, path::HttpMethod};
use utoipa_axum::{
    PathItemExt as _,
    router::{OpenApiRouter, UtoipaMethodRouter},
};

use crate::Edge;

/// The handlers of one path, by their methods.
///
/// The handlers are functions with `#[utoipa::path]`, all for one path.
#[macro_export]
macro_rules! routes {
    ($($($handler:ident)::+),+ $(,)?) => {{
        let mut routes = $crate::Routes::new(|| $crate::documented_routes!($($($handler)::+),+));
        $(
            routes.add(
                $crate::documented_routes!(@path [path()] of $($handler)::+),
                &$crate::documented_routes!(@path [methods()] of $($handler)::+),
                |router, method| router.on(method, $($handler)::+),
            );
        )+
        routes
    }};
}

/// What [`routes!`](crate::routes) makes of its handlers.
pub struct Routes {
    path: String,
    router: MethodRouter<Edge>,
    documented: fn() -> UtoipaMethodRouter<Edge>,
}

impl Routes {
    /// No handlers yet, which are documented so.
    pub fn new(documented: fn() -> UtoipaMethodRouter<Edge>) -> Self {
        Self {
            path: String::new(),
            router: MethodRouter::new(),
            documented,
        }
    }

    /// One more handler of the path, put under each of its methods by `on`.
    pub fn add(
        &mut self,
        path: String,
        methods: &[HttpMethod],
        on: impl Fn(MethodRouter<Edge>, MethodFilter) -> MethodRouter<Edge>,
    ) {
        debug_assert!(
            self.path.is_empty() || self.path == path,
            "{path} is not {}",
            self.path
        );
        self.path = path;
        for method in methods {
            self.router = on(std::mem::take(&mut self.router), method.to_method_filter());
        }
    }
}

/// The operations of a dialect, or some of them.
#[derive(Default)]
pub struct Table {
    frame: Option<Box<dyn FnOnce() -> OpenApi>>,
    router: Router<Edge>,
    parts: Vec<Part>,
}

/// What is documented of a table.
enum Part {
    Routes(fn() -> UtoipaMethodRouter<Edge>),
    Nested(&'static str, Table),
}

impl Table {
    /// No operations yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, in this frame of a document.
    pub fn within(frame: impl FnOnce() -> OpenApi + 'static) -> Self {
        Self {
            frame: Some(Box::new(frame)),
            ..Self::default()
        }
    }

    /// With the operations of one path.
    #[must_use]
    pub fn routes(mut self, routes: Routes) -> Self {
        self.router = self.router.route(&routes.path, routes.router);
        self.parts.push(Part::Routes(routes.documented));
        self
    }

    /// With handlers that are not documented.
    #[must_use]
    pub fn route(mut self, path: &str, router: MethodRouter<Edge>) -> Self {
        self.router = self.router.route(path, router);
        self
    }

    /// With the operations of another table.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.parts.extend(other.parts);
        self
    }

    /// With the operations of another table, under a prefix.
    #[must_use]
    pub fn nest(mut self, prefix: &'static str, other: Self) -> Self {
        self.router = self.router.nest(prefix, other.router.clone());
        self.parts.push(Part::Nested(prefix, other));
        self
    }

    /// The router.
    pub fn router(self) -> Router<Edge> {
        self.router
    }

    /// The document.
    pub fn document(self) -> OpenApi {
        self.documented().into_openapi()
    }

    fn documented(self) -> OpenApiRouter<Edge> {
        let table = match self.frame {
            Some(frame) => OpenApiRouter::with_openapi(frame()),
            None => OpenApiRouter::new(),
        };
        self.parts.into_iter().fold(table, |table, part| match part {
            Part::Routes(routes) => table.routes(routes()),
            Part::Nested(prefix, other) => table.nest(prefix, other.documented()),
        })
    }
}
