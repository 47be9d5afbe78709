//! Uploads that are not finished, remembered across reloads: which upload belongs to which file. No content, no secret.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// At most so many are remembered; the oldest are forgotten first.
const MOST: usize = 200;

/// What tells a file or folder from another without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Its name on disk.
    pub name: String,
    /// Its bytes (of a folder: of the archive that is made of it).
    pub size: u64,
    /// When it was last changed, in milliseconds since 1970 (of a folder: its newest file).
    pub modified: u64,
}

/// One upload that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// The upload.
    pub uuid: Uuid,
    /// What is uploaded.
    pub file: Fingerprint,
}

/// Those that are remembered, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory(Vec<Unfinished>);

impl Memory {
    /// Reads what was kept; what is broken or foreign is discarded.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// The text to keep.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_else(|_| "[]".into())
    }

    /// Remembers an upload, in place of an earlier one of the same file.
    pub fn put(&mut self, unfinished: Unfinished) {
        self.0.retain(|known| known.file != unfinished.file && known.uuid != unfinished.uuid);
        self.0.push(unfinished);
        let over = self.0.len().saturating_sub(MOST);
        self.0.drain(..over);
    }

    /// Forgets an upload.
    pub fn forget(&mut self, uuid: Uuid) {
        self.0.retain(|known| known.uuid != uuid);
    }

    /// The upload that was begun of this file.
    #[must_use]
    pub fn find(&self, file: &Fingerprint) -> Option<Uuid> {
        self.0.iter().find(|known| known.file == *file).map(|known| known.uuid)
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Unfinished] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unfinished(id: u128, name: &str) -> Unfinished {
        Unfinished { uuid: Uuid::from_u128(id), file: Fingerprint { name: name.into(), size: 5, modified: 7 } }
    }

    #[test]
    fn what_was_kept_is_read_back() {
        let mut memory = Memory::default();
        memory.put(unfinished(1, "a"));
        memory.put(unfinished(2, "b"));
        memory.put(unfinished(3, "a"));
        let mut read = Memory::read(&memory.write());
        assert_eq!(read.all(), [unfinished(2, "b"), unfinished(3, "a")]);
        assert_eq!(read.find(&unfinished(9, "a").file), Some(Uuid::from_u128(3)));
        read.forget(Uuid::from_u128(3));
        assert_eq!(read.find(&unfinished(9, "a").file), None);
    }

    #[test]
    fn foreign_content_is_discarded() {
        for text in ["", "null", "{", r#"[{"uuid":"x"}]"#, r#"{"a":1}"#] {
            assert_eq!(Memory::read(text), Memory::default(), "{text}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::default();
        for id in 0..500_u32 {
            memory.put(unfinished(u128::from(id), &id.to_string()));
        }
        assert_eq!(memory.all().len(), 200);
        assert_eq!(memory.all()[0], unfinished(300, "300"));
    }
}
