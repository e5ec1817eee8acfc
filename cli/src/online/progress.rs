//! How far long work has come, for people at a terminal.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::session::Session;

/// How often the bar is drawn anew although nothing has happened.
const TICK: Duration = Duration::from_millis(200);

/// A bar on stderr; nothing where nobody looks at one.
pub(crate) fn bar(session: &Session, what: &'static str, total: Option<u64>) -> ProgressBar {
    let target = match session.is_watched() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(total, target).with_message(what);
    bar.set_style(style(total.is_some()));
    if session.is_watched() {
        bar.enable_steady_tick(TICK);
    }
    bar
}

fn style(is_bounded: bool) -> ProgressStyle {
    let template = if is_bounded {
        "{msg} {bar:40.green/dim} {human_pos}/{human_len}  {rate}  {eta} left"
    } else {
        "{spinner} {msg} {human_pos}"
    };
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, text: &mut dyn Write| {
        // What cannot be written is not shown.
        let _ = write!(text, "{:.0}/s", state.per_sec());
    })
}
