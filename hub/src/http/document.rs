//! The OpenAPI document. What every operation may answer is said once here, and added to what each says itself.

use officine_protocol::messages::{HubProblem, Operation as Frozen};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        path::Operation,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::{problem::CONTENT_TYPE, routes};

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
    components(schemas(Frozen, HubProblem)),
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
        }
    }
    document
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
