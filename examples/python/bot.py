"""A bot as a program of its own, in Python's own library: `sovereign conform python3 bot.py`.

It is written from docs/bot-programs.md alone. `sovereign simulate --bots "cmd:python3 bot.py,random"`.
"""

import json
import random
import sys


class Board:
    """What the bot has been shown: rows by id, kept up by every wake."""

    def __init__(self, start):
        self.you, self.map, self.lands, self.game = start["you"], start["map"], {}, {}
        self.keep = start["rules"]["march"]["garrison_min"]
        self.next_to = [[] for _ in self.map["territories"]]
        for edge in self.map["edges"]:
            if edge.get("kind") != "sea":
                self.next_to[edge["a"]].append(edge["b"])
                if not edge.get("one_way"):
                    self.next_to[edge["b"]].append(edge["a"])

    def take(self, wake):
        news = wake.get("snapshot") or wake["delta"]
        self.lands.update((land["id"], land) for land in news["territories"])
        self.game = news["game"] or self.game
        return news["tick"]

    def orders(self, dice):
        mine = [land for land in self.lands.values() if land["owner"] == self.you]
        if self.game["phase"] == "spawn" and not mine:
            free = [at for at, land in self.lands.items() if land["owner"] is None and land["cap"]]
            return [{"spawn": {"territory": dice.choice(free)}}] if free else []
        playing = self.game["phase"] == "playing"
        return [order for land in mine if playing for order in self.attack(land)]

    def attack(self, land):
        """Two thirds of a garrison against the weakest neighbour that it outnumbers."""
        troops = (land["troops"] - self.keep) * 2 // 3
        around = [self.lands[at] for at in self.next_to[land["id"]]]
        hostile = [to for to in around if to["owner"] != self.you and to["cap"]]
        weakest = min(hostile, key=lambda to: to["troops"], default=None)
        if weakest and troops > weakest["troops"] * 3 // 2:
            yield {"attack": {"from": land["id"], "to": weakest["id"], "troops": troops}}


for line in sys.stdin:
    ((kind, body),) = json.loads(line).items()
    if kind == "hello":
        answer = {"hello": {"protocol": 1, "name": "Bold Python"}}
    elif kind == "start":
        board, dice, answer = Board(body), random.Random(body["dice"]), {"ready": {}}
    elif kind == "wake":
        tick = board.take(body)
        answer = {"orders": {"commands": board.orders(dice), "wake": tick + 20}}
    else:
        break
    print(json.dumps(answer), flush=True)
