//! Three servers on Kubernetes: `docs/kubernetes`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{items, nats_server_accepts, python, text, yaml};
use crate::tidings::{Ended, workspace};

fn folder() -> PathBuf {
    workspace().join("docs/kubernetes")
}

/// The files with objects: all but the list of them.
fn manifests() -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder()).expect("a folder").map(|it| it.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .filter(|path| !path.ends_with("kustomization.yaml"))
        .collect();
    files.sort();
    files
}

fn objects() -> Vec<Value> {
    manifests().iter().flat_map(|file| yaml(file)).collect()
}

fn object<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let found = objects.iter().find(|one| one["kind"] == kind && one["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("there is no {kind} `{name}`"))
}

#[test]
fn kubernetes_own_schemas_take_every_object() {
    let files = manifests();
    for version in ["1.31", "1.34"] {
        let mut check = python();
        check.args(["-m", "kubernetes_validate", "--strict", "-k", version]).args(&files);
        let ended = Ended::of(check);
        assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
        let passed = ended.stdout.matches(" passed for resource ").count()
            + ended.stderr.matches(" passed for resource ").count();
        assert_eq!(passed, objects().len(), "{}{}", ended.stdout, ended.stderr);
    }
}

#[test]
fn the_list_of_files_is_whole() {
    let list = yaml(&folder().join("kustomization.yaml")).remove(0);
    let listed: BTreeSet<PathBuf> =
        items(&list["resources"]).iter().map(|file| folder().join(text(file))).collect();
    assert_eq!(listed, manifests().into_iter().collect());
    let generated = &list["configMapGenerator"][0];
    assert_eq!(generated["files"], serde_json::json!(["nats-server.conf"]));
    let objects = objects();
    let set = object(&objects, "StatefulSet", "nats");
    let volumes = items(&set["spec"]["template"]["spec"]["volumes"]);
    assert!(volumes.iter().any(|volume| volume["configMap"]["name"] == generated["name"]));
}

#[test]
fn the_server_takes_its_configuration() {
    nats_server_accepts(&folder().join("nats-server.conf"));
}

/// What is written in several places is the same in all of them.
#[test]
fn servers_find_each_other_and_have_the_time_they_need() {
    let configuration =
        std::fs::read_to_string(folder().join("nats-server.conf")).expect("the configuration");
    let objects = objects();
    let set = object(&objects, "StatefulSet", "nats");
    let labels = &set["spec"]["template"]["metadata"]["labels"];
    let headless = text(&set["spec"]["serviceName"]);
    for name in ["nats", headless] {
        assert_eq!(&object(&objects, "Service", name)["spec"]["selector"], labels);
    }
    for (kind, at) in
        [("PodDisruptionBudget", "/spec/selector"), ("NetworkPolicy", "/spec/podSelector")]
    {
        let selector = object(&objects, kind, "nats").pointer(at).expect(at);
        assert_eq!(&selector["matchLabels"], labels, "{kind}");
    }

    let replicas = set["spec"]["replicas"].as_u64().expect("a number");
    for at in 0..replicas {
        let route = format!("nats://nats-{at}.{headless}:6222");
        assert!(configuration.contains(&route), "{route}");
    }
    assert_eq!(configuration.matches("nats://").count() as u64, replicas);

    let container = &set["spec"]["template"]["spec"]["containers"][0];
    for port in items(&container["ports"]) {
        let number = port["containerPort"].to_string();
        assert!(configuration.contains(&format!("port: {number}")), "{port}");
    }
    for variable in items(&container["env"]).iter().map(|variable| text(&variable["name"])) {
        let of_go = variable == "GOMEMLIMIT";
        assert!(of_go || configuration.contains(&format!("${variable}\n")), "{variable}");
    }
    for (setting, mount) in [("store_dir: ", "/data"), ("pid_file: ", "/run/nats")] {
        assert!(configuration.contains(&format!("{setting}{mount}")), "{setting}");
        let mounts = items(&container["volumeMounts"]);
        assert!(mounts.iter().any(|one| one["mountPath"] == mount), "{mount}");
    }

    let seconds = |setting: &str| -> u64 {
        let rest = configuration.split(setting).nth(1).expect(setting);
        let (number, _) = rest.split_once('s').expect("seconds");
        number.trim().parse().expect("a number")
    };
    let needed = seconds("lame_duck_grace_period:") + seconds("lame_duck_duration:");
    let given = set["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].as_u64();
    assert!(given.is_some_and(|given| given > needed), "{given:?} s for {needed} s");
}

/// Tests run against this version.
#[test]
fn the_version_is_one_that_tests_run_against() {
    let tested = std::fs::read_to_string(workspace().join("xtask/src/tools/nats_server.rs"));
    let tested = tested.expect("the list of versions");
    let compose = workspace().join("docs/operations/docker-compose.yml");
    for file in [folder().join("statefulset.yaml"), compose] {
        let version = image(&file, "nats:");
        let version = version.strip_suffix("-alpine").expect("the small image");
        assert!(tested.contains(&format!("\"{version}\"")), "{version}");
    }
}

fn image(file: &Path, name: &str) -> String {
    let file = std::fs::read_to_string(file).expect("a file");
    let images = file.lines().filter_map(|line| line.trim().strip_prefix("image: "));
    let mut versions = images.filter_map(|image| image.strip_prefix(name));
    versions.next().expect("the image").to_owned()
}
