//! A bot as a program of its own: `sovereign conform target/debug/stdio_bot`. See docs/bot-programs.md.
use serde_json::{Value, json};

/// Keeps what the bot is shown, the newest row of each id, and answers with what it wishes for.
fn wake(board: &mut Value, wake: &Value) -> Value {
    let news = &wake[if wake["delta"].is_null() { "snapshot" } else { "delta" }];
    for list in ["territories", "armies"] {
        let rows = news[list].as_array().into_iter().flatten();
        rows.for_each(|row| board[list][row["id"].to_string()] = row.clone());
    }
    board["game"] = [&news["game"], &board["game"]][usize::from(news["game"].is_null())].clone();
    let commands = wishes(board, &wake["own"]["reserve"]);
    json!({ "orders": { "commands": commands, "wake": news["tick"].as_u64().map(|t| t + 20) } })
}

fn wishes(board: &Value, left: &Value) -> Vec<Value> {
    let (you, phase, turn) = (&board["you"], &board["game"]["phase"], &board["game"]["turn"]);
    let rows = |list: &str| board[list].as_object().into_iter().flat_map(|rows| rows.values());
    let troops = |land: &Value| land["troops"].as_u64().unwrap_or_default();
    let mine = rows("territories").find(|land| land["owner"] == *you);
    let free = rows("territories").find(|land| land["owner"].is_null() && land["cap"] != 0);
    let spawn = |land: &Value| json!({ "spawn": { "territory": land["id"] } });
    let edges = board["map"]["edges"].as_array().into_iter().flatten();
    let both = edges.filter(|edge| edge["one_way"] != true).map(|edge| [&edge["a"], &edge["b"]]);
    let both = both.map(|ends| ends.map(|id| &board["territories"][id.to_string()]));
    let ways = both.flat_map(|[a, b]| [[a, b], [b, a]]);
    let border = ways.filter(|[a, b]| a["owner"] == *you && b["owner"] != *you && b["cap"] != 0);
    let strong = border.clone().filter(|[a, b]| troops(a) / 3 > troops(b) * 3 / 2);
    let attack = |[a, b]: [&Value; 2]| json!({ "from": a["id"], "to": b["id"], "share": 333 });
    let attacks: Vec<_> = strong.map(|way| json!({ "attack": attack(way) })).collect();
    let best = border.map(|[a, _]| a).max_by_key(|land| troops(land)).or(mine);
    let marches = rows("armies").any(|row| row["army"]["owner"] == *you);
    match best {
        None if phase == "spawn" => free.map(spawn).into_iter().collect(),
        _ if phase == "playing" && turn.is_null() => attacks,
        _ if turn["player"] != *you || turn["until"].is_null() || marches => Vec::new(),
        Some(a) if *left != 0 => vec![json!({"deploy": {"territory": a["id"], "troops": left}})],
        _ if attacks.is_empty() || turn["round"] == 0 => vec![json!({ "end_turn": {} })],
        _ => attacks,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut board = Value::Null;
    for line in std::io::stdin().lines() {
        let said: serde_json::Map<String, Value> = serde_json::from_str(&line?)?;
        let answer = match said.iter().next().map(|(kind, body)| (kind.as_str(), body)) {
            Some(("hello", _)) => json!({ "hello": { "protocol": 1, "name": "Bold Rust" } }),
            Some(("start", start)) => {
                board = start.clone();
                json!({ "ready": {} })
            }
            Some(("wake", body)) => wake(&mut board, body),
            _ => break,
        };
        println!("{answer}");
    }
    Ok(())
}
