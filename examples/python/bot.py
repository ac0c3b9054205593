"""A bot as a program of its own, written from docs/bot-programs.md alone: `sovereign conform python3 bot.py`."""
import json
import random
import sys


class Board:  # What the bot has been shown: rows by id, kept up by every wake.
    def __init__(self, start):
        self.you, self.lands, self.armies, self.game = start["you"], {}, {}, {}
        self.keep = start["rules"]["march"]["garrison_min"]
        self.next_to = [[] for _ in start["map"]["territories"]]
        for edge in (edge for edge in start["map"]["edges"] if edge.get("kind") != "sea"):
            self.next_to[edge["a"]].append(edge["b"])
            self.next_to[edge["b"]] += [] if edge.get("one_way") else [edge["a"]]

    def take(self, wake):
        news = wake.get("snapshot") or wake["delta"]
        self.lands.update((land["id"], land) for land in news["territories"])
        self.armies.update((change["id"], change["army"]) for change in news["armies"])
        self.game, self.reserve = news["game"] or self.game, wake["own"]["reserve"]
        return news["tick"]

    def orders(self, dice):
        phase, turn = self.game["phase"], self.game["turn"]
        mine = [land for land in self.lands.values() if land["owner"] == self.you]
        if phase == "spawn" and not mine:
            free = [at for at, land in self.lands.items() if land["owner"] is None and land["cap"]]
            return [{"spawn": {"territory": dice.choice(free)}}] if free else []
        attacks = [order for land in mine if phase == "playing" for order in self.attack(land)]
        marches = any(army and army["owner"] == self.you for army in self.armies.values())
        if turn and (turn["player"] != self.you or turn["until"] is None or marches):
            return []
        if turn and self.reserve:  # Where players take turns, all of it goes to one border, first of all.
            best = max(mine, key=lambda land: (any(self.hostile(land)), land["troops"]))
            return [{"deploy": {"territory": best["id"], "troops": self.reserve}}]
        return [{"end_turn": {}}] if turn and not (attacks and turn["round"]) else attacks

    def hostile(self, land):
        around = (self.lands[at] for at in self.next_to[land["id"]])
        return [to for to in around if to["owner"] != self.you and to["cap"]]

    def attack(self, land):
        troops = (land["troops"] - self.keep) * 2 // 3
        weakest = min(self.hostile(land), key=lambda to: to["troops"], default=None)
        if weakest and troops > weakest["troops"] * 3 // 2:
            yield {"attack": {"from": land["id"], "to": weakest["id"], "troops": troops}}


for line in sys.stdin:
    ((kind, body),) = json.loads(line).items()
    if kind == "hello":
        answer = {"hello": {"protocol": 1, "name": "Bold Python"}}
    elif kind == "start":
        board, dice, answer = Board(body), random.Random(body["dice"]), {"ready": {}}
    elif kind == "wake":
        answer = {"orders": {"wake": board.take(body) + 20, "commands": board.orders(dice)}}
    else:
        break
    print(json.dumps(answer), flush=True)
