//! A game in which players take turns, as the page shows it.

use serde_json::Value;
use sovereign_core::Rules;

use super::browser::{Driver, Person};
use super::{House, opens_a_lobby};

/// Own land that can be seen and clicked.
const MINE: &str = "(() => { const clear = (id) => { const { x, y } = sovereign.place(id); \
     return x > 20 && x < innerWidth - 330 && y > 150 && y < innerHeight - 120; }; \
     return [sovereign.owners.findIndex((owner, id) => owner === sovereign.me && clear(id))]; })()";

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_is_played_on_the_page() {
    let (house, driver) = (House::open().await, Driver::start());
    let person = driver.person().await;
    let rules = Rules::preset("dice").expect("it ships").to_toml();
    opens_a_lobby(&house, &person, 2, &rules).await;
    person.press("#start").await;
    person.phase("playing").await;
    person.reads("turn").await;

    places(&person).await;
    person.press(".turn-bar .end").await;
    // The opening round is over, and the turn comes again.
    person.until("sovereign.turn?.round > 0 && sovereign.turn.player === sovereign.me").await;
    places(&person).await;
    person.reads("attack as often as you like").await;
    person.press(".turn-bar .end").await;
    person.until("sovereign.turn?.player !== sovereign.me").await;
    person.leave().await;
    house.server.stop().await;
}

/// Places the whole reserve with one tap.
async fn places(person: &Person) {
    person.until("sovereign.turn?.player === sovereign.me && sovereign.own.reserve > 0").await;
    person.reads("tap land of yours to place troops there").await;
    let land = person.until(MINE).await[0].as_u64().expect("land of one's own");
    let troops = |value: Value| value.as_u64().expect("a number");
    let before = troops(person.value(&format!("sovereign.troops({land})")).await);
    person.click_land(land).await;
    person.until("sovereign.own.reserve === 0").await;
    person.until(&format!("sovereign.troops({land}) > {before}")).await;
}
