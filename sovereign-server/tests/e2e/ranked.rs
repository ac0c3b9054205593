//! Two meet through the ranked queue; friends go into a lobby as a party.

use serde_json::json;

use crate::House;
use crate::accounts::fills;
use crate::browser::{Driver, Person};

const FITS: &str = "document.documentElement.scrollWidth <= 360";

async fn signs_up(house: &House, person: &Person, login: &str) {
    person.visit(&house.url("")).await;
    person.press("#sign-up").await;
    fills(person, &[("login", login), ("password", "short pw")]).await;
    person.until("!!document.querySelector('#account') && !document.querySelector('dialog')").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_meet_in_the_queue_and_see_their_new_ratings() {
    let (house, driver) = (House::open().await, Driver::start());
    let (ada, bob) = (driver.person().await, driver.phone().await);
    signs_up(&house, &ada, "ada").await;
    ada.press("[data-ladder=duel]").await;
    ada.reads("Searching …").await;
    ada.picture("ranked").await;
    ada.client.refresh().await.expect("the page reloads");
    ada.reads("Searching …").await;

    signs_up(&house, &bob, "bob").await;
    bob.until(FITS).await;
    bob.press("[data-ladder=duel]").await;
    for person in [&ada, &bob] {
        person.until("location.hash.startsWith('#/game/') && sovereign.me >= 0").await;
    }
    bob.phase("playing").await;
    bob.press(".surrender").await;
    bob.press_button("Surrender").await;
    ada.reads("Victory!").await;

    for (person, result) in [(&ada, "Won · against bob"), (&bob, "Lost · against ada")] {
        sees(person, &house, result).await;
    }
    ada.reads("1658 ± 949").await;
    ada.reads("+158").await;
    bob.until(FITS).await;
    ada.picture("history").await;
    ada.press_button("Watch").await;
    ada.until("window.sovereign?.bounds?.end").await;
    ada.leave().await;
    bob.leave().await;
    house.server.stop().await;
}

/// Opens the history until the game is in it: its end is stored a moment after it was seen.
async fn sees(person: &Person, house: &House, result: &str) {
    let told = format!("document.body.innerText.includes({})", json!(result));
    loop {
        person.visit(&house.url("#/")).await;
        person.visit(&house.url("#/history")).await;
        person.until("!!document.querySelector('.past-games li')").await;
        if person.value(&told).await == true {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_of_two_goes_into_a_lobby() {
    let (house, driver) = (House::open().await, Driver::start());
    let (ada, bob) = (driver.person().await, driver.phone().await);
    for (person, name) in [(&ada, "Ada"), (&bob, "Bob")] {
        person.visit(&house.url("")).await;
        person.is_called(name).await;
    }
    ada.press("#found-party").await;
    let link = ada.until("document.querySelector('.party-link .link')?.textContent").await;
    bob.visit(link.as_str().expect("a link is a text")).await;
    bob.reads("You follow the leader into games.").await;
    bob.until("location.hash === '#/'").await;
    ada.until("document.querySelector('.members')?.innerText.includes('Bob')").await;
    bob.until(FITS).await;

    ada.press_button("Open the lobby").await;
    ada.reads("Everybody is here.").await;
    bob.reads("The game begins when the host starts it.").await;
    arranges(&ada, &bob).await;
    bob.until(FITS).await;
    bob.picture("lobby-phone").await;
    ada.press("#start").await;
    for person in [&ada, &bob] {
        person.until("window.sovereign?.connection === 'open' && sovereign.me >= 0").await;
    }
    ada.leave().await;
    bob.leave().await;
    house.server.stop().await;
}

/// The host changes map, rules and teams, and the other one sees it.
async fn arranges(host: &Person, other: &Person) {
    host.press(".settings summary").await;
    let choose = |field: &str, value: &str| {
        format!(
            "(() => {{ const input = document.querySelector('{field}'); \
             if (![...input.options].some((one) => one.value === '{value}')) return false; \
             input.value = '{value}'; \
             input.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
        )
    };
    host.until(&choose(".settings #map", "classic")).await;
    other.reads("42 lands").await;
    host.until(&choose(".settings #preset", "teams")).await;
    other.reads("Teams: two sides").await;
    host.until("document.querySelectorAll('.seat select').length === 7").await;
    host.until(&choose(".seat.me select", "2")).await;
    other.until("document.querySelector('.seat:not(.me)').innerText.includes('team 2')").await;
    host.picture("lobby").await;
}
