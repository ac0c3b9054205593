"""Ways, meetings on an edge and pockets: parts of sections 8 and 9 of ../rules.md."""

from math import isqrt

from state import *


class War(State):
    # Ways [8]

    def way(self, seat, start):
        """The first step to each territory that a way leads to."""
        steps, queue = {start: None}, [start]
        for here in queue:
            for to, edge in sorted(self.edges_from(here), key=lambda one: one[0]):
                holder = self.holder(to)
                friendly = holder is not None and (holder == seat or self.allied(holder, seat))
                crossed = edge["kind"] != "sea" or self.stands(self.lands[here], "port")
                if friendly and crossed and to not in steps and len(steps) < self.rules["march"]["search_max"]:
                    steps[to] = to if here == start else steps[here]
                    queue.append(to)
        del steps[start]
        return steps

    def edge(self, start, to):
        return next((edge for end, edge in self.edges_from(start) if end == to), None)

    # Meetings [8]

    def meeting(self, one, other):
        """The tick at which two armies meet, or None."""
        opposed = not other.fighting and (other.start, other.to) == (one.to, one.start)
        if not opposed or one.owner == other.owner or self.allied(one.owner, other.owner):
            return None
        edge = self.edge(one.start, one.to) or self.edge(one.to, one.start)
        return ceil_div(max(0, one.arrives + other.arrives - self.march_ticks(edge)), 2)

    def look_ahead(self, number):
        army = self.armies[number]
        coming = [n for n, a in sorted(self.armies.items()) if not a.fighting and a.start == army.to]
        coming = coming[: self.rules["march"]["meetings_max"]]
        meetings = [(self.meeting(army, self.armies[n]), n) for n in coming]
        ahead = [(tick, n) for tick, n in meetings if tick is not None and tick > self.tick]
        tick, other = min(ahead, default=(0, -1))
        army.meets_at, army.meets = tick, other + 1

    def meet(self, number):
        army, other = self.armies[number], self.armies[number].meets - 1
        foe = self.armies.get(other)
        if foe and self.meeting(army, foe) == army.meets_at and not self.immunity():
            strong, weak = (other, number) if army.troops < foe.troops else (number, other)
            winner, loser = self.armies[strong].troops, self.armies[weak].troops
            self.fall(weak, loser)
            self.fall(strong, winner - isqrt(winner**2 - loser**2))
        if number in self.armies:
            self.look_ahead(number)

    # Pockets [9]

    def close_in(self, captured, by):
        most = self.rules["battle"]["pocket_max"]
        if most == 0 or self.immunity():
            return
        for start, _ in sorted(self.edges_from(captured), key=lambda one: one[0]):
            owner = self.holder(start)
            if owner is None or owner == by or self.allied(owner, by):
                continue
            pocket = [start]
            for here in pocket:
                pocket += [n for n, _ in self.edges_from(here) if self.holder(n) == owner and n not in pocket]
            around = {self.holder(n) for here in pocket for n, _ in self.edges_from(here)} - {owner}
            held = any(self.holds_out(here, by) for here in pocket)
            cut_off = len(pocket) <= most and len(pocket) < len(self.held(owner))
            if cut_off and around == {by} and not held:
                for here in pocket:
                    self.take(here, by)

    def holds_out(self, number, by):
        others = [seat for seat in self.attackers(number) if seat != by and not self.allied(seat, by)]
        land = self.lands[number]
        return self.stands(land, "city") or land.capital or bool(others)
