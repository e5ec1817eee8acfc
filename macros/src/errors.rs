use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Collects every mistake of an item, so that one build reports them all.
///
/// [`finish`](Self::finish) has to be called: in debug builds, forgotten errors panic.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    collected: Vec<syn::Error>,
    finished: bool,
}

impl Errors {
    /// Adds a mistake in `tokens`.
    pub(crate) fn push(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Adds a mistake that a parser found.
    pub(crate) fn add(&mut self, error: syn::Error) {
        self.collected.push(error);
    }

    /// How many there are so far.
    pub(crate) fn len(&self) -> usize {
        self.collected.len()
    }

    /// One `compile_error!` for each mistake; nothing where there was none.
    pub(crate) fn finish(mut self) -> TokenStream {
        self.finished = true;
        self.collected.drain(..).map(syn::Error::into_compile_error).collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if cfg!(debug_assertions) && !self.finished && !std::thread::panicking() {
            panic!("errors were collected but not reported");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported() {
        let mut errors = Errors::default();
        errors.push(quote::quote!(here), "first");
        errors.push(quote::quote!(there), "second");
        assert_eq!(errors.len(), 2);
        let reported = errors.finish().to_string();
        assert!(reported.contains("first") && reported.contains("second"), "{reported}");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "not reported")]
    fn forgetting_to_report_is_noticed() {
        drop(Errors::default());
    }
}
