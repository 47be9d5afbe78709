//! What can be done to an AIP now, and why the rest cannot. Pure.

use crate::domain::{Aip, AipStatus, Workflow, WorkflowStatus};

/// Something that a person may want to do to an AIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Get the package.
    Download,
    /// Send it to another location.
    Move,
    /// Check its fixity.
    Check,
    /// Ask for its deletion.
    Delete,
}

impl Action {
    const fn done(self) -> &'static str {
        match self {
            Self::Download => "downloaded",
            Self::Move => "moved",
            Self::Check => "checked",
            Self::Delete => "deleted",
        }
    }
}

/// Why something cannot be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    NotStored,
    Undecided,
    AtWork,
    Nowhere,
    NeverRead,
    NoOtherLocation,
    NoSignIn,
}

/// What all of it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// Where the AIP stands.
    pub status: AipStatus,
    /// Something is being done to it.
    pub at_work: bool,
    /// A location keeps it, as far as is recorded.
    pub located: bool,
    /// Its bytes were read here.
    pub read: bool,
    /// There is another location that it could go to.
    pub other_location: bool,
    /// People have to sign in: only then can a second one agree to a deletion.
    pub authentication: bool,
}

impl Circumstances {
    /// Those of an AIP.
    #[must_use]
    pub fn of(aip: &Aip, workflows: &[Workflow], other_location: bool, authentication: bool) -> Self {
        let at_work = |workflow: &Workflow| matches!(workflow.status, WorkflowStatus::InProgress | WorkflowStatus::Queued);
        Self {
            status: aip.status,
            at_work: matches!(aip.status, AipStatus::Processing | AipStatus::Queued) || workflows.iter().any(at_work),
            located: aip.location_uuid.is_some(),
            read: aip.size.is_some() || aip.sha256.is_some(),
            other_location,
            authentication,
        }
    }

    /// Whether it can be done now.
    #[must_use]
    pub fn allow(&self, action: Action) -> bool {
        self.why_not(action).is_none()
    }

    fn why_not(&self, action: Action) -> Option<Why> {
        // A package can be read as long as nobody takes it away.
        let readable = action == Action::Download && matches!(self.status, AipStatus::Stored | AipStatus::Pending);
        match self.status {
            AipStatus::Unspecified => Some(Why::NotStored),
            _ if self.at_work && !readable => Some(Why::AtWork),
            AipStatus::Pending if !readable => Some(Why::Undecided),
            _ if action == Action::Delete => (!self.authentication).then_some(Why::NoSignIn),
            _ if !self.located => Some(Why::Nowhere),
            _ if action == Action::Download && !self.read => Some(Why::NeverRead),
            _ if action == Action::Move && !self.other_location => Some(Why::NoOtherLocation),
            _ => None,
        }
    }

    /// Sentences that say why those of `actions` are not on offer that are not, one for each reason.
    #[must_use]
    pub fn reasons(&self, actions: &[Action]) -> Vec<String> {
        let not: Vec<(Action, Why)> = actions.iter().filter_map(|action| Some((*action, self.why_not(*action)?))).collect();
        let because = |why: Why| {
            let words: Vec<&str> = not.iter().filter(|(_, other)| *other == why).map(|(action, _)| action.done()).collect();
            let what = listed(&words)?;
            Some(match why {
                Why::NotStored => format!("It can be {what} once it is stored."),
                Why::Undecided => format!("It can be {what} once the pending decision about it was made."),
                Why::AtWork => format!("It can be {what} once the present work on it has ended."),
                Why::Nowhere => format!("It cannot be {what}: no location here keeps it."),
                Why::NeverRead => format!("It cannot be {what}: its bytes were never read here."),
                Why::NoOtherLocation => "There is no other location that it could be moved to.".to_owned(),
                Why::NoSignIn => "Its deletion needs sign-in, so that a second person can agree; this service runs without.".to_owned(),
            })
        };
        [Why::NotStored, Why::Undecided, Why::AtWork, Why::Nowhere, Why::NeverRead, Why::NoOtherLocation, Why::NoSignIn]
            .into_iter()
            .filter_map(because)
            .collect()
    }
}

/// `moved`, `moved or checked`, `moved, checked or deleted`.
fn listed(words: &[&str]) -> Option<String> {
    match words {
        [] => None,
        [one] => Some((*one).to_owned()),
        [first @ .., last] => Some(format!("{} or {last}", first.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Action; 4] = [Action::Download, Action::Move, Action::Check, Action::Delete];
    const AT_REST: Circumstances =
        Circumstances { status: AipStatus::Stored, at_work: false, located: true, read: true, other_location: true, authentication: true };

    #[test]
    fn everything_can_be_done_to_an_aip_at_rest() {
        assert_eq!(AT_REST.reasons(&ALL), Vec::<String>::new());
        assert!(ALL.iter().all(|action| AT_REST.allow(*action)));
    }

    #[test]
    fn each_reason_is_told_once() {
        let with = |circumstances: Circumstances| circumstances.reasons(&ALL);
        assert_eq!(
            with(Circumstances { status: AipStatus::Unspecified, ..AT_REST }),
            ["It can be downloaded, moved, checked or deleted once it is stored."]
        );
        assert_eq!(
            with(Circumstances { status: AipStatus::Processing, at_work: true, ..AT_REST }),
            ["It can be downloaded, moved, checked or deleted once the present work on it has ended."]
        );
        assert_eq!(
            with(Circumstances { at_work: true, ..AT_REST }),
            ["It can be moved, checked or deleted once the present work on it has ended."]
        );
        assert_eq!(
            with(Circumstances { status: AipStatus::Pending, ..AT_REST }),
            ["It can be moved, checked or deleted once the pending decision about it was made."]
        );
        assert_eq!(
            with(Circumstances { located: false, read: false, authentication: false, ..AT_REST }),
            [
                "It cannot be downloaded, moved or checked: no location here keeps it.",
                "Its deletion needs sign-in, so that a second person can agree; this service runs without."
            ]
        );
        assert_eq!(with(Circumstances { read: false, ..AT_REST }), ["It cannot be downloaded: its bytes were never read here."]);
        assert_eq!(with(Circumstances { other_location: false, ..AT_REST }), ["There is no other location that it could be moved to."]);
    }

    #[test]
    fn what_a_person_may_not_do_is_not_told() {
        assert_eq!(Circumstances { authentication: false, ..AT_REST }.reasons(&[Action::Download]), Vec::<String>::new());
    }
}
