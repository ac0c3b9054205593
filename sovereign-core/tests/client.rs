//! The client against a server's session, over lines that break: its copy is the game's, and
//! every order is carried out once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use sovereign_core::bot::{self, Bot};
use sovereign_core::client::{Answered, Client, ClientError, Move, Next, Token};
use sovereign_core::command::Spawn;
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::testing::{Chaos, hectic_rules};
use sovereign_core::wire::{Codec, FromClient, Resume, ToClient, Welcome};
use sovereign_core::{Command, Delta, Game, Map, Order, Phase, Rules, Seed, Session, SystemOrder};

const ME: PlayerId = PlayerId(0);
/// Frames that the server keeps for those who come back.
const KEPT: usize = 40;

fn setting() -> (Arc<Map>, Arc<Rules>) {
    (Arc::new(Map::shipped("classic").expect("shipped")), Arc::new(hectic_rules()))
}

/// A server of one game, with one connection.
struct Server {
    session: Session,
    epoch: u64,
    kept: VecDeque<ToClient>,
    inbox: Vec<(u32, Command)>,
    connected: bool,
    /// On the line, in each direction.
    to_client: VecDeque<ToClient>,
    to_server: VecDeque<FromClient>,
    /// How often each order was carried out.
    done: BTreeMap<u32, u32>,
}

impl Server {
    fn new() -> Self {
        let (map, rules) = setting();
        let mut session = Session::new(Game::new(map, rules, Seed::from(5), 2).expect("it fits"));
        let join = |n, bot| SystemOrder::Join { player: PlayerId(n), bot, team: 0 };
        let start = [join(0, false), join(1, true), SystemOrder::Start].map(Order::System);
        session.step(start.into());
        Self {
            session,
            epoch: 1,
            kept: VecDeque::new(),
            inbox: Vec::new(),
            connected: false,
            to_client: VecDeque::new(),
            to_server: VecDeque::new(),
            done: BTreeMap::new(),
        }
    }

    fn say(&mut self, message: ToClient) {
        if self.connected {
            self.to_client.push_back(message);
        }
    }

    fn break_line(&mut self) {
        self.connected = false;
        self.to_client.clear();
        self.to_server.clear();
    }

    fn hear(&mut self) {
        while let Some(message) = self.to_server.pop_front() {
            match message {
                FromClient::Hello { token, resume } => {
                    assert!(token.is_some());
                    self.greet(resume);
                }
                FromClient::Order { seq, command } => self.inbox.push((seq, command)),
                other => panic!("{other:?}"),
            }
        }
    }

    fn greet(&mut self, resume: Option<Resume>) {
        self.connected = true;
        let game = self.session.game();
        let (last_seq, answers) = self.session.answers(ME);
        let welcome = Welcome::watcher(game, "g".into(), self.epoch, 50);
        let welcome = Welcome { you: Some(ME), last_seq, answers, ..welcome };
        let own = game.view(Some(ME)).own();
        self.say(ToClient::Welcome(Box::new(welcome)));
        let after = |message: &ToClient| {
            matches!(message, ToClient::Delta { delta, .. }
                if resume.is_some_and(|resume| delta.tick > resume.tick))
        };
        let oldest = self.kept.front().and_then(tick_of);
        let missing =
            resume.is_none_or(|resume| oldest.is_none_or(|tick| tick > resume.tick.after(1)));
        let epoch = self.epoch;
        if missing {
            self.say(ToClient::Snapshot { epoch, delta: self.session.full_delta() });
        } else {
            let kept: Vec<_> = self.kept.iter().filter(|message| after(message)).cloned().collect();
            kept.into_iter().for_each(|message| self.say(message));
        }
        let tick = self.session.game().tick();
        self.say(ToClient::Tail { epoch, tick, answers: Vec::new(), own, events: Vec::new() });
    }

    /// A tick passes, with what has arrived and what others wish.
    fn step(&mut self, others: Vec<Order>) {
        let mine = std::mem::take(&mut self.inbox).into_iter();
        let mine = mine.map(|(seq, command)| Order::Player { player: ME, seq, command });
        let step = self.session.step(mine.chain(others).collect());
        for order in &step.batch.orders {
            if let Order::Player { player: ME, seq, .. } = order {
                *self.done.entry(*seq).or_default() += 1;
            }
        }
        let (epoch, delta) = (self.epoch, self.session.news().delta);
        let tick = delta.tick;
        let message = ToClient::Delta { epoch, delta };
        self.kept.push_back(message.clone());
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        self.say(message);
        let own = self.session.game().view(Some(ME)).own();
        let answers =
            step.answers.into_iter().filter(|(player, _)| *player == ME).map(|(_, a)| a).collect();
        self.say(ToClient::Tail { epoch, tick, answers, own, events: Vec::new() });
    }
}

fn tick_of(message: &ToClient) -> Option<Tick> {
    match message {
        ToClient::Delta { delta, .. } => Some(delta.tick),
        _ => None,
    }
}

fn token() -> Token {
    Token { text: "t".into(), issued: 100, expires: 200 }
}

/// Over the wire and back.
fn sent(message: FromClient, codec: Codec) -> FromClient {
    let frame = message.encode(codec);
    FromClient::decode(frame.as_ref(), codec).expect("a client's own")
}

fn wishes(client: &Client, bot: &mut dyn Bot) -> Vec<Command> {
    let mut wishes = Vec::new();
    if let Some(view) = client.view() {
        bot.wake(&view, &mut wishes);
    }
    // Refused or not: every order must be answered.
    wishes.truncate(2);
    wishes.push(Command::Spawn(Spawn { territory: TerritoryId(9) }));
    wishes
}

/// Plays for so many ticks over lines that break, now and then, in the middle of things.
fn play(number: u64, ticks: u32) -> (Server, Client, BTreeMap<u32, Answered>) {
    let (mut server, codec) = (Server::new(), Codec::ALL[number as usize % 2]);
    let mut client = Client::new(setting().0, Some(token()), number);
    let mut bot = bot::by_name("expander", Seed::from(number)).expect("it ships");
    let (mut chaos, mut answers) = (Chaos::new(number), BTreeMap::new());
    for _ in 0..ticks {
        if !server.connected {
            client.connected();
        }
        let others = chaos.orders(server.session.game(), 1);
        let others = others.into_iter().filter(|order| matches!(order, Order::Bot { .. }));
        for command in wishes(&client, bot.as_mut()) {
            client.order(command);
        }
        while let Some(message) = client.say() {
            server.to_server.push_back(sent(message, codec));
        }
        // Some of what was said arrives before the line breaks, some does not.
        let breaks = chaos.dice().below(8) == 0;
        server.to_server.truncate(if breaks { chaos.dice().below(4) as usize } else { usize::MAX });
        server.hear();
        server.step(others.collect());
        let heard = if breaks { chaos.dice().below(4) as usize } else { usize::MAX };
        for _ in 0..heard.min(server.to_client.len()) {
            let message = server.to_client.pop_front().expect("counted");
            client.hear(&message).expect("it fits");
        }
        for answered in client.answered() {
            assert_eq!(answers.insert(answered.seq, answered), None, "answered once");
        }
        if breaks {
            server.break_line();
            assert!(matches!(client.lost(None, ""), Next::Reconnect { .. }));
        }
    }
    (server, client, answers)
}

#[test]
fn nothing_is_lost_on_lines_that_break() {
    let mut waited = 0;
    for number in 0..24 {
        let (mut server, mut client, mut answers) = play(number, 400);
        // The line holds, and all is said.
        for _ in 0..3 {
            if !server.connected {
                client.connected();
            }
            waited += client.waiting().count();
            while let Some(message) = client.say() {
                server.to_server.push_back(message);
            }
            server.hear();
            server.step(Vec::new());
            while let Some(message) = server.to_client.pop_front() {
                client.hear(&message).expect("it fits");
            }
            answers.extend(client.answered().into_iter().map(|answer| (answer.seq, answer)));
        }
        assert_eq!(client.waiting().count(), 0, "game {number}: all is answered");
        let delta: Delta = server.session.full_delta();
        assert_eq!(client.check(), Some(delta.check), "game {number}");
        let own = server.session.game().view(Some(ME)).own();
        assert_eq!(client.view().and_then(|view| view.own()), own, "game {number}");
        for (seq, answered) in &answers {
            let done = server.done.get(seq).copied().unwrap_or_default();
            assert_eq!(done, u32::from(answered.result.is_ok()), "game {number}: {answered:?}");
        }
        assert!(server.done.len() > 5, "game {number}: it plays");
    }
    assert!(waited > 0, "some orders were lost on the way and sent again");
}

fn welcomed() -> Client {
    let (mut server, mut client) = (Server::new(), Client::new(setting().0, Some(token()), 1));
    client.connected();
    server.to_server.extend(client.say());
    server.hear();
    while let Some(message) = server.to_client.pop_front() {
        client.hear(&message).expect("it fits");
    }
    client
}

#[test]
fn no_two_clients_of_a_player_give_an_order_the_same_number() {
    let mut server = Server::new();
    let mut first = [0, 0];
    for (number, first) in (1..).zip(&mut first) {
        // As pages that are loaded one after the other, before anything is carried out.
        let mut client = Client::new(setting().0, Some(token()), number);
        for is_first in [true, false] {
            client.connected();
            server.to_server.extend(client.say());
            server.hear();
            while let Some(message) = server.to_client.pop_front() {
                client.hear(&message).expect("it fits");
            }
            let seq = client.order(Command::Spawn(Spawn { territory: TerritoryId(9) }));
            assert_eq!(seq, if is_first { seq } else { *first + 1 }, "left free but once");
            *first = seq;
            server.break_line();
            client.lost(None, "");
        }
    }
    let [one, two] = first;
    assert!(one > 64 && two > 64 && one.abs_diff(two) > 2, "{first:?}");
}

#[test]
fn a_token_is_renewed_in_the_connection_and_for_the_next() {
    let mut client = welcomed();
    assert_eq!(client.renew_at(), Some(150));
    client.renew(Token { text: "u".into(), issued: 150, expires: 350 });
    assert_eq!(client.say(), Some(FromClient::Renew { token: "u".into() }));
    assert_eq!(client.renew_at(), Some(250));
    assert!(matches!(client.lost(Some(4001), "auth"), Next::Renew { .. }));
    client.renew(Token { text: "v".into(), issued: 160, expires: 360 });
    assert_eq!(client.say(), None, "without a connection nothing is said");
    client.connected();
    let resume = client.heard();
    assert!(resume.is_some());
    assert_eq!(client.say(), Some(FromClient::Hello { token: Some("v".into()), resume }));
}

#[test]
fn what_does_not_fit_is_told_and_old_epochs_are_passed_over() {
    let mut client = welcomed();
    let check = client.check();
    let odd = |epoch| ToClient::Delta { epoch, delta: Delta { tick: Tick(9), ..Delta::default() } };
    assert_eq!(client.hear(&odd(0)), Ok(()), "an old epoch");
    assert_eq!(client.check(), check);
    assert!(matches!(client.hear(&odd(2)), Err(ClientError::Mirror(_))));
    assert_eq!(client.heard(), None, "the next connection begins with a snapshot");
    let mut early = Client::new(setting().0, None, 1);
    assert_eq!(early.hear(&odd(1)), Err(ClientError::Early("delta")));
    let (_, rules) = setting();
    let other = Arc::new(Map::shipped("world").expect("shipped"));
    let game = Game::new(other, rules, Seed::from(1), 2).expect("it fits");
    let welcome = Welcome::watcher(&game, "g".into(), 1, 50);
    let refused = early.hear(&ToClient::Welcome(Box::new(welcome)));
    assert!(matches!(refused, Err(ClientError::Map { name, .. }) if name == "world"));
    assert_eq!(client.view().map(|view| view.game().phase), Some(Phase::Spawn));
}

#[test]
fn a_second_socket_takes_over_from_the_first_without_a_gap() {
    let (mut server, mut client) = (Server::new(), Client::new(setting().0, Some(token()), 1));
    client.connected();
    server.to_server.extend(client.say());
    server.hear();
    let waiting = |server: &mut Server, client: &mut Client| {
        server.step(Vec::new());
        while let Some(message) = server.to_client.pop_front() {
            client.hear(&message).expect("it fits");
        }
    };
    waiting(&mut server, &mut client);
    let url = Some("https://n2.play.example".to_owned());
    let migrate = ToClient::Migrate { url: url.clone(), closes_s: Some(10) };
    client.hear(&migrate).expect("it fits");
    assert_eq!(client.migrate(), Some(Move { url, closes_s: Some(10) }));
    assert_eq!(client.migrate(), None);
    let FromClient::Hello { resume, token: Some(_) } = client.hello() else { panic!("a hello") };
    // What the first one still brings is taken, and an order goes out on it.
    waiting(&mut server, &mut client);
    let seq = client.order(Command::Spawn(Spawn { territory: TerritoryId(9) }));
    waiting(&mut server, &mut client);
    let before = client.heard();
    assert_ne!(before, resume);
    server.greet(resume);
    server.step(Vec::new());
    let welcome = server.to_client.front().expect("a welcome").clone();
    assert!(client.moved(&welcome));
    let mut fresh = 0;
    // What an owner before the present one still says changes nothing of that.
    client.hear(&ToClient::Heartbeat { epoch: 0, tick: Tick(1) }).expect("it is passed over");
    while let Some(message) = server.to_client.pop_front() {
        let heard = client.heard();
        client.hear(&message).expect("it fits");
        fresh += u32::from(client.heard() != heard);
    }
    assert_eq!(fresh, 1, "what both brought is taken once");
    assert_eq!(client.check(), Some(server.session.full_delta().check));
    // The order is sent again, since its answer has not come.
    assert!(matches!(client.say(), Some(FromClient::Order { seq: again, .. }) if again == seq));
}

/// A node that another has overtaken shows what nobody takes in who knows of that one, and may
/// then pass the socket on as if it had been taken in.
#[test]
fn what_was_heard_is_not_taken_again_though_the_server_does_not_know() {
    let (mut server, mut client) = (Server::new(), Client::new(setting().0, Some(token()), 1));
    client.connected();
    server.to_server.extend(client.say());
    server.hear();
    let mut before = None;
    for _ in 0..3 {
        server.step(Vec::new());
        while let Some(message) = server.to_client.pop_front() {
            before = before.or_else(|| client.heard());
            client.hear(&message).expect("it fits");
        }
    }
    assert!(before.is_some() && client.heard() != before);
    client.lost(None, "");
    client.connected();
    server.greet(before);
    server.step(Vec::new());
    while let Some(message) = server.to_client.pop_front() {
        client.hear(&message).expect("it fits");
    }
    assert_eq!(client.check(), Some(server.session.full_delta().check));
}
