//! The command line: one file for each command.

mod check_config;
mod deposit;
mod migrate;
mod restore_epoch;
mod serve;

use crate::server::config::{Config, ConfigError, Flags};
use clap::{Args, Parser, Subcommand};
use std::{io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode};

/// Keeps archival packages and shows every change to them as it happens. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "strongroom", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the dashboard and the API.
    Serve {
        #[command(flatten)]
        settings: Settings,
        /// Begin an empty archive with a few sample packages, made by the program itself.
        #[arg(long)]
        demo: bool,
    },
    /// Deposits packages (7z, zip, tar, tar.gz, or a bag as a folder) with a running service.
    Deposit(deposit::Deposit),
    /// Brings the database's schema up to date without serving. `serve` does so by itself.
    Migrate {
        #[command(flatten)]
        settings: Settings,
    },
    /// Gives the event log a new identity, so that every screen reads its data anew: after the database was restored from a backup.
    RestoreEpoch {
        #[command(flatten)]
        settings: Settings,
    },
    /// Reads the settings and tells what they come to, or what is wrong with them.
    CheckConfig {
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Debug, Clone, Args)]
struct Settings {
    /// The settings file; Leptos.toml in this folder when it is there.
    #[arg(long, value_name = "FILE", env = "STRONGROOM_CONFIG")]
    config: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The data folder.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Answer to other machines although nobody has to sign in: everybody who reaches it may do everything.
    #[arg(long)]
    allow_anonymous: bool,
}

impl Settings {
    fn load(&self) -> Result<Config, ConfigError> {
        // Variables that are not text cannot be settings: those hold words, numbers and paths.
        let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let flags =
            Flags { file: self.config.clone(), listen: self.listen, data: self.data.clone(), allow_anonymous: self.allow_anonymous };
        Config::load(&flags, environment)
    }
}

/// What a command ends with: a sentence for the person who gave it.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.len() == 1 {
        // `cargo leptos watch` gives none.
        arguments.push("serve".into());
    }
    let outcome = match Cli::parse_from(arguments).command {
        Command::Serve { settings, demo } => serve::run(&settings, demo),
        Command::Deposit(deposit) => deposit::run(&deposit),
        Command::Migrate { settings } => migrate::run(&settings),
        Command::RestoreEpoch { settings } => restore_epoch::run(&settings),
        Command::CheckConfig { settings } => check_config::run(&settings),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell_error(&format!("strongroom: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Tells what the person asked for. Nobody may be listening any more, which is no reason to stop.
fn tell(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Tells what the person should know, apart from what was asked for.
fn tell_error(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
