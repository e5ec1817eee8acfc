use super::{Catalog, Finite, Property, Schema, Shape, SharedType, TypeRef, Version};

/// How many references in a row are followed: more can only be a ring.
const MAX_HOPS: usize = 32;

/// The named schemas that one payload can refer to.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    catalog: &'a Catalog,
    local: &'a [SharedType],
}

impl<'a> Scope<'a> {
    /// What shared types see: each other.
    pub fn shared(catalog: &'a Catalog) -> Self {
        Self { catalog, local: &[] }
    }

    /// What a payload sees: the shared types and its own `$defs`.
    pub fn version(catalog: &'a Catalog, version: &'a Version) -> Self {
        Self { catalog, local: &version.definitions }
    }

    /// What a reference leads to; none where it could not be resolved, which has been reported.
    pub fn get(self, reference: &TypeRef) -> Option<&'a SharedType> {
        match reference {
            TypeRef::Shared(name) => self.catalog.types.get(name),
            TypeRef::Local(name) => self.local.iter().find(|local| local.rust_name == *name),
        }
    }

    /// The schema itself or, where it is a reference, the one at the end of it: a [`Shape::Ref`] only where it leads
    /// nowhere.
    pub fn follow(self, schema: &'a Schema) -> &'a Schema {
        self.chain(schema).last().unwrap_or(schema)
    }

    /// Whether `null` may stand in the schema's place, also by what it refers to.
    pub fn is_nullable(self, schema: &'a Schema) -> bool {
        self.chain(schema).any(|step| step.nullable)
    }

    /// Whether a value of it needs no other of its own type, and so on without end.
    pub(crate) fn is_finite(self, schema: &'a Schema) -> bool {
        let get = |reference: &TypeRef| self.get(reference).map(|found| &found.schema);
        Finite::new(&get).is_finite(schema)
    }

    /// The properties of an object; none of anything else.
    pub fn properties(self, schema: &'a Schema) -> &'a [Property] {
        match &self.follow(schema).shape {
            Shape::Object(object) => &object.properties,
            _ => &[],
        }
    }

    /// The schema, what it refers to, what that refers to …
    pub(super) fn chain(self, schema: &'a Schema) -> impl Iterator<Item = &'a Schema> {
        let next = move |step: &&'a Schema| match &step.shape {
            Shape::Ref(reference) => self.get(reference).map(|target| &target.schema),
            _ => None,
        };
        std::iter::successors(Some(schema), next).take(MAX_HOPS)
    }
}
