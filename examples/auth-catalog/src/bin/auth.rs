//! The identity service as a process: does one command, and ends when everybody who is there has been told.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use auth_catalog::auth::{Auth, Changes, Registration, Secret};
use auth_catalog::platform;
use clap::{Parser, Subcommand};
use event_catalog::types::{Client, PersonName};
use tidings::{Date, Uuid};

/// How long to wait for a broker that is away. What it was not told of yet stays in the database, for the next command.
const PATIENCE: Duration = Duration::from_secs(5);

/// Commands of the identity service.
///
/// NATS_URL names the server. It may be away: a command is done all the same, and told of later.
#[derive(Parser)]
struct Args {
    /// Keep the accounts in this SQLite file
    #[arg(long, default_value = "auth.db", value_name = "PATH")]
    database: PathBuf,
    /// What login names are digested with
    #[arg(
        long,
        env = "AUTH_SECRET",
        default_value = "only for trying out",
        hide_env_values = true
    )]
    secret: String,
    /// Whose people these are
    #[arg(long, default_value = "acme", value_name = "NAME")]
    organization: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Creates an account, and prints its id
    Register {
        email: String,
        given: String,
        family: Option<String>,
        #[arg(long)]
        password: String,
    },
    /// Gives an account another name
    Rename { user: Uuid, given: String, family: Option<String> },
    /// Gives an account a role
    Assign {
        user: Uuid,
        role: String,
        #[arg(long)]
        by: Uuid,
    },
    /// Signs somebody in, and prints the session's id
    Login {
        email: String,
        #[arg(long)]
        password: String,
    },
    /// Ends a session
    Logout { session: Uuid },
    /// Replaces a password
    Reset {
        user: Uuid,
        #[arg(long)]
        password: String,
    },
    /// Deletes an account; copies of it may exist until that day
    Delete {
        user: Uuid,
        #[arg(long, value_name = "DATE")]
        erase_by: Date,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    sample_program::run(run(Args::parse())).await
}

async fn run(args: Args) -> anyhow::Result<()> {
    let bus = platform::connect("auth").await?;
    let auth = Auth::open(&bus, Some(&args.database), Secret::new(args.secret.as_bytes())).await?;
    if let Some(id) = command(&auth, &args.organization, args.command).await? {
        println!("{id}");
    }
    let told = async {
        bus.connected().await?;
        bus.topology(&event_catalog::CATALOG).prepare().await?;
        auth.outbox().relay(&bus).until(auth.outbox().idle()).await?;
        bus.flush().await;
        anyhow::Ok(())
    };
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(told) => told?,
        Err(_) => eprintln!("note: the broker is away; the next command tells it"),
    }
    // What is left of the connection goes with the process.
    let _ = tokio::time::timeout(PATIENCE, bus.close()).await;
    Ok(())
}

async fn command(
    auth: &Auth,
    organization: &str,
    command: Command,
) -> anyhow::Result<Option<Uuid>> {
    let client = Client { ip_address: "127.0.0.1".to_owned(), user_agent: None };
    match command {
        Command::Register { email, given, family, password } => {
            let name = PersonName { given, family };
            let new = Registration { email, name, password };
            return Ok(Some(auth.register(organization, new).await?));
        }
        Command::Login { email, password } => {
            return Ok(Some(auth.login(organization, &email, &password, client).await?));
        }
        Command::Rename { user, given, family } => {
            let name = Some(PersonName { given, family });
            auth.update(organization, user, Changes { name, ..Changes::default() }).await?;
        }
        Command::Assign { user, role, by } => {
            auth.assign_role(organization, user, &role, by).await?;
        }
        Command::Logout { session } => auth.logout(organization, session).await?,
        Command::Reset { user, password } => {
            auth.reset_password(organization, user, &password, client).await?;
        }
        Command::Delete { user, erase_by } => auth.delete(organization, user, erase_by).await?,
    }
    Ok(None)
}
