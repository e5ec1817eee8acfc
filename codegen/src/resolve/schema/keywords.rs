//! The keywords of JSON Schema: which of them a catalog may use, and what to write instead of the others.

/// What a keyword is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// With every schema, also beside `$ref`.
    Anywhere,
    /// It decides what the schema is: `type`, `$ref`, `enum` …
    Decides,
    /// With these types.
    With(&'static [Type]),
    /// It has no Rust shape; this has.
    Unsupported(&'static str),
}

/// `type`, without `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
}

impl Type {
    pub(super) const ALL: [Self; 6] =
        [Self::Object, Self::Array, Self::String, Self::Integer, Self::Number, Self::Boolean];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

const OBJECT: Use = Use::With(&[Type::Object]);
const ARRAY: Use = Use::With(&[Type::Array]);
const STRING: Use = Use::With(&[Type::String]);
const NUMERIC: Use = Use::With(&[Type::Integer, Type::Number]);

const CASES: &str = "use `oneOf` with a `const` property, one object for each case";

const KEYWORDS: &[(&str, Use)] = &[
    ("title", Use::Anywhere),
    ("description", Use::Anywhere),
    ("default", Use::Anywhere),
    ("examples", Use::Anywhere),
    ("deprecated", Use::Anywhere),
    ("readOnly", Use::Anywhere),
    ("writeOnly", Use::Anywhere),
    ("x-pii", Use::Anywhere),
    ("$comment", Use::Anywhere),
    ("$schema", Use::Anywhere),
    ("$defs", Use::Anywhere),
    ("type", Use::Decides),
    ("$ref", Use::Decides),
    ("enum", Use::Decides),
    ("const", Use::Decides),
    ("allOf", Use::Decides),
    ("oneOf", Use::Decides),
    ("anyOf", Use::Decides),
    ("discriminator", Use::Decides),
    ("properties", OBJECT),
    ("required", OBJECT),
    ("additionalProperties", OBJECT),
    ("unevaluatedProperties", OBJECT),
    ("patternProperties", OBJECT),
    ("propertyNames", OBJECT),
    ("minProperties", OBJECT),
    ("maxProperties", OBJECT),
    ("dependentRequired", OBJECT),
    ("items", ARRAY),
    ("prefixItems", ARRAY),
    ("minItems", ARRAY),
    ("maxItems", ARRAY),
    ("uniqueItems", ARRAY),
    ("format", STRING),
    ("pattern", STRING),
    ("minLength", STRING),
    ("maxLength", STRING),
    ("contentEncoding", STRING),
    ("minimum", NUMERIC),
    ("maximum", NUMERIC),
    ("exclusiveMinimum", NUMERIC),
    ("exclusiveMaximum", NUMERIC),
    ("multipleOf", NUMERIC),
    ("not", Use::Unsupported("say what a value is: `enum`, `pattern`, `minimum` …")),
    ("if", Use::Unsupported(CASES)),
    ("then", Use::Unsupported(CASES)),
    ("else", Use::Unsupported(CASES)),
    ("dependentSchemas", Use::Unsupported(CASES)),
    (
        "dependencies",
        Use::Unsupported("write `dependentRequired`, its name since 2019, for lists of names"),
    ),
    (
        "additionalItems",
        Use::Unsupported("write `prefixItems` for the places, and `items: false` beside it"),
    ),
    ("contains", Use::Unsupported("use `items` with `minItems`")),
    ("minContains", Use::Unsupported("use `minItems`")),
    ("maxContains", Use::Unsupported("use `maxItems`")),
    ("unevaluatedItems", Use::Unsupported("write `items: false` beside `prefixItems`")),
    ("contentMediaType", Use::Unsupported("say it in the `description`; the value is a string")),
    (
        "contentSchema",
        Use::Unsupported("use `type: object`: a payload needs no JSON inside of strings"),
    ),
    ("definitions", Use::Unsupported("write `$defs`, its name since 2019")),
    (
        "nullable",
        Use::Unsupported(
            "write `type: [string, \"null\"]`, or leave the property out of `required`",
        ),
    ),
    ("example", Use::Unsupported("write `examples`, a list")),
    ("id", Use::Unsupported("leave it out: a schema is named by its file")),
    ("$id", Use::Unsupported("leave it out: a schema is named by its file")),
    ("$anchor", Use::Unsupported("name the schema in `$defs` and refer to it with `#/$defs/…`")),
    ("$dynamicRef", Use::Unsupported("use `$ref`")),
    ("$dynamicAnchor", Use::Unsupported("name the schema in `$defs`")),
    ("$recursiveRef", Use::Unsupported("use `$ref`")),
    ("$recursiveAnchor", Use::Unsupported("name the schema in `$defs`")),
    ("$vocabulary", Use::Unsupported("leave it out")),
];

pub(super) fn usage(keyword: &str) -> Option<Use> {
    KEYWORDS.iter().find(|(name, _)| *name == keyword).map(|(_, usage)| *usage)
}

/// The keywords that a catalog may use.
pub(crate) fn supported() -> impl Iterator<Item = &'static str> {
    KEYWORDS
        .iter()
        .filter(|(_, usage)| !matches!(usage, Use::Unsupported(_)))
        .map(|(name, _)| *name)
}
