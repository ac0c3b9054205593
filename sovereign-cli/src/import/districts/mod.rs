//! Makes a map of a country's districts, such as the counties of the United States: regions
//! are the groups they belong to, and what lies far off is drawn on sheets of its own.

mod conic;
mod outline;
mod recipe;

use std::collections::{BTreeMap, BTreeSet};

use sovereign_core::map::{
    EdgeDraft, EdgeKind, FORMAT, MapDraft, RegionDraft, Terrain, TerritoryDraft,
};

use super::ImportError;
use super::atlas::crossing::{self, Links};
use super::atlas::topology::{Country, Topology};
use super::atlas::{borders, middle_of, paces};
use super::geometry::{Point, distance_km, place, wrap};
use super::label::depth;
use super::parts::Parts;
use outline::Outlines;

pub(crate) use recipe::DistrictsRecipe;

/// Holding a region is worth a point for so many districts; a region of fewer than half as
/// many is worth nothing.
const DISTRICTS_A_POINT: usize = 8;

/// A group of districts: its id, its name.
type Group = (String, String);

/// Makes the map that a recipe describes from the text of its atlas.
pub(super) fn draft(recipe: &DistrictsRecipe, atlas: &str) -> Result<MapDraft, ImportError> {
    let topology: Topology = serde_json::from_str(atlas)
        .map_err(|error| ImportError::Atlas { file: recipe.input.clone(), error })?;
    let mut groups: Vec<Group> = topology.labels(&recipe.groups)?;
    for (_, name) in &mut groups {
        if let Some(shown) = recipe.rename.get(name) {
            name.clone_from(shown);
        }
    }
    groups.sort_by(|a, b| a.1.cmp(&b.1));
    let ids = topology.labels(&recipe.districts)?;
    let members = members(&groups, &ids)?;
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by(|&a, &b| {
        (members[a], &ids[a].1, &ids[a].0).cmp(&(members[b], &ids[b].1, &ids[b].0))
    });
    let names = names(recipe, &ids, &members, &groups);
    let mut all = topology.countries(&recipe.districts, recipe.west)?;
    for (district, name) in all.iter_mut().zip(names) {
        district.name = name;
    }
    let mut slots: Vec<Option<Country>> = all.into_iter().map(Some).collect();
    let districts: Vec<Country> = order.iter().filter_map(|&at| slots[at].take()).collect();
    let members: Vec<usize> = order.iter().map(|&at| members[at]).collect();
    let labels: Vec<Point> = districts.iter().map(middle_of).collect();
    let outlines =
        Outlines::new(recipe, &topology, &districts, |at| groups[members[at]].1.as_str());
    Ok(MapDraft {
        format: FORMAT.to_owned(),
        name: recipe.name.clone(),
        title: recipe.title.clone(),
        source: recipe.source.clone(),
        licence: recipe.licence.clone(),
        width: recipe.width,
        height: recipe.height,
        regions: regions(&groups, &members),
        territories: territories(recipe, &districts, &members, &labels, &outlines),
        edges: edges(recipe, &districts, &labels)?,
    })
}

/// The number of each district's group.
fn members(groups: &[Group], ids: &[Group]) -> Result<Vec<usize>, ImportError> {
    let find = |(id, name): &Group| {
        let group = groups.iter().position(|(group, _)| id.starts_with(group.as_str()));
        group.ok_or_else(|| ImportError::NotInRecipe { name: name.clone() })
    };
    ids.iter().map(find).collect()
}

/// A name that only one district has is its own; others are followed by the short name of
/// their group; a city of the same name as a district of its group says so.
fn names(
    recipe: &DistrictsRecipe,
    ids: &[Group],
    members: &[usize],
    groups: &[Group],
) -> Vec<String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut within: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for ((_, name), &group) in ids.iter().zip(members) {
        *count.entry(name).or_default() += 1;
        *within.entry((group, name)).or_default() += 1;
    }
    let name = |((id, name), &group): (&Group, &usize)| {
        if count[name.as_str()] == 1 {
            return name.clone();
        }
        let number = id.get(id.len().saturating_sub(3)..).and_then(|tail| tail.parse().ok());
        let is_city = number.is_some_and(|number: u32| number >= recipe.cities_from);
        let city = if is_city && within[&(group, name.as_str())] > 1 { " City" } else { "" };
        let group = &groups[group].1;
        let short = recipe.short.get(group).unwrap_or(group);
        format!("{name}{city}, {short}")
    };
    ids.iter().zip(members).map(name).collect()
}

fn regions(groups: &[Group], members: &[usize]) -> Vec<RegionDraft> {
    let region = |(at, (_, name)): (usize, &Group)| {
        let districts = members.iter().filter(|&&member| member == at).count();
        let bonus = (districts + DISTRICTS_A_POINT / 2) / DISTRICTS_A_POINT;
        RegionDraft { name: name.clone(), bonus: bonus as u16 }
    };
    groups.iter().enumerate().map(region).collect()
}

fn territories(
    recipe: &DistrictsRecipe,
    districts: &[Country],
    members: &[usize],
    labels: &[Point],
    outlines: &Outlines,
) -> Vec<TerritoryDraft> {
    let territory = |(at, district): (usize, &Country)| {
        let [x, y] = outlines.point(at, labels[at]).map(|part| part.round() as i32);
        TerritoryDraft {
            name: district.name.clone(),
            terrain: terrain(recipe, labels[at]),
            region: Some(members[at] as u16),
            x,
            y,
            outline: outlines.outline(district, [x, y]),
        }
    };
    districts.iter().enumerate().map(territory).collect()
}

fn terrain(recipe: &DistrictsRecipe, [lon, lat]: Point) -> Terrain {
    let label = [wrap(lon), lat];
    let inside = |corners: &Vec<Point>| depth(label, std::slice::from_ref(corners)) > 0.0;
    let range = recipe.ranges.iter().find(|range| inside(&range.corners));
    range.map_or(Terrain::Plains, |range| range.terrain)
}

/// Land borders from shared arcs, then straits, then the recipe's sea routes, then sea
/// routes that join what is still apart; in ascending order.
fn edges(
    recipe: &DistrictsRecipe,
    districts: &[Country],
    labels: &[Point],
) -> Result<Vec<EdgeDraft>, ImportError> {
    let mut all = borders(districts);
    let mut links = Links(vec![Vec::new(); districts.len()]);
    all.iter().for_each(|&(a, b, _)| links.join(a, b));
    let straits = &recipe.crossings;
    let gaps = crossing::gaps(districts, straits.strait_km);
    all.extend(crossing::straits(&gaps, straits.strait_steps, &mut links));
    for (a, b) in super::atlas::numbered(&recipe.routes, districts)? {
        links.join(a, b);
        all.push((a, b, EdgeKind::Sea));
    }
    all.extend(sea_routes(districts, &links));
    all.sort_unstable();
    let twice = all.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1));
    if let Some(&[(a, b, _), _]) = twice {
        let [from, to] = [a, b].map(|at| districts[at].name.clone());
        return Err(ImportError::RouteNotNeeded { from, to });
    }
    let edge = |&(a, b, kind): &(usize, usize, EdgeKind)| EdgeDraft {
        a: a as u32,
        b: b as u32,
        kind,
        length: paces(&recipe.lengths, distance_km(place(labels[a]), place(labels[b])), kind),
        one_way: false,
    };
    Ok(all.iter().map(edge).collect())
}

/// Joins each part to the nearest other one, the smallest first, until there is one.
fn sea_routes(districts: &[Country], links: &Links) -> Vec<(usize, usize, EdgeKind)> {
    let mut parts = Parts::new(districts.len());
    for (a, list) in links.0.iter().enumerate() {
        for &b in list {
            parts.unite(a, b);
        }
    }
    let everyone: Vec<usize> = (0..districts.len()).collect();
    let mut routes = Vec::new();
    loop {
        let members = parts.members(&everyone);
        let Some(least) = members.iter().min_by_key(|part| part.len()) else { break };
        let own: BTreeSet<usize> = least.iter().copied().collect();
        let others: Vec<usize> = everyone.iter().copied().filter(|at| !own.contains(at)).collect();
        let Some((a, b)) = crossing::nearest(districts, least, &others) else { break };
        parts.unite(a, b);
        routes.push((a.min(b), a.max(b), EdgeKind::Sea));
    }
    routes
}
