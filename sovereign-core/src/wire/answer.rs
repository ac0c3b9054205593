//! An answer as serde sees it.

use alloc::string::{String, ToString};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::command::Reject;
use crate::quantity::Tick;
use crate::session::Answer;

/// An answer whose empty fields are written too: in a list each has its place.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Compact {
    seq: u32,
    tick: Option<Tick>,
    refused: Option<Reject>,
    message: Option<String>,
}

/// An answer whose empty fields are left out.
#[derive(Serialize)]
struct Readable {
    seq: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    tick: Option<Tick>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Reject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (seq, tick, refused) = (self.seq, self.result.ok(), self.result.err());
        let message = refused.as_ref().map(Reject::to_string);
        if serializer.is_human_readable() {
            Readable { seq, tick, refused, message }.serialize(serializer)
        } else {
            Compact { seq, tick, refused, message }.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Compact { seq, tick, refused, .. } = Compact::deserialize(deserializer)?;
        let result = match (tick, refused) {
            (Some(tick), None) => Ok(tick),
            (None, Some(reason)) => Err(reason),
            _ => return Err(D::Error::custom("an answer has either `tick` or `refused`")),
        };
        Ok(Self { seq, result })
    }
}
