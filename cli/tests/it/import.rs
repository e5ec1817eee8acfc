//! `tidings import`

use std::fs;
use std::path::{Path, PathBuf};

use crate::asyncapi;
use crate::tidings::Project;

/// Our own documents, one for each thing that is mapped.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asyncapi")
}

/// Every file of a catalog, but those for editors.
fn catalog(project: &Project, folder: &str) -> String {
    let compiled = tidings_codegen::compile(&project.path().join(folder)).expect("a catalog");
    let files = compiled.sources.files().iter();
    files.map(|file| format!("=== {}\n{}", file.path.display(), file.text)).collect()
}

#[test]
fn each_document_becomes_a_catalog_that_builds() {
    for version in ["2.6", "3.1"] {
        for path in asyncapi::documents(&fixtures().join(version)) {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let project = Project::empty();
            copy(&fixtures().join(version), project.path());
            let file = path.file_name().expect("a name").to_string_lossy().into_owned();
            let said = project.tidings(&["import", "asyncapi", &file]).stdout(0);
            insta::assert_snapshot!(
                format!("{version} {name}"),
                format!("{said}\n{}", catalog(&project, "event-catalog"))
            );
            let checked = project.tidings(&["check"]);
            assert_eq!(checked.code, 0, "{}", checked.stdout);
            let formatted = project.tidings(&["fmt", "--check"]);
            assert_eq!(formatted.code, 0, "{}", formatted.stdout);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let copied = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).expect("a copy");
        }
    }
}

#[test]
fn asyncapis_examples_import_build_and_export_again() {
    let documents = asyncapi::examples();
    assert!(documents.len() >= 40, "{documents:?}");
    let mut exported = Vec::new();
    let project = Project::empty();
    for (at, document) in documents.iter().enumerate() {
        let folder = format!("catalog-{at}");
        let document = document.to_str().expect("UTF-8");
        let arguments = ["--quiet", "import", "asyncapi", document, "--out", &folder];
        assert_eq!(project.tidings(&arguments).stdout(0), "", "{document}");
        let checked = project.tidings(&["--catalog", &folder, "check"]);
        assert_eq!(checked.code, 0, "{document}: {}", checked.stdout);
        let formatted = project.tidings(&["--catalog", &folder, "fmt", "--check"]);
        assert_eq!(formatted.code, 0, "{document}: {}", formatted.stdout);
        let out = format!("{at}.yaml");
        let arguments = ["--quiet", "--catalog", &folder, "export", "asyncapi", "--out", &out];
        assert_eq!(project.tidings(&arguments).stdout(0), "", "{document}");
        exported.push(project.path().join(out));
    }
    asyncapi::accepts(&exported);
}

#[test]
fn what_publish_means_can_be_said() {
    for (view, publishes) in [("clients", false), ("application", true)] {
        let project = Project::empty();
        let document = fixtures().join("2.6/operations.yaml");
        let document = document.to_str().expect("UTF-8");
        project.tidings(&["-q", "import", "asyncapi", document, "--view", view]).stdout(0);
        let service = project.read("event-catalog/services/lamps_service.yaml");
        let published = service.split("subscriptions:").next().expect("text");
        assert_eq!(published.contains("lamps.lit"), publishes, "{service}");
    }
}

#[test]
fn one_domain_can_have_all_events() {
    let project = Project::empty();
    let document = fixtures().join("3.1/operations.yaml");
    let document = document.to_str().expect("UTF-8");
    project.tidings(&["-q", "import", "asyncapi", document, "--domain", "logistics"]).stdout(0);
    let domain = project.read("event-catalog/logistics/domain.yaml");
    assert!(domain.contains("stream: { subjects: [orders.>, parcels.>] }"), "{domain}");
    assert_eq!(project.tidings(&["check"]).code, 0);
}

#[test]
fn files_are_not_written_over() {
    let project = Project::shop();
    let before = project.read("event-catalog/catalog.yaml");
    let document = fixtures().join("3.1/files.yaml");
    let document = document.to_str().expect("UTF-8");
    let failure = project.tidings(&["import", "asyncapi", document]).failure();
    assert!(failure.contains("`event-catalog/catalog.yaml` is there already"), "{failure}");
    assert!(failure.contains("--force"), "{failure}");
    assert_eq!(project.read("event-catalog/catalog.yaml"), before);
    assert!(!project.path().join("event-catalog/files").exists());

    project.tidings(&["-q", "import", "asyncapi", document, "--force"]).stdout(0);
    assert_ne!(project.read("event-catalog/catalog.yaml"), before);
}

#[test]
fn mistakes_are_told_with_their_place() {
    let project = Project::empty();
    for (text, told) in [
        ("openapi: 3.1.0\n", "spec.yaml:1:1: this is no AsyncAPI document"),
        ("info: {}\nasyncapi: 1.2.0\n", "spec.yaml:2:11: AsyncAPI `1.2.0` is not known"),
        ("asyncapi: 3.1.0\ninfo: [\n", " --> spec.yaml:2:7"),
        ("asyncapi: 3.1.0\ninfo: {}\ninfo: {}\n", " --> spec.yaml:3:1"),
        ("", "this file is empty"),
    ] {
        project.write("spec.yaml", text);
        let failure = project.tidings(&["import", "asyncapi", "spec.yaml"]).failure();
        assert!(failure.contains(told), "{failure}");
        assert!(!project.path().join("event-catalog").exists());
    }
    let failure = project.tidings(&["import", "asyncapi", "nowhere.yaml"]).failure();
    assert!(failure.contains("cannot read `nowhere.yaml`"), "{failure}");
}

#[test]
fn notes_are_data_too() {
    let project = Project::empty();
    let document = fixtures().join("3.1/operations.yaml");
    let document = document.to_str().expect("UTF-8");
    let said = project.tidings(&["--format", "json", "import", "asyncapi", document]).stdout(0);
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let dropped = said["data"]["dropped"].as_array().expect("a list");
    let reply = dropped.iter().find(|note| note["line"] == 33).expect("the reply");
    assert_eq!(reply["message"], "a reply: an event is answered by nobody");
    assert_eq!(reply["column"], 12);
}

#[test]
fn a_schema_becomes_an_event_of_the_catalog_that_is_there() {
    let project = Project::shop();
    project.write(
        "schemas/paid.schema.json",
        r##"{
            "$schema": "http://json-schema.org/draft-04/schema#",
            "title": "An order was paid.",
            "type": "object",
            "required": ["amount"],
            "properties": { "amount": { "$ref": "#/definitions/Money" }, "by": { "$ref": "payer.json" } },
            "definitions": { "Money": { "type": "object", "properties": { "cents": { "type": "integer", "minimum": 0, "exclusiveMinimum": true } } } }
        }"##,
    );
    project.write(
        "schemas/payer.json",
        r#"{ "type": "object", "properties": { "name": { "type": "string" } } }"#,
    );
    let arguments =
        ["import", "json-schema", "schemas/paid.schema.json", "--event", "orders.order.paid"];
    let said = project.tidings(&arguments).stdout(0);
    assert!(said.contains("wrote 3 files to event-catalog: 1 event"), "{said}");
    insta::assert_snapshot!("json schema", catalog(&project, "event-catalog"));
    assert_eq!(project.tidings(&["check"]).code, 0);

    let failure = project.tidings(&arguments).failure();
    assert!(failure.contains("order-paid.yaml` is there already"), "{failure}");
}

#[test]
fn a_folder_of_schemas_becomes_events_or_types() {
    let project = Project::empty();
    project.write(
        "schemas/user-added.json",
        r#"{ "type": "object", "properties": { "id": { "type": "string" } } }"#,
    );
    project
        .write("schemas/user_removed.yaml", "type: object\nproperties: { id: { type: string } }\n");
    project.tidings(&["-q", "import", "json-schema", "schemas", "--domain", "users"]).stdout(0);
    assert!(
        project.read("event-catalog/users/user-added.yaml").contains("event: users.user_added")
    );
    assert!(
        project.read("event-catalog/users/user-removed.yaml").contains("event: users.user_removed")
    );
    assert_eq!(project.tidings(&["check"]).code, 0);

    project.tidings(&["-q", "import", "json-schema", "schemas"]).stdout(0);
    assert!(project.read("event-catalog/types/user-added.yaml").contains("type: object"));
    assert_eq!(project.tidings(&["check"]).code, 0);

    let arguments = ["import", "json-schema", "schemas", "--event", "users.user.added"];
    let failure = project.tidings(&arguments).failure();
    assert!(failure.contains("takes one schema, and 2 were found"), "{failure}");
    let failure = project.tidings(&["import", "json-schema", "schemas", "--event", "added"]).stderr;
    assert!(failure.contains("such as `orders.order.created`"), "{failure}");
}
