// Measures Colyseus, a plain `ws` broadcast and our server one after the other on the same work, by the processor
// time of each server's process: node run.mjs BINARIES SECONDS ROUNDS SIZE...
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SIZES } from './script.mjs';

const [binaries, seconds, rounds, ...sizes] = process.argv.slice(2);
const node = process.execPath;
const env = { ...process.env, NODE_ENV: 'production' };
let port = 23000;

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Starts a program; `line()` is the next line that it prints. */
function start(program, args) {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((done) => { child.on('exit', done); });
  return { child, ended, line: async () => (await lines.next()).value };
}

async function until(program, wanted) {
  for (;;) {
    const line = await program.line();
    if (line === undefined) throw new Error(`it ended before it said ${wanted}`);
    if (line.includes(wanted)) return line;
  }
}

/** User and system seconds of a process. */
function cpu(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** What the same would take at 20 steps a second: on a busy machine a server falls behind, and does less. */
function at20(cores, receivers, patches) {
  return cores * receivers * 20 * seconds / patches;
}

/** Busy seconds of all processes of the machine. */
function busy() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / 100;
}

async function peer(kind, size, bytes) {
  port += 1;
  const file = kind === 'plain' ? 'plain.mjs' : 'colyseus.mjs';
  const server = start(node, [file, String(port), size, ...(bytes ? [String(Math.round(bytes))] : [])]);
  await until(server, 'ready');
  const clients = start(node, ['clients.mjs', kind, String(port), size]);
  await until(clients, 'ready');
  await sleep(3000);
  clients.child.stdin.write('begin\n');
  const [before, busyBefore, own] = [cpu(server.child.pid), busy(), cpu(clients.child.pid)];
  await sleep(seconds * 1000);
  const cores = (cpu(server.child.pid) - before) / seconds;
  const others = (busy() - busyBefore - (cpu(clients.child.pid) - own)) / seconds - cores;
  let theirs = [];
  if (kind === 'colyseus') {
    server.child.kill('SIGUSR2');
    theirs = JSON.parse(await until(server, '['));
    await sleep(500);
  }
  clients.child.stdin.write('end\n');
  const seen = JSON.parse(await until(clients, '{'));
  server.child.kill('SIGKILL');
  await Promise.all([server.ended, clients.ended]);
  const { digests, ...rest } = seen;
  const verified = kind === 'colyseus' ? digests.every((sum) => theirs.includes(sum)) : undefined;
  const all20 = at20(cores, SIZES[size].rooms * SIZES[size].clients - digests.length, rest.patches);
  return { at20: all20, cores, others, ...rest, verified };
}

async function ours(size) {
  const folder = mkdtempSync(join(tmpdir(), 'sovereign-peers-'));
  port += 2;
  const server = start(join(binaries, 'sovereign-server'), [
    '--port', String(port), '--ops-port', String(port + 1), '--data-dir', folder,
    '--config', '../../load.toml', '--set', 'telemetry.log=warn',
  ]);
  await until(server, 'ready');
  const url = `http://127.0.0.1:${port}`;
  const all = busy();
  const load = start(join(binaries, 'sovereign'), [
    'load', '--json', '--url', url, '--workload', size, '--seconds', String(seconds), '--warm-up', '3',
    '--pid', String(server.child.pid), '--ops', `http://127.0.0.1:${port + 1}`,
  ]);
  let text = '';
  for (let line = await load.line(); line !== undefined; line = await load.line()) text += line;
  await load.ended;
  const report = JSON.parse(text);
  const others = (busy() - all) / (Number(seconds) + 3.5);
  server.child.kill('SIGKILL');
  await server.ended;
  rmSync(folder, { recursive: true });
  const all20 = at20(report.server.cores, SIZES[size].rooms * SIZES[size].clients, report.bodies);
  return {
    at20: all20, cores: report.server.cores, user: report.server.user_cores, system: report.server.system_cores,
    machine: others, patchBytes: report.body_bytes_mean, bytesPerChange: report.bytes_per_change,
    patches: report.bodies, gapP99: report.gap_ms.p99, latencyP50: report.effect_ms.p50,
    latencyP99: report.effect_ms.p99, verified: report.verified && report.wrong === 0, p99: report.server.p99_ms,
  };
}

for (let round = 1; round <= rounds; round += 1) {
  for (const size of sizes) {
    const colyseus = await peer('colyseus', size);
    const sovereign = await ours(size);
    const plain = await peer('plain', size, colyseus.patchBytes);
    const ratio = { colyseus: sovereign.at20 / colyseus.at20, plain: sovereign.at20 / plain.at20 };
    console.log(JSON.stringify({ size, round, ratio, colyseus, plain, sovereign }));
  }
}
