//! Every declared entity as schemas of the OpenAPI document: what `fields` and each of `parts` may hold.

use officine_protocol::{
    entities::ENTITIES,
    schema::{Class, Column, Entity, Kind, Part, Rule, Twin},
};
use utoipa::openapi::{
    Object, ObjectBuilder, RefOr, SchemaFormat, Type,
    extensions::ExtensionsBuilder,
    schema::{AdditionalProperties, KnownFormat, Schema, SchemaType},
};

/// By name: `fields.sale`, `part.sale.items`.
pub(super) fn schemas() -> impl Iterator<Item = (String, RefOr<Schema>)> {
    ENTITIES.iter().flat_map(|entity| {
        let fields = object(entity.columns, about(entity));
        let parts = entity.parts.iter().map(|part| {
            let text = format!("A row of `{}` of a {}. {}", part.name, entity.name, bounds(part));
            (format!("part.{}.{}", entity.name, part.name), object(part.columns, text))
        });
        std::iter::once((format!("fields.{}", entity.name), fields)).chain(parts)
    })
}

fn bounds(part: &Part) -> String {
    let key: Vec<_> = part.key.iter().map(|name| format!("`{}`", officine_protocol::schema::camel(name))).collect();
    format!("At most {} rows, told apart by {}.", part.max_rows, key.join(", "))
}

fn about(entity: &Entity) -> String {
    let mut text = format!("Fields of a {}, schema {}.", entity.name, entity.since);
    if entity.document {
        text.push_str(" A document: recorded once, whole, never edited.");
    }
    if entity.hub_born {
        text.push_str(" Born on the hub: a till edits one, it makes and archives none.");
    }
    if entity.numbered() {
        text.push_str(" It bears the next number of its till's series and is a link of its chain.");
    }
    if let Some(natural) = entity.natural {
        let key: Vec<_> =
            natural.columns.iter().map(|name| format!("`{}`", officine_protocol::schema::camel(name))).collect();
        let twin = match natural.twin {
            Twin::Merge => "are one",
            Twin::Propose => "are proposed to a person as one",
            Twin::Never => "cannot be",
        };
        text.push_str(&format!(" Two with the same {} {twin}.", key.join(" and ")));
    }
    let parts: Vec<_> = entity.parts.iter().map(|part| format!("`part.{}.{}`", entity.name, part.name)).collect();
    if !parts.is_empty() {
        text.push_str(&format!(" Parts: {}.", parts.join(", ")));
    }
    text
}

fn object(columns: &[Column], text: String) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(text));
    for column in columns.iter().filter(|column| column.travels()) {
        let name = column.wire_name();
        object = object.property(&name, property(column));
        let must = !column.nullable && column.since == 1 && column.rule != Rule::HubOnly && column.through.is_none();
        if must {
            object = object.required(name);
        }
    }
    let closed = AdditionalProperties::FreeForm(false);
    RefOr::T(Schema::Object(object.additional_properties(Some(closed)).build()))
}

fn property(column: &Column) -> Object {
    let known = |format| Some(SchemaFormat::KnownFormat(format));
    let kind = |kind| if column.nullable { SchemaType::from_iter([kind, Type::Null]) } else { SchemaType::new(kind) };
    let mut object = Object::default();
    object.schema_type = kind(Type::String);
    match column.kind {
        Kind::Text(most) | Kind::Json(most) => object.max_length = Some(most),
        Kind::OneOf(words) => object.enum_values = Some(words.iter().map(|word| (*word).into()).collect()),
        Kind::Int(least, most) => {
            object.schema_type = kind(Type::Integer);
            (object.minimum, object.maximum) = (Some(least.into()), Some(most.into()));
        }
        Kind::Instant => object.schema_type = kind(Type::Integer),
        Kind::Bool => object.schema_type = kind(Type::Boolean),
        Kind::Date => object.format = known(KnownFormat::Date),
        Kind::Bytes(bytes) => object.pattern = Some(format!("^[0-9a-f]{{{}}}$", 2 * bytes)),
        Kind::Ref(target) => {
            object.format = known(KnownFormat::Uuid);
            object.extensions = Some(ExtensionsBuilder::new().add("x-refers-to", target).build());
        }
    }
    object.description = describe(column);
    object.read_only = (column.rule == Rule::HubOnly).then_some(true);
    object
}

/// What its type does not say.
fn describe(column: &Column) -> Option<String> {
    let kind = match column.kind {
        Kind::Ref(target) => Some(format!("Uid of a {target}.")),
        Kind::Instant => Some("Unix milliseconds.".to_owned()),
        Kind::Json(_) => Some("A JSON document, as text.".to_owned()),
        _ => None,
    };
    let class = (column.class == Class::Immutable).then(|| "Written once.".to_owned());
    let rule = match column.rule {
        Rule::HubOnly => Some("The hub's own: what a till sends is not taken.".to_owned()),
        Rule::Manual => Some("A person settles conflicts.".to_owned()),
        Rule::Policy => None,
    };
    let through = column.through.map(|way| format!("Filled in from `{way}` by the hub."));
    let since = (column.since > 1).then(|| format!("Since schema {}; absent is 0, false or empty.", column.since));
    let said: Vec<String> = [kind, class, rule, through, since].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}
