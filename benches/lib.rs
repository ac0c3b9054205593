//! Criterion benchmarks of Sovereign.
