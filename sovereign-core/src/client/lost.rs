//! What to do when a connection has ended.

use xxhash_rust::xxh3::xxh3_64;

use crate::wire::CloseCode;

/// The first pause, in milliseconds; each further one in a row is twice as long.
const PAUSE_MS: u64 = 500;
/// The longest pause, in milliseconds.
const PAUSE_MAX_MS: u64 = 10_000;
/// The shortest pause after `try_later`, in milliseconds.
const TRY_LATER_MS: u64 = 3_000;
/// The shortest pause after offences, in milliseconds.
const POLICY_MS: u64 = 60_000;

/// Whether and when to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Connect again after a pause.
    Reconnect {
        /// In milliseconds.
        after_ms: u64,
    },
    /// Get another token and hand it to [`super::Client::renew`]; then connect again.
    Renew {
        /// In milliseconds.
        after_ms: u64,
    },
    /// Stay away: the game is over, or connecting again would end in the same way.
    Stop(CloseCode),
}

/// `vain` counts the connections in a row that ended before a welcome, from 1.
pub(super) fn next(code: Option<u16>, reason: &str, vain: u32, dice: u64) -> Next {
    use CloseCode as Code;
    let code = code.and_then(Code::from_code);
    let pause = |least| after(least, vain, dice);
    match code {
        Some(
            stop @ (Code::Normal
            | Code::Protocol
            | Code::WrongKind
            | Code::NotUtf8
            | Code::TooBig
            | Code::BadFrame
            | Code::Replaced
            | Code::NoSuchGame
            | Code::NotSeated
            | Code::Revoked
            | Code::Version),
        ) => Next::Stop(stop),
        Some(Code::Auth) => Next::Renew { after_ms: pause(0) },
        Some(Code::Policy) => Next::Reconnect { after_ms: pause(POLICY_MS) },
        Some(Code::TryLater) => Next::Reconnect { after_ms: pause(TRY_LATER_MS) },
        Some(Code::Restart) => Next::Reconnect { after_ms: pause(asked_for(reason)) },
        Some(
            Code::Internal | Code::HelloExpected | Code::TooSlow | Code::Silent | Code::Migrate,
        )
        | None => Next::Reconnect { after_ms: pause(0) },
    }
}

/// A pause that grows, between half of itself and half as much again; at least `least`, and then
/// as much more as it would be without.
fn after(least: u64, vain: u32, dice: u64) -> u64 {
    let doubled = PAUSE_MS << vain.saturating_sub(1).min(10);
    let salt = [dice.to_le_bytes(), u64::from(vain).to_le_bytes()].concat();
    let factor = 500 + xxh3_64(&salt) % 1_001;
    least + doubled.min(PAUSE_MAX_MS) * factor / 1_000
}

/// How long a server that restarts asks to stay away: `restart retry_after_s=3`.
fn asked_for(reason: &str) -> u64 {
    let number = reason.split_once("retry_after_s=").map_or("", |(_, rest)| rest);
    let digits = number.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    // More than an hour is nothing that a server says.
    digits.parse::<u64>().map_or(0, |seconds| seconds.min(3_600) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(code: Option<CloseCode>, reason: &str, vain: u32, dice: u64) -> u64 {
        match next(code.map(CloseCode::code), reason, vain, dice) {
            Next::Reconnect { after_ms } | Next::Renew { after_ms } => after_ms,
            Next::Stop(code) => panic!("{code:?}"),
        }
    }

    #[test]
    fn pauses_grow_and_differ() {
        for dice in 0..100 {
            assert!((250..=750).contains(&pause(None, "", 1, dice)));
            assert!((1_000..=3_000).contains(&pause(None, "", 3, dice)));
            assert!((5_000..=15_000).contains(&pause(None, "", u32::MAX, dice)));
        }
        assert_ne!(pause(None, "", 5, 1), pause(None, "", 5, 2));
    }

    #[test]
    fn a_server_is_given_the_time_that_it_asks_for() {
        let restart = Some(CloseCode::Restart);
        assert!((3_250..=3_750).contains(&pause(restart, "restart retry_after_s=3", 1, 7)));
        for odd in
            ["restart", "retry_after_s=", "retry_after_s=x", "retry_after_s=99999999999999999999"]
        {
            assert!(pause(restart, odd, 1, 7) <= 750, "{odd}");
        }
        assert!(pause(Some(CloseCode::Policy), "", 1, 7) >= POLICY_MS);
        assert!(pause(Some(CloseCode::TryLater), "", 1, 7) >= TRY_LATER_MS);
    }

    #[test]
    fn every_code_has_its_answer() {
        let stops = CloseCode::ALL.iter().filter(|code| {
            matches!(next(Some(code.code()), "", 1, 0), Next::Stop(stopped) if stopped == **code)
        });
        assert_eq!(stops.count(), 11);
        let auth = next(Some(CloseCode::Auth.code()), "", 1, 0);
        assert!(matches!(auth, Next::Renew { .. }));
        assert!(matches!(next(Some(4999), "", 1, 0), Next::Reconnect { .. }));
    }
}
