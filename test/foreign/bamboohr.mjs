// BambooHR: the most used npm client, and the requests of n8n's node and of the vendor's SDKs.
import assert from 'node:assert/strict'
import { promisify } from 'node:util'

export const clients = [
  { name: 'node-bamboohr 1.0.2', npm: true, run: nodeBamboo },
  { name: "n8n's BambooHR node, as HTTP", run: n8n },
  { name: 'bhr-api-php, as HTTP', run: sdk },
]

// nodeBamboo speaks XML to the gateway, of which the base URL is written into the client: it is replaced on the way out.
async function nodeBamboo(t) {
  const { default: BambooHR } = await import('node-bamboohr')
  const client = new BambooHR({ apikey: t.credentials.api_key, subdomain: 'acme' })
  const send = client.request
  client.request = (options, done) => send({ ...options, url: options.url.replace('https://api.bamboohr.com', t.base) }, done)
  const as = (object, method, ...args) => promisify(object[method].bind(object))(...args)

  const people = (await t.step('employees', () => as(client, 'employees'))) ?? []
  await t.step('with the fields of the directory', () => assert.ok(people.length > 3 && people[0].fields.displayName && people[0].fields.workEmail))
  await t.step('get with fields', async () => {
    const one = await as(client.employee(people[0].id), 'get', 'firstName', 'lastName', 'status')
    assert.deepEqual([one.id, one.fields.firstName, one.fields.status], [people[0].id, people[0].fields.firstName, 'Active'])
  })
  const made = await t.step('add', async () => {
    const e = await as(client.employee({ firstName: 'Ines', lastName: 'Prado', workEmail: 'ines.prado@acme.example', hireDate: '2026-01-05', department: people[0].fields.department }), 'add')
    assert.match(e.id, /^\d+$/)
    return e
  })
  await t.step('update', async () => {
    const e = await as(client.employee(made.id), 'get', 'firstName', 'preferredName')
    e.fields.preferredName = 'Nes & Co'
    await as(e, 'update')
    assert.equal((await as(client.employee(made.id), 'get', 'preferredName')).fields.preferredName, 'Nes & Co')
  })
  await t.step('employmentStatus: a row is added and read', async () => {
    await as(client.employee(made.id), 'employmentStatus', { date: '2026-01-05', employmentStatus: 'Contractor' })
    const rows = await as(client.employee(made.id), 'employmentStatus')
    assert.equal(rows.length, 1)
    assert.deepEqual(rows[0].field.slice(0, 2).map((f) => f._), ['2026-01-05', 'Contractor'])
  })
  await t.step('jobInfo: a new position', async () => {
    await as(client.employee(made.id), 'jobInfo', { date: '2026-03-01', jobTitle: people[1].fields.jobTitle, department: people[1].fields.department })
    assert.equal((await as(client.employee(made.id), 'get', 'jobTitle')).fields.jobTitle, people[1].fields.jobTitle)
    assert.equal((await as(client.employee(made.id), 'jobInfo')).length, 2)
  })
  await t.step('contacts: a row is added and changed', async () => {
    await as(client.employee(made.id), 'contacts', { name: 'Rui Prado', relationship: 'Brother' })
    const [row] = await as(client.employee(made.id), 'contacts')
    await as(client.employee(made.id), 'contacts', row.$.id, { mobilePhone: '+351 900' })
    const [after] = await as(client.employee(made.id), 'contacts')
    assert.deepEqual(after.field.map((f) => f._ ?? ''), ['Rui Prado', 'Brother', '', '+351 900', ''])
  })
  await t.step('somebody who is not there', async () => {
    await assert.rejects(as(client.employee(99999), 'get', 'firstName'), (err) => err === 404)
  })
}

// n8n is n8n-io/n8n, packages/nodes-base/nodes/BambooHr: JSON at the gateway, the API key with the password x.
async function n8n(t) {
  const call = caller(t, '/api/gateway.php/acme/v1')
  const directory = (await t.step('get all employees', async () => (await call('GET', '/employees/directory', undefined, 200)).body)) ?? {}
  await t.step('the fields are described', () => assert.deepEqual(Object.keys(directory.fields[0]).sort(), ['id', 'name', 'type']))
  await t.step('options of lists', async () => {
    const lists = (await call('GET', '/meta/lists/', undefined, 200)).body
    assert.ok(lists.find((l) => l.alias === 'department').options.length > 1)
  })
  await t.step('create, get and update an employee', async () => {
    const r = await call('POST', '/employees', { firstName: 'Olga', lastName: 'Reis', hireDate: '2026-02-02', department: directory.employees[0].department }, 201)
    assert.equal(r.text, '')
    const id = r.headers.get('location').split('/').pop()
    await call('POST', `/employees/${id}`, { jobTitle: directory.employees[0].jobTitle }, 200)
    const got = (await call('GET', `/employees/${id}?fields=firstName,jobTitle,department,hireDate`, undefined, 200)).body
    assert.deepEqual(got, { id, firstName: 'Olga', jobTitle: directory.employees[0].jobTitle, department: directory.employees[0].department, hireDate: '2026-02-02' })
  })
  await t.step('what a list does not have is a conflict, told in a header', async () => {
    const r = await call('POST', `/employees/${directory.employees[0].id}`, { department: 'No such department' }, 409)
    assert.ok(r.headers.get('x-bamboohr-error-message'))
  })
  await t.step('another company is not found', async () => {
    await t.http('GET', '/api/gateway.php/other/v1/employees/directory', { headers: basic(t), status: 404 })
  })
}

// sdk is BambooHR/bhr-api-php (and bhr-api-python): docs/Api/EmployeesApi.md, EmployeeTablesApi.md, AccountInformationApi.md
// and LastChangeInformationApi.md, at the company's own address.
async function sdk(t) {
  const call = caller(t, '/api/v1')
  const since = new Date(Date.now() - 1000).toISOString()
  await t.step('metadata', async () => {
    assert.ok((await call('GET', '/meta/fields', undefined, 200)).body.some((f) => f.alias === 'hireDate' && f.type === 'date'))
    assert.ok((await call('GET', '/meta/tables', undefined, 200)).body.find((x) => x.alias === 'jobInfo').fields.some((f) => f.alias === 'reportsTo'))
    assert.ok(Object.values((await call('GET', '/meta/users', undefined, 200)).body).every((u) => u.id && u.employeeId && u.status === 'enabled'))
  })
  const id = await t.step('the employee whose key it is', async () => (await call('GET', '/employees/0?fields=firstName', undefined, 200)).body.id)
  await t.step('a termination as a row, found as a change and deleted', async () => {
    const table = `/employees/${id}/tables/employmentStatus`
    await call('POST', table, { date: '2030-01-31', employmentStatus: 'Terminated', terminationTypeId: 'Resignation (Voluntary)' }, 200)
    const row = (await call('GET', table, undefined, 200)).body.find((r) => r.employmentStatus === 'Terminated')
    assert.deepEqual([row.date, row.employeeId], ['2030-01-31', id])
    const changed = (await call('GET', `/employees/changed?since=${encodeURIComponent(since)}&type=updated`, undefined, 200)).body
    assert.equal(changed.employees[id].action, 'Updated')
    assert.equal((await call('GET', `/employees/${id}?fields=status`, undefined, 200)).body.status, 'Active')
    assert.deepEqual((await call('DELETE', `${table}/${row.id}`, undefined, 200)).body, { success: true })
    assert.equal((await call('DELETE', `${table}/${row.id}`, undefined, 200)).body.success, false)
  })
  await t.step('a position to come', async () => {
    const table = `/employees/${id}/tables/jobInfo`
    const [now] = (await call('GET', table, undefined, 200)).body
    const other = (await call('GET', '/meta/lists', undefined, 200)).body.find((l) => l.alias === 'department').options.find((o) => o.name !== now.department).name
    await call('POST', table, { date: '2031-01-01', department: other }, 200)
    const rows = (await call('GET', table, undefined, 200)).body
    assert.deepEqual(rows.map((r) => r.department), [now.department, other])
    assert.equal((await call('GET', `/employees/${id}?fields=department`, undefined, 200)).body.department, now.department)
  })
  await t.step('compensation', async () => {
    await call('POST', `/employees/${id}/tables/compensation`, { startDate: '2026-01-01', rate: '5000', type: 'Salary' }, 200)
    assert.equal((await call('GET', '/employees/all/tables/compensation', undefined, 200)).body.length, 1)
  })
  await t.step('the list of employees takes OAuth only', () => call('GET', '/employees', undefined, 403))
  await t.step('wrong values', async () => {
    await call('POST', '/employees', { firstName: 'Only' }, 400)
    await call('POST', `/employees/${id}`, { hireDate: 'soon' }, 409)
    await call('POST', `/employees/${id}/tables/jobInfo`, {}, 400)
    await call('GET', `/employees/${id}/tables/nothing`, undefined, 404)
  })
}

const basic = (t) => ({ Authorization: 'Basic ' + Buffer.from(`${t.credentials.api_key}:x`).toString('base64') })

// caller asks for JSON at one of the two addresses of the API.
function caller(t, base) {
  return (method, path, body, status) => t.http(method, base + path, { headers: { ...basic(t), Accept: 'application/json' }, body, status })
}
