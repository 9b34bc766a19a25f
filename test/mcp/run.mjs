// Has judges that nobody here wrote speak to an agents' server of its own. README.md says which.
//
//   node run.mjs SERVER
//
// SERVER is the built program of ./serve.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { story } from './story.mjs'

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
  return { server, url: await Promise.race([first, failed]) }
}

function judge(url, revision) {
  const out = mkdtempSync(join(tmpdir(), 'gatehouse-mcp-'))
  try {
    const run = spawnSync(process.execPath, [
      join(here, 'node_modules/@modelcontextprotocol/conformance/dist/index.js'), 'server', '--url', url, '--requirements', revision,
      '--expected-failures', join(here, `baseline-${revision}.yaml`), '-o', out,
    ], { cwd: out, encoding: 'utf8', timeout: 180_000 })
    const summary = run.stdout.slice(run.stdout.indexOf('=== SUMMARY'))
    if (run.status !== 0) console.error(summary + run.stderr)
    const total = /Total: (\d+) passed/.exec(summary)
    return { name: `conformance ${revision}`, passed: total ? Number(total[1]) : 0, held: run.status === 0 }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

async function main([program]) {
  const { server, url } = await start(program)
  try {
    const rows = revisions.map((revision) => judge(url, revision))
    rows.push(await story(url))
    for (const r of rows) console.log(`${r.name}: ${r.passed} passed, ${r.held ? 'nothing unexpected' : 'FAILED'}`)
    return rows.every((r) => r.held && r.passed > 0)
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
