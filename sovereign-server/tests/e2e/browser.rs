//! A headless browser, and what a person does in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, MouseActions, PointerAction};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// How long anything on the page may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the driver may take to end its browsers.
const SHUTDOWN: Duration = Duration::from_secs(10);
/// Bytes of its answer to that.
const ANSWER: u64 = 65_536;
/// Time between two looks at the page.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What to do when a program is missing.
const HOW_TO_INSTALL: &str = "the end-to-end test drives Chromium: install it and its driver \
     (on Debian: apt-get install chromium chromium-driver), or name them in CHROMIUM and CHROMEDRIVER";

/// Whether the documentation's pictures are to be taken anew.
pub(crate) fn pictures_are_wanted() -> bool {
    std::env::var_os("SOVEREIGN_SCREENSHOTS").is_some()
}

/// A program of the path, or the one that a variable names.
fn program(variable: &str, names: &[&str]) -> PathBuf {
    if let Some(named) = std::env::var_os(variable) {
        return PathBuf::from(named);
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&folders);
    let found = places.flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    found.into_iter().find(|path| path.is_file()).expect(HOW_TO_INSTALL)
}

/// The driver's process; ends with the test.
#[derive(Debug)]
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts the driver on a port that the system chooses.
    pub(crate) fn start() -> Self {
        let path = program("CHROMEDRIVER", &["chromedriver"]);
        let mut command = Command::new(path);
        let mut process = command
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect(HOW_TO_INSTALL);
        let stdout = process.stdout.take().expect("it is piped");
        let port =
            BufReader::new(stdout).lines().map_while(Result::ok).find_map(|line| port_of(&line));
        let port = port.expect("the driver says on which port it listens");
        Self { process, port }
    }

    /// A new person at a desk: a browser with a profile of its own.
    pub(crate) async fn person(&self) -> Person {
        self.browser(json!({})).await
    }

    /// A new person with a small phone.
    pub(crate) async fn phone(&self) -> Person {
        let screen = json!({ "width": 360, "height": 740, "pixelRatio": 2.0, "touch": true });
        self.browser(json!({ "mobileEmulation": { "deviceMetrics": screen } })).await
    }

    async fn browser(&self, mut options: Value) -> Person {
        options["binary"] =
            json!(program("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]));
        options["args"] =
            json!(["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1440,900"]);
        let capabilities = json!({ "goog:chromeOptions": options });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let url = format!("http://127.0.0.1:{}", self.port);
        let connecting = builder.capabilities(capabilities).connect(&url);
        Person { client: connecting.await.expect("the driver starts a browser") }
    }
}

/// The port in the line `ChromeDriver was started successfully on port 4711.`
fn port_of(line: &str) -> Option<u16> {
    let (before, port) = line.trim_end_matches('.').rsplit_once(" on port ")?;
    before.contains("successfully").then(|| port.parse().ok())?
}

impl Driver {
    /// Has the driver end every browser that it started, also those of a test that failed.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(SHUTDOWN))?;
        write!(stream, "GET /shutdown HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")?;
        // It answers, and hangs up when its browsers have ended.
        std::io::copy(&mut stream.take(ANSWER), &mut std::io::sink()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver that is gone already has taken its browsers along.
        let _ = self.shut_down();
        // Gone already is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Somebody in front of a browser.
#[derive(Debug)]
pub(crate) struct Person {
    /// The browser.
    pub(crate) client: Client,
}

impl Person {
    /// Opens an address.
    pub(crate) async fn visit(&self, url: &str) {
        self.client.goto(url).await.expect("the address opens");
    }

    /// The value of a JavaScript expression.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression})");
        self.client.execute(&script, Vec::new()).await.unwrap_or(Value::Null)
    }

    /// Waits until an expression is neither false, null, 0 nor empty; gives its value.
    pub(crate) async fn until(&self, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.value(expression).await;
            if is_truthy(&value) {
                return value;
            }
            if Instant::now() > deadline {
                panic!("never became true: {expression}; the page shows: {}", self.text().await);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// All visible text.
    pub(crate) async fn text(&self) -> String {
        self.value("document.body.innerText").await.to_string()
    }

    /// Waits until a text can be read on the page.
    pub(crate) async fn reads(&self, text: &str) {
        self.until(&format!("document.body.innerText.includes({})", json!(text))).await;
    }

    /// Presses what a selector names, as soon as it can be.
    pub(crate) async fn press(&self, selector: &str) {
        let ready = format!(
            "(() => {{ const e = document.querySelector({}); return e && !e.disabled && e.checkVisibility(); }})()",
            json!(selector)
        );
        self.until(&ready).await;
        let element = self.client.find(Locator::Css(selector)).await.expect("it is there");
        element.click().await.unwrap_or_else(|error| panic!("{selector} can be pressed: {error}"));
    }

    /// Presses the button with this label.
    pub(crate) async fn press_button(&self, label: &str) {
        let find = format!(
            "[...document.querySelectorAll('button, a.btn')].find((b) => \
             b.textContent.trim() === {} && b.checkVisibility() && !b.disabled)",
            json!(label)
        );
        self.until(&format!("!!({find})")).await;
        self.client
            .execute(&format!("({find}).click()"), Vec::new())
            .await
            .unwrap_or_else(|error| panic!("'{label}' can be pressed: {error}"));
    }

    /// Types a text into a field, in place of what was there.
    pub(crate) async fn types(&self, selector: &str, text: &str) {
        self.until(&format!("!!document.querySelector({})", json!(selector))).await;
        let field = self.client.find(Locator::Css(selector)).await.expect("there is a field");
        field.clear().await.expect("fields can be cleared");
        field.send_keys(text).await.expect("texts can be typed");
    }

    /// Types a key on the page.
    pub(crate) async fn key(&self, key: &str) {
        let body = self.client.find(Locator::Css("body")).await.expect("there is a body");
        body.send_keys(key).await.expect("keys can be typed");
    }

    /// Clicks a place of the window.
    pub(crate) async fn click_at(&self, x: f64, y: f64) {
        let left = fantoccini::actions::MOUSE_BUTTON_LEFT;
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveTo { duration: None, x, y })
            .then(PointerAction::Down { button: left })
            .then(PointerAction::Up { button: left });
        self.client.perform_actions(mouse).await.expect("the mouse can be moved");
    }

    /// Stores what is shown, if the documentation's pictures are wanted:
    /// with `SOVEREIGN_SCREENSHOTS` set.
    pub(crate) async fn picture(&self, name: &str) {
        if !pictures_are_wanted() {
            return;
        }
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let image = self.client.screenshot().await.expect("the browser takes pictures");
        std::fs::write(folder.join(format!("{name}.png")), image).expect("it can be written");
    }

    /// Closes the browser.
    pub(crate) async fn leave(self) {
        self.client.close().await.expect("the browser closes");
    }
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
