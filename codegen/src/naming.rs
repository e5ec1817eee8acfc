//! From the catalog's names to Rust's.

/// `order_created`, `order-line`, `orders.order` → `OrderCreated`, `OrderLine`, `OrdersOrder`.
pub fn pascal(name: &str) -> String {
    words(name).map(|word| capitalized(&word)).collect()
}

/// `OrderCreated`, `orderCreated`, `order-created` → `order_created`.
pub fn snake(name: &str) -> String {
    words(name).collect::<Vec<_>>().join("_")
}

/// `order_created` → `ORDER_CREATED`.
pub fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// The variant of an enum that stands for a text: `on-sale` → `OnSale`, `2nd` → `_2nd`, `+1` → `Plus1`, none where there
/// is no ASCII name.
pub fn variant(text: &str) -> Option<String> {
    let name = if text.is_empty() { "Empty".to_owned() } else { pascal(&spelled(text)) };
    in_ascii(name)
}

/// The field that stands for a property: `orderID` → `order_id`, `type` → `type_`, `+1` → `plus_1`, none where there is
/// no ASCII name.
pub fn field(property: &str) -> Option<String> {
    let name = if property.is_empty() { "empty".to_owned() } else { snake(&spelled(property)) };
    in_ascii(name).map(|name| if is_keyword(&name) { format!("{name}_") } else { name })
}

fn in_ascii(name: String) -> Option<String> {
    let fits = !name.is_empty() && name.is_ascii();
    fits.then(|| match name.as_str() {
        "Self" => "Self_".to_owned(),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("_{name}"),
        _ => name,
    })
}

/// The text with its signs in words, where they are all that it has or stand before a number.
fn spelled(text: &str) -> String {
    let signed = text.starts_with(['+', '-'])
        && text.chars().nth(1).is_some_and(|second| second.is_ascii_digit());
    let has_words = text.contains(char::is_alphanumeric);
    if has_words && !signed {
        return text.to_owned();
    }
    let spelled = text.chars().map(|c| match SIGNS.iter().find(|(sign, _)| *sign == c) {
        Some((_, word)) => format!(" {word} "),
        None => c.to_string(),
    });
    spelled.collect()
}

const SIGNS: &[(char, &str)] = &[
    ('+', "plus"),
    ('-', "minus"),
    ('*', "star"),
    ('/', "slash"),
    ('\\', "backslash"),
    ('.', "dot"),
    (',', "comma"),
    (':', "colon"),
    (';', "semicolon"),
    ('=', "equal"),
    ('<', "less"),
    ('>', "greater"),
    ('!', "not"),
    ('?', "question"),
    ('#', "hash"),
    ('%', "percent"),
    ('&', "and"),
    ('|', "or"),
    ('@', "at"),
    ('$', "dollar"),
    ('^', "caret"),
    ('~', "tilde"),
    ('_', "underscore"),
    (' ', "space"),
];

/// The name as a Rust identifier: `type` → `r#type`, `self` → `self_`, `1st` → `_1st`.
pub fn identifier(name: &str) -> String {
    match name {
        "self" | "Self" | "super" | "crate" | "_" => format!("{name}_"),
        _ if is_keyword(name) => format!("r#{name}"),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("_{name}"),
        _ => name.to_owned(),
    }
}

/// Whether Rust keeps the word for itself, in any edition up to 2024.
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The lower-case words of a name: split at whatever is no letter or digit, and before capitals.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let characters: Vec<char> = name.chars().collect();
    for (at, &c) in characters.iter().enumerate() {
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let after_lower =
            at > 0 && (characters[at - 1].is_lowercase() || characters[at - 1].is_ascii_digit());
        // The last capital of `HTTPServer` begins the next word.
        let before_lower = at > 0
            && characters[at - 1].is_uppercase()
            && characters.get(at + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (after_lower || before_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::{identifier, pascal, snake};

    #[test]
    fn names_change_their_case() {
        for (name, in_pascal, in_snake) in [
            ("order_created", "OrderCreated", "order_created"),
            ("order-line", "OrderLine", "order_line"),
            ("order.created", "OrderCreated", "order_created"),
            ("OrderCreated", "OrderCreated", "order_created"),
            ("orderID", "OrderId", "order_id"),
            ("HTTPServer", "HttpServer", "http_server"),
            ("v2Order", "V2Order", "v2_order"),
            ("ai_hub", "AiHub", "ai_hub"),
            ("__", "", ""),
        ] {
            assert_eq!(pascal(name), in_pascal);
            assert_eq!(snake(name), in_snake);
        }
    }

    #[test]
    fn every_text_of_ascii_has_a_variant_and_a_field() {
        for (text, variant, field) in [
            ("on-sale", "OnSale", "on_sale"),
            ("type", "Type", "type_"),
            ("self", "Self_", "self_"),
            ("2nd", "_2nd", "_2nd"),
            ("+1", "Plus1", "plus_1"),
            ("-1", "Minus1", "minus_1"),
            (">=", "GreaterEqual", "greater_equal"),
            ("__", "UnderscoreUnderscore", "underscore_underscore"),
            ("@type", "Type", "type_"),
            ("", "Empty", "empty"),
        ] {
            assert_eq!(super::variant(text).as_deref(), Some(variant));
            assert_eq!(super::field(text).as_deref(), Some(field));
        }
        for text in ["größe", "…", "価格"] {
            assert_eq!((super::variant(text), super::field(text)), (None, None), "{text}");
        }
    }

    #[test]
    fn identifiers_are_never_keywords() {
        for (name, expected) in
            [("type", "r#type"), ("self", "self_"), ("1st", "_1st"), ("name", "name")]
        {
            assert_eq!(identifier(name), expected);
        }
    }
}
