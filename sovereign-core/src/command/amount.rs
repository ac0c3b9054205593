//! How many troops an order sends: a number, or a share of those that can leave.

use serde::{Deserialize, Serialize};

use crate::id::TerritoryId;
use crate::quantity::Permille;

/// How many troops an order sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// So many.
    Troops(u32),
    /// A share of those that can leave when the order is carried out, rounded down.
    Share(Permille),
}

impl Amount {
    /// The number of troops, where `available` can leave.
    #[must_use]
    pub const fn of(self, available: u32) -> u32 {
        match self {
            Self::Troops(troops) => troops,
            Self::Share(share) => {
                let troops = share.of(available as u64);
                if troops > u32::MAX as u64 { u32::MAX } else { troops as u32 }
            }
        }
    }
}

impl From<u32> for Amount {
    fn from(troops: u32) -> Self {
        Self::Troops(troops)
    }
}

impl From<Permille> for Amount {
    fn from(share: Permille) -> Self {
        Self::Share(share)
    }
}

/// An order to send troops as it is written: with exactly one of `troops` and `share`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sending {
    from: TerritoryId,
    to: TerritoryId,
    troops: Option<u32>,
    share: Option<Permille>,
}

impl Sending {
    pub(super) const fn new(from: TerritoryId, to: TerritoryId, amount: Amount) -> Self {
        match amount {
            Amount::Troops(troops) => Self { from, to, troops: Some(troops), share: None },
            Amount::Share(share) => Self { from, to, troops: None, share: Some(share) },
        }
    }

    pub(super) fn parts(self) -> Result<(TerritoryId, TerritoryId, Amount), &'static str> {
        let amount = match (self.troops, self.share) {
            (Some(troops), None) => Amount::Troops(troops),
            (None, Some(share)) => Amount::Share(share),
            _ => return Err("exactly one of `troops` and `share` says how many go"),
        };
        Ok((self.from, self.to, amount))
    }
}

/// Lets an order of `from`, `to` and `troops` be written as a [`Sending`].
macro_rules! sent {
    ($order:ident) => {
        impl From<$order> for Sending {
            fn from(order: $order) -> Self {
                Self::new(order.from, order.to, order.troops)
            }
        }

        impl TryFrom<Sending> for $order {
            type Error = &'static str;

            fn try_from(sending: Sending) -> Result<Self, Self::Error> {
                let (from, to, troops) = sending.parts()?;
                Ok(Self { from, to, troops })
            }
        }
    };
}

pub(super) use sent;
