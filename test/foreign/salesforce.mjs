// Salesforce: the most used npm client, and the requests of the Python one.
import assert from 'node:assert/strict'
import { createPrivateKey, createSign } from 'node:crypto'

export const clients = [
  { name: 'jsforce 3.10.16', npm: true, run: withJSForce },
  { name: 'simple-salesforce 1.12, as HTTP', run: simpleSalesforce },
]

// assertion signs a JWT as the consumer of an app does.
function assertion(t, pem) {
  const claims = { iss: t.credentials.client_id, sub: t.credentials.username, aud: t.base, exp: Math.floor(Date.now() / 1000) + 180 }
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256' })}.${part(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(createPrivateKey(pem)).toString('base64url')}`
}

async function withJSForce(t) {
  const { default: jsforce } = await import('jsforce')
  const { client_id, client_secret } = t.credentials
  const conn = new jsforce.Connection({ instanceUrl: t.base, oauth2: { clientId: client_id, clientSecret: client_secret, loginUrl: t.base }, version: '60.0' })
  await t.step('sign in with client credentials', () => conn.authorize({ grant_type: 'client_credentials' }))
  await t.step('who it is', async () => assert.equal((await conn.identity()).username, t.credentials.username))
  await t.step('sign in with a JWT', async () => {
    const other = new jsforce.Connection({ oauth2: { loginUrl: t.base }, version: '60.0' })
    const pem = await (await fetch(new URL(t.credentials.key, t.base))).text()
    await other.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion(t, pem) })
    assert.ok((await other.query('SELECT Id FROM Profile')).totalSize > 0)
  })
  const add = async (name, more = {}) =>
    (await t.control('POST', 'salesforce/hand', { action: 'add', person: { username: `${name}@acme.example.crm`, first_name: 'Ada', last_name: 'Lovelace', ...more } })).result
  const ada = await t.step('somebody by hand', () => add('ada'))
  await reads(t, conn, jsforce)
  await writes(t, conn, ada)
  await upserts(t, conn, add)
  await accesses(t, conn, ada)
  await t.step('what it uses up', async () => {
    const { DailyApiRequests } = await conn.request('/limits')
    assert.ok(DailyApiRequests.Remaining < DailyApiRequests.Max)
    assert.ok(conn.limitInfo.apiUsage.used > 0)
  })
  await t.step('a session that has ended', async () => {
    await t.control('POST', 'salesforce/hand', { action: 'end_sessions' })
    // The client hears that the session has ended, and has no refresh token to go on with: this flow gives none.
    await assert.rejects(conn.query('SELECT Id FROM User'), /refresh token/i)
    await conn.authorize({ grant_type: 'client_credentials' })
    assert.ok((await conn.query('SELECT Id FROM User')).totalSize > 0)
  })
  await t.step('sign out', () => conn.logout())
}

async function reads(t, conn, jsforce) {
  await t.step('describe', async () => {
    const user = await conn.sobject('User').describe()
    assert.ok(user.fields.some((f) => f.name === 'Gatehouse_Id__c' && f.externalId))
    assert.ok((await conn.describeGlobal()).sobjects.some((o) => o.name === 'UserLogin'))
  })
  await t.step('a query, page by page', async () => {
    await t.control('POST', 'salesforce', { page_size: 3 })
    const all = await conn.query('SELECT Id, Username, Profile.Name FROM User ORDER BY Username', { autoFetch: true, maxFetch: 1000 })
    await t.control('POST', 'salesforce', {})
    const records = all.records ?? all
    assert.equal(new Set(records.map((r) => r.Id)).size, (await conn.query('SELECT COUNT() FROM User')).totalSize)
    assert.ok(records.every((r) => r.Profile.Name))
  })
  await t.step('its own way to write a query', async () => {
    const found = await conn.sobject('User').find({ IsActive: true, Username: { $like: 'ADA@%' } }, 'Id, Name, IsActive').limit(5).execute()
    assert.deepEqual(found.map((u) => u.Name), ['Ada Lovelace'])
    const changed = await conn.sobject('User').find({ LastModifiedDate: { $gte: jsforce.SfDate.toDateTimeLiteral(new Date(Date.now() - 86400000)) } }, 'Id').execute()
    assert.ok(changed.length > 0)
  })
  await t.step('queries that are none', async () => {
    await assert.rejects(conn.query('SELECT Id FORM User'), { errorCode: 'MALFORMED_QUERY' })
    await assert.rejects(conn.query('SELECT Nothing FROM User'), { errorCode: 'INVALID_FIELD' })
  })
}

async function writes(t, conn, ada) {
  const user = conn.sobject('User')
  await t.step('change a user', async () => {
    assert.equal((await user.update({ Id: ada, Title: 'Countess', Department: 'Engines' })).success, true)
    assert.equal((await user.retrieve(ada)).Title, 'Countess')
  })
  await t.step('change several', async () => {
    const [one, two] = (await conn.query('SELECT Id FROM User ORDER BY Id LIMIT 2')).records
    const done = await user.update([{ Id: one.Id, Title: 'One' }, { Id: two.Id, Title: 'x'.repeat(81) }])
    assert.deepEqual(done.map((d) => d.success), [true, false])
    assert.equal(done[1].errors[0].errorCode ?? done[1].errors[0].statusCode, 'STRING_TOO_LONG')
    assert.deepEqual((await user.retrieve([one.Id, ada])).map((u) => u.Title), ['One', 'Countess'])
  })
  await t.step('users are not deleted', () => assert.rejects(user.destroy(ada)))
  await t.step('one that is not there', () => assert.rejects(user.retrieve('005Ac0009999999IAA'), { errorCode: 'NOT_FOUND' }))
  await t.step('freeze and deactivate', async () => {
    const login = (await conn.sobject('UserLogin').findOne({ UserId: ada }, 'Id, IsFrozen'))
    assert.equal(login.IsFrozen, false)
    await conn.sobject('UserLogin').update({ Id: login.Id, IsFrozen: true })
    await t.control('POST', 'salesforce/hand', { action: 'hold', username: 'ada@acme.example.crm', why: ['default lead owner'] })
    await assert.rejects(user.update({ Id: ada, IsActive: false }), /default owner of leads/)
    await t.control('POST', 'salesforce/hand', { action: 'hold', username: 'ada@acme.example.crm' })
    await user.update({ Id: ada, IsActive: false })
    const now = (await t.control('GET', 'salesforce')).users.find((u) => u.id === ada)
    assert.deepEqual([now.active, now.frozen, now.can_sign_in], [false, true, false])
  })
}

async function upserts(t, conn, add) {
  const user = conn.sobject('User')
  const profile = await t.step('a profile', () => conn.sobject('Profile').findOne({ Name: 'Standard User' }, 'Id'))
  const person = (name) => ({
    Username: `${name}@acme.example.crm`, Email: `${name}@acme.example`, LastName: 'Hopper', Alias: 'hopper', ProfileId: profile.Id,
    TimeZoneSidKey: 'Europe/London', LocaleSidKey: 'en_GB', EmailEncodingKey: 'UTF-8', LanguageLocaleKey: 'en_US',
  })
  await t.step('create', async () => {
    assert.ok((await user.create(person('grace'))).id.startsWith('005'))
    await assert.rejects(user.create(person('grace')), { errorCode: 'DUPLICATE_USERNAME' })
    await assert.rejects(user.create({ LastName: 'Nobody' }), { errorCode: 'REQUIRED_FIELD_MISSING' })
  })
  await t.step('upsert, twice', async () => {
    const first = await user.upsert({ ...person('mary'), Gatehouse_Id__c: 'workday-1' }, 'Gatehouse_Id__c')
    const second = await user.upsert({ Title: 'Admiral', Gatehouse_Id__c: 'workday-1' }, 'Gatehouse_Id__c')
    assert.equal(first.id, second.id)
  })
  await t.step('an external id of two', async () => {
    const ids = [await add('twin1', { legacy_id: 'L-7' }), await add('twin2', { legacy_id: 'L-7' })]
    // The client reads 300 as a reply of its own kind; what counts is that nothing was done.
    const answer = await user.upsert({ Title: 'Twin', Legacy_Id__c: 'L-7' }, 'Legacy_Id__c').catch((err) => err)
    assert.ok(!answer?.success)
    assert.ok((await user.retrieve(ids)).every((u) => u.Title === null))
  })
}

async function accesses(t, conn, ada) {
  const given = conn.sobject('PermissionSetAssignment')
  const set = await t.step('permission sets', () => conn.sobject('PermissionSet').findOne({ Label: 'Export Reports' }, 'Id'))
  await t.step('give, and take', async () => {
    const { id } = await given.create({ AssigneeId: ada, PermissionSetId: set.Id })
    await assert.rejects(given.create({ AssigneeId: ada, PermissionSetId: set.Id }), { errorCode: 'DUPLICATE_VALUE' })
    assert.equal((await given.find({ AssigneeId: ada, 'PermissionSet.IsOwnedByProfile': false }, 'Id').execute()).length, 1)
    await given.destroy(id)
    assert.equal((await given.find({ AssigneeId: ada, 'PermissionSet.IsOwnedByProfile': false }, 'Id').execute()).length, 0)
  })
  await t.step('several requests in one', async () => {
    const at = '/services/data/v60.0'
    const { compositeResponse } = await conn.requestPost(`${at}/composite`, {
      allOrNone: false,
      compositeRequest: [
        { method: 'GET', url: `${at}/query?q=${encodeURIComponent(`SELECT Id FROM UserLogin WHERE UserId = '${ada}'`)}`, referenceId: 'login' },
        { method: 'PATCH', url: `${at}/sobjects/UserLogin/@{login.records[0].Id}`, referenceId: 'thaw', body: { IsFrozen: false } },
      ],
    })
    assert.deepEqual(compositeResponse.map((r) => r.httpStatusCode), [200, 204])
  })
}

// simpleSalesforce is api.py, login.py and util.py of simple-salesforce: paths with a slash at their end, and X-PrettyPrint.
async function simpleSalesforce(t) {
  const signIn = await t.step('SalesforceLogin with a consumer', async () => {
    const body = new URLSearchParams({ grant_type: 'client_credentials' })
    const basic = Buffer.from(`${t.credentials.client_id}:${t.credentials.client_secret}`).toString('base64')
    return (await t.http('POST', '/services/oauth2/token', { headers: { Authorization: `Basic ${basic}` }, body, status: 200 })).body
  })
  const headers = { Authorization: `Bearer ${signIn.access_token}`, 'X-PrettyPrint': '1' }
  const call = (method, path, body, status = 200) => t.http(method, `/services/data/v59.0/${path}`, { headers, body, status })
  const all = await t.step('query', async () => {
    const r = await call('GET', `query/?q=${encodeURIComponent('SELECT Id, Username, IsActive FROM User')}`)
    assert.equal(r.body.records.length, r.body.totalSize)
    assert.match(r.headers.get('sforce-limit-info'), /^api-usage=\d+\/100000$/)
    return r.body.records
  })
  await t.step('query_more', async () => {
    await t.control('POST', 'salesforce', { page_size: 4 })
    const first = (await call('GET', `query/?q=${encodeURIComponent('SELECT Id FROM User')}`)).body
    const next = (await t.http('GET', first.nextRecordsUrl, { headers, status: 200 })).body
    await t.control('POST', 'salesforce', {})
    assert.notEqual(next.records[0].Id, first.records[0].Id)
  })
  const someone = all.find((u) => u.IsActive && !u.Username.startsWith('gatehouse') && !u.Username.startsWith('admin'))
  await t.step('SFType.get, update and delete', async () => {
    assert.equal((await call('GET', `sobjects/User/${someone.Id}`)).body.Username, someone.Username)
    await call('PATCH', `sobjects/User/${someone.Id}`, { IsActive: false }, 204)
    assert.equal((await call('GET', `sobjects/User/${someone.Id}`)).body.IsActive, false)
    await call('DELETE', `sobjects/User/${someone.Id}`, undefined, 400)
  })
  await t.step('SFType.create', async () => {
    const refused = (await call('POST', 'sobjects/User/', { LastName: 'Nobody' }, 400)).body
    assert.equal(refused[0].errorCode, 'REQUIRED_FIELD_MISSING')
  })
  await t.step('a session that is none', async () => {
    const r = await t.http('GET', '/services/data/v59.0/limits', { headers: { Authorization: 'Bearer none' }, status: 401 })
    assert.equal(r.body[0].errorCode, 'INVALID_SESSION_ID')
  })
}
