//! The ratios as a picture, for light and dark pages.

use std::fmt::{self, Write as _};

use tidings_benches::baseline::Spread;

use crate::report::Report;

/// In pixels: the picture, where bars begin and end, and what a line takes.
const WIDTH: f64 = 860.0;
const LEFT: f64 = 300.0;
const RIGHT: f64 = 740.0;
const LINE: f64 = 24.0;
/// What the axis shows at most: a bar beyond ends at its edge, and its figure tells.
const MOST: f64 = 2.0;

const STYLE: &str = "\
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.case { font-weight: 600 }
.faint { fill: #57606a }
.figure { font-variant-numeric: tabular-nums }
.page { fill: #ffffff }
.own { fill: #0969da }
.other { fill: #afb8c1 }
.reach { stroke: #24292f; stroke-width: 1.5 }
.grid { stroke: #d0d7de }
.even { stroke: #57606a; stroke-dasharray: 4 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .faint { fill: #9198a1 }
  .page { fill: #0d1117 }
  .own { fill: #4493f8 }
  .other { fill: #656c76 }
  .reach { stroke: #e6edf3 }
  .grid { stroke: #3d444d }
  .even { stroke: #9198a1 }
}
";

/// Bars that are compared with one program.
struct Group<'a> {
    name: String,
    beside: &'a str,
    bars: Vec<Bar>,
}

struct Bar {
    label: String,
    ratio: Spread,
    own: bool,
}

/// Every ratio of a run, as SVG.
pub(crate) fn drawn(report: &Report) -> String {
    let mut picture = String::new();
    let speeds = ("Speed beside the first program: longer is better", speeds(report));
    let times = ("Time from publishing to handling: shorter is better", times(report));
    // It writes to a string.
    let _ = draw(&mut picture, &[speeds, times]);
    picture
}

fn speeds(report: &Report) -> Vec<Group<'_>> {
    let groups = report.cases.iter().map(|case| {
        let bars = case.programs.iter().filter_map(|program| {
            let (label, own) = (program.name.to_owned(), case.is_own(program));
            Some(Bar { label, ratio: program.ratio?, own })
        });
        let beside = case.programs.first().map_or("", |first| first.name);
        Group { name: case.name.to_owned(), beside, bars: bars.collect() }
    });
    groups.filter(|group| !group.bars.is_empty()).collect()
}

fn times(report: &Report) -> Vec<Group<'_>> {
    let groups = report.latencies.iter().map(|latencies| {
        let bars = latencies.programs.iter().flat_map(|program| {
            [("half", program.ratio_p50), ("99 %", program.ratio_p99)].map(|(share, ratio)| {
                let label = format!("{}, {share} of the events", program.name);
                Some(Bar { label, ratio: ratio?, own: true })
            })
        });
        let beside = latencies.programs.first().map_or("", |first| first.name);
        Group { name: latencies.name.to_owned(), beside, bars: bars.flatten().collect() }
    });
    groups.collect()
}

fn draw(to: &mut String, parts: &[(&str, Vec<Group<'_>>)]) -> fmt::Result {
    let parts = parts.iter().filter(|(_, groups)| !groups.is_empty());
    let mut body = String::new();
    let mut y = 0.0;
    for (title, groups) in parts {
        y += 2.0 * LINE;
        writeln!(body, r#"<text class="title" x="16" y="{y}">{}</text>"#, escaped(title))?;
        y += LINE / 2.0;
        for group in groups {
            y = draw_group(&mut body, group, y)?;
        }
        draw_axis(&mut body, y)?;
        y += LINE;
    }
    let height = y + LINE / 2.0;
    writeln!(
        to,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Ratios of the benchmark">"#
    )?;
    writeln!(to, "<style>\n{STYLE}</style>")?;
    writeln!(to, r#"<rect class="page" width="{WIDTH}" height="{height}"/>"#)?;
    writeln!(to, "{body}</svg>")
}

/// Draws bars below one another from `top`, and says where they end.
fn draw_group(to: &mut String, group: &Group<'_>, top: f64) -> Result<f64, fmt::Error> {
    let Group { name, beside, bars } = group;
    let (heading, first) = (top + LINE, top + 1.25 * LINE);
    write!(to, r#"<text x="16" y="{heading}"><tspan class="case">{}</tspan>"#, escaped(name))?;
    writeln!(to, r#"<tspan class="faint" dx="8">beside {}</tspan></text>"#, escaped(beside))?;
    let bottom = first + bars.len() as f64 * LINE;
    for step in 0..=4 {
        let (x, even) = (across(MOST * f64::from(step) / 4.0), step == 2);
        let class = if even { "even" } else { "grid" };
        writeln!(to, r#"<line class="{class}" x1="{x}" x2="{x}" y1="{first}" y2="{bottom}"/>"#)?;
    }
    for (place, Bar { label, ratio, own }) in (0..).zip(bars) {
        let Spread { median, lower_quartile, upper_quartile } = *ratio;
        let (upper, middle) =
            (first + f64::from(place) * LINE + 4.0, first + (f64::from(place) + 0.5) * LINE);
        let (text, figure) = (middle + 4.5, RIGHT + 12.0);
        let (class, long) = (if *own { "own" } else { "other" }, across(median) - LEFT);
        let (from, until) = (across(lower_quartile), across(upper_quartile));
        let label = escaped(label);
        writeln!(to, r#"<text class="faint" x="{}" y="{text}">{label}</text>"#, 28)?;
        write!(to, r#"<rect class="{class}" x="{LEFT}" y="{upper}" width="{long:.1}" "#)?;
        writeln!(to, r#"height="{}" rx="2"/>"#, LINE - 8.0)?;
        if median < MOST {
            write!(to, r#"<line class="reach" x1="{from:.1}" x2="{until:.1}" "#)?;
            writeln!(to, r#"y1="{middle}" y2="{middle}"/>"#)?;
        }
        let digits = if median < 100.0 { 2 } else { 0 };
        writeln!(to, r#"<text class="figure" x="{figure}" y="{text}">{median:.digits$} ×</text>"#)?;
    }
    Ok(bottom)
}

fn draw_axis(to: &mut String, bottom: f64) -> fmt::Result {
    for step in 0..=4 {
        let share = MOST * f64::from(step) / 4.0;
        let (x, y) = (across(share), bottom + 16.0);
        writeln!(
            to,
            r#"<text class="faint figure" text-anchor="middle" x="{x}" y="{y}">{share}</text>"#
        )?;
    }
    Ok(())
}

/// Where a ratio is on the axis.
fn across(ratio: f64) -> f64 {
    LEFT + (RIGHT - LEFT) * ratio.clamp(0.0, MOST) / MOST
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
