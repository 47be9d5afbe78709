//! AIPs: the page of the list on screen, and the one AIP on screen.

use super::load::Arrival;
use crate::{
    api::{Aips, AipsQuery, EventRecord, EventRecords, PageInfo, StatusCounts, Workflows, client::Snapshot},
    bag::Verdict,
    domain::{Aip, DeletionRequest, FixityCheck, Task, TaskProgress, TaskStatus, Workflow},
    realtime::Position,
};
use leptos::prelude::*;
use reactive_stores::{KeyMap, PatchField, Store, StorePath};
use uuid::Uuid;

/// A page of the list. Read its fields through the store, e.g. `stores.aips.list.rows()` (bring [`AipListStoreFields`] into
/// scope): each row is a field of its own, so that a change to one re-renders that one.
#[derive(Debug, Clone, Default, Store)]
pub struct AipList {
    /// What was asked for; none before the first answer.
    query: Option<AipsQuery>,
    /// The rows, in the order of the answer.
    #[store(key: Uuid = |aip| aip.uuid)]
    rows: Vec<Aip>,
    /// Where they stand in the whole.
    page: Option<PageInfo>,
    /// How many there are of each status under the same filters.
    counts: StatusCounts,
    /// AIPs that came to be since and that this page does not show: offered as "3 new" instead of moving the rows.
    arrived: u64,
    /// The log position of the newest answer.
    position: Option<Position>,
}

/// One AIP with all that its page shows.
#[derive(Debug, Clone, Default, Store)]
pub struct AipDetail {
    /// The AIP; none before the first answer.
    aip: Option<Aip>,
    /// What is and was done to it, newest first, each with its tasks.
    #[store(key: Uuid = |workflow| workflow.uuid)]
    workflows: Vec<Workflow>,
    /// What its verification found when it was taken in.
    verification: Option<Verdict>,
    /// Its fixity checks, newest first.
    fixity: Vec<FixityCheck>,
    /// The requests for its deletion, newest first.
    deletions: Vec<DeletionRequest>,
    /// Its history, newest first.
    events: Vec<EventRecord>,
    /// Older entries of its history are asked for with `before` set to this.
    older_events: Option<u64>,
    /// The log position of the newest answer.
    position: Option<Position>,
}

/// The answers that make up one AIP's page: `GET /aips/{uuid}`, whose position counts; its workflows and its
/// events for those who may see them, its verification.
pub type AipAnswers = (Snapshot<Aip>, Option<Snapshot<Workflows>>, Snapshot<Option<Verdict>>, Option<Snapshot<EventRecords>>);

/// Whole rows are compared: a row is told that it changed only if something of it did.
impl PatchField for Aip {
    fn patch_field(&mut self, new: Self, path: &StorePath, notify: &mut dyn FnMut(&StorePath), _keys: Option<&KeyMap>) {
        if *self != new {
            *self = new;
            notify(path);
        }
    }
}

impl PatchField for Workflow {
    fn patch_field(&mut self, new: Self, path: &StorePath, notify: &mut dyn FnMut(&StorePath), _keys: Option<&KeyMap>) {
        if *self != new {
            *self = new;
            notify(path);
        }
    }
}

/// The store of AIPs.
#[derive(Debug, Clone, Copy)]
pub struct AipsStore {
    /// The page of the list.
    pub list: Store<AipList>,
    /// The one AIP.
    pub detail: Store<AipDetail>,
}

impl AipsStore {
    pub(super) fn new() -> Self {
        Self { list: Store::new(AipList::default()), detail: Store::new(AipDetail::default()) }
    }

    /// Takes an answer to `query`. An answer that is older than the one held is ignored, and so is every row of it that is
    /// older than the row held. While newcomers are offered as "3 new", a live refresh changes rows but moves none.
    pub fn show_list(&self, query: &AipsQuery, answer: Snapshot<Aips>, arrival: Arrival) {
        let Snapshot { position, data } = answer;
        let held = self.list.get_untracked();
        let same = held.query.as_ref() == Some(query);
        if same && older(position, held.position) {
            return;
        }
        let known = if another_log(position, held.position) { &[] } else { held.rows.as_slice() };
        let stay = same && arrival == Arrival::Refreshed && held.arrived > 0;
        let rows = merge::rows(known, data.items, stay);
        if !same {
            self.list.query().set(Some(query.clone()));
        }
        if !stay {
            set_if_changed(self.list.arrived(), 0);
        }
        self.list.rows().patch(rows);
        set_if_changed(self.list.page(), Some(data.page));
        set_if_changed(self.list.counts(), data.counts);
        self.list.position().set(position);
    }

    /// Changes one AIP wherever it is on screen, if `version` is newer than what is held there. Whether anything changed.
    pub fn patch(&self, uuid: Uuid, version: Option<u64>, change: impl Fn(&mut Aip)) -> bool {
        let held = |aip: &Aip| aip.uuid == uuid && version.is_none_or(|version| version > aip.version);
        let apply = |aip: &mut Aip| {
            change(aip);
            if let Some(version) = version {
                aip.version = version;
            }
        };
        let row = self.list.rows().read_untracked().iter().any(held);
        if row {
            self.list.rows().at_key(uuid).update(apply);
        }
        let current = self.detail.aip().read_untracked().as_ref().is_some_and(held);
        if current {
            self.detail.aip().update(|aip| {
                if let Some(aip) = aip {
                    apply(aip);
                }
            });
        }
        row || current
    }

    /// Whether the AIP is on screen, as a row or as the page's subject.
    #[must_use]
    pub fn holds(&self, uuid: Uuid) -> bool {
        self.is_current(uuid) || self.list.rows().read_untracked().iter().any(|aip| aip.uuid == uuid)
    }

    /// Whether the page on screen is this AIP's.
    #[must_use]
    pub fn is_current(&self, uuid: Uuid) -> bool {
        self.detail.aip().read_untracked().as_ref().is_some_and(|aip| aip.uuid == uuid)
    }

    /// The name of the AIP whose page is on screen.
    #[must_use]
    pub fn current_name(&self) -> Option<String> {
        self.detail.aip().read_untracked().as_ref().map(|aip| aip.name.clone())
    }

    /// An AIP came to be. The first page of a list is fetched again and shows it in its place; any other page counts it as
    /// arrived, if as far as an event can tell it belongs to the list.
    pub fn note_arrival(&self, aip: &Aip) {
        let belongs = {
            let held = self.list.read_untracked();
            let Some(query) = &held.query else { return };
            query.offset > 0
                && held.rows.iter().all(|row| row.uuid != aip.uuid)
                && query.status.is_none_or(|status| status == aip.status)
                && query.location_uuid.is_none_or(|location| Some(location) == aip.location_uuid)
        };
        if belongs {
            self.list.arrived().update(|arrived| *arrived += 1);
        }
    }

    /// Takes the answers about one AIP; those older than what is held are ignored, part by part.
    pub fn show_aip(&self, (aip, workflows, verification, events): AipAnswers) {
        let held = self.detail.get_untracked();
        let same = held.aip.as_ref().is_some_and(|held| held.uuid == aip.data.uuid) && !another_log(aip.position, held.position);
        self.detail.position().set(aip.position);
        if !same || held.aip.as_ref().is_some_and(|held| held.version <= aip.data.version) {
            set_if_changed(self.detail.aip(), Some(aip.data));
        }
        let known = if same { held.workflows.as_slice() } else { &[] };
        self.merge_workflows(known, workflows.map(|workflows| workflows.data).unwrap_or_default());
        set_if_changed(self.detail.verification(), verification.data);
        let known = if same { held.events } else { Vec::new() };
        let (events, older_events) = merge::events(known, events.map(|events| events.data).unwrap_or_default(), held.older_events);
        set_if_changed(self.detail.events(), events);
        set_if_changed(self.detail.older_events(), older_events);
    }

    fn merge_workflows(&self, known: &[Workflow], answer: Workflows) {
        let newest_first = answer.workflows.into_iter().rev().collect();
        self.detail.workflows().patch(merge::workflows(known, newest_first));
    }

    /// Takes the fixity checks of the AIP on screen.
    pub fn show_fixity(&self, checks: Vec<FixityCheck>) {
        set_if_changed(self.detail.fixity(), checks);
    }

    /// Takes the requests for the deletion of the AIP on screen.
    pub fn show_deletions(&self, requests: Vec<DeletionRequest>) {
        set_if_changed(self.detail.deletions(), requests);
    }

    /// Adds a newer entry to the history of the AIP on screen.
    pub fn push_event(&self, record: EventRecord) {
        if self.detail.events().read_untracked().first().is_none_or(|newest| newest.seq < record.seq) {
            self.detail.events().write().insert(0, record);
        }
    }

    /// Adds older entries to the end of the history of the AIP on screen.
    pub fn push_older_events(&self, older: EventRecords) {
        let last = self.detail.events().read_untracked().last().map_or(u64::MAX, |record| record.seq);
        self.detail.events().write().extend(older.items.into_iter().filter(|record| record.seq < last));
        self.detail.older_events().set(older.next_before);
    }

    /// A workflow of the AIP on screen began or went on. Events carry no tasks, so those that are known stay.
    pub fn put_workflow(&self, workflow: &Workflow) {
        if !self.is_current(workflow.aip_uuid) {
            return;
        }
        let mut workflows = self.detail.workflows().get_untracked();
        merge::put_workflow(&mut workflows, workflow);
        self.detail.workflows().patch(workflows);
    }

    /// A task of the AIP on screen began or went on. False when its workflow is not known here.
    pub fn put_task(&self, task: &Task) -> bool {
        let mut workflows = self.detail.workflows().get_untracked();
        let Some(workflow) = workflows.iter_mut().find(|workflow| workflow.uuid == task.workflow_uuid) else { return false };
        merge::put_task(&mut workflow.tasks, task);
        self.detail.workflows().patch(workflows);
        true
    }

    /// A task of the AIP on screen got on, which no event tells.
    pub fn put_progress(&self, task: Uuid, progress: TaskProgress) {
        let at_work = |held: &Task| held.uuid == task && held.status == TaskStatus::InProgress;
        let workflows = self.detail.workflows();
        let found = workflows.read_untracked().iter().find(|held| held.tasks.iter().any(at_work)).map(|held| held.uuid);
        let Some(workflow) = found else { return };
        workflows.at_key(workflow).update(|workflow| {
            if let Some(task) = workflow.tasks.iter_mut().find(|held| at_work(held)) {
                task.progress = Some(progress);
            }
        });
    }

    /// The AIP that a workflow on screen is done to.
    #[must_use]
    pub fn aip_of_workflow(&self, workflow: Uuid) -> Option<Uuid> {
        self.detail.workflows().read_untracked().iter().find(|held| held.uuid == workflow).map(|held| held.aip_uuid)
    }
}

/// Whether `position` is an earlier place of the same log than `held`.
fn older(position: Option<Position>, held: Option<Position>) -> bool {
    matches!((position, held), (Some(new), Some(held)) if new.epoch == held.epoch && new.seq < held.seq)
}

/// Whether `position` is of another log than `held`: the database was restored from a backup, so that what is held may be of a
/// future that did not happen, and versions of the two cannot be compared.
pub(super) fn another_log(position: Option<Position>, held: Option<Position>) -> bool {
    matches!((position, held), (Some(new), Some(held)) if new.epoch != held.epoch)
}

/// Sets a field only if that changes it, so that nothing renders for nothing.
pub(super) fn set_if_changed<T: PartialEq + 'static>(
    field: impl Update<Value = T> + ReadUntracked<Value: std::ops::Deref<Target = T>>,
    value: T,
) {
    if *field.read_untracked() != value {
        field.update(|held| *held = value);
    }
}

pub(super) mod merge;
