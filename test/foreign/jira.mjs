// Jira Cloud: the most used npm client by version 3 and by version 2 of the API, and the requests of the Python client.
import assert from 'node:assert/strict'

export const clients = [
  { name: 'jira.js 5.4.0 (version 3)', npm: true, run: version3 },
  { name: 'jira.js 5.4.0 (version 2)', npm: true, run: version2 },
  { name: 'pycontribs/jira, as HTTP', run: python },
]

const config = (t) => ({ host: t.base, authentication: { basic: { email: t.credentials.user, apiToken: t.credentials.token } } })

// refusal is the status and the fields that Jira's answer names. The client throws the answer, or what axios made of it.
const refusal = (err) => {
  const response = err.response ?? err
  const data = response.data ?? response.response ?? err.cause?.response?.data ?? {}
  return { status: response.status ?? err.status ?? err.cause?.response?.status, fields: Object.keys(data.errors ?? {}) }
}

const rejects = (promise, status, ...fields) => assert.rejects(promise, (err) => {
  const was = refusal(err)
  assert.equal(was.status, status)
  if (fields.length) assert.deepEqual(was.fields, fields)
  return true
})

// demands has the project demand a field of each type.
const demands = (t) => t.control('POST', 'jira', {
  index_lag_ms: 0,
  project: {
    key: 'IT', components: ['Identity', 'Hardware'], fields: [
      { id: 'customfield_10021', name: 'Cost centre', type: 'string', required: true },
      { id: 'customfield_10023', name: 'Site', type: 'option', options: ['Berlin', 'Oslo'] },
      { id: 'customfield_10024', name: 'Sites', type: 'array', items: 'option', options: ['Berlin', 'Oslo'] },
      { id: 'customfield_10029', name: 'Notes', type: 'text' },
    ],
  },
})

async function version3(t) {
  const { Version3Client } = await import('jira.js')
  const jira = new Version3Client(config(t))
  await demands(t)

  const me = await t.step('who am I', async () => {
    const me = await jira.myself.getCurrentUser()
    assert.equal(me.emailAddress, t.credentials.user)
    return me
  })
  await t.step('a wrong token', () => rejects(new Version3Client({ ...config(t), authentication: { basic: { email: t.credentials.user, apiToken: 'no' } } }).myself.getCurrentUser(), 401))
  await t.step('projects, page by page', async () => {
    const first = await jira.projects.searchProjects({ maxResults: 1 })
    const second = await jira.projects.searchProjects({ startAt: 1, maxResults: 1 })
    assert.deepEqual([first.total, first.isLast, second.isLast], [2, false, true])
    assert.notEqual(first.values[0].key, second.values[0].key)
    assert.equal((await jira.projects.getProject({ projectIdOrKey: first.values[0].id })).key, first.values[0].key)
    assert.deepEqual((await jira.projectComponents.getProjectComponents({ projectIdOrKey: 'IT' })).map((c) => c.name), ['Identity', 'Hardware'])
  })
  const types = (await t.step('what a new issue needs', async () => {
    const { issueTypes } = await jira.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'IT' })
    const needed = []
    for (let startAt = 0, total = 1; startAt < total;) {
      const page = await jira.issues.getCreateIssueMetaIssueTypeId({ projectIdOrKey: 'IT', issueTypeId: issueTypes[0].id, startAt, maxResults: 4 })
      needed.push(...page.fields.filter((f) => f.required && !f.hasDefaultValue).map((f) => f.fieldId))
      total = page.total
      startAt += page.fields.length
    }
    assert.deepEqual(needed, ['issuetype', 'project', 'summary', 'customfield_10021'])
    return issueTypes
  })) ?? []
  await t.step('fields of the site', async () => {
    assert.ok((await jira.issueFields.getFields()).some((f) => f.name === 'Cost centre' && f.custom))
    assert.ok((await jira.issuePriorities.getPriorities()).some((p) => p.name === 'Highest'))
  })
  const project = { key: 'IT' }
  await t.step('what is demanded and missing is named', () => rejects(jira.issues.createIssue({ fields: { project, issuetype: { id: types[0].id }, summary: 'x' } }), 400, 'customfield_10021'))
  const made = []
  await t.step('create by ids and by names', async () => {
    made.push(await jira.issues.createIssue({ fields: {
      project: { id: '10000' }, issuetype: { id: types[0].id }, summary: 'one', description: 'a laptop', labels: ['idl-1'], customfield_10021: '4711',
      customfield_10023: { value: 'Oslo' }, customfield_10024: [{ value: 'Oslo' }, { value: 'Berlin' }], components: [{ name: 'Identity' }],
      assignee: { id: me.accountId }, priority: { name: 'High' },
    } }))
    for (const summary of ['two', 'three']) {
      made.push(await jira.issues.createIssue({ fields: { project, issuetype: { name: 'Task' }, summary, labels: ['idl-2'], customfield_10021: '4711' } }))
    }
    assert.match(made[0].key, /^IT-\d+$/)
  })
  await t.step('read', async () => {
    const issue = await jira.issues.getIssue({ issueIdOrKey: made[0].id, fields: ['*all'], fieldsByKeys: true, updateHistory: false, failFast: true, expand: ['names'] })
    const f = issue.fields
    assert.deepEqual([f.summary, f.description.content[0].content[0].text, f.assignee.accountId, f.priority.name], ['one', 'a laptop', me.accountId, 'High'])
    assert.deepEqual([f.customfield_10023.value, f.customfield_10024.map((o) => o.value), f.components[0].name], ['Oslo', ['Oslo', 'Berlin'], 'Identity'])
    assert.equal(issue.names.customfield_10021, 'Cost centre')
    await rejects(jira.issues.getIssue({ issueIdOrKey: 'IT-999' }), 404)
  })
  await t.step('edit: fields and update', async () => {
    await jira.issues.editIssue({ issueIdOrKey: made[0].key, notifyUsers: false, fields: { summary: 'uno' }, update: { labels: [{ add: 'moved' }, { remove: 'idl-1' }] } })
    const { fields } = await jira.issues.getIssue({ issueIdOrKey: made[0].key, fields: ['summary', 'labels'] })
    assert.deepEqual([fields.summary, fields.labels], ['uno', ['moved']])
    await rejects(jira.issues.editIssue({ issueIdOrKey: made[0].key, fields: { customfield_10023: { value: 'Rome' } } }), 400, 'customfield_10023')
  })
  await t.step('search, page by page', async () => {
    const keys = []
    for (let nextPageToken; ;) {
      const page = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({ jql: 'project in (IT, SEC) AND labels in (moved, "idl-2") ORDER BY created ASC', fields: ['summary'], maxResults: 2, nextPageToken })
      keys.push(...page.issues.map((i) => i.key))
      nextPageToken = page.nextPageToken
      if (!nextPageToken) break
    }
    assert.deepEqual(keys, made.map((i) => i.key))
    const { issues } = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearch({ jql: 'labels = moved' })
    assert.deepEqual(issues, [{ id: made[0].id }])
    await rejects(jira.issueSearch.searchForIssuesUsingJql({ jql: 'project = IT' }), 410)
    await rejects(jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({ jql: 'order by created' }), 400)
  })
  await t.step('comments: add, list by pages, change, delete', async () => {
    for (const comment of ['first', 'second', 'third']) await jira.issueComments.addComment({ issueIdOrKey: made[0].key, comment })
    const page = await jira.issueComments.getComments({ issueIdOrKey: made[0].key, startAt: 1, maxResults: 1 })
    assert.deepEqual([page.total, page.comments.length, page.comments[0].body.content[0].content[0].text], [3, 1, 'second'])
    await jira.issueComments.updateComment({ issueIdOrKey: made[0].key, id: page.comments[0].id, body: 'zweiter' })
    assert.equal((await jira.issueComments.getComment({ issueIdOrKey: made[0].key, id: page.comments[0].id })).body.content[0].content[0].text, 'zweiter')
    await jira.issueComments.deleteComment({ issueIdOrKey: made[0].key, id: page.comments[0].id })
    await rejects(jira.issueComments.getComment({ issueIdOrKey: made[0].key, id: page.comments[0].id }), 404)
  })
  await t.step('users, and who can be assigned', async () => {
    const [found] = await jira.userSearch.findUsers({ query: t.credentials.user })
    assert.equal(found.accountId, me.accountId)
    assert.equal((await jira.userSearch.findAssignableUsers({ project: 'IT', accountId: me.accountId })).length, 1)
    await jira.issues.assignIssue({ issueIdOrKey: made[1].key, accountId: me.accountId })
    assert.equal((await jira.issues.getIssue({ issueIdOrKey: made[1].key })).fields.assignee.accountId, me.accountId)
    await jira.issues.assignIssue({ issueIdOrKey: made[1].key, accountId: null })
    assert.equal((await jira.issues.getIssue({ issueIdOrKey: made[1].key })).fields.assignee, null)
  })
  await t.step('a transition, with a resolution and a comment', async () => {
    const { transitions } = await jira.issues.getTransitions({ issueIdOrKey: made[0].key })
    const close = transitions.find((x) => x.to.statusCategory.key === 'done')
    const move = { issueIdOrKey: made[0].key, transition: { id: close.id }, fields: { resolution: { name: 'Done' } }, update: { comment: [{ add: { body: { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'closed' }] }] } } }] } }
    await jira.issues.doTransition(structuredClone(move))
    const { fields } = await jira.issues.getIssue({ issueIdOrKey: made[0].key })
    assert.deepEqual([fields.status.name, fields.resolution.name, fields.comment.comments.at(-1).body.content[0].content[0].text], ['Done', 'Done', 'closed'])
    await rejects(jira.issues.doTransition(move), 400)
  })
  await t.step('delete', async () => {
    await jira.issues.deleteIssue({ issueIdOrKey: made[2].key })
    await rejects(jira.issues.getIssue({ issueIdOrKey: made[2].key }), 404)
  })
  await t.step('an archived project takes nothing', async () => {
    await t.control('POST', 'jira', { project: { key: 'IT', archived: true } })
    await rejects(jira.issues.createIssue({ fields: { project, issuetype: { name: 'Task' }, summary: 'late' } }), 400, 'project')
    assert.equal((await jira.issues.getIssue({ issueIdOrKey: made[0].key })).key, made[0].key)
    assert.deepEqual((await jira.projects.searchProjects()).values.map((p) => p.key), ['SEC'])
  })
}

// version2 is what most scripts still use: long texts are plain.
async function version2(t) {
  const { Version2Client } = await import('jira.js')
  const jira = new Version2Client(config(t))
  await demands(t)
  const fields = { project: { key: 'IT' }, issuetype: { name: 'Task' }, summary: 'plain', customfield_10021: '4711', customfield_10029: 'h1. note' }
  const made = await t.step('create', () => jira.issues.createIssue({ fields: { ...fields, description: 'one\ntwo' } }))
  await t.step('read', async () => {
    const { fields: f } = await jira.issues.getIssue({ issueIdOrKey: made.key })
    assert.deepEqual([f.description, f.customfield_10029], ['one\ntwo', 'h1. note'])
  })
  await t.step('texts have a length', async () => {
    await rejects(jira.issues.createIssue({ fields: { ...fields, description: 'x'.repeat(32768) } }), 400, 'description')
    await rejects(jira.issueComments.addComment({ issueIdOrKey: made.key, comment: 'x'.repeat(32768) }), 400, 'comment')
    await jira.issues.createIssue({ fields: { ...fields, description: 'x'.repeat(32767) } })
  })
  await t.step('comment and search', async () => {
    const comment = await jira.issueComments.addComment({ issueIdOrKey: made.key, comment: 'hello' })
    assert.equal(comment.body, 'hello')
    const { issues } = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({ jql: 'project = IT AND summary ~ "plain*"', fields: ['description'] })
    assert.equal(issues.at(-1).fields.description, 'one\ntwo')
  })
  await t.step('delete', async () => {
    await jira.issues.deleteIssue({ issueIdOrKey: made.key })
    await rejects(jira.issues.getIssue({ issueIdOrKey: made.key }), 404)
  })
}

// python is pycontribs/jira, jira/client.py: create_issue, issue, assign_issue, add_comment, transition_issue, enhanced_search_issues.
async function python(t) {
  const headers = { Authorization: 'Basic ' + Buffer.from(`${t.credentials.user}:${t.credentials.token}`).toString('base64'), Accept: 'application/json,*/*;q=0.9' }
  const ask = async (method, path, status, body) => (await t.http(method, '/rest/api/' + path, { headers, body, status })).body
  await t.step('connect', async () => {
    assert.equal((await ask('GET', '2/serverInfo', 200)).deploymentType, 'Cloud')
    assert.ok((await ask('GET', '2/field', 200)).some((f) => f.id === 'summary' && !f.custom))
  })
  const made = await t.step('create_issue', async () => {
    const made = await ask('POST', '2/issue', 201, { fields: { project: { key: 'SEC' }, summary: 'from python', description: 'text', issuetype: { name: 'Bug' } } })
    assert.equal((await ask('GET', '2/issue/' + made.key, 200)).fields.status.name, 'To Do')
    return made
  })
  await t.step('assign_issue', async () => {
    const [user] = await ask('GET', `2/user/search?query=${encodeURIComponent(t.credentials.user)}&startAt=0&maxResults=50`, 200)
    await ask('PUT', `2/issue/${made.key}/assignee`, 204, { accountId: user.accountId })
  })
  await t.step('add_comment', async () => assert.equal((await ask('POST', `2/issue/${made.key}/comment`, 201, { body: 'hi' })).body, 'hi'))
  await t.step('transition_issue', async () => {
    const { transitions } = await ask('GET', `2/issue/${made.key}/transitions`, 200)
    await ask('POST', `2/issue/${made.key}/transitions`, 204, { transition: { id: transitions[0].id }, update: { comment: [{ add: { body: 'moved' } }] }, fields: {} })
  })
  await t.step('enhanced_search_issues', async () => {
    await t.control('POST', 'jira', { index_lag_ms: 0 })
    const page = await ask('GET', '3/search/jql?jql=' + encodeURIComponent('project = SEC order by created desc') + '&maxResults=50&fields=%2Aall', 200)
    assert.deepEqual([page.isLast, page.issues.map((i) => i.key)], [true, [made.key]])
  })
  await t.step('delete', () => ask('DELETE', '2/issue/' + made.key + '?deleteSubtasks=False', 204))
}
