//! Guests: a name and a token, without a password.

use bytes::Bytes;
use http::header::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use super::Api;
use super::reply::{body, created, ok, parse, respond, with};
use crate::auth::Identity;
use crate::error::ApiError;
use crate::gateway::connections::Peer;
use crate::store::Account;

/// Characters of the longest name; the rest is cut off.
const NAME_CHARS: usize = 24;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGuest {
    name: Option<String>,
}

pub(super) fn routes(
    api: &Api,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync + use<> {
    let create = warp::path!("v1" / "auth" / "guest")
        .and(warp::post())
        .and(with(api))
        .and(warp::ext::get::<Peer>())
        .and(body(api))
        .then(|api, peer, body| async move { respond(create(&api, &peer, &body).await) });
    let renew = warp::path!("v1" / "auth" / "guest" / "renew")
        .and(warp::post())
        .and(with(api))
        .and(warp::header::headers_cloned())
        .then(|api, headers| async move { respond(renew(&api, &headers).await) });
    let keys = warp::path!(".well-known" / "jwks.json")
        .and(warp::get())
        .and(with(api))
        .map(|api: Api| ok(&api.auth.jwks()).into_response());
    create.or(renew).unify().or(keys).unify()
}

async fn create(api: &Api, peer: &Peer, body: &Bytes) -> Result<impl Reply + use<>, ApiError> {
    if !api.rates.guest(peer.network) {
        return Err(ApiError::too_many("new guests from your address"));
    }
    let id = Uuid::now_v7();
    let guest: NewGuest = parse(body)?;
    let name = guest.name.as_deref().and_then(clean).unwrap_or_else(|| default_name(id));
    let account = Account { id, name };
    api.store.create_account(account.clone()).await?;
    Ok(created(&token(api, account)?))
}

/// A new token for the bearer of one that still holds.
async fn renew(api: &Api, headers: &HeaderMap) -> Result<impl Reply + use<>, ApiError> {
    let Identity { account, .. } = api.identity(headers)?;
    let known = api.store.account(account).await?;
    let account = known.ok_or(crate::auth::AuthError::Invalid)?;
    Ok(ok(&token(api, account)?))
}

fn token(api: &Api, account: Account) -> Result<serde_json::Value, ApiError> {
    let (token, identity) = api.auth.issue(account.id)?;
    Ok(json!({
        "token": token,
        "account": account.id,
        "name": account.name,
        "expires": identity.expires,
    }))
}

/// A name without control and direction characters, its spaces single, cut to length.
fn clean(name: &str) -> Option<String> {
    let visible = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let words: Vec<String> = name
        .split_whitespace()
        .map(|word| word.chars().filter(|c| visible(*c)).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    let name: String = words.join(" ").chars().take(NAME_CHARS).collect();
    let name = name.trim_end().to_owned();
    (!name.is_empty()).then_some(name)
}

fn default_name(id: Uuid) -> String {
    format!("Guest {:04}", id.as_u128() % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        assert_eq!(clean("  Ada   Lovelace \n").as_deref(), Some("Ada Lovelace"));
        assert_eq!(clean("a\u{202e}b\u{0}c\u{200b}").as_deref(), Some("abc"));
        assert_eq!(clean(&"x".repeat(100)).unwrap().len(), NAME_CHARS);
        assert_eq!(clean("Łukasz 漢字").as_deref(), Some("Łukasz 漢字"));
        assert_eq!(clean(" \u{202e} \t"), None);
    }
}
