use std::path::Path;

use event_catalog::auth::{
    self, AuthLogout, AuthLogoutReason, AuthPasswordReset, AuthPasswordResetInitiatedBy,
    LoginFailed, LoginFailedReason, LoginSucceeded, LoginSucceededMethod, RoleAssigned,
    UserCreated, UserCreatedRegisteredVia, UserDeleted, UserDeletedReason, UserUpdated,
    UserUpdatedChangedItem,
};
use event_catalog::types::{Client, UserStatus};
use sqlx::{Sqlite, SqlitePool, Transaction};
use tidings::outbox::{OutboxError, SqliteOutbox};
use tidings::{Date, Event, PublishedBy, Tidings, Uuid};

use super::accounts::{self, Account, Changes, Registration};
use super::digest::Secret;
use super::{password, sessions};
use crate::database;

/// The commands of the identity service, which an HTTP API would call.
pub struct Auth {
    database: SqlitePool,
    outbox: SqliteOutbox,
    publisher: auth::Publisher,
    secret: Secret,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// Another account of the organization has the address.
    #[error("another account has this address")]
    AddressTaken,
    /// The organization has no such account.
    #[error("there is no such account")]
    UnknownUser,
    /// It is not said whether the name or the password is wrong.
    #[error("the name or the password is wrong")]
    WrongCredentials,
    /// The account may not sign in.
    #[error("the account is not active")]
    NotActive,
    /// The organization has no such session.
    #[error("there is no such session")]
    UnknownSession,
    /// The password cannot be kept, or what is kept of it cannot be read.
    #[error("the password: {0}")]
    Password(argon2::password_hash::Error),
    /// The database does not do what it is asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// What is to be told breaks the catalog's schema, or cannot be written.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

impl Auth {
    /// Opens the service on its database, in a file or in memory.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn open(bus: &Tidings, path: Option<&Path>, secret: Secret) -> anyhow::Result<Self> {
        let database = database::open(path, accounts::SCHEMA).await?;
        let outbox = SqliteOutbox::new(database.clone());
        outbox.migrate().await?;
        Ok(Self { database, outbox, publisher: auth::Publisher::new(bus), secret })
    }

    /// What the service has to say to the world, and has not said yet.
    pub fn outbox(&self) -> &SqliteOutbox {
        &self.outbox
    }

    /// Creates an account.
    ///
    /// # Errors
    /// The address is taken, or the database fails.
    pub async fn register(&self, organization: &str, new: Registration) -> Result<Uuid, AuthError> {
        let Registration { email, name, password } = new;
        let password = password::hash(&password).map_err(AuthError::Password)?;
        let (user_id, status) = (Uuid::now_v7(), UserStatus::Active);
        let account = Account { user_id, email, name, status, password };
        let mut change = self.begin().await?;
        if !accounts::put(&mut change, organization, &account).await? {
            return Err(AuthError::AddressTaken);
        }
        let Account { email, name, .. } = account;
        let registered_via = UserCreatedRegisteredVia::Password;
        let locale = "en".to_owned();
        let created = UserCreated { user_id, email, name, status, registered_via, locale };
        self.tell(change, organization, created).await?;
        Ok(user_id)
    }

    /// Changes an account. What stays as it is is not told.
    ///
    /// # Errors
    /// There is no such account, the new address is taken, or the database fails.
    pub async fn update(
        &self,
        organization: &str,
        user_id: Uuid,
        changes: Changes,
    ) -> Result<(), AuthError> {
        let mut change = self.begin().await?;
        let account = accounts::by_id(&mut change, organization, user_id).await?;
        let mut account = account.ok_or(AuthError::UnknownUser)?;
        let mut changed = Vec::new();
        if let Some(email) = changes.email.filter(|email| *email != account.email) {
            account.email = email;
            changed.push(UserUpdatedChangedItem::Email);
        }
        if let Some(name) = changes.name.filter(|name| *name != account.name) {
            account.name = name;
            changed.push(UserUpdatedChangedItem::Name);
        }
        if let Some(status) = changes.status.filter(|status| *status != account.status) {
            account.status = status;
            changed.push(UserUpdatedChangedItem::Status);
        }
        if changed.is_empty() {
            return Ok(());
        }
        if !accounts::put(&mut change, organization, &account).await? {
            return Err(AuthError::AddressTaken);
        }
        let Account { email, name, status, .. } = account;
        self.tell(change, organization, UserUpdated { user_id, email, name, status, changed }).await
    }

    /// Deletes an account; whoever keeps a copy of it has until that day to delete it too.
    ///
    /// # Errors
    /// There is no such account, or the database fails.
    pub async fn delete(
        &self,
        organization: &str,
        user_id: Uuid,
        erase_by: Date,
    ) -> Result<(), AuthError> {
        let mut change = self.begin().await?;
        if !accounts::remove(&mut change, organization, user_id).await? {
            return Err(AuthError::UnknownUser);
        }
        let reason = UserDeletedReason::Requested;
        self.tell(change, organization, UserDeleted { user_id, reason, erase_by }).await
    }

    /// Gives a user a role, unless they have it.
    ///
    /// # Errors
    /// There is no such account, the role's name breaks the catalog's schema, or the database fails.
    pub async fn assign_role(
        &self,
        organization: &str,
        user_id: Uuid,
        role: &str,
        assigned_by: Uuid,
    ) -> Result<(), AuthError> {
        let mut change = self.begin().await?;
        let account = accounts::by_id(&mut change, organization, user_id).await?;
        account.ok_or(AuthError::UnknownUser)?;
        if !accounts::give(&mut change, user_id, role).await? {
            return Ok(());
        }
        let (role, expires_at) = (role.to_owned(), None);
        let assigned = RoleAssigned { user_id, role, assigned_by, expires_at };
        self.tell(change, organization, assigned).await
    }

    /// Signs a user in, and begins a session.
    ///
    /// # Errors
    /// The name or the password is wrong, the account is not active, or the database fails.
    pub async fn login(
        &self,
        organization: &str,
        email: &str,
        password: &str,
        client: Client,
    ) -> Result<Uuid, AuthError> {
        let mut change = self.begin().await?;
        let account = accounts::by_email(&mut change, organization, email).await?;
        let user_id = account.as_ref().map(|account| account.user_id);
        let failed = |reason, error| {
            let login_digest = self.secret.digest(email);
            let client = client.clone();
            self.mention(organization, LoginFailed { login_digest, user_id, reason, client });
            Err(error)
        };
        let Some(account) = account else {
            return failed(LoginFailedReason::UnknownUser, AuthError::WrongCredentials);
        };
        if !password::matches(password, &account.password).map_err(AuthError::Password)? {
            return failed(LoginFailedReason::WrongCredentials, AuthError::WrongCredentials);
        }
        if account.status != UserStatus::Active {
            return failed(LoginFailedReason::Suspended, AuthError::NotActive);
        }
        let user_id = account.user_id;
        let session_id = sessions::begin(&mut change, organization, user_id).await?;
        change.commit().await?;
        let (method, second_factor) = (LoginSucceededMethod::Password, false);
        let succeeded = LoginSucceeded { user_id, session_id, method, second_factor, client };
        self.mention(organization, succeeded);
        Ok(session_id)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// There is no such session, or the database fails.
    pub async fn logout(&self, organization: &str, session_id: Uuid) -> Result<(), AuthError> {
        let mut change = self.begin().await?;
        let ended = sessions::end(&mut change, organization, session_id).await?;
        let user_id = ended.ok_or(AuthError::UnknownSession)?;
        change.commit().await?;
        let reason = AuthLogoutReason::SignedOut;
        self.mention(organization, AuthLogout { user_id, session_id, reason });
        Ok(())
    }

    /// Replaces a user's password, and ends all their sessions.
    ///
    /// # Errors
    /// There is no such account, or the database fails.
    pub async fn reset_password(
        &self,
        organization: &str,
        user_id: Uuid,
        password: &str,
        client: Client,
    ) -> Result<(), AuthError> {
        let mut change = self.begin().await?;
        let account = accounts::by_id(&mut change, organization, user_id).await?;
        let mut account = account.ok_or(AuthError::UnknownUser)?;
        account.password = password::hash(password).map_err(AuthError::Password)?;
        accounts::put(&mut change, organization, &account).await?;
        let ended = sessions::end_all(&mut change, user_id).await?;
        let reset = AuthPasswordReset {
            user_id,
            initiated_by: AuthPasswordResetInitiatedBy::User,
            sessions_revoked: ended,
            client,
        };
        self.tell(change, organization, reset).await
    }

    async fn begin(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.database.begin_with("BEGIN IMMEDIATE").await
    }

    /// Commits a change together with its event. Whether the broker is there makes no difference.
    async fn tell<E>(
        &self,
        mut change: Transaction<'_, Sqlite>,
        organization: &str,
        event: E,
    ) -> Result<(), AuthError>
    where
        E: Event,
        E::Contract: PublishedBy<auth::Service>,
    {
        let publisher = self.publisher.clone().organization(organization);
        self.outbox.publish(&mut change, publisher.publish(event)).await?;
        Ok(change.commit().await?)
    }

    /// Tells of something that nobody's state depends on.
    fn mention<E>(&self, organization: &str, event: E)
    where
        E: Event,
        E::Contract: PublishedBy<auth::Service>,
    {
        let publisher = self.publisher.clone().organization(organization);
        if let Err(error) = publisher.publish(event).in_background() {
            tracing::warn!(event_type = E::SPEC.event_type, %error, "not told");
        }
    }
}
