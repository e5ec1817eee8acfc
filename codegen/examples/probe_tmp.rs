//! x
fn main() {
    let t = std::time::Instant::now();
    let c = tidings_codegen::compile(std::path::Path::new(&std::env::args().nth(1).unwrap())).unwrap();
    eprintln!("{:?}", t.elapsed());
    for d in &c.diagnostics {
        let (l, col) = c.sources.position(d.span());
        let _ = (l, col); println!("{}\n", tidings_codegen::render::render(d, &c.sources, &tidings_codegen::render::Style { color: false, prefix: "event-catalog/".into() }));
    }
    println!("{} events {} services {} types {} streams", c.catalog.events.len(), c.catalog.services.len(), c.catalog.types.len(), c.catalog.streams.len());
    if std::env::args().nth(2).is_some() { println!("{:#?}", c.catalog); }
}
