// One client's play: a fresh company, its steps, and what the sandbox's journal says it asked.

export class Client {
  constructor(name, vendor, sandbox) {
    this.name = name
    this.vendor = vendor
    this.sandbox = sandbox
    this.calls = 0
    this.failures = []
    // counted is the number of calls, set by a client of a vendor that keeps a journal of its own.
    this.counted = undefined
    // base is the vendor's address, such as http://127.0.0.1:40001/onelogin.
    this.base = `${sandbox.url}/${vendor}`
  }

  // play runs a client in a company of its own. Calls are those that the sandbox has seen, so that a client which swallows
  // errors or asks nothing is found out.
  async play(run) {
    await this.sandbox.control('POST', 'reset', { people: 60, seed: 1 })
    await this.sandbox.control('DELETE', 'journal')
    const all = JSON.parse(await this.sandbox.control('GET', 'credentials'))
    this.credentials = all[this.vendor]
    // Some clients tell the console of each call; the table is all that is said here.
    const { log } = console
    console.log = () => {}
    try {
      await run(this)
    } catch (err) {
      this.failures.push(`outside of a step: ${err.stack ?? err}`)
    } finally {
      console.log = log
    }
    const journal = (await this.sandbox.control('GET', `journal?system=${this.vendor}`)).split('\n').filter(Boolean).map((l) => JSON.parse(l))
    this.calls = this.counted ?? journal.length
    if (this.calls === 0) this.failures.push('it asked nothing')
    for (const e of journal.filter((e) => e.unknown)) this.failures.push(`the sandbox does not serve ${e.method} ${e.path}`)
  }

  // step runs something that a user does. One that throws is a failure, and the steps after it go on without its result.
  async step(what, action) {
    try {
      return await action()
    } catch (err) {
      this.failures.push(`${what}: ${err.message ?? err}`)
      return undefined
    }
  }

  // control changes the company by hand, such as control('POST', 'hr', {...}), and returns what the sandbox says.
  async control(method, path, body) {
    const text = await this.sandbox.control(method, path, body)
    return text ? JSON.parse(text) : undefined
  }

  // http sends a request that is written down from a client's public source. body is sent as JSON unless it is a string
  // or URLSearchParams; the reply's body is decoded if it is JSON.
  async http(method, path, { headers = {}, body, status } = {}) {
    const plain = body === undefined || typeof body === 'string' || body instanceof URLSearchParams
    const response = await fetch(this.base + path, {
      method, body: plain ? body : JSON.stringify(body), redirect: 'manual',
      headers: plain ? headers : { 'Content-Type': 'application/json', ...headers },
    })
    const text = await response.text()
    const json = (response.headers.get('content-type') ?? '').includes('json')
    if (status !== undefined && response.status !== status) {
      throw new Error(`${method} ${path}: HTTP ${response.status} where ${status} was expected: ${text.slice(0, 300)}`)
    }
    return { status: response.status, headers: response.headers, text, body: json && text ? JSON.parse(text) : text }
  }
}
