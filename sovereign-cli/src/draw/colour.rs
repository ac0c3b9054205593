//! Colours for regions: neighbours never share a hue, and people who see colours in
//! another way can tell the hues apart.

use sovereign_core::map::Map;

/// Red, green and blue.
pub(super) type Rgb = [u8; 3];

/// The hues, told apart by lightness as well as by tint.
pub(super) const HUES: [Rgb; 8] = [
    [0xe2, 0xd0, 0x6b], // sand
    [0x67, 0xa6, 0xc9], // lake
    [0xe6, 0x79, 0x75], // clay
    [0x8b, 0xc8, 0x9b], // mint
    [0x9b, 0x78, 0xb6], // heather
    [0xfc, 0xb0, 0xc5], // blossom
    [0x7c, 0x98, 0x4f], // moss
    [0xf6, 0xea, 0xcc], // cream
];

/// How much white is mixed in, in hundredths, when a hue is used again.
const TINTS: [u32; 3] = [0, 40, 66];

/// A fill and the darker line around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Paint {
    pub(super) fill: Rgb,
    pub(super) line: Rgb,
}

/// Land that belongs to no region.
pub(super) const NO_REGION: Paint = Paint { fill: [0xd8, 0xd3, 0xc8], line: [0x8a, 0x85, 0x7b] };
/// Land that nobody can enter.
pub(super) const IMPASSABLE: Paint = Paint { fill: [0xb9, 0xbd, 0xbf], line: [0x86, 0x8b, 0x8e] };

/// One paint for each region, in order.
pub(super) fn paints(map: &Map) -> Vec<Paint> {
    let hues = hues(map);
    let mut used = [0_usize; HUES.len()];
    let paint = |&hue: &usize| {
        let tint = TINTS[used[hue] % TINTS.len()];
        used[hue] += 1;
        let fill = mix(HUES[hue], [255; 3], tint);
        Paint { fill, line: mix(fill, [0x1d, 0x2a, 0x33], 52) }
    };
    hues.iter().map(paint).collect()
}

/// Gives each region the least used hue that no neighbour has, largest regions first.
fn hues(map: &Map) -> Vec<usize> {
    let neighbours = neighbours(map);
    let mut order: Vec<usize> = (0..neighbours.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(neighbours[at].len()), at));
    let mut hues = vec![None; neighbours.len()];
    let mut used = [0_usize; HUES.len()];
    for at in order {
        let taken = |hue: usize| neighbours[at].iter().any(|&next| hues[next] == Some(hue));
        let best = (0..HUES.len()).min_by_key(|&hue| (taken(hue), used[hue], hue)).unwrap_or(0);
        hues[at] = Some(best);
        used[best] += 1;
    }
    hues.into_iter().map(Option::unwrap_or_default).collect()
}

/// The regions that touch each region, by any edge.
fn neighbours(map: &Map) -> Vec<Vec<usize>> {
    let region = |id| map.region_of(id).map(|region| region.index());
    let mut lists = vec![Vec::new(); map.regions().len()];
    for from in map.territories() {
        for edge in map.edges(from) {
            if let (Some(a), Some(b)) = (region(from), region(edge.to))
                && a != b
            {
                lists[a].push(b);
                lists[b].push(a);
            }
        }
    }
    for list in &mut lists {
        list.sort_unstable();
        list.dedup();
    }
    lists
}

/// Mixes a share of another colour in, in hundredths.
fn mix(colour: Rgb, other: Rgb, share: u32) -> Rgb {
    let part = |at: usize| {
        (u32::from(colour[at]) * (100 - share) + u32::from(other[at]) * share).div_ceil(100) as u8
    };
    [part(0), part(1), part(2)]
}

/// `#rrggbb`.
pub(super) fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each kind of dichromat sees of linear red, green and blue (the matrices of
    /// Machado, Oliveira and Fernandes at full severity).
    const SIGHTS: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
        [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
        [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
    ];

    fn linear(colour: Rgb) -> [f64; 3] {
        colour.map(|part| (f64::from(part) / 255.0).powf(2.2))
    }

    /// Lightness and two opponent tints: close to what the eye calls different.
    fn oklab([r, g, b]: [f64; 3]) -> [f64; 3] {
        let l = (0.4122 * r + 0.5363 * g + 0.0514 * b).max(0.0).cbrt();
        let m = (0.2119 * r + 0.6807 * g + 0.1074 * b).max(0.0).cbrt();
        let s = (0.0883 * r + 0.2817 * g + 0.6300 * b).max(0.0).cbrt();
        [
            0.2105 * l + 0.7936 * m - 0.0041 * s,
            1.9780 * l - 2.4286 * m + 0.4506 * s,
            0.0259 * l + 0.7828 * m - 0.8087 * s,
        ]
    }

    fn difference(a: Rgb, b: Rgb, sight: &[[f64; 3]; 3]) -> f64 {
        let seen = |colour: Rgb| {
            let light = linear(colour);
            oklab(sight.map(|row| (0..3).map(|at| row[at] * light[at]).sum()))
        };
        let (a, b) = (seen(a), seen(b));
        (0..3).map(|at| (a[at] - b[at]).powi(2)).sum::<f64>().sqrt()
    }

    /// 0.02 is about the least that is noticed side by side; ask for thrice that.
    #[test]
    fn hues_are_told_apart_with_every_kind_of_colour_sight() {
        for (kind, sight) in SIGHTS.iter().enumerate() {
            for (at, &a) in HUES.iter().enumerate() {
                for &b in &HUES[at + 1..] {
                    let seen = difference(a, b, sight);
                    assert!(
                        seen > 0.06,
                        "{} and {} look alike ({seen:.3}) to sight {kind}",
                        hex(a),
                        hex(b)
                    );
                }
            }
        }
    }

    #[test]
    fn neighbouring_regions_have_different_colours() {
        for &name in Map::SHIPPED {
            let map = Map::shipped(name).expect("it is shipped");
            let (paints, hues) = (paints(&map), hues(&map));
            for (at, list) in neighbours(&map).iter().enumerate() {
                assert!(list.iter().all(|&next| hues[next] != hues[at]), "{name}");
            }
            if map.regions().len() > HUES.len() * TINTS.len() {
                continue;
            }
            let mut fills: Vec<Rgb> = paints.iter().map(|paint| paint.fill).collect();
            fills.sort_unstable();
            fills.dedup();
            assert_eq!(fills.len(), map.regions().len(), "{name} uses a colour twice");
        }
    }
}
