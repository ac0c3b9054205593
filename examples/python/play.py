"""Plays a whole game on a server, written from docs/protocol.md with Python's own library.

    python3 examples/python/play.py http://localhost:8080 [RULES.toml]

It speaks JSON, attacks the weakest neighbour it outnumbers, and breaks its own connection
once on the way, to show that nothing is lost.
"""

import base64
import json
import os
import socket
import sys
import time
import urllib.request

from mirror import Mirror

# Seconds between two looks at the map.
PAUSE = 1.0
# Once this many orders were answered, the line is broken.
BREAK_AFTER = 1


def request(url, body=None, token=None):
    """An HTTP request with JSON: section 1."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        return json.load(answer)


class Socket:
    """As much of a WebSocket as a client of the JSON subprotocol needs."""

    def __init__(self, server, path):
        host, _, port = server.partition(":")
        self.tcp = socket.create_connection((host, int(port or 80)), timeout=30)
        self.file = self.tcp.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.tcp.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Protocol: sovereign.v1.json\r\n\r\n".encode()
        )
        status = self.file.readline()
        assert b" 101 " in status, status
        while self.file.readline().strip():
            pass

    def say(self, message):
        self.write(1, json.dumps(message).encode())

    def write(self, kind, payload):
        count, mask = len(payload), os.urandom(4)
        size = bytes([0x80 | count]) if count < 126 else b"\xfe" + count.to_bytes(2, "big")
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.tcp.sendall(bytes([0x80 | kind]) + size + mask + masked)

    def hear(self):
        """The next message, as name and content."""
        text = b""
        while True:
            head, count = self.file.read(2)
            if count > 125:
                count = int.from_bytes(self.file.read(2 if count == 126 else 8), "big")
            payload = self.file.read(count)
            if head & 15 == 8:
                raise ConnectionError(f"closed with {int.from_bytes(payload[:2], 'big')}")
            if head & 15 == 9:
                self.write(10, payload)
            if head & 15 < 3:
                text += payload
                if head & 0x80:
                    (kind, body), = json.loads(text).items()
                    return kind, body

    def close(self):
        self.file.close()
        self.tcp.close()


class Player:
    """A seat in a game: what it sees, and the orders that wait for their answers."""

    def __init__(self, server, game, token):
        self.server, self.path, self.token = server, f"/v1/games/{game}/ws", token
        self.mirror, self.heard, self.seq = None, None, 0
        self.waiting, self.answered, self.next_look = {}, 0, 0.0
        self.connect()

    def connect(self):
        self.socket = Socket(self.server, self.path)
        self.socket.say({"hello": {"token": self.token, "resume": self.heard}})

    def take(self, kind, body):
        if kind == "welcome":
            self.welcomed(body)
        elif kind == "notice":
            print(body["message"])
        elif self.mirror:
            self.mirror.take(kind, body)
        if kind in ("snapshot", "delta", "heartbeat"):
            tick = body["delta"]["tick"] if "delta" in body else body["tick"]
            self.heard = {"epoch": body["epoch"], "tick": tick}
        for answer in body.get("answers", []):
            self.answer(answer)

    def welcomed(self, welcome):
        if self.mirror is None:
            map_file = request(f"http://{self.server}/v1/maps/{welcome['map']}")
            self.mirror = Mirror(map_file, welcome)
        self.seq = max(self.seq, welcome["last_seq"])
        answered = [answer["seq"] for answer in welcome["answers"]]
        for seq, command in sorted(self.waiting.items()):
            if seq not in answered:
                self.socket.say({"order": {"seq": seq, "command": command}})

    def answer(self, answer):
        if self.waiting.pop(answer["seq"], None):
            self.answered += 1
            if "refused" in answer:
                print(f"refused: {answer['message']}")

    def order(self, command):
        self.seq += 1
        self.waiting[self.seq] = command
        self.socket.say({"order": {"seq": self.seq, "command": command}})

    def look(self):
        """Does what is to be done, now and then."""
        if self.mirror is None or self.heard is None or time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + PAUSE
        mirror, me = self.mirror, self.mirror.you
        mine = [i for i in range(len(mirror.territories)) if mirror.owner(i) == me]
        if mirror.game["phase"] == "spawn" and not mine and not self.waiting:
            self.order({"spawn": {"territory": self.first_free()}})
        if mirror.game["phase"] == "playing" and not self.in_turn(mine):
            for start in mine:
                self.attack(start)

    def in_turn(self, mine):
        """Where players take turns: deploys, attacks from there, and ends its turn. Else there is nothing to do so."""
        mirror, at = self.mirror, self.heard["tick"]
        if not mirror.rules["turns"]["ticks"]:
            return False
        marching = any(army["owner"] == mirror.you for army in mirror.armies.values())
        if mirror.turn() != mirror.you or marching or self.waiting or not mine:
            return True
        border = [start for start in mine if self.enemies(start, at)] or mine
        strongest = max(border, key=lambda start: mirror.troops(start, at))
        if mirror.reserve(at):
            self.order({"deploy": {"territory": strongest, "troops": mirror.reserve(at)}})
        elif not mirror.game["turn"]["round"] or not self.attack(strongest):
            self.order({"end_turn": {}})
        return True

    def first_free(self):
        lands = range(len(self.mirror.territories))
        return next(i for i in lands if self.mirror.owner(i) is None and self.mirror.terrain(i))

    def attack(self, start):
        at = self.heard["tick"]
        half = self.mirror.troops(start, at) // 2
        troops, to = min(self.enemies(start, at), default=(half, None))
        strong = half > troops * 3 // 2 and self.mirror.game["phase"] == "playing"
        if strong:
            self.order({"attack": {"from": start, "to": to, "troops": half}})
        return strong

    def enemies(self, start, at):
        """Neighbours that can be attacked, each with its troops."""
        return [
            (self.mirror.troops(to, at), to)
            for to in self.neighbours(start)
            if self.mirror.owner(to) != self.mirror.you and self.mirror.terrain(to)
        ]

    def neighbours(self, start):
        for edge in self.mirror.map["edges"]:
            if edge.get("kind") != "sea" and start in (edge["a"], edge["b"]):
                if edge["a"] == start or not edge.get("one_way"):
                    yield edge["b"] if edge["a"] == start else edge["a"]


def play(url, rules):
    server = url.removeprefix("http://")
    token = request(f"{url}/v1/auth/guest", {"name": "Python"})["token"]
    wish = {"map": "classic", "bots": ["random"], "start": True, "rules": rules}
    player = Player(server, request(f"{url}/v1/games", wish, token)["id"], token)
    broken = False
    while player.mirror is None or player.mirror.game["phase"] != "finished":
        player.take(*player.socket.hear())
        player.look()
        if player.answered >= BREAK_AFTER and not broken:
            broken = True
            print("the line is broken, and we come back")
            player.socket.close()
            player.connect()
    game = player.mirror.game
    print(f"the winner is {game['winner']} ({game['reason']}); we were {player.mirror.you}")
    print(f"{player.answered} orders answered, {len(player.waiting)} waiting")


def main():
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"
    rules = None
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            rules = file.read()
    play(url.rstrip("/"), rules)


if __name__ == "__main__":
    main()
