//! Draws a map as an SVG picture: land in the colours of its regions, names that fit,
//! straits dashed, sea routes dotted, and a legend with what each region is worth.

mod colour;
mod crossing;
mod label;
mod legend;
mod shape;
mod svg;

use sovereign_core::id::TerritoryId;
use sovereign_core::map::{EdgeKind, Map, Ring, Terrain};

use colour::{IMPASSABLE, NO_REGION, Paint, hex};
use crossing::crossings;
use label::{Label, labels};
use svg::{Escaped, Short, Svg};

/// What to show.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// The names of territories.
    pub(crate) names: bool,
    /// Straits and sea routes.
    pub(crate) crossings: bool,
}

/// Ink for text and lines.
const INK: &str = "#1d2a33";

/// What the parts of the picture need to know.
struct Picture<'a> {
    map: &'a Map,
    shapes: Vec<Vec<Ring>>,
    paints: Vec<Paint>,
    /// A thousandth of the map's longer side: the measure of lines and letters.
    unit: f64,
}

/// The picture of a map.
pub(crate) fn draw(map: &Map, style: Style) -> String {
    let picture = Picture {
        map,
        shapes: map.territories().map(|id| shape::rings(map, id)).collect(),
        paints: colour::paints(map),
        unit: f64::from(map.width().max(map.height())) / 1000.0,
    };
    let mut svg = Svg::new();
    picture.put_head(&mut svg);
    picture.put_sea(&mut svg);
    if style.crossings {
        picture.put_crossings(&mut svg, EdgeKind::Sea);
    }
    picture.put_land(&mut svg);
    if style.crossings {
        picture.put_crossings(&mut svg, EdgeKind::Land);
        picture.put_crossings(&mut svg, EdgeKind::Strait);
    }
    if style.names {
        picture.put_names(&mut svg);
    }
    svg.put("</g>");
    legend::put(&mut svg, &picture, style);
    svg.put("</svg>");
    svg.finish()
}

impl Picture<'_> {
    /// Opens the document and says how things look.
    fn put_head(&self, svg: &mut Svg) {
        let (width, height) = (self.map.width(), legend::total_height(self));
        let u = self.unit;
        let top = legend::title_height(self);
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 {} {width} {}\" \
             font-family=\"Inter, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif\" \
             fill=\"{INK}\">",
            Short(-top),
            Short(height),
        ));
        svg.put(format_args!("<title>{}</title>", Escaped(self.map.title())));
        svg.put("<style>");
        for (at, paint) in self.paints.iter().enumerate() {
            svg.put(format_args!(".r{at}{{fill:{}}}", hex(paint.fill)));
        }
        svg.put(format_args!(
            ".n{{fill:{}}}.x{{fill:{}}}",
            hex(NO_REGION.fill),
            hex(IMPASSABLE.fill)
        ));
        svg.put(format_args!(
            ".names text{{text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-opacity:.6;\
             stroke-width:{}px;stroke-linejoin:round}}",
            Short(u * 1.1)
        ));
        svg.put("</style>");
        self.put_defs(svg);
    }

    /// The shapes, each once, and the patterns of rough land.
    fn put_defs(&self, svg: &mut Svg) {
        let u = self.unit;
        svg.put("<defs>");
        let (wide, high) = (Short(self.map.width().into()), Short(self.map.height().into()));
        svg.put(format_args!(
            "<clipPath id=\"sheet\"><rect width=\"{wide}\" height=\"{high}\"/></clipPath>"
        ));
        svg.put(
            "<radialGradient id=\"sea\" cx=\".5\" cy=\".45\" r=\".75\">\
             <stop offset=\"0\" stop-color=\"#e4eff4\"/>\
             <stop offset=\"1\" stop-color=\"#c3d9e4\"/></radialGradient>",
        );
        let peaks =
            [("highland", "M.2 .7Q.5 .4 .8 .7", 9.0), ("mountain", "M.2 .75L.5 .3L.8 .75", 8.0)];
        for (name, stroke, size) in peaks {
            let (size, scale) = (Short(u * size), Short(u * size));
            svg.put(format_args!(
                "<pattern id=\"{name}\" width=\"{size}\" height=\"{size}\" \
                 patternUnits=\"userSpaceOnUse\"><path d=\"{stroke}\" transform=\"scale({scale})\" \
                 fill=\"none\" stroke=\"{INK}\" stroke-opacity=\".22\" stroke-width=\".09\" \
                 stroke-linecap=\"round\"/></pattern>"
            ));
        }
        svg.put(format_args!(
            "<marker id=\"arrow\" viewBox=\"0 0 6 6\" refX=\"5\" refY=\"3\" markerWidth=\"6\" \
             markerHeight=\"6\" orient=\"auto\"><path d=\"M0 0L6 3L0 6z\" fill=\"{INK}\"/></marker>"
        ));
        svg.put("<g id=\"land\" fill-rule=\"evenodd\">");
        for (group, members) in self.groups() {
            svg.put(format_args!("<g id=\"g{group}\" class=\"{group}\">"));
            for id in members {
                let data = shape::path(&self.shapes[id.index()]);
                let name = Escaped(self.map.territory_name(id));
                svg.put(format_args!(
                    "<path id=\"t{id}\" d=\"{data}\"><title>{name}</title></path>"
                ));
            }
            svg.put("</g>");
        }
        svg.put("</g></defs>");
    }

    /// Territories by what they are painted with: the class, and who belongs to it.
    fn groups(&self) -> Vec<(String, Vec<TerritoryId>)> {
        let regions = self.map.regions().iter().enumerate();
        let mut groups: Vec<_> =
            regions.map(|(at, region)| (format!("r{at}"), region.territories.to_vec())).collect();
        let rest = |impassable: bool| -> Vec<TerritoryId> {
            let free = self.map.territories().filter(|&id| self.map.region_of(id).is_none());
            let barred = |id: &TerritoryId| self.map.terrain(*id) == Terrain::Impassable;
            free.filter(|id| barred(id) == impassable).collect()
        };
        groups.push(("n".to_owned(), rest(false)));
        groups.push(("x".to_owned(), rest(true)));
        groups.retain(|(_, members)| !members.is_empty());
        groups
    }

    fn line_of(&self, group: &str) -> String {
        let region = group.strip_prefix('r').and_then(|at| at.parse::<usize>().ok());
        let paint = region.and_then(|at| self.paints.get(at)).copied();
        hex(paint.unwrap_or(if group == "x" { IMPASSABLE } else { NO_REGION }).line)
    }

    /// Water, a little darker towards the coasts.
    fn put_sea(&self, svg: &mut Svg) {
        let (width, height) = (self.map.width(), self.map.height());
        svg.put("<g clip-path=\"url(#sheet)\">");
        svg.put(format_args!("<rect width=\"{width}\" height=\"{height}\" fill=\"url(#sea)\"/>"));
        for (reach, strength) in [(11.0, 0.16), (6.5, 0.2), (3.0, 0.26)] {
            svg.put(format_args!(
                "<use href=\"#land\" stroke=\"#7fa9bf\" stroke-opacity=\"{strength}\" \
                 stroke-width=\"{}\" stroke-linejoin=\"round\"/>",
                Short(self.unit * reach)
            ));
        }
    }

    /// Land: each region with a strong line around it and fine lines inside.
    fn put_land(&self, svg: &mut Svg) {
        let (outer, inner) = (Short(self.unit * 1.7), Short(self.unit * 0.5));
        for (group, members) in self.groups() {
            let line = self.line_of(&group);
            svg.put(format_args!(
                "<use href=\"#g{group}\" stroke=\"{line}\" stroke-width=\"{outer}\" \
                 stroke-linejoin=\"round\"/><use href=\"#g{group}\" stroke=\"{line}\" \
                 stroke-opacity=\".6\" stroke-width=\"{inner}\" stroke-linejoin=\"round\"/>"
            ));
            for id in members {
                let pattern = match self.map.terrain(id) {
                    Terrain::Highland => "highland",
                    Terrain::Mountain => "mountain",
                    Terrain::Plains | Terrain::Impassable => continue,
                };
                let data = shape::path(&self.shapes[id.index()]);
                svg.put(format_args!(
                    "<path d=\"{data}\" fill=\"url(#{pattern})\" fill-rule=\"evenodd\"/>"
                ));
            }
        }
    }

    fn put_crossings(&self, svg: &mut Svg, kind: EdgeKind) {
        let u = self.unit;
        let (dashes, wide, inland) = match kind {
            EdgeKind::Sea => (format!("0 {}", Short(u * 3.2)), u * 1.2, 0.0),
            EdgeKind::Strait => {
                (format!("{} {}", Short(u * 2.6), Short(u * 2.0)), u * 1.0, u * 2.5)
            }
            EdgeKind::Land => ("none".to_owned(), u * 0.8, 0.0),
        };
        let all = crossings(self.map, &self.shapes);
        for one_way in [false, true] {
            let wanted = all.iter().filter(|c| c.kind == kind && c.one_way == one_way);
            let lines: String = wanted.map(|crossing| crossing.path(inland)).collect();
            let arrow = if one_way { " marker-end=\"url(#arrow)\"" } else { "" };
            if !lines.is_empty() {
                svg.put(format_args!(
                    "<path d=\"{lines}\" fill=\"none\" stroke=\"{INK}\" stroke-opacity=\".7\" \
                     stroke-width=\"{}\" stroke-dasharray=\"{dashes}\" \
                     stroke-linecap=\"round\"{arrow}/>",
                    Short(wide)
                ));
            }
        }
    }

    fn put_names(&self, svg: &mut Svg) {
        svg.put("<g class=\"names\">");
        for Label { lines, size, at, .. } in labels(self.map, &self.shapes, self.unit * 1000.0) {
            let [x, y] = at.map(Short);
            let first = format!("<text x=\"{x}\" y=\"{y}\" font-size=\"{}\">", Short(size));
            let line = |(number, text): (usize, &String)| match number {
                0 => Escaped(text).to_string(),
                _ => format!("<tspan x=\"{x}\" dy=\"1.08em\">{}</tspan>", Escaped(text)),
            };
            let lines: String = lines.iter().enumerate().map(line).collect();
            svg.put(format_args!("{first}{lines}</text>"));
        }
        svg.put("</g>");
    }
}
