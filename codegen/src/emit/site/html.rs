//! Text and Markdown as HTML.

use std::borrow::Cow;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

/// Text that is no markup.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// Text as code that may break behind dots and underscores: names are long, phones are narrow.
pub(super) fn name(text: &str) -> String {
    let text = escape(text).replace('.', ".<wbr>").replace('_', "_<wbr>");
    format!("<code>{text}</code>")
}

/// Markdown as paragraphs. Where a link of ours leads (`#event-…`) is what `resolve` says; markup of HTML's own is text,
/// and links lead to the web or stay text.
pub(super) fn blocks(markdown: &str, resolve: &dyn Fn(&str) -> Option<String>) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut refused = Vec::new();
    let events = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(ours_or_text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(pulldown_cmark::TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let target = target(&dest_url, resolve);
            refused.push(target.is_none());
            let dest_url = target?;
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::End(pulldown_cmark::TagEnd::Link) if refused.pop() == Some(true) => None,
        other => Some(other),
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

/// Markdown of one line, without a paragraph around it; several paragraphs stay such.
pub(super) fn inline(markdown: &str, resolve: &dyn Fn(&str) -> Option<String>) -> String {
    let blocks = blocks(markdown, resolve);
    let trimmed = blocks.trim();
    let alone = trimmed.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    alone.filter(|inner| !inner.contains("<p>")).unwrap_or(trimmed).to_owned()
}

/// Anchors and line breaks are all the HTML that our own texts have; anything else is text.
fn ours_or_text(text: CowStr<'_>) -> Event<'_> {
    let anchor = text.trim().strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\"></a>"));
    let is_plain = |id: &str| id.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    match anchor {
        Some(id) if is_plain(id) => Event::Html(text),
        _ if &*text == "<br>" => Event::HardBreak,
        _ => Event::Text(text),
    }
}

fn target<'a>(url: &str, resolve: &dyn Fn(&str) -> Option<String>) -> Option<CowStr<'a>> {
    let is_web = ["https://", "http://", "mailto:"].iter().any(|start| url.starts_with(start));
    let target = match url.strip_prefix('#') {
        Some(anchor) => resolve(anchor)?,
        None if is_web => url.to_owned(),
        None => return None,
    };
    Some(CowStr::from(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_catalog_becomes_markup_or_script() {
        let resolve = |anchor: &str| (anchor == "event-a").then(|| "../events/a.html".to_owned());
        for (markdown, expected) in [
            ("plain *words*", "plain <em>words</em>"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a <img src=x onerror=y> b", "a &lt;img src=x onerror=y&gt; b"),
            ("[a](javascript:alert(1))", "a"),
            ("[a](https://a.example)", "<a href=\"https://a.example\">a</a>"),
            ("[`a`](#event-a)", "<a href=\"../events/a.html\"><code>a</code></a>"),
            ("[`b`](#event-b)", "<code>b</code>"),
            ("![x](https://a.example/x.png)", "x"),
        ] {
            assert_eq!(inline(markdown, &resolve), expected, "{markdown}");
        }
        assert_eq!(escape("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
    }
}
