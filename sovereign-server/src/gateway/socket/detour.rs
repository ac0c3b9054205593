//! A socket whose game goes on at another node: this one stands in between until its player
//! has changed over to a socket of his own there.

use futures_util::{SinkExt, StreamExt};
use sovereign_core::wire::{CloseCode, Frame, FromClient, ToClient};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::play::Talk;
use super::reader::{Ended, Reader};
use super::{Farewell, tell};
use crate::cluster::{Fleet, Line, Member};
use crate::room::{Framed, Onward};

/// Speaks for the player with the node that has his game, until one of the three ends it.
pub(super) async fn follow(talk: &Talk, reader: &mut Reader, onward: Onward) -> Ended {
    let Some(fleet) = talk.api.fleet.clone() else { return moved() };
    let Some(to) = fleet.roster().find(&onward.node) else { return moved() };
    let token = reader.token().map(str::to_owned);
    reader.is_counted_elsewhere();
    let hello = FromClient::Hello { token, resume: onward.resume };
    let Some(mut line) = begin(talk, &hello, (&fleet, &to)).await else { return moved() };
    let over = fleet.over();
    let migrate = ToClient::Migrate { url: to.public_url, closes_s: Some(fleet.closes_s()) };
    let mut migrate = Some(migrate);
    loop {
        let passed = tokio::select! {
            heard = line.next() => {
                // A socket of his own must not come there before this one.
                let is_in = matches!(heard, Some(Ok(Message::Text(_) | Message::Binary(_))));
                let passed = pass_back(talk, &mut line, heard).await;
                let told = migrate.take_if(|_| is_in);
                told.inspect(|migrate| tell(&talk.out, talk.codec, migrate));
                passed
            }
            said = reader.next(&talk.api.rates) => match said {
                Ok(message) => say(talk, &mut line, &message).await,
                Err(ended) => Err(ended),
            },
            () = over.cancelled() => Err(moved()),
        };
        if let Err(ended) = passed {
            return ended;
        }
    }
}

/// Whoever cannot be spoken for comes back by himself.
const fn moved() -> Ended {
    Ended::Farewell(Farewell::silent(CloseCode::Migrate))
}

/// A greeted socket at the other node.
async fn begin(talk: &Talk, hello: &FromClient, (fleet, to): (&Fleet, &Member)) -> Option<Line> {
    let opened = fleet.line((&talk.path(), talk.codec), talk.client, to).await;
    let mut line = opened
        .inspect_err(|error| tracing::warn!(node = to.name, %error, "a socket did not follow"))
        .ok()?;
    say(talk, &mut line, hello).await.ok()?;
    Some(line)
}

async fn say(talk: &Talk, line: &mut Line, message: &FromClient) -> Result<(), Ended> {
    let message = match message.encode(talk.codec) {
        Frame::Text(text) => Message::text(text),
        Frame::Binary(bytes) => Message::binary(bytes),
    };
    line.send(message).await.map_err(|_| moved())
}

/// What the other node says goes to the player as it came.
async fn pass_back(
    talk: &Talk,
    line: &mut Line,
    heard: Option<Result<Message, Error>>,
) -> Result<(), Ended> {
    let frame = match heard {
        Some(Ok(Message::Text(text))) => Frame::Text(text.as_str().to_owned()),
        Some(Ok(Message::Binary(bytes))) => Frame::Binary(bytes.into()),
        Some(Ok(Message::Close(why))) => {
            let code = why.and_then(|why| CloseCode::from_code(why.code.into()));
            return Err(Ended::Farewell(Farewell::silent(code.unwrap_or(CloseCode::Migrate))));
        }
        // A ping has been answered; the answer goes out with this.
        Some(Ok(_)) => return line.flush().await.map_err(|_| moved()),
        Some(Err(_)) | None => return Err(moved()),
    };
    // Whoever reads too slowly for this begins anew there.
    talk.out.send(Framed::message(frame)).map_err(|_| moved())
}
