//! Runnable programs for each kind of user of Sovereign.
