// The sandbox as a process of its own, and its control endpoints.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = process.env.SANDBOX ?? fileURLToPath(new URL('../../bin/sandbox', import.meta.url))

// startSandbox starts bin/sandbox, or the program that SANDBOX names, on a free port of this machine.
export async function startSandbox() {
  const child = spawn(program, ['--addr', '127.0.0.1:0', '--ldap', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const url = await new Promise((resolve, reject) => {
    const said = []
    child.once('error', (err) => reject(new Error(`start ${program}: ${err.message}; "make bin/sandbox" builds it`)))
    child.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}: ${said.join(' ')}`)))
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line)
      const found = /url=(http:\S+?)\/?(\s|$)/.exec(line)
      if (found) resolve(found[1])
    })
  })
  return {
    url,
    // control calls a control endpoint, such as control('POST', 'reset', {people: 60}).
    async control(method, path, body) {
      const response = await fetch(`${url}/sandbox/${path}`, {
        method, body: body === undefined ? undefined : JSON.stringify(body),
        headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`sandbox: ${method} ${path}: HTTP ${response.status}: ${text}`)
      return text
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
