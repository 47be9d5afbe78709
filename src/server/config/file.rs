//! `Leptos.toml`: the service's settings, with the section that Leptos reads at its end.

use super::ConfigError;
use leptos::config::{LeptosOptions, get_config_from_str};
use std::path::Path;

/// The settings file that is read when it is there and no other is named.
pub const DEFAULT_FILE: &str = "Leptos.toml";

/// The file as it was when this binary was built: what Leptos is told where there is no file.
const BUILT_IN: &str = include_str!("../../../Leptos.toml");

/// Leptos looks for this line and reads from it to the end of the file.
const LEPTOS_SECTION: &str = "[package.metadata.leptos]";

fn read(file: Option<&Path>) -> Result<Option<String>, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => Ok(None),
        Err(error) => Err(ConfigError::Unreadable(format!("{}: {error}", path.display()))),
    }
}

/// The part of the file that is the service's.
pub(super) fn service_section(file: Option<&Path>) -> Result<String, ConfigError> {
    let text = read(file)?.unwrap_or_default();
    Ok(text.split_once(LEPTOS_SECTION).map_or(text.as_str(), |(ours, _)| ours).to_owned())
}

/// What Leptos is told: names of the built files and where they lie. Environment variables (`LEPTOS_*`) win.
///
/// # Errors
/// When the section cannot be read.
pub fn leptos_options(file: Option<&Path>) -> Result<LeptosOptions, ConfigError> {
    let text = read(file)?.filter(|text| text.contains(LEPTOS_SECTION)).unwrap_or_else(|| BUILT_IN.to_owned());
    let section = text.split_once(LEPTOS_SECTION).map_or("", |(_, section)| section);
    let mut options = get_config_from_str(&format!("{LEPTOS_SECTION}{section}"))
        .map_err(|error| ConfigError::Unreadable(format!("{LEPTOS_SECTION}: {error}")))?;
    // A binary that was not built by cargo-leptos has no hashes beside it; its pages name the plain files then.
    if options.hash_files && !hash_file(&options).is_some_and(|path| path.exists()) {
        options.hash_files = false;
    }
    Ok(options)
}

fn hash_file(options: &LeptosOptions) -> Option<std::path::PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.join(options.hash_file.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// cargo-leptos reads the section in Cargo.toml, the binary the one in Leptos.toml: they must not drift apart.
    #[test]
    fn the_two_sections_are_equal() {
        let section = |text: &str| -> toml::Table {
            let table: toml::Table = text.parse().expect("TOML");
            table["package"]["metadata"]["leptos"].as_table().expect("a section").clone()
        };
        assert_eq!(section(BUILT_IN), section(include_str!("../../../Cargo.toml")));
    }

    #[test]
    fn leptos_reads_its_section() {
        let options = leptos_options(None).expect("readable");
        assert_eq!(options.output_name.as_ref(), "strongroom");
    }
}
