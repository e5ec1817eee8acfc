//! The product catalog: products, suppliers, and a copy of the users, to name who changed a product.

mod members;
mod products;
mod user_sync;

pub use members::{Member, Members};
pub use products::Products;
pub use user_sync::UserSync;
