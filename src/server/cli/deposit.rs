//! `strongroom deposit`: sends packages to a running service and tells what became of each.

use super::{Outcome, runtime, tell, tell_error};
use crate::{
    api::{Deposited, Problem, uploads::DepositQuery},
    bag::{self, Severity, Verdict},
    server::packages::{Limits, pack::FolderPack},
};
use clap::Args;
use futures::{Stream, TryStreamExt as _};
use std::{
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

/// Bytes handed to the network at a time.
const CHUNK: usize = 256 * 1024;

#[derive(Debug, Args)]
pub(super) struct Deposit {
    /// Packages: 7z, zip, tar or tar.gz files, or folders, which are kept as one tar.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The service.
    #[arg(long, value_name = "URL", env = "STRONGROOM_SERVER", default_value = "http://127.0.0.1:8480")]
    server: String,
    /// The location that is to keep them: its name or UUID. The first one when left out.
    #[arg(long, value_name = "NAME")]
    location: Option<String>,
    /// The name that people will know the package by, for a single PATH; the file's name without its ending when left out.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What the program proves itself with where people have to sign in: a token of the service's identity provider.
    #[arg(long, value_name = "TOKEN", env = "STRONGROOM_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

pub(super) fn run(deposit: &Deposit) -> Outcome {
    if deposit.name.is_some() && deposit.paths.len() > 1 {
        return Err("--name can be given for one PATH only".into());
    }
    let client = reqwest::Client::builder()
        .user_agent(concat!("strongroom/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .build()?;
    let mut failed = 0;
    runtime()?.block_on(async {
        for path in &deposit.paths {
            match send(&client, deposit, path).await {
                Ok(Deposited { aip, verdict }) => {
                    tell(&format!("{}: stored as AIP {} ({})", path.display(), aip.uuid, outcome(&verdict)));
                    tell_problems(&verdict);
                }
                Err(problem) => {
                    failed += 1;
                    tell_error(&format!("{}: {}", path.display(), problem.message));
                    if let Some(verdict) = &problem.verdict {
                        tell_problems(verdict);
                    }
                }
            }
        }
    });
    match failed {
        0 => Ok(()),
        1 if deposit.paths.len() == 1 => Err("the package was not deposited".into()),
        _ => Err(format!("{failed} of {} packages were not deposited", deposit.paths.len()).into()),
    }
}

fn outcome(verdict: &Verdict) -> String {
    match verdict.outcome {
        bag::Outcome::Valid => "a valid bag".into(),
        bag::Outcome::Invalid => "not a valid bag".into(),
        bag::Outcome::NotABag => "not a bag; kept as it is".into(),
    }
}

fn tell_problems(verdict: &Verdict) {
    for problem in &verdict.problems {
        let kind = if problem.severity == Severity::Error { "error" } else { "warning" };
        let place = problem.path.as_deref().map(|path| format!("{path}: ")).unwrap_or_default();
        tell_error(&format!("  {kind}: {place}{}", problem.message));
    }
}

async fn send(client: &reqwest::Client, deposit: &Deposit, path: &Path) -> Result<Deposited, Problem> {
    let unreadable = |error: io::Error| local(format!("it cannot be read ({error}); nothing was sent"));
    let meta = tokio::fs::metadata(path).await.map_err(unreadable)?;
    let query = DepositQuery {
        name: deposit.name.clone().unwrap_or_else(|| default_name(path, meta.is_dir())),
        location: deposit.location.clone(),
    };
    let url = format!(
        "{}/api/storage/deposits?{}",
        deposit.server.trim_end_matches('/'),
        serde_urlencoded::to_string(&query).map_err(|error| local(error.to_string()))?
    );
    let sent = Arc::new(AtomicU64::new(0));
    let (size, body) = if meta.is_dir() {
        let packer = FolderPack::plan(path, None, Limits::default()).map_err(|error| local(format!("{error}; nothing was sent")))?;
        (packer.len(), reqwest::Body::wrap_stream(counted(packed(packer), &sent)))
    } else {
        let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        (meta.len(), reqwest::Body::wrap_stream(counted(ReaderStream::with_capacity(file, CHUNK), &sent)))
    };
    let showing = io::stderr().is_terminal().then(|| tokio::spawn(show_progress(path.display().to_string(), size, Arc::clone(&sent))));
    let mut request = client.post(url).header(reqwest::header::CONTENT_LENGTH, size).body(body);
    if let Some(token) = &deposit.token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await;
    if let Some(showing) = showing {
        showing.abort();
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    let answer = answer.map_err(|error| Problem::unreachable(innermost(&error)))?;
    let status = answer.status().as_u16();
    let text = answer.text().await.map_err(|error| Problem {
        message: format!(
            "the service's answer was cut off ({}); look whether the package is there before you send it again",
            innermost(&error)
        ),
        ..Problem::unreachable("")
    })?;
    if status == 201 {
        serde_json::from_str(&text).map_err(|error| local(format!("the service's answer cannot be read: {error}")))
    } else {
        Err(Problem::read(status, &text))
    }
}

fn local(message: String) -> Problem {
    Problem { status: 0, name: String::new(), message, verdict: None }
}

/// The cause that says most: wrappers only repeat "error sending request".
fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

fn default_name(path: &Path, folder: bool) -> String {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if folder {
        return name;
    }
    let known = [".tar.gz", ".tgz", ".tar", ".zip", ".7z"];
    known.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name).to_owned()
}

/// The folder as a tar, made while it is sent.
fn packed(packer: FolderPack) -> impl Stream<Item = io::Result<bytes::Bytes>> + Send {
    let (to_network, from_packer) = mpsc::channel::<io::Result<bytes::Bytes>>(8);
    tokio::task::spawn_blocking(move || {
        let mut writer = io::BufWriter::with_capacity(CHUNK, ToNetwork(to_network.clone()));
        let outcome = packer.write_to(&mut writer).map_err(io::Error::other).and_then(|()| writer.flush());
        if let Err(error) = outcome {
            // If the network is gone nobody listens, and its own error is what is told.
            let _ = to_network.blocking_send(Err(error));
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(from_packer)
}

struct ToNetwork(mpsc::Sender<io::Result<bytes::Bytes>>);

impl Write for ToNetwork {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let chunk = bytes::Bytes::copy_from_slice(buffer);
        self.0.blocking_send(Ok(chunk)).map_err(|_closed| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn counted<S>(stream: S, sent: &Arc<AtomicU64>) -> impl Stream<Item = io::Result<bytes::Bytes>> + Send + use<S>
where
    S: Stream<Item = io::Result<bytes::Bytes>> + Send + 'static,
{
    let sent = Arc::clone(sent);
    stream.inspect_ok(move |chunk| {
        sent.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    })
}

async fn show_progress(name: String, size: u64, sent: Arc<AtomicU64>) {
    let mut every = tokio::time::interval(Duration::from_millis(250));
    loop {
        every.tick().await;
        let sent = sent.load(Ordering::Relaxed);
        let text = if sent >= size { "sent; the service is verifying it".to_owned() } else { format!("{} %", sent * 100 / size.max(1)) };
        let _ = write!(io::stderr(), "\r\x1b[K{name}: {text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_after_its_file() {
        for (path, name) in [("a/fonds.tar.gz", "fonds"), ("fonds.7z", "fonds"), ("fonds.v2.zip", "fonds.v2"), ("fonds.bin", "fonds.bin")] {
            assert_eq!(default_name(Path::new(path), false), name);
        }
    }
}
