"""A client's copy of a game, as docs/protocol.md describes it (sections 5 to 9).

Nothing but Python's own library. Run it on the recorded games to check it:

    python3 examples/python/mirror.py docs/protocol-games/*.json
"""

import gzip
import json
import sys

MASK = 0xFFFFFFFF
PHASES = ["lobby", "spawn", "playing", "finished"]
REASONS = ["land", "last_standing", "nobody", "time", "draw"]
STRUCTURES = ["city", "fort", "port", "barracks", "silo", "interceptor"]
SEATS = ["open", "person", "bot"]
STANDINGS = ["waiting", "playing", "eliminated", "surrendered"]
PRESENCES = ["here", "away", "taken_over"]
PURPOSES = ["attack", "move", "return"]


def row_hash(table, words):
    """MurmurHash3, 32 bit, of 32-bit words."""
    h = table
    for word in words:
        k = word * 0xCC9E2D51 & MASK
        k = (k << 15 | k >> 17) * 0x1B873593 & MASK
        h ^= k
        h = ((h << 13 | h >> 19) & MASK) * 5 + 0xE6546B64 & MASK
    h ^= 4 * len(words)
    h = (h ^ h >> 16) * 0x85EBCA6B & MASK
    h = (h ^ h >> 13) * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def phase(rate, tick):
    """What a rate in millionths has brought by a tick."""
    return rate * tick // 1_000_000


def grow(growth, cap, away, rate, troops, since, at):
    """The garrison at a later tick, in closed form."""
    room = max(0, cap - away)
    if troops > room:
        return max(room, troops - (phase(growth["decay"], at) - phase(growth["decay"], since)))
    for band in growth["bands"]:
        limit = -(-band["below"] * cap // 1000) - away
        if troops >= limit:
            continue
        r = min(2**28 - 1, rate * band["rate"] // 1000)
        if r == 0:
            return troops
        leaves = -(-(limit - troops + phase(r, since)) * 1_000_000 // r)
        until = min(leaves, at)
        troops = min(room, troops + phase(r, until) - phase(r, since))
        if leaves >= at:
            return troops
        since = leaves
    return troops


class Mirror:
    """What one player's client knows."""

    def __init__(self, map_file, welcome):
        self.map, self.rules, self.you = map_file, welcome["rules"], welcome["you"]
        self.seats = welcome["seats"]
        self.clear()

    def clear(self):
        """The untouched map."""
        marks = {"still": False, "capital": False, "fallout": False}
        site = {"structure": None, "level": 0, "ready": None, "away": 0, **marks}
        self.tick = 0
        lists = {"proposals": [], "supplies": [], "reloads": []}
        self.own = {"gold": 0, "gold_since": 0, "income": 0, "gives_at": 0, "reserve": 0, "levy": 0, **lists}
        self.territories = [
            {"troops": self.terrain(i).get("garrison", 0), "since": 0, "owner": None, "site": site}
            for i in range(len(self.map["territories"]))
        ]
        nothing = {"team": 0, "place": 0, "ended": 0, "traitor_until": 0, "draw_until": 0, "heir": None, "order": 0}
        player = {"seat": "open", "standing": "waiting", "presence": "here", **nothing}
        self.players = [player] * self.seats
        self.armies, self.battles, self.pacts = {}, {}, {}
        blank = {"until": None, "started": 0, "lowered": 0, "winner": None, "reason": None, "turn": None}
        self.game = {"phase": "lobby", "paused": False, **blank}

    def terrain(self, territory):
        name = self.map["territories"][territory].get("terrain", "plains")
        return self.rules["terrain"].get(name, {})

    def take(self, kind, body):
        """Takes a message of the server."""
        if kind == "snapshot":
            own = self.own
            self.clear()
            self.own = own
        if kind in ("snapshot", "delta"):
            self.apply(body["delta"])
        if kind == "tail" and body["own"] is not None:
            self.own = body["own"]

    def apply(self, delta):
        self.tick = delta["tick"]
        for change in delta["territories"]:
            row = dict(self.territories[change["id"]], since=self.tick)
            row.update((key, change[key]) for key in change if key != "id")
            self.territories[change["id"]] = row
        for change in delta["players"]:
            self.players[change["id"]] = change
        replace(self.armies, ((c["id"], c["army"]) for c in delta["armies"]))
        replace(self.battles, ((c["territory"], c["battle"]) for c in delta["battles"]))
        replace(self.pacts, (((c["a"], c["b"]), pact(c)) for c in delta["pacts"]))
        self.game = delta["game"] or self.game
        if self.check() != delta["check"]:
            raise ValueError(f"the copy differs after tick {self.tick}")

    def check(self):
        """The mirror's hash, from scratch. A client in a hurry keeps the sum instead."""
        return sum(row_hash(table, words) for table, words in self.rows()) & MASK

    def rows(self):
        g = self.game
        kind = PHASES.index(g["phase"]) | code(REASONS, g["reason"]) << 8 | g["paused"] << 16
        turn = g["turn"] or {"player": None, "round": 0, "until": None, "moves": 0}
        turn = [plus(turn["player"]), turn["round"], turn["until"] or 0, turn["moves"]]
        yield 0, [kind, plus(g["winner"]), g["until"] or 0, g["started"], g["lowered"], *turn]
        for i, t in enumerate(self.territories):
            s = t["site"]
            flags = (s["ready"] is not None) | s["still"] << 1 | s["capital"] << 2 | s["fallout"] << 3
            kind = code(STRUCTURES, s["structure"]) | s["level"] << 4 | flags << 8
            yield 1, [i, plus(t["owner"]), kind, t["troops"], t["since"], s["away"], s["ready"] or 0]
        for i, p in enumerate(self.players):
            kind = SEATS.index(p["seat"]) | STANDINGS.index(p["standing"]) << 8
            kind |= PRESENCES.index(p["presence"]) << 16 | p["team"] << 24
            times = [p["ended"], p["traitor_until"], p["draw_until"]]
            yield 2, [i, kind, p["place"] | p["order"] << 16, *times, plus(p["heir"])]
        for i, a in self.armies.items():
            kind = code(PURPOSES, a["purpose"]) | a["fighting"] << 8
            march = [a["from"], a["to"], a["departed"], a["arrives"]]
            yield 3, [i, a["owner"], kind, a["troops"], *march]
        for i, b in self.battles.items():
            yield 4, [i, b["began"], b["next_round"]]
        for (a, b), (until, embargo) in self.pacts.items():
            yield 5, [a, b, until or 0, embargo]

    def is_out(self, player):
        return self.players[player]["standing"] in ("eliminated", "surrendered")

    def lord(self, owner):
        heir = None if owner is None else self.players[owner]["heir"]
        return owner if heir is None else heir

    def owner(self, territory):
        owner = self.lord(self.territories[territory]["owner"])
        return None if owner is None or self.is_out(owner) else owner

    def troops(self, territory, at):
        row = self.territories[territory]
        owner, site = self.lord(row["owner"]), row["site"]
        if owner is not None and self.is_out(owner):
            at = min(at, self.players[owner]["ended"])
        if owner is None or site["still"] or at <= row["since"] or self.rules["turns"]["ticks"]:
            return row["troops"]
        ground = self.terrain(territory)
        cap, rate = ground["cap"], ground["growth"]
        if site["level"]:
            structure = self.rules["structures"][site["structure"]]
            cap += structure["cap"] * site["level"]
            rate = rate * max(100, 1000 + (structure["growth"] - 1000) * site["level"]) // 1000
        if site["fallout"]:
            rate = rate * self.rules["strike"]["fallout_growth"] // 1000
        return grow(self.rules["growth"], cap, site["away"], rate, row["troops"], row["since"], at)

    def gold(self, at):
        own = self.own
        if self.you is not None and self.is_out(self.you):
            at = min(at, self.players[self.you]["ended"])
        if at <= own["gold_since"]:
            return own["gold"]
        gained = phase(own["income"], at) - phase(own["income"], own["gold_since"])
        return min(2**53 - 1, own["gold"] + gained)

    def reserve(self, at):
        """Troops that wait to be deployed."""
        own = self.own
        gained = phase(own["levy"], max(at, own["gold_since"])) - phase(own["levy"], own["gold_since"])
        return min(10**9, own["reserve"] + gained)

    def turn(self):
        """Whose turn it is, in which it may still be ordered; None without turns."""
        turn = self.game["turn"]
        return turn["player"] if turn and turn["until"] is not None else None


def replace(rows, changes):
    for key, row in changes:
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row


def pact(change):
    both = change["until"], change["embargo"]
    return both if any(both) else None


def code(names, name):
    return 0 if name is None else names.index(name) + 1


def plus(seat):
    return 0 if seat is None else seat + 1


# The MessagePack form: sections 2 and 6.

FIELDS = {
    "welcome": "epoch game you seats map map_hash rules tick_ms seed_commitment last_seq answers"
    " names replay_end",
    "snapshot": "epoch delta",
    "delta": "epoch delta",
    "tail": "epoch tick answers own events",
    "heartbeat": "epoch tick",
    "own": "gold gold_since income proposals gives_at supplies reloads reserve levy",
    "body": "tick territories players armies battles pacts game events check",
    "player": "id seat standing presence team place ended traitor_until draw_until heir order",
    "army": "owner purpose fighting troops from to departed arrives",
    "game": "phase paused until started lowered winner reason turn",
    "turn": "player round until moves",
}


def named(kind, values):
    names = FIELDS[kind].split()
    assert len(names) == len(values), kind
    return dict(zip(names, values))


def message(frame):
    """The name and content of a server's MessagePack frame."""
    plain = gzip.decompress(frame[1:]) if frame[0] == 1 else frame[1:]
    (kind, values), = unpack(plain).items()
    body = named(kind, values)
    if "delta" in body:
        body["delta"] = delta(named("body", body["delta"]))
    if body.get("own"):
        body["own"] = named("own", body["own"])
    return kind, body


def delta(body):
    body["territories"] = columns(body["tick"], *(body["territories"] or [b""] * 5))
    body["players"] = [named("player", row) for row in body["players"]]
    pairs = body["armies"]
    body["armies"] = [{"id": i, "army": row and named("army", row)} for i, row in pairs]
    battle = lambda row: row and {"began": row[0], "next_round": row[1]}
    body["battles"] = [{"territory": i, "battle": battle(row)} for i, row in body["battles"]]
    body["pacts"] = [{"a": a, "b": b, "until": until, "embargo": embargo} for a, b, until, embargo in body["pacts"]]
    body["game"] = body["game"] and named("game", body["game"])
    if body["game"] and body["game"]["turn"]:
        body["game"]["turn"] = named("turn", body["game"]["turn"])
    return body


def columns(tick, ids, troops, owners, sites, ages):
    gaps, rows, following = varints(ids), [], 0
    for gap, strength in zip(gaps, varints(troops), strict=True):
        rows.append({"id": following + gap, "troops": strength, "since": tick})
        following += gap + 1
    for row, age in zip(rows, varints(ages)):
        row["since"] = tick - age
    changed, rest = marked(rows, owners)
    for row, owner in zip(changed, varints(rest), strict=True):
        row["owner"] = owner - 1 if owner else None
    changed, rest = marked(rows, sites)
    for row in changed:
        row["site"], rest = site(rest)
    return rows


def marked(rows, column):
    """The rows whose bit is set, and what follows the bits."""
    bits = int.from_bytes(column[: -(-len(rows) // 8)], "little")
    return [row for i, row in enumerate(rows) if bits >> i & 1], column[-(-len(rows) // 8) :]


def site(column):
    flags, rest = column[0], column[1:]
    structure = [None, *STRUCTURES][flags & 0x07]
    level, rest = (rest[0], rest[1:]) if structure else (0, rest)
    ready, rest = varint(rest) if flags & 0x20 else (None, rest)
    away, rest = varint(rest) if flags & 0x40 else (0, rest)
    marks = {"still": bool(flags & 0x10), "capital": bool(flags & 0x80), "fallout": bool(flags & 0x08)}
    return {"structure": structure, "level": level, "ready": ready, **marks, "away": away}, rest


def varint(column):
    value = shift = 0
    for count, byte in enumerate(column, 1):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, column[count:]
    raise ValueError("a column is cut short")


def varints(column):
    values = []
    while column:
        value, column = varint(column)
        values.append(value)
    return values


def unpack(data):
    """A MessagePack value: of the forms that the protocol uses."""
    at = 0

    def take(count):
        nonlocal at
        at += count
        return data[at - count : at]

    def number(count):
        return int.from_bytes(take(count), "big")

    def items(count):
        return [value() for _ in range(count)]

    def table(count):
        return {value(): value() for _ in range(count)}

    def value():
        mark = number(1)
        if mark < 0x80:
            return mark
        if mark < 0x90:
            return table(mark & 15)
        if mark < 0xA0:
            return items(mark & 15)
        if mark < 0xC0:
            return take(mark & 31).decode()
        if mark in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[mark]
        if mark in (0xC4, 0xC5, 0xC6):
            return take(number(1 << mark - 0xC4))
        if mark in (0xCC, 0xCD, 0xCE, 0xCF):
            return number(1 << mark - 0xCC)
        if mark in (0xD9, 0xDA, 0xDB):
            return take(number(1 << mark - 0xD9)).decode()
        if mark in (0xDC, 0xDD):
            return items(number(2 << mark - 0xDC))
        if mark in (0xDE, 0xDF):
            return table(number(2 << mark - 0xDE))
        raise ValueError(f"byte {at - 1}: {mark:#x} is not used here")

    return value()


# Following a recorded game: section 12.


def follow(recording, read):
    """Takes every frame of a recording and compares what is shown."""
    frames = recording["frames"]
    kind, welcome = read(frames[0])
    assert kind == "welcome"
    mirror = Mirror(recording["map"], welcome)
    assert mirror.check() == recording["untouched"], "the untouched map"
    for number, frame in enumerate(frames[1:], 1):
        mirror.take(*read(frame))
        shown = frame["shown"]
        lands = [
            [-1 if mirror.owner(i) is None else mirror.owner(i), mirror.troops(i, shown["at"])]
            for i in range(len(mirror.territories))
        ]
        assert mirror.check() == frame["check"], f"frame {number}: hash"
        assert lands == shown["lands"], f"frame {number}: {lands} is not {shown['lands']}"
        gold = mirror.gold(shown["at"])
        assert shown["gold"] in (None, gold), f"frame {number}: {gold} gold is not {shown['gold']}"
    return len(frames)


def from_json(frame):
    (kind, body), = frame["json"].items()
    return kind, body


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            recording = json.load(file)
        follow(recording, from_json)
        count = follow(recording, lambda frame: message(bytes.fromhex(frame["msgpack"])))
        print(f"{path}: {count} frames, the same in both codecs")


if __name__ == "__main__":
    main()
