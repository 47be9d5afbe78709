//! Programs of others that `scripts/setup.sh` puts beside the checkout.

use super::process::without_settings;
use std::{path::PathBuf, process::Command};

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
