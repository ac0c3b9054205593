//! Somebody plays as a guest, signs up, leaves, comes back, and is forgotten.

use crate::House;
use crate::browser::{Driver, Person};

const LOGGED_IN: &str = "document.querySelector('#account')?.innerText.includes('Ada')";
const LOGGED_OUT: &str = "!!document.querySelector('#log-in') && !document.querySelector('dialog')";
const OWN_GAME: &str = "document.querySelector('.own a')?.checkVisibility()";

/// Fills in and sends what a dialog asks for.
pub(crate) async fn fills(person: &Person, fields: &[(&str, &str)]) {
    for (field, text) in fields {
        person.types(&format!("dialog [name={field}]"), text).await;
    }
    person.press("dialog [type=submit]").await;
}

async fn chooses(person: &Person, item: &str) {
    person.press("#account").await;
    person.press_button(item).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_signs_up_and_finds_the_game_again() {
    let (house, driver) = (House::open().await, Driver::start());
    let person = driver.person().await;
    person.visit(&house.url("")).await;
    person.is_called("Ada").await;
    person.press("#play-now").await;
    person.choose_start().await;
    person.visit(&house.url("")).await;

    person.press("#sign-up").await;
    person.picture("sign-up").await;
    fills(&person, &[("login", "ada"), ("password", "short pw")]).await;
    person.until(LOGGED_IN).await;
    person.until(OWN_GAME).await;
    person.client.refresh().await.expect("the page reloads");
    person.until(LOGGED_IN).await;
    let kept = person.value("document.cookie + JSON.stringify(localStorage)").await.to_string();
    assert!(!kept.contains("eyJ"), "scripts find no token: {kept}");

    person.press("#account").await;
    person.picture("account").await;
    person.press_button("Log out").await;
    person.until(LOGGED_OUT).await;
    person.press("#log-in").await;
    fills(&person, &[("login", "ada"), ("password", "a guess!")]).await;
    person.reads("The login name or the password is wrong").await;
    fills(&person, &[("password", "short pw")]).await;
    person.until(LOGGED_IN).await;
    person.press(".own a").await;
    person.until("window.sovereign?.connection === 'open' && sovereign.me === 0").await;
    person.leave().await;
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_everywhere_ends_the_game_on_the_other_device() {
    let (house, driver) = (House::open().await, Driver::start());
    let (desk, phone) = (driver.person().await, driver.phone().await);
    desk.visit(&house.url("")).await;
    desk.is_called("Ada").await;
    desk.press("#sign-up").await;
    fills(&desk, &[("login", "ada"), ("password", "short pw")]).await;
    desk.until(LOGGED_IN).await;
    desk.press("#play-now").await;
    desk.until("window.sovereign?.connection === 'open'").await;

    phone.visit(&house.url("")).await;
    phone.press("#log-in").await;
    phone.until("document.documentElement.scrollWidth <= 360").await;
    phone.picture("log-in-phone").await;
    fills(&phone, &[("login", "ada"), ("password", "short pw")]).await;
    phone.until(LOGGED_IN).await;
    changes_the_password(&phone).await;
    desk.reads("You have been logged out").await;
    chooses(&phone, "Delete the account").await;
    fills(&phone, &[("password", "longer pw")]).await;
    phone.reads("Your account is gone").await;
    phone.leave().await;
    desk.leave().await;
    house.server.stop().await;
}

async fn changes_the_password(person: &Person) {
    chooses(person, "Change the password").await;
    fills(person, &[("old", "short pw"), ("password", "longer pw")]).await;
    person.reads("Your password was changed").await;
    person.press_button("Close").await;
    person.until(LOGGED_IN).await;
}
