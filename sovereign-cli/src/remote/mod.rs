//! A running server: its HTTP API, and the game that is played over a socket.

pub(crate) mod game;

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Uri;

use crate::error::CliError;

/// How long a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest answer that is read, in bytes: a map of the largest size fits.
const ANSWER_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// A server, named by its address.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    agent: Agent,
    /// Such as `127.0.0.1:8080`.
    authority: String,
}

/// An account without a password.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub(crate) struct Guest {
    /// What proves it.
    pub(crate) token: String,
    /// Its id.
    pub(crate) account: String,
    /// The name that others see.
    pub(crate) name: String,
    /// When the token ends, in seconds since 1970.
    pub(crate) expires: u64,
    /// What gives the next token, once.
    pub(crate) refresh_token: String,
}

/// A game as its server describes it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct GameInfo {
    /// Names the game in addresses.
    pub(crate) id: String,
    /// The short code by which friends join.
    pub(crate) code: String,
    /// `lobby`, `running`, `finished` or `frozen`.
    pub(crate) status: String,
    /// Name of its map.
    pub(crate) map: String,
}

/// The rooms of a workload, and what they are for.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Workload {
    /// The rooms.
    pub(crate) rooms: Vec<String>,
    /// Their size.
    pub(crate) size: WorkloadSize,
}

/// The size of each room of a workload.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct WorkloadSize {
    /// Clients in each room.
    pub(crate) clients: u32,
    /// The sides of the grid of territories.
    pub(crate) width: u32,
    /// The other one.
    pub(crate) height: u32,
}

/// What a server says when it refuses.
#[derive(Deserialize)]
struct Refusal {
    message: String,
    hint: String,
}

impl Remote {
    /// A server by its address, such as `http://127.0.0.1:8080`.
    pub(crate) fn new(url: &str) -> Result<Self, CliError> {
        let wrong = || {
            CliError::input(format!("'{url}' is no address like http://127.0.0.1:8080: plain http"))
        };
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"));
        let host = authority.ok_or_else(wrong)?;
        let authority = format!("{}:{}", host.host(), host.port_u16().unwrap_or(80));
        let config = Agent::config_builder()
            .timeout_global(Some(REQUEST_TIMEOUT))
            .http_status_as_error(false)
            .build();
        Ok(Self { agent: config.into(), authority })
    }

    /// Host and port, such as `127.0.0.1:8080`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Makes a guest.
    pub(crate) fn guest(&self, name: Option<&str>) -> Result<Guest, CliError> {
        let body = name.map_or_else(|| json!({}), |name| json!({ "name": name }));
        self.read(&self.post("/v1/auth/guest", None, &body)?)
    }

    /// The same guest with a token that has just been issued.
    pub(crate) fn renew(&self, guest: &Guest) -> Result<Guest, CliError> {
        let body = json!({ "refresh_token": guest.refresh_token });
        self.read(&self.post("/v1/auth/refresh", None, &body)?)
    }

    /// Makes a game and begins it.
    pub(crate) fn new_game(&self, token: &str, wish: &Value) -> Result<GameInfo, CliError> {
        self.read(&self.post("/v1/games", Some(token), wish)?)
    }

    /// Takes a seat in a game by its id or code.
    pub(crate) fn join(&self, token: &str, game: &str) -> Result<GameInfo, CliError> {
        self.read(&self.post(
            &format!("/v1/games/{}/join", plain(game)?),
            Some(token),
            &json!({}),
        )?)
    }

    /// Begins a game that this account made.
    pub(crate) fn start(&self, token: &str, game: &str) -> Result<GameInfo, CliError> {
        let path = format!("/v1/games/{}/start", plain(game)?);
        self.read(&self.post(&path, Some(token), &json!({}))?)
    }

    /// Opens the rooms of the published workload of this size.
    pub(crate) fn workload(&self, size: &str) -> Result<Workload, CliError> {
        self.read(&self.post("/v1/workload", None, &json!({ "size": size }))?)
    }

    /// Lets the rooms of workloads stand still.
    pub(crate) fn stop_workload(&self) -> Result<(), CliError> {
        self.post("/v1/workload/stop", None, &json!({})).map(drop)
    }

    /// SHA-256 of the state of a workload's room, once it stands still.
    pub(crate) fn workload_digest(&self, room: &str) -> Result<Option<String>, CliError> {
        let standing: Value = self.read(&self.get(&format!("/v1/workload/{}", plain(room)?))?)?;
        Ok(standing["sha256"].as_str().map(str::to_owned))
    }

    /// A game by its id or code.
    pub(crate) fn look(&self, game: &str) -> Result<GameInfo, CliError> {
        self.read(&self.get(&format!("/v1/games/{}", plain(game)?))?)
    }

    /// The text of a map that the server plays.
    pub(crate) fn map(&self, name: &str) -> Result<String, CliError> {
        self.get(&format!("/v1/maps/{}", plain(name)?))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }

    fn get(&self, path: &str) -> Result<String, CliError> {
        self.answer(self.agent.get(self.url(path)).call())
    }

    fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<String, CliError> {
        let mut request =
            self.agent.post(self.url(path)).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.answer(request.send(body.to_string()))
    }

    /// The text of an answer; the server's own words if it refuses.
    fn answer(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<String, CliError> {
        let mut answer = answer.map_err(|error| self.unreachable(&error))?;
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = body.map_err(|error| self.unreachable(&error))?;
        if answer.status().is_success() {
            return Ok(text);
        }
        Err(CliError::input(match serde_json::from_str::<Refusal>(&text) {
            Ok(refusal) => format!("the server refuses: {}; {}", refusal.message, refusal.hint),
            Err(_) => format!("the server answers {}", answer.status()),
        }))
    }

    fn unreachable(&self, error: &ureq::Error) -> CliError {
        let address = &self.authority;
        CliError::input(format!(
            "cannot talk to http://{address}: {error}; start a server with `sovereign serve`"
        ))
    }

    fn read<T: for<'t> Deserialize<'t>>(&self, text: &str) -> Result<T, CliError> {
        let strange = |e| format!("http://{} answers something else: {e}", self.authority);
        serde_json::from_str(text).map_err(|error| CliError::input(strange(error)))
    }
}

/// A name that can stand in an address as it is.
fn plain(name: &str) -> Result<&str, CliError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(plain) {
        return Ok(name);
    }
    Err(CliError::input(format!("'{name}' is no name of a game or map: letters, digits and -")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_http() {
        assert_eq!(Remote::new("http://localhost").expect("fits").authority, "localhost:80");
        assert_eq!(Remote::new("http://[::1]:8080/x").expect("fits").authority, "[::1]:8080");
        for wrong in ["", "localhost:8080", "https://example.org", "ftp://x", "http://"] {
            assert!(Remote::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_cannot_leave_their_place_in_an_address() {
        assert!(plain("ABC-123").is_ok());
        for wrong in ["", "../x", "a b", "a/b", "a?b"] {
            assert!(plain(wrong).is_err(), "{wrong}");
        }
    }
}
