//! The check itself.
//!
//! A bag is read in one walk whenever that is possible. Before it, the source may tell the names
//! of its entries; they show where the bag's top is and which digests the manifests will ask for,
//! so that each file is hashed once and with nothing superfluous. Without the names the walk goes
//! by a guess, and only if the guess proves wrong is there a second walk, which then knows.
//!
//! Memory grows with the number of files and listed paths, by about 300 bytes and the length of
//! the path for each, and not with their sizes. [`VerifyOptions`] bounds it.

mod inventory;
mod judge;
mod pass;
mod plan;
mod resolve;
#[cfg(test)]
mod tests;

use super::source::{PackageSource, Progress, SourceError};
use super::verdict::Verdict;
use pass::Pass;
use plan::{Names, Plan};

/// Bounds of a check.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// How many problems are listed; further ones are counted.
    pub max_problems: usize,
    /// How many files and listed paths are kept in memory.
    pub max_paths: usize,
    /// How many bytes of paths are kept in memory.
    pub max_path_bytes: usize,
    /// The longest line of a tag file, in bytes of UTF-8.
    pub max_line: usize,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { max_problems: 10_000, max_paths: 1_000_000, max_path_bytes: 256 * 1024 * 1024, max_line: 64 * 1024 }
    }
}

/// Reads a package from its first byte to its last and judges it as a bag.
///
/// The verdict is [`Outcome::Valid`](super::Outcome::Valid) only if every file was read to its end and every digest of
/// every manifest agrees. A bag with problems is a verdict, not an error.
///
/// # Errors
///
/// [`SourceError::Refused`] if the container is broken or hostile, [`SourceError::Io`] if it could
/// not be read, [`SourceError::Stopped`] if `progress` asked for it.
pub fn verify(source: &mut dyn PackageSource, options: &VerifyOptions, progress: &mut dyn Progress) -> Result<Verdict, SourceError> {
    let mut names = Names::default();
    let known = source.index(&mut |entry| names.see(entry))?;
    let mut plan = if known {
        match names.top() {
            Ok(_) => Plan::known(&names),
            Err(why) => return Ok(judge::not_a_bag(&names, &why)),
        }
    } else {
        Plan::guessed()
    };

    let mut meter = pass::Meter::new(progress);
    // Each walk replaces guesses by facts; two suffice unless the package changes meanwhile.
    for _ in 0..3 {
        let mut pass = Pass::new(plan, options, &mut meter);
        source.walk(&mut |entry, reader| pass.visit(entry, reader))?;
        match pass.finish() {
            Ok(inventory) => return Ok(judge::judge(inventory, options)),
            Err(pass::Again::Plan(better)) => plan = better,
            Err(pass::Again::NotABag(names, why)) => return Ok(judge::not_a_bag(&names, &why)),
        }
    }
    Err(SourceError::Io(std::io::Error::other("the package changed while it was read")))
}
