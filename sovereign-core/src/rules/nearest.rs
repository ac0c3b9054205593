//! Which known key somebody may have meant.

use alloc::string::String;
use alloc::vec::Vec;

/// The known key that is nearest to an unknown one, if any is near: first by the edits from
/// one last part to the other, then whether it is of the same section.
pub(super) fn nearest(field: &str, known: &[String]) -> Option<String> {
    let (section, name) = split(field);
    let far = (name.chars().count() + 1) / 3;
    let rank = |key: &&String| (distance(name, split(key).1), split(key).0 != section);
    let best = known.iter().min_by_key(rank)?;
    (distance(name, split(best).1) <= far).then(|| best.clone())
}

fn split(field: &str) -> (&str, &str) {
    field.rsplit_once('.').unwrap_or(("", field))
}

/// How many characters must be added, dropped or changed to turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = core::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("garrison", "garrison"), 0);
        assert_eq!(distance("garison", "garrison"), 1);
        assert_eq!(distance("lethalty", "lethality"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn the_same_section_goes_first_and_nothing_is_guessed_from_afar() {
        let known = ["spawn.ticks", "battle.round_ticks", "march.ticks"].map(String::from);
        assert_eq!(nearest("march.tick", &known).as_deref(), Some("march.ticks"));
        assert_eq!(nearest("spawn.rounds_ticks", &known).as_deref(), Some("battle.round_ticks"));
        assert_eq!(nearest("spawn.colour", &known), None);
    }
}
