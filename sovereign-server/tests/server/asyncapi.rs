//! `docs/asyncapi.json` says of every message what the code makes of it, and what is said over
//! real sockets.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sovereign_core::command::Surrender;
use sovereign_core::wire::{Codec, FrameRef, FromClient, ToClient};
use sovereign_core::{Command, Event, Phase, Reject};

use crate::client::Client;
use crate::play::spawn;
use crate::running::Running;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn read(path: impl AsRef<Path>) -> Value {
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{:?}: {e}", path.as_ref()));
    serde_json::from_str(&text).expect("valid JSON")
}

fn document() -> Value {
    read(docs().join("asyncapi.json"))
}

/// All messages of a folder of samples: the engine's tests hold them against the code.
fn samples(folder: &str) -> Vec<Value> {
    let files = fs::read_dir(docs().join("protocol-samples").join(folder)).expect("samples");
    files.map(|file| read(file.expect("readable").path())).collect()
}

/// The kinds of a message: serde lists them when it meets one that it does not know.
fn kinds<T: DeserializeOwned>() -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(r#"{"?":0}"#).err().expect("no such kind").to_string();
    let (_, list) = error.split_once("expected one of").expect("a list of kinds");
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn names(schema: &Value) -> Vec<String> {
    if let Some(properties) = schema["properties"].as_object() {
        return properties.keys().cloned().collect();
    }
    let listed = schema["enum"].as_array().into_iter().flatten().chain(schema.get("const"));
    listed.filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}

fn described(schemas: &Value) -> BTreeSet<String> {
    schemas["oneOf"].as_array().expect("one of several").iter().flat_map(names).collect()
}

/// The messages of one side, by kind, each with where it stands in the file.
fn messages(document: &Value, side: &str) -> Vec<(String, String)> {
    let all = document["components"]["messages"].as_object().expect("messages");
    let of_side = all.iter().filter(|(key, _)| key.starts_with(side));
    let place = |key: &str| format!("#/components/messages/{key}/payload");
    of_side.flat_map(|(key, m)| names(&m["payload"]).into_iter().map(|n| (n, place(key)))).collect()
}

#[test]
fn every_kind_of_the_code_is_in_the_file_and_no_other() {
    let document = document();
    let of = |side| messages(&document, side).into_iter().map(|(name, _)| name).collect();
    assert_eq!(kinds::<FromClient>(), of("client."));
    assert_eq!(kinds::<ToClient>(), of("server."));
    let schemas = &document["components"]["schemas"];
    assert_eq!(kinds::<Command>(), described(&schemas["Command"]));
    assert_eq!(kinds::<Event>(), described(&schemas["Event"]));
    assert_eq!(kinds::<Reject>(), described(&schemas["Reason"]));
}

/// Every message of a channel is one of the components, and every component is in a channel.
#[test]
fn no_message_is_without_a_channel() {
    let document = document();
    let channels = document["channels"].as_object().expect("channels").values();
    let used: BTreeSet<&str> = channels
        .flat_map(|channel| channel["messages"].as_object().expect("messages").values())
        .filter_map(|message| message["$ref"].as_str()?.strip_prefix("#/components/messages/"))
        .collect();
    let all = document["components"]["messages"].as_object().expect("messages");
    assert_eq!(used, all.keys().map(String::as_str).collect());
    for operation in document["operations"].as_object().expect("operations").values() {
        for message in operation["messages"].as_array().expect("messages") {
            let place = message["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
            let found = place.and_then(|place| document.pointer(place));
            assert!(found.is_some(), "{message} leads nowhere");
        }
    }
}

fn validator(document: &Value, place: &str) -> Validator {
    let schema = json!({ "$ref": place, "components": document["components"] });
    jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{place}: {error}"))
}

struct Contract(Vec<(String, Validator)>);

impl Contract {
    fn of(side: &str) -> Self {
        let document = document();
        let known = messages(&document, side).into_iter();
        Self(known.map(|(name, place)| (name, validator(&document, &place))).collect())
    }

    fn judge(&self, message: &Value) -> Result<(), String> {
        let kind = message.as_object().and_then(|fields| fields.keys().next());
        let known = self.0.iter().find(|(name, _)| Some(name) == kind);
        let Some((name, schema)) = known else { return Err(format!("{kind:?} is unknown")) };
        let errors: Vec<String> = schema
            .iter_errors(message)
            .map(|error| format!("{name} at {}: {error}", error.instance_path()))
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
    }
}

#[test]
fn what_a_server_says_is_as_described() {
    let contract = Contract::of("server.");
    let mut seen = BTreeSet::new();
    for message in samples("to-client") {
        contract.judge(&message).unwrap_or_else(|why| panic!("{why}"));
        seen.extend(message.as_object().expect("an object").keys().cloned());
    }
    assert_eq!(seen, kinds::<ToClient>(), "a sample of every kind");
    for entry in fs::read_dir(docs().join("protocol-games")).expect("the recorded games") {
        let path = entry.expect("readable").path();
        for frame in read(&path)["frames"].as_array().expect("frames") {
            let judged = contract.judge(&frame["json"]);
            judged.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        }
    }
}

/// Everything that is a message with one thing changed in it.
fn damaged(message: &Value) -> Vec<Value> {
    let too_much = json!(1e30);
    let mut all = vec![Value::Null, json!(-1), json!("x"), json!(true), json!(0.5), too_much];
    if let Value::Object(fields) = message {
        all.push(with(fields, "unknown", json!(1)));
        for (name, value) in fields {
            let mut without = fields.clone();
            without.remove(name);
            all.push(without.into());
            all.extend(damaged(value).into_iter().map(|value| with(fields, name, value)));
        }
    }
    all
}

fn with(fields: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut fields = fields.clone();
    fields.insert(name.to_owned(), value);
    fields.into()
}

/// A server takes what the file allows, and refuses what it does not.
#[test]
fn what_a_client_may_say_is_as_described() {
    let contract = Contract::of("client.");
    let (mut seen, mut refused) = (BTreeSet::new(), 0);
    for message in samples("from-client") {
        seen.extend(message.as_object().expect("an object").keys().cloned());
        for message in damaged(&message).into_iter().chain([message]) {
            let text = message.to_string();
            let taken = FromClient::decode(FrameRef::Text(&text), Codec::Json);
            let judged = contract.judge(&message);
            assert_eq!(taken.is_ok(), judged.is_ok(), "{text}: {taken:?}, {judged:?}");
            refused += u32::from(judged.is_err());
        }
    }
    assert_eq!(seen, kinds::<FromClient>(), "a sample of every kind");
    assert!(refused > 500, "{refused} were refused");
}

/// Holds all that a client was told against the file: the kinds, all of them of this channel.
fn heard(client: &Client, channel: &str) -> BTreeSet<String> {
    let contract = Contract::of("server.");
    let mut heard = BTreeSet::new();
    for text in &client.texts {
        let message: Value = serde_json::from_str(text).expect("valid JSON");
        contract.judge(&message).unwrap_or_else(|why| panic!("{text}: {why}"));
        heard.extend(message.as_object().expect("an object").keys().cloned());
    }
    let channel = &document()["channels"][channel]["messages"];
    for kind in &heard {
        assert!(channel.get(format!("server.{kind}")).is_some(), "{kind} is not of this channel");
    }
    heard
}

#[tokio::test]
async fn sockets_say_what_the_file_says() {
    let running = Running::start().await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["expander"]).await;
    let mut client = Client::connect(running.address(), &game, Some(&ada.token), Codec::Json).await;
    client.ready().await;
    client.order(1, spawn(client.free_land())).await;
    client.until(|c| c.mirror().view().game().phase == Phase::Playing).await;
    client.order(2, spawn(0)).await;
    assert!(client.answer(2).await.result.is_err());
    client.say(&FromClient::Ping { nonce: 7 }).await;
    client.say(&FromClient::QuickChat { phrase: 1, to: None }).await;
    client.say(&FromClient::Watch { from: None, speed: 0 }).await;
    client.say(&FromClient::Renew { token: ada.token.clone() }).await;
    client.until(|c| c.renewed.is_some() && c.socials > 0).await;
    client.order(3, Command::Surrender(Surrender {})).await;
    client.until(|c| c.mirror().view().game().phase == Phase::Finished).await;
    let heard = heard(&client, "game");
    for kind in ["welcome", "snapshot", "delta", "tail", "pong", "social", "notice", "renewed"] {
        assert!(heard.contains(kind), "{kind} was not heard");
    }
    replay(&running, &game).await;
    running.server.stop().await;
}

async fn replay(running: &Running, game: &str) {
    while running.get(&format!("/v1/games/{game}")).await.json()["replay"] != true {
        tokio::task::yield_now().await;
    }
    let path = format!("/v1/replays/{game}/ws");
    let mut viewer = Client::greet(running.address(), &path, None, Codec::Json, None).await;
    viewer.ready().await;
    viewer.say(&FromClient::Watch { from: None, speed: 0 }).await;
    viewer.until(|c| c.paused.is_some()).await;
    viewer.say(&FromClient::Watch { from: None, speed: 64_000 }).await;
    viewer.until(|c| c.paused.is_none() && c.frames > 2).await;
    let heard = heard(&viewer, "replay");
    for kind in ["welcome", "snapshot", "delta", "paused", "resumed"] {
        assert!(heard.contains(kind), "{kind} was not heard");
    }
}
