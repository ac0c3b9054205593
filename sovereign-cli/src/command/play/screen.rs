//! The screen: the map on the left, players, the land under the cursor and news on the
//! right, what to do below.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::canvas::{Canvas, Context, Line as Stroke};
use ratatui::widgets::{Block, Clear, Paragraph, Row, Table, Wrap};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::map::{EdgeKind, Terrain};
use sovereign_core::view::Territory;
use sovereign_core::{Phase, Structure, View};

use super::app::{App, Mode};
use super::keys::KEYS;
use crate::arena::word;

/// The width of the column on the right.
const COLUMN: u16 = 40;
/// The colours of the seats: told apart with most kinds of colour sight, the person first.
const COLOURS: [Color; 8] = [
    Color::LightCyan,
    Color::LightRed,
    Color::LightYellow,
    Color::LightMagenta,
    Color::LightGreen,
    Color::LightBlue,
    Color::White,
    Color::Red,
];

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, app: &App) {
    let rows = [Constraint::Length(1), Constraint::Min(8), Constraint::Length(2)];
    let [top, middle, bottom] = Layout::vertical(rows).areas(frame.area());
    let columns = [Constraint::Min(20), Constraint::Length(COLUMN)];
    let [map, side] = Layout::horizontal(columns).areas(middle);
    let seats = app.partie.view().players().count() as u16;
    let parts = [Constraint::Length(seats + 3), Constraint::Length(12), Constraint::Min(3)];
    let [players, land, news] = Layout::vertical(parts).areas(side);
    frame.render_widget(headline(app), top);
    frame.render_widget(board(app), map);
    frame.render_widget(standings(app), players);
    frame.render_widget(territory(app), land);
    frame.render_widget(chronicle(app), news);
    frame.render_widget(footer(app), bottom);
    match app.mode {
        Mode::Help => popup(frame, "Keys", help()),
        Mode::Build => popup(frame, "Build", offers(app)),
        Mode::Look | Mode::Send(_) => {}
    }
}

fn colour(owner: Option<PlayerId>) -> Color {
    owner.map_or(Color::DarkGray, |owner| COLOURS[owner.index() % COLOURS.len()])
}

fn headline(app: &App) -> Line<'static> {
    let view = app.partie.view();
    let seconds = view.tick().0 / 20;
    let phase = match view.game().phase {
        Phase::Lobby => "about to begin".to_owned(),
        Phase::Spawn => {
            let left = view.game().until.map_or(0, |until| until.since(view.tick()) / 20);
            format!("choose where to start, {left} s left")
        }
        Phase::Playing => app.turn().unwrap_or_else(|| "playing".to_owned()),
        Phase::Finished => "the game is over, q leaves".to_owned(),
    };
    let time = if app.paused { "stopped".to_owned() } else { format!("{}x", app.speed()) };
    let clock = format!("{}:{:02}", seconds / 60, seconds % 60);
    Line::from(vec![
        " Sovereign Lines ".bold().reversed(),
        format!("  {}  {clock}  {time}  {phase}", view.map().title()).into(),
        format!("  gold {}", view.gold()).fg(Color::LightYellow),
        format!("  {} of {} to win", view.territory_count(app.partie.you()), view.land_to_win())
            .into(),
    ])
}

/// The map: borders as lines, each territory as its garrison in its holder's colour.
fn board(app: &App) -> Canvas<'_, impl Fn(&mut Context<'_>)> {
    let map = app.partie.game().map();
    let (width, height) = (f64::from(map.width()), f64::from(map.height()));
    Canvas::default()
        .block(Block::bordered().border_style(Style::new().fg(Color::DarkGray)))
        .marker(Marker::Braille)
        .x_bounds([0.0, width])
        .y_bounds([0.0, height])
        .paint(move |context| {
            borders(context, app, height);
            context.layer();
            garrisons(context, app, height);
        })
}

fn borders(context: &mut Context<'_>, app: &App, height: f64) {
    let map = app.partie.game().map();
    let chosen = if let Mode::Send(from) = app.mode { Some(from) } else { None };
    for from in (0..map.len()).map(TerritoryId::from_index) {
        for edge in map.edges(from).iter().filter(|edge| from < edge.to || chosen == Some(from)) {
            let [[x1, y1], [x2, y2]] = [from, edge.to].map(|id| place(app, id, height));
            let colour = match edge.kind {
                _ if chosen == Some(from) => Color::LightCyan,
                EdgeKind::Sea | EdgeKind::Strait => Color::Blue,
                EdgeKind::Land => Color::DarkGray,
            };
            context.draw(&Stroke::new(x1, y1, x2, y2, colour));
        }
    }
}

fn place(app: &App, id: TerritoryId, height: f64) -> [f64; 2] {
    let [x, y] = app.partie.game().map().position(id).map(f64::from);
    [x, height - y]
}

fn garrisons(context: &mut Context<'_>, app: &App, height: f64) {
    let view = app.partie.view();
    for id in (0..view.map().len()).map(TerritoryId::from_index) {
        if view.map().terrain(id) == Terrain::Impassable {
            continue;
        }
        let now = view.territory(id);
        let mark = now.structure.map_or("", |structure| initial(structure));
        let battle = if now.besieged { "⚔" } else { "" };
        let text = format!("{}{mark}{battle}", now.troops);
        let style = Style::new().fg(colour(now.owner)).add_modifier(Modifier::BOLD);
        let span = match app.mode {
            _ if id == app.cursor => Span::styled(format!("[{text}]"), style.reversed()),
            Mode::Send(from) if id == from => Span::styled(format!("<{text}>"), style.reversed()),
            _ => Span::styled(text, style),
        };
        let [x, y] = place(app, id, height);
        context.print(x, y, Line::from(span));
    }
}

/// A letter for what stands somewhere.
const fn initial(structure: Structure) -> &'static str {
    match structure {
        Structure::City => "c",
        Structure::Fort => "f",
        Structure::Port => "p",
        _ => "+",
    }
}

fn standings(app: &App) -> Table<'_> {
    let view = app.partie.view();
    let row = |seat: PlayerId| {
        let name = format!("{seat} {}{}", app.partie.name(seat), standing(&view, app, seat));
        let land = view.territory_count(seat).to_string();
        let troops: u64 = view.land_of(seat).map(|id| u64::from(view.troops(id))).sum();
        let armies = view.armies_of(seat).count().to_string();
        Row::new([name, land, troops.to_string(), armies])
            .style(Style::new().fg(colour(Some(seat))))
    };
    let widths =
        [Constraint::Min(12), Constraint::Length(5), Constraint::Length(7), Constraint::Length(6)];
    let header = Row::new(["player", "land", "troops", "armies"]).dim();
    let rows: Vec<_> = view.players().map(row).collect();
    Table::new(rows, widths).header(header).block(titled(" Players "))
}

/// What there is to say of a player: whoever has not chosen yet where to start is not out.
fn standing(view: &View<'_>, app: &App, seat: PlayerId) -> &'static str {
    let has_begun = matches!(view.game().phase, Phase::Playing | Phase::Finished);
    if has_begun && !view.is_playing(seat) {
        " out"
    } else if view.alliance(app.partie.you(), seat).is_some() {
        " ally"
    } else {
        ""
    }
}

fn titled(title: &str) -> Block<'_> {
    Block::bordered().title(title).border_style(Style::new().fg(Color::DarkGray))
}

/// The land under the cursor, and its neighbours.
fn territory(app: &App) -> Paragraph<'_> {
    let (view, id) = (app.partie.view(), app.cursor);
    let (map, now) = (view.map(), view.territory(id));
    let holder = now.owner.map_or_else(|| "nobody".to_owned(), |o| app.partie.name(o).to_owned());
    let region = map.region_of(id).map(|region| map.regions()[region.index()].name.clone());
    let terrain = word(&map.terrain(id));
    let mut lines = vec![
        Line::from(vec![
            Span::from(map.territory_name(id).to_owned()).bold(),
            format!("  {}", region.unwrap_or_default()).dim(),
        ]),
        Line::from(vec![
            Span::from(holder).fg(colour(now.owner)),
            format!(", {}, {terrain}", strength(&view, &now)).into(),
        ]),
        Line::from(building(app)),
    ];
    for edge in map.edges(id) {
        let there = view.territory(edge.to);
        let way = if edge.kind == EdgeKind::Land { "" } else { " ~" };
        lines.push(Line::from(vec![
            format!("{:>5} ", there.troops).fg(colour(there.owner)).bold(),
            format!("{}{way}", map.territory_name(edge.to)).into(),
        ]));
    }
    Paragraph::new(lines).block(titled(" Land "))
}

/// The troops, and how many there can be where they grow.
fn strength(view: &View<'_>, now: &Territory) -> String {
    match view.rules().turns.are_on() {
        true => format!("{} troops", now.troops),
        false => format!("{} of {} troops", now.troops, now.cap),
    }
}

fn building(app: &App) -> String {
    let (view, now) = (app.partie.view(), app.partie.view().territory(app.cursor));
    let Some(structure) = now.structure else { return "nothing stands here".to_owned() };
    let name = word(&structure);
    match now.ready {
        Some(ready) => format!("{name}, ready in {} s", ready.since(view.tick()).div_ceil(20)),
        None => format!("{name}, level {}", now.level),
    }
}

fn chronicle(app: &App) -> Paragraph<'_> {
    let lines: Vec<_> = app.news.iter().map(|news| Line::from(news.as_str())).collect();
    Paragraph::new(lines).wrap(Wrap { trim: true }).block(titled(" News "))
}

fn footer(app: &App) -> Text<'_> {
    let share = format!(" sends {} % ", app.tenths * 10);
    let keys =
        " Enter take/send  1-0 share  b build  p ally  Space stop  +/- speed  ? keys  q leave";
    Text::from(vec![
        Line::from(vec![" ".into(), app.message.as_str().bold()]),
        Line::from(vec![share.reversed(), keys.dim()]),
    ])
}

fn help() -> Vec<Line<'static>> {
    let line = |(key, what): &(&'static str, &'static str)| {
        Line::from(vec![format!("{key:>15}  ").bold(), (*what).into()])
    };
    KEYS.iter().map(line).collect()
}

/// What can be built, with its price.
fn offers(app: &App) -> Vec<Line<'static>> {
    let view = app.partie.view();
    let line = |(number, structure): (usize, &Structure)| {
        let cost = view.cost(*structure).unwrap_or_default();
        let line = Line::from(format!("  {number}  {:<12} {cost:>6} gold", word(structure)));
        if cost <= view.gold() { line } else { line.dim() }
    };
    (1..).zip(Structure::ALL.iter()).map(line).collect()
}

/// A box in the middle of the screen.
fn popup(frame: &mut Frame<'_>, title: &'static str, lines: Vec<Line<'static>>) {
    let area = frame.area();
    let (width, height) = (64.min(area.width), (lines.len() as u16 + 2).min(area.height));
    let (x, y) = ((area.width - width) / 2, (area.height - height) / 2);
    let place = Rect { x, y, width, height };
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(title)), place);
}
