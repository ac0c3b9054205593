//! Bugs that a test plants, to see that the simulator finds them. Nothing of it is in a
//! normal build: there [`planted!`] is the word `false`.

/// Whether this bug is planted now.
#[cfg(test)]
macro_rules! planted {
    ($mutant:ident) => {
        $crate::sim::mutant::is_on($crate::sim::mutant::Mutant::$mutant)
    };
}

/// Never: no bug is planted outside of tests.
#[cfg(not(test))]
macro_rules! planted {
    ($mutant:ident) => {
        false
    };
}
