//! A bot as a program of its own: `sovereign conform target/debug/stdio_bot`. See docs/bot-programs.md.

use serde_json::{Map, Value, json};

/// What the bot has been shown: its seat, the borders, the phase, the newest row of each land.
#[derive(Default)]
struct Board {
    you: Value,
    edges: Vec<Value>,
    phase: Value,
    lands: Map<String, Value>,
}

impl Board {
    fn wake(&mut self, wake: &Value) -> Value {
        let news = &wake[if wake["delta"].is_null() { "snapshot" } else { "delta" }];
        let rows = news["territories"].as_array().into_iter().flatten();
        self.lands.extend(rows.map(|land| (land["id"].to_string(), land.clone())));
        self.phase = news["game"].get("phase").unwrap_or(&self.phase).clone();
        let borders = self.edges.iter().filter(|edge| edge["one_way"] != true);
        let ways = borders.flat_map(|edge| [[&edge["a"], &edge["b"]], [&edge["b"], &edge["a"]]]);
        let wishes: Vec<_> = ways.filter_map(|way| self.attack(way)).chain(self.spawn()).collect();
        json!({ "orders": { "commands": wishes, "wake": news["tick"].as_u64().map(|t| t + 20) } })
    }

    fn spawn(&self) -> Option<Value> {
        let mut lands = self.lands.values().filter(|_| self.phase == "spawn");
        let chosen = lands.clone().any(|land| land["owner"] == self.you);
        let free = lands.find(|land| land["owner"].is_null() && land["cap"] != 0 && !chosen)?;
        Some(json!({ "spawn": { "territory": free["id"] } }))
    }

    fn attack(&self, [from, to]: [&Value; 2]) -> Option<Value> {
        let [here, there] = [from, to].map(|id| &self.lands[&id.to_string()]);
        let (troops, against) = (here["troops"].as_u64()? / 3, there["troops"].as_u64()?);
        let hostile = here["owner"] == self.you && there["owner"] != self.you;
        (self.phase == "playing" && hostile && troops > against * 3 / 2)
            .then(|| json!({ "attack": { "from": from, "to": to, "troops": troops } }))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut board = Board::default();
    for line in std::io::stdin().lines() {
        let mut said: Value = serde_json::from_str(&line?)?;
        if let Some(wake) = said.get("wake") {
            println!("{}", board.wake(wake));
        } else if let Some(start) = said.get_mut("start") {
            let edges = serde_json::from_value(start["map"]["edges"].take())?;
            board = Board { you: start["you"].take(), edges, ..Board::default() };
            println!("{}", json!({ "ready": {} }));
        } else if said.get("hello").is_some() {
            println!("{}", json!({ "hello": { "protocol": 1, "name": "Bold Rust" } }));
        } else {
            break;
        }
    }
    Ok(())
}
