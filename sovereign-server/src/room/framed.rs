//! A message as it goes over a WebSocket: framed once, shared by all who get it.

use bytes::Bytes;
use sovereign_core::wire::{self, CloseCode};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode as Code, Data, OpCode};

/// A whole WebSocket frame of a server, which masks nothing. A clone shares its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framed(Bytes);

impl Framed {
    fn of(frame: Frame) -> Self {
        let mut bytes = Vec::with_capacity(frame.len());
        frame.format(&mut bytes).expect("writing to memory does not fail");
        Self(bytes.into())
    }

    /// A message of the protocol.
    #[must_use]
    pub fn message(message: wire::Frame) -> Self {
        match message {
            wire::Frame::Text(text) => {
                Self::of(Frame::message(text.into_bytes(), OpCode::Data(Data::Text), true))
            }
            wire::Frame::Binary(bytes) => {
                Self::of(Frame::message(bytes, OpCode::Data(Data::Binary), true))
            }
        }
    }

    /// An empty ping.
    #[must_use]
    pub fn ping() -> Self {
        Self(Bytes::from_static(&[0x89, 0]))
    }

    /// A close with its code and reason; that of a restart says after how many seconds to
    /// come back, that of a version what is spoken here.
    #[must_use]
    pub fn close(code: CloseCode, restart_s: u64) -> Self {
        let reason = match code {
            CloseCode::Restart => format!("{} retry_after_s={restart_s}", code.reason()).into(),
            CloseCode::Version => format!("{} {}", code.reason(), wanted_version()).into(),
            _ => code.reason().into(),
        };
        Self::of(Frame::close(Some(CloseFrame { code: Code::from(code.code()), reason })))
    }

    /// Frames that are whole already, such as the answer to a ping.
    #[must_use]
    pub fn whole(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }

    /// What goes over the wire.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The same, taken out.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// How many bytes go over the wire.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none, which is no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a client of another version should do. A close frame has room for 123 bytes.
fn wanted_version() -> String {
    let [better, other] = wire::Codec::ALL.map(wire::Codec::subprotocol);
    format!("this server speaks {better} and {other}: update the client")
}

#[cfg(test)]
impl Framed {
    /// A binary message.
    pub(crate) fn binary(payload: &[u8]) -> Self {
        Self::message(wire::Frame::Binary(payload.to_vec()))
    }

    /// The message in it.
    pub(crate) fn payload(&self) -> wire::Frame {
        let mut header = std::io::Cursor::new(&self.0);
        let parsed =
            tokio_tungstenite::tungstenite::protocol::frame::FrameHeader::parse(&mut header);
        let (head, length) = parsed.unwrap().expect("the frame is whole");
        let payload = self.0[header.position() as usize..].to_vec();
        assert_eq!((payload.len() as u64, head.mask), (length, None));
        match head.opcode {
            OpCode::Data(Data::Text) => wire::Frame::Text(String::from_utf8(payload).unwrap()),
            OpCode::Data(Data::Binary) => wire::Frame::Binary(payload),
            other => panic!("{other} is no message of the protocol"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_those_of_rfc_6455() {
        assert_eq!(&Framed::binary(&[1, 2, 3]).bytes()[..], [0x82, 3, 1, 2, 3]);
        let text = Framed::message(wire::Frame::Text("Hello".to_owned()));
        // The example of section 5.7.
        assert_eq!(&text.bytes()[..], [0x81, 5, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        assert_eq!(&Framed::binary(&[0; 256]).bytes()[..4], [0x82, 126, 1, 0]);
        assert_eq!(
            &Framed::binary(&vec![0; 65_536]).bytes()[..10],
            [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]
        );
        assert_eq!(&Framed::close(CloseCode::Normal, 0).bytes()[..], *b"\x88\x06\x03\xe8done");
        for code in CloseCode::ALL {
            let close = Framed::close(*code, u64::MAX);
            assert!(close.bytes()[1] <= 125, "a control frame is short: {close:?}");
        }
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![9; length];
            assert_eq!(Framed::binary(&payload).payload(), wire::Frame::Binary(payload));
        }
    }
}
