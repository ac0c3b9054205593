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

    # Supply lines [8]

    def supply_keeps(self, number):
        kept = share(self.cap(self.lands[number]), self.rules["supply"]["keep"])
        return max(kept, self.rules["march"]["garrison_min"])

    def supply_due(self, number):
        """The tick at which the batch fell due that can leave now, or None."""
        line, land = self.supplies[number], self.lands[number]
        wanted = self.supply_keeps(number) + self.rules["supply"]["batch_min"]
        if land.still or land.now < wanted or self.tick < line.after:
            return None
        # An order of the tick before may have made it due then.
        return land.since if land.troops >= wanted and land.since >= line.after else self.tick

    def send_supply(self, number):
        line, land, rules = self.supplies[number], self.lands[number], self.rules["supply"]
        step = self.way(line.owner, number).get(line.to)
        if step is None:
            del self.supplies[number]
            return
        line.after = self.after(rules["every"])
        spare = land.now - self.supply_keeps(number)
        batch = min(spare, self.cap(land) - land.away, TROOPS_MAX - land.away)
        under_way = sum(army.owner == line.owner for army in self.armies.values())
        most = min(rules["armies_max"], self.rules["march"]["armies_max"])
        if batch >= rules["batch_min"] and under_way < most:
            self.depart(line.owner, MOVE, number, step, line.to, batch)

    def cut_supplies(self, lost):
        self.supplies = {n: line for n, line in self.supplies.items() if lost not in (n, line.to)}

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

    # Strikes [10]

    def within(self, start, borders):
        """The territories at most so many borders away, in the order in which they are met."""
        far, queue = {start: 0}, [start]
        for here in queue:
            for to, _ in sorted(self.edges_from(here), key=lambda one: one[0]):
                if far[here] < borders and to not in far and len(far) < 4096:
                    far[to] = far[here] + 1
                    queue.append(to)
        return queue

    def strike(self, by, start, target):
        rules, silo = self.rules["strike"], self.lands[start]
        silo.reload = self.after(max(1, rules["reload_ticks"] // silo.level))
        if self.holder(target) is not None and self.intercepted(start, target):
            return
        self.hit(target, rules["kill"])
        for beside, _ in sorted(self.edges_from(target), key=lambda one: one[0])[:32]:
            holder = self.holder(beside)
            other = holder is not None and holder != by
            if not (other and (self.allied(by, holder) or self.immunity())):
                self.hit(beside, rules["splash"])

    def intercepted(self, start, target):
        rules, holder, k = self.rules["strike"], self.holder(target), 0
        for here in self.within(target, rules["intercept_range"]):
            friend = self.holder(here)
            if friend is None or not (friend == holder or self.allied(friend, holder)):
                continue
            for _ in range(self.lands[here].level if self.stands(self.lands[here], "interceptor") else 0):
                if k < 64 and self.throw(5, start, k, 1000) < rules["intercept_chance"]:
                    return True
                k += 1
        return False

    def hit(self, number, part):
        land = self.lands[number]
        land.now -= share(land.now, part)
        land.fallout = self.after(self.rules["strike"]["fallout_ticks"])
        self.write(number)

    def strike_lapses(self, number):
        land = self.lands[number]
        if 0 < land.fallout <= self.tick:
            land.fallout = 0
            self.write(number)
        if 0 < land.reload <= self.tick:
            land.reload = 0

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
