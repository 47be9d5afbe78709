//! Programs of others that `scripts/setup.sh` puts beside the checkout.

use super::{process::without_settings, soon};
use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};
use tokio::sync::mpsc;

/// Where one of them is; else why the test cannot have it.
pub fn tool(program: &str) -> Result<PathBuf, String> {
    let tools = std::env::var_os("STRONGROOM_TOOLS")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share/strongroom/tools")))
        .ok_or("there is no home folder")?;
    let path = tools.join(program);
    if path.exists() { Ok(path) } else { Err(format!("{} is not installed; run scripts/setup.sh", path.display())) }
}

/// Python with what the programs in `examples/` import, in this folder of it. `None`, with the reason printed, where it cannot be had.
pub fn python(test: &str, folder: &str) -> Option<Command> {
    match tool("examples/bin/python") {
        Ok(program) => {
            let mut command = without_settings(program);
            command.current_dir(format!("{}/examples/{folder}", env!("CARGO_MANIFEST_DIR")));
            command.env("PYTHONDONTWRITEBYTECODE", "1").env("no_proxy", "127.0.0.1");
            Some(command)
        }
        Err(reason) => {
            println!("SKIP {test}: {reason}");
            None
        }
    }
}

/// A program that runs, and what it prints line by line. It ends when this is dropped.
pub struct Printing {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Printing {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (told, lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| told.send(line)));
        Self { child, lines }
    }

    /// The next line.
    pub async fn line(&mut self) -> String {
        soon("a line", self.lines.recv()).await.expect("it prints another line")
    }

    /// Reads on to this line. Those before it.
    pub async fn until(&mut self, wanted: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let line = self.line().await;
            if line == wanted {
                return before;
            }
            before.push(line);
        }
    }

    /// All that it still prints, to its end.
    pub async fn rest(mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = soon("its end", self.lines.recv()).await {
            lines.push(line);
        }
        lines
    }
}

impl Drop for Printing {
    fn drop(&mut self) {
        // Fails when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
