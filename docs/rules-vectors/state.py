"""Numbers, names, rows and the hash: sections 1, 2 and 14 of ../rules.md."""

import struct
import tomllib
from dataclasses import dataclass, field

from hashes import MASK, rotate, xxh3_64

LOBBY, SPAWN, PLAYING, FINISHED = range(4)
BY_LAND, LAST_STANDING, NOBODY_LEFT, BY_TIME, BY_DRAW = 1, 2, 3, 4, 5
WAITING, IN, ELIMINATED, SURRENDERED = range(4)
OPEN, PERSON, BOT = range(3)
HERE, AWAY, TAKEN_OVER = range(3)
ATTACK, MOVE, RETURN = 1, 2, 3
PROPOSED_BY_LOWER, PROPOSED_BY_HIGHER, ALLIED, LOWER_EXTENDS, HIGHER_EXTENDS = 1, 2, 3, 4, 5
STRUCTURES = ["", "city", "fort", "port", "barracks", "silo", "interceptor"]
NOBODY = 65535
BLANK_GAME = struct.pack("<BBBHIIHHIII", 0, 0, 0, NOBODY, 0, 0, 0, NOBODY, 0, 0, 0)
BLANK_PLAYER = struct.pack("<BBBBHQ5IHHI", *[0] * 11, NOBODY, 0, 0)
BLANK_LAND = struct.pack("<HBB5I", NOBODY, *[0] * 7)

TIME_ENDS = 2**24 - 1
TROOPS_MAX = 1_000_000_000
GOLD_MAX = 2**53 - 1
RATE_MAX = 2**28 - 1


def share(n, permille):
    return n * permille // 1000


def ceil_div(n, d):
    return -(-n // d)


def share_up(n, permille):
    return ceil_div(n * permille, 1000)


def brought(rate, t):
    """What a rate brings from tick t to t + 1: a difference of phases [1]."""
    return rate * (t + 1) // 1_000_000 - rate * t // 1_000_000


@dataclass
class Land:
    terrain: dict
    region: int | None
    now: int  # troops at the current tick
    troops: int  # troops at the tick `since`, as the row has them
    owner: int = NOBODY
    structure: int = 0
    level: int = 0  # how many levels of the structure stand
    building: bool = False
    still: bool = False
    capital: bool = False
    fallout: int = 0  # when it is gone, or 0
    reload: int = 0  # when the silo is loaded, or 0
    since: int = 0
    away: int = 0
    taken: int = 0
    ready: int = 0

    def row(self):
        flags = self.building | self.still << 1 | self.capital << 2 | (self.fallout > 0) << 3
        numbers = (self.troops, self.since, self.away, self.taken, self.ready)
        return struct.pack("<HBB5I", self.owner, self.structure + 16 * self.level, flags, *numbers)


@dataclass
class Player:
    seat: int = OPEN
    standing: int = WAITING
    presence: int = HERE
    team: int = 0
    place: int = 0
    now: int = 0  # gold at the current tick
    gold: int = 0  # gold at the tick `since`, as the row has it
    ready: int = 0  # the reserve at the current tick
    reserve: int = 0  # the reserve at the tick `since`, as the row has it
    since: int = 0
    ended: int = 0
    traitor_until: int = 0
    gives_at: int = 0
    draw_until: int = 0
    heir: int = NOBODY
    order: int = 0

    def row(self):
        small = (self.seat, self.standing, self.presence, self.team, self.place)
        times = (self.since, self.ended, self.traitor_until, self.gives_at, self.draw_until)
        return struct.pack("<BBBBHQ5IHHI", *small, self.gold, *times, self.heir, self.order, self.reserve)


@dataclass
class Army:
    owner: int
    purpose: int
    troops: int
    origin: int
    origin_taken: int
    start: int
    to: int
    departed: int
    arrives: int
    goal: int
    fighting: bool = False
    meets: int = 0
    meets_at: int = 0

    def row(self):
        places = (self.origin, self.origin_taken, self.start, self.to, self.departed, self.arrives)
        ahead = (self.goal, self.meets, self.meets_at)
        return struct.pack("<HBB10I", self.owner, self.purpose, self.fighting, self.troops, *places, *ahead)


@dataclass
class Battle:
    began: int
    due: int

    def row(self):
        return struct.pack("<II", self.began, self.due)


@dataclass
class Pact:
    state: int = 0
    until: int = 0
    embargo: int = 0

    def row(self):
        return struct.pack("<BBI", self.state, self.embargo, self.until)


@dataclass
class Strike:
    """What strikes leave behind at a territory."""

    land: Land

    def row(self):
        return struct.pack("<II", self.land.fallout, self.land.reload)


@dataclass
class Supply:
    """A standing line, by the territory that it leads from."""

    owner: int
    to: int
    after: int

    def row(self):
        return struct.pack("<HII", self.owner, self.to, self.after)


def row_hash(table, number, row):
    blank = {0: BLANK_GAME, 1: BLANK_LAND, 2: BLANK_PLAYER}.get(table, bytes(len(row)))
    return 0 if row == blank else xxh3_64(row, table * 2**32 + number)


def pact_number(a, b):
    low, high = sorted((a, b))
    return high * (high - 1) // 2 + low


def proposal_of(by, to):
    return PROPOSED_BY_LOWER if by < to else PROPOSED_BY_HIGHER


def extension_of(by, to):
    return LOWER_EXTENDS if by < to else HIGHER_EXTENDS


def embargo_of(by, against):
    return 1 if by < against else 2


@dataclass
class State:
    """The tables, and what can be read from them."""

    map: dict
    rules: dict
    seed: bytes
    seats: int
    tick: int = 0
    phase: int = LOBBY
    end: int = 0
    paused: int = 0
    winner: int = NOBODY
    until: int = 0
    started: int = 0
    lowered: int = 0
    turn: int = NOBODY
    round: int = 0
    turn_until: int = 0
    moves: int = 0
    armies: dict = field(default_factory=dict)
    battles: dict = field(default_factory=dict)
    pacts: dict = field(default_factory=dict)
    supplies: dict = field(default_factory=dict)

    def __post_init__(self):
        self.rules = tomllib.loads(self.rules)
        self.players = [Player() for _ in range(self.seats)]
        self.lands = [self.first_land(t) for t in self.map["territories"]]

    def first_land(self, territory):
        terrain = self.rules["terrain"].get(territory["terrain"])
        garrison = terrain["garrison"] if terrain else 0
        return Land(terrain, territory.get("region"), garrison, garrison)

    # Rows and hash [14]

    def row(self):
        stage = (self.phase, self.end, self.paused, self.winner, self.until, self.started, self.lowered)
        return struct.pack("<BBBHIIHHIII", *stage, self.turn, self.round, self.turn_until, self.moves)

    def rows(self):
        tables = [{0: self}, dict(enumerate(self.lands)), dict(enumerate(self.players))]
        tables += [self.armies, self.battles, self.pacts, dict(enumerate(map(Strike, self.lands))), self.supplies]
        return {(t, i): row.row() for t, table in enumerate(tables) for i, row in table.items()}

    def hash(self):
        total = sum(row_hash(table, number, row) for (table, number), row in self.rows().items())
        return rotate(total & MASK, 1) ^ self.tick

    # Who and what [2, 3]

    def players_in(self):
        return [s for s, player in enumerate(self.players) if player.standing == IN]

    def holder(self, number):
        """The player who holds a territory, or None. Land of one who is out is nobody's."""
        lord = self.lord(self.lands[number].owner)
        return lord if lord in self.players_in() else None

    def lord(self, owner):
        """Who holds land in an owner's name: his heir if he has one."""
        heir = NOBODY if owner == NOBODY else self.players[owner].heir
        return owner if heir == NOBODY else heir

    def held(self, seat):
        return [n for n, land in enumerate(self.lands) if self.lord(land.owner) == seat]

    def playable(self):
        return [n for n, land in enumerate(self.lands) if land.terrain]

    def free(self, number):
        return self.lands[number].terrain is not None and self.holder(number) is None

    def edges_from(self, number):
        """Pairs of the territory an edge leads to, and the edge."""
        for edge in self.map["edges"]:
            if edge["a"] == number:
                yield edge["b"], edge
            elif edge["b"] == number and not edge.get("one_way"):
                yield edge["a"], edge

    def stands(self, land, kind):
        return land.level > 0 and STRUCTURES[land.structure] == kind

    def amount(self, land, what):
        """What the levels that stand bring of `cap` or `gold`."""
        return self.rules["structures"][STRUCTURES[land.structure]][what] * land.level if land.level else 0

    def cap(self, land):
        """Troops at which growth ends, those away included [5]."""
        return land.terrain["cap"] + self.amount(land, "cap")

    def factor(self, land, what):
        """What the levels that stand make of `defence` or `growth`."""
        first = self.rules["structures"][STRUCTURES[land.structure]][what] if land.level else 1000
        return max(100, 1000 + (first - 1000) * land.level)

    def after(self, ticks):
        return min(TIME_ENDS, self.tick + ticks)

    def immunity(self):
        return self.tick < min(TIME_ENDS, self.started + self.rules["spawn"]["immunity_ticks"])

    def traitor(self, seat):
        return self.tick < self.players[seat].traitor_until
