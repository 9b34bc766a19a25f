// OneLogin: the vendor's npm client, and the requests of its Go SDK, its Terraform provider and baton-onelogin.
import assert from 'node:assert/strict'

export const clients = [
  { name: '@onelogin/sdk 1.0.9', npm: true, run: nodeSDK },
  { name: 'onelogin-go-sdk v4, as HTTP', run: goSDK },
  { name: 'terraform-provider-onelogin, as HTTP', run: terraform },
  { name: 'baton-onelogin, as HTTP', run: baton },
]

// all is the credential that may do everything.
const all = (t) => t.credentials.find((c) => c.scope === 'Manage All')

async function nodeSDK(t) {
  const { default: sdk } = await import('@onelogin/sdk')
  const client = new sdk.Client({ clientID: all(t).client_id, clientSecret: all(t).client_secret, baseURL: 'https://acme.onelogin.com', timeout: 5000 })
  // The client makes https of every base URL, and the sandbox speaks http: what it has made is replaced.
  client.client.client.httpClient.defaults.baseURL = t.base
  const apps = client.appsRepository
  const listed = (await t.step('list apps', () => apps.Query({})))?.data ?? []
  await t.step('there are apps', () => assert.ok(listed.length > 3))
  await t.step('a page of apps', async () => assert.equal((await apps.Query({ limit: 2, page: 2 })).data.length, 2))
  await t.step('search by name', async () => assert.deepEqual((await apps.Query({ name: listed[1].name })).data.map((a) => a.id), [listed[1].id]))
  await t.step('read', async () => assert.equal((await apps.FindByID(listed[0].id)).data.name, listed[0].name))
  const made = await t.step('create', async () => {
    const { data } = await apps.Create({ name: 'Wiki', connector_id: listed[0].connector_id, visible: true, description: 'pages' })
    assert.equal(data.name, 'Wiki')
    return data
  })
  await t.step('update', async () => {
    assert.equal((await apps.Update({ ...made, description: 'more pages' })).data.description, 'more pages')
    assert.equal((await apps.FindByID(made.id)).data.description, 'more pages')
  })
  await t.step('delete', async () => {
    await apps.Destroy(made.id)
    assert.ok(!(await apps.Query({})).data.some((a) => a.id === made.id))
  })
}

// goSDK is pkg/onelogin of onelogin/onelogin-go-sdk: Basic authentication for the token; Bearer, JSON and a Content-Type on
// every call; times are never left out of a user; After-Cursor is what goes on.
async function goSDK(t) {
  const call = await signedIn(t, { Authorization: 'Basic ' + Buffer.from(`${all(t).client_id}:${all(t).client_secret}`).toString('base64') })
  await t.step('users, page by page', async () => {
    let seen = []
    for (let path = '/api/2/users?limit=25'; path; ) {
      const r = await call('GET', path, undefined, 200)
      seen = seen.concat(r.body.map((u) => u.id))
      const next = r.headers.get('After-Cursor')
      path = next ? `/api/2/users?cursor=${encodeURIComponent(next)}` : ''
    }
    assert.ok(seen.length >= 60 && new Set(seen).size === seen.length)
  })
  const never = '0001-01-01T00:00:00Z'
  const times = Object.fromEntries(['created_at', 'updated_at', 'activated_at', 'last_login', 'password_changed_at', 'locked_until', 'invitation_sent_at'].map((n) => [n, never]))
  const made = await t.step('CreateUser', async () => {
    const r = await call('POST', '/api/2/users', { firstname: 'Ines', lastname: 'Prado', username: 'ines.prado', email: 'ines.prado@acme.example', custom_attributes: { cost_center: '4711' }, ...times }, 201)
    assert.notEqual(r.body.created_at, never)
    assert.equal(r.body.custom_attributes.cost_center, '4711')
    return r.body
  })
  await t.step('GetUserByID', async () => assert.equal((await call('GET', `/api/2/users/${made.id}`, undefined, 200)).body.username, 'ines.prado'))
  await t.step('GetUsers by email and with fields', async () => {
    const r = await call('GET', '/api/2/users?email=ines.prado%40acme.example&fields=id%2Cemail', undefined, 200)
    assert.deepEqual(r.body, [{ id: made.id, email: 'ines.prado@acme.example' }])
  })
  await t.step('UpdateUser sends its own id and times back', async () => {
    const r = await call('PUT', `/api/2/users/${made.id}`, { id: made.id, title: 'Analyst', ...times }, 200)
    assert.equal(r.body.title, 'Analyst')
  })
  await t.step('GetUserApps', async () => assert.ok(Array.isArray((await call('GET', `/api/2/users/${made.id}/apps`, undefined, 200)).body)))
  await t.step('SetUserState', async () => assert.equal((await call('PUT', `/api/1/users/${made.id}/set_state`, { state: 0 }, 200)).body.status.type, 'success'))
  await t.step('LogOutUser sends null', async () => call('PUT', `/api/1/users/${made.id}/logout`, null, 200))
  await t.step('LockUserAccount without minutes is refused', async () => call('PUT', `/api/1/users/${made.id}/lock_user`, null, 400))
  await t.step('GetUserRoles', async () => assert.deepEqual((await call('GET', `/api/1/users/${made.id}/roles`, undefined, 200)).body.data.length, 1))
  await t.step('GetCustomAttributes', async () => assert.ok((await call('GET', '/api/1/users/custom_attributes', undefined, 200)).body.data[0].includes('cost_center')))
  await t.step('SetCustomAttributes', async () => {
    await call('PUT', `/api/1/users/${made.id}/set_custom_attributes`, { custom_attributes: { badge_id: 'B7' } }, 200)
    const u = (await call('GET', `/api/2/users/${made.id}`, undefined, 200)).body
    assert.deepEqual([u.custom_attributes.badge_id, u.custom_attributes.cost_center], ['B7', '4711'])
  })
  await t.step('UpdatePasswordSecure without a body is refused', async () => call('PUT', `/api/1/users/set_password_using_salt/${made.id}`, null, 400))
  await t.step('GetAvailableMFAFactors', async () => assert.ok((await call('GET', `/api/2/mfa/users/${made.id}/factors`, undefined, 200)).body.length > 0))
  await t.step('GenerateMFAToken', async () => {
    const r = await call('POST', `/api/2/mfa/users/${made.id}/mfa_token`, { expires_in: 3600, reusable: true }, 201)
    assert.ok(r.body.mfa_token && r.body.reusable === true && r.body.device_id)
  })
  await t.step('GetGroups', async () => assert.ok((await call('GET', '/api/1/groups', undefined, 200)).body.data.length > 0))
  await t.step('GetUserMappings', async () => assert.ok((await call('GET', '/api/2/mappings', undefined, 200)).body.length > 0))
  await t.step('roles with the lists that are always sent', async () => {
    const r = await call('POST', '/api/2/roles', { name: 'Auditors', admins: [], apps: [], users: [made.id] }, 201)
    await call('PUT', `/api/2/roles/${r.body.id}`, { name: 'Auditors 2', admins: [], apps: [], users: [] }, 200)
    const members = await call('GET', `/api/2/roles/${r.body.id}/users?limit=100`, undefined, 200)
    assert.deepEqual(members.body.map((m) => m.id), [made.id])
    await call('DELETE', `/api/2/roles/${r.body.id}/users`, [made.id], 204)
    await call('DELETE', `/api/2/roles/${r.body.id}`, undefined, 204)
  })
  await t.step('DeleteUser', async () => {
    await call('DELETE', `/api/2/users/${made.id}`, undefined, 204)
    await call('GET', `/api/2/users/${made.id}`, undefined, 404)
  })
}

// terraform is onelogin/terraform-provider-onelogin: resource_onelogin_roles.go, _users.go, _groups.go, _apps.go,
// _user_custom_attributes.go and ol_schema/role/role.go. It reads numbers as numbers, and the id of what it has created out
// of an object.
async function terraform(t) {
  const call = await signedIn(t, { Authorization: 'Basic ' + Buffer.from(`${all(t).client_id}:${all(t).client_secret}`).toString('base64') })
  const created = (r) => {
    assert.equal(typeof r.body.id, 'number')
    return r.body.id
  }
  await t.step('a role with users, apps and admins, created, read and walked', async () => {
    const users = (await call('GET', '/api/2/users?limit=3', undefined, 200)).body.map((u) => u.id)
    const apps = (await call('GET', '/api/2/apps?limit=2', undefined, 200)).body.map((a) => a.id)
    const id = created(await call('POST', '/api/2/roles', { name: 'Terraform', users, apps, admins: [users[0]] }, 201))
    assert.equal((await call('GET', `/api/2/roles/${id}`, undefined, 200)).body.name, 'Terraform')
    for (const [part, want] of [['users', users], ['apps', apps], ['admins', [users[0]]]]) {
      const r = await call('GET', `/api/2/roles/${id}/${part}?limit=100`, undefined, 200)
      assert.deepEqual(r.body.map((x) => x.id).sort(), [...want].sort(), part)
    }
    await call('PUT', `/api/2/roles/${id}`, { name: 'Terraform', users: users.slice(1) }, 200)
    await call('DELETE', `/api/2/roles/${id}`, undefined, 204)
    await call('GET', `/api/2/roles/${id}`, undefined, 404)
  })
  await t.step('roles by cursor, without limit and page beside it', async () => {
    const first = await call('GET', '/api/2/roles?limit=5', undefined, 200)
    const second = await call('GET', `/api/2/roles?cursor=${encodeURIComponent(first.headers.get('After-Cursor'))}`, undefined, 200)
    assert.ok(second.body.length > 0 && second.body[0].id !== first.body[0].id)
    await call('GET', `/api/2/roles?limit=5&cursor=${encodeURIComponent(first.headers.get('After-Cursor'))}`, undefined, 400)
  })
  await t.step('a group, with a reference that is not kept', async () => {
    const id = created(await call('POST', '/api/2/groups', { name: 'Field', reference: 'X1' }, 201))
    await call('PUT', `/api/2/groups/${id}`, { id, name: 'Field staff' }, 200)
    const r = await call('GET', `/api/2/groups/${id}`, undefined, 200)
    assert.deepEqual([r.body.name, r.body.reference], ['Field staff', null])
    await call('DELETE', `/api/2/groups/${id}`, undefined, 204)
    await call('GET', `/api/2/groups/${id}`, undefined, 404)
  })
  await t.step('a definition of a custom attribute', async () => {
    const id = created(await call('POST', '/api/2/users/custom_attributes', { user_field: { name: 'Desk', shortname: 'desk' } }, 201))
    const find = async () => (await call('GET', '/api/2/users/custom_attributes', undefined, 200)).body.find((a) => a.id === id)
    assert.deepEqual([(await find()).shortname, (await find()).position], ['desk', null])
    await call('PUT', `/api/2/users/custom_attributes/${id}`, { name: 'Desk', shortname: 'desk', position: 4 }, 200)
    assert.equal((await find()).position, 4)
    const user = (await call('GET', '/api/2/users?limit=1', undefined, 200)).body[0].id
    const read = (await call('GET', `/api/2/users/${user}`, undefined, 200)).body
    await call('PUT', `/api/2/users/${user}`, { id: user, custom_attributes: { ...read.custom_attributes, desk: '3.14' } }, 200)
    assert.equal((await call('GET', `/api/2/users/${user}`, undefined, 200)).body.custom_attributes.desk, '3.14')
    await call('DELETE', `/api/2/users/custom_attributes/${id}`, undefined, 204)
    assert.equal(await find(), undefined)
  })
  await t.step('an app', async () => {
    const connector = (await call('GET', '/api/2/connectors?name=Amazon', undefined, 200)).body[0].id
    const id = created(await call('POST', '/api/2/apps', { name: 'AWS', connector_id: connector, visible: false, parameters: {}, configuration: {} }, 201))
    await call('PUT', `/api/2/apps/${id}`, { name: 'AWS main', connector_id: connector }, 200)
    assert.equal((await call('GET', `/api/2/apps/${id}`, undefined, 200)).body.name, 'AWS main')
    await call('DELETE', `/api/2/apps/${id}`, undefined, 204)
    await call('GET', `/api/2/apps/${id}`, undefined, 404)
  })
  await t.step('what a read returned is written back', async () => {
    const user = (await call('GET', '/api/2/users?limit=1', undefined, 200)).body[0].id
    const read = (await call('GET', `/api/2/users/${user}`, undefined, 200)).body
    const r = await call('PUT', `/api/2/users/${user}?mappings=disabled`, { ...read, role_ids: read.role_ids.map(String), comment: 'kept by Terraform' }, 200)
    assert.deepEqual(r.body.role_ids, read.role_ids)
  })
}

// baton is ConductorOne/baton-onelogin, pkg/onelogin/client.go and request.go: the client in the Authorization header
// without a space after the comma, pages of 50, the cursor alone after the first page, role members as strings.
async function baton(t) {
  const call = await signedIn(t, { Authorization: `client_id:${all(t).client_id},client_secret:${all(t).client_secret}` })
  // everything walks a list: by the After-Cursor header on v2, by the body's cursor on v1, until there is none.
  const everything = async (path, extra = {}) => {
    const v1 = path.startsWith('/api/1/')
    const out = []
    for (let cursor = '', n = 0; n < 100; n++) {
      const q = new URLSearchParams(extra)
      if (!cursor || v1) q.set('limit', '50')
      if (cursor) q.set(v1 ? 'after_cursor' : 'cursor', cursor)
      const r = await call('GET', `${path}?${q}`, undefined, 200)
      out.push(...(v1 ? r.body.data : r.body))
      cursor = v1 ? r.body.pagination.after_cursor : r.headers.get('after-cursor')
      if (!cursor) return out
    }
    throw new Error(`${path} has no end`)
  }
  await t.step('scope: connectors', async () => assert.ok((await everything('/api/2/connectors')).length > 0))
  const fields = { fields: 'id,email,username,firstname,lastname,status,group_id,title,department' }
  const users = (await t.step('users', () => everything('/api/2/users', fields))) ?? []
  await t.step('all of them, once each', () => assert.ok(users.length >= 60 && new Set(users.map((u) => u.id)).size === users.length))
  const groups = (await t.step('groups', () => everything('/api/1/groups'))) ?? []
  await t.step('people of a group', async () => {
    const some = await everything('/api/2/users', { ...fields, group_id: String(groups[0].id) })
    assert.ok(some.length > 0 && some.every((u) => u.group_id === groups[0].id))
  })
  const apps = (await t.step('apps', () => everything('/api/2/apps'))) ?? []
  await t.step('people of an app', async () => assert.ok((await everything(`/api/2/apps/${apps[0].id}/users`)).length > 0))
  const roles = (await t.step('roles', () => everything('/api/2/roles'))) ?? []
  for (const part of ['users', 'admins', 'apps']) await t.step(`${part} of a role`, () => everything(`/api/2/roles/${roles[0].id}/${part}`))
  await t.step('grant and revoke a role', async () => {
    const role = roles.at(-1).id
    const members = new Set((await everything(`/api/2/roles/${role}/users`)).map((m) => m.id))
    const user = users.find((u) => !members.has(u.id)).id
    assert.deepEqual((await call('POST', `/api/2/roles/${role}/users`, [String(user)], 200)).body, [{ id: user }])
    assert.ok((await everything(`/api/2/roles/${role}/users`)).some((m) => m.id === user))
    await call('DELETE', `/api/2/roles/${role}/users`, [String(user)], 204)
    assert.ok(!(await everything(`/api/2/roles/${role}/users`)).some((m) => m.id === user))
  })
  await t.step('custom attributes with mappings in step', async () => {
    const r = await call('PUT', `/api/2/users/${users[3].id}?mappings=sync`, { custom_attributes: { cost_center: '9' } }, 200)
    assert.equal(r.body.custom_attributes.cost_center, '9')
  })
}

// signedIn gets a token and returns a call with it.
async function signedIn(t, headers) {
  const token = await t.step('token', async () => {
    const r = await t.http('POST', '/auth/oauth2/v2/token', { headers: { Accept: 'application/json', ...headers }, body: { grant_type: 'client_credentials' }, status: 200 })
    assert.ok(r.body.access_token && r.body.expires_in > 0)
    return r.body.access_token
  })
  return (method, path, body, status) => t.http(method, path, {
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Accept: 'application/json' }, body, status,
  })
}
