// The operator's page: lists, and buttons that ask before they act. All text from the
// server is set as text, never as markup.

const $ = (id) => document.getElementById(id)
const REFRESH_MS = 3000
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

function button(text, act, grave = false) {
  const made = element('button', text, grave ? 'grave' : '')
  made.addEventListener('click', async () => {
    try { await act() } catch (error) { say(error.message) }
    await refresh()
  })
  return made
}

function rows(body, list, row) {
  const none = element('tr')
  none.append(Object.assign(element('td', 'none', 'empty'), { colSpan: 9 }))
  $(body).replaceChildren(...(list.length ? list.map(row) : [none]))
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

function game(info) {
  const path = (verb) => `games/${info.id}/${verb}`
  const seats = info.seats.filter((seat) => seat.kind !== 'open').map((seat) => {
    const label = element('span', seat.kind === 'bot' ? seat.name : `${seat.name}${seat.connected ? '' : ' (away)'}`)
    if (seat.kind === 'bot' || info.status !== 'running') return [label]
    return [label, button('kick', () => act(path('kick'), `Kick ${seat.name}`, { seat: seat.seat }), true)]
  })
  const acts = info.status === 'running'
    ? [button('freeze', () => act(path('freeze'), 'Freeze')), button('unfreeze', () => act(path('unfreeze'), 'Unfreeze'))]
    : []
  acts.push(button('end', () => act(path('end'), 'End the game'), true))
  return line(element('code', info.code), element('span', info.status, `state ${info.status}`), info.map, info.rules,
    String(info.tick ?? ''), seats.flatMap((seat, at) => at ? ['·', ...seat] : seat), acts)
}

const player = (found) => line(found.name, element('code', found.account), found.login ? 'registered' : 'guest')

const noted = (row) => line(new Date(row.at_ms).toLocaleString(), row.action, element('code', row.subject),
  element('span', row.outcome, `state ${row.outcome}`), row.detail)

async function refresh() {
  clearTimeout(timer)
  try {
    const [games, players, audit] = await Promise.all([
      ask('games'), ask(`players?name=${encodeURIComponent($('name').value)}`), ask('audit')])
    show(true)
    $('game-count').textContent = games.games.length
    rows('games', games.games, game)
    rows('players', players.players, player)
    rows('audit', audit.audit, noted)
    timer = setTimeout(refresh, REFRESH_MS)
  } catch (error) {
    if (error.status === 404) { show(false); say('The token is not valid here.') } else say(error.message)
  }
}

function show(open) {
  for (const id of ['open', 'leave']) $(id).hidden = !open
  $('locked').hidden = open
  if (!open) { token = ''; sessionStorage.removeItem('admin-token') }
}

const on = (id, event, work) => $(id).addEventListener(event, (happened) => { happened.preventDefault(); work() })
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
