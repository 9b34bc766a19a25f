// Has judges and clients that nobody here wrote speak to an agents' server of its own. README.md says which.
//
//   node run.mjs SERVER MARKGO
//
// SERVER is the built program of ./serve, MARKGO that of ./markgo.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clients } from './clients.mjs'
import { play } from './story.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const revisions = ['2025-11-25', '2026-07-28']

async function start(program) {
  const server = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] })
  const failed = new Promise((_, reject) => {
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`${program} ended with ${code} before it served`)))
  })
  const lines = createInterface({ input: server.stdout })
  const first = new Promise((resolve) => lines.once('line', resolve))
  return { server, served: JSON.parse(await Promise.race([first, failed])) }
}

function judge(url, revision) {
  const out = mkdtempSync(join(tmpdir(), 'gatehouse-mcp-'))
  try {
    const run = spawnSync(process.execPath, [
      join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js'), 'server', '--url', url, '--requirements', revision,
      '--expected-failures', join(here, `baseline-${revision}.yaml`), '-o', out,
    ], { cwd: out, encoding: 'utf8', timeout: 180_000 })
    const summary = run.stdout.slice(run.stdout.indexOf('=== SUMMARY'))
    const total = /Total: (\d+) passed/.exec(summary)
    const passed = total ? Number(total[1]) : 0
    return { name: `conformance ${revision}`, passed, failures: run.status === 0 && passed > 0 ? [] : [summary + run.stderr] }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

async function main([program, markgo]) {
  const { server, served } = await start(program)
  try {
    const rows = revisions.map((revision) => judge(served.proxy, revision))
    const all = clients({ markgo })
    // The short form leaves out those that start processes of their own for each step.
    const playing = process.env.SHORT ? all.filter(({ name }) => !/inspector|mcpc/.test(name)) : all
    for (const [i, client] of playing.entries()) rows.push(await play(client, { url: served.url, token: served.tokens[i + 1] }))
    for (const { name, passed, failures } of rows) {
      for (const failure of failures) console.error(`${name}: ${failure}`)
      console.log(`${name}: ${passed} passed, ${failures.length ? `${failures.length} FAILED` : 'nothing unexpected'}`)
    }
    return rows.every(({ passed, failures }) => passed > 0 && failures.length === 0)
  } finally {
    server.removeAllListeners('exit')
    server.kill('SIGINT')
  }
}

main(process.argv.slice(2)).then(
  (held) => { process.exitCode = held ? 0 : 1 },
  (err) => {
    console.error(`mcp: ${err.message}`)
    process.exitCode = 1
  },
)
