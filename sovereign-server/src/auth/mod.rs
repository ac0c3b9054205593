//! Who somebody is: tokens signed with the key in the data folder.
//!
//! Invariant: a token is accepted only with algorithm EdDSA, a known key id, our issuer
//! and audience, the right type, and within its time; nothing in its header is fetched
//! or followed, and no cookie is ever read.

mod key;
mod provider;
mod token;

pub use key::{KeyError, SigningKey};
pub use token::{Auth, AuthError, Identity};
