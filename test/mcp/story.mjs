// A stock client looks somebody up, reads their roles, and is refused what the agent may not have.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'

const must = (holds, what) => {
  if (!holds) throw new Error(what)
}

export async function story(url) {
  const client = new Client({ name: 'story', version: '1' })
  let passed = 0
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
    const { tools } = await client.listTools()
    must(tools.every((t) => t.annotations.readOnlyHint), 'a tool that only reads says so')
    passed++
    const found = await client.callTool({ name: 'look_up_user', arguments: { query: 'grace@acme.example' } })
    must(!found.isError && found.structuredContent.count === 1, 'one person has this address')
    must(found.structuredContent.matches[0].name === 'Grace Hopper', 'and this name')
    passed++
    const { key } = found.structuredContent.matches[0]
    const roles = await client.callTool({ name: 'list_user_roles', arguments: { user: key } })
    must(!roles.isError && roles.structuredContent.roles[0].role === 'Mail', 'who has a role')
    passed++
    const none = await client.callTool({ name: 'look_up_user', arguments: { query: 'nobody@acme.example' } })
    must(!none.isError && none.structuredContent.count === 0, 'nobody is an answer')
    passed++
    const wrong = await client.callTool({ name: 'list_user_roles', arguments: { user: '' } })
    must(wrong.isError, 'an empty name is a mistake that the model reads')
    passed++
    const unknown = await client.callTool({ name: 'assign_role', arguments: {} }).catch((err) => err)
    must(unknown instanceof Error || unknown.isError, 'a tool that the agent does not have is not there')
    passed++
    return { name: '@modelcontextprotocol/sdk', passed, held: true }
  } catch (err) {
    console.error(`story: ${err.message}`)
    return { name: '@modelcontextprotocol/sdk', passed, held: false }
  } finally {
    await client.close()
  }
}
