//! Scenarios of the rules, one file each in `tests/scenarios`.
//!
//! A line is one of these; `#` begins a comment:
//!
//! ```text
//! land NAME [TERRAIN] [region]      adds a territory, numbered from 0
//! edge A B [land|strait|sea] [LEN]  adds an edge
//! rule KEY = VALUE                  changes the rules of src/testing/hectic.toml
//! start SEATS                       everybody sits down, and the game begins
//! p0 {"attack":{...}}               player 0's order, which must be carried out
//! p0 {...} => REASON                ... or refused for this reason
//! system {"away":{"player":0}}      the system's order
//! ticks N                           time passes
//! is 3 OWNER TROOPS                 territory 3 is held by p0, p1, ... or nobody, with TROOPS
//! gold p0 N | phase PHASE | winner p0 | armies N | ally p0 p1 | foe p0 p1 | traitor p0
//! holds p0 3 5 ...                  the territories of p0
//! place p0 N                        the place that p0 has reached
//! turn p0 N                         it is the turn of p0 (or nobody), in round N
//! reserve p0 N                      the troops that p0 can deploy
//! happened EVENT                    in the last line that changed anything
//! ```

use std::fmt::Write as _;
use std::sync::Arc;

use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::map::MapDraft;
use sovereign_core::{Command, Game, Map, Order, Rules, Seed, SystemOrder};

struct Scenario {
    lands: Vec<String>,
    edges: Vec<String>,
    rules: toml::Table,
    game: Option<Game>,
    happened: String,
}

impl Scenario {
    fn new() -> Self {
        let rules = include_str!("../src/testing/hectic.toml").parse().expect("valid TOML");
        Self { lands: vec![], edges: vec![], rules, game: None, happened: String::new() }
    }

    fn game(&mut self) -> &mut Game {
        self.game.as_mut().expect("`start` comes first")
    }

    fn run(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "land" => self.land(rest),
            "edge" => self.edge(rest),
            "rule" => self.rule(rest),
            "start" => self.start(rest.parse().expect("a number of seats")),
            "system" => self.system(rest),
            "ticks" => self.change(|game| {
                game.advance_to(game.tick().after(rest.parse().expect("a number of ticks")));
            }),
            _ if word.starts_with('p') && rest.starts_with('{') => self.player(word, rest),
            _ => self.expect(word, rest),
        }
    }

    fn land(&mut self, rest: &str) {
        let mut words = rest.split(' ');
        let name = words.next().expect("a name");
        let mut json = format!(r#"{{"name":"{name}","x":{},"y":5"#, 5 + self.lands.len());
        for word in words {
            let _ = match word {
                "region" => write!(json, r#","region":0"#),
                terrain => write!(json, r#","terrain":"{terrain}""#),
            };
        }
        self.lands.push(json + "}");
    }

    fn edge(&mut self, rest: &str) {
        let words: Vec<_> = rest.split(' ').collect();
        let kind = words.get(2).unwrap_or(&"land");
        let length = words.get(3).unwrap_or(&"100");
        let [a, b] = [words[0], words[1]];
        let edge = format!(r#"{{"a":{a},"b":{b},"kind":"{kind}","length":{length}}}"#);
        self.edges.push(edge);
    }

    fn rule(&mut self, rest: &str) {
        let (key, text) = rest.split_once(" = ").expect("KEY = VALUE");
        let (path, field) = key.rsplit_once('.').expect("SECTION.FIELD");
        let mut table = &mut self.rules;
        for section in path.split('.') {
            table = table[section].as_table_mut().expect("a section");
        }
        assert!(table.contains_key(field), "no rule {key}");
        let number = text.parse().map(toml::Value::Integer);
        let value = number.or_else(|_| text.parse().map(toml::Value::Boolean));
        let value = value.unwrap_or_else(|_| text.into());
        table.insert(field.into(), value);
    }

    fn start(&mut self, seats: u16) {
        let json = format!(
            r#"{{"format":"sovereign-map/1","name":"scenario","title":"Scenario","source":"test",
            "licence":"CC0","width":100,"height":10,"regions":[{{"name":"R","bonus":10}}],
            "territories":[{}],"edges":[{}]}}"#,
            self.lands.join(","),
            self.edges.join(",")
        );
        let mut draft = MapDraft::from_json(&json).expect("a map");
        if draft.territories.iter().all(|land| land.region.is_none()) {
            draft.regions.clear();
        }
        let map = Arc::new(Map::try_from(draft).expect("a sound map"));
        let rules = Arc::new(Rules::from_toml(&self.rules.to_string()).expect("sound rules"));
        self.game = Some(Game::new(map, rules, Seed::from(1), seats).expect("room for all"));
        for player in (0..seats).map(PlayerId) {
            let team = self.game().rules().seats.team_of(player);
            self.order(Order::System(SystemOrder::Join { player, bot: false, team }), None);
        }
        self.order(Order::System(SystemOrder::Start), None);
    }

    fn system(&mut self, rest: &str) {
        let (json, reason) = split_reason(rest);
        self.order(Order::System(serde_json::from_str(json).expect("JSON")), reason);
    }

    fn player(&mut self, word: &str, rest: &str) {
        let (json, reason) = split_reason(rest);
        let command: Command = serde_json::from_str(json).expect("a command in JSON");
        self.order(Order::Player { player: player(word), seq: 1, command }, reason);
    }

    fn order(&mut self, order: Order, reason: Option<&str>) {
        self.change(|game| {
            let refused = game.execute(&order).err();
            assert_eq!(refused.map(|reason| reason.code()), reason, "{refused:?}");
        });
    }

    fn change(&mut self, action: impl FnOnce(&mut Game)) {
        let game = self.game();
        game.commit();
        action(game);
        game.check_invariants().expect("invariants");
        self.happened = format!("{:?}", self.game().events().collect::<Vec<_>>());
    }

    fn expect(&mut self, word: &str, rest: &str) {
        let happened = self.happened.clone();
        let view = self.game().view(None);
        let words: Vec<_> = rest.split(' ').collect();
        let pair = || (player(words[0]), player(words[1]));
        match word {
            "is" => {
                let id = TerritoryId(words[0].parse().expect("a territory"));
                let owner =
                    view.owner(id).map_or_else(|| "nobody".to_owned(), |owner| format!("p{owner}"));
                assert_eq!(
                    (owner.as_str(), view.troops(id).to_string().as_str()),
                    (words[1], words[2])
                );
            }
            "gold" => {
                let gold = self.game().view(Some(player(words[0]))).gold();
                assert_eq!(gold.to_string(), words[1]);
            }
            "holds" => {
                let land: Vec<_> =
                    view.land_of(player(words[0])).map(|id| id.to_string()).collect();
                assert_eq!(land.len(), view.territory_count(player(words[0])) as usize);
                assert_eq!(land, words[1..]);
            }
            "place" => {
                let place = view.player(player(words[0])).place;
                assert_eq!(place.to_string(), words[1]);
            }
            "phase" => assert_eq!(format!("{:?}", view.game().phase).to_lowercase(), rest),
            "turn" => {
                let turn =
                    view.turn().map_or_else(|| "nobody".to_owned(), |turn| format!("p{turn}"));
                let round = view.game().turn.map_or(0, |turn| turn.round).to_string();
                assert_eq!([turn, round], words[..]);
            }
            "reserve" => {
                let reserve = self.game().view(Some(player(words[0]))).reserve();
                assert_eq!(reserve.to_string(), words[1]);
            }
            "winner" => assert_eq!(view.game().winner, Some(player(rest))),
            "armies" => assert_eq!(view.armies().count().to_string(), rest),
            "ally" => assert!(view.alliance(pair().0, pair().1).is_some()),
            "foe" => assert!(view.alliance(pair().0, pair().1).is_none()),
            "traitor" => assert!(view.is_traitor(player(rest))),
            "happened" => assert!(happened.contains(rest), "only {happened}"),
            _ => panic!("no such line: {word} {rest}"),
        }
    }
}

/// An order, and the reason for which it is refused, if one is given.
fn split_reason(rest: &str) -> (&str, Option<&str>) {
    rest.split_once(" => ").map_or((rest, None), |(json, reason)| (json, Some(reason)))
}

fn player(word: &str) -> PlayerId {
    PlayerId(word.strip_prefix('p').and_then(|n| n.parse().ok()).expect("p and a number"))
}

#[test]
fn every_scenario_goes_as_written() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the folder").flatten().collect();
    files.sort_by_key(std::fs::DirEntry::path);
    assert!(files.len() >= 8, "scenarios are missing");
    for file in files {
        let text = std::fs::read_to_string(file.path()).expect("a text");
        let mut scenario = Scenario::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if !line.is_empty() && !line.starts_with('#') {
                println!("{}:{}: {line}", file.path().display(), number + 1);
                scenario.run(line);
            }
        }
    }
}
