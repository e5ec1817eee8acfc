//! Follows references.

use crate::model::{Catalog, Property, Schema, Shape, SharedType, TypeRef, Version};

/// How many references in a row are followed: more can only be a ring.
const MAX_HOPS: usize = 32;

/// The named schemas that one payload can refer to.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    catalog: &'a Catalog,
    local: &'a [SharedType],
}

impl<'a> Scope<'a> {
    /// What shared types see: each other.
    pub(super) fn shared(catalog: &'a Catalog) -> Self {
        Self { catalog, local: &[] }
    }

    /// What a payload sees: the shared types and its own `$defs`.
    pub(super) fn version(catalog: &'a Catalog, version: &'a Version) -> Self {
        Self { catalog, local: &version.definitions }
    }

    /// The schema that a reference leads to; none where it could not be resolved.
    pub(super) fn get(self, reference: &TypeRef) -> Option<&'a SharedType> {
        match reference {
            TypeRef::Shared(name) => self.catalog.types.get(name),
            TypeRef::Local(name) => self.local.iter().find(|local| local.rust_name == *name),
        }
    }

    /// The schema itself or, where it is a reference, the one at the end of it.
    pub(super) fn follow(self, schema: &'a Schema) -> &'a Schema {
        let mut schema = schema;
        for _ in 0..MAX_HOPS {
            match &schema.shape {
                Shape::Ref(reference) => match self.get(reference) {
                    Some(target) => schema = &target.schema,
                    None => break,
                },
                _ => break,
            }
        }
        schema
    }

    /// Whether `null` may stand in the schema's place, also by what it refers to.
    pub(super) fn is_nullable(self, schema: &'a Schema) -> bool {
        schema.nullable || self.follow(schema).nullable
    }

    /// The properties of an object; none of anything else.
    pub(super) fn properties(self, schema: &'a Schema) -> &'a [Property] {
        match &self.follow(schema).shape {
            Shape::Object { properties } => properties,
            _ => &[],
        }
    }
}
