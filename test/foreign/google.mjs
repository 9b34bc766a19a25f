// Google: its own npm clients of Drive, Sheets and Gmail, signed in by its own authentication library.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'

export const clients = [
  { name: '@googleapis/drive 19.2.1', npm: true, run: drive },
  { name: '@googleapis/sheets 13.0.2', npm: true, run: sheets },
  { name: '@googleapis/gmail 16.1.2', npm: true, run: gmail },
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
