//! Who somebody is: tokens signed with the keys in the data folder, or by an issuer that
//! the operator trusts.
//!
//! Invariant: a token is accepted only with an algorithm of its key's, a known key id, the
//! issuer and audience that go with it, the right type, within its time, and while nobody
//! has revoked it; nothing in its header is fetched or followed, and no cookie is ever read.

mod fetch;
pub mod keys;
mod lease;
mod outside;
mod password;
mod provider;
mod revocation;
mod seal;
pub(crate) mod secret;
mod token;

pub use keys::{KeyError, Keys};
pub use lease::{Lease, LeaseEnd};
pub use outside::{OUTSIDE_TOKEN_MAX_S, Outside, OutsideError};
pub use password::{Password, PasswordError, Passwords};
pub use revocation::{Revocations, Watch};
pub use seal::{GameResult, Seal, SealError, Sealed, SeatResult, SignedResult, verify_result};
pub use token::{Auth, AuthError, Identity};

/// Seconds since 1970, by the system's clock.
#[must_use]
pub fn now_s() -> u64 {
    crate::store::now_ms().unsigned_abs() / 1_000
}
