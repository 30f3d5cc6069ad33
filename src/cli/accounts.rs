use std::{io::BufRead, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::json;

use super::{ConfigFile, Failure, print_json};
use crate::{
    model::Role,
    service::{Page, accounts, keys, registration, second_factor, tokens},
};

/// Make, list and change accounts.
#[derive(Debug, Subcommand)]
pub(super) enum Accounts {
    /// Make an account; its e-mail address counts as confirmed.
    Create(Create),
    /// List accounts, newest first.
    List(List),
    /// Change what an account may do; its sessions end.
    SetRole(SetRole),
    /// Set a new password; sessions and tokens end.
    ResetPassword(ResetPassword),
    /// Confirm an e-mail address whose link never arrived.
    Confirm(Confirm),
    /// Make a bearer token and print it on one line.
    Token(Token),
    /// Give an account new keys; the old ones stop working at once.
    RotateKeys(RotateKeys),
    /// Help somebody who has lost the phone, or the passkeys, that signing in asks for.
    #[command(subcommand, after_help = "Example:\n  consilium accounts second-factor reset aoife")]
    SecondFactor(SecondFactor),
}

/// Help somebody who has lost the phone, or the passkeys, that signing in asks for.
#[derive(Debug, Subcommand)]
pub(super) enum SecondFactor {
    /// Take the second factor away, so that it can be set up anew; sessions and tokens end. Make sure first who asks.
    Reset(ResetSecondFactor),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium accounts second-factor reset aoife")]
pub(super) struct ResetSecondFactor {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose: the user name.
    username: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo 'three plain words' | consilium accounts create --username aoife \\\n    --email a.merrow@hospital.example --role verifier --display-name 'Dr Aoife Merrow' --password-stdin"
)]
pub(super) struct Create {
    #[command(flatten)]
    config: ConfigFile,
    /// Name in the handle: a to z, digits and _.
    #[arg(long)]
    username: String,
    /// E-mail address.
    #[arg(long)]
    email: String,
    /// public, clinician, verifier, moderator or admin.
    #[arg(long, default_value = "clinician")]
    role: Role,
    /// Name that others see.
    #[arg(long, default_value = "")]
    display_name: String,
    /// Read the password from standard input, one line.
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium accounts list --json")]
pub(super) struct List {
    #[command(flatten)]
    config: ConfigFile,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium accounts set-role --username aoife --role admin")]
pub(super) struct SetRole {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose.
    #[arg(long)]
    username: String,
    /// public, clinician, verifier, moderator or admin.
    #[arg(long)]
    role: Role,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo 'three other words' | consilium accounts reset-password --username aoife --password-stdin"
)]
pub(super) struct ResetPassword {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose.
    #[arg(long)]
    username: String,
    /// Read the password from standard input, one line.
    #[arg(long, required = true)]
    password_stdin: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium accounts confirm --username aoife")]
pub(super) struct Confirm {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose.
    #[arg(long)]
    username: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium accounts rotate-keys --username aoife")]
pub(super) struct RotateKeys {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose.
    #[arg(long)]
    username: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  consilium accounts token --username aoife --scopes 'read write'")]
pub(super) struct Token {
    #[command(flatten)]
    config: ConfigFile,
    /// Whose.
    #[arg(long)]
    username: String,
    /// What it may be used for: read, write, follow, push.
    #[arg(long, default_value = "read write follow push")]
    scopes: String,
    /// Name under which its owner finds it in the settings.
    #[arg(long, default_value = "Command line")]
    name: String,
}

impl Accounts {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self {
            Self::Create(command) => command.run().await,
            Self::List(command) => command.run().await,
            Self::SetRole(command) => command.run().await,
            Self::ResetPassword(command) => command.run().await,
            Self::Confirm(command) => command.run().await,
            Self::Token(command) => command.run().await,
            Self::RotateKeys(command) => command.run().await,
            Self::SecondFactor(SecondFactor::Reset(command)) => command.run().await,
        }
    }
}

fn read_password() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        Err(Failure("Give the password on standard input, one line.".into()))
    } else {
        Ok(password)
    }
}

impl Create {
    async fn run(self) -> Result<ExitCode, Failure> {
        let password = read_password()?;
        let house = self.config.open().await?;
        let form = registration::SignUp {
            username: self.username.clone(),
            name: self.display_name,
            email: self.email,
            password,
            reason: String::new(),
            invitation: String::new(),
            discoverable: false,
        };
        let id = registration::create(&house.ctx, form, self.role).await?;
        let handle = format!("@{}@{}", self.username, house.ctx.config.instance.host());
        if self.json {
            print_json(
                &json!({ "id": id.to_string(), "username": self.username, "handle": handle, "role": self.role.as_str() }),
            );
        } else {
            println!("Made {handle} ({}).", self.role);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let mut page = Page::first(80);
        loop {
            let listed = accounts::list(&house.ctx, &page).await?;
            for (account, user) in &listed.items {
                if self.json {
                    print_json(&json!({
                        "id": account.id.to_string(), "username": account.username, "display_name": account.name,
                        "role": user.role.as_str(), "state": user.state.as_str(), "created_at": user.created_at,
                    }));
                } else {
                    println!("{:<24} {:<10} {:<12} {}", account.username, user.role, user.state, account.name);
                }
            }
            match listed.older {
                Some(before) => page.before = Some(before),
                None => return Ok(ExitCode::SUCCESS),
            }
        }
    }
}

impl SetRole {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let account = accounts::by_username(&house.ctx, &self.username).await?;
        accounts::set_role(&house.ctx, account.id, self.role).await?;
        if self.json {
            print_json(&json!({ "username": self.username, "role": self.role.as_str() }));
        } else {
            println!("{} is {} now.", self.username, self.role);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl ResetPassword {
    async fn run(self) -> Result<ExitCode, Failure> {
        let password = read_password()?;
        let house = self.config.open().await?;
        let account = accounts::by_username(&house.ctx, &self.username).await?;
        accounts::set_password_by_operator(&house.ctx, account.id, password).await?;
        if self.json {
            print_json(&json!({ "username": self.username }));
        } else {
            println!("{} has a new password; all sessions and tokens have ended.", self.username);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Confirm {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let account = accounts::by_username(&house.ctx, &self.username).await?;
        let waits =
            registration::confirm_by_operator(&house.ctx, account.id).await? == registration::Confirmed::Waiting;
        if self.json {
            print_json(&json!({ "username": self.username, "waits_for_an_admin": waits }));
        } else if waits {
            println!("The address of {} is confirmed; an admin decides on the request.", self.username);
        } else {
            println!("The address of {} is confirmed; they may sign in.", self.username);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Token {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let account = accounts::by_username(&house.ctx, &self.username).await?;
        println!("{}", tokens::create(&house.ctx, account.id, &self.name, &self.scopes).await?);
        Ok(ExitCode::SUCCESS)
    }
}

impl RotateKeys {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let account = accounts::by_username(&house.ctx, &self.username).await?;
        keys::rotate(&house.ctx, account.id).await?;
        let key_id = keys::signer(&house.ctx, account.id).await?.key_id;
        if self.json {
            print_json(&json!({ "username": self.username, "key_id": key_id }));
        } else {
            println!("{} signs with {key_id} from now on; followers' servers are told.", self.username);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl ResetSecondFactor {
    async fn run(self) -> Result<ExitCode, Failure> {
        let house = self.config.open().await?;
        let account = accounts::by_username(&house.ctx, &self.username).await?;
        if !second_factor::reset_by_operator(&house.ctx, account.id).await? {
            return Err(Failure(format!("{} has no second factor.", self.username)));
        }
        if self.json {
            print_json(&json!({ "username": self.username }));
        } else {
            println!("{} has no second factor any more; all sessions and tokens have ended.", self.username);
        }
        Ok(ExitCode::SUCCESS)
    }
}
