// Runs clients that nobody here wrote against a sandbox of its own, and says what each of them asked and what failed.
//
//   node run.mjs [--short] [VENDOR...]
//
// --short leaves out the clients from npm, so that neither npm nor a network is needed. README.md says how a vendor's
// file looks.
import { readdir } from 'node:fs/promises'
import { startSandbox } from './sandbox.mjs'
import { Client } from './client.mjs'

const here = new URL('.', import.meta.url)
const frame = ['run.mjs', 'sandbox.mjs', 'client.mjs']

// vendorFiles are the files beside this one that are not the frame, narrowed to the vendors named.
async function vendorFiles(named) {
  const found = (await readdir(here)).filter((f) => f.endsWith('.mjs') && !frame.includes(f)).sort()
  const unknown = named.filter((v) => !found.includes(v + '.mjs'))
  if (unknown.length) throw new Error(`no file ${unknown.map((v) => v + '.mjs').join(', ')} here; there are ${found.join(', ')}`)
  return named.length ? found.filter((f) => named.includes(f.slice(0, -'.mjs'.length))) : found
}

function table(rows) {
  const lines = [['client', 'calls', 'failures'], ...rows.map((r) => [r.name, String(r.calls), String(r.failures.length)])]
  const widths = [0, 1, 2].map((i) => Math.max(...lines.map((l) => l[i].length)))
  return lines.map((l) => `${l[0].padEnd(widths[0])}  ${l[1].padStart(widths[1])}  ${l[2].padStart(widths[2])}`).join('\n')
}

async function main(args) {
  const short = args.includes('--short')
  const files = await vendorFiles(args.filter((a) => a !== '--short'))
  const rows = []
  const sandbox = await startSandbox()
  try {
    for (const file of files) {
      const vendor = file.slice(0, -'.mjs'.length)
      const { clients } = await import(new URL(file, here))
      if (!clients) throw new Error(`${file} exports no clients`)
      for (const one of clients) {
        if (short && one.npm) continue
        const client = new Client(one.name, vendor, sandbox)
        await client.play(one.run)
        for (const failure of client.failures) console.error(`${vendor}: ${one.name}: ${failure}`)
        rows.push(client)
      }
    }
  } finally {
    await sandbox.stop()
  }
  console.log(table(rows))
  return rows.length > 0 && rows.every((r) => r.failures.length === 0)
}

main(process.argv.slice(2)).then(
  (held) => { process.exitCode = held ? 0 : 1 },
  (err) => {
    console.error(`foreign: ${err.message}`)
    process.exitCode = 1
  },
)
