//! What happens on the platform in one morning.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use auth_catalog::auth::{Auth, AuthError, Changes, Secret};
use auth_catalog::catalog::{Members, Products, UserSync};
use event_catalog::auth::{
    AuthLogout, AuthPasswordReset, LoginFailed, LoginSucceeded, RoleAssigned, UserCreated,
    UserDeleted, UserUpdated,
};
use event_catalog::catalog::UserSync as _;
use event_catalog::{audit, auth, catalog};
use sample_program::{Connections, Running, heading, say};
use tidings::{Date, EventUnion, Service as _, Subscription as _, Tidings};

use crate::samples::{PASSWORD, client, mug, name, person, supplier};

/// Instances of the product catalog that share the events.
const INSTANCES: usize = 3;

/// Whatever the identity service tells.
#[derive(Debug, EventUnion)]
enum Access {
    Created(Box<UserCreated>),
    Updated(Box<UserUpdated>),
    Deleted(UserDeleted),
    RoleAssigned(RoleAssigned),
    LoginSucceeded(LoginSucceeded),
    LoginFailed(LoginFailed),
    Logout(AuthLogout),
    PasswordReset(AuthPasswordReset),
}

/// Tells the story, with all instances of both services in this process.
pub(crate) async fn tell(connections: &Connections) -> anyhow::Result<()> {
    let identity = connections.of(auth::Service::SPEC);
    let auth = Auth::open(identity, None, Secret::new(b"a secret of the story")).await?;
    let members = Members::open(None).await?;
    let instances: Vec<_> = (0..INSTANCES).map(|_| UserSync::new(members.clone())).collect();
    let mut running = Running::default();
    // Each run is what an instance of the service would be: they share one durable consumer.
    for instance in &instances {
        let bus = connections.of(catalog::Service::SPEC);
        running.run(bus.run(instance.clone().subscriber()));
    }
    running.behind(|end| auth.outbox().relay(identity).until(end));

    let told = tokio::select! {
        told = scenes(connections, &auth, &members) => told,
        error = running.failed() => Err(error),
        () = tidings::shutdown_signal() => Err(anyhow::anyhow!("interrupted")),
    };
    let ended = running.end().await;
    told.and(ended)?;

    heading("Who did the work");
    for (number, instance) in instances.iter().enumerate() {
        say(format_args!("  instance {}  {} events", number + 1, instance.handled()));
    }
    Ok(())
}

async fn scenes(connections: &Connections, auth: &Auth, members: &Members) -> anyhow::Result<()> {
    heading("Accounts");
    let ada = auth.register("acme", person("Ada", "Example", "acme")).await?;
    let grace = auth.register("acme", person("Grace", "Example", "acme")).await?;
    let hank = auth.register("globex", person("Hank", "Scorpio", "globex")).await?;
    say("  acme registers two users, globex one");
    let again = auth.register("acme", person("Ada", "Example", "acme")).await;
    anyhow::ensure!(matches!(again, Err(AuthError::AddressTaken)), "the address was free");
    say("  a second account with the same address is refused, and nothing is told of it");
    auth.assign_role("acme", grace, "inventory_planner", ada).await?;
    let changes = Changes { name: Some(name("Grace", "Hopper")), ..Changes::default() };
    auth.update("acme", grace, changes).await?;
    say("  one of acme's becomes a planner and marries");

    heading("Sessions");
    let session = auth.login("acme", "grace@acme.example", PASSWORD, client()).await?;
    auth.logout("acme", session).await?;
    let wrong = auth.login("acme", "grace@acme.example", "12345", client()).await;
    anyhow::ensure!(matches!(wrong, Err(AuthError::WrongCredentials)), "it was right");
    let foreign = auth.login("globex", "grace@acme.example", PASSWORD, client()).await;
    anyhow::ensure!(matches!(foreign, Err(AuthError::WrongCredentials)), "she is not of globex");
    auth.reset_password("acme", grace, "a better one", client()).await?;
    say(
        "  in and out, once with a wrong password, once in the wrong house; a password is replaced",
    );

    heading("Products");
    let products = Products::new(connections.of(catalog::Service::SPEC));
    products.add_supplier("acme", supplier()).await?;
    let product = products.add("acme", mug(412)).await?;
    products.change("acme", product, mug(398), &["standard_cost"]).await?;
    say("  a supplier, a mug, and a better price for it");

    settled(connections, auth).await?;
    heading("The catalog's copy of the users");
    copy(members).await?;
    auth.delete("acme", ada, Date::constant(2026, 12, 31)).await?;
    settled(connections, auth).await?;
    say("  … and after one of acme's is deleted:");
    copy(members).await?;
    anyhow::ensure!(members.of("globex").await?.iter().all(|member| member.user_id == hank));

    heading("The access log, read again from the first event");
    for organization in ["acme", "globex"] {
        let lines = access_log(connections.operator(), organization).await?;
        let counted = lines.iter().map(|(what, count)| format!("{count} × {what}"));
        say(format_args!("  {organization:<7} {}", counted.collect::<Vec<_>>().join(", ")));
    }
    heading("Dead letters");
    let letters = connections.operator().dead_letters(&event_catalog::CATALOG).all().await?;
    say(format_args!(
        "  {}",
        if letters.is_empty() { "none" } else { "some: see `tidings dlq list`" }
    ));
    Ok(())
}

/// Waits until everything is told and handled.
async fn settled(connections: &Connections, auth: &Auth) -> anyhow::Result<()> {
    auth.outbox().idle().await?;
    for bus in connections.all() {
        bus.flush().await;
    }
    let copy = catalog::user_sync::Subscription::SPEC;
    connections.operator().idle(copy).await.context("the copy is not up to date")
}

/// Prints how many users each organization has, without saying who.
async fn copy(members: &Members) -> anyhow::Result<()> {
    for organization in ["acme", "globex"] {
        let members = members.of(organization).await?;
        let states = members.iter().map(|member| {
            let id = member.user_id.simple().to_string();
            format!("…{} {}", &id[id.len() - 4..], member.status)
        });
        say(format_args!("  {organization:<7} {}", states.collect::<Vec<_>>().join(", ")));
    }
    Ok(())
}

/// What one organization's people did, by kind of event.
async fn access_log(
    bus: &Tidings,
    organization: &str,
) -> anyhow::Result<BTreeMap<&'static str, u32>> {
    let counted = Arc::new(Mutex::new(BTreeMap::new()));
    let counts = Arc::clone(&counted);
    bus.replay(audit::access_log::Subscription::SPEC)
        .organization(organization)
        .each(move |event: Access, _| {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry(event.spec().event_type).or_insert(0) += 1;
            async { Ok(()) }
        })
        .await?;
    let counts = counted.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(counts)
}
