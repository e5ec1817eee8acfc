//! What is around every page: head, search, navigation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::html::{self, escape};
use super::{File, places};
use crate::emit::markdown::text::anchor;
use crate::emit::reading::people;
use crate::model::Catalog;

/// More domains or events than this are not in the navigation of every page.
const LISTED: usize = 80;

/// The catalog, and where its parts are.
pub(super) struct Site<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) domains: Vec<&'a str>,
    places: BTreeMap<String, String>,
}

impl<'a> Site<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, domains: people::domains(catalog), places: places::all(catalog) }
    }

    pub(super) fn title(&self) -> String {
        let own = self.catalog.title.clone();
        own.unwrap_or_else(|| format!("Events of {}", self.catalog.name))
    }

    /// A page at this path.
    pub(super) fn page(&self, path: impl Into<String>, title: &str) -> Page<'_, 'a> {
        let path = path.into();
        let root = if path.contains('/') { "../" } else { "" };
        Page { site: self, path, root, title: title.to_owned(), domain: None, out: String::new() }
    }

    /// Where an anchor of `EVENTS.md` is, from the site's folder.
    pub(super) fn place(&self, anchor: &str) -> Option<&str> {
        self.places.get(anchor).map(String::as_str)
    }
}

/// A page that is being written.
pub(super) struct Page<'s, 'a> {
    pub(super) site: &'s Site<'a>,
    path: String,
    /// The way to the site's folder.
    root: &'static str,
    title: String,
    domain: Option<String>,
    out: String,
}

impl<'a> Page<'_, 'a> {
    pub(super) fn catalog(&self) -> &'a Catalog {
        self.site.catalog
    }

    /// Opens a domain in the navigation.
    pub(super) fn within(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }

    pub(super) fn push(&mut self, html: &str) {
        self.out.push_str(html);
    }

    /// A link to a path of the site.
    pub(super) fn href(&self, path: &str) -> String {
        format!("{}{}", self.root, escape(path))
    }

    /// A link to a part of the catalog, under its name as code; the name alone where it has no page.
    pub(super) fn link(&self, kind: &str, name: &str) -> String {
        let shown = html::name(name);
        match self.site.place(&anchor(kind, name)) {
            Some(place) => format!("<a href=\"{}\">{shown}</a>", self.href(place)),
            None => shown,
        }
    }

    /// Where a part of the catalog is; this page where it has none.
    pub(super) fn anchored(&self, kind: &str, name: &str) -> String {
        self.site.place(&anchor(kind, name)).map(|place| self.href(place)).unwrap_or_default()
    }

    /// Markdown of a line.
    pub(super) fn inline(&self, markdown: &str) -> String {
        html::inline(markdown, &|anchor| self.resolve(anchor))
    }

    /// Markdown, if there is any.
    pub(super) fn markdown(&mut self, markdown: Option<&str>) {
        if let Some(markdown) = markdown.map(str::trim).filter(|text| !text.is_empty()) {
            let html = html::blocks(markdown, &|anchor| self.resolve(anchor));
            let _ = write!(self.out, "<div class=\"prose\">{html}</div>");
        }
    }

    fn resolve(&self, anchor: &str) -> Option<String> {
        self.site.place(anchor).map(|place| format!("{}{place}", self.root))
    }

    /// The page's heading, with what stands above and beside it.
    pub(super) fn heading(&mut self, above: &str, title: &str, badges: &str) {
        let _ = write!(self.out, "<div class=\"above\">{above}</div><h1>{title}{badges}</h1>");
    }

    pub(super) fn lead(&mut self, text: Option<&str>) {
        if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
            let text = self.inline(text);
            let _ = write!(self.out, "<p class=\"lead\">{text}</p>");
        }
    }

    /// A section with a heading that can be linked to.
    pub(super) fn section(&mut self, id: &str, title: &str) {
        let _ = write!(
            self.out,
            "<h2 id=\"{id}\">{title}<a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to this section\">#</a></h2>"
        );
    }

    /// Names and values, both as Markdown.
    pub(super) fn facts<'f>(&mut self, facts: impl IntoIterator<Item = (&'f str, String)>) {
        self.out.push_str("<dl class=\"facts\">");
        for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
            let value = self.inline(&value);
            let _ = write!(self.out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        self.out.push_str("</dl>");
    }

    /// A table of cells that are HTML already; columns in which nobody says anything are left out.
    pub(super) fn table(&mut self, caption: &str, head: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let used: Vec<usize> = (0..head.len())
            .filter(|&column| rows.iter().any(|row| !row[column].is_empty()))
            .collect();
        let _ = write!(
            self.out,
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
            escape(caption)
        );
        for &column in &used {
            let _ = write!(self.out, "<th scope=\"col\">{}</th>", head[column]);
        }
        self.out.push_str("</tr></thead><tbody>");
        for row in rows {
            self.out.push_str("<tr>");
            for &column in &used {
                let label = head[column];
                let _ = write!(self.out, "<td data-label=\"{label}\">{}</td>", row[column]);
            }
            self.out.push_str("</tr>");
        }
        self.out.push_str("</tbody></table></div>");
    }

    /// Code, with a button to copy it where scripts run.
    pub(super) fn code(&mut self, language: &str, code: &str) {
        let _ = write!(
            self.out,
            "<pre tabindex=\"0\" data-language=\"{language}\"><code>{}</code></pre>",
            escape(code)
        );
    }

    /// The file, with all that is around.
    pub(super) fn finish(self) -> File {
        let root = self.root;
        let title = escape(&self.title);
        let whole = self.site.title();
        let whole = escape(&whole);
        let current = |path: &str| if self.path == path { " aria-current=\"page\"" } else { "" };
        let mut links = String::new();
        for (path, name) in self.site.parts() {
            let _ = write!(links, "<a href=\"{root}{path}\"{}>{name}</a>", current(path));
        }
        let sidebar = self.sidebar();
        let text = format!(
            "<!doctype html>\n<html lang=\"en\" data-root=\"{root}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"generator\" content=\"tidings docs\">\n\
             <title>{title} · {whole}</title>\n\
             <script src=\"{root}assets/theme.js\"></script>\n\
             <link rel=\"stylesheet\" href=\"{root}assets/style.css\">\n\
             <script src=\"{root}assets/site.js\" defer></script>\n\
             </head>\n<body>\n\
             <a class=\"skip\" href=\"#content\">To the content</a>\n\
             <header class=\"top\"><div>\
             <a class=\"brand\" href=\"{root}index.html\">{whole}</a>\
             <div class=\"search\" hidden role=\"search\"><label class=\"hidden\" for=\"search\">Search events, fields, services</label>\
             <input id=\"search\" type=\"search\" placeholder=\"Search events, fields, services\" autocomplete=\"off\" spellcheck=\"false\" \
             role=\"combobox\" aria-expanded=\"false\" aria-controls=\"found\" aria-autocomplete=\"list\"><kbd aria-hidden=\"true\">/</kbd>\
             <div id=\"found\" role=\"listbox\" aria-label=\"What was found\" hidden></div></div>\
             <button id=\"theme\" type=\"button\" hidden>Theme</button>\
             </div></header>\n\
             <div class=\"frame\">\n<nav class=\"side\" aria-label=\"Catalog\"><details open><summary>Contents</summary>\
             <div class=\"parts\">{links}</div>{sidebar}</details></nav>\n\
             <main id=\"content\" tabindex=\"-1\">{content}</main>\n</div>\n\
             <footer>Written from the event catalog <code>{name}</code> by <code>tidings docs</code>.</footer>\n\
             </body>\n</html>\n",
            content = self.out,
            name = escape(&self.catalog().name),
        );
        File { path: self.path, text }
    }

    /// The domains, with the events of the one at hand.
    fn sidebar(&self) -> String {
        let mut out = String::from("<h2>Domains</h2><ul>");
        let at_hand = self.domain.as_deref();
        let many = self.site.domains.len() > LISTED;
        for name in self.site.domains.iter().filter(|name| !many || at_hand == Some(**name)) {
            let path = places::domain(name);
            let here = if self.path == path { " aria-current=\"page\"" } else { "" };
            let _ = write!(out, "<li><a href=\"{}\"{here}>{}</a>", self.href(&path), escape(name));
            if at_hand == Some(*name) {
                out.push_str("<ul>");
                for event in people::events(self.catalog(), name).take(LISTED) {
                    let path = places::event(&event.id);
                    let here = if self.path == path { " aria-current=\"page\"" } else { "" };
                    let short =
                        event.id.split_once('.').map_or(event.id.as_str(), |(_, rest)| rest);
                    let short = escape(short).replace('.', ".<wbr>");
                    let _ =
                        write!(out, "<li><a href=\"{}\"{here}>{short}</a></li>", self.href(&path));
                }
                out.push_str("</ul>");
            }
            out.push_str("</li>");
        }
        out.push_str("</ul>");
        out
    }
}

impl Site<'_> {
    /// The pages that are not about one thing.
    fn parts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let catalog = self.catalog;
        [
            (true, "index.html", "Events"),
            (true, "map.html", "Map and impact"),
            (!catalog.flows.is_empty(), "flows.html", "Flows"),
            (!catalog.services.is_empty(), "services.html", "Services"),
            (!catalog.streams.is_empty(), "streams.html", "Streams"),
            (!catalog.types.is_empty(), "types.html", "Shared types"),
            (true, "changes.html", "Versions"),
            (true, "personal.html", "Personal data"),
            (true, "wire.html", "On the wire"),
        ]
        .into_iter()
        .filter_map(|(is_there, path, name)| is_there.then_some((path, name)))
    }
}
