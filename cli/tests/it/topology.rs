//! `plan`, `apply` and `drift`, each on a server of its own.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::Value;
use tidings::testing::NatsServer;

use crate::tidings::{Ended, Project};

async fn server() -> NatsServer {
    NatsServer::start().await.expect("a server")
}

/// Runs a verb against a server.
fn on(server: &NatsServer, project: &Project, args: &[&str]) -> Ended {
    let address = ["--server", &server.url()];
    project.tidings(&[args, &address[..]].concat())
}

fn orders(project: &Project, stream: &str) {
    let domain = format!("domain: orders\nowner: team-orders\nstream: {{ {stream} }}\n");
    project.write("event-catalog/orders/domain.yaml", &domain);
}

#[tokio::test]
async fn what_is_planned_is_applied_and_then_there_is_nothing_to_do() {
    let (server, project) = (server().await, Project::shop());
    let planned = on(&server, &project, &["plan"]).stdout(1);
    assert_eq!(
        planned,
        "\
+ DLQ_EVENTS is created
+ ORDERS_EVENTS is created
+ DLQ_EVENTS_ADVISORIES is created
+ ORDERS_EVENTS/sales-copies is created
+ DLQ_EVENTS/sales-copies-redrive is created
+ DLQ_EVENTS_ADVISORIES/sweeper is created
6 to create
"
    );
    let applied = on(&server, &project, &["apply"]).stdout(0);
    let (done, last) = applied.trim_end().rsplit_once('\n').expect("several lines");
    assert_eq!(format!("{done}\n6 to create\n").replace("was created", "is created"), planned);
    assert!(last.starts_with("no changes: nats-server 2."), "{last}");
    assert!(last.ends_with("is as the catalog `shop` says for `development`"), "{last}");
    for verb in ["plan", "drift", "apply"] {
        assert!(on(&server, &project, &[verb]).stdout(0).ends_with(&format!("{last}\n")));
    }
    assert_eq!(on(&server, &project, &["plan", "--quiet"]).stdout(0), "");
}

#[tokio::test]
async fn what_takes_a_consent_is_left_until_it_is_given() {
    let (server, project) = (server().await, Project::shop());
    on(&server, &project, &["apply"]).stdout(0);
    orders(&project, "max_age: 1d, max_bytes: 2GiB");
    let planned = "\
~ ORDERS_EVENTS is changed
    ~ max_bytes is 1GiB, the catalog says 2GiB
    ! max_age is 7d, the catalog says 1d
        with less, the server would drop what is beyond it
        `--narrow ORDERS_EVENTS` allows it
1 to change
";
    assert_eq!(on(&server, &project, &["plan"]).stdout(1), planned);
    let applied = "\
~ ORDERS_EVENTS was changed
! ORDERS_EVENTS is left as it is
    ! max_age is 7d, the catalog says 1d
        with less, the server would drop what is beyond it
        `--narrow ORDERS_EVENTS` allows it
";
    assert_eq!(on(&server, &project, &["apply"]).stdout(1), applied);
    let drifted = "\
ORDERS_EVENTS
  ! max_age is 7d, the catalog says 1d [narrowing]
      with less, the server would drop what is beyond it
1 difference
";
    let found = on(&server, &project, &["drift"]).stdout(1);
    assert!(found.ends_with(drifted), "{found}");
    let allowed = ["plan", "--narrow", "ORDERS_EVENTS", "--recreate", "nobody"];
    let planned = "\
~ ORDERS_EVENTS is changed
    ~ max_age is 7d, the catalog says 1d
nothing that `nobody` would allow is to be done
1 to change
";
    assert_eq!(on(&server, &project, &allowed).stdout(1), planned);
    on(&server, &project, &["apply", "--narrow", "ORDERS_EVENTS"]).stdout(0);
    on(&server, &project, &["drift"]).stdout(0);
}

#[tokio::test]
async fn what_the_server_refuses_is_said_in_the_terms_of_the_catalog() {
    let (server, project) = (server().await, Project::shop());
    orders(&project, "replicas: 3");
    let Ended { code, stdout, stderr } = on(&server, &project, &["apply"]);
    assert_eq!((code, stderr.as_str()), (2, "error: the server refused a change\n"));
    let refused = "\
x ORDERS_EVENTS `replicas` is 3, and this server is no cluster: set 1 for this environment in the catalog (replicas > 1 \
not supported in non-clustered mode, code 10074)
";
    assert!(stdout.contains(refused), "{stdout}");
    assert!(stdout.contains("+ DLQ_EVENTS_ADVISORIES/sweeper was created\n"), "{stdout}");
}

#[tokio::test]
async fn machines_read_the_same() {
    let (server, project) = (server().await, Project::shop());
    let read = |ended: Ended, code| -> Value {
        serde_json::from_str(&ended.stdout(code)).expect("one document")
    };
    let planned = read(on(&server, &project, &["plan", "--format", "json"]), 1);
    assert_eq!((&planned["version"], &planned["command"]), (&1.into(), &"plan".into()));
    let data = &planned["data"];
    assert_eq!((&data["catalog"], &data["clean"]), (&"shop".into(), &false.into()));
    assert_eq!(data["steps"][3]["object"]["stream"], "ORDERS_EVENTS");
    assert_eq!(data["steps"][3]["action"], "create");
    assert_eq!(data["steps"][3]["ends"][0]["class"], "missing");

    let applied = read(on(&server, &project, &["apply", "--format", "json"]), 0);
    assert_eq!(applied["data"]["done"].as_array().map(Vec::len), Some(6));
    assert_eq!(applied["data"]["left"]["clean"], true);
    orders(&project, "max_age: 30d");
    let drifted = read(on(&server, &project, &["drift", "--format", "json"]), 1);
    let difference = &drifted["data"]["steps"][0]["ends"][0];
    assert_eq!((&difference["setting"], &difference["class"]), (&"max_age".into(), &"safe".into()));
    assert_eq!(difference["actual"], 604_800_000_000_000_u64);

    let refused = on(&server, &project, &["plan", "--format", "junit"]).failure();
    assert!(refused.contains("use `--format human` or `--format json`"), "{refused}");
}

#[tokio::test]
async fn the_environment_counts() {
    let (server, project) = (server().await, Project::shop());
    let catalog = "catalog: shop\nenvironments: { small: { stream: { max_bytes: 1MiB } } }\n";
    project.write("event-catalog/catalog.yaml", catalog);
    on(&server, &project, &["apply", "--environment", "small"]).stdout(0);
    let drifted = on(&server, &project, &["drift"]).stdout(1);
    assert!(drifted.contains("max_bytes is 1MiB, the catalog says 1GiB"), "{drifted}");
}

#[tokio::test]
async fn a_context_says_where_the_server_is() {
    let (server, project) = (server().await, Project::shop());
    let context = |name: &str, more: &str| {
        let text = format!("{{ \"url\": \"{}\", \"description\": \"x\"{more} }}", server.url());
        project.write(&format!("config/nats/context/{name}.json"), &text);
    };
    context("staging", "");
    context("leaf", ", \"jetstream_domain\": \"leaf\"");
    project.tidings(&["apply", "--context", "staging"]).stdout(0);
    project.write("config/nats/context.txt", "staging");
    project.tidings(&["plan"]).stdout(0);

    let unknown = project.tidings(&["plan", "--context", "stagin"]).failure();
    assert!(unknown.contains("there is no context `stagin`"), "{unknown}");
    assert!(unknown.contains("did you mean `staging`?"), "{unknown}");
    let leaf = project.tidings(&["plan", "--context", "leaf"]).failure();
    assert!(leaf.contains("the context `leaf` says `jetstream_domain`"), "{leaf}");
}

#[test]
fn what_cannot_be_asked_is_a_failure() {
    let project = Project::shop();
    // Nobody listens on a port that was free a moment ago.
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound");
    let nobody = format!("nats://{free}");
    let failed = project.tidings(&["plan", "--server", &nobody]).failure();
    assert!(failed.contains(&format!("no NATS server answers at {nobody}")), "{failed}");

    orders(&project, "max_age: soon");
    let mistaken = project.tidings(&["plan", "--server", &nobody]).failure();
    assert!(mistaken.contains("the catalog has mistakes"), "{mistaken}");
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_told_to() {
    let project = Project::shop();
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("nats://{}", silent.local_addr().expect("bound"));
    let mut command = project.command(&["apply", "--server", &address]);
    let mut running = command.stderr(Stdio::piped()).spawn().expect("a program that runs");
    let (_connection, _) = silent.accept().expect("a connection");
    let told = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(told.expect("a program that runs").success());
    assert_eq!(running.wait().expect("an end").code(), Some(2));
    let mut said = String::new();
    running.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
    assert!(said.contains("interrupted"), "{said}");
}
