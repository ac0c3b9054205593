//! Why a connection ends.

/// Declares the codes: number, reason sent in the close frame, what it means.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $reason:literal;)*) => {
        /// The code of a WebSocket close frame, and with it what a client should do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum CloseCode { $($(#[$doc])* $name = $number,)* }

        impl CloseCode {
            /// All of them, by rising number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code that a number stands for, if this version knows it.
            #[must_use]
            pub const fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The reason that goes with the code in the close frame, in one word.
            #[must_use]
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$name => $reason,)*
                }
            }
        }
    };
}

codes! {
    /// All is said: the game or the replay is over. Do not reconnect.
    Normal = 1000, "done";
    /// Frames that are none of RFC 6455's, such as unmasked ones. A bug of the client: do
    /// not reconnect.
    Protocol = 1002, "protocol_error";
    /// A text frame on a MessagePack connection, or a binary one on a JSON
    /// connection. A bug of the client: do not reconnect.
    WrongKind = 1003, "wrong_kind";
    /// A text frame that is not UTF-8. A bug of the client: do not reconnect.
    NotUtf8 = 1007, "not_utf8";
    /// A limit of the server: too many connections, or too many messages even after a
    /// notice. Wait a minute before reconnecting.
    Policy = 1008, "policy";
    /// A frame longer than the limit. A bug of the client: do not reconnect.
    TooBig = 1009, "too_big";
    /// The server failed. Reconnect with growing pauses.
    Internal = 1011, "internal";
    /// The server restarts. Reconnect with growing pauses, and resume.
    Restart = 1012, "restart";
    /// The server is full or busy. Reconnect after some seconds.
    TryLater = 1013, "try_later";
    /// A frame that could not be read; a notice before says what and where. A bug of
    /// the client: do not reconnect.
    BadFrame = 4000, "bad_frame";
    /// The token is missing, expired or not of this server. Get another one, then
    /// reconnect.
    Auth = 4001, "auth";
    /// The first message was no `hello`, or came too late.
    HelloExpected = 4002, "hello_expected";
    /// The same player has connected anew, in another tab or on another device, and
    /// plays on there. Do not reconnect unless the person asks for it.
    Replaced = 4003, "replaced";
    /// There is no such game or replay. Do not reconnect.
    NoSuchGame = 4004, "no_such_game";
    /// The game exists, but this account has no seat in it and may not watch.
    NotSeated = 4005, "not_seated";
    /// The session of the token was ended: its person logged out, changed the password or
    /// was shut out. Reconnect only with a token of another session.
    Revoked = 4006, "revoked";
    /// The client did not read fast enough, even after a snapshot. Reconnect and resume.
    TooSlow = 4008, "too_slow";
    /// Nothing was heard from the client for too long, not even pongs. Reconnect and
    /// resume.
    Silent = 4009, "silent";
    /// Another server has taken the game over. Reconnect, and resume there.
    Migrate = 4010, "migrate";
    /// Of the protocol's versions that the client offered none is spoken here. Update the
    /// client (reload the page): do not reconnect with this one.
    Version = 4011, "version";
}

impl CloseCode {
    /// The number in the close frame.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }
}
