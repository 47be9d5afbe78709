//! Whether a client may go on where it was (`realtime.md` sections 1 and 4).
//!
//! Invariant: going on is granted only if every entry after the position is still there, and the entry at the position is the
//! one that the client saw.

use super::{Position, protocol::ResyncReason};

/// What becomes of a resume position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// Go on after this seq.
    After(u64),
    /// Continuity cannot be proven: the client has to fetch its screen again.
    Resync(ResyncReason),
}

/// What the log says about a resume position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Where the log ends.
    pub end: Position,
    /// The oldest entry that is still there; one above the end if none is.
    pub oldest: u64,
    /// The tag of the entry at the resume position's `seq`, if that is still there.
    pub tag: Option<u64>,
}

/// Decides. The caller looks up `recorded` at one moment, or at the least the tag after the end.
///
/// An entry that is gone cannot be compared, even if all that follow it are there: that is `too_old`. A position beyond the end
/// was of a future that did not happen, since the log was taken back: `epoch`. Another entry at the same place: `diverged`.
#[must_use]
pub fn resumption(resume: Position, recorded: Recorded) -> Resumption {
    let Recorded { end, oldest, tag } = recorded;
    if resume.epoch != end.epoch || resume.seq > end.seq {
        return Resumption::Resync(ResyncReason::Epoch);
    }
    let tag = match resume.seq {
        0 => Some(0),
        seq if seq == end.seq => Some(end.tag),
        _ => tag,
    };
    match tag {
        Some(_) if resume.seq.saturating_add(1) < oldest => Resumption::Resync(ResyncReason::TooOld),
        None => Resumption::Resync(ResyncReason::TooOld),
        Some(tag) if tag != resume.tag => Resumption::Resync(ResyncReason::Diverged),
        Some(_) => Resumption::After(resume.seq),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const END: Position = Position { epoch: 1, seq: 9, tag: 90 };

    fn decide(epoch: u64, seq: u64, tag: u64, oldest: u64, held: Option<u64>) -> Resumption {
        resumption(Position { epoch, seq, tag }, Recorded { end: END, oldest, tag: held })
    }

    #[test]
    fn each_doubt_has_its_reason() {
        use ResyncReason::{Diverged, Epoch, TooOld};
        assert_eq!(decide(1, 7, 70, 3, Some(70)), Resumption::After(7));
        assert_eq!(decide(2, 7, 70, 3, Some(70)), Resumption::Resync(Epoch));
        assert_eq!(decide(1, 10, 70, 3, None), Resumption::Resync(Epoch));
        assert_eq!(decide(1, 7, 71, 3, Some(70)), Resumption::Resync(Diverged));
        assert_eq!(decide(1, 2, 20, 3, None), Resumption::Resync(TooOld));
        assert_eq!(decide(1, 1, 10, 3, Some(10)), Resumption::Resync(TooOld));
    }

    #[test]
    fn the_ends_of_the_log_need_no_look_up() {
        assert_eq!(decide(1, 9, 90, 10, None), Resumption::After(9));
        assert_eq!(decide(1, 9, 91, 10, None), Resumption::Resync(ResyncReason::Diverged));
        assert_eq!(decide(1, 0, 0, 1, None), Resumption::After(0));
        assert_eq!(decide(1, 0, 0, 2, None), Resumption::Resync(ResyncReason::TooOld));
        let empty = Recorded { end: Position::start(1), oldest: 1, tag: None };
        assert_eq!(resumption(Position::start(1), empty), Resumption::After(0));
        assert_eq!(resumption(Position { tag: 5, ..Position::start(1) }, empty), Resumption::Resync(ResyncReason::Diverged));
    }

    proptest! {
        /// Against the plainest oracle there is: two whole logs, compared entry by entry.
        #[test]
        fn going_on_is_granted_only_with_proof(
            seen in prop::collection::vec(1u64..3, 0..6), now in prop::collection::vec(1u64..3, 0..6), gone in 0u64..6, at in 0u64..6,
        ) {
            let tag_at = |log: &[u64], seq: u64| seq.checked_sub(1).map_or(Some(0), |at| log.get(at as usize).copied());
            let (len, at) = (now.len() as u64, at.min(seen.len() as u64));
            let gone = gone.min(len);
            let end = Position { epoch: 1, seq: len, tag: tag_at(&now, len).unwrap_or(0) };
            let resume = Position { epoch: 1, seq: at, tag: tag_at(&seen, at).unwrap_or(0) };
            let recorded = Recorded { end, oldest: gone + 1, tag: if at > gone { tag_at(&now, at) } else { None } };
            let same = at <= len && tag_at(&now, at) == Some(resume.tag);
            match resumption(resume, recorded) {
                Resumption::After(seq) => {
                    prop_assert_eq!(seq, at);
                    prop_assert!(same && gone <= at);
                }
                Resumption::Resync(_) => prop_assert!(!same || gone > at || (gone == at && at > 0 && at < len)),
            }
        }
    }
}
