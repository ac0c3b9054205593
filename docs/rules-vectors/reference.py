"""Plays the recorded games beside this file by an implementation written from ../rules.md alone.

    python3 docs/rules-vectors/reference.py [game.json ...]

Prints a line for each game; leaves with 1 at the first step at which the two differ, naming what differs.
"""

import json
import sys
from pathlib import Path

from game import Game
from orders import Refused, carry_out

TABLES = ["game", "territory", "player", "army", "battle", "pact", "strike", "supply"]


def attempt(game, order):
    """The reason for which an order is refused, or None."""
    try:
        carry_out(game, order)
    except Refused as reason:
        return str(reason)
    return None


def compare(what, expected, got):
    if expected != got:
        raise AssertionError(f"{what}: recorded {expected}, by the reference {got}")


def compare_state(game, step):
    compare("tick", step["tick"], game.tick)
    for number, expected in enumerate(step["lands"]):
        holder = game.holder(number)
        compare(f"territory {number}", expected, [-1 if holder is None else holder, game.lands[number].now])
    for seat, expected in enumerate(step["gold"]):
        compare(f"gold of player {seat}", expected, game.players[seat].now)


def play(game, step):
    before = game.rows()
    for _ in range(step["advance"]):
        game.advance()
    for number, tried in enumerate(step["orders"]):
        compare(f"order {number}, {tried['order']}", tried["refused"], attempt(game, tried["order"]))
    compare_state(game, step)
    rows = game.rows()
    changed = sorted(key for key in rows.keys() | before.keys() if rows.get(key) != before.get(key))
    named = ", ".join(f"{TABLES[table]} {number}" for table, number in changed) or "none"
    compare(f"hash (rows written in this step: {named})", step["hash"], f"{game.hash():016x}")


def check(path):
    record = json.loads(path.read_text())
    game = Game(record["map"], record["rules"], bytes.fromhex(record["seed"]), record["seats"])
    compare(f"{path.name}: the first hash", record["hash"], f"{game.hash():016x}")
    for number, step in enumerate(record["steps"]):
        try:
            play(game, step)
        except AssertionError as difference:
            raise AssertionError(f"{path.name}: step {number}, tick {game.tick}: {difference}") from None
    print(f"{path.name}: {len(record['steps'])} steps agree, to tick {game.tick}")


def main():
    beside = sorted(Path(__file__).parent.glob("game-*.json"))
    try:
        for path in [Path(name) for name in sys.argv[1:]] or beside:
            check(path)
    except AssertionError as difference:
        sys.exit(str(difference))


if __name__ == "__main__":
    main()
