//! What people say to each other, and what becomes of it.

use serde_json::json;

use crate::House;
use crate::admin::{acts, enters};
use crate::browser::{Driver, Person};

/// What a page that takes texts for markup would run.
const MISCHIEF: &str = "<img src=x onerror=window.pwned=1><b>hi</b>";

/// Opens a lobby on the classic map with these choices of the form, and starts it if `bots` play.
pub(crate) async fn opens(house: &House, host: &Person, choices: &str, press: &str) {
    host.visit(&house.url("")).await;
    host.until("!!document.querySelector('#map option[value=classic]')").await;
    let fill = format!("document.querySelector('#map').value = 'classic'; {choices}");
    host.client.execute(&fill, Vec::new()).await.expect("forms can be filled");
    host.press_button(press).await;
}

async fn says(person: &Person, text: &str) {
    if person.value("document.querySelector('.talk').hidden").await == true {
        // On a phone the sheet about chosen land covers the tools.
        if person.value("document.querySelector('.map-tools').checkVisibility()").await == false {
            person.press(".panel .close").await;
        }
        person.press(".map-tools button:last-child").await;
    }
    person.types(".talk input", text).await;
    person.press_button("Say").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_talk_mute_and_complain() {
    let (house, driver) = (House::open().await, Driver::start());
    let (ada, grace) = (driver.person().await, driver.phone().await);
    ada.visit(&house.url("")).await;
    ada.is_called("Ada").await;
    let choices = "document.querySelector('#bots').value = 0; document.querySelector('#words').checked = true;";
    opens(&house, &ada, choices, "Open the lobby").await;
    let link = ada.until("document.querySelector('.invitation .link')?.textContent").await;
    grace.visit(&house.url("")).await;
    grace.is_called("Grace").await;
    grace.visit(link.as_str().expect("a link is a text")).await;
    grace.reads("The game begins when the host starts it.").await;
    ada.press("#start").await;
    ada.choose_start().await;
    grace.choose_start().await;
    talk(&ada, &grace).await;
    complain(&ada).await;
    shut_out(&house, &driver, &grace).await;
    for person in [ada, grace] {
        person.leave().await;
    }
    house.server.stop().await;
}

async fn talk(ada: &Person, grace: &Person) {
    says(grace, MISCHIEF).await;
    ada.reads(&format!("Grace: {MISCHIEF}")).await;
    assert_eq!(ada.value("[window.pwned ?? null]").await, json!([null]), "a text stays a text");
    assert_eq!(ada.value("document.querySelectorAll('.feed img, .feed b').length").await, 0);
    grace.picture("talk-phone").await;
    grace.until("document.documentElement.scrollWidth <= 360").await;
    let aside = "(() => { const to = document.querySelector('.talk select'); to.value = '0'; return true; })()";
    grace.until(aside).await;
    says(grace, "north together?").await;
    ada.reads("Grace (to you): north together?").await;
    says(ada, "with pleasure").await;
    grace.reads("Ada: with pleasure").await;
    ada.picture("talk").await;
    ada.press(".leaderboard .row:not(.me)").await;
    ada.press_button("Mute").await;
    says(grace, "can you hear me").await;
    grace.reads("You (to Ada): can you hear me").await;
    says(ada, "hello?").await;
    grace.reads("Ada: hello?").await;
    assert!(!ada.text().await.contains("can you hear me"), "the muted are not heard");
}

async fn complain(ada: &Person) {
    ada.press(".leaderboard .row:not(.me)").await;
    ada.press_button("Report").await;
    ada.press_button("Insults, threats or hate").await;
    ada.reads("The operator will look at it.").await;
}

async fn shut_out(house: &House, driver: &Driver, grace: &Person) {
    let operator = driver.person().await;
    enters(house, &operator).await;
    operator.reads(MISCHIEF).await;
    operator.reads("north together?").await;
    assert!(!operator.text().await.contains("can you hear me"), "Ada has not heard it");
    operator.picture("admin-reports").await;
    acts(&operator, "ban", "insults").await;
    grace.reads("You have been logged out").await;
    operator.until("document.querySelector('#ban-rows')?.innerText.includes('insults')").await;
    acts(&operator, "close", "banned for a week").await;
    operator.reads("No open reports.").await;
    operator.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_watches_later_than_it_is_played() {
    let (house, driver) = (House::open().await, Driver::start());
    let (player, stranger) = (driver.person().await, driver.phone().await);
    let choices = r#"document.querySelector('#bots').value = 2;
        document.querySelector('#watchers').value = '{"view":"all","delay_s":60}';"#;
    opens(&house, &player, choices, "Start at once").await;
    player.choose_start().await;
    player.until("sovereign.tick > 20").await;
    let address = player.client.current_url().await.expect("it has an address");
    stranger.visit(address.as_str()).await;
    stranger.reads("You watch, 60 seconds behind the players.").await;
    stranger.until("sovereign.connection === 'open'").await;
    player.until("sovereign.tick > 60").await;
    assert_eq!(stranger.value("sovereign.tick").await, 0, "nothing of it may be seen yet");
    stranger.until("document.documentElement.scrollWidth <= 360").await;
    stranger.picture("spectator-phone").await;
    for person in [player, stranger] {
        person.leave().await;
    }
    house.server.stop().await;
}
