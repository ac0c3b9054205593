"""Turns and the reserve: section 16 of ../rules.md, and how land is dealt out (section 3)."""

import struct
from itertools import cycle

from hashes import siphash_2_4
from state import *
from war import War

DEALT_MAX = 4096


class Turns(War):
    def has_turns(self):
        return self.rules["turns"]["ticks"] > 0

    def whole_throw(self, purpose, entity, k):
        return siphash_2_4(self.seed, struct.pack("<5Q", self.tick, purpose, entity, k, 0))

    def shuffled(self):
        return sorted(self.players_in(), key=lambda seat: (self.whole_throw(1, seat, 1), seat))

    def deal(self):
        lands = self.playable()[:DEALT_MAX]
        lands.sort(key=lambda n: (self.whole_throw(2, 65_536 + n, 0), n))
        for number, seat in zip(lands, cycle(reversed(self.shuffled()))):
            self.change_owner(number, seat)
            land = self.lands[number]
            land.now, land.taken = self.rules["spawn"]["troops"], self.tick
            self.write(number)

    def levy(self, seat):
        """Millionths of a troop that come to the reserve each tick."""
        income = self.rules["income"]
        if self.phase != PLAYING or self.has_turns() or income["bonus"] != "reserve":
            return 0
        return min(RATE_MAX, income["region"] * self.points(seat))

    def begin_turns(self):
        if not self.has_turns():
            return
        turns, order = self.rules["turns"], self.shuffled()
        for place, seat in enumerate(order, 1):
            player = self.players[seat]
            stand = len(self.held(seat)) * self.rules["spawn"]["troops"]
            player.ready = max(0, turns["opening_troops"] - turns["opening_less"] * len(order) - stand)
            player.order, player.reserve = place, player.ready
        self.next_turn()

    def end_turn(self, _):
        self.turn_until = 0

    def judge_turn(self):
        max_round = self.rules["turns"]["rounds_max"]
        if self.phase != PLAYING or self.turn == NOBODY or 0 < max_round < self.round:
            return
        ended = self.turn_until == 0 and not any(army.owner == self.turn for army in self.armies.values())
        if ended or self.turn not in self.players_in():
            self.next_turn()

    def next_turn(self):
        """The turn passes."""
        last = 0 if self.turn == NOBODY else self.players[self.turn].order
        seats = sorted(self.players_in(), key=lambda seat: self.players[seat].order)
        ready = [seat for seat in seats if self.players[seat].presence != AWAY] or seats
        if not ready:
            return
        later = [s for s in ready if self.players[s].order > last and (self.round or self.players[s].ready)]
        self.round, self.turn_until, self.moves = self.round + (not later), 0, 0
        turns = self.rules["turns"]
        if 0 < turns["rounds_max"] < self.round:
            self.until = self.after(1)
            return
        self.turn, self.turn_until = (later or ready)[0], self.after(turns["ticks"])
        if self.round:
            self.reinforce(self.turn)

    def reinforce(self, seat):
        turns, player = self.rules["turns"], self.players[seat]
        brought = max(turns["reserve_min"], len(self.held(seat)) // turns["lands_per_troop"])
        brought += self.points(seat) * (self.rules["income"]["bonus"] == "reserve")
        player.ready = min(TROOPS_MAX, player.ready + brought)
        self.settle(seat)
