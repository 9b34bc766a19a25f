// The company's directory: the most used npm client of LDAP.
import assert from 'node:assert/strict'

export const clients = [{ name: 'ldapts 8.2.0', npm: true, run: ldapts }]

async function ldapts(t) {
  const { Attribute, Change, Client, EqualityFilter, NoSuchObjectError, InvalidCredentialsError } = await import('ldapts')
  const directory = await t.control('GET', 'ldap')
  const connected = async () => {
    const client = new Client({ url: directory.url, timeout: 5000, connectTimeout: 5000 })
    await client.startTLS({ ca: [directory.ca] })
    return client
  }
  const client = await connected()
  await t.step('sign in', () => client.bind(directory.bind_dn, directory.password))
  const people = await t.step('everybody, page by page', async () => {
    const { searchEntries } = await client.search(directory.people, {
      scope: 'sub', filter: '(objectClass=inetOrgPerson)', paged: { pageSize: 10 }, attributes: ['uid', 'mail', 'entryUUID', 'manager'],
    })
    assert.ok(searchEntries.length > 40)
    assert.equal(new Set(searchEntries.map((e) => e.entryUUID)).size, searchEntries.length)
    return searchEntries
  }) ?? []
  await t.step('one by the key that stays', async () => {
    const filter = new EqualityFilter({ attribute: 'entryUUID', value: people[3].entryUUID })
    assert.deepEqual((await client.search(directory.people, { filter })).searchEntries.map((e) => e.dn), [people[3].dn])
  })
  await t.step('change', async () => {
    const title = (operation, values) => new Change({ operation, modification: new Attribute({ type: 'title', values }) })
    await client.modify(people[3].dn, title('replace', ['Chief']))
    await client.modify(people[3].dn, [title('delete', ['Chief']), title('add', ['Head'])])
    await assert.rejects(client.modify(people[3].dn, [title('delete', ['Chief']), title('add', ['Boss'])]))
    assert.equal((await client.search(people[3].dn, { scope: 'base' })).searchEntries[0].title, 'Head')
  })
  await t.step('add, rename, delete', async () => {
    const dn = (uid) => `uid=${uid},${directory.people}`
    await client.add(dn('new'), { objectClass: 'inetOrgPerson', uid: 'new', cn: 'New', sn: 'New' })
    await client.modifyDN(dn('new'), 'uid=newer')
    await client.del(dn('newer'))
    await assert.rejects(client.del(dn('newer')), NoSuchObjectError)
  })
  await t.step('a password that is wrong', async () => {
    const other = await connected()
    await assert.rejects(other.bind(directory.bind_dn, 'wrong'), InvalidCredentialsError)
    await other.unbind()
  })
  await client.unbind()
  // The directory keeps a journal of its own.
  t.counted = (await t.control('GET', 'ldap/journal')).length
}
