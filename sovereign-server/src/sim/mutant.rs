//! The bugs that can be planted, each at one spot of the server or of the log.

use std::cell::Cell;

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Mutant { $($(#[doc = $doc])+ $name,)+ }

        impl Mutant {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)+];

            /// What is wrong with it.
            pub(crate) const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

mutants! {
    /// the log takes entries of an older epoch
    DropFence,
    /// the log takes an entry whatever its number
    DropNumber,
    /// the log answers before it has synced
    AnswerUnsynced,
    /// the log forgets its newest entry at a claim
    TakeBack,
    /// a takeover does not raise the epoch
    KeepEpoch,
    /// reading the log leaves out its last entry
    SkipLast,
    /// answers leave before the commit
    AnswerEarly,
    /// a tick releases what waits, not the commit
    ReleaseByTick,
    /// a fenced entry is taken for a durable one
    IgnoreFence,
    /// refusals are not held by the gate
    RefuseEarly,
    /// those who watch are fed before the commit
    FeedEarly,
    /// a socket is let in before its tick is durable
    EnterEarly,
    /// a socket is shown a state that is in no entry
    EnterBetween,
    /// an append in doubt is numbered anew and sent again
    Renumber,
    /// an append in doubt is taken for durable
    TrustDoubt,
    /// what is durable is told by the number alone, not by the epoch
    ForgetEpoch,
    /// entries overtake one in doubt
    Overtake,
    /// sequence numbers and answers are lost at a takeover
    LoseAnswers,
    /// a snapshot is stored before its entry is durable
    SnapshotAhead,
    /// a player's old socket is not fenced
    TwoSockets,
    /// an order that comes again is run again, with another number
    RunAgain,
    /// a welcome does not say which order was the last
    ForgetLast,
    /// a tick without orders is shown but not logged
    SkipEmpty,
    /// the game runs ahead of its log without bound
    RunAhead,
    /// who comes back is sent what the ring has, though it began later
    RingWithGap,
    /// a game that is paused stays so
    StayPaused,
    /// under fog players are shown all there is
    LiftFog,
    /// a copy of another node's game is gone on with without what it has missed
    SkipTail,
    /// a room that moves shows what is not durable yet
    LeaveEarly,
    /// a room that has moved acknowledges what comes too late for it
    AnswerLate,
    /// a takeover of many games does not raise their epochs
    KeepEpochs,
    /// a takeover of many games reads their logs before it raises their epochs
    ReadBeforeRaise,
    /// a takeover raises the epochs of games too that run here already
    RaiseRunning,
}

thread_local! {
    static PLANTED: Cell<Option<Mutant>> = const { Cell::new(None) };
}

/// Plants a bug in all that this thread runs, or none.
pub(crate) fn plant(mutant: Option<Mutant>) {
    PLANTED.set(mutant);
}

pub(crate) fn is_on(mutant: Mutant) -> bool {
    PLANTED.get() == Some(mutant)
}
