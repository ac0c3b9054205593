//! Any rules file: refused with its problems, or rules that survive a round trip.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sovereign_core::Rules;

fuzz_target!(|text: &str| {
    if let Ok(rules) = Rules::from_toml(text) {
        assert_eq!(Rules::from_toml(&rules.to_toml()), Ok(rules));
    }
});
