//! The same life on each database: somebody registers, plays, is rated, comes back after a
//! restart, and is forgotten.

use std::sync::Arc;

use serde_json::{Value, json};
use sovereign_core::wire::Codec;
use sovereign_core::{Map, Replay};

use crate::client::Client;
use crate::http_client::call;
use crate::ranked::{ended, enter, matched, member, roomy, surrender};
use crate::running::{Person, Running, send};

#[tokio::test]
async fn a_life_on_sqlite() {
    life(Running::with(roomy()).await).await;
}

#[tokio::test]
async fn a_life_on_postgresql() {
    let running = Running::on_postgres(roomy()).await;
    let url = running.postgres.clone().unwrap();
    let folder = life(running).await;
    // Nobody was ever in the data folder, and nobody is left in the database.
    assert!(!folder.path().join("data/main.db").exists());
    let left = dump(&url).await;
    assert!(left.contains("bob") && !left.contains("canary"), "{left}");
}

/// All rows of all tables, as text.
async fn dump(url: &str) -> String {
    let (client, line) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let line = tokio::spawn(line);
    let tables = "SELECT relname::text FROM pg_class
                  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    let mut all = String::new();
    for table in client.query(tables, &[]).await.unwrap() {
        let select = format!("SELECT t::text FROM {} t", table.get::<_, String>(0));
        for row in client.query(&select, &[]).await.unwrap() {
            all += row.get(0);
            all.push('\n');
        }
    }
    drop(client);
    line.await.unwrap().unwrap();
    all
}

async fn life(running: Running) -> tempfile::TempDir {
    let (ada, bob) = (member(&running, "canary").await, member(&running, "bob").await);
    let rated = ranked(&running, &ada, &bob).await;
    let open = running.game(&ada, &["random"]).await;
    complain(&running, &ada, &rated).await;

    let running = running.restart().await;
    remembers(&running, &ada, &bob, &rated).await;
    goes_on(&running, &ada, &open).await;

    forget(&running, &ada).await;
    let running = running.restart().await;
    let ladder = running.get("/v1/ladders/duel").await.json();
    assert_eq!(names(&ladder["leaders"]), ["bob"]);
    let replays = running.ask("GET", "/v1/me/replays", &bob).await.text();
    assert!(replays.contains(&rated) && !replays.contains("canary"), "{replays}");
    running.server.stop().await;
    running.folder
}

/// A ranked game of the two, which the first gives up.
async fn ranked(running: &Running, ada: &Person, bob: &Person) -> String {
    for person in [ada, bob] {
        assert_eq!(enter(running, person, "duel").await.status, 200);
    }
    let game = matched(running, ada).await;
    assert_eq!(matched(running, bob).await, game);
    surrender(running, ada, &game).await;
    let (lost, won) = (ended(running, ada).await, ended(running, bob).await);
    assert_eq!((&lost["outcome"], &won["outcome"]), (&json!("lost"), &json!("won")));
    game
}

async fn complain(running: &Running, ada: &Person, game: &str) {
    let path = format!("/v1/games/{game}/reports");
    for seat in 0..2 {
        let complaint = json!({ "seat": seat, "reason": "abuse", "comment": "a canary\0's words" });
        let told = running.post(&path, ada, complaint).await;
        assert!([201, 404, 400, 422].contains(&told.status), "{}", told.text());
        if told.status == 201 {
            return;
        }
    }
    panic!("one of the two seats is the other's");
}

/// What a server that was started again knows.
async fn remembers(running: &Running, ada: &Person, bob: &Person, game: &str) {
    let body = json!({ "login": "canary", "password": "correct horse" }).to_string();
    let back = call(running.address(), "POST", "/v1/auth/login", &[], Some(&body)).await;
    assert_eq!(back.status, 200, "{}", back.text());
    let ratings = running.ask("GET", "/v1/me/ratings", bob).await.json();
    let duel = &ratings["ratings"][0];
    assert_eq!((duel["points"].as_i64(), duel["games"].as_i64()), (Some(1_658), Some(1)));
    let ladder = running.get("/v1/ladders/duel").await.json();
    assert_eq!(names(&ladder["leaders"]), ["bob", "canary"]);
    let history = running.ask("GET", "/v1/me/games", ada).await.json();
    assert_eq!(
        (&history["games"][0]["id"], &history["games"][0]["replay"]),
        (&json!(game), &json!(true))
    );
    let file = running.get(&format!("/v1/replays/{game}")).await;
    let replay = Replay::from_bytes(&file.body).unwrap();
    replay.verify(Arc::new(Map::shipped("classic").unwrap())).unwrap();
    assert_eq!(running.get(&format!("/v1/replays/{game}/result")).await.status, 200);
    let keys = running.get("/v1/results/jwks.json").await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
}

/// Comes back to a game that ran before the restart.
async fn goes_on(running: &Running, ada: &Person, game: &str) {
    let token = Some(ada.token.as_str());
    let mut client = Client::connect(running.address(), game, token, Codec::Msgpack).await;
    client.ready().await;
}

fn names(leaders: &Value) -> Vec<&str> {
    leaders.as_array().unwrap().iter().map(|leader| leader["name"].as_str().unwrap()).collect()
}

async fn forget(running: &Running, person: &Person) {
    let wish = Some(json!({ "password": "correct horse" }));
    let gone = send(running.address(), "DELETE", "/v1/me", person, wish).await;
    assert_eq!(gone.status, 204, "{}", gone.text());
}
