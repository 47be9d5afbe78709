//! The packages that are being deposited from this page. They belong to the application, not to the page: uploads go on while
//! other pages are looked at.

use super::remember::Fingerprint;
use crate::{api::Upload, api::uploads::UploadState, bag::Verdict};
use leptos::prelude::*;
use uuid::Uuid;

/// How far one package is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// Chosen; name and location can still be changed.
    Chosen,
    /// Begun in an earlier visit: the file has to be chosen again.
    NeedsFile,
    /// Waits for its turn.
    Waiting,
    /// Is being sent.
    Sending,
    /// Sending was interrupted, for this reason; it goes on by itself.
    Interrupted(String),
    /// All bytes arrived and are being verified.
    Checking,
    /// Kept, as this AIP.
    Stored(Uuid),
    /// Refused; nothing was kept.
    Refused(String),
    /// Could not be done; nothing was kept.
    Failed(String),
    /// Called off by the person; nothing was kept.
    Canceled,
}

impl Stage {
    /// Whether nothing will happen to it any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Stored(_) | Self::Refused(_) | Self::Failed(_) | Self::Canceled)
    }

    /// Whether leaving the page would interrupt it.
    #[must_use]
    pub const fn needs_the_page(&self) -> bool {
        matches!(self, Self::Waiting | Self::Sending | Self::Interrupted(_))
    }

    /// Whether it takes one of the places in which packages are sent.
    #[must_use]
    pub const fn is_at_work(&self) -> bool {
        matches!(self, Self::Sending | Self::Interrupted(_))
    }
}

/// One package.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    /// Identity within the page.
    pub id: u64,
    /// What is sent.
    pub file: Fingerprint,
    /// Files in it, for a folder; none for a package that is a file already.
    pub files: Option<u64>,
    /// Name of the AIP.
    pub name: String,
    /// Where to keep it; the first AIP store when not chosen.
    pub location: Option<Uuid>,
    /// How far it is.
    pub stage: Stage,
    /// Bytes that are safely at the server.
    pub sent: u64,
    /// Bytes verified so far.
    pub checked: u64,
    /// Bytes per second.
    pub rate: Option<u64>,
    /// The upload on the server.
    pub upload: Option<Uuid>,
    /// What its verification found.
    pub verdict: Option<Verdict>,
}

impl Package {
    /// Takes what the server says about the upload.
    pub fn take(&mut self, upload: &Upload) {
        self.upload = Some(upload.uuid);
        self.sent = upload.offset;
        self.checked = upload.checked;
        self.verdict = upload.verdict.as_deref().cloned();
        let message = || upload.message.clone().unwrap_or_default();
        match upload.state {
            UploadState::Receiving => {}
            UploadState::Checking => self.stage = Stage::Checking,
            UploadState::Stored => {
                self.stage = match upload.aip_uuid {
                    Some(aip) => Stage::Stored(aip),
                    None => Stage::Failed(
                        "The server says that the package is kept, but not as which AIP. Look for it in the list of AIPs.".into(),
                    ),
                }
            }
            UploadState::Refused => self.stage = Stage::Refused(message()),
            UploadState::Failed => self.stage = Stage::Failed(message()),
        }
    }
}

/// All of them.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    packages: RwSignal<Vec<Package>>,
    next: StoredValue<u64>,
}

impl Queue {
    /// Makes an empty queue and puts it into the context: once, around the whole application.
    pub fn provide() -> Self {
        let queue = Self { packages: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        provide_context(queue);
        queue
    }

    /// The application's queue; one of the page's own where the application has none.
    #[must_use]
    pub fn here() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Identities in the order in which they were chosen, reactive.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        self.packages.with(|packages| packages.iter().map(|package| package.id).collect())
    }

    /// Reads one package, reactive.
    pub fn with<T>(&self, id: u64, read: impl FnOnce(&Package) -> T) -> Option<T> {
        self.packages.with(|packages| packages.iter().find(|package| package.id == id).map(read))
    }

    /// Reads one package, not reactive.
    pub fn peek<T>(&self, id: u64, read: impl FnOnce(&Package) -> T) -> Option<T> {
        self.packages.with_untracked(|packages| packages.iter().find(|package| package.id == id).map(read))
    }

    /// How many packages satisfy `wanted`, reactive.
    #[must_use]
    pub fn count(&self, wanted: impl Fn(&Package) -> bool) -> usize {
        self.packages.with(|packages| packages.iter().filter(|package| wanted(package)).count())
    }

    /// How many packages satisfy `wanted`, not reactive.
    #[must_use]
    pub fn count_now(&self, wanted: impl Fn(&Package) -> bool) -> usize {
        self.packages.with_untracked(|packages| packages.iter().filter(|package| wanted(package)).count())
    }

    /// The first package that satisfies `wanted`, not reactive.
    #[must_use]
    pub fn find(&self, wanted: impl Fn(&Package) -> bool) -> Option<u64> {
        self.packages.with_untracked(|packages| packages.iter().find(|package| wanted(package)).map(|package| package.id))
    }

    /// Changes one package.
    pub fn change(&self, id: u64, change: impl FnOnce(&mut Package)) {
        self.packages.update(|packages| {
            if let Some(package) = packages.iter_mut().find(|package| package.id == id) {
                change(package);
            }
        });
    }

    /// Adds a package at the end and gives it an identity.
    pub fn add(&self, mut package: Package) -> u64 {
        let id = self.next.with_value(|next| *next);
        self.next.set_value(id + 1);
        package.id = id;
        self.packages.update(|packages| packages.push(package));
        id
    }

    /// Takes those away that satisfy `unwanted`.
    pub fn remove(&self, unwanted: impl Fn(&Package) -> bool) {
        self.packages.update(|packages| packages.retain(|package| !unwanted(package)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package() -> Package {
        Package {
            id: 0,
            file: Fingerprint { name: "fonds.zip".into(), size: 10, modified: 0 },
            files: None,
            name: "fonds".into(),
            location: None,
            stage: Stage::Chosen,
            sent: 0,
            checked: 0,
            rate: None,
            upload: None,
            verdict: None,
        }
    }

    fn upload(state: UploadState) -> Upload {
        Upload {
            uuid: Uuid::from_u128(1),
            name: "fonds".into(),
            location_uuid: Uuid::from_u128(2),
            size: 10,
            offset: 10,
            checked: 4,
            state,
            aip_uuid: None,
            message: Some("It is not a bag.".into()),
            verdict: None,
        }
    }

    #[test]
    fn what_the_server_says_decides_the_stage() {
        let mut package = package();
        package.take(&upload(UploadState::Receiving));
        assert_eq!((package.stage.clone(), package.sent), (Stage::Chosen, 10));
        package.take(&upload(UploadState::Checking));
        assert_eq!((package.stage.clone(), package.checked), (Stage::Checking, 4));
        package.take(&upload(UploadState::Refused));
        assert_eq!(package.stage, Stage::Refused("It is not a bag.".into()));
        package.take(&Upload { aip_uuid: Some(Uuid::from_u128(3)), ..upload(UploadState::Stored) });
        assert_eq!(package.stage, Stage::Stored(Uuid::from_u128(3)));
        package.take(&upload(UploadState::Stored));
        assert!(matches!(package.stage, Stage::Failed(_)), "stored without an AIP is not success");
    }

    #[test]
    fn packages_are_found_changed_and_removed_by_identity() {
        let owner = Owner::new();
        owner.with(|| {
            let queue = Queue::provide();
            let (first, second) = (queue.add(package()), queue.add(package()));
            queue.change(second, |package| package.stage = Stage::Canceled);
            assert_eq!(queue.peek(first, |package| package.stage.clone()), Some(Stage::Chosen));
            assert_eq!(queue.count_now(|package| package.stage.is_over()), 1);
            queue.remove(|package| package.stage.is_over());
            assert_eq!(queue.find(|_| true), Some(first));
            let third = queue.add(package());
            assert!(third > second, "identities are not used again");
        });
    }
}
