//! One of each message, with everything in it that it can hold.

use sovereign_core::command::{
    AnswerAlliance, Attack, BreakAlliance, Build, Demolish, Deploy, DonateGold, Embargo, EndTurn,
    ExtendAlliance, Move, OfferDraw, ProposeAlliance, Retreat, Spawn, Strike, Supply, Surrender,
};
use sovereign_core::event::{
    Army, ArmyChange, Battle, BattleChange, EndReason, GameState, PactChange, PlayerChange,
    Purpose, Site, TerritoryChange, Turn,
};
use sovereign_core::id::{ArmyId, PlayerId, TerritoryId};
use sovereign_core::quantity::{Permille, Tick};
use sovereign_core::rules::RulesDraft;
use sovereign_core::testing::hectic_rules;
use sovereign_core::view::{Own, Proposal, Reload, SupplyLine};
use sovereign_core::wire::{
    FromClient, PauseReason, Resume, SeatName, SocialKind, ToClient, Welcome,
};
use sovereign_core::{
    Answer, Command, Delta, Event, Phase, Presence, Reject, Seat, Standing, Structure,
};

/// What a client can say, each with a name.
pub(crate) fn from_client() -> Vec<(&'static str, FromClient)> {
    let mut samples = vec![
        ("hello", FromClient::Hello { token: Some("eyJhbGciOi".into()), resume: None }),
        (
            "hello-resume",
            FromClient::Hello {
                token: Some("eyJhbGciOi".into()),
                resume: Some(Resume { epoch: 1, tick: Tick(1200) }),
            },
        ),
        ("hello-spectator", FromClient::Hello { token: None, resume: None }),
        ("quick_chat", FromClient::QuickChat { phrase: 7, to: Some(PlayerId(2)) }),
        ("emoji", FromClient::Emoji { emoji: 0, to: None }),
        ("mark", FromClient::Mark { territory: TerritoryId(17), to: None }),
        ("chat", FromClient::Chat { text: "Grüß dich 👋".into(), to: None, allies: true }),
        (
            "chat-whisper",
            FromClient::Chat { text: "north?".into(), to: Some(PlayerId(2)), allies: false },
        ),
        ("mute", FromClient::Mute { player: PlayerId(2), on: true }),
        ("ping", FromClient::Ping { nonce: 4_000_000_000 }),
        ("watch", FromClient::Watch { from: Some(Tick(600)), speed: 4000 }),
        ("watch-pause", FromClient::Watch { from: None, speed: 0 }),
        ("renew", FromClient::Renew { token: "eyJ0eXAi.eyJpc3Mi.c2ln".into() }),
    ];
    samples.extend(commands().map(|(name, seq, command)| {
        let order = FromClient::Order { seq, command };
        (name, order)
    }));
    samples
}

fn commands() -> impl Iterator<Item = (&'static str, u32, Command)> {
    let [three, four] = [TerritoryId(3), TerritoryId(4)];
    [
        ("order-spawn", Command::Spawn(Spawn { territory: TerritoryId(300) })),
        ("order-attack", Command::Attack(Attack { from: three, to: four, troops: 50.into() })),
        (
            "order-attack-share",
            Command::Attack(Attack { from: three, to: four, troops: Permille(500).into() }),
        ),
        ("order-move", Command::Move(Move { from: four, to: three, troops: 1000.into() })),
        ("order-retreat", Command::Retreat(Retreat { army: ArmyId(12) })),
        ("order-build", Command::Build(Build { territory: three, structure: Structure::City })),
        ("order-demolish", Command::Demolish(Demolish { territory: three })),
        ("order-strike", Command::Strike(Strike { from: three, target: four })),
        ("order-supply", Command::Supply(Supply { from: three, to: Some(four) })),
        ("order-supply-none", Command::Supply(Supply { from: three, to: None })),
        ("order-propose_alliance", Command::ProposeAlliance(ProposeAlliance { to: PlayerId(1) })),
        (
            "order-answer_alliance",
            Command::AnswerAlliance(AnswerAlliance { from: PlayerId(1), accept: true }),
        ),
        ("order-extend_alliance", Command::ExtendAlliance(ExtendAlliance { with: PlayerId(1) })),
        ("order-break_alliance", Command::BreakAlliance(BreakAlliance { with: PlayerId(1) })),
        ("order-embargo", Command::Embargo(Embargo { with: PlayerId(1), on: true })),
        (
            "order-donate_gold",
            Command::DonateGold(DonateGold { to: PlayerId(1), amount: 5_000_000_000 }),
        ),
        ("order-offer_draw", Command::OfferDraw(OfferDraw {})),
        ("order-surrender", Command::Surrender(Surrender {})),
        ("order-deploy", Command::Deploy(Deploy { territory: three, troops: 5.into() })),
        ("order-end_turn", Command::EndTurn(EndTurn {})),
    ]
    .into_iter()
    .zip(6..)
    .map(|((name, command), seq)| (name, seq, command))
}

/// What a server can say, each with a name.
pub(crate) fn to_client() -> Vec<(&'static str, ToClient)> {
    let epoch = 1;
    vec![
        ("welcome", ToClient::Welcome(Box::new(welcome()))),
        ("snapshot", ToClient::Snapshot { epoch, delta: snapshot() }),
        ("delta", ToClient::Delta { epoch, delta: delta() }),
        ("delta-events", ToClient::Delta { epoch, delta: all_events() }),
        ("tail", tail()),
        ("heartbeat", ToClient::Heartbeat { epoch, tick: Tick(1240) }),
        ("paused", ToClient::Paused { epoch, reason: PauseReason::Storage }),
        ("resumed", ToClient::Resumed { epoch: 2, tick: Tick(1240) }),
        ("names", ToClient::Names { names: names() }),
        (
            "social",
            ToClient::Social { from: PlayerId(2), to: None, kind: SocialKind::QuickChat, index: 1 },
        ),
        (
            "social-mark",
            ToClient::Social {
                from: PlayerId(2),
                to: Some(PlayerId(0)),
                kind: SocialKind::Mark,
                index: 17,
            },
        ),
        ("chat", chat(Some(2), None)),
        ("chat-spectator", chat(None, Some("Grace"))),
        ("pong", ToClient::Pong { nonce: 4_000_000_000 }),
        ("renewed", ToClient::Renewed { expires: 1_795_435_997 }),
        ("migrate", ToClient::Migrate { url: None, closes_s: Some(10) }),
        (
            "migrate-url",
            ToClient::Migrate { url: Some("https://n2.play.example".into()), closes_s: None },
        ),
        (
            "notice",
            ToClient::Notice {
                code: "rate_limited".into(),
                message: "more than 20 messages a second: this one was dropped".into(),
            },
        ),
    ]
}

fn chat(from: Option<u16>, name: Option<&str>) -> ToClient {
    let (from, name) = (from.map(PlayerId), name.map(Into::into));
    ToClient::Chat { from, name, to: None, allies: false, text: "<b>hi</b> 👋".into() }
}

fn names() -> Vec<SeatName> {
    let seat =
        |player, name: &str, bot| SeatName { player: PlayerId(player), name: name.into(), bot };
    vec![seat(0, "Ada", false), seat(1, "expander", true)]
}

fn welcome() -> Welcome {
    let hash = "0123456789abcdef".repeat(4);
    Welcome {
        epoch: 1,
        game: "0192f0c1-7a3b-7c4d-8e5f-0123456789ab".into(),
        you: Some(PlayerId(0)),
        seats: 2,
        map: "classic".into(),
        map_hash: hash.parse().expect("64 hexadecimal digits"),
        rules: RulesDraft::clone(&hectic_rules()),
        tick_ms: 50,
        seed_commitment: hash,
        last_seq: 7,
        answers: vec![Answer { seq: 7, result: Ok(Tick(120)) }],
        names: names(),
        replay_end: None,
    }
}

fn site(structure: Option<Structure>, ready: Option<u32>, still: bool, away: u32) -> Option<Site> {
    let level = if structure.is_some() { 2 } else { 0 };
    Some(Site {
        structure,
        level,
        ready: ready.map(Tick),
        still,
        fallout: still,
        capital: still,
        away,
    })
}

fn territory(id: u32, troops: u32, since: u32) -> TerritoryChange {
    let (id, since) = (TerritoryId(id), Tick(since));
    TerritoryChange { id, troops, since, owner: None, site: None }
}

fn player(id: u16, standing: Standing) -> PlayerChange {
    PlayerChange {
        id: PlayerId(id),
        seat: if id == 0 { Seat::Person } else { Seat::Bot },
        standing,
        presence: Presence::Here,
        team: 0,
        place: 0,
        ended: Tick(0),
        traitor_until: Tick(0),
        draw_until: Tick(0),
        heir: None,
        order: 0,
    }
}

fn army(id: u32, owner: u16, purpose: Purpose, fighting: bool) -> ArmyChange {
    let army = Army {
        owner: PlayerId(owner),
        purpose,
        fighting,
        troops: 60,
        from: TerritoryId(3),
        to: TerritoryId(4),
        departed: Tick(1190),
        arrives: Tick(1214),
    };
    ArmyChange { id: ArmyId(id), army: Some(army) }
}

fn snapshot() -> Delta {
    Delta {
        tick: Tick(1200),
        territories: vec![
            TerritoryChange {
                owner: Some(Some(PlayerId(0))),
                site: site(Some(Structure::City), None, false, 60),
                ..territory(3, 145, 1190)
            },
            TerritoryChange { owner: Some(Some(PlayerId(1))), ..territory(4, 33, 1100) },
            TerritoryChange { site: site(None, None, true, 0), ..territory(20, 12, 1200) },
        ],
        players: vec![player(0, Standing::Playing), player(1, Standing::Playing)],
        armies: vec![army(0, 0, Purpose::Attack, false)],
        battles: vec![BattleChange {
            territory: TerritoryId(20),
            battle: Some(Battle { began: Tick(1188), next_round: Tick(1204) }),
        }],
        pacts: vec![PactChange {
            a: PlayerId(0),
            b: PlayerId(1),
            until: Some(Tick(4800)),
            embargo: 0,
        }],
        game: Some(GameState {
            phase: Phase::Playing,
            paused: true,
            until: None,
            started: Tick(400),
            lowered: 2,
            winner: None,
            reason: None,
            turn: None,
        }),
        events: vec![],
        check: 0x1234_5678,
    }
}

fn delta() -> Delta {
    Delta {
        tick: Tick(1214),
        territories: vec![
            territory(3, 147, 1214),
            TerritoryChange {
                owner: Some(None),
                site: site(Some(Structure::Fort), Some(1364), true, 300),
                ..territory(4, 33, 1214)
            },
            TerritoryChange { owner: Some(Some(PlayerId(0))), ..territory(20, 11, 1214) },
        ],
        players: vec![PlayerChange {
            place: 2,
            ended: Tick(1214),
            traitor_until: Tick(1800),
            presence: Presence::TakenOver,
            team: 2,
            draw_until: Tick(1300),
            heir: Some(PlayerId(0)),
            order: 2,
            ..player(1, Standing::Eliminated)
        }],
        armies: vec![army(0, 0, Purpose::Return, true), ArmyChange { id: ArmyId(1), army: None }],
        battles: vec![BattleChange { territory: TerritoryId(20), battle: None }],
        pacts: vec![PactChange { a: PlayerId(0), b: PlayerId(1), until: None, embargo: 2 }],
        game: Some(GameState {
            lowered: 0,
            phase: Phase::Finished,
            paused: false,
            until: None,
            started: Tick(400),
            winner: Some(PlayerId(0)),
            reason: Some(EndReason::LastStanding),
            turn: Some(Turn { player: PlayerId(1), round: 3, until: Some(Tick(2400)), moves: 1 }),
        }),
        events: vec![Event::Captured {
            territory: TerritoryId(20),
            by: PlayerId(0),
            from: Some(PlayerId(1)),
        }],
        check: 0xfedc_ba98,
    }
}

fn all_events() -> Delta {
    let [a, b] = [PlayerId(0), PlayerId(1)];
    let territory = TerritoryId(20);
    let events = vec![
        Event::PhaseBegan { phase: Phase::Spawn },
        Event::Spawned { player: a, territory },
        Event::BattleBegan { territory, attacker: a },
        Event::AttackRepelled { territory },
        Event::Captured { territory, by: a, from: None },
        Event::Built { territory, structure: Structure::Port, level: 2 },
        Event::ArmiesMet { from: TerritoryId(3), to: territory, winner: a, loser: b, left: 40 },
        Event::Struck { by: a, target: territory, from: Some(b) },
        Event::StrikeIntercepted { by: a, target: territory, territory },
        Event::PocketSurrendered { territory, by: a, from: b },
        Event::Demolished { territory, structure: Structure::Silo },
        Event::AllianceFormed { a, b },
        Event::AllianceEnded { a, b },
        Event::AllianceExtended { a, b },
        Event::AllianceBroken { by: b, with: a, traitor: true },
        Event::EmbargoChanged { by: a, with: b, on: true },
        Event::Ceded { from: b, to: a },
        Event::BarLowered { share: Permille(700) },
        Event::DrawOffered { player: a },
        Event::PlayerKicked { player: b },
        Event::Paused,
        Event::Resumed,
        Event::PlayerAway { player: a },
        Event::PlayerTakenOver { player: a },
        Event::TurnBegan { player: b, round: 3 },
        Event::Deployed { territory: TerritoryId(3), player: b, troops: 5 },
        Event::PlayerBack { player: a },
        Event::PlayerOut { player: b, place: 2, surrendered: true },
        Event::GameEnded { winner: Some(a), reason: EndReason::Land },
    ];
    Delta { tick: Tick(1220), events, check: 1, ..Delta::default() }
}

fn tail() -> ToClient {
    let [me, other] = [PlayerId(0), PlayerId(1)];
    ToClient::Tail {
        epoch: 1,
        tick: Tick(1214),
        answers: vec![
            Answer { seq: 8, result: Ok(Tick(1214)) },
            Answer { seq: 9, result: Err(Reject::NotEnoughGold { needed: 100, available: 40 }) },
            Answer { seq: 3, result: Err(Reject::Superseded) },
        ],
        own: Some(Own {
            gold: 140,
            gold_since: Tick(1214),
            income: 40_000,
            gives_at: Tick(1800),
            supplies: vec![SupplyLine { from: TerritoryId(3), to: TerritoryId(4) }],
            reloads: vec![Reload { territory: TerritoryId(7), until: Tick(2400) }],
            reserve: 7,
            levy: 1500,
            proposals: vec![Proposal { with: other, incoming: true, until: Tick(1614) }],
        }),
        events: vec![
            Event::AllianceProposed { from: other, to: me },
            Event::ProposalEnded { from: me, to: other, refused: true },
            Event::ExtensionAsked { from: other, to: me },
            Event::GoldDonated { from: me, to: other, amount: 25 },
            Event::SupplyEnded { player: me, from: TerritoryId(3), to: TerritoryId(4) },
        ],
    }
}
