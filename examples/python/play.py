"""Plays a whole game on a server, written from docs/protocol.md: python3 play.py http://localhost:8080 [RULES.toml]

It comes back when the line breaks (and breaks it once itself: nothing is lost), renews its token in time, and takes turns
where the rules have them. It attacks whoever was weak when last heard of; for an exact copy of a game see mirror.py.
"""

import asyncio
import gzip
import json
import sys
import time
import urllib.request

import msgpack
import websockets

STAY_AWAY = {1000, 1003, 1009, 4000, 4003, 4004, 4005, 4006, 4011}


def request(url, body=None, token=""):  # An HTTP request with JSON: section 1
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        return json.load(answer)


def varints(column):  # Unsigned numbers in groups of seven bits, the lowest first: section 6
    value = shift = 0
    for byte in column:
        value, shift = value | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            yield value
            value = shift = 0


class Player:
    def __init__(self, url, game, grant):
        self.url, self.game, self.grant, self.got = url, game, grant, time.time()
        board = request(f"{url}/v1/maps/{game['map']}")
        self.terrain = [land.get("terrain", "plains") for land in board["territories"]]
        self.open = [name != "impassable" for name in self.terrain]
        edges = [edge for edge in board["edges"] if edge.get("kind") != "sea"]
        self.ways = [(e["a"], e["b"]) for e in edges] + [(e["b"], e["a"]) for e in edges if not e.get("one_way")]
        self.phase, self.turn, self.end, self.reserve, self.looked = None, None, None, 0, 0
        self.epoch, self.heard, self.seq, self.waiting, self.answers, self.breaks = 0, None, 0, {}, 0, True

    async def play(self):  # Connects until the game is over: sections 10 and 11
        while not self.end:
            try:
                address = f"ws{self.url[4:]}/v1/games/{self.game['id']}/ws"
                async with websockets.connect(address, subprotocols=["sovereign.v1.msgpack"]) as self.socket:
                    await self.say("hello", self.grant["token"], self.heard)
                    await self.converse()
            except (websockets.ConnectionClosed, OSError) as error:
                code = getattr(getattr(error, "rcvd", None), "code", None)
                if code in STAY_AWAY:
                    raise
                print(f"the line is broken ({code}), and we come back")
                self.refresh() if code == 4001 else None
                await asyncio.sleep(0.5)

    async def say(self, name, *fields):
        await self.socket.send(msgpack.packb({name: fields}))

    def refresh(self):  # The next access token: accounts.md
        self.grant = request(f"{self.url}/v1/auth/refresh", {"refresh_token": self.grant["refresh_token"]})
        self.got = time.time()

    async def converse(self):
        async for frame in self.socket:
            ((kind, body),) = msgpack.unpackb(gzip.decompress(frame[1:]) if frame[0] else frame[1:]).items()
            self.take(kind, body)
            if self.end:
                return
            if self.breaks and self.answers >= 2:  # once, to show that nothing is lost
                self.breaks = False
                raise OSError("cut on purpose")
            if time.time() > (self.got + self.grant["expires"]) / 2:
                self.refresh()
                await self.say("renew", self.grant["token"])
            orders = sorted(self.waiting.items()) if kind == "welcome" else self.look()
            for self.seq, command in orders:
                self.waiting[self.seq] = command
                await self.say("order", self.seq, command)

    def take(self, kind, body):  # Takes in a message: sections 4 and 5
        if kind in ("notice", "renewed"):
            print(kind, *body)
        if kind not in ("welcome", "snapshot", "delta", "tail", "heartbeat") or body[0] < self.epoch:
            return
        self.epoch = body[0]
        if kind == "welcome":
            self.you, self.rules, self.seq = body[2], body[6], max(self.seq or 64 + time.time_ns() % 65536 + body[9], body[9])
        for seq, _, refused, message in {"welcome": body[10:11], "tail": body[2:3]}.get(kind, [[]])[0]:
            if self.waiting.pop(seq, None):
                self.answers += 1
                print(f"refused: {message}" if refused else f"order {seq} is carried out")
        if kind == "tail" and body[3]:
            self.reserve = body[3][7]
        if kind in ("snapshot", "delta", "heartbeat"):
            self.heard = [body[0], body[1] if kind == "heartbeat" else self.change(kind, *body[1])]

    def change(self, kind, tick, lands, players, armies, battles, pacts, game, events, check):  # sections 5 to 7
        if kind == "snapshot":
            self.owner, self.armies = [None] * len(self.terrain), {}
            self.troops = [self.rules["terrain"].get(name, {}).get("garrison", 0) for name in self.terrain]
        ids, troops, owners, *_ = lands or [b"", b"", b""]
        after, changed, count = 0, [], len(list(varints(ids)))
        for i, (gap, strength) in enumerate(zip(varints(ids), varints(troops))):
            self.troops[after + gap], after = strength, after + gap + 1
            changed += [after - 1] if owners and owners[i // 8] >> i % 8 & 1 else []
        for land, owner in zip(changed, varints(owners[(count + 7) // 8:])):
            self.owner[land] = owner - 1 if owner else None
        self.armies.update(armies)
        if game:
            self.phase, self.turn, self.end = game[0], game[7], game if game[0] == "finished" else None
        return tick

    def look(self):  # What to do, once a second: section 3
        if self.waiting or self.heard is None or time.time() < self.looked + 1:
            return []
        self.looked, mine = time.time(), [land for land, owner in enumerate(self.owner) if owner == self.you]
        free = [land for land, owner in enumerate(self.owner) if owner is None and self.open[land]]
        wishes = {"spawn": [] if mine else [{"spawn": free[:1]}], "playing": self.moves(mine) if mine else []}
        return enumerate(wishes.get(self.phase, []), self.seq + 1)

    def moves(self, mine):
        ways = [(a, b) for a, b in self.ways if self.owner[a] == self.you != self.owner[b] and self.open[b]]
        attacks = [{"attack": [a, b, None, 500]} for a, b in ways if self.troops[a] > 3 * self.troops[b] + 3]
        if not self.rules["turns"]["ticks"]:
            return attacks
        marching = any(army and army[0] == self.you for army in self.armies.values())
        if not self.turn or self.turn[0] != self.you or self.turn[2] is None or marching:
            return []
        if self.reserve:
            strongest = max([a for a, _ in ways] or mine, key=self.troops.__getitem__)
            return [{"deploy": [strongest, self.reserve, None]}]
        return attacks[:1] if attacks and self.turn[1] else [{"end_turn": []}]


def main(url="http://localhost:8080", rules=None):
    grant = request(f"{url}/v1/auth/guest", {"name": "Python"})
    wish = {"map": "classic", "bots": ["random"], "start": True, "rules": rules and open(rules).read()}
    player = Player(url, request(f"{url}/v1/games", wish, grant["token"]), grant)
    asyncio.run(player.play())
    print(f"the winner is {player.end[5]} ({player.end[6]}); we were {player.you}; {player.answers} orders answered")


main(*sys.argv[1:])
