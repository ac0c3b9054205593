//! The whole house, as a player sees it: a real server, the real page, headless Chromium.
//!
//! Needs Chromium and its driver; says how to install them if they are missing.

mod accounts;
mod admin;
mod browser;
mod game;
mod ranked;
mod talk;
mod turns;

use browser::{Driver, Person, pictures_are_wanted};
use serde_json::json;
use sovereign_core::Rules;
use sovereign_core::quantity::Permille;
use sovereign_core::rules::RulesDraft;
use sovereign_server::app::Server;
use sovereign_server::config::Config;
use tempfile::TempDir;

/// A server of one's own, on ports that the system chooses.
struct House {
    server: Server,
    folder: TempDir,
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let mut config = Config::default();
        config.server.port = 0;
        config.server.ops_port = 0;
        config.admin.port = 0;
        config.server.data_dir = folder.path().join("data");
        let server = Server::start(config).await.expect("the server starts");
        Self { server, folder }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.server.public)
    }
}

/// Rules under which a game is over in seconds: a strong start, fast armies, little land to win.
fn swift_rules() -> String {
    let mut rules = RulesDraft::clone(&Rules::preset("classic").expect("it ships"));
    rules.name = "swift".to_owned();
    rules.spawn.troops = 900;
    rules.spawn.immunity_ticks = 2000;
    rules.march.ticks_per_100 = 3;
    rules.battle.round_ticks = 2;
    rules.victory.share = Permille(70);
    rules.to_toml()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_plays_against_bots() {
    let (house, driver) = (House::open().await, Driver::start());
    let person = driver.person().await;
    person.visit(&house.url("")).await;
    person.until("!!document.querySelector('.backdrop.shown')").await;
    person.picture("start").await;
    person.press("#play-now").await;
    let home = person.choose_start().await;
    person.phase("playing").await;

    let target = person.attack_from(home).await;
    let marches =
        format!("sovereign.armies.some((a) => a.owner === sovereign.me && a.to === {target})");
    let taken = format!("sovereign.owners[{target}] === sovereign.me");
    person.until(&format!("{marches} || {taken}")).await;

    builds_and_is_told_why_not(&person, home).await;
    proposes_an_alliance(&person).await;
    loses_nothing_by_reloading(&person).await;
    plays_in_one_tab_at_a_time(&person).await;
    person.leave().await;
    house.server.stop().await;
}

async fn builds_and_is_told_why_not(person: &Person, home: u64) {
    person.choose(home).await;
    person.press(".btn.build[data-structure='fort']").await;
    person.until(&format!("sovereign.structure({home}) === 'fort'")).await;
    person.reads("Fort: ready in").await;
    // The key still asks for what the panel no longer offers.
    person.key("c").await;
    person.until("sovereign.lastRefusal?.code === 'already_built'").await;
    person.reads("Something stands or is being built in").await;
}

async fn proposes_an_alliance(person: &Person) {
    person.press(".leaderboard .row:not(.me):not(.out)").await;
    person.press_button("Propose an alliance").await;
    person.reads("You proposed an alliance to").await;
    person.until("/are allies now|declined your proposal/.test(document.body.innerText)").await;
    if pictures_are_wanted() {
        for lands in [15, 30, 45, 60] {
            let taken = "sovereign.owners.filter((owner) => owner >= 0).length";
            person.until(&format!("{taken} > {lands}")).await;
        }
        person.key("m").await;
        person.picture("game").await;
    }
}

async fn loses_nothing_by_reloading(person: &Person) {
    let seat = person.value("[sovereign.me]").await;
    let before = person.value("sovereign.tick").await.as_u64();
    person.client.refresh().await.expect("the page reloads");
    person.is_back().await;
    assert_eq!(person.value("[sovereign.me]").await, seat, "the same seat");
    assert!(person.value("sovereign.tick").await.as_u64() >= before, "the game went on");
}

async fn plays_in_one_tab_at_a_time(person: &Person) {
    let client = &person.client;
    let first = client.window().await.expect("there is a tab");
    let address = client.current_url().await.expect("it has an address");
    let second = client.new_window(true).await.expect("there can be another").handle;
    client.switch_to_window(second).await.expect("it can be looked at");
    person.visit(address.as_str()).await;
    person.is_back().await;
    client.close_window().await.expect("it can be closed");
    client.switch_to_window(first).await.expect("the first is still there");
    person.reads("This game is open in another tab").await;
    person.press_button("Play here").await;
    person.is_back().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_fits_a_phone() {
    let (house, driver) = (House::open().await, Driver::start());
    let person = driver.phone().await;
    person.visit(&house.url("")).await;
    person.press("#play-now").await;
    let home = person.choose_start().await;
    person.phase("playing").await;
    person.choose(home).await;
    for part in [".topbar", ".share", ".panel", ".leaderboard", ".builds"] {
        let inside = format!(
            "(() => {{ const box = document.querySelector('{part}')?.getBoundingClientRect(); \
             return box && box.width > 0 && box.left >= 0 && box.right <= 360; }})()"
        );
        person.until(&inside).await;
    }
    person.until("document.documentElement.scrollWidth <= 360").await;
    person.picture("phone").await;
    person.leave().await;
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn friends_play_until_one_wins_and_watch_it_again() {
    let (house, driver) = (House::open().await, Driver::start());
    let (host, friend) = (driver.person().await, driver.person().await);
    meet_in_a_lobby(&house, &host, &friend).await;
    host.press("#start").await;
    let home = host.choose_start().await;
    friend.choose_start().await;
    says_hello(&host, &friend).await;
    host.phase("playing").await;
    ally_and_part(&host, &friend).await;
    conquers(&host, home).await;

    host.reads("Victory!").await;
    friend.reads("Ada wins").await;
    friend.press_button("Watch the replay").await;
    watches(&friend).await;
    shares(&friend, &driver).await;
    host.press_button("Rematch").await;
    host.reads("Friends join with this code or link").await;

    host.visit(&house.url("")).await;
    host.press_button("Watch").await;
    host.until("window.sovereign?.bounds?.end").await;
    host.leave().await;
    friend.leave().await;
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fog_lies_over_what_is_far() {
    let (house, driver) = (House::open().await, Driver::start());
    let person = driver.person().await;
    let mut rules = RulesDraft::clone(&Rules::preset("classic").expect("it ships"));
    rules.fog.radius = 1;
    opens_a_lobby(&house, &person, 3, &rules.to_toml()).await;
    person.press("#start").await;
    person.choose_start().await;
    person.phase("playing").await;
    let dark = "(() => { const dark = sovereign.owners.map((_, id) => id).filter(sovereign.hides); \
         return dark.length > 20 && dark.every((id) => sovereign.owners[id] < 0); })()";
    person.until(dark).await;
    person.until("sovereign.owners.filter((owner) => owner >= 0).length > 0").await;
    person.leave().await;
    house.server.stop().await;
}

/// Opens a lobby on the classic map, with bots and rules of one's own.
async fn opens_a_lobby(house: &House, host: &Person, bots: u32, rules: &str) {
    host.visit(&house.url("")).await;
    host.is_called("Ada").await;
    host.until("!!document.querySelector('#map option[value=classic]')").await;
    let fill = format!(
        "document.querySelector('#map').value = 'classic'; \
         document.querySelector('#bots').value = {bots}; \
         document.querySelector('#rules').value = {};",
        json!(rules)
    );
    host.client.execute(&fill, Vec::new()).await.expect("forms can be filled");
    host.press_button("Open the lobby").await;
}

async fn meet_in_a_lobby(house: &House, host: &Person, friend: &Person) {
    opens_a_lobby(house, host, 0, &swift_rules()).await;
    let link = host.until("document.querySelector('.invitation .link')?.textContent").await;

    friend.visit(&house.url("")).await;
    friend.is_called("Grace").await;
    friend.visit(link.as_str().expect("a link is a text")).await;
    friend.reads("The game begins when the host starts it.").await;
    host.reads("Grace").await;
}

async fn says_hello(host: &Person, friend: &Person) {
    host.press(".map-tools button:last-child").await;
    host.press_button("Good luck!").await;
    friend.reads("Ada: Good luck!").await;
}

/// Grace proposes, Ada accepts, and then breaks her word.
async fn ally_and_part(host: &Person, friend: &Person) {
    friend.press(".leaderboard .row:not(.me)").await;
    friend.press_button("Propose an alliance").await;
    host.reads("Grace proposes an alliance.").await;
    host.press_button("Accept").await;
    friend.reads("You and Ada are allies now.").await;
    host.press(".leaderboard .row:not(.me)").await;
    host.press_button("Break the alliance").await;
    host.reads("You will be a traitor for").await;
    host.press_button("Break it").await;
    friend.reads("Ada broke the alliance with you and is a traitor for a while.").await;
}

/// Attacks from one territory until the game is over.
async fn conquers(person: &Person, home: u64) {
    person.key("4").await;
    person.until("sovereign.share === 40").await;
    while person.value("sovereign.phase").await == "playing" {
        let held = "sovereign.owners.filter((owner) => owner === sovereign.me).length";
        let before = person.value(held).await;
        person.attack_from(home).await;
        person.until(&format!("sovereign.phase === 'finished' || {held} > {before}")).await;
    }
}

async fn watches(person: &Person) {
    let end = person.until("window.sovereign?.bounds?.end").await;
    let end = end.as_u64().expect("it has an end");
    // As a person drags it: to the middle, then to the end.
    for (tick, phase) in [(end / 2, "playing"), (end, "finished")] {
        let slide = format!(
            "const slider = document.querySelector('.replay-bar input'); \
             slider.value = {tick}; slider.dispatchEvent(new Event('change'));"
        );
        person.client.execute(&slide, Vec::new()).await.expect("sliders can be moved");
        person.until(&format!("sovereign.tick + 100 >= {tick}")).await;
        person.phase(phase).await;
    }
    person.picture("replay").await;
}

/// Steps to a moment and hands it on to somebody who was not there, on a phone.
async fn shares(person: &Person, driver: &Driver) {
    let end = person.value("sovereign.bounds.end").await.as_u64().expect("it has an end");
    person.key(",").await;
    person.until(&format!("sovereign.bounds.speed === 0 && sovereign.tick < {end}")).await;
    let before = person.value("sovereign.tick").await.as_u64().expect("it stands somewhere");
    person.press(".replay-bar .step:first-child").await;
    person.until(&format!("sovereign.tick < {before}")).await;
    person.press_button("Share").await;
    let link = person.until("document.querySelector('.link-line')?.value").await;
    let link = link.as_str().expect("a link is a text").to_owned();
    let tick: u64 = link.rsplit_once("#t=").expect("at a moment").1.parse().expect("a tick");
    let stranger = driver.phone().await;
    stranger.visit(&link).await;
    stranger.until(&format!("window.sovereign?.bounds && sovereign.tick >= {tick}")).await;
    stranger.until("document.documentElement.scrollWidth <= 360").await;
    for part in [".replay-bar .play", ".share-link", ".replay-bar a"] {
        let inside = format!(
            "(() => {{ const box = document.querySelector('{part}').getBoundingClientRect(); \
             return box.width > 0 && box.left >= 0 && box.right <= 360; }})()"
        );
        stranger.until(&inside).await;
    }
    stranger.picture("replay-phone").await;
    let file = "document.querySelector('.replay-bar a').getAttribute('href')";
    let saved = format!("fetch({file}).then((answer) => {{ window.saved = answer.status; }})");
    stranger.client.execute(&saved, Vec::new()).await.expect("files can be asked for");
    stranger.until("window.saved === 200").await;
    stranger.leave().await;
    person.press_button("Close").await;
}
