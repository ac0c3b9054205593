//! Where labels are drawn, in few bytes.

use super::FRAME_MAX;

/// A place in the frame in six bytes: 21 bits for each direction.
#[derive(Clone, Copy)]
pub(super) struct Position([u16; 3]);

const BITS: u32 = 21;
/// Stands for what does not fit: farther than any frame reaches.
const OUTSIDE: u64 = (1 << BITS) - 1;
const _: () = assert!((FRAME_MAX as u64) < OUTSIDE);

impl Position {
    /// What lies outside of every frame is kept as outside, so that it can be found fault with.
    pub(super) fn new([x, y]: [i32; 2]) -> Self {
        let fit = |at: i32| u64::try_from(at).map_or(OUTSIDE, |at| at.min(OUTSIDE));
        let bits = fit(x) | fit(y) << BITS;
        Self([bits as u16, (bits >> 16) as u16, (bits >> 32) as u16])
    }

    pub(super) fn get(self) -> [i32; 2] {
        let [low, middle, high] = self.0.map(u64::from);
        let bits = low | middle << 16 | high << 32;
        [(bits & OUTSIDE) as i32, (bits >> BITS) as i32]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_frame_comes_back_and_no_other_looks_like_one() {
        let frame = FRAME_MAX as i32;
        for inside in [[0, 0], [1, frame], [frame, frame - 1], [65_535, 65_536]] {
            assert_eq!(Position::new(inside).get(), inside);
        }
        for outside in [[-1, 0], [i32::MIN, 0], [i32::MAX, 0], [frame + 1, 0]] {
            assert!(Position::new(outside).get()[0] > frame, "{outside:?}");
            let [x, y] = outside;
            assert!(Position::new([y, x]).get()[1] > frame, "{outside:?}");
        }
    }
}
