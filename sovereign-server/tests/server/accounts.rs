//! Accounts and sessions over HTTP: rows H2, H7, A9, P11, D1, D2 and J14 of the security
//! matrix, and what people do all day.

use serde_json::{Value, json};
use sovereign_core::wire::{Codec, FromClient};
use sovereign_server::config::Limits;

use crate::client::{Client, open, request};
use crate::http_client::{Answer, call};
use crate::running::{Person, Running};

/// Limits under which a test may do in a second what people do in a day.
fn roomy() -> Limits {
    let much = 10_000;
    Limits {
        requests_per_second: much,
        requests_burst: much,
        registrations_per_minute: much,
        logins_per_minute: much,
        logins_per_name_per_minute: much,
        refreshes_per_minute: much,
        ..Limits::default()
    }
}

async fn ask(running: &Running, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    call(running.address(), "POST", path, headers, Some(&body.to_string())).await
}

async fn as_person(
    running: &Running,
    method: &str,
    path: &str,
    token: &str,
    body: Value,
) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    call(running.address(), method, path, &headers, Some(&body.to_string())).await
}

async fn register(running: &Running, login: &str) -> Value {
    let body = json!({ "login": login, "password": "correct horse" });
    let made = ask(running, "/v1/auth/register", &[], body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

async fn log_in(running: &Running, login: &str, password: &str) -> Answer {
    ask(running, "/v1/auth/login", &[], json!({ "login": login, "password": password })).await
}

async fn refresh(running: &Running, token: &str) -> Answer {
    ask(running, "/v1/auth/refresh", &[], json!({ "refresh_token": token })).await
}

fn text(answer: &Value, key: &str) -> String {
    answer[key].as_str().unwrap_or_else(|| panic!("{key} is missing in {answer}")).to_owned()
}

async fn status_of(running: &Running, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    call(running.address(), "GET", "/v1/me", &[("authorization", &bearer)], None).await.status
}

#[tokio::test]
async fn an_account_is_made_and_come_back_to() {
    let running = Running::with(roomy()).await;
    let made = register(&running, "Ada.L").await;
    assert_eq!((made["login"].as_str(), made["name"].as_str()), (Some("ada.l"), Some("Ada.L")));
    let again = log_in(&running, "ADA.L", "correct horse").await.json();
    assert_eq!(again["account"], made["account"]);
    assert_ne!(again["refresh_token"], made["refresh_token"]);
    let running = running.restart().await;
    let later = log_in(&running, "ada.l", "correct horse").await;
    assert_eq!((later.status, &later.json()["account"]), (200, &made["account"]));
    assert_eq!(later.header("cache-control"), Some("no-store"));
    running.server.stop().await;
}

#[tokio::test]
async fn a_guest_becomes_an_account_and_keeps_its_games() {
    let running = Running::with(roomy()).await;
    let ada = running.guest("Ada").await;
    let game = running.game(&ada, &["random"]).await;
    let wish = json!({ "login": "ada", "password": "correct horse" });
    let upgraded = as_person(&running, "POST", "/v1/auth/register", &ada.token, wish).await.json();
    assert_eq!((text(&upgraded, "account"), text(&upgraded, "name")), (ada.account, "Ada".into()));
    let token = text(&upgraded, "token");
    let mine = as_person(&running, "GET", &format!("/v1/games/{game}"), &token, json!({})).await;
    assert_eq!(mine.json()["you"], 0);
    assert_eq!(status_of(&running, &ada.token).await, 401, "the guest's session has ended");
    let again = json!({ "login": "ada2", "password": "correct horse" });
    let twice = as_person(&running, "POST", "/v1/auth/register", &token, again).await;
    assert_eq!((twice.status, twice.json()["code"].as_str()), (409, Some("not_a_guest")));
    running.server.stop().await;
}

#[tokio::test]
async fn what_will_not_do_is_said() {
    let running = Running::with(roomy()).await;
    register(&running, "ada").await;
    for (login, password, status, code) in [
        ("Ada", "correct horse", 409, "login_taken"),
        ("a b", "correct horse", 422, "login_unfit"),
        ("grace", "tiny", 422, "password_unfit"),
        ("grace-hopper", "Grace-Hopper", 422, "password_unfit"),
    ] {
        let body = json!({ "login": login, "password": password });
        let refused = ask(&running, "/v1/auth/register", &[], body).await;
        let told = refused.json();
        assert_eq!((refused.status, told["code"].as_str()), (status, Some(code)));
        assert!(!refused.text().contains(password), "a password is never said back");
    }
    running.server.stop().await;
}

/// H7: a session that somebody else may know is worth nothing after a login.
#[tokio::test]
async fn h7_a_login_begins_a_new_session_and_ends_the_old_one() {
    let running = Running::with(roomy()).await;
    register(&running, "ada").await;
    let planted = running.guest("Mallory").await;
    let wish = json!({ "login": "ada", "password": "correct horse" });
    let entered = as_person(&running, "POST", "/v1/auth/login", &planted.token, wish).await.json();
    assert_ne!(text(&entered, "token"), planted.token);
    assert_eq!(status_of(&running, &planted.token).await, 401);
    assert_eq!(refresh(&running, &planted.refresh).await.status, 401);
    assert_eq!(status_of(&running, &text(&entered, "token")).await, 200);
    running.server.stop().await;
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_copy_ends_the_session() {
    let running = Running::with(roomy()).await;
    let first = register(&running, "ada").await;
    let second = refresh(&running, &text(&first, "refresh_token")).await.json();
    let third = refresh(&running, &text(&second, "refresh_token")).await.json();
    assert_eq!(status_of(&running, &text(&third, "token")).await, 200);
    let stolen = refresh(&running, &text(&first, "refresh_token")).await;
    assert_eq!((stolen.status, stolen.json()["code"].as_str()), (401, Some("token_revoked")));
    assert_eq!(refresh(&running, &text(&third, "refresh_token")).await.status, 401);
    for session in [&first, &second, &third] {
        assert_eq!(status_of(&running, &text(session, "token")).await, 401);
    }
    let running = running.restart().await;
    assert_eq!(status_of(&running, &text(&third, "token")).await, 401, "after a restart too");
    running.server.stop().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again() {
    let running = Running::with(roomy()).await;
    let first = register(&running, "ada").await;
    let attempt = uuid::Uuid::new_v4();
    let body = json!({ "refresh_token": text(&first, "refresh_token"), "attempt": attempt });
    let lost = ask(&running, "/v1/auth/refresh", &[], body.clone()).await;
    let again = ask(&running, "/v1/auth/refresh", &[], body).await;
    assert_eq!((lost.status, again.status), (200, 200));
    let next = refresh(&running, &text(&again.json(), "refresh_token")).await;
    assert_eq!(next.status, 200);
    running.server.stop().await;
}

/// J14: no secret is compared byte by byte: it is looked up by its hash. Nothing that
/// resembles a token is one, and none is stored.
#[tokio::test]
async fn j14_nothing_but_the_whole_refresh_token_is_one() {
    let running = Running::with(roomy()).await;
    let token = text(&register(&running, "ada").await, "refresh_token");
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'E' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_eq!(refresh(&running, &changed).await.status, 401, "changed at {at}");
    }
    assert!(!stores(&running, token.as_bytes()), "only its hash is stored");
    assert_eq!(refresh(&running, &token).await.status, 200, "guesses have not ended the session");
    running.server.stop().await;
}

/// Whether any file of the data folder holds these bytes.
fn stores(running: &Running, needle: &[u8]) -> bool {
    let mut folders = vec![running.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if std::fs::read(entry.path())
                .unwrap()
                .windows(needle.len())
                .any(|w| w == needle)
            {
                return true;
            }
        }
    }
    false
}

/// H2: a socket that brings the cookie and no token only watches.
#[tokio::test]
async fn h2_the_cookie_opens_no_socket() {
    let running = Running::with(roomy()).await;
    let body = json!({ "login": "ada", "password": "correct horse", "cookie": true });
    let made = ask(&running, "/v1/auth/register", &[], body).await;
    let cookie = made.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let token = text(&made.json(), "token");
    let person = Person { token, refresh: String::new(), account: text(&made.json(), "account") };
    let game = running.game(&person, &["random"]).await;
    let path = format!("/v1/games/{game}/ws");
    let mut wish = request(running.address(), &path, Some(Codec::Json.subprotocol()));
    wish.headers_mut().insert("cookie", cookie.parse().unwrap());
    let mut client = Client::of(open(wish).await.unwrap(), Codec::Json);
    client.say(&FromClient::Hello { token: None, resume: None }).await;
    client.ready().await;
    assert_eq!(client.welcome.as_ref().unwrap().you, None);
    running.server.stop().await;
}

/// H2: the refresh cookie is the only one, and it opens nothing but its own address.
#[tokio::test]
async fn h2_the_cookie_authorises_nothing_but_a_renewal() {
    let running = Running::with(roomy()).await;
    let body = json!({ "login": "ada", "password": "correct horse", "cookie": true });
    let made = ask(&running, "/v1/auth/register", &[], body).await;
    assert_eq!(made.json().get("refresh_token"), None, "scripts never see it");
    let set = made.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/v1/auth/refresh", "Max-Age=2592000"] {
        assert!(set.contains(part), "{set}");
    }
    let cookie = set.split(';').next().unwrap().to_owned();
    let with_cookie = [("cookie", cookie.as_str())];
    for (method, path) in [
        ("GET", "/v1/me"),
        ("GET", "/v1/me/export"),
        ("PATCH", "/v1/me"),
        ("DELETE", "/v1/me"),
        ("POST", "/v1/auth/logout"),
        ("POST", "/v1/auth/logout-all"),
        ("POST", "/v1/auth/password"),
        ("POST", "/v1/games"),
    ] {
        let refused = call(running.address(), method, path, &with_cookie, Some("{}")).await;
        assert_eq!(refused.status, 401, "{method} {path}");
    }
    let foreign = [("cookie", cookie.as_str()), ("origin", "http://evil.example")];
    assert_eq!(ask(&running, "/v1/auth/refresh", &foreign, json!({})).await.status, 403);
    let renewed = ask(&running, "/v1/auth/refresh", &with_cookie, json!({})).await;
    assert_eq!(renewed.status, 200);
    assert_eq!(renewed.json().get("refresh_token"), None);
    assert_ne!(renewed.header("set-cookie").unwrap(), set, "it rotates like any other");
    let again = ask(&running, "/v1/auth/refresh", &with_cookie, json!({})).await;
    assert_eq!(again.status, 401);
    assert!(again.header("set-cookie").unwrap().contains("Max-Age=0"), "the browser forgets it");
    running.server.stop().await;
}

#[tokio::test]
async fn leaving_here_and_leaving_everywhere() {
    let running = Running::with(roomy()).await;
    let desk = register(&running, "ada").await;
    let phone = log_in(&running, "ada", "correct horse").await.json();
    let tablet = log_in(&running, "ada", "correct horse").await.json();
    let tokens = [&desk, &phone, &tablet].map(|session| text(session, "token"));
    let left = as_person(&running, "POST", "/v1/auth/logout", &tokens[0], json!({})).await;
    assert_eq!(left.status, 204);
    assert_eq!(status_of(&running, &tokens[0]).await, 401);
    assert_eq!(refresh(&running, &text(&desk, "refresh_token")).await.status, 401);
    assert_eq!(status_of(&running, &tokens[1]).await, 200);
    as_person(&running, "POST", "/v1/auth/logout-all", &tokens[1], json!({})).await;
    let running = running.restart().await;
    for (session, token) in [&desk, &phone, &tablet].iter().zip(&tokens) {
        assert_eq!(status_of(&running, token).await, 401);
        assert_eq!(refresh(&running, &text(session, "refresh_token")).await.status, 401);
    }
    running.server.stop().await;
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let running = Running::with(roomy()).await;
    let desk = register(&running, "ada").await;
    let thief = log_in(&running, "ada", "correct horse").await.json();
    let change = |old: &str| json!({ "old": old, "new": "battery staple" });
    let token = text(&desk, "token");
    let wrong = as_person(&running, "POST", "/v1/auth/password", &token, change("guess")).await;
    assert_eq!((wrong.status, wrong.json()["code"].as_str()), (401, Some("wrong_password")));
    let changed =
        as_person(&running, "POST", "/v1/auth/password", &token, change("correct horse")).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(status_of(&running, &text(&changed.json(), "token")).await, 200);
    for session in [&desk, &thief] {
        assert_eq!(status_of(&running, &text(session, "token")).await, 401);
    }
    assert_eq!(log_in(&running, "ada", "correct horse").await.status, 401);
    assert_eq!(log_in(&running, "ada", "battery staple").await.status, 200);
    running.server.stop().await;
}

#[tokio::test]
async fn a_name_can_be_changed() {
    let running = Running::with(roomy()).await;
    let ada = running.guest("Ada").await;
    let rename = |name: &str| json!({ "name": name });
    let renamed = as_person(&running, "PATCH", "/v1/me", &ada.token, rename(" Countess\n")).await;
    assert_eq!(renamed.json()["name"], "Countess");
    let nothing = as_person(&running, "PATCH", "/v1/me", &ada.token, rename("\u{202e}")).await;
    assert_eq!((nothing.status, nothing.json()["code"].as_str()), (422, Some("name_unfit")));
    let me = as_person(&running, "GET", "/v1/me", &ada.token, json!({})).await.json();
    assert_eq!((me["name"].as_str(), me["login"].as_str()), (Some("Countess"), None));
    running.server.stop().await;
}

/// P11: who asks learns nothing about who exists: same status, same body, same work.
#[tokio::test]
async fn p11_a_login_does_not_tell_who_exists() {
    let running = Running::with(roomy()).await;
    register(&running, "ada").await;
    let mut answers = Vec::new();
    for login in ["ada", "nobody", "not a login name", "", "аda"] {
        let before = hashed(&running).await;
        let answer = log_in(&running, login, "wrong horse").await;
        let headers = ["retry-after", "cache-control", "set-cookie", "content-length"];
        let headers = headers.map(|name| answer.header(name).map(str::to_owned));
        answers.push((answer.status, answer.text(), headers, hashed(&running).await > before));
    }
    assert_eq!((answers[0].0, answers[0].3), (401, true));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    running.server.stop().await;
}

/// Passwords hashed by this process so far.
async fn hashed(running: &Running) -> u64 {
    let metrics = call(running.server.ops, "GET", "/metrics", &[], None).await.text();
    let line = metrics.lines().find_map(|line| line.strip_prefix("password_hashed_total "));
    line.map_or(0, |count| count.parse().unwrap())
}

/// A9: tries are counted by address and by login name, whether there is one or not.
#[tokio::test]
async fn a9_passwords_cannot_be_tried_at_will() {
    let limits = Limits { logins_per_minute: 6, logins_per_name_per_minute: 3, ..roomy() };
    let running = Running::with(limits).await;
    register(&running, "ada").await;
    for login in ["ada", "nobody"] {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(log_in(&running, login, "guess guess").await.status);
        }
        let by_name = [401, 401, 401, 429];
        let by_both = [401, 401, 429, 429];
        assert_eq!(statuses, if login == "ada" { by_name } else { by_both }, "{login}");
    }
    let refused = log_in(&running, "ada", "correct horse").await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    running.server.stop().await;
}

/// A9: more passwords at once than the server can bear are turned away, not piled up.
#[tokio::test]
async fn a9_password_hashing_is_bounded() {
    let limits = Limits { password_hashes: 1, password_hashes_waiting: 1, ..roomy() };
    let running = Running::with(limits).await;
    let address = running.address();
    let tries = (0..24).map(|n| async move {
        let body = json!({ "login": format!("nobody{n}"), "password": "guess guess" });
        call(address, "POST", "/v1/auth/login", &[], Some(&body.to_string())).await
    });
    let answers = futures_util::future::join_all(tries).await;
    let busy: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty() && busy.len() <= 22, "{} were turned away", busy.len());
    assert!(busy.iter().all(|answer| answer.header("retry-after") == Some("1")));
    assert!(answers.iter().all(|answer| matches!(answer.status, 401 | 503)));
    running.server.stop().await;
}

/// D1: the export holds every row about its subject. That no table is left out is tested
/// against the schema beside the code.
#[tokio::test]
async fn d1_people_get_all_that_is_stored_about_them() {
    let running = Running::with(roomy()).await;
    let ada = register(&running, "ada").await;
    let person = Person::of(&ada);
    let game = running.game(&person, &["random"]).await;
    let told = as_person(&running, "GET", "/v1/me/export", &person.token, json!({})).await;
    assert_eq!(told.header("content-disposition").unwrap().split(';').next(), Some("attachment"));
    let export = told.json();
    assert_eq!(export["account"][0]["id"], ada["account"]);
    assert_eq!(export["seat"][0]["game"], game.as_str());
    assert_eq!(export["session"].as_array().unwrap().len(), 1);
    assert!(!told.text().contains("argon2"));
    running.server.stop().await;
}

/// D2: nothing of an erased person is left in any file, and the games go on.
#[tokio::test]
async fn d2_an_erased_person_is_nowhere_to_be_found() {
    let running = Running::with(roomy()).await;
    let body =
        json!({ "login": "canary-login", "password": "correct horse", "name": "Canary Person" });
    let canary = ask(&running, "/v1/auth/register", &[], body).await.json();
    let (person, bob) = (Person::of(&canary), running.guest("Bob").await);
    let made = running.post("/v1/games", &person, json!({ "map": "classic", "seats": 2 })).await;
    let id = text(&made.json(), "id");
    running.post(&format!("/v1/games/{id}/join"), &bob, json!({})).await;
    running.post(&format!("/v1/games/{id}/start"), &person, json!({})).await;
    let waiting = running.post("/v1/games", &person, json!({})).await.json();
    assert!(stores(&running, b"canary-login") && stores(&running, b"Canary Person"));

    let erase = |password: &str| json!({ "password": password });
    let token = person.token.as_str();
    assert_eq!(as_person(&running, "DELETE", "/v1/me", token, erase("guess")).await.status, 401);
    assert_eq!(as_person(&running, "DELETE", "/v1/me", token, json!({})).await.status, 401);
    let gone = as_person(&running, "DELETE", "/v1/me", token, erase("correct horse")).await;
    assert_eq!(gone.status, 204, "{}", gone.text());

    assert_eq!(status_of(&running, token).await, 401);
    assert_eq!(refresh(&running, &text(&canary, "refresh_token")).await.status, 401);
    assert_eq!(log_in(&running, "canary-login", "correct horse").await.status, 401);
    let game = running.get(&format!("/v1/games/{id}")).await.json();
    assert_eq!(
        (game["status"].as_str(), game["seats"][0]["name"].as_str()),
        (Some("running"), Some("Player 1"))
    );
    assert_eq!(game["seats"][1]["name"], "Bob");
    assert_eq!(running.get(&format!("/v1/games/{}", text(&waiting, "id"))).await.status, 404);
    assert!(!stores(&running, b"canary-login") && !stores(&running, b"Canary Person"));
    running.server.stop().await;
}
