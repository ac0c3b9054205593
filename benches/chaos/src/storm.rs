//! Breaks things round by round, mends them, and waits until every game answers again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use serde::Serialize;
use tokio::time::sleep;

use crate::error::Outcome;
use crate::front::Front;
use crate::schedule::{Fault, Round, Strike};
use crate::stage::Stage;

/// Between two looks at whether all games have answered.
const LOOK: Duration = Duration::from_millis(10);
/// As long as games may be silent before the next round comes all the same.
const PATIENCE: Duration = Duration::from_secs(30);

/// When it ends, and how fast it goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) lasts: Duration,
    pub(crate) injections: u64,
    /// Calm between the recovery of all games and the next round.
    pub(crate) pace: Duration,
}

/// A round as it was.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Past {
    pub(crate) kinds: Vec<&'static str>,
    pub(crate) began: Duration,
    /// When all was mended.
    pub(crate) healed: Duration,
    /// When all games had answered an order that was sent after that.
    pub(crate) recovered: Duration,
}

/// Everything that was broken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storm {
    pub(crate) rounds: Vec<Past>,
    /// Nodes that ended by themselves.
    pub(crate) dead: Vec<String>,
    /// Nothing was broken but in order: nobody may lose his connection.
    pub(crate) gentle: bool,
}

/// Plays the schedule until a bound is reached; `show` gets a line for each round.
pub(crate) async fn rage(
    stage: &Stage,
    front: &Arc<Front>,
    schedule: impl IntoIterator<Item = Round>,
    bounds: Bounds,
    show: impl Fn(&Past),
) -> Outcome<Storm> {
    let mut storm = Storm::default();
    let (end, mut injections) = (front.now() + bounds.lasts, 0);
    for round in schedule {
        if front.now() >= end || injections >= bounds.injections {
            break;
        }
        injections += round.len() as u64;
        let past = pass(stage, front, round).await?;
        show(&past);
        storm.rounds.push(past);
        for node in stage.dead().await {
            storm.dead.push(format!("node {} ended by itself", node + 1));
            stage.revive(node).await?;
        }
        sleep(bounds.pace).await;
    }
    Ok(storm)
}

async fn pass(stage: &Stage, front: &Front, round: Round) -> Outcome<Past> {
    let began = front.now();
    try_join_all(round.iter().map(|one| strike(stage, front, *one))).await?;
    let healed = front.now();
    while front.silent_since(healed) > 0 && front.now() - healed < PATIENCE {
        sleep(LOOK).await;
    }
    let kinds = round.iter().map(|one| one.fault.kind()).collect();
    Ok(Past { kinds, began, healed, recovered: front.now() })
}

async fn strike(stage: &Stage, front: &Front, strike: Strike) -> Outcome<()> {
    sleep(strike.after).await;
    let Fault::ReplaceNode(node) = strike.fault else {
        stage.break_it(strike.fault).await?;
        sleep(strike.hold).await;
        return stage.mend(strike.fault).await;
    };
    front.shut(node, true);
    stage.break_it(strike.fault).await?;
    stage.mend(strike.fault).await?;
    front.shut(node, false);
    Ok(())
}
