//! The operator's page.

use std::time::Duration;

use serde_json::json;

use crate::House;
use crate::browser::{Driver, Person};

/// Presses an act's button, and says why.
pub(crate) async fn acts(person: &Person, label: &str, why: &str) {
    let find = format!(
        "[...document.querySelectorAll('button')].find((b) => b.textContent === {})",
        json!(label)
    );
    person.until(&format!("!!({find})")).await;
    // Later, since the question that opens would hold up the answer to this.
    let press = format!("setTimeout(() => ({find}).click())");
    person.client.execute(&press, Vec::new()).await.expect("it can be pressed");
    while person.client.send_alert_text(why).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    person.client.accept_alert().await.expect("the answer is taken");
}

fn typed(token: &str) -> String {
    format!("(document.querySelector('#token').value = {}, true)", json!(token))
}

/// Opens the page with the token of the data folder.
pub(crate) async fn enters(house: &House, operator: &Person) {
    operator.visit(&format!("http://{}/", house.server.admin)).await;
    let token = std::fs::read_to_string(house.folder.path().join("data/admin-token")).unwrap();
    operator.until(&typed(&token)).await;
    operator.press_button("Enter").await;
    operator.until("!document.querySelector('#open').hidden").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_looks_after_the_games() {
    let (house, driver) = (House::open().await, Driver::start());
    let player = driver.person().await;
    player.visit(&house.url("")).await;
    player.press("#play-now").await;
    player.choose_start().await;
    let operator = driver.person().await;
    operator.visit(&format!("http://{}/", house.server.admin)).await;
    operator.until(&typed("wrong")).await;
    operator.press_button("Enter").await;
    operator.reads("The token is not valid here").await;
    enters(&house, &operator).await;
    operator.reads("running").await;
    acts(&operator, "freeze", "a look at a complaint").await;
    operator.reads("a look at a complaint").await;
    acts(&operator, "unfreeze", "nothing was wrong").await;
    operator.press_button("Check the chain").await;
    operator.reads("whole:").await;
    operator.picture("admin").await;
    acts(&operator, "end", "the show is over").await;
    operator.reads("the show is over").await;
    house.server.stop().await;
}
