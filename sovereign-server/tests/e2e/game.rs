//! What a person does in a game. The page shows its state to tests as
//! `window.sovereign`: see `web/hooks.js`.

use fantoccini::Locator;
use serde_json::Value;

use super::browser::Person;

impl Person {
    /// Types a name on the start page.
    pub(crate) async fn is_called(&self, name: &str) {
        let field = self.client.find(Locator::Css("#name")).await.expect("there is a field");
        field.send_keys(&format!("{name}\n")).await.expect("names can be typed");
        self.until(&format!("localStorage.getItem('sovereign.name') === '{name}'")).await;
    }

    /// Waits until the game is shown, and goes on.
    pub(crate) async fn is_back(&self) {
        self.until("window.sovereign?.connection === 'open' && sovereign.phase === 'playing'")
            .await;
    }

    /// Waits for a phase of the game.
    pub(crate) async fn phase(&self, phase: &str) {
        self.until(&format!("window.sovereign?.phase === '{phase}'")).await;
    }

    /// Waits until the map stands still, then clicks a territory.
    pub(crate) async fn click_land(&self, land: u64) {
        let settled = format!(
            "(() => {{ const p = sovereign.place({land}); const was = window.lastPlace; window.lastPlace = p; \
             return was && Math.hypot(was.x - p.x, was.y - p.y) < 0.5 && p; }})()"
        );
        let place = self.until(&settled).await;
        self.click_at(number(&place["x"]), number(&place["y"])).await;
    }

    /// Chooses free land that can be seen and whose neighbours are free, as the start.
    pub(crate) async fn choose_start(&self) -> u64 {
        self.until("['spawn', 'playing'].includes(window.sovereign?.phase)").await;
        let free = "(() => { const clear = (id) => { const { x, y } = sovereign.place(id); \
             const side = innerWidth > 1000 ? 330 : 20; \
             return x > side && x < innerWidth - side && y > 150 && y < innerHeight - 300; }; \
             const good = (owner, id) => owner < 0 && clear(id) && sovereign.open(id).length > 2; \
             return [sovereign.owners.findIndex(good)]; })()";
        let land = self.until(free).await[0].as_u64().expect("there is free land");
        self.click_land(land).await;
        self.until(&format!("sovereign.owners[{land}] === sovereign.me")).await;
        land
    }

    /// Chooses own land, if it is not chosen already.
    pub(crate) async fn choose(&self, land: u64) {
        if self.value("sovereign.selected").await.as_u64() != Some(land) {
            self.click_land(land).await;
        }
        self.until(&format!("sovereign.selected === {land}")).await;
    }

    /// Attacks the weakest neighbour of own land; gives the target.
    pub(crate) async fn attack_from(&self, land: u64) -> u64 {
        self.choose(land).await;
        let weakest = "(() => { const able = sovereign.targets().filter((t) => t.kind === 'attack' && !t.blocked); \
             able.sort((a, b) => sovereign.troops(a.to) - sovereign.troops(b.to)); return [able[0].to]; })()";
        let target = self.until(weakest).await[0].as_u64().expect("there is a target");
        self.click_land(target).await;
        target
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("places are numbers")
}
