//! Steps of an engine that may fail: which order makes it panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sovereign_core::{Order, Session, Step};

use crate::log::GameId;

/// Orders found guilty in one tick; what is left of it is then refused untried, so that a
/// tick full of bad orders costs bounded work.
const CULPRITS: usize = 8;

/// The engine panicked. The session is in no known state and must be thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

/// Orders of one tick, sorted out.
#[derive(Debug, Default)]
pub(super) struct Sifted {
    /// Those that can be carried out together.
    pub(super) good: Vec<Order>,
    /// Those that make the engine panic, or that could no longer be tried.
    pub(super) culprits: Vec<Order>,
}

/// [`Session::step`], surviving a panic of the engine.
pub(super) fn step(
    id: GameId,
    session: &mut Session,
    orders: Vec<Order>,
) -> Result<Step, Panicked> {
    let step = || {
        #[cfg(test)]
        let trap = super::tests::traps::trap(id, session, &orders);
        #[cfg(not(test))]
        let _ = id;
        let step = session.step(orders);
        #[cfg(test)]
        assert!(!trap, "a test asked for this, after the state had moved");
        step
    };
    // Whoever gets an error throws the session away, so nobody sees it half-done.
    catch_unwind(AssertUnwindSafe(step)).map_err(|_| Panicked)
}

/// Finds the orders without which the next step of `session` does not panic.
///
/// O(log orders) steps on copies for each culprit, of which there are at most
/// [`CULPRITS`].
///
/// # Errors
/// When the step panics without any order, or because of one of the system: there is
/// nobody to refuse.
pub(super) fn sift(id: GameId, session: &Session, orders: Vec<Order>) -> Result<Sifted, Panicked> {
    let passes = |orders: &[Order]| step(id, &mut session.clone(), orders.to_vec()).is_ok();
    let mut sifted = Sifted { good: orders, culprits: Vec::new() };
    while !passes(&sifted.good) {
        if !passes(&[]) {
            return Err(Panicked);
        }
        if sifted.culprits.len() == CULPRITS {
            refuse_the_rest(&mut sifted);
            continue;
        }
        let culprit = sifted.good.remove(first_failing(&sifted.good, passes));
        if matches!(culprit, Order::System(_)) {
            return Err(Panicked);
        }
        sifted.culprits.push(culprit);
    }
    Ok(sifted)
}

/// The position of an order before which all pass, and with which they do not. None passes
/// alone, all together fail.
fn first_failing(orders: &[Order], passes: impl Fn(&[Order]) -> bool) -> usize {
    let (mut pass, mut fail) = (0, orders.len());
    while fail - pass > 1 {
        let middle = usize::midpoint(pass, fail);
        if passes(&orders[..middle]) {
            pass = middle;
        } else {
            fail = middle;
        }
    }
    pass
}

fn refuse_the_rest(sifted: &mut Sifted) {
    let (system, rest) =
        std::mem::take(&mut sifted.good).into_iter().partition(|o| matches!(o, Order::System(_)));
    sifted.good = system;
    let rest: Vec<Order> = rest;
    sifted.culprits.extend(rest);
}
