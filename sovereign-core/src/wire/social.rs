//! What players can say to each other: phrases and signs, by number, so that every
//! client can show them in its own language and nobody can be insulted in any. Words of one's
//! own are [`super::FromClient::Chat`], where a game's host allows them.

/// The phrases of quick chat; a [`super::FromClient::QuickChat`] names one by position.
///
/// # Stability
/// Phrases are only ever added at the end.
pub const QUICK_CHAT: &[&str] = &[
    "Hello!",
    "Good luck!",
    "Well played.",
    "Thank you!",
    "Sorry!",
    "Yes.",
    "No.",
    "Shall we be allies?",
    "Let us attack together.",
    "Please help me.",
    "I will not attack you.",
    "Somebody is getting too strong.",
];

/// The signs; a [`super::FromClient::Emoji`] names one by position.
///
/// # Stability
/// Signs are only ever added at the end.
pub const EMOJI: &[&str] = &["👍", "👎", "😀", "😢", "😡", "😱", "🤝", "👑"];
