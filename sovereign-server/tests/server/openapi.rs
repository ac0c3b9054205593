//! `docs/openapi.json` describes every address that there is, and what is answered there.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use jsonschema::Validator;
use serde_json::{Value, json};
use sovereign_core::command::{Command, Surrender};
use sovereign_core::wire::Codec;
use sovereign_server::api::ADDRESSES;
use sovereign_server::config::Limits;

use crate::client::Client;
use crate::http_client::{Answer, call};
use crate::replay::finished;
use crate::running::{Person, Running};

fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let text = std::fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("valid JSON")
}

/// All operations of the file: method, path, and what is said of them.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let of = |(path, item): (&String, &Value)| {
        let methods = item.as_object().expect("methods").clone().into_iter();
        let path = path.clone();
        methods.map(move |(method, said)| (method.to_uppercase(), path.clone(), said))
    };
    paths.iter().flat_map(of).collect()
}

#[test]
fn every_address_is_in_the_file_and_no_other() {
    let described: BTreeSet<_> =
        operations(&document()).into_iter().map(|(method, path, _)| (method, path)).collect();
    let of = |address: &sovereign_server::api::Address| {
        let path = address.path.to_owned();
        address.methods.split(", ").map(move |method| (method.to_owned(), path.clone()))
    };
    let served: BTreeSet<_> = ADDRESSES.iter().flat_map(of).collect();
    assert_eq!(described, served);
}

/// What the table of addresses lets pass has a route behind it.
#[tokio::test]
async fn every_address_leads_somewhere() {
    let running = Running::with(generous()).await;
    for (method, path, _) in operations(&document()) {
        let id = "01890000-0000-7000-8000-000000000000";
        let filled: Vec<_> =
            path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect();
        let filled = filled.join("/");
        let answer = call(running.address(), &method, &filled, &[], Some("{}")).await;
        let lost = answer.text().contains("nothing at this address") || answer.status == 405;
        assert!(!lost, "{method} {filled}: {} {}", answer.status, answer.text());
    }
    running.server.stop().await;
}

fn generous() -> Limits {
    Limits {
        requests_burst: 2_000,
        registrations_per_minute: 600,
        logins_per_minute: 600,
        logins_per_name_per_minute: 600,
        games_per_minute: 600,
        ..Limits::default()
    }
}

/// The same schema, in which an object has no fields but those that are named.
fn tight(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut fields: serde_json::Map<_, _> =
                fields.iter().map(|(key, value)| (key.clone(), tight(value))).collect();
            if fields
                .get("properties")
                .is_some_and(|names| names.get("type").is_none_or(Value::is_object))
            {
                fields.entry("additionalProperties").or_insert(false.into());
            }
            fields.into()
        }
        Value::Array(values) => values.iter().map(tight).collect(),
        other => other.clone(),
    }
}

/// The file, and which of its operations have been seen to succeed.
struct Contract {
    document: Value,
    operations: Vec<(String, String, Value)>,
    seen: BTreeSet<String>,
}

impl Contract {
    fn new() -> Self {
        let document = document();
        let operations = operations(&document);
        Self { document, operations, seen: BTreeSet::new() }
    }

    /// The part that a reference leads to, or the part itself.
    fn resolved<'d>(&'d self, part: &'d Value) -> &'d Value {
        let place = part["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
        place.and_then(|place| self.document.pointer(place)).unwrap_or(part)
    }

    /// Whether an answer is as described for its operation and status.
    fn judge(&mut self, operation: &str, answer: &Answer) {
        let named = |(_, _, said): &&(String, String, Value)| said["operationId"] == operation;
        let (_, _, said) =
            self.operations.iter().find(named).unwrap_or_else(|| panic!("{operation}"));
        let status = answer.status.to_string();
        let responses = &said["responses"];
        let response =
            self.resolved(responses.get(&status).unwrap_or_else(|| &responses["default"]));
        let place = format!("{operation} {status}");
        match response.get("content").and_then(|content| content.as_object()?.iter().next()) {
            None => assert!(answer.body.is_empty(), "{place}: {}", answer.text()),
            Some((kind, content)) => {
                assert_eq!(answer.header("content-type"), Some(kind.as_str()), "{place}");
                if kind == "application/json" {
                    self.fits(&place, &content["schema"], &answer.json());
                }
            }
        }
        for name in response["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
            assert!(answer.header(name).is_some(), "{place} without {name}");
        }
        if answer.status < 400 {
            assert!(responses.get(&status).is_some(), "{place} is not described");
            self.seen.insert(operation.to_owned());
        }
    }

    fn fits(&self, place: &str, schema: &Value, value: &Value) {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        let options = jsonschema::options();
        let built = options.should_validate_formats(true).build(&tight(&schema));
        let validator: Validator = built.unwrap_or_else(|error| panic!("{place}: {error}"));
        let wrong: Vec<_> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{place}: {wrong:#?}");
    }
}

/// A caller, whose every answer is held against the file.
struct Caller {
    running: Running,
    contract: Contract,
}

impl Caller {
    /// Calls an operation, the variable part of whose address is `part`.
    async fn call(
        &mut self,
        operation: &str,
        part: &str,
        person: Option<&Person>,
        body: Option<Value>,
    ) -> Answer {
        let named = |(_, _, said): &&(String, String, Value)| said["operationId"] == operation;
        let known = self.contract.operations.iter().find(named);
        let (method, path, _) = known.unwrap_or_else(|| panic!("{operation}")).clone();
        let filled: Vec<_> =
            path.split('/').map(|name| if name.starts_with('{') { part } else { name }).collect();
        let bearer = person.map(|person| format!("Bearer {}", person.token)).unwrap_or_default();
        let headers = [("authorization", bearer.as_str())];
        let headers = if person.is_some() { &headers[..] } else { &[] };
        let body = body.map(|body| body.to_string());
        let address = self.running.address();
        let answer = call(address, &method, &filled.join("/"), headers, body.as_deref()).await;
        self.contract.judge(operation, &answer);
        answer
    }

    async fn person(&mut self, operation: &str, person: Option<&Person>, body: Value) -> Person {
        let answer = self.call(operation, "", person, Some(body)).await;
        assert!(answer.status < 300, "{operation}: {}", answer.text());
        Person::of(&answer.json())
    }

    async fn ok(&mut self, operation: &str, part: &str, person: Option<&Person>) -> Answer {
        let answer = self.call(operation, part, person, None).await;
        assert!(answer.status < 300, "{operation} {part}: {}", answer.text());
        answer
    }

    async fn refused(&mut self, operation: &str, part: &str, person: Option<&Person>, status: u16) {
        self.answers(operation, part, person, json!({ "unknown": 1 }), status).await;
    }

    async fn answers(
        &mut self,
        operation: &str,
        part: &str,
        person: Option<&Person>,
        body: Value,
        status: u16,
    ) -> Answer {
        let answer = self.call(operation, part, person, Some(body)).await;
        assert_eq!(answer.status, status, "{operation} {part}: {}", answer.text());
        answer
    }

    async fn accounts(&mut self) {
        let ada = self.person("guest", None, json!({ "name": "Ada" })).await;
        let wish = json!({ "login": "ada", "password": "lovelace 1815" });
        let ada = self.person("register", Some(&ada), wish.clone()).await;
        let ada = self.person("refresh", None, json!({ "refresh_token": ada.refresh })).await;
        let change = json!({ "old": "lovelace 1815", "new": "analytical engine" });
        let ada = self.person("changePassword", Some(&ada), change).await;
        for operation in ["me", "export", "logOut"] {
            self.ok(operation, "", Some(&ada)).await;
        }
        let again = json!({ "login": "ada", "password": "analytical engine" });
        let ada = self.person("logIn", None, again.clone()).await;
        let name = self.call("rename", "", Some(&ada), Some(json!({ "name": "Augusta" }))).await;
        assert_eq!(name.json()["name"], "Augusta");
        self.ok("logOutEverywhere", "", Some(&ada)).await;
        assert_eq!(self.call("register", "", None, Some(wish)).await.status, 409);
        self.refused("me", "", Some(&ada), 401).await;
        self.refused("logIn", "", None, 400).await;
        let ada = self.person("logIn", None, again).await;
        let gone = json!({ "password": "analytical engine" });
        assert_eq!(self.call("erase", "", Some(&ada), Some(gone)).await.status, 204);
        self.ok("keys", "", None).await;
    }

    async fn games(&mut self) {
        let [ada, bob] = ["Ada", "Bob"].map(|name| json!({ "name": name }));
        let (ada, bob) =
            (self.person("guest", None, ada).await, self.person("guest", None, bob).await);
        let wish = json!({ "map": "classic", "seats": 3, "bots": ["random"] });
        let made = self.call("make", "", Some(&ada), Some(wish)).await.json();
        let game = made["id"].as_str().expect("an id").to_owned();
        self.refused("rematch", &game, Some(&ada), 409).await;
        self.ok("join", &game, Some(&bob)).await;
        self.ok("leave", &game, Some(&bob)).await;
        self.ok("join", made["code"].as_str().expect("a code"), Some(&bob)).await;
        self.refused("start", &game, Some(&bob), 400).await;
        self.answers("start", &game, Some(&bob), json!({}), 403).await;
        self.ok("start", &game, Some(&ada)).await;
        let eve = self.running.guest("Eve").await;
        self.answers("join", &game, Some(&eve), json!({}), 409).await;
        let spam = json!({ "seat": 1, "reason": "spam", "comment": "again and again" });
        let complaint = self.call("complain", &game, Some(&ada), Some(spam)).await;
        assert_eq!(complaint.status, 201, "{}", complaint.text());
        self.ok("look", &game, Some(&bob)).await;
        self.ok("games", "", None).await;
        self.refused("look", "ZZZZZZ", None, 404).await;
        self.refused("look", &format!("{game}?since=x"), None, 400).await;
        self.refused("play", &game, None, 426).await;
        self.refused("make", "", Some(&ada), 400).await;
        self.refused("make", "", None, 401).await;
    }

    /// What a host arranges before the game begins.
    async fn lobby(&mut self) {
        let (ada, bob) = (self.running.guest("Ada").await, self.running.guest("Bob").await);
        let wish = json!({ "rules": "teams", "seats": 4, "teams": [2] });
        let game = self.answers("make", "", Some(&ada), wish, 201).await.json();
        let game = game["id"].as_str().expect("an id").to_owned();
        self.ok("join", &game, Some(&bob)).await;
        let changes = json!({ "chat": "free", "seats": 3, "watching": null });
        self.answers("change", &game, Some(&bob), changes.clone(), 403).await;
        self.answers("change", &game, Some(&ada), json!({ "seats": 1 }), 400).await;
        self.answers("change", &game, Some(&ada), changes, 200).await;
        self.answers("chooseTeam", &game, Some(&bob), json!({ "team": 1 }), 200).await;
        self.answers("chooseTeam", &game, Some(&bob), json!({ "seat": 0, "team": 1 }), 403).await;
        let settings = self.ok("settings", &game, None).await.json();
        assert_eq!(settings["teams"], json!([2, 1, 0]));
        self.refused("settings", "ZZZZZZ", None, 404).await;
        self.answers("handOver", &game, Some(&ada), json!({ "seat": 2 }), 404).await;
        self.answers("handOver", &game, Some(&ada), json!({ "seat": 1 }), 200).await;
        self.answers("kick", &game, Some(&bob), json!({}), 400).await;
        self.answers("kick", &game, Some(&bob), json!({ "seat": 0 }), 200).await;
        self.answers("join", &game, Some(&ada), json!({}), 403).await;
    }

    async fn parties(&mut self) {
        let (ada, bob) = (self.running.guest("Ada").await, self.running.guest("Bob").await);
        self.refused("party", "", None, 401).await;
        assert!(self.ok("party", "", Some(&ada)).await.json()["party"].is_null());
        self.answers("invite", "", Some(&ada), json!({}), 404).await;
        self.ok("foundParty", "", Some(&ada)).await;
        let token = self.ok("invite", "", Some(&ada)).await.json()["token"].clone();
        self.answers("joinParty", "", Some(&bob), json!({ "token": "none" }), 404).await;
        self.answers("joinParty", "", Some(&bob), json!({ "token": token }), 200).await;
        self.answers("invite", "", Some(&bob), json!({}), 403).await;
        let wish = json!({ "map": "classic", "seats": 3 });
        let eve = self.running.guest("Eve").await;
        let game = self.answers("make", "", Some(&eve), wish, 201).await.json();
        let id = game["id"].as_str().expect("an id");
        self.answers("join", id, Some(&ada), json!({ "party": true }), 200).await;
        let told = self.ok("party", "", Some(&bob)).await.json();
        assert_eq!(told["party"]["game"], game["id"]);
        self.answers("handOverParty", "", Some(&ada), json!({ "member": 2 }), 200).await;
        self.answers("kickFromParty", "", Some(&bob), json!({ "member": 9 }), 404).await;
        self.answers("kickFromParty", "", Some(&bob), json!({ "member": 1 }), 200).await;
        self.ok("revokeInvitation", "", Some(&bob)).await;
        self.ok("leaveParty", "", Some(&bob)).await;
    }

    async fn ranked(&mut self) {
        let wish = |login: &str| json!({ "login": login, "password": "correct horse" });
        let ada = self.person("register", None, wish("ranked-ada")).await;
        let bob = self.person("register", None, wish("ranked-bob")).await;
        let guest = self.running.guest("Eve").await;
        self.ok("ladders", "", None).await;
        self.ok("ladder", "duel", None).await;
        self.refused("ladder", "none", None, 404).await;
        self.refused("queue", "", None, 401).await;
        self.ok("queue", "", Some(&ada)).await;
        let duel = json!({ "ladder": "duel" });
        self.answers("search", "", Some(&guest), duel.clone(), 403).await;
        self.refused("search", "", Some(&ada), 400).await;
        self.answers("search", "", Some(&ada), duel.clone(), 200).await;
        self.answers("search", "", Some(&ada), duel.clone(), 409).await;
        self.ok("stopSearch", "", Some(&ada)).await;
        for person in [&ada, &bob] {
            self.answers("search", "", Some(person), duel.clone(), 200).await;
        }
        let found = self.until("queue", &ada, |told| told["state"] == "matched").await;
        let game = found["game"].as_str().expect("an id");
        self.ok("look", game, Some(&ada)).await;
        let (address, token) = (self.running.address(), Some(bob.token.as_str()));
        let mut client = Client::connect(address, game, token, Codec::Msgpack).await;
        client.ready().await;
        client.order(1, Command::Surrender(Surrender {})).await;
        assert!(client.answer(1).await.result.is_ok());
        let played = self.until("myGames", &ada, |told| told["games"][0].is_object()).await;
        assert_eq!(played["games"][0]["outcome"], "won");
        let rated = self.ok("myRatings", "", Some(&ada)).await.json();
        assert_eq!(rated["ratings"][0]["ladder"], "duel");
        let ladder = self.ok("ladder", "duel", None).await.json();
        assert_eq!(ladder["leaders"][0], rated["ratings"][0]);
        self.refused("myGames", "", None, 401).await;
    }

    /// Asks again and again.
    async fn until(
        &mut self,
        operation: &str,
        person: &Person,
        done: impl Fn(&Value) -> bool,
    ) -> Value {
        loop {
            let told = self.ok(operation, "", Some(person)).await.json();
            if done(&told) {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn library(&mut self) {
        for (list, one, name) in [("maps", "map", "classic"), ("presets", "rules", "fog")] {
            self.ok(list, "", None).await;
            self.ok(one, name, None).await;
            self.refused(one, "none", None, 404).await;
        }
    }
}

/// Every answer of every operation but the sockets' and those that need a game that has ended.
#[tokio::test]
async fn answers_are_as_the_file_says() {
    let running = Running::with(generous()).await;
    let mut caller = Caller { running, contract: Contract::new() };
    caller.accounts().await;
    caller.games().await;
    caller.lobby().await;
    caller.parties().await;
    caller.ranked().await;
    caller.library().await;
    let eve = caller.running.guest("Eve").await;
    let id = finished(&caller.running, &eve, json!({})).await;
    for operation in ["replays", "replay", "look"] {
        caller.ok(operation, &id, None).await;
    }
    for operation in ["myReplays", "myGames", "myRatings"] {
        caller.ok(operation, "", Some(&eve)).await;
    }
    caller.ok("result", &id, None).await;
    caller.ok("resultKeys", "", None).await;
    caller.ok("rematch", &id, Some(&eve)).await;
    caller.refused("watch", &id, None, 426).await;
    let all = caller.contract.operations.iter().map(|(_, _, said)| said["operationId"].as_str());
    let unseen: Vec<_> =
        all.flatten().filter(|name| !caller.contract.seen.contains(*name)).collect();
    // Those answer with another protocol: asyncapi.rs holds that against its file.
    assert_eq!(unseen, ["play", "watch"], "were never seen to succeed");
    caller.running.server.stop().await;
}
