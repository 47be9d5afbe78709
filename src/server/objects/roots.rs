//! The folders under which locations may lie (`storage-api.md` section 0).
//!
//! Whoever may create a location must not thereby be able to write anywhere on the machine.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

/// Why a path cannot be a location's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    /// Nothing was given.
    #[error("the path is empty")]
    Empty,
    /// It holds `..` or the like.
    #[error("the path must not contain \"..\"")]
    NotPlain,
    /// It leads out of the roots, possibly through a link.
    #[error("the path must lie under one of the folders that the service was given for locations")]
    Outside,
    /// It is a root itself.
    #[error("the path must name a folder of its own")]
    IsRoot,
    /// It has something else than a folder in it, or cannot be looked at.
    #[error("the path cannot be used: {0}")]
    Unusable(String),
}

/// The configured roots.
#[derive(Debug, Clone)]
pub struct Roots(Vec<PathBuf>);

impl Roots {
    /// Makes the roots if need be.
    ///
    /// # Errors
    /// When one cannot be made or found.
    pub fn open(roots: &[PathBuf]) -> io::Result<Self> {
        roots
            .iter()
            .map(|root| {
                fs::create_dir_all(root)?;
                fs::canonicalize(root)
            })
            .collect::<io::Result<Vec<_>>>()
            .map(Self)
    }

    /// The folder that a location's path means: a relative path lies under the first root.
    ///
    /// # Errors
    /// When it is none that a location may use.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, RootError> {
        let path = Path::new(path.trim());
        if path.as_os_str().is_empty() {
            return Err(RootError::Empty);
        }
        if path.components().any(|part| matches!(part, Component::ParentDir)) {
            return Err(RootError::NotPlain);
        }
        let first = self.0.first().ok_or(RootError::Outside)?;
        let wanted: PathBuf = first.join(path).components().collect();
        // Links in what is there already are followed; what is not there yet holds none.
        let mut there = wanted.as_path();
        let real = loop {
            match fs::canonicalize(there) {
                Ok(real) => break real,
                Err(error) if error.kind() == io::ErrorKind::NotFound => there = there.parent().ok_or(RootError::Outside)?,
                Err(error) => return Err(RootError::Unusable(error.to_string())),
            }
        };
        let rest = wanted.strip_prefix(there).map_err(|_never| RootError::Outside)?;
        let folder: PathBuf = real.join(rest).components().collect();
        if self.0.contains(&folder) {
            return Err(RootError::IsRoot);
        }
        if !self.0.iter().any(|root| folder.starts_with(root)) {
            return Err(RootError::Outside);
        }
        if folder.exists() && !folder.is_dir() {
            return Err(RootError::Unusable("it is not a folder".into()));
        }
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_under_the_roots() {
        let dir = tempfile::tempdir().expect("a folder");
        let roots = Roots::open(&[dir.path().join("one"), dir.path().join("two")]).expect("made");
        let one = fs::canonicalize(dir.path().join("one")).expect("there");
        assert_eq!(roots.resolve("store"), Ok(one.join("store")));
        assert_eq!(roots.resolve("a/./b/"), Ok(one.join("a/b")));
        assert!(roots.resolve(&dir.path().join("two/x").to_string_lossy()).is_ok());
        for (path, error) in [
            ("", RootError::Empty),
            (" ", RootError::Empty),
            ("..", RootError::NotPlain),
            ("a/../../b", RootError::NotPlain),
            ("/etc", RootError::Outside),
            (".", RootError::IsRoot),
        ] {
            assert_eq!(roots.resolve(path), Err(error), "{path}");
        }
    }

    #[test]
    fn a_link_does_not_lead_out() {
        let dir = tempfile::tempdir().expect("a folder");
        let roots = Roots::open(&[dir.path().join("one")]).expect("made");
        std::os::unix::fs::symlink("/tmp", dir.path().join("one/out")).expect("linked");
        assert_eq!(roots.resolve("out/store"), Err(RootError::Outside));
    }
}
