// What every client plays, step by step. A step is a row: what it shows, what it asks, and what must hold of the answer.
//
//   shows   what the step proves, for whoever reads that it failed
//   list    asks for the tools, with what each says of itself
//   tool    calls one, with args: an object, or a function of what earlier steps have kept
//   error   words that the refusal must have; without it an error fails the step
//   holds   says of the answer's data whether it is right, and may keep something for later steps
//   token   opens a connection of its own with this token, which has to be refused in the client's words for that
//
// The tools that the judge's agent has are in serve/policy.yaml.

export const tools = ['assign_role', 'list_user_roles', 'look_up_user', 'request_status', 'whoami']

const asks = (kept, more) => ({ user: kept.grace, role: 'Jira', request_id: kept.id, reason: 'asked for by her manager', ...more })

export const steps = [
  {
    shows: 'exactly the tools of the agent are listed, each with a description', list: true,
    holds: (data) => same(data.tools.map((t) => t.name), tools) && data.tools.every((t) => t.description && t.inputSchema.type === 'object'),
  },
  {
    shows: 'a tool that only reads says so', list: true,
    holds: (data) => data.tools.filter((t) => reading(t.name)).every((t) => t.annotations.readOnlyHint === true && t.annotations.destructiveHint === false),
  },
  {
    shows: 'a tool that changes something says so', list: true,
    holds: (data) => data.tools.filter((t) => !reading(t.name)).every((t) => t.annotations.readOnlyHint === false && t.annotations.idempotentHint === true),
  },
  {
    shows: 'the agent learns who it is', tool: 'whoami', args: {},
    holds: (data) => data.agent.startsWith('judge') && data.owner === 'ada@acme.example' && same(data.sees, ['email', 'name', 'roles', 'status']),
  },
  {
    shows: 'one person has this address', tool: 'look_up_user', args: { query: 'grace@acme.example' },
    holds: (data, kept) => {
      kept.grace = data.matches[0].key
      return data.count === 1 && data.matches[0].name === 'Grace Hopper' && data.matches[0].title === undefined
    },
  },
  {
    shows: 'her roles are listed by the key', tool: 'list_user_roles', args: (kept) => ({ user: kept.grace }),
    holds: (data, kept) => data.key === kept.grace && data.total === 1 && data.roles[0].role === 'Mail' && data.roles[0].privileged === false,
  },
  { shows: 'nobody is an answer', tool: 'look_up_user', args: { query: 'nobody@acme.example' }, holds: (data) => data.count === 0 },
  {
    shows: 'an administrator is kept from the agent, by the name of the rule', tool: 'list_user_roles', args: { user: 'root@acme.example' },
    error: ['"denied_by":"policy"', '"rule":"nobody protected"'],
  },
  { shows: 'an empty name is a mistake that a model can read', tool: 'list_user_roles', args: { user: '' }, error: ['say whom'] },
  { shows: 'an argument of the wrong type is refused', tool: 'look_up_user', args: { query: 5 }, error: ['query'] },
  { shows: 'an argument that the tool does not have is refused', tool: 'whoami', args: { as: 'root' }, error: ['as'] },
  { shows: 'a tool that nobody has is not there', tool: 'become_root', args: {}, error: ['become_root'] },
  {
    shows: 'a dry run returns the plan and who would be asked', tool: 'assign_role', args: (kept) => asks(kept),
    holds: (data, kept) => {
      kept.hash = data.plan_hash
      return data.state === 'dry_run' && data.plan.length === 1 && data.plan_hash.length === 32 && data.asks.startsWith('a person other than')
    },
  },
  { shows: 'a dry run files nothing', tool: 'request_status', args: (kept) => ({ request_id: kept.id }), error: ['no request of this id'] },
  {
    shows: 'a plan that is not the one files nothing', tool: 'assign_role', args: (kept) => asks(kept, { execute: true, plan_hash: '0'.repeat(32) }),
    error: ['plan_hash'],
  },
  {
    shows: 'a request is filed', tool: 'assign_role', args: (kept) => asks(kept, { execute: true, plan_hash: kept.hash }),
    holds: (data) => data.state === 'filed' && data.rule === 'roles are asked about',
  },
  {
    shows: 'the same request again is the same', tool: 'assign_role', args: (kept) => asks(kept, { execute: true, plan_hash: kept.hash }),
    holds: (data) => data.state === 'filed' && data.note.startsWith('this request was filed before'),
  },
  {
    shows: 'another request under its id is refused', tool: 'assign_role', args: (kept) => asks(kept, { role: 'Super admin', execute: true }),
    error: ['"denied_by":"other_arguments"'],
  },
  {
    shows: 'the agent asks how it stands', tool: 'request_status', args: (kept) => ({ request_id: kept.id, wait_seconds: 1 }),
    holds: (data) => data.state === 'filed' && data.over === false && data.tool === 'assign_role',
  },
  { shows: 'a wrong token opens nothing', token: 'ghagt_wrong' },
]

function reading(name) {
  return /^(list_|look_up_|whoami$|request_status$)/.test(name)
}

function same(a, b) {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())
}

// play has a client go through every step, and returns how many held and what did not. A step that a client cannot do fails.
export async function play(client, { url, token }) {
  const kept = { id: `story-${client.name.replaceAll(/[^a-z0-9]/g, '.')}` }
  const failures = []
  let passed = 0
  let session
  try {
    session = await client.open(url, token)
    for (const step of steps) {
      const wrong = await attempt(client, session, url, step, kept)
      if (wrong) failures.push(`${step.shows}: ${wrong}`)
      else passed++
    }
  } catch (err) {
    failures.push(`cannot begin: ${err.message}`)
  } finally {
    await session?.close()
  }
  return { name: client.name, passed, failures }
}

// attempt returns what is wrong, undefined if nothing is. Answers are {error, data}: what was refused in words, or what came.
async function attempt(client, session, url, step, kept) {
  let answer
  try {
    if (step.token) return await refused(client, url, step.token)
    else if (step.list) answer = await session.list()
    else answer = await session.call(step.tool, typeof step.args === 'function' ? step.args(kept) : step.args)
  } catch (err) {
    return `the client cannot do this step: ${err.message}`
  }
  if (step.error) {
    if (answer.error === undefined) return `an answer came, where a refusal was due: ${JSON.stringify(answer.data)}`
    return step.error.every((words) => answer.error.includes(words)) ? undefined : `the refusal says ${JSON.stringify(answer.error)}`
  }
  if (answer.error !== undefined) return `refused: ${answer.error}`
  if (!answer.data) return 'no structured content came'
  return step.holds(answer.data, kept) ? undefined : `the answer is ${JSON.stringify(answer.data)}`
}

// refused has the token be refused with 401, to whoever asks and to the client.
async function refused(client, url, token) {
  const { status, headers } = await fetch(url, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: '{}' })
  if (status !== 401 || !headers.get('www-authenticate')?.includes('resource_metadata=')) return `the server answers ${status}`
  try {
    const session = await client.open(url, token)
    const answer = await session.list().finally(() => session.close())
    if (answer.error === undefined) return 'the client was let in'
    throw new Error(answer.error)
  } catch (err) {
    return [client.unauthorized, client.otherwise].some((words) => words && err.message.includes(words)) ? undefined : `the client says ${JSON.stringify(err.message)}`
  }
}
