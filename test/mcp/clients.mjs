// The clients that play the story. Each is a name, the words by which it tells that a token was refused, and open(url, token), which
// returns {list, call, close}; list and call return {data} or {error}. None of them knows Gatehouse: what is here only translates
// their ways of telling.
import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const patience = 60_000

// told is a result of tools/call as the story reads it.
function told(result) {
  const text = result.content?.map((c) => c.text).join('\n')
  return result.isError ? { error: text } : { data: result.structuredContent }
}

const sdk = {
  name: '@modelcontextprotocol/sdk', unauthorized: 'invalid token',
  async open(url, token) {
    const client = new Client({ name: 'story', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }))
    return {
      list: async () => ({ data: await client.listTools() }),
      call: async (name, args) => {
        try {
          return told(await client.callTool({ name, arguments: args }))
        } catch (err) {
          return { error: err.message }
        }
      },
      close: () => client.close(),
    }
  },
}

// run is a program of npm, by the Node that runs this. It gets a home of its own, so that it finds nobody's sessions.
function run(home, program, ...args) {
  return new Promise((resolve, reject) => {
    const options = { timeout: patience, env: { ...process.env, HOME: home, MCPC_HOME_DIR: home, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` } }
    execFile(process.execPath, [join(here, 'node_modules/.bin', program), ...args], options, (err, stdout, stderr) => {
      if (err?.killed) reject(new Error(`${program} took more than ${patience} ms`))
      else resolve({ code: err ? err.code : 0, stdout, stderr })
    })
  })
}

function lodging() {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-mcp-'))
  return { home, leave: () => rmSync(home, { recursive: true, force: true }) }
}

// inspector is its command line, which connects anew for every call; era says which protocol it offers.
const inspector = (era) => ({
  name: `@modelcontextprotocol/inspector, ${era}`, unauthorized: 'auth_required',
  async open(url, token) {
    const { home, leave } = lodging()
    const ask = async (...args) => {
      const r = await run(home, 'mcp-inspector', '--cli', url, '--transport', 'http', '--header', `Authorization: Bearer ${token}`, '--stored-auth-only',
        '--protocol-era', era, ...args)
      const unsound = 6 // --strict found a schema that clients cannot use
      if (r.stdout.trim() === '' || r.code === unsound) return { failed: r.stderr.trim() }
      return { result: JSON.parse(r.stdout) }
    }
    return {
      list: async () => {
        const { result, failed } = await ask('--method', 'tools/list', '--strict')
        return failed ? { error: failed } : { data: result }
      },
      call: async (name, args) => {
        const { result, failed } = await ask('--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args))
        return failed ? { error: failed } : told(result)
      },
      close: leave,
    }
  },
})

// mcpc keeps a session in a process of its own, which ends without a word when its token is refused: connect prints nothing, and
// the next command says that the connection was closed.
const mcpc = {
  name: '@apify/mcpc', unauthorized: 'invalid token', otherwise: 'Connection closed',
  async open(url, token) {
    const { home, leave } = lodging()
    const ask = async (...args) => {
      const r = await run(home, 'mcpc', '--json', ...args)
      return r.code === 0 ? { result: r.stdout.trim() && JSON.parse(r.stdout) } : { failed: r.stderr.trim() || r.stdout.trim() }
    }
    const close = async () => {
      await ask('close', '@story')
      leave()
    }
    let { result, failed } = await ask('connect', url, '@story', '--no-profile', '--header', `Authorization: Bearer ${token}`)
    if (!result && !failed) failed = (await ask('@story', 'tools-list')).failed
    if (failed) {
      await close()
      throw new Error(failed)
    }
    return {
      list: async () => {
        const { result, failed } = await ask('@story', 'tools-list')
        return failed ? { error: failed } : { data: { tools: result } }
      },
      call: async (name, args) => {
        const { result, failed } = await ask('@story', 'tools-call', name, JSON.stringify(args))
        return failed ? { error: failed } : told(result)
      },
      close,
    }
  },
}

// markgo is the client of mark3labs/mcp-go, in a program that speaks by lines.
const markgo = (program) => ({
  name: 'mark3labs/mcp-go', unauthorized: 'authorization required',
  async open(url, token) {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, MCP_URL: url, MCP_TOKEN: token } })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => {
      const { value, done } = await lines.next()
      if (done) throw new Error(`${program} ended`)
      return JSON.parse(value)
    }
    const ask = async (question) => {
      child.stdin.write(JSON.stringify(question) + '\n')
      return next()
    }
    const greeted = await next()
    if (greeted.error) throw new Error(greeted.error)
    return {
      list: async () => {
        const { result, error } = await ask({})
        return error ? { error } : { data: result }
      },
      call: async (tool, args) => {
        const { result, error } = await ask({ tool, arguments: args })
        return error ? { error } : told(result)
      },
      close: () => child.stdin.end(),
    }
  },
})

// clients are all of them; built says where the programs of Go are.
export const clients = (built) => [sdk, inspector('legacy'), inspector('modern'), mcpc, markgo(built.markgo)]
