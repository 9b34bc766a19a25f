// The company's directory: the most used npm client of LDAP.
import assert from 'node:assert/strict'

export const clients = [{ name: 'ldapts 8.2.0', npm: true, run: ldapts }]

async function ldapts(t) {
  const { Attribute, Change, Client, ConstraintViolationError, EqualityFilter, NoSuchObjectError, InvalidCredentialsError } = await import('ldapts')
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
  await t.step('who is in which group, and out of it', async () => {
    const { searchEntries } = await client.search(directory.groups, { scope: 'sub', filter: `(&(objectClass=groupOfNames)(member=${people[3].dn}))`, attributes: ['cn'] })
    assert.ok(searchEntries.length > 0)
    const leave = (dn) => new Change({ operation: 'delete', modification: new Attribute({ type: 'member', values: [dn] }) })
    for (const group of searchEntries) {
      await client.modify(group.dn, leave(people[3].dn))
      await assert.rejects(client.modify(group.dn, leave(people[3].dn)))
    }
  })
  await t.step('a new password, and a lock that outlasts it', async () => {
    const replace = (type, values) => new Change({ operation: 'replace', modification: new Attribute({ type, values }) })
    const signsIn = async (password) => {
      const other = await connected()
      try { await other.bind(people[3].dn, password) } finally { await other.unbind() }
    }
    await assert.rejects(client.modify(people[3].dn, replace('userPassword', [`long-enough-${people[3].uid}`])), ConstraintViolationError)
    await client.modify(people[3].dn, replace('userPassword', ['Q7=k2%long=w3']))
    await signsIn('Q7=k2%long=w3')
    await client.modify(people[3].dn, replace('pwdAccountLockedTime', ['000001010000Z']))
    await assert.rejects(signsIn('Q7=k2%long=w3'), InvalidCredentialsError)
  })
  await t.step('move', async () => {
    await client.add(`ou=leavers,${directory.people}`, { objectClass: 'organizationalUnit', ou: 'leavers' })
    const own = people[3].dn.split(',')[0]
    await client.modifyDN(people[3].dn, `${own},ou=leavers,${directory.people}`)
    const filter = new EqualityFilter({ attribute: 'entryUUID', value: people[3].entryUUID })
    assert.deepEqual((await client.search(directory.people, { filter })).searchEntries.map((e) => e.dn), [`${own},ou=leavers,${directory.people}`])
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
