//! `docs/configuration.md`, which says of each setting what it is where nothing is said, is held to the code.

use super::*;

/// A row: the variables, the settings that they are about, and what these are otherwise.
struct Row {
    variables: Vec<&'static str>,
    settings: Vec<&'static str>,
    default: String,
}

fn rows() -> Vec<Row> {
    let page = include_str!("../../../docs/configuration.md");
    let (_, table) = page.split_once("| variable | `Config` | default | |").expect("the table");
    let names = |cell: &'static str| cell.split('`').skip(1).step_by(2).collect();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let default = cells[3].replace('`', "");
        Row { variables: names(cells[1]), settings: names(cells[2]), default }
    })
    .collect()
}

/// What a setting is, as the page would say it.
fn shown(config: &Config, setting: &str) -> String {
    let Config {
        servers,
        name,
        auth,
        tls: Tls { required, first, ca, client },
        connect_timeout,
        lazy,
        inbox_prefix,
        environment,
        largest_payload,
        topology,
        sampling,
        prefix,
        group_commit,
    } = config;
    let switch = |on: bool| if on { "on" } else { "off" }.to_owned();
    let seconds = |time: &Duration| format!("{} s", time.as_secs());
    let given = |is_given: bool| if is_given { "given" } else { "" }.to_owned();
    let file = |secret: &Secret| matches!(secret, Secret::File(_));
    match setting {
        "new" | "servers" => servers.join(","),
        "name" => name.clone(),
        "user" => given(matches!(auth, Auth::UserPassword { password, .. } if !file(password))),
        "password_file" => {
            given(matches!(auth, Auth::UserPassword { password, .. } if file(password)))
        }
        "token" => given(matches!(auth, Auth::Token(token) if !file(token))),
        "token_file" => given(matches!(auth, Auth::Token(token) if file(token))),
        "nkey" => given(matches!(auth, Auth::NKey(seed) if !file(seed))),
        "nkey_file" => given(matches!(auth, Auth::NKey(seed) if file(seed))),
        "credentials" => given(matches!(auth, Auth::Credentials(_))),
        "ca" => ca.as_ref().map_or("the system's".to_owned(), |path| path.display().to_string()),
        "client_certificate" => given(client.is_some()),
        "require_tls" => switch(*required),
        "tls_first" => switch(*first),
        "inbox_prefix" => inbox_prefix.clone().unwrap_or(INBOX.to_owned()),
        "environment" => environment.clone(),
        "topology" => format!("{topology:?}").to_lowercase(),
        "prefix" => prefix.as_ref().map_or("none".to_owned(), |prefix| prefix.as_str().to_owned()),
        "connect_timeout" => seconds(connect_timeout),
        "lazy" => switch(*lazy),
        "group_commit" => switch(*group_commit),
        "largest_payload" => format!("{} MiB", largest_payload >> 20),
        "sample_every" => seconds(sampling),
        _ => panic!("the page tells of `{setting}`, which `Config` does not have"),
    }
}

fn read(variables: &[(&str, &str)]) -> Config {
    let read = Config::from_variables(|name| {
        variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
    });
    read.unwrap_or_else(|error| panic!("{variables:?}: {error}"))
}

#[test]
fn the_page_has_the_defaults() {
    let rows = rows();
    assert!(rows.len() > 15, "{}", rows.len());
    let untold = read(&[]);
    for Row { settings, default, .. } in &rows {
        for setting in settings {
            assert_eq!(shown(&untold, setting), *default, "docs/configuration.md: `{setting}`");
        }
    }
}

#[test]
fn each_variable_is_about_the_settings_beside_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("UTF-8");
    let value = |variable: &str| match variable {
        "NATS_URL" => "nats://a.example.com:4222",
        "NATS_NKEY" => "SUAM",
        "TIDINGS_TOPOLOGY" => "verify",
        "NATS_USER" | "NATS_PASSWORD" | "NATS_TOKEN" | "TIDINGS_ENV" | "TIDINGS_PREFIX" => "abc",
        "NATS_INBOX_PREFIX" => "_INBOX_abc",
        "TIDINGS_GROUP_COMMIT" => "on",
        _ => path,
    };
    // What a variable makes no sense without.
    let beside = |variable: &str| match variable {
        "NATS_USER" => Some("NATS_PASSWORD"),
        "NATS_PASSWORD" | "NATS_PASSWORD_FILE" => Some("NATS_USER"),
        "NATS_CERT" => Some("NATS_KEY"),
        "NATS_KEY" => Some("NATS_CERT"),
        _ => None,
    };
    let (rows, untold) = (rows(), read(&[]));
    for Row { variables, settings, .. } in &rows {
        for &variable in variables {
            let set: Vec<_> = [Some(variable), beside(variable)].into_iter().flatten().collect();
            let set: Vec<_> = set.into_iter().map(|name| (name, value(name))).collect();
            let told = read(&set);
            let all = rows.iter().flat_map(|row| &row.settings);
            let changed: Vec<&str> = all
                .filter(|setting| shown(&told, setting) != shown(&untold, setting))
                .copied()
                .collect();
            let is_so = changed.iter().all(|setting| settings.contains(setting));
            assert!(is_so && !changed.is_empty(), "`{variable}` changes {changed:?}");
        }
    }
}

/// Where a method says what its setting is otherwise, it says the same.
#[test]
fn the_documentation_has_the_same_defaults() {
    let code = include_str!("mod.rs");
    let mut compared = 0;
    for Row { settings, default, .. } in rows() {
        for setting in settings {
            let Some((before, _)) = code.split_once(&format!("pub fn {setting}(")) else {
                panic!("`Config` has no `{setting}`");
            };
            let lines = before.lines().rev().skip(1);
            let words: Vec<&str> =
                lines.map_while(|line| line.trim().strip_prefix("///")).collect();
            let words: String = words.into_iter().rev().collect::<Vec<_>>().concat();
            let Some((_, told)) = words.split_once("Default: ") else { continue };
            let told = told.split(['.', ';']).next().unwrap_or_default().replace('`', "");
            assert_eq!(told, default, "`Config::{setting}`");
            compared += 1;
        }
    }
    assert!(compared > 6, "{compared}");
}
