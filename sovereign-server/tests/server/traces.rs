//! Traces, received as a collector receives them.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use sovereign_core::wire::Codec;
use sovereign_server::app::Server;
use sovereign_server::config::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::client::Client;
use crate::http_client::PATIENCE;
use crate::play::spawn;
use crate::running::{config, guest, post};

/// Takes one batch of spans.
async fn receive(listener: &TcpListener) -> (String, ExportTraceServiceRequest) {
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.expect("a batch").unwrap();
    let mut bytes = Vec::new();
    let end = loop {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "a whole request");
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap();
    let length: usize = length.parse().unwrap();
    while bytes.len() < end + length {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "a whole body");
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    (head, ExportTraceServiceRequest::decode(&bytes[end..end + length]).unwrap())
}

fn spans(batch: &ExportTraceServiceRequest) -> Vec<Span> {
    let scopes = batch.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| scope.spans.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_traced_from_its_frame_to_the_broadcast() {
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = config(folder.path(), Limits::default());
    let endpoint = format!("http://{}/v1/traces", collector.local_addr().unwrap());
    settings.telemetry.otlp_endpoint = Some(endpoint);
    settings.telemetry.otlp_sample_permille = 1_000;
    let server = Server::start(settings).await.unwrap();
    let ada = guest(server.public, "Kanarie").await;
    let wish = serde_json::json!({ "map": "classic", "bots": ["random"], "start": true });
    let game = post(server.public, "/v1/games", &ada, wish).await.json();
    let game = game["id"].as_str().unwrap();
    let mut client = Client::connect(server.public, game, Some(&ada.token), Codec::Json).await;
    client.ready().await;
    client.order(1, spawn(client.free_land())).await;
    client.answer(1).await;
    let (stopped, (head, batch)) = tokio::join!(server.stop(), receive(&collector));
    let () = stopped;
    assert!(
        head.starts_with("post /v1/traces") && head.contains("application/x-protobuf"),
        "{head}"
    );
    let spans = spans(&batch);
    let names: BTreeMap<&str, &Span> = spans.iter().map(|s| (s.name.as_str(), s)).collect();
    let known: Vec<&str> = names.keys().copied().collect();
    assert_eq!(known, ["append", "broadcast", "order", "tick", "wait"]);
    let order = names["order"];
    for step in ["wait", "tick", "append", "broadcast"].map(|name| names[name]) {
        assert_eq!((&step.trace_id, &step.parent_span_id), (&order.trace_id, &order.span_id));
        assert!(step.start_time_unix_nano <= step.end_time_unix_nano, "{}", step.name);
    }
    assert!(names["append"].start_time_unix_nano >= order.start_time_unix_nano);
    let told = format!("{batch:?}");
    for hidden in ["Kanarie", game, &ada.account, &ada.token, "127.0.0.1"] {
        assert!(!told.contains(hidden), "{hidden} in {told}");
    }
}
