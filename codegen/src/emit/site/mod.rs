//! The catalog as a site of static pages: no server, nothing from a network, read from a folder as well as from the web.
//!
//! What it says is what `EVENTS.md` says, from the same rows and sentences (`reading`); here is how it
//! looks. Pages are whole without scripts, which add the search, the map, and tabs.

mod data;
mod domain;
mod event;
mod flow;
mod html;
mod index;
mod lists;
mod map;
mod page;
mod places;
mod sequence;
mod service;
mod stream;
mod types;
mod versions;

use self::page::Site;
use crate::model::Catalog;

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the site's folder, with `/`.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The files that are the same for every catalog.
const ASSETS: [(&str, &str); 4] = [
    ("assets/map.js", include_str!("assets/map.js")),
    ("assets/site.js", include_str!("assets/site.js")),
    ("assets/style.css", include_str!("assets/style.css")),
    ("assets/theme.js", include_str!("assets/theme.js")),
];

/// Writes the catalog as a site; `index.html` is where it begins.
pub fn emit(catalog: &Catalog) -> Vec<File> {
    let site = Site::new(catalog);
    let assets = ASSETS
        .iter()
        .map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() });
    let mut files: Vec<File> = assets.collect();
    files.extend(data::files(catalog, &site));
    files.push(index::page(&site));
    files.push(map::page(&site));
    files.extend(lists::pages(&site));
    files.extend(flow::pages(&site));
    files.extend(site.domains.iter().map(|name| domain::page(&site, name)));
    files.extend(catalog.events.values().map(|event| event::page(&site, event)));
    files.extend(catalog.services.values().map(|service| service::page(&site, service)));
    files.extend(catalog.streams.values().map(|stream| stream::page(&site, stream)));
    files.extend(catalog.types.iter().map(|(name, shared)| types::page(&site, name, shared)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
