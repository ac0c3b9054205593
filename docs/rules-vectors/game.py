"""The rules of Sovereign Lines, written from ../rules.md alone: slow, and obviously right.

Nothing is computed ahead. Every tick each garrison grows by that tick's growth and each player earns that tick's
gold; what is due is found by looking at everything. The rows that are hashed keep what was last *written* of that.
The numbers in brackets are sections of ../rules.md.
"""

import struct
from itertools import count

from hashes import siphash_2_4
from state import *
from turns import Turns

PURPOSE_SPAWN = 2
PURPOSE_BATTLE = 4
SPAWN_THROWS = 16
SEARCH_MAX = 4096
FAIR_SETS = 16
REACH_MAX = 4096
GARRISON = None  # a party of a battle; the others are seats


class Game(Turns):
    # A tick [4]

    def advance(self):
        if self.phase in (LOBBY, FINISHED) or self.paused or self.tick == TIME_ENDS:
            return
        self.pass_time()
        while due := min(self.due(), default=None):
            _, kind, number = due
            first = (self.end_phase, self.stand, self.lapse, self.meet, self.arrive)
            (*first, self.fight, self.lower, self.strike_lapses, self.send_supply, self.end_turn)[kind](number)
        self.judge()

    def pass_time(self):
        for number, land in enumerate(self.lands):
            land.now = self.grown(number, land)
        for seat in self.players_in():
            player = self.players[seat]
            player.now = min(GOLD_MAX, player.now + brought(self.income(seat), self.tick))
            player.ready = min(TROOPS_MAX, player.ready + brought(self.levy(seat), self.tick))
        self.tick += 1

    def due(self):
        """What is due, as (tick, kind, number)."""
        if self.tick == TIME_ENDS or self.phase == FINISHED:
            return []
        what = [(self.until, 0, 0)] if self.until else []
        what += [(land.ready, 1, n) for n, land in enumerate(self.lands) if land.building]
        what += [(pact.until, 2, n) for n, pact in self.pacts.items() if pact.state]
        what += [(army.meets_at, 3, n) for n, army in self.armies.items() if army.meets]
        what += [(army.arrives, 4, n) for n, army in self.armies.items() if not army.fighting]
        what += [(battle.due, 5, n) for n, battle in self.battles.items()]
        what += [(self.next_lowering(), 6, 0)] if self.next_lowering() else []
        what += [(self.turn_until, 9, 0)] if self.turn_until else []
        lasting = [(n, [t for t in (land.fallout, land.reload) if t]) for n, land in enumerate(self.lands)]
        what += [(min(ticks), 7, n) for n, ticks in lasting if ticks]
        what += [(tick, 8, n) for n in self.supplies if (tick := self.supply_due(n)) is not None]
        return [event for event in what if event[0] <= self.tick]

    # Growth [5]

    def rate(self, land):
        rate = share(land.terrain["growth"], self.factor(land, "growth"))
        return share(rate, self.rules["strike"]["fallout_growth"]) if land.fallout else rate

    def grown(self, number, land):
        """The garrison of the next tick."""
        if self.holder(number) is None or land.still or self.has_turns():
            return land.now
        cap, growth = self.cap(land), self.rules["growth"]
        room = max(0, cap - land.away)
        if land.now > room:
            return max(room, land.now - brought(growth["decay"], self.tick))
        for band in growth["bands"]:
            if land.now + land.away < share_up(cap, band["below"]):
                rate = min(RATE_MAX, share(self.rate(land), band["rate"]))
                return min(room, land.now + brought(rate, self.tick))
        return land.now

    def write(self, number):
        """Makes a territory's row true of the current tick."""
        land = self.lands[number]
        land.troops, land.since = land.now, self.tick

    # Gold [6]

    def income(self, seat):
        if self.phase != PLAYING:
            return 0
        income, lands = self.rules["income"], [self.lands[n] for n in self.held(seat)]
        gold = income["territory"] * len(lands)
        ports = [land for land in lands if STRUCTURES[land.structure] == "port"]
        gold += sum(self.amount(land, "gold") for land in lands if land not in ports)
        gold += self.trade(seat, sum(self.amount(land, "gold") for land in ports))
        gold += income["region"] * self.points(seat) * (income["bonus"] == "gold")
        return min(RATE_MAX, gold)

    def points(self, seat):
        """The bonuses of the regions that are wholly a player's."""
        regions = enumerate(self.map["regions"])
        lords = lambda number: {self.lord(land.owner) for land in self.lands if land.region == number}
        return sum(region["bonus"] for number, region in regions if lords(number) == {seat})

    def trade(self, seat, ports):
        """What is left of the ports' gold: the share of the others in the game with whom no embargo stands."""
        others = [other for other in self.players_in() if other != seat]
        open_to = [other for other in others if not self.pact(seat, other).embargo]
        return ports * len(open_to) // len(others) if len(open_to) < len(others) else ports

    def settle(self, seat):
        """Makes the gold of a player's row true of the current tick, or of that at which he went out."""
        if seat != NOBODY:
            player = self.players[seat]
            player.gold, player.reserve = player.now, player.ready
            player.since = self.tick if player.standing == IN else player.ended

    def change_owner(self, number, owner):
        self.settle(self.lord(self.lands[number].owner))
        self.settle(self.lord(owner))
        self.lands[number].owner = owner

    # Spawn [3]

    def choose(self, seat, number):
        for earlier in self.held(seat):
            self.give_back(earlier)
        self.change_owner(number, seat)
        land = self.lands[number]
        land.now, land.still, land.taken = self.rules["spawn"]["troops"], True, self.tick
        self.write(number)

    def give_back(self, number):
        self.change_owner(number, NOBODY)
        land = self.lands[number]
        land.now, land.still, land.taken = land.terrain["garrison"], False, 0
        self.write(number)

    def end_phase(self, _):
        if self.phase == SPAWN:
            self.end_spawn()
        else:
            self.finish(BY_TIME, self.leader())

    def end_spawn(self):
        for seat in self.players_in():
            if not self.held(seat):
                self.place(seat)
        limit = self.rules["victory"]["time_ticks"]
        self.phase, self.until, self.started = PLAYING, self.after(limit) if limit else 0, self.tick
        for seat in self.players_in():
            self.begin(seat, self.held(seat)[0])
        self.begin_turns()

    def place(self, seat):
        throws = [self.throw(PURPOSE_SPAWN, seat, k, len(self.lands)) for k in range(SPAWN_THROWS)]
        named = [n for n in throws if self.free(n)]
        others = [n for n in self.playable() if self.free(n)]
        if named:
            self.choose(seat, min(named, key=lambda n: (-self.borders_to_player(n), n)))
        elif others:
            self.choose(seat, others[0])
        else:
            self.go_out(seat, ELIMINATED)

    def place_fairly(self):
        """The set of starts whose smallest reach is largest."""
        sets = [self.candidates(n) for n in range(FAIR_SETS)]
        best = min(sets, key=lambda starts: (-min(self.reaches(starts)), sets.index(starts)))
        for seat, start in zip(self.players_in(), best):
            self.choose(seat, start)

    def candidates(self, number):
        starts = []
        for seat in self.players_in():
            first = SPAWN_THROWS * (number + 1)
            named = [self.throw(PURPOSE_SPAWN, seat, first + k, len(self.lands)) for k in range(SPAWN_THROWS)]
            starts.append(next(n for n in [*named, *self.playable()] if self.free(n) and n not in starts))
        return starts

    def reaches(self, starts):
        """How many territories each start reaches before all others."""
        nearest = {start: seat for seat, start in enumerate(starts)}
        front = dict(nearest)
        while front and len(nearest) < REACH_MAX:
            met = {}
            for number, seat in front.items():
                for to in {to for to, _ in self.edges_from(number)}:
                    if self.lands[to].terrain and to not in nearest:
                        met.setdefault(to, set()).add(seat)
            front = {to: seats.pop() for to, seats in met.items() if len(seats) == 1}
            nearest |= dict.fromkeys(met) | front
        return [list(nearest.values()).count(seat) for seat in range(len(starts))]

    def throw(self, purpose, entity, k, sides):
        words = struct.pack("<5Q", self.tick, purpose, entity, k, 0)
        return siphash_2_4(self.seed, words) * sides >> 64

    def borders_to_player(self, start):
        met = {start: 0}
        queue = [start]
        for number in queue:
            if self.holder(number) is not None:
                return met[number]
            for neighbour in sorted({to for to, _ in self.edges_from(number)}):
                if neighbour not in met and len(met) < SEARCH_MAX:
                    met[neighbour] = met[number] + 1
                    queue.append(neighbour)
        return float("inf")

    def begin(self, seat, number):
        player = self.players[seat]
        player.now = self.rules["spawn"]["gold"]
        self.settle(seat)
        self.lands[number].now, self.lands[number].still = self.rules["spawn"]["troops"], False
        self.lands[number].capital = self.rules["victory"]["capitals"]
        self.write(number)

    # Marches [8]

    def depart(self, seat, purpose, start, to, goal, troops):
        number = next(n for n in count(seat, len(self.players)) if n not in self.armies)
        arrives = self.after(self.march_ticks(self.edge(start, to)))
        origin = self.lands[start]
        places = (start, origin.taken, start, to)
        self.armies[number] = Army(seat, purpose, troops, *places, self.tick, arrives, goal)
        origin.now -= troops
        origin.away += troops
        self.write(start)
        self.look_ahead(number)

    def march_ticks(self, edge):
        march = self.rules["march"]
        slower = 1000 if edge["kind"] == "land" else march[edge["kind"]]
        return max(1, share(edge["length"] * march["ticks_per_100"] // 100, slower))

    def back_from_away(self, army, troops):
        """Troops of an army no longer count as away from its origin."""
        origin = self.lands[army.origin]
        if origin.taken == army.origin_taken:
            origin.away -= troops
            self.write(army.origin)

    def fall(self, number, troops):
        army = self.armies[number]
        army.troops -= troops
        self.back_from_away(army, troops)
        if army.troops == 0:
            del self.armies[number]

    def join(self, number):
        army = self.armies.pop(number)
        self.back_from_away(army, army.troops)
        land = self.lands[army.to]
        land.now = min(TROOPS_MAX, land.now + army.troops)
        self.write(army.to)

    def go_on(self, number):
        """An army on friendly land."""
        army = self.armies[number]
        step = self.way(army.owner, army.to).get(army.goal) if army.purpose == MOVE else None
        if step is None:
            self.join(number)
            return
        army.start, army.to, army.departed = army.to, step, self.tick
        army.arrives = self.after(self.march_ticks(self.edge(army.start, step)))
        self.look_ahead(number)

    def go_home(self, number, ticks):
        army = self.armies[number]
        army.start, army.to = army.to, army.start
        army.purpose, army.fighting = RETURN, False
        army.departed, army.arrives, army.goal = self.tick, self.after(max(1, ticks)), army.to
        self.look_ahead(number)

    def turn_round(self, number):
        self.go_home(number, self.tick - self.armies[number].departed)

    def break_off(self, number):
        """An army in battle goes home without loss."""
        army = self.armies[number]
        self.go_home(number, army.arrives - army.departed)

    def arrive(self, number):
        army = self.armies[number]
        holder = self.holder(army.to)
        if holder == army.owner:
            self.go_on(number)
        elif holder is not None and self.allied(holder, army.owner):
            self.turn_round(number) if army.purpose == ATTACK else self.go_on(number)
        elif holder is not None and self.immunity() and army.purpose != RETURN:
            self.turn_round(number)
        else:
            self.come_to_fight(number)

    # Battles [9]

    def come_to_fight(self, number):
        army = self.armies[number]
        army.fighting, army.meets, army.meets_at = True, 0, 0
        if army.to in self.battles:
            return
        self.battles[army.to] = Battle(self.tick, self.after(self.rules["battle"]["round_ticks"]))
        self.lands[army.to].still = True
        self.write(army.to)
        if self.lands[army.to].now == 0:
            self.decide(army.to)

    def attackers(self, number):
        """Each attacking seat, with the numbers of its armies."""
        parties = {}
        for n, army in sorted(self.armies.items()):
            if army.fighting and army.to == number:
                parties.setdefault(army.owner, []).append(n)
        return parties

    def enemies(self, a, b):
        return a != b and (a is GARRISON or b is GARRISON or not self.allied(a, b))

    def garrison_strength(self, number):
        land = self.lands[number]
        defence = share(land.terrain["defence"], self.factor(land, "defence"))
        if self.holder(number) is not None and self.traitor(self.holder(number)):
            defence = share(defence, self.rules["diplomacy"]["traitor_defence"])
        return share(1000 * land.now, defence)

    def army_strength(self, number):
        army = self.armies[number]
        kinds = [edge["kind"] for to, edge in self.edges_from(army.start) if to == army.to]
        landed = kinds in (["strait"], ["sea"])
        strength = 1000 * army.troops
        return share(strength, self.rules["battle"]["landing"]) if landed else strength

    def parties(self, number):
        """The troops and the strength of each party."""
        parties = {}
        if self.lands[number].now:
            parties[GARRISON] = (self.lands[number].now, self.garrison_strength(number))
        for seat, armies in self.attackers(number).items():
            troops = sum(self.armies[n].troops for n in armies)
            parties[seat] = (troops, sum(self.army_strength(n) for n in armies))
        return parties

    def loss(self, number, party, parties):
        troops, own_strength = parties[party]
        foes = [enemy for enemy in parties if self.enemies(party, enemy)]
        if not foes:
            return 0
        pressure, rules = 0, self.rules["battle"]
        for enemy in foes:
            faced = sum(t for other, (t, _) in parties.items() if self.enemies(enemy, other))
            pressure += parties[enemy][1] * troops // faced
        if rules["model"] == "ratio":
            odds = pressure * 1000 // max(1, own_strength)
            odds = min(max(odds, rules["ratio_min"]), rules["ratio_max"])
            can_kill = pressure * (rules["ratio_max"] * rules["lethality"] // 1000) // 1_000_000
            loss = min(can_kill, troops * odds * rules["lethality"] // 1_000_000)
        elif rules["model"] == "kill_rate":
            k = 0 if party is GARRISON else party + 1
            factor = 1000 - rules["luck"] + self.throw(PURPOSE_BATTLE, number, k, 2 * rules["luck"] + 1)
            loss = pressure * rules["kill_rate"] * factor // 10**9
        else:
            loss = ceil_div(troops * pressure, max(1, own_strength))
        return min(troops, max(1, loss))

    def duel(self, number, seat, other, parties):
        """What attacker and other lose in a round of the board game."""
        rules, left = self.rules["battle"], [parties[seat][0], parties[other][0]]
        each = [parties[party][1] // parties[party][0] for party in (seat, other)]
        pips = [max(0, each[0] - each[1]) // rules["dice_pip"], max(0, each[1] - each[0]) // rules["dice_pip"]]
        stake = max(1, share(min(left), rules["dice_stake"]))
        for n in range(rules["dice_rolls"]):
            if 0 in left:
                break
            hands = []
            for side, most in enumerate((3, 2)):
                names = [(seat + 1) * 65_536 + n * 256 + side * 16 + m for m in range(min(most, left[side]))]
                hand = sorted((1 + self.throw(PURPOSE_BATTLE, number, k, 6) for k in names), reverse=True)
                hands.append([hand[0] + pips[side]] + hand[1:])
            for attack, defence in zip(*hands):
                loser = 1 if attack > defence else 0
                left[loser] = max(0, left[loser] - stake)
        return parties[seat][0] - left[0], parties[other][0] - left[1]

    def duels(self, number, parties):
        losses = dict.fromkeys(parties, 0)
        seats = sorted(party for party in parties if party is not GARRISON)
        for seat in seats:
            around = [s for s in seats if s > seat] + [s for s in seats if s < seat]
            foes = [GARRISON] if GARRISON in parties else [s for s in around if self.enemies(seat, s)]
            if foes:
                mine, theirs = self.duel(number, seat, foes[0], parties)
                losses[seat] += mine
                losses[foes[0]] += theirs
        return {party: min(loss, parties[party][0]) for party, loss in losses.items()}

    def fight(self, number):
        """A round of the battle at a territory."""
        parties, attackers = self.parties(number), self.attackers(number)
        if self.rules["battle"]["model"] == "dice":
            losses = self.duels(number, parties)
        else:
            losses = {party: self.loss(number, party, parties) for party in parties}
        for party, loss in losses.items():
            if party is GARRISON:
                self.lands[number].now -= loss
                self.write(number)
            else:
                self.lose(attackers[party], loss)
        self.battles[number].due = self.after(self.rules["battle"]["round_ticks"])
        self.decide(number)

    def lose(self, armies, loss):
        for n in armies:
            falls = min(loss, self.armies[n].troops)
            loss -= falls
            if falls:
                self.fall(n, falls)

    def decide(self, number):
        seats = list(self.attackers(number))
        if not seats:
            self.end_battle(number)
        elif self.lands[number].now == 0 and not any(self.enemies(a, b) for a in seats for b in seats):
            self.capture(number)

    def end_battle(self, number):
        del self.battles[number]
        self.lands[number].still = False
        self.write(number)

    def left(self, number):
        """An attacker has left the battle at a territory."""
        if not self.attackers(number):
            self.end_battle(number)

    def capture(self, number):
        parties = self.parties(number)
        winner = min(self.attackers(number), key=lambda seat: (-parties[seat][0], seat))
        self.take(number, winner)
        self.close_in(number, winner)

    def take(self, number, winner):
        attackers, land, holder = self.attackers(number), self.lands[number], self.holder(number)
        land.now = 0
        self.change_owner(number, winner)
        if land.building:
            land.structure = land.structure if land.level else 0
            land.building, land.ready = False, 0
        capital, land.capital = land.capital, False
        land.away, land.taken = 0, self.tick
        for seat, armies in attackers.items():
            for n in armies:
                self.join(n) if seat == winner else self.break_off(n)
        self.battles.pop(number, None)
        land.still = False
        self.write(number)
        self.cut_supplies(number)
        if capital and holder is not None:
            self.cede(holder, winner)

    # Structures [10]

    def stand(self, number):
        land = self.lands[number]
        self.settle(self.lord(land.owner))
        land.level, land.building, land.ready = land.level + 1, False, 0
        self.write(number)

    # Alliances [11]

    def pact(self, a, b):
        return Pact() if a == b else self.pacts.setdefault(pact_number(a, b), Pact())

    def bound(self, a, b):
        return self.pact(a, b).state >= ALLIED

    def teammates(self, a, b):
        return a != b and self.players[a].team == self.players[b].team != 0

    def allied(self, a, b):
        return self.bound(a, b) or self.teammates(a, b)

    def proposed(self, by, to):
        return self.pact(by, to).state == proposal_of(by, to)

    def asked(self, by, to):
        return self.pact(by, to).state == extension_of(by, to)

    def set_embargo(self, a, b, embargo):
        if bool(self.pact(a, b).embargo) != bool(embargo):
            self.settle(a)
            self.settle(b)
        self.pact(a, b).embargo = embargo

    def ally(self, a, b):
        self.set_embargo(a, b, 0)
        self.extend(a, b)
        for n, army in sorted(self.armies.items()):
            if army.fighting and {army.owner, self.holder(army.to)} == {a, b}:
                battle = army.to
                self.break_off(n)
                self.left(battle)

    def extend(self, a, b):
        pact = self.pact(a, b)
        pact.state, pact.until = ALLIED, self.after(self.rules["diplomacy"]["alliance_ticks"])

    def part(self, a, b):
        self.lapse(pact_number(a, b))

    def lapse(self, number):
        self.pacts[number].state = self.pacts[number].until = 0

    # Out and over [12]

    def go_out(self, seat, standing, heir=NOBODY):
        self.settle(seat)
        for other in self.players_in():
            if any(self.pact(other, third).embargo for third in range(self.seats)):
                self.settle(other)
        player = self.players[seat]
        place, player.draw_until, player.ready, player.reserve = len(self.players_in()), 0, 0, 0
        for n in [n for n, army in sorted(self.armies.items()) if army.owner == seat]:
            battle = self.armies[n].to if self.armies[n].fighting else None
            self.fall(n, self.armies[n].troops)
            if battle is not None:
                self.left(battle)
        self.supplies = {n: line for n, line in self.supplies.items() if line.owner != seat}
        for other in range(self.seats):
            if other != seat:
                self.pacts.pop(pact_number(seat, other), None)
        player.place, player.standing, player.ended, player.heir = place, standing, self.tick, heir

    def cede(self, loser, taker):
        """The capital of one has fallen to the other."""
        self.settle(taker)
        self.go_out(loser, ELIMINATED, taker)
        for player in self.players:
            if player.heir == loser:
                player.heir = taker
        for friend in self.players_in():
            for n, army in sorted(self.armies.items()):
                fights = army.owner == friend and army.fighting and self.holder(army.to) == taker
                if fights and (friend == taker or self.allied(friend, taker)):
                    self.join(n) if friend == taker else self.break_off(n)
                    self.left(army.to if friend == taker else army.start)

    def judge(self):
        if self.phase == SPAWN:
            if not self.judge_standing() and all(self.held(s) for s in self.players_in()):
                self.end_spawn()
        elif self.phase == PLAYING:
            for seat in self.players_in():
                if not self.held(seat) and not any(a.owner == seat for a in self.armies.values()):
                    self.go_out(seat, ELIMINATED)
            self.judge_standing() or self.judge_draw() or self.judge_land()
            self.judge_turn()

    def side(self, seat):
        """Those in the game who win together."""
        return [s for s in self.players_in() if s == seat or self.teammates(s, seat)]

    def side_land(self, seat):
        return sum(len(self.held(s)) for s in self.side(seat))

    def rank(self, seat):
        """Of two sides, the one with the lower rank is ahead."""
        side = self.side(seat)
        return (-self.side_land(seat), -sum(self.players[s].now for s in side), min(side))

    def leader(self):
        return min(self.players_in(), key=lambda seat: (self.rank(seat), -len(self.held(seat)), seat))

    def judge_standing(self):
        seats = self.players_in()
        if not seats:
            self.finish(NOBODY_LEFT, NOBODY)
        elif len(self.side(seats[0])) == len(seats):
            self.finish(LAST_STANDING, self.leader())
        return self.phase == FINISHED

    def bar(self, lowered):
        """The share that wins after overtime has lowered it so often."""
        rules = self.rules["victory"]
        return max(rules["share"] - rules["overtime_step"] * lowered, min(rules["overtime_floor"], rules["share"]))

    def next_lowering(self):
        rules = self.rules["victory"]
        falls = self.bar(self.lowered + 1) < self.bar(self.lowered)
        if self.phase != PLAYING or rules["overtime_ticks"] == 0 or not falls:
            return 0
        return min(TIME_ENDS, self.started + rules["overtime_ticks"] + rules["overtime_every"] * self.lowered)

    def lower(self, _):
        self.lowered += 1

    def judge_draw(self):
        if all(self.players[seat].draw_until > self.tick for seat in self.players_in()):
            self.finish(BY_DRAW, NOBODY)
        return self.phase == FINISHED

    def judge_land(self):
        needed = max(1, share_up(len(self.playable()), self.bar(self.lowered)))
        if self.side_land(self.leader()) >= needed:
            self.finish(BY_LAND, self.leader())

    def finish(self, end, winner):
        seats = self.players_in()
        ahead = {seat: [s for s in seats if self.rank(s) < self.rank(seat)] for seat in seats}
        self.phase, self.end, self.winner, self.until, self.turn_until = FINISHED, end, winner, 0, 0
        for seat, player in enumerate(self.players):
            if seat in ahead:
                player.place = 1 if end == BY_DRAW else 1 + len(ahead[seat])
            elif winner != NOBODY and self.teammates(seat, winner) and player.standing == ELIMINATED:
                player.place = 1
