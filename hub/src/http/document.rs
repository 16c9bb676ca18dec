//! The OpenAPI document. What every operation may answer is said once here, and added to what each says itself.

use std::collections::BTreeMap;

use officine_protocol::{
    digest::BUCKETS,
    entities::ENTITIES,
    limits::{OFFERED_ROWS, PROTOCOL, PUSH_OPERATIONS, ROWS_ASKED, SCHEMA},
    messages::{HubProblem, Keyed, Operation as Frozen},
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, Object, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, Parameter},
        schema::{ArrayItems, Schema},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{OLDEST_PROTOCOL, enrol::NAME_CHARS, entities, problem::CONTENT_TYPE, routes};

/// Of every operation.
const ALL: [(&str, &str); 3] = [
    ("408", "`timeout`"),
    ("500", "`internal`"),
    ("503", "`hub_busy`, `hub_unwritable`, `hub_stopping`: try again later"),
];
/// Of those with a body.
const BODIES: [(&str, &str); 4] = [
    ("400", "`request_malformed`, `body_unreadable`"),
    ("413", "`body_too_large`"),
    ("415", "`content_type`"),
    ("426", "`till_too_old`, `hub_too_old`"),
];
/// Of those that name a device or come from a stranger.
const RATED: [(&str, &str); 1] = [("429", "`too_many_requests`: try again after the seconds said")];
/// Of those behind a token.
const SECURED: [(&str, &str); 1] = [("401", "`device_unknown`, `device_revoked`")];

#[derive(OpenApi)]
#[openapi(
    info(title = "Officine hub", description = "What pharmacy tills push to and pull from. Wire v1."),
    components(schemas(Frozen, Keyed, HubProblem)),
    modifiers(&Bearer)
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// Without its paths.
pub(super) fn base() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document that describes the interface.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = routes().into_openapi();
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
            complete(operation);
            operation.parameters.iter_mut().flatten().for_each(bound_parameter);
        }
    }
    if let Some(components) = &mut document.components {
        bound(&mut components.schemas);
        components.schemas.extend(entities::schemas());
    }
    document
}

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// What the declaration knows and the types of the messages cannot say.
fn bound(schemas: &mut Schemas) {
    for request in [
        "CheckRequest",
        "EnrolRequest",
        "HistoryRequest",
        "OfferRequest",
        "PullRequest",
        "PushRequest",
        "RowsRequest",
        "WalkRequest",
    ] {
        of(schemas, request, "protocol", |version| {
            (version.minimum, version.maximum) = (Some(OLDEST_PROTOCOL.into()), Some(PROTOCOL.into()));
        });
        of(schemas, request, "schema", |version| version.maximum = Some(SCHEMA.into()));
    }
    of(schemas, "EnrolRequest", "name", |name| {
        (name.min_length, name.max_length) = (Some(1), Some(NAME_CHARS));
    });
    let known = || Some(ENTITIES.iter().map(|entity| entity.name.into()).collect());
    of(schemas, "Operation", "entity", |name| name.enum_values = known());
    of(schemas, "WalkPosition", "entity", |name| name.enum_values = known());
    of(schemas, "RowAsked", "entity", |name| name.enum_values = known());
    if let Some(RefOr::T(Schema::Array(names))) = property(schemas, "PullRequest", "entities")
        && let ArrayItems::RefOrSchema(name) = &mut names.items
        && let RefOr::T(Schema::Object(name)) = &mut **name
    {
        name.enum_values = known();
    }
    if let Some(RefOr::T(Schema::Array(operations))) = property(schemas, "PushRequest", "operations") {
        operations.max_items = Some(PUSH_OPERATIONS);
    }
    for (request, most) in [("RowsRequest", ROWS_ASKED), ("OfferRequest", OFFERED_ROWS)] {
        if let Some(RefOr::T(Schema::Array(rows))) = property(schemas, request, "rows") {
            rows.max_items = Some(most);
        }
    }
}

/// What may be said at most in a query.
fn bound_parameter(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(parameter) = parameter else { return };
    let largest = match parameter.name.as_str() {
        "schema" => SCHEMA,
        "buckets" | "of" => BUCKETS,
        "bucket" => BUCKETS - 1,
        _ => return,
    };
    if let Some(RefOr::T(Schema::Object(number))) = &mut parameter.schema {
        number.maximum = Some(largest.into());
    }
}

fn property<'a>(schemas: &'a mut Schemas, schema: &str, name: &str) -> Option<&'a mut RefOr<Schema>> {
    match schemas.get_mut(schema) {
        Some(RefOr::T(Schema::Object(object))) => object.properties.get_mut(name),
        _ => None,
    }
}

fn of(schemas: &mut Schemas, schema: &str, name: &str, change: impl FnOnce(&mut Object)) {
    if let Some(RefOr::T(Schema::Object(object))) = property(schemas, schema, name) {
        change(object);
    }
}

fn complete(operation: &mut Operation) {
    let (secured, body) = (operation.security.is_some(), operation.request_body.is_some());
    let mut more = ALL.to_vec();
    if body {
        more.extend(BODIES);
    }
    if secured || body {
        more.extend(RATED);
    }
    if secured {
        more.extend(SECURED);
    }
    let known = &mut operation.responses.responses;
    for (status, said) in more {
        known.entry(status.to_owned()).or_insert_with(|| RefOr::T(ResponseBuilder::new().description(said).build()));
    }
    for (status, response) in known.iter_mut() {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            as_problem(response);
        }
    }
}

fn as_problem(response: &mut Response) {
    let schema = Ref::from_schema_name("HubProblem");
    response.content.clear();
    response.content.insert(CONTENT_TYPE.to_owned(), ContentBuilder::new().schema(Some(schema)).into());
}
