//! Rows F of the security matrix: frames that break the rules. Each ends its own socket, with
//! a code that says why; somebody who plays beside it never notices.

use sovereign_core::wire::{CloseCode, Codec, FromClient};
use sovereign_server::config::Limits;

use crate::client::Client;
use crate::play::begin;
use crate::raw_socket::{
    BINARY, CLOSE, FIRST_TEXT, LAST, MORE, PING, PONG, RawSocket, TEXT, frame, header, said,
};
use crate::running::Running;

const PROTOCOL: Option<u16> = Some(CloseCode::Protocol.code());
const TOO_BIG: Option<u16> = Some(CloseCode::TooBig.code());

/// A server with a game in which somebody plays, and to which others come.
struct Stage {
    running: Running,
    path: String,
    honest: Client,
}

impl Stage {
    async fn with(limits: Limits) -> Self {
        let running = Running::with(Limits { requests_burst: 10_000, ..limits }).await;
        let ada = running.guest("Ada").await;
        let game = running.game(&ada, &["random"]).await;
        let token = Some(ada.token.as_str());
        let mut honest = Client::connect(running.address(), &game, token, Codec::Msgpack).await;
        honest.ready().await;
        Self { path: format!("/v1/games/{game}/ws"), running, honest }
    }

    async fn open() -> Self {
        // Who plays here reads only at the end, and is no less alive for that.
        Self::with(Limits { silence_ms: 120_000, ..Limits::default() }).await
    }

    /// A socket that has been greeted.
    async fn guest(&self, codec: Codec) -> RawSocket {
        let mut socket = RawSocket::open(self.running.address(), &self.path, codec, "").await;
        socket.send(&said(&FromClient::Hello { token: None, resume: None }, codec)).await;
        socket.until(if codec == Codec::Json { TEXT } else { BINARY }).await;
        socket
    }

    /// How the server closes a socket that sends this.
    async fn ends(&self, codec: Codec, bytes: &[u8]) -> Option<u16> {
        let mut socket = self.guest(codec).await;
        socket.send(bytes).await;
        socket.close_code().await
    }

    /// The one who plays still does.
    async fn end(mut self) {
        begin(&mut self.honest).await;
        assert_eq!((self.honest.closed, self.honest.snapshots), (None, 1));
        self.running.server.stop().await;
    }
}

fn ping(codec: Codec) -> Vec<u8> {
    said(&FromClient::Ping { nonce: 7 }, codec)
}

fn is_pong(payload: &[u8]) -> bool {
    payload.windows(4).any(|window| window == b"pong")
}

#[tokio::test]
async fn f1_an_unmasked_frame_ends_its_socket() {
    let stage = Stage::open().await;
    let unmasked = [header(TEXT, 2, false), b"{}".to_vec()].concat();
    assert_eq!(stage.ends(Codec::Json, &unmasked).await, PROTOCOL);
    stage.end().await;
}

#[tokio::test]
async fn f2_reserved_bits_end_a_socket() {
    let stage = Stage::open().await;
    for bits in 1..8_u8 {
        let set = frame(TEXT | bits << 4, br#"{"ping":{"nonce":1}}"#);
        assert_eq!(stage.ends(Codec::Json, &set).await, PROTOCOL, "{bits:b}");
    }
    stage.end().await;
}

#[tokio::test]
async fn f3_reserved_opcodes_end_a_socket() {
    let stage = Stage::open().await;
    for opcode in (3..8).chain(11..16_u8) {
        let code = stage.ends(Codec::Json, &frame(0x80 | opcode, b"")).await;
        assert_eq!(code, PROTOCOL, "opcode {opcode}");
    }
    stage.end().await;
}

#[tokio::test]
async fn f4_long_or_split_control_frames_end_a_socket() {
    let stage = Stage::open().await;
    for kind in [CLOSE, PING, PONG] {
        let long = frame(kind, &[0; 126]);
        assert_eq!(stage.ends(Codec::Json, &long).await, PROTOCOL, "{kind:x}");
        let split = frame(kind & 0x0f, b"");
        assert_eq!(stage.ends(Codec::Json, &split).await, PROTOCOL, "{kind:x}");
    }
    stage.end().await;
}

/// Only the header is sent: whoever answers has not waited for what it claims.
#[tokio::test]
async fn f5_a_length_beyond_the_limit_is_refused_by_its_claim() {
    let stage = Stage::open().await;
    for claim in [8_193, 1 << 32, 1 << 62, 1 << 63, u64::MAX] {
        assert_eq!(stage.ends(Codec::Json, &header(TEXT, claim, true)).await, TOO_BIG, "{claim}");
    }
    stage.end().await;
}

#[tokio::test]
async fn f6_a_message_in_pieces_is_held_to_the_same_limits() {
    let stage = Stage::open().await;
    let mut patient = stage.guest(Codec::Json).await;
    for (n, byte) in br#"{"ping":{"nonce":1}}"#.iter().enumerate() {
        patient.send(&frame(if n == 0 { FIRST_TEXT } else { MORE }, &[*byte])).await;
    }
    patient.send(&frame(LAST, b"")).await;
    // Pieces of one byte are nothing bad.
    while !is_pong(&patient.until(TEXT).await) {}

    let piece = frame(MORE, b"x");
    let long = [frame(FIRST_TEXT, b"x"), piece.repeat(8_192)].concat();
    assert_eq!(stage.ends(Codec::Json, &long).await, TOO_BIG);
    let endless = [frame(FIRST_TEXT, b""), frame(MORE, b"").repeat(20_000)].concat();
    assert_eq!(stage.ends(Codec::Json, &endless).await, TOO_BIG, "pieces of nothing count too");
    let one_and_another = [frame(FIRST_TEXT, b"{"), frame(TEXT, b"{}")].concat();
    assert_eq!(stage.ends(Codec::Json, &one_and_another).await, PROTOCOL);
    assert_eq!(stage.ends(Codec::Json, &frame(LAST, b"x")).await, PROTOCOL, "more of nothing");
    stage.end().await;
}

/// Signs of life between its pieces do not buy a message more time.
#[tokio::test]
async fn f6_a_message_must_be_whole_in_time() {
    let limits = Limits { silence_ms: 1_500, ping_ms: 100, ..Limits::default() };
    let stage = Stage::with(limits).await;
    let mut slow = stage.guest(Codec::Json).await;
    slow.send(&frame(FIRST_TEXT, b"{")).await;
    let mut code = None;
    while let Some((first, payload)) = slow.next().await {
        match first {
            PING => slow.send(&frame(PONG, &payload)).await,
            CLOSE => code = payload.first_chunk().map(|code| u16::from_be_bytes(*code)),
            _ => {}
        }
    }
    assert_eq!(code, Some(CloseCode::Silent.code()));
    stage.running.server.stop().await;
}

/// Compression is not spoken: an offer is passed over, and what comes compressed is refused.
#[tokio::test]
async fn f7_compressed_frames_are_refused() {
    let stage = Stage::open().await;
    let offer = "sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n";
    let address = stage.running.address();
    let mut socket = RawSocket::open(address, &stage.path, Codec::Json, offer).await;
    assert!(!socket.head.to_lowercase().contains("extensions"), "{}", socket.head);
    // A bomb of a thousand to one, and the hello that it might have been.
    socket.send(&frame(TEXT | 0x40, &[0xaa; 1_000])).await;
    assert_eq!(socket.close_code().await, PROTOCOL);
    stage.end().await;
}

#[tokio::test]
async fn f8_text_must_be_utf8_and_of_the_codecs_kind() {
    let stage = Stage::open().await;
    for bytes in [&b"\xff"[..], b"\xc0\x80", b"{\"\xed\xa0\x80\":1}", b"\xf4\x90\x80\x80"] {
        let code = stage.ends(Codec::Json, &frame(TEXT, bytes)).await;
        assert_eq!(code, Some(CloseCode::NotUtf8.code()), "{bytes:x?}");
    }
    let wrong_kind = Some(CloseCode::WrongKind.code());
    assert_eq!(stage.ends(Codec::Msgpack, &frame(TEXT, b"{}")).await, wrong_kind);
    assert_eq!(stage.ends(Codec::Json, &frame(BINARY, b"{}")).await, wrong_kind);
    stage.end().await;
}

#[tokio::test]
async fn f9_a_flood_of_control_frames_ends_its_socket() {
    let stage = Stage::open().await;
    for kind in [PING, PONG] {
        let mut socket = stage.guest(Codec::Json).await;
        socket.send(&frame(kind, b"unasked").repeat(60)).await;
        socket.send(&ping(Codec::Json)).await;
        while !is_pong(&socket.until(TEXT).await) {}
        socket.send(&frame(kind, b"unasked").repeat(3_000)).await;
        assert_eq!(socket.close_code().await, Some(CloseCode::Policy.code()), "{kind:x}");
    }
    stage.end().await;
}

#[tokio::test]
async fn f10_a_close_is_answered_whatever_is_in_it() {
    let stage = Stage::open().await;
    for code in [1000_u16, 1001, 1011, 3000, 4999] {
        let answer = stage.ends(Codec::Json, &frame(CLOSE, &code.to_be_bytes())).await;
        assert_eq!(answer, Some(code), "the code comes back");
    }
    assert_eq!(stage.ends(Codec::Json, &frame(CLOSE, b"")).await, Some(1005));
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] {
        let answer = stage.ends(Codec::Json, &frame(CLOSE, &code.to_be_bytes())).await;
        assert_eq!(answer, PROTOCOL, "{code}");
    }
    assert_eq!(stage.ends(Codec::Json, &frame(CLOSE, b"\x03")).await, PROTOCOL, "half a code");
    let reason = frame(CLOSE, b"\x03\xe8\xff\xfe");
    assert_eq!(stage.ends(Codec::Json, &reason).await, Some(CloseCode::NotUtf8.code()));
    let after = [frame(CLOSE, &1000_u16.to_be_bytes()), ping(Codec::Json)].concat();
    let mut socket = stage.guest(Codec::Json).await;
    socket.send(&after).await;
    while let Some((first, payload)) = socket.next().await {
        assert!(!is_pong(&payload), "{first:x}: it was over");
    }
    stage.end().await;
}

#[tokio::test]
async fn f11_a_frame_cut_off_or_masked_wrongly_ends_its_socket_alone() {
    let stage = Stage::open().await;
    for codec in Codec::ALL {
        let whole = ping(codec);
        for cut in 0..whole.len() {
            let mut socket = stage.guest(codec).await;
            socket.send(&whole[..cut]).await;
            socket.send_no_more().await;
            let heard = socket.close_code().await;
            assert!(heard.is_none_or(|code| code == 1002), "cut at {cut}: {heard:?}");
        }
        for at in 2..6 {
            let mut wrong = whole.clone();
            wrong[at] ^= 0xff;
            let code = stage.ends(codec, &wrong).await;
            let readable = [CloseCode::BadFrame, CloseCode::NotUtf8].map(|c| Some(c.code()));
            assert!(readable.contains(&code), "mask byte {}: {code:?}", at - 2);
        }
    }
    stage.end().await;
}
