// The operator's page: lists, and buttons that ask before they act. All text from the
// server is set as text, never as markup.

const $ = (id) => document.getElementById(id)
const REFRESH_MS = 3000
const DAY_S = 24 * 60 * 60
const TICKS_A_SECOND = 20
/** How long a ban can last. */
const TERMS = [['A day', DAY_S], ['A week', 7 * DAY_S], ['A month', 30 * DAY_S], ['For good', null]]
let token = sessionStorage.getItem('admin-token') ?? ''
let timer

async function ask(path, body) {
  const headers = { authorization: `Bearer ${token}` }
  const options = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`admin/v1/${path}`, options)
  const told = await answer.json().catch(() => ({}))
  if (!answer.ok) throw Object.assign(new Error(told.message ?? answer.statusText), { status: answer.status })
  return told
}

function say(text) {
  $('said').textContent = text
  $('said').classList.add('shown')
  setTimeout(() => $('said').classList.remove('shown'), 4000)
}

const element = (name, text = '', kind = '') => {
  const made = document.createElement(name)
  made.textContent = text
  made.className = kind
  return made
}

const box = (kind, ...parts) => {
  const made = element('div', '', kind)
  made.append(...parts)
  return made
}

function button(text, act, kind = '') {
  const made = element('button', text, kind)
  made.addEventListener('click', async () => {
    try { await act() } catch (error) { say(error.message) }
    await refresh()
  })
  return made
}

/** Shows a list; what has not changed stays, so that nothing moves under a finger. */
function rows(body, list, row, none) {
  const shown = JSON.stringify(list)
  if ($(body).dataset.shown === shown) return
  $(body).dataset.shown = shown
  const empty = () => ($(body).tagName === 'TBODY' ? line(Object.assign(element('span', none, 'empty'))) : element('p', none, 'empty'))
  $(body).replaceChildren(...(list.length ? list.map(row) : [empty()]))
  if (!list.length && $(body).tagName === 'TBODY') $(body).firstChild.firstChild.colSpan = 9
}

function line(...cells) {
  const made = element('tr')
  for (const cell of cells) {
    const td = element('td')
    td.append(...(Array.isArray(cell) ? cell.flatMap((part) => [part, ' ']) : [cell]))
    made.append(td)
  }
  return made
}

/** Asks why, which goes into the audit log; nothing happens without an answer. */
async function act(path, what, more = {}) {
  const reason = prompt(`${what}: why? (for the audit log)`)
  if (reason === null) return
  await ask(path, { reason, ...more })
  say(`${what}: done`)
}

const time = (ticks) => `${Math.floor(ticks / TICKS_A_SECOND / 60)}:${String(Math.floor(ticks / TICKS_A_SECOND) % 60).padStart(2, '0')}`
const when = (ms) => new Date(ms).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
const state = (text) => element('span', text, `state ${text}`)
const id = (text) => Object.assign(element('code', text ? `…${text.slice(-12)}` : '–'), { title: text ?? '' })

function seat(info, one) {
  const away = one.kind === 'person' && !one.connected && info.status === 'running'
  const made = element('span', away ? `${one.name} (away)` : one.name, `seat ${one.kind}`)
  if (one.kind === 'person' && info.status === 'running') {
    made.append(button('kick', () => act(`games/${info.id}/kick`, `Kick ${one.name}`, { seat: one.seat }), 'small grave'))
  }
  return made
}

function game(info) {
  const path = (verb) => `games/${info.id}/${verb}`
  const acts = info.status === 'running'
    ? [button('freeze', () => act(path('freeze'), 'Freeze')), button('unfreeze', () => act(path('unfreeze'), 'Unfreeze'))]
    : []
  acts.push(button('end', () => act(path('end'), 'End the game'), 'grave'))
  const seats = info.seats.filter((one) => one.kind !== 'open').map((one) => seat(info, one))
  return line(element('code', info.code), state(info.status), `${info.map} · ${info.rules}${info.private ? ' · private' : ''}`,
    info.tick === null ? '' : time(info.tick), box('seats', ...seats), box('acts', ...acts))
}

/** How to shut somebody out: for how long, then why. */
function banning(account, name) {
  const term = element('select', '', 'small')
  term.setAttribute('aria-label', `How long ${name} is banned`)
  term.append(...TERMS.map(([label], at) => Object.assign(element('option', label), { value: String(at), selected: at === 1 })))
  const ban = () => {
    const [label, seconds] = TERMS[Number(term.value)]
    const until = seconds === null ? null : Math.floor(Date.now() / 1000) + seconds
    return act(`players/${account}/ban`, `Ban ${name} (${label.toLowerCase()})`, { until_s: until })
  }
  return [term, button('ban', ban, 'grave')]
}

const unban = (account, name) => button('unban', () => act(`players/${account}/unban`, `Unban ${name}`))

function player(found) {
  const acts = found.banned ? [unban(found.account, found.name)]
    : [...banning(found.account, found.name), button('log out', () => act(`players/${found.account}/log-out`, `Log ${found.name} out`))]
  return line(found.name, id(found.account), state(found.banned ? 'banned' : found.login ? 'registered' : 'guest'), box('acts', ...acts))
}

const ban = (row) => line(row.name ?? 'gone', id(row.account), row.until_s === null ? 'for good' : when(row.until_s * 1000), row.reason, unban(row.account, row.name))

function said({ tick, from, to, allies, text }, accused) {
  const whom = to !== null ? ` to seat ${to + 1}` : allies ? ' to allies' : ''
  const made = element('li', '', from === accused ? 'accused' : '')
  made.append(element('small', `${time(tick)} seat ${from + 1}${whom}`), ' ', element('span', text))
  return made
}

function report(row) {
  const lines = element('ol')
  lines.append(...row.lines.map((one) => said(one, row.seat)))
  const head = box('report-head', state(row.reason), element('b', row.name ?? 'somebody gone'),
    element('span', `seat ${row.seat + 1} · ${when(row.at_ms)} · by ${row.reporter_name ?? 'somebody gone'}`))
  const acts = box('acts', button('close', () => act(`reports/${row.number}/close`, 'Close the report')),
    ...(row.account ? banning(row.account, row.name ?? 'them') : []))
  return box('report', head, row.comment ? element('blockquote', row.comment) : '', row.lines.length ? lines : element('p', 'Nothing was said that they heard.', 'empty'), acts)
}

const noted = (row) => line(when(row.at_ms), row.action, id(row.subject), state(row.outcome), row.detail)

async function refresh() {
  clearTimeout(timer)
  try {
    const [games, players, bans, reports, audit] = await Promise.all([
      ask('games'), ask(`players?name=${encodeURIComponent($('name').value)}`), ask('bans'), ask('reports'), ask('audit')])
    show(true)
    $('game-count').textContent = games.games.length
    $('report-count').textContent = reports.reports.length || ''
    rows('game-rows', games.games, game, 'No games.')
    rows('report-rows', reports.reports, report, 'No open reports.')
    rows('player-rows', players.players, player, 'Nobody of this name.')
    rows('ban-rows', bans.bans, ban, 'Nobody.')
    rows('audit-rows', audit.audit, noted, 'Nothing yet.')
    timer = setTimeout(refresh, REFRESH_MS)
  } catch (error) {
    if (error.status === 404) { show(false); say('The token is not valid here.') } else say(error.message)
  }
}

function show(open) {
  for (const part of ['open', 'leave', 'tabs']) $(part).hidden = !open
  $('locked').hidden = open
  if (!open) { token = ''; sessionStorage.removeItem('admin-token') }
}

const on = (part, event, work) => $(part).addEventListener(event, (happened) => { happened.preventDefault(); work() })
on('enter', 'submit', () => { token = $('token').value.trim(); sessionStorage.setItem('admin-token', token); refresh() })
on('leave', 'click', () => { clearTimeout(timer); show(false) })
on('find', 'submit', refresh)
on('announce', 'submit', async () => {
  try { await ask('announce', { message: $('message').value }); $('message').value = ''; say('Announced.') } catch (error) { say(error.message) }
  await refresh()
})
on('check', 'click', async () => {
  try {
    const report = await ask('audit/check')
    $('chain').textContent = report.broken_at === null
      ? `whole: ${report.rows} rows, newest ${report.newest.slice(0, 12)}` : `broken at row ${report.broken_at}`
  } catch (error) { say(error.message) }
})
if (token) refresh()
