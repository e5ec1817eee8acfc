use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Token};

/// One of the options between an attribute's parentheses.
#[derive(Debug)]
pub(crate) enum Opt {
    /// `billing::invoicing`
    Path(Path),
    /// `retries = 3`, `retries(3)`, and what stands behind the name.
    Named(Path, TokenStream),
    /// `"invoicing"`
    Other(TokenTree),
}

/// Options, separated by commas. Whatever they are: the attribute knows better than the grammar what to say about them.
pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Vec<Opt>> {
    let options = Punctuated::<_, Token![,]>::parse_terminated_with(input, parse_one)?;
    Ok(options.into_iter().collect())
}

fn parse_one(input: ParseStream<'_>) -> syn::Result<Opt> {
    if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
        let first = input.parse()?;
        rest(input)?;
        return Ok(Opt::Other(first));
    }
    let path = input.call(Path::parse_mod_style)?;
    let value = rest(input)?;
    Ok(if value.is_empty() { Opt::Path(path) } else { Opt::Named(path, value) })
}

/// What stands before the next comma.
fn rest(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut rest = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        rest.extend([input.parse::<TokenTree>()?]);
    }
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser as _;

    use super::*;

    #[test]
    fn options_are_told_apart() {
        for (text, expected) in [
            ("", ""),
            ("billing::invoicing", "path"),
            ("::catalog::billing::invoicing,", "path"),
            ("crate::billing::invoicing", "path"),
            ("retries = 3 + 4, billing::invoicing", "named path"),
            ("retries(3)", "named"),
            ("\"invoicing\", [1, 2]", "other other"),
        ] {
            let kinds: Vec<_> = parse
                .parse_str(text)
                .unwrap()
                .iter()
                .map(|option| match option {
                    Opt::Path(_) => "path",
                    Opt::Named(..) => "named",
                    Opt::Other(_) => "other",
                })
                .collect();
            assert_eq!(kinds.join(" "), expected, "{text}");
        }
    }
}
