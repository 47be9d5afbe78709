//! The real binary, started and killed.

use super::soon;
use reqwest::Client;
use std::{
    ffi::OsStr,
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
};

/// A `strongroom serve` of its own.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub origin: String,
}

impl Process {
    /// Starts it on a data folder and waits until it answers.
    pub async fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut command = command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(arguments);
        Self::spawn(command).await
    }

    /// Starts it on a data folder with these settings, and waits until it answers.
    pub async fn start_with(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).envs(settings.iter().copied());
        Self::spawn(command).await
    }

    /// Starts it without a command, as `cargo leptos watch` does, and waits until it answers.
    pub async fn start_plain(data: &Path) -> Self {
        let mut command = command();
        command.env("STRONGROOM_LISTEN", "127.0.0.1:0").env("STRONGROOM_DATA", data);
        Self::spawn(command).await
    }

    /// Starts it on a data folder with its log, of this level, in a file, and waits until it answers.
    pub async fn start_logging(data: &Path, log: &Path, level: &str) -> Self {
        Self::start_logging_with(data, log, &[("RUST_LOG", level), ("NO_COLOR", "1")]).await
    }

    /// Starts it on a data folder with these settings and its log in a file, and waits until it answers.
    pub async fn start_logging_with(data: &Path, log: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).envs(settings.iter().copied());
        Self::spawn_with(command, File::create(log).expect("a file").into()).await
    }

    async fn spawn(command: Command) -> Self {
        Self::spawn_with(command, Stdio::null()).await
    }

    async fn spawn_with(mut command: Command, errors: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn().expect("the binary starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let told = tokio::task::spawn_blocking(move || {
            let address = |line: String| line.split_once("http://").map(|(_, address)| format!("http://{address}"));
            output.lines().find_map(|line| address(line.expect("readable"))).expect("the service ended before it told its address")
        });
        let origin = soon("the address", told).await.expect("told");
        Self { child, origin }
    }

    /// Kills it at once (SIGKILL): nothing of it runs any more when this returns.
    pub async fn kill(mut self) {
        self.child.kill().expect("killed");
        let ended = tokio::task::spawn_blocking(move || self.child.wait());
        ended.await.expect("not cancelled").expect("ended");
    }

    /// Asks it to stop (SIGTERM), as a supervisor does.
    pub async fn terminate(&self) {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("kill -TERM {}", self.child.id()));
        assert!(output(command).await.status.success(), "it runs");
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> ExitStatus {
        let ended = tokio::task::spawn_blocking(move || self.child.wait());
        ended.await.expect("not cancelled").expect("ended")
    }

    /// The most memory that it has had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("readable");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel tells");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary to its end.
pub async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output()).await.expect("not cancelled").expect("it runs")
}

/// The binary without the environment's own settings.
pub fn command() -> Command {
    let mut command = without_settings(env!("CARGO_BIN_EXE_strongroom"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// A program without the environment's own settings.
pub fn without_settings(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars() {
        if ["STRONGROOM_", "OTEL_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// A client that waits for slow answers but not forever.
pub fn client() -> Client {
    Client::builder().timeout(std::time::Duration::from_secs(60)).no_proxy().build().expect("a client")
}

/// The packages of other projects with their true verdicts, where they are.
pub fn shared_data() -> Option<PathBuf> {
    let folder = std::env::var_os("STRONGROOM_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    folder.is_dir().then_some(folder)
}
