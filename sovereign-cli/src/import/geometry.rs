//! Plane and sphere, with the four basic operations and square roots only: these are exact
//! to the last bit on every machine, so an import gives the same bytes everywhere.

/// A point: longitude and latitude in degrees, or x and y in drawing units.
pub(crate) type Point = [f64; 2];
/// A closed polygon, without repeating its first corner.
pub(crate) type Ring = Vec<Point>;

/// Degrees to radians.
const RADIAN: f64 = core::f64::consts::PI / 180.0;
/// The Earth's mean radius in kilometres.
const EARTH_KM: f64 = 6371.0;

/// Projects longitude (from the middle meridian) and latitude, in degrees, to the plane,
/// with y growing southwards. Tom Patterson's Natural Earth projection in the polynomial
/// form of Šavrič and Jenny: it flatters a world map and needs no trigonometry.
pub(crate) fn natural_earth([lon, lat]: Point) -> Point {
    let (lambda, phi) = (lon * RADIAN, lat * RADIAN);
    let p2 = phi * phi;
    let p4 = p2 * p2;
    let x = 0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4));
    let y = 1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4));
    [lambda * x, -phi * y]
}

/// A place on the globe, as kilometres from the Earth's centre along three axes.
pub(crate) type Place = [f64; 3];

/// Where a longitude and latitude lie on the globe.
pub(crate) fn place([lon, lat]: Point) -> Place {
    let (sin_lat, cos_lat) = sin_cos(lat * RADIAN);
    let (sin_lon, cos_lon) = sin_cos(wrap(lon) * RADIAN);
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat].map(|part| part * EARTH_KM)
}

/// The same meridian, between -180 and 180 degrees.
pub(crate) fn wrap(lon: f64) -> f64 {
    lon - 360.0 * ((lon + 180.0) / 360.0).floor()
}

/// Sine and cosine of an angle of at most half a turn, to about nine digits.
fn sin_cos(angle: f64) -> (f64, f64) {
    let (mut sin, mut cos) = (0.0, 0.0);
    let mut term = 1.0;
    for power in 0..24_u32 {
        let sign = if power % 4 < 2 { 1.0 } else { -1.0 };
        *(if power % 2 == 0 { &mut cos } else { &mut sin }) += sign * term;
        term *= angle / f64::from(power + 1);
    }
    (sin, cos)
}

/// Sine and cosine of an angle of at most 180 degrees.
pub(crate) fn sin_cos_degrees(degrees: f64) -> (f64, f64) {
    sin_cos(degrees * RADIAN)
}

/// How far apart two places are, in kilometres, straight through the Earth: hardly less
/// than over ground, up to a few thousand kilometres.
pub(crate) fn distance_km(a: Place, b: Place) -> f64 {
    squared(minus(a, b)).sqrt()
}

/// How far a place is from the nearest point of a stretch of coast, squared.
pub(crate) fn squared_to_stretch(place: Place, from: Place, to: Place) -> f64 {
    let (along, out) = (minus(to, from), minus(place, from));
    let length = squared(along);
    let share = if length > 0.0 { (dot(along, out) / length).clamp(0.0, 1.0) } else { 0.0 };
    squared(minus(out, along.map(|part| part * share)))
}

fn minus(a: Place, b: Place) -> Place {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: Place, b: Place) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn squared(a: Place) -> f64 {
    dot(a, a)
}

/// Twice the signed area of a ring.
pub(crate) fn area(ring: &[Point]) -> f64 {
    stretches(ring).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
}

/// Each side of a ring, the closing one included.
pub(crate) fn stretches<T: Copy>(ring: &[T]) -> impl Iterator<Item = (T, T)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Left, top, right and bottom of some points; `None` if there are none.
pub(crate) fn bounds<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<[f64; 4]> {
    points.into_iter().fold(None, |box_, &[x, y]| {
        let [left, top, right, bottom] = box_.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

/// A ring in whole units, without repeated corners; `None` if nothing remains of it.
pub(crate) fn rounded(ring: &[Point]) -> Option<Vec<i32>> {
    let mut corners: Vec<[i32; 2]> = Vec::new();
    for corner in ring.iter().map(|point| point.map(|part| part.round() as i32)) {
        if corners.last() != Some(&corner) {
            corners.push(corner);
        }
    }
    while corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    (corners.len() >= 3).then(|| corners.concat())
}

/// Removes the jumps of a ring that crosses the edge of the world, then turns it round the
/// globe until its middle lies east of the meridian `west`, by less than a full turn.
pub(crate) fn unwrapped(mut ring: Ring, west: f64) -> Ring {
    let mut turns = 0.0;
    let mut last = ring.first().map_or(0.0, |point| point[0]);
    for point in &mut ring {
        let step = point[0] - last;
        last = point[0];
        turns += if step > 180.0 {
            -360.0
        } else if step < -180.0 {
            360.0
        } else {
            0.0
        };
        point[0] += turns;
    }
    let least = ring.iter().map(|point| point[0]).fold(f64::MAX, f64::min);
    let most = ring.iter().map(|point| point[0]).fold(f64::MIN, f64::max);
    let shift = -360.0 * (((least + most) / 2.0 - west) / 360.0).floor();
    ring.iter_mut().for_each(|point| point[0] += shift);
    ring
}
