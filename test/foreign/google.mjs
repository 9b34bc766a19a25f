// Google: its own npm clients of Drive, Sheets, Gmail and the Admin SDK, signed in by its own authentication library.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'

export const clients = [
  { name: '@googleapis/drive 19.2.1', npm: true, run: drive },
  { name: '@googleapis/sheets 13.0.2', npm: true, run: sheets },
  { name: '@googleapis/gmail 16.1.2', npm: true, run: gmail },
  { name: '@googleapis/admin 32.1.0, directory_v1', npm: true, run: directory },
  { name: '@googleapis/admin 32.1.0, datatransfer_v1', npm: true, run: transfer },
  { name: '@googleapis/gmail 16.1.2, settings', npm: true, run: settings },
]

// signedIn is the service account acting for somebody of the domain. The library has no setting for the token endpoint, nor one
// that keeps a path in front of its own: hosts of Google become the sandbox on the way out.
async function signedIn(t, subject, scopes) {
  const { JWT, gaxios } = await import('google-auth-library')
  const key = await t.control('GET', 'google/key')
  const transporter = new gaxios.Gaxios()
  transporter.interceptors.request.add({
    resolved: async (options) => {
      const url = new URL(options.url)
      assert.match(url.host, /\.googleapis\.com$/)
      options.url = new URL(t.base + url.pathname + url.search)
      return options
    },
  })
  return new JWT({ email: key.client_email, key: key.private_key, subject, scopes, transporter })
}

async function drive(t) {
  const { drive: build } = await import('@googleapis/drive')
  const auth = await signedIn(t, t.credentials.subject, ['https://www.googleapis.com/auth/drive'])
  await t.step('token', async () => assert.ok((await auth.authorize()).access_token))
  await t.control('POST', 'google', { index_lag_ms: -1 })
  const api = build({ version: 'v3', auth })
  const folder = await t.step('create a folder', async () => {
    const { data } = await api.files.create({ requestBody: { name: 'Evidence', mimeType: 'application/vnd.google-apps.folder' }, fields: 'id, name' })
    assert.deepEqual(Object.keys(data).sort(), ['id', 'name'])
    return data.id
  })
  const made = await t.step('upload', async () => {
    const ids = []
    for (const name of ['a.csv', 'b.csv', "it's.csv"]) {
      const { data } = await api.files.create({
        requestBody: { name, parents: [folder], appProperties: { of: 'march' } }, media: { mimeType: 'text/csv', body: Readable.from(['x,y\n1,2\n']) },
      })
      ids.push(data.id)
    }
    return ids
  })
  await t.step('list with paging', async () => {
    const seen = []
    for (let pageToken; ;) {
      const { data } = await api.files.list({ q: `'${folder}' in parents and trashed = false`, pageSize: 2, pageToken, orderBy: 'name', fields: 'nextPageToken, files(id, name)' })
      seen.push(...data.files.map((f) => f.name))
      if (!(pageToken = data.nextPageToken)) break
    }
    assert.deepEqual(seen, ['a.csv', 'b.csv', "it's.csv"])
  })
  await t.step('search', async () => {
    const { data } = await api.files.list({ q: String.raw`name = 'it\'s.csv' and appProperties has { key='of' and value='march' }` })
    assert.deepEqual(data.files.map((f) => f.id), [made[2]])
  })
  await t.step('read', async () => {
    assert.equal((await api.files.get({ fileId: made[0], fields: 'name,size,parents' })).data.size, '8')
    assert.equal((await api.files.get({ fileId: made[0], alt: 'media' }, { responseType: 'text' })).data, 'x,y\n1,2\n')
  })
  await t.step('an unknown field is refused', async () => assert.rejects(api.files.get({ fileId: made[0], fields: 'id,titel' }), /Invalid field selection titel/))
  await t.step('rename', async () => {
    await api.files.update({ fileId: made[0], requestBody: { name: 'A.csv' } })
    assert.equal((await api.files.get({ fileId: made[0] })).data.name, 'A.csv')
  })
  await t.step('copy', async () => assert.equal((await api.files.copy({ fileId: made[0], requestBody: { name: 'A2.csv' } })).data.name, 'A2.csv'))
  await t.step('share', async () => {
    const { data } = await api.permissions.create({
      fileId: made[0], sendNotificationEmail: false, fields: 'id, emailAddress, role', requestBody: { type: 'user', role: 'reader', emailAddress: 'ada@acme.example' },
    })
    assert.deepEqual([data.emailAddress, data.role], ['ada@acme.example', 'reader'])
    const listed = await api.permissions.list({ fileId: made[0], fields: 'permissions(id,emailAddress)' })
    assert.ok(listed.data.permissions.some((p) => p.emailAddress === 'ada@acme.example'))
    await api.permissions.delete({ fileId: made[0], permissionId: data.id })
  })
  await t.step('nobody without an account', async () => assert.rejects(
    api.permissions.create({ fileId: made[0], sendNotificationEmail: false, requestBody: { type: 'user', role: 'reader', emailAddress: 'x@elsewhere.example' } }),
    /no Google account/,
  ))
  await t.step('the shared drive', async () => {
    const { data } = await api.files.create({
      supportsAllDrives: true, fields: 'id,driveId', requestBody: { name: 'Report', mimeType: 'application/vnd.google-apps.spreadsheet', parents: [t.credentials.folder_id] },
    })
    assert.equal(data.driveId, t.credentials.drive_id)
    const found = await api.files.list({ corpora: 'drive', driveId: data.driveId, supportsAllDrives: true, includeItemsFromAllDrives: true, q: "name = 'Report'" })
    assert.deepEqual(found.data.files.map((f) => f.id), [data.id])
  })
  await t.step('delete', async () => {
    await api.files.delete({ fileId: made[1] })
    await assert.rejects(api.files.get({ fileId: made[1] }), /File not found/)
  })
}

async function sheets(t) {
  const { sheets: build } = await import('@googleapis/sheets')
  const auth = await signedIn(t, t.credentials.subject, ['https://www.googleapis.com/auth/spreadsheets'])
  const api = build({ version: 'v4', auth }).spreadsheets
  const id = await t.step('create', async () => {
    const { data } = await api.create({ requestBody: { properties: { title: 'Budget' }, sheets: [{ properties: { title: 'People' } }] } })
    assert.deepEqual(data.sheets.map((s) => s.properties.title), ['People'])
    return data.spreadsheetId
  })
  await t.step('write', async () => {
    const { data } = await api.values.update({ spreadsheetId: id, range: 'People!A1:B2', valueInputOption: 'RAW', requestBody: { values: [['name', 'age'], ['ada', 36]] } })
    assert.equal(data.updatedCells, 4)
  })
  await t.step('append', () => api.values.append({ spreadsheetId: id, range: 'People!A1', valueInputOption: 'USER_ENTERED', requestBody: { values: [['=1+1', '7']] } }))
  await t.step('read', async () => {
    const { data } = await api.values.get({ spreadsheetId: id, range: 'People!A1:B3', valueRenderOption: 'FORMULA' })
    assert.deepEqual(data.values, [['name', 'age'], ['ada', 36], ['=1+1', 7]])
  })
  await t.step('several ranges', async () => {
    const { data } = await api.values.batchGet({ spreadsheetId: id, ranges: ['People!A1', 'People!B2'], majorDimension: 'COLUMNS' })
    assert.deepEqual(data.valueRanges.map((r) => r.values[0][0]), ['name', '36'])
  })
  await t.step('grid data', async () => {
    const { data } = await api.get({ spreadsheetId: id, ranges: ['People!A2:B2'], includeGridData: true })
    assert.equal(data.sheets[0].data[0].rowData[0].values[1].effectiveValue.numberValue, 36)
  })
  await t.step('a mask with blanks', async () => {
    const { data } = await api.get({ spreadsheetId: id, fields: 'spreadsheetId, sheets(properties(title, sheetId))' })
    assert.deepEqual(Object.keys(data).sort(), ['sheets', 'spreadsheetId'])
  })
  await t.step('a tab, formatted', async () => {
    const { data } = await api.batchUpdate({
      spreadsheetId: id, requestBody: {
        requests: [
          { addSheet: { properties: { sheetId: 7, title: 'Roles', gridProperties: { rowCount: 10, columnCount: 3, frozenRowCount: 1 } } } },
          { repeatCell: { range: { sheetId: 7, endRowIndex: 1 }, cell: { userEnteredFormat: { textFormat: { bold: true } } }, fields: 'userEnteredFormat.textFormat.bold' } },
        ],
      },
    })
    assert.equal(data.replies[0].addSheet.properties.sheetId, 7)
  })
  await t.step('a long cell is refused', async () => assert.rejects(
    api.values.update({ spreadsheetId: id, range: 'Roles!A1', valueInputOption: 'RAW', requestBody: { values: [['x'.repeat(50001)]] } }), /50000 characters/,
  ))
  await t.step('clear and delete', async () => {
    await api.values.clear({ spreadsheetId: id, range: 'People!A3:B3' })
    assert.equal((await api.values.get({ spreadsheetId: id, range: 'People!A1:B9' })).data.values.length, 2)
    await api.batchUpdate({ spreadsheetId: id, requestBody: { requests: [{ deleteSheet: { sheetId: 7 } }] } })
    assert.equal((await api.get({ spreadsheetId: id })).data.sheets.length, 1)
  })
}

async function gmail(t) {
  const { gmail: build } = await import('@googleapis/gmail')
  const auth = await signedIn(t, t.credentials.sender, ['https://mail.google.com/'])
  const api = build({ version: 'v1', auth }).users
  const userId = 'me'
  const raw = (to, subject) => Buffer.from(`To: ${to}\r\nSubject: ${subject}\r\nX-Key: k7\r\n\r\nhello there`).toString('base64url')
  await t.step('profile', async () => assert.equal((await api.getProfile({ userId })).data.emailAddress, t.credentials.sender))
  const sent = await t.step('send', async () => {
    const ids = []
    for (const subject of ['one', 'two', 'three']) ids.push((await api.messages.send({ userId, requestBody: { raw: raw('ada@acme.example', subject) } })).data.id)
    return ids
  })
  await t.step('send by upload', async () => {
    const { data } = await api.messages.send({ userId, media: { mimeType: 'message/rfc822', body: 'To: ada@acme.example\r\nSubject: four\r\n\r\nuploaded' } })
    assert.deepEqual(data.labelIds, ['SENT'])
  })
  await t.step('list with paging', async () => {
    const seen = []
    for (let pageToken; ;) {
      const { data } = await api.messages.list({ userId, maxResults: 3, pageToken, labelIds: ['SENT'] })
      seen.push(...data.messages.map((m) => m.id))
      if (!(pageToken = data.nextPageToken)) break
    }
    assert.equal(new Set(seen).size, 4)
  })
  await t.step('search', async () => {
    const { data } = await api.messages.list({ userId, q: 'subject:two in:sent newer_than:1d' })
    assert.deepEqual(data.messages.map((m) => m.id), [sent[1]])
    assert.equal((await api.messages.list({ userId, q: 'subject:five' })).data.messages, undefined)
  })
  await t.step('read', async () => {
    const full = (await api.messages.get({ userId, id: sent[0] })).data
    assert.equal(Buffer.from(full.payload.body.data, 'base64url').toString(), 'hello there')
    const few = (await api.messages.get({ userId, id: sent[0], format: 'metadata', metadataHeaders: ['X-Key'] })).data
    assert.deepEqual(few.payload.headers, [{ name: 'X-Key', value: 'k7' }])
  })
  await t.step('drafts', async () => {
    const { data } = await api.drafts.create({ userId, requestBody: { message: { raw: raw('ada@acme.example', 'draft') } } })
    await api.drafts.update({ userId, id: data.id, requestBody: { message: { raw: raw('bob@acme.example', 'draft 2') } } })
    assert.equal((await api.drafts.list({ userId, q: 'subject:"draft 2"' })).data.drafts.length, 1)
    await api.drafts.send({ userId, requestBody: { id: data.id } })
    await assert.rejects(api.drafts.get({ userId, id: data.id }), /not found/)
  })
  await t.step('labels', async () => {
    const { data } = await api.labels.create({ userId, requestBody: { name: 'Reviews' } })
    await api.messages.modify({ userId, id: sent[0], requestBody: { addLabelIds: [data.id] } })
    assert.equal((await api.messages.list({ userId, labelIds: [data.id] })).data.messages.length, 1)
    assert.ok((await api.labels.list({ userId })).data.labels.some((l) => l.name === 'SENT' && l.type === 'system'))
    await api.labels.delete({ userId, id: data.id })
  })
  await t.step('a recipient that is none', async () => assert.rejects(api.messages.send({ userId, requestBody: { raw: raw('ada@acme', 'x') } }), /Invalid To header/))
  await t.step('trash and delete', async () => {
    await api.messages.trash({ userId, id: sent[2] })
    await api.messages.delete({ userId, id: sent[2] })
    await assert.rejects(api.messages.get({ userId, id: sent[2] }), /not found/)
  })
}

async function directory(t) {
  const { admin } = await import('@googleapis/admin')
  const scopes = ['user', 'user.security', 'group', 'orgunit', 'rolemanagement'].map((s) => `https://www.googleapis.com/auth/admin.directory.${s}`)
  const auth = await signedIn(t, t.credentials.admin, scopes)
  await t.control('POST', 'google/directory', { list_lag_ms: -1, creation_lag_ms: -1 })
  const api = admin({ version: 'directory_v1', auth })
  const customer = 'my_customer'
  const made = await t.step('create a user', async () => {
    const requestBody = {
      primaryEmail: 'ada@acme.example', name: { givenName: 'Ada', familyName: "O'Lovelace" }, password: 'correct horse battery',
      orgUnitPath: '/', externalIds: [{ value: '7', type: 'organization' }], phones: [{ type: 'work', value: '+1 555 0100' }],
    }
    const { data } = await api.users.insert({ requestBody })
    assert.equal(data.name.fullName, "Ada O'Lovelace")
    await assert.rejects(api.users.insert({ requestBody }), /Entity already exists/)
    return data.id
  })
  await t.step('list with paging', async () => {
    const seen = new Set()
    for (let pageToken; ;) {
      const { data } = await api.users.list({ customer, maxResults: 10, orderBy: 'email', projection: 'full', pageToken })
      data.users.forEach((u) => seen.add(u.id))
      if (!(pageToken = data.nextPageToken)) break
    }
    assert.ok(seen.size > 50 && seen.has(made))
  })
  await t.step('search', async () => {
    for (const query of ["externalId='7'", 'email:ada@*', "familyName='O\\'Lovelace'", 'givenName:ada isSuspended=false']) {
      const { data } = await api.users.list({ customer, query, fields: 'users(id, primaryEmail)' })
      assert.deepEqual(data.users?.map((u) => u.id), [made], query)
    }
    assert.equal((await api.users.list({ domain: 'acme.example', query: "externalId='77'" })).data.users, undefined)
  })
  await t.step('read', async () => {
    assert.equal((await api.users.get({ userKey: 'ADA@acme.example' })).data.id, made)
    await assert.rejects(api.users.get({ userKey: 'nobody@acme.example' }), /Resource Not Found: userKey/)
    await assert.rejects(api.users.get({ userKey: 'ada@elsewhere.example' }), /Not Authorized/)
  })
  await t.step('PUT keeps what is not named and replaces lists', async () => {
    const { data } = await api.users.update({ userKey: made, requestBody: { phones: [{ type: 'mobile', value: '+1 555 0101' }] } })
    assert.deepEqual(data.phones.map((p) => p.type), ['mobile'])
    assert.equal(data.externalIds[0].value, '7')
    await api.users.patch({ userKey: made, requestBody: { phones: [] } })
    assert.equal((await api.users.get({ userKey: made })).data.phones.length, 1)
    await api.users.update({ userKey: made, requestBody: { phones: [] } })
    assert.equal((await api.users.get({ userKey: made })).data.phones, undefined)
  })
  await t.step('ETag', async () => {
    const { data } = await api.users.get({ userKey: made })
    const change = { userKey: made, requestBody: { orgUnitPath: '/Sales' } }
    await api.users.update(change, { headers: { 'If-Match': data.etag } })
    await assert.rejects(api.users.update(change, { headers: { 'If-Match': data.etag } }), (err) => Number(err.status ?? err.code) === 412)
  })
  await t.step('rename', async () => {
    await api.users.update({ userKey: made, requestBody: { primaryEmail: 'ada.lovelace@acme.example' } })
    assert.deepEqual((await api.users.aliases.list({ userKey: made })).data.aliases.map((a) => a.alias), ['ada@acme.example'])
    await api.users.aliases.insert({ userKey: made, requestBody: { alias: 'countess@acme.example' } })
    await api.users.aliases.delete({ userKey: made, alias: 'ada@acme.example' })
  })
  await t.step('groups and members', async () => {
    const { data: group } = await api.groups.insert({ requestBody: { email: 'analysts@acme.example', name: 'Analysts' } })
    await api.members.insert({ groupKey: group.id, requestBody: { email: 'countess@acme.example', role: 'MEMBER' } })
    await assert.rejects(api.members.insert({ groupKey: group.id, requestBody: { id: made } }), /Member already exists/)
    assert.deepEqual((await api.members.list({ groupKey: group.email })).data.members.map((m) => m.id), [made])
    assert.equal((await api.members.hasMember({ groupKey: group.id, memberKey: made })).data.isMember, true)
    assert.deepEqual((await api.groups.list({ userKey: made })).data.groups.map((g) => g.email), ['analysts@acme.example'])
    await api.members.delete({ groupKey: group.id, memberKey: made })
    await assert.rejects(api.members.delete({ groupKey: group.id, memberKey: made }), /memberKey/)
  })
  await t.step('organizational units', async () => {
    await api.orgunits.insert({ customerId: customer, requestBody: { name: 'Former', parentOrgUnitPath: '/Sales' } })
    assert.equal((await api.orgunits.get({ customerId: customer, orgUnitPath: 'Sales/Former' })).data.orgUnitPath, '/Sales/Former')
    assert.ok((await api.orgunits.list({ customerId: customer, type: 'all' })).data.organizationUnits.length > 3)
    await assert.rejects(api.users.update({ userKey: made, requestBody: { orgUnitPath: '/Nowhere' } }), /INVALID_OU_ID/)
  })
  await t.step('what signs in', async () => {
    for (const [act, value] of [['sign_in', ''], ['grant', 'crm'], ['app_password', 'printer'], ['codes', '']]) {
      await t.control('POST', 'google/directory/hand', { do: act, user: made, value })
    }
    const { data: tokens } = await api.tokens.list({ userKey: made })
    await api.tokens.delete({ userKey: made, clientId: tokens.items[0].clientId })
    const { data: asps } = await api.asps.list({ userKey: made })
    await api.asps.delete({ userKey: made, codeId: asps.items[0].codeId })
    assert.equal((await api.verificationCodes.list({ userKey: made })).data.items.length, 10)
    await api.verificationCodes.invalidate({ userKey: made })
    await api.users.signOut({ userKey: made })
    assert.equal((await api.verificationCodes.list({ userKey: made })).data.items, undefined)
  })
  await t.step('roles', async () => {
    const role = (await api.roles.list({ customer })).data.items.find((r) => r.roleName === '_GROUPS_ADMIN_ROLE')
    const { data } = await api.roleAssignments.insert({ customer, requestBody: { roleId: role.roleId, assignedTo: made, scopeType: 'CUSTOMER' } })
    assert.equal((await api.users.get({ userKey: made })).data.isDelegatedAdmin, true)
    await api.roleAssignments.delete({ customer, roleAssignmentId: data.roleAssignmentId })
    await api.users.makeAdmin({ userKey: made, requestBody: { status: true } })
    await api.users.makeAdmin({ userKey: made, requestBody: { status: false } })
    assert.deepEqual((await api.roleAssignments.list({ customer, userKey: made })).data.items, undefined)
  })
  await t.step('suspend, delete, undelete', async () => {
    assert.equal((await api.users.update({ userKey: made, requestBody: { suspended: true } })).data.suspensionReason, 'ADMIN')
    await api.users.delete({ userKey: made })
    await assert.rejects(api.users.get({ userKey: made }), /Resource Not Found/)
    await api.users.undelete({ userKey: made, requestBody: { orgUnitPath: '/' } })
    assert.equal((await api.users.get({ userKey: made })).data.suspended, true)
  })
  await t.step('only administrators', async () => {
    const other = admin({ version: 'directory_v1', auth: await signedIn(t, t.credentials.subject, scopes) })
    await assert.rejects(other.users.list({ customer }), /Not Authorized/)
  })
}

async function transfer(t) {
  const { admin } = await import('@googleapis/admin')
  const scopes = ['admin.datatransfer', 'admin.directory.user.readonly'].map((s) => `https://www.googleapis.com/auth/${s}`)
  const auth = await signedIn(t, t.credentials.admin, scopes)
  const api = admin({ version: 'datatransfer_v1', auth })
  const { data: people } = await admin({ version: 'directory_v1', auth }).users.list({ customer: 'my_customer', maxResults: 10, query: 'isSuspended=false' })
  const [from, to] = people.users
  await t.step('hand files over', async () => {
    const { data: apps } = await api.applications.list({})
    const drive = apps.applications.find((a) => a.name === 'Drive and Docs')
    const requestBody = {
      oldOwnerUserId: from.id, newOwnerUserId: to.id,
      applicationDataTransfers: [{ applicationId: drive.id, applicationTransferParams: [{ key: 'PRIVACY_LEVEL', value: ['PRIVATE', 'SHARED'] }] }],
    }
    const { data } = await api.transfers.insert({ requestBody })
    assert.equal(data.overallTransferStatusCode, 'inProgress')
    await t.control('POST', 'clock', { advance: '1m' })
    assert.equal((await api.transfers.get({ dataTransferId: data.id })).data.overallTransferStatusCode, 'completed')
    assert.equal((await api.transfers.list({ oldOwnerUserId: from.id })).data.dataTransfers.length, 1)
    requestBody.applicationDataTransfers[0].applicationTransferParams = [{ key: 'COLOUR', value: ['RED'] }]
    await assert.rejects(api.transfers.insert({ requestBody }), /Invalid Input/)
  })
}

async function settings(t) {
  const { gmail: build } = await import('@googleapis/gmail')
  const auth = await signedIn(t, t.credentials.sender, ['https://www.googleapis.com/auth/gmail.settings.basic', 'https://www.googleapis.com/auth/gmail.settings.sharing'])
  const api = build({ version: 'v1', auth }).users.settings
  const userId = 'me'
  await t.step('auto-reply', async () => {
    const { data } = await api.updateVacation({ userId, requestBody: { enableAutoReply: true, responseSubject: 'Gone', responseBodyPlainText: 'I have left.', endTime: '1900000000000' } })
    assert.equal(data.endTime, '1900000000000')
    assert.equal((await api.getVacation({ userId })).data.responseBodyPlainText, 'I have left.')
    await assert.rejects(api.updateVacation({ userId, requestBody: { enableAutoReply: true } }), /nonempty/)
  })
  await t.step('delegates', async () => {
    await api.delegates.create({ userId, requestBody: { delegateEmail: t.credentials.subject } })
    await assert.rejects(api.delegates.create({ userId, requestBody: { delegateEmail: t.credentials.subject } }), /already exists/)
    await assert.rejects(api.delegates.create({ userId, requestBody: { delegateEmail: 'x@elsewhere.example' } }), /Invalid delegate/)
    assert.deepEqual((await api.delegates.list({ userId })).data.delegates.map((d) => d.delegateEmail), [t.credentials.subject])
    await api.delegates.delete({ userId, delegateEmail: t.credentials.subject })
  })
  await t.step('forwarding', async () => {
    assert.equal((await api.forwardingAddresses.create({ userId, requestBody: { forwardingEmail: t.credentials.subject } })).data.verificationStatus, 'accepted')
    assert.equal((await api.forwardingAddresses.create({ userId, requestBody: { forwardingEmail: 'x@elsewhere.example' } })).data.verificationStatus, 'pending')
    await assert.rejects(api.updateAutoForwarding({ userId, requestBody: { enabled: true, emailAddress: 'x@elsewhere.example', disposition: 'archive' } }), /Unrecognized/)
    assert.equal((await api.updateAutoForwarding({ userId, requestBody: { enabled: true, emailAddress: t.credentials.subject, disposition: 'archive' } })).data.enabled, true)
  })
}
