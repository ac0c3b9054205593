"""The orders of section 7 of ../rules.md: who may give them, and what they do."""

from state import *


class Refused(Exception):
    """An order that is not carried out; its argument is the reason's name."""


def unless(holds, reason):
    if not holds:
        raise Refused(reason)


def carry_out(game, order):
    """Carries an order out, or raises `Refused`. Orders are as the recorded games have them."""
    ((giver, what),) = order.items()
    if giver == "system":
        name, fields = (what, {}) if isinstance(what, str) else next(iter(what.items()))
        SYSTEM[name](game, **{"seat" if k == "player" else k: v for k, v in fields.items()})
    else:
        ((name, fields),) = what["command"].items()
        check_seat(game, what["player"])
        unless(not game.paused, "paused")
        # `from` is a word of Python's.
        fields = {"start" if k == "from" else "other" if k == "with" else k: v for k, v in fields.items()}
        COMMANDS[name](game, what["player"], **fields)


# Checks that several orders share


def check_seat(game, seat):
    unless(0 <= seat < game.seats, "unknown_player")


def check_in_game(game, seat):
    unless(game.players[seat].standing == IN, "not_in_game")


def check_in_play(game, seat):
    unless(game.phase == PLAYING, "wrong_phase")
    check_in_game(game, seat)


def check_own_turn(game, seat):
    unless(not game.has_turns() or (game.turn == seat and game.turn_until), "not_your_turn")


def check_turn(game, seat, moves):
    """Troops may be sent, before so many moves were made in this turn."""
    check_own_turn(game, seat)
    if game.has_turns():
        unless(game.round, "opening_round")
        unless(game.players[seat].ready == 0, "reserve_left")
        unless(game.moves < moves, "already_moved")


def check_land(game, number):
    unless(0 <= number < len(game.lands), "unknown_territory")
    unless(game.lands[number].terrain, "impassable")


def check_own(game, seat, number):
    check_land(game, number)
    unless(game.holder(number) == seat, "not_yours")


def check_route(game, seat, start, to):
    check_own(game, seat, start)
    check_land(game, to)
    edges = [edge for number, edge in game.edges_from(start) if number == to]
    unless(edges, "not_neighbours")
    unless(edges[0]["kind"] != "sea" or game.stands(game.lands[start], "port"), "needs_port")


def check_send(game, seat, start, amount):
    """How many go, of an amount as a number or a share."""
    march, land = game.rules["march"], game.lands[start]
    available = max(0, min(land.now - march["garrison_min"], TROOPS_MAX - land.away))
    troops = amount["troops"] if amount.get("share") is None else share(available, amount["share"])
    unless(troops >= 1, "no_troops")
    unless(troops <= available, "too_few_troops")
    sent = [army for army in game.armies.values() if army.owner == seat]
    unless(len(sent) < march["armies_max"], "too_many_armies")
    return troops


def check_hit(game, seat, to):
    holder = game.holder(to)
    unless(holder != seat, "own_territory")
    if holder is not None:
        unless(not game.allied(seat, holder), "ally")
        unless(not game.immunity(), "immune")


def check_other(game, seat, other):
    check_seat(game, other)
    check_in_game(game, other)
    unless(other != seat, "yourself")


def check_stranger(game, seat, other):
    check_other(game, seat, other)
    unless(not game.teammates(seat, other), "teammate")


# The players' orders


def spawn(game, seat, territory):
    unless(game.phase == SPAWN, "wrong_phase")
    check_in_game(game, seat)
    check_land(game, territory)
    unless(game.free(territory), "territory_taken")
    game.choose(seat, territory)


def deploy(game, seat, territory, **amount):
    check_in_play(game, seat)
    check_own_turn(game, seat)
    check_own(game, seat, territory)
    unless(territory not in game.battles, "besieged")
    player, land = game.players[seat], game.lands[territory]
    available = min(player.ready, TROOPS_MAX - land.now)
    troops = amount["troops"] if amount.get("share") is None else share(available, amount["share"])
    unless(troops >= 1, "no_troops")
    unless(troops <= available, "too_few_in_reserve")
    player.ready -= troops
    game.settle(seat)
    land.now += troops
    game.write(territory)


def end_turn(game, seat):
    check_in_play(game, seat)
    unless(game.has_turns(), "no_turns")
    check_own_turn(game, seat)
    unless(game.players[seat].ready == 0, "reserve_left")
    game.turn_until = 0


def attack(game, seat, start, to, **amount):
    check_in_play(game, seat)
    check_turn(game, seat, 1)
    check_route(game, seat, start, to)
    check_hit(game, seat, to)
    troops = check_send(game, seat, start, amount)
    if game.players[seat].draw_until > game.tick:
        game.players[seat].draw_until = 0
    game.depart(seat, ATTACK, start, to, to, troops)


def move(game, seat, start, to, **amount):
    check_in_play(game, seat)
    check_turn(game, seat, game.rules["turns"]["moves_max"])
    check_own(game, seat, start)
    check_land(game, to)
    holder = game.holder(to)
    unless(holder is not None and (holder == seat or game.allied(seat, holder)), "not_friendly")
    step = game.way(seat, start).get(to)
    unless(step is not None, "no_way")
    troops = check_send(game, seat, start, amount)
    game.moves += game.has_turns()
    game.depart(seat, MOVE, start, step, to, troops)


def retreat(game, seat, army):
    check_in_play(game, seat)
    unless(army in game.armies and game.armies[army].owner == seat, "unknown_army")
    marching = game.armies[army]
    unless(marching.fighting or marching.purpose != RETURN, "already_returning")
    if not marching.fighting:
        game.turn_round(army)
        return
    battle = marching.to
    game.fall(army, share_up(marching.troops, game.rules["battle"]["retreat_loss"]))
    if army in game.armies:
        game.break_off(army)
    game.left(battle)


def build(game, seat, territory, structure):
    check_in_play(game, seat)
    check_own_turn(game, seat)
    check_own(game, seat, territory)
    land, kind, rules = game.lands[territory], STRUCTURES.index(structure), game.rules["structures"][structure]
    unless(land.structure in (0, kind) and not land.building, "already_built")
    unless(land.level < rules["levels_max"], "highest_level")
    sea = any(edge["kind"] == "sea" for _, edge in game.edges_from(territory))
    unless(structure != "port" or sea, "no_sea_route")
    alike = [game.lands[n] for n in game.held(seat) if game.lands[n].structure == kind]
    owned = sum(one.level + one.building for one in alike)
    cost = rules["cost"] + rules["cost_growth"] * min(owned, rules["cost_steps_max"])
    unless(game.players[seat].now >= cost, "not_enough_gold")
    game.players[seat].now -= cost
    game.settle(seat)
    land.structure, land.building, land.ready = kind, True, game.after(rules["build_ticks"])
    game.write(territory)


def demolish(game, seat, territory):
    check_in_play(game, seat)
    check_own_turn(game, seat)
    check_own(game, seat, territory)
    land = game.lands[territory]
    unless(land.structure, "nothing_built")
    unless(territory not in game.battles, "besieged")
    game.settle(seat)
    land.structure, land.level, land.building, land.ready = 0, 0, False, 0
    game.write(territory)


def strike(game, seat, start, target):
    check_in_play(game, seat)
    check_own_turn(game, seat)
    check_own(game, seat, start)
    unless(game.stands(game.lands[start], "silo"), "needs_silo")
    check_land(game, target)
    check_hit(game, seat, target)
    rules, player = game.rules["strike"], game.players[seat]
    unless(rules["range"] == 0 or target in game.within(start, rules["range"]), "out_of_range")
    unless(not game.lands[start].reload, "reloading")
    unless(player.now >= rules["cost"], "not_enough_gold")
    player.now -= rules["cost"]
    game.settle(seat)
    game.strike(seat, start, target)


def supply(game, seat, start, to):
    check_in_play(game, seat)
    check_own(game, seat, start)
    line = game.supplies.get(start)
    if to is None:
        unless(line, "supply_unchanged")
        del game.supplies[start]
        return
    check_own(game, seat, to)
    unless(to in game.way(seat, start), "no_way")
    unless(line is None or line.to != to, "supply_unchanged")
    lines = [line for line in game.supplies.values() if line.owner == seat]
    max_lines = 0 if game.has_turns() else game.rules["supply"]["lines_max"]
    unless(start in game.supplies or len(lines) < max_lines, "too_many_supplies")
    game.supplies[start] = Supply(seat, to, game.after(1))


def propose_alliance(game, seat, to):
    check_in_play(game, seat)
    check_stranger(game, seat, to)
    unless(not game.bound(seat, to), "already_allied")
    unless(not game.proposed(seat, to), "already_proposed")
    if game.proposed(to, seat):
        game.ally(seat, to)
        return
    diplomacy = game.rules["diplomacy"]
    proposals = sum(game.proposed(seat, other) for other in range(game.seats) if other != seat)
    unless(proposals < diplomacy["proposals_max"], "too_many_proposals")
    pact = game.pact(seat, to)
    pact.state, pact.until = proposal_of(seat, to), game.after(diplomacy["proposal_ticks"])


def answer_alliance(game, seat, start, accept):
    check_in_play(game, seat)
    check_other(game, seat, start)
    unless(game.proposed(start, seat), "no_proposal")
    if accept:
        game.ally(seat, start)
    else:
        game.part(seat, start)


def break_alliance(game, seat, other):
    check_in_play(game, seat)
    check_stranger(game, seat, other)
    unless(game.bound(seat, other), "not_allied")
    game.part(seat, other)
    if not game.traitor(other) and game.players[other].presence == HERE:
        until = game.after(game.rules["diplomacy"]["traitor_ticks"])
        game.players[seat].traitor_until = until


def extend_alliance(game, seat, other):
    check_in_play(game, seat)
    check_stranger(game, seat, other)
    unless(game.bound(seat, other), "not_allied")
    pact, window = game.pact(seat, other), game.rules["diplomacy"]["extend_ticks"]
    unless(game.tick >= max(0, pact.until - window), "too_early")
    unless(not game.asked(seat, other), "already_proposed")
    if game.asked(other, seat):
        game.extend(seat, other)
    else:
        pact.state = extension_of(seat, other)


def embargo(game, seat, other, on):
    check_in_play(game, seat)
    check_stranger(game, seat, other)
    unless(not game.allied(seat, other), "ally")
    now = game.pact(seat, other).embargo
    unless(bool(now & embargo_of(seat, other)) != on, "embargo_unchanged")
    game.set_embargo(seat, other, now ^ embargo_of(seat, other))


def donate_gold(game, seat, to, amount):
    check_in_play(game, seat)
    check_other(game, seat, to)
    unless(game.held(seat) and game.held(to), "landless")
    unless(game.allied(seat, to), "not_allied")
    giver, diplomacy = game.players[seat], game.rules["diplomacy"]
    unless(game.tick >= giver.gives_at, "too_soon")
    unless(amount >= 1, "no_gold")
    unless(amount <= share(giver.now, diplomacy["donation_max"]), "too_much_gold")
    giver.now -= amount
    giver.gives_at = game.after(diplomacy["donation_ticks"])
    game.players[to].now = min(GOLD_MAX, game.players[to].now + amount)
    game.settle(seat)
    game.settle(to)


def offer_draw(game, seat):
    check_in_play(game, seat)
    ticks = game.rules["diplomacy"]["draw_ticks"]
    unless(ticks, "no_draws")
    unless(game.tick >= game.players[seat].draw_until, "already_offered")
    game.players[seat].draw_until = game.after(ticks)


def surrender(game, seat):
    unless(game.phase in (SPAWN, PLAYING), "wrong_phase")
    check_in_game(game, seat)
    game.go_out(seat, SURRENDERED)


# The system's orders


def join(game, seat, bot, team=0):
    check_seat(game, seat)
    unless(game.phase == LOBBY, "wrong_phase")
    unless(game.players[seat].seat == OPEN, "seat_taken")
    teams = game.rules["seats"]["teams"]
    unless(1 <= team <= teams if teams else team == 0, "no_such_team")
    game.players[seat].seat, game.players[seat].team = BOT if bot else PERSON, team


def leave(game, seat):
    check_seat(game, seat)
    unless(game.phase != FINISHED, "wrong_phase")
    if game.phase == LOBBY:
        unless(game.players[seat].seat != OPEN, "not_in_game")
        game.players[seat] = Player()
    else:
        check_in_game(game, seat)
        game.go_out(seat, SURRENDERED)


def pause(game):
    set_pause(game, 1)


def resume(game):
    set_pause(game, 0)


def set_pause(game, paused):
    unless(game.phase in (SPAWN, PLAYING), "wrong_phase")
    unless(game.paused != paused, "pause_unchanged")
    game.paused = paused


def start(game):
    unless(game.phase == LOBBY, "wrong_phase")
    sitting = [player for player in game.players if player.seat != OPEN]
    alone = sum(player.team == 0 for player in sitting)
    unless(alone + len({player.team for player in sitting if player.team}) >= 2, "too_few_players")
    for player in sitting:
        player.standing = IN
    mode = game.rules["spawn"]["mode"]
    if mode == "pick":
        game.phase, game.until = SPAWN, game.after(game.rules["spawn"]["ticks"])
        return
    if mode == "fair":
        game.place_fairly()
    if mode == "deal":
        game.deal()
    game.end_spawn()


def change_presence(game, seat, before, after):
    check_seat(game, seat)
    unless(game.phase != FINISHED, "wrong_phase")
    player = game.players[seat]
    unless(player.seat == PERSON and player.presence in before, "presence_unchanged")
    player.presence = after


def away(game, seat):
    change_presence(game, seat, (HERE,), AWAY)


def takeover(game, seat):
    change_presence(game, seat, (AWAY,), TAKEN_OVER)


def back(game, seat):
    change_presence(game, seat, (AWAY, TAKEN_OVER), HERE)


SYSTEM = {order.__name__: order for order in (join, leave, start, pause, resume, away, takeover, back)}
SYSTEM["kick"] = leave
COMMANDS = {
    order.__name__: order
    for order in (
        *(spawn, deploy, attack, move, retreat, build, demolish, strike, supply),
        *(propose_alliance, answer_alliance, extend_alliance, break_alliance),
        *(embargo, donate_gold, offer_draw, end_turn, surrender),
    )
}
