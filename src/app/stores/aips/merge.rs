//! What is held and what arrives become one: the newer version of each resource wins, whichever way it came.

use crate::{
    api::{EventRecord, EventRecords},
    domain::{Aip, Task, TaskStatus, Workflow},
};

/// The rows of an answer, each replaced by the held one where that is newer. With `stay` the held rows keep their places and
/// none comes or goes.
pub fn rows(held: &[Aip], answer: Vec<Aip>, stay: bool) -> Vec<Aip> {
    let newer = |a: Aip, b: Option<&Aip>| match b {
        Some(b) if b.version > a.version => b.clone(),
        _ => a,
    };
    if stay {
        let find = |uuid| answer.iter().find(|aip| aip.uuid == uuid);
        return held.iter().map(|row| find(row.uuid).filter(|new| new.version >= row.version).unwrap_or(row).clone()).collect();
    }
    answer
        .into_iter()
        .map(|aip| {
            let known = held.iter().find(|row| row.uuid == aip.uuid);
            newer(aip, known)
        })
        .collect()
}

/// The workflows of an answer (newest first), with the held ones where those are newer and those that it does not know yet.
pub fn workflows(held: &[Workflow], answer: Vec<Workflow>) -> Vec<Workflow> {
    let mut merged: Vec<Workflow> = held.iter().filter(|known| answer.iter().all(|new| new.uuid != known.uuid)).cloned().collect();
    merged.extend(answer.into_iter().map(|mut new| {
        let Some(known) = held.iter().find(|known| known.uuid == new.uuid) else { return new };
        let tasks = tasks(&known.tasks, std::mem::take(&mut new.tasks));
        let mut newest = if known.version > new.version { known.clone() } else { new };
        newest.tasks = tasks;
        newest
    }));
    merged
}

/// The tasks of an answer, with the held ones where those are newer and those that it does not know yet. How far a task is
/// no event tells: of two of the same version the answer's is the later one.
fn tasks(held: &[Task], answer: Vec<Task>) -> Vec<Task> {
    let unknown: Vec<Task> = held.iter().filter(|known| answer.iter().all(|new| new.uuid != known.uuid)).cloned().collect();
    let newer = |new: Task| held.iter().find(|known| known.uuid == new.uuid && known.version > new.version).cloned().unwrap_or(new);
    answer.into_iter().map(newer).chain(unknown).collect()
}

/// Puts a workflow from an event, which carries no tasks, in its place; new ones go first.
pub fn put_workflow(held: &mut Vec<Workflow>, new: &Workflow) {
    match held.iter_mut().find(|known| known.uuid == new.uuid) {
        Some(known) if new.version >= known.version => {
            let tasks = std::mem::take(&mut known.tasks);
            *known = Workflow { tasks, ..new.clone() };
        }
        Some(_) => {}
        None => held.insert(0, new.clone()),
    }
}

/// Puts a task from an event in its place; new ones go last. Events do not tell how far a task is: what is known of that stays as
/// long as it is at work.
pub fn put_task(held: &mut Vec<Task>, new: &Task) {
    match held.iter_mut().find(|known| known.uuid == new.uuid) {
        Some(known) if new.version >= known.version => {
            let progress = known.progress.filter(|_| new.status == TaskStatus::InProgress);
            *known = Task { progress, ..new.clone() };
        }
        Some(_) => {}
        None => held.push(new.clone()),
    }
}

/// The history: entries that the answer does not reach yet, then the answer, then the older ones that were asked for before.
pub fn events(held: Vec<EventRecord>, answer: EventRecords, older: Option<u64>) -> (Vec<EventRecord>, Option<u64>) {
    let (Some(newest), Some(oldest)) = (answer.items.first().map(|r| r.seq), answer.items.last().map(|r| r.seq)) else {
        return if held.is_empty() { (answer.items, answer.next_before) } else { (held, older) };
    };
    let reaches_further = held.last().is_some_and(|record| record.seq < oldest) && held.iter().any(|record| record.seq >= oldest);
    let (mut merged, tail): (Vec<_>, Vec<_>) = held.into_iter().filter(|r| r.seq > newest || r.seq < oldest).partition(|r| r.seq > newest);
    merged.extend(answer.items);
    if reaches_further {
        merged.extend(tail);
        (merged, older)
    } else {
        (merged, answer.next_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AipStatus, StorageEvent, TaskProgress, Timestamp, WorkflowStatus, WorkflowType};
    use uuid::Uuid;

    fn aip(id: u128, version: u64) -> Aip {
        Aip {
            name: format!("aip {id} v{version}"),
            uuid: Uuid::from_u128(id),
            status: AipStatus::Stored,
            object_key: Uuid::from_u128(id),
            location_uuid: None,
            deletion_report_key: None,
            created_at: Timestamp::from_micros(0),
            size: None,
            format: None,
            sha256: None,
            sha512: None,
            version,
        }
    }

    fn task(id: u128, version: u64) -> Task {
        Task {
            uuid: Uuid::from_u128(id),
            name: "Copy AIP".into(),
            status: TaskStatus::Done,
            started_at: None,
            completed_at: None,
            note: Some(format!("v{version}")),
            workflow_uuid: Uuid::from_u128(9),
            progress: None,
            version,
        }
    }

    fn workflow(id: u128, version: u64, tasks: Vec<Task>) -> Workflow {
        Workflow {
            uuid: Uuid::from_u128(id),
            temporal_id: format!("w{id}"),
            kind: WorkflowType::MoveAip,
            status: WorkflowStatus::InProgress,
            started_at: None,
            completed_at: None,
            aip_uuid: Uuid::from_u128(1),
            tasks,
            version,
        }
    }

    fn record(seq: u64) -> EventRecord {
        EventRecord {
            seq,
            at: Timestamp::from_micros(0),
            version: 1,
            aip_uuid: None,
            name: None,
            person: None,
            value: StorageEvent::LocationDeleted { uuid: Uuid::nil() },
        }
    }

    fn answer(seqs: &[u64], next_before: Option<u64>) -> EventRecords {
        EventRecords { items: seqs.iter().copied().map(record).collect(), next_before }
    }

    #[test]
    fn a_late_answer_does_not_win_over_a_newer_row() {
        let merged = rows(&[aip(1, 7), aip(2, 1)], vec![aip(2, 2), aip(1, 6), aip(3, 1)], false);
        assert_eq!(merged, [aip(2, 2), aip(1, 7), aip(3, 1)]);
    }

    #[test]
    fn rows_that_stay_change_but_do_not_move() {
        let merged = rows(&[aip(1, 1), aip(2, 5)], vec![aip(3, 1), aip(2, 4), aip(1, 2)], true);
        assert_eq!(merged, [aip(1, 2), aip(2, 5)]);
    }

    #[test]
    fn an_event_keeps_the_tasks_that_it_does_not_carry() {
        let mut held = vec![workflow(5, 1, vec![task(1, 1)])];
        put_workflow(&mut held, &workflow(5, 2, vec![]));
        put_workflow(&mut held, &workflow(6, 1, vec![]));
        put_workflow(&mut held, &workflow(5, 1, vec![]));
        assert_eq!(held, [workflow(6, 1, vec![]), workflow(5, 2, vec![task(1, 1)])]);
    }

    #[test]
    fn of_each_workflow_and_each_task_the_newer_is_kept() {
        let held = [workflow(6, 1, vec![]), workflow(5, 3, vec![task(1, 4), task(2, 1)])];
        let merged = workflows(&held, vec![workflow(5, 2, vec![task(1, 3)]), workflow(4, 1, vec![])]);
        assert_eq!(merged, [workflow(6, 1, vec![]), workflow(5, 3, vec![task(1, 4), task(2, 1)]), workflow(4, 1, vec![])]);
    }

    fn at_work(version: u64, done: u64) -> Task {
        Task { status: TaskStatus::InProgress, progress: Some(TaskProgress { done, total: 10 }), ..task(1, version) }
    }

    #[test]
    fn progress_is_the_answers_and_events_neither_wipe_it_nor_bring_it_back() {
        let known = workflow(5, 1, vec![at_work(2, 3)]);
        let merged = workflows(std::slice::from_ref(&known), vec![workflow(5, 1, vec![at_work(2, 7)])]);
        assert_eq!(merged, [workflow(5, 1, vec![at_work(2, 7)])], "of the same version the answer is the later one");

        let mut tasks = vec![at_work(2, 7)];
        put_task(&mut tasks, &Task { progress: None, ..at_work(3, 0) });
        assert_eq!(tasks, [at_work(3, 7)], "an event does not say how far it is");

        put_task(&mut tasks, &task(1, 4));
        assert_eq!(tasks, [task(1, 4)], "it is over");
        let late = workflows(&[workflow(5, 1, tasks)], vec![workflow(5, 1, vec![at_work(3, 9)])]);
        assert_eq!(late, [workflow(5, 1, vec![task(1, 4)])], "an answer from before its end");
    }

    #[test]
    fn history_grows_at_both_ends_without_gaps_or_doubles() {
        let seqs = |records: &[EventRecord]| records.iter().map(|r| r.seq).collect::<Vec<_>>();
        let (merged, older) = events(answer(&[9, 7, 5, 3], None).items, answer(&[8, 7, 5], Some(5)), Some(3));
        assert_eq!((seqs(&merged), older), (vec![9, 8, 7, 5, 3], Some(3)));
        let (merged, older) = events(answer(&[3, 2], None).items, answer(&[9, 8], Some(8)), None);
        assert_eq!((seqs(&merged), older), (vec![9, 8], Some(8)), "a gap: what lies beyond it is asked for again");
        let (merged, _) = events(answer(&[2], None).items, answer(&[], None), None);
        assert_eq!(seqs(&merged), [2]);
    }
}
