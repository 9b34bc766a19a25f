// Slack: the vendor's npm client.
import assert from 'node:assert/strict'

export const clients = [{ name: '@slack/web-api 8.2.0', npm: true, run: webAPI }]

async function webAPI(t) {
  const { WebClient, LogLevel } = await import('@slack/web-api')
  const slack = new WebClient(t.credentials.bot_token, { slackApiUrl: t.base + '/api/', retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logLevel: LogLevel.ERROR })
  const fails = (code, call) => assert.rejects(call, (e) => e.data?.error === code)
  const channel = t.credentials.it_channel
  await t.step('token', async () => assert.equal((await slack.auth.test()).team_id, t.credentials.team_id))
  const people = (await t.step('list people, page by page', async () => {
    const all = []
    for await (const page of slack.paginate('users.list', { limit: 20 })) {
      assert.ok(page.members.length <= 20)
      all.push(...page.members)
    }
    assert.ok(all.length > 60 && new Set(all.map((u) => u.id)).size === all.length)
    return all.filter((u) => !u.is_bot && !u.deleted)
  })) ?? []
  await t.step('find a person', async () => {
    const { user } = await slack.users.lookupByEmail({ email: people[0].profile.email })
    assert.equal(user.id, people[0].id)
    assert.equal((await slack.users.info({ user: user.id })).user.profile.email, people[0].profile.email)
    await fails('users_not_found', slack.users.lookupByEmail({ email: 'nobody@acme.example' }))
  })
  await t.step('channels', async () => {
    await t.control('POST', 'slack/channel', { id: 'C0EXECS', name: 'execs', private: true, bot: false })
    const { channels } = await slack.conversations.list({ types: 'public_channel,private_channel', exclude_archived: true })
    assert.ok(channels.some((c) => c.id === channel) && !channels.some((c) => c.id === 'C0EXECS'))
    const info = (await slack.conversations.info({ channel, include_num_members: true })).channel
    assert.deepEqual([info.is_private, info.is_member, 'user' in info], [false, true, false])
    await fails('channel_not_found', slack.conversations.info({ channel: 'C0EXECS' }))
    assert.ok((await slack.conversations.members({ channel: t.credentials.general_channel, limit: 5 })).response_metadata.next_cursor)
  })
  const posted = await t.step('post', async () => {
    const r = await slack.chat.postMessage({
      channel, text: 'Hello', metadata: { event_type: 'notice', event_payload: { k: '7' } }, unfurl_links: false,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Hello*' } }, { type: 'actions', elements: [{ type: 'button', action_id: 'ok', text: { type: 'plain_text', text: 'OK' }, value: 'v' }] }],
    })
    assert.ok(r.ts)
    return r
  })
  await t.step('post by name, and in Markdown', async () => {
    assert.equal((await slack.chat.postMessage({ channel: '#it-operations', markdown_text: '**Hello**' })).channel, channel)
    await fails('markdown_text_conflict', slack.chat.postMessage({ channel, markdown_text: 'a', text: 'b' }))
  })
  await t.step('a thread', async () => {
    await slack.chat.postMessage({ channel, text: 'quiet', thread_ts: posted.ts })
    const loud = await slack.chat.postMessage({ channel, text: 'loud', thread_ts: posted.ts, reply_broadcast: true })
    assert.equal((await slack.conversations.replies({ channel, ts: posted.ts })).messages.length, 3)
    const { messages } = await slack.conversations.history({ channel, limit: 10, include_all_metadata: true })
    assert.deepEqual([messages[0].ts, messages[0].subtype], [loud.ts, 'thread_broadcast'])
    assert.equal(messages.find((m) => m.ts === posted.ts).metadata.event_payload.k, '7')
  })
  await t.step('history, page by page', async () => {
    let n = 0
    for await (const page of slack.paginate('conversations.history', { channel, limit: 1 })) n += page.messages.length
    assert.equal(n, 3)
  })
  await t.step('change and delete', async () => {
    assert.equal((await slack.chat.update({ channel, ts: posted.ts, text: 'Changed', blocks: [] })).text, 'Changed')
    await slack.chat.delete({ channel, ts: posted.ts })
    await fails('message_not_found', slack.chat.delete({ channel, ts: posted.ts }))
  })
  await t.step('direct messages with one and with several', async () => {
    const one = await slack.conversations.open({ users: people[0].id, return_im: true })
    assert.equal(one.channel.user, people[0].id)
    const group = await slack.conversations.open({ users: people.slice(0, 3).map((u) => u.id).join(','), return_im: true })
    assert.equal(group.channel.is_mpim, true)
    assert.equal((await slack.conversations.open({ users: people.slice(0, 3).map((u) => u.id).reverse().join(',') })).already_open, true)
    assert.equal((await slack.conversations.members({ channel: group.channel.id })).members.length, 4)
    assert.ok((await slack.chat.postMessage({ channel: group.channel.id, text: 'all of you' })).ts)
  })
  await t.step('channels that take nothing', async () => {
    await fails('channel_not_found', slack.chat.postMessage({ channel: 'C0EXECS', text: 'x' }))
    await t.control('POST', 'slack/channel', { id: 'C0OLD', name: 'old', archived: true })
    await fails('is_archived', slack.chat.postMessage({ channel: 'C0OLD', text: 'x' }))
  })
}
