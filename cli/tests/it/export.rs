//! `tidings export`

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::asyncapi;
use crate::tidings::{Project, workspace};

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Every file in a folder and below, relative to it.
fn files(folder: &Path) -> Vec<PathBuf> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { collect(&path, files) } else { files.push(path) }
        }
    }
    let mut files_below = Vec::new();
    collect(folder, &mut files_below);
    files_below.sort();
    files_below.iter().map(|file| file.strip_prefix(folder).expect("below").to_owned()).collect()
}

#[test]
fn asyncapis_own_parser_accepts_every_catalog() {
    let project = Project::empty();
    let mut documents = Vec::new();
    for (at, catalog) in asyncapi::catalogs().iter().enumerate() {
        for (mode, extension) in
            [("structured", "yaml"), ("binary", "yaml"), ("structured", "json")]
        {
            let out = format!("{at}-{mode}.{extension}");
            let arguments = ["--catalog", text(catalog), "--quiet", "export", "asyncapi"];
            let arguments = [&arguments[..], &["--content-mode", mode, "--out", &out]].concat();
            assert_eq!(project.tidings(&arguments).stdout(0), "");
            documents.push(project.path().join(out));
        }
    }
    let own = workspace().join("event-catalog");
    let arguments = ["--catalog", text(&own), "-q", "export", "asyncapi", "--service", "payments"];
    project.tidings(&[&arguments[..], &["--out", "service.yaml"]].concat()).stdout(0);
    documents.push(project.path().join("service.yaml"));
    asyncapi::accepts(&documents);
}

#[test]
fn an_asyncapi_document_says_all_that_the_catalog_says() {
    let document = Project::shop().tidings(&["export", "asyncapi"]).stdout(0);
    insta::assert_snapshot!("asyncapi", document);
}

#[test]
fn a_service_has_only_its_own_operations() {
    let project = Project::shop();
    project.write("event-catalog/services/audit.yaml", "service: audit\n");
    let whole = project.tidings(&["export", "asyncapi", "--json"]).stdout(0);
    let whole: Value = serde_json::from_str(&whole).expect("JSON");
    assert_eq!(whole["operations"].as_object().map(serde_json::Map::len), Some(2));

    let only = project.tidings(&["export", "asyncapi", "--json", "--service", "audit"]).stdout(0);
    let only: Value = serde_json::from_str(&only).expect("JSON");
    assert_eq!(only["operations"].as_object().map(serde_json::Map::len), Some(0));
    assert_eq!(only["channels"].as_object().map(serde_json::Map::len), Some(0));

    let failure = project.tidings(&["export", "asyncapi", "--service", "sale"]).failure();
    assert!(failure.contains("did you mean `sales`?"), "{failure}");
}

#[test]
fn schemas_keep_their_draft_and_accept_the_examples() {
    let project = Project::empty();
    let mut checked = 0;
    for (at, catalog) in asyncapi::catalogs().iter().enumerate() {
        let compiled = tidings_codegen::compile(catalog).expect("a catalog").catalog;
        for draft in ["2020-12", "7"] {
            let out = format!("{at}-{draft}");
            let arguments = ["--catalog", text(catalog), "-q", "export", "json-schema"];
            let arguments = [&arguments[..], &["--draft", draft, "--out", &out]].concat();
            assert_eq!(project.tidings(&arguments).stdout(0), "");
            for event in compiled.events.values() {
                for version in event.versions.values() {
                    let file = format!("{out}/{}/{}-{}.json", event.domain, event.id, version.id);
                    let schema: Value = serde_json::from_str(&project.read(&file)).expect("JSON");
                    let id = format!("urn:{}:{}:{}", compiled.name, event.id, version.id);
                    assert_eq!(schema["$id"], id, "{file}");
                    jsonschema::meta::validate(&schema)
                        .unwrap_or_else(|error| panic!("{file}: {error}"));
                    let validator = jsonschema::options()
                        .should_validate_formats(true)
                        .build(&schema)
                        .unwrap_or_else(|error| panic!("{file}: {error}"));
                    for example in &version.examples {
                        let verdict = validator.validate(&example.value);
                        verdict.unwrap_or_else(|error| panic!("{file}: {error}"));
                        checked += 1;
                    }
                    assert!(!validator.is_valid(&Value::from("no object")), "{file}");
                }
            }
        }
    }
    assert!(checked > 100, "only {checked} examples");
}

#[test]
fn without_a_folder_all_schemas_are_one_document() {
    for (draft, definitions) in [("2020-12", "$defs"), ("7", "definitions")] {
        let arguments = ["export", "json-schema", "--draft", draft];
        let document = Project::shop().tidings(&arguments).stdout(0);
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let schema = &document[definitions]["urn:shop:orders.order.created:1.0"];
        assert_eq!(schema["properties"]["order_id"]["format"], "uuid");
        jsonschema::meta::validate(&document).expect("a schema");
    }
}

#[test]
fn eventcatalog_gets_its_folders() {
    let project = Project::shop();
    let event = project.read("event-catalog/orders/order-created.yaml");
    let next = "  2.0:
    summary: With {braces} and <tags>.
    upcast: { from: 1.0 }
    deprecated: { since: 2026-01-15, because: nobody asked }
    payload: { type: object, required: [order_id], properties: { order_id: { type: string } } }
";
    project.write("event-catalog/orders/order-created.yaml", &format!("{event}{next}"));
    project.tidings(&["export", "eventcatalog", "--out", "out"]).stdout(0);
    let out = project.path().join("out");
    let pages = files(&out).into_iter().map(|path| {
        let text = project.read(&format!("out/{}", path.display()));
        format!("=== {}\n{text}", path.display())
    });
    let pages: Vec<String> = pages.collect();
    insta::assert_snapshot!("eventcatalog", pages.join("\n"));
}

#[test]
fn a_catalog_with_errors_is_not_exported() {
    let project = Project::shop();
    project.write(
        "event-catalog/services/sales.yaml",
        "service: sales\npublishes: [orders.order.creatd]\n",
    );
    for arguments in [
        &["export", "asyncapi", "--out", "out.yaml"][..],
        &["export", "json-schema", "--out", "out.yaml"],
        &["export", "eventcatalog", "--out", "out.yaml"],
    ] {
        let shown = project.tidings(arguments).stdout(1);
        assert!(shown.contains("a catalog with errors is not exported"), "{shown}");
        assert!(!project.path().join("out.yaml").exists());
    }
}
