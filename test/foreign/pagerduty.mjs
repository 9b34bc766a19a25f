// PagerDuty: the vendor's npm client, and the requests of go-pagerduty and of its Terraform provider.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

export const clients = [
  { name: '@pagerduty/pdjs 2.2.4', npm: true, run: pdjs },
  { name: 'go-pagerduty v1.8, as HTTP', run: goPagerDuty },
  { name: 'terraform-provider-pagerduty, as HTTP', run: terraform },
]

async function pdjs(t) {
  const require = createRequire(import.meta.url)
  // The client knows the vendor's hosts, and reads from a URL which resource a reply has: only where a request goes is changed.
  const fetcher = require('cross-fetch')
  const send = fetcher.default
  fetcher.default = (url, options) => send(url.replace(/^https:\/\/(api|events)\.pagerduty\.com/, t.base), options)
  try {
    await pdjsPlays(t, require('@pagerduty/pdjs'))
  } finally {
    fetcher.default = send
  }
}

async function pdjsPlays(t, { api, trigger, acknowledge, resolve, change }) {
  const { token, routing_key, from } = t.credentials
  const pd = api({ token, headers: { From: from } })
  const page = (dedup_key) => ({ routing_key, dedup_key, payload: { summary: 'Disk full', source: 'web-7', severity: 'error' } })
  await t.step('trigger', async () => {
    for (let n = 0; n < 30; n++) assert.equal((await trigger({ data: page(`key-${n}`) })).data.status, 'success')
  })
  await t.step('a change event', async () => {
    assert.equal((await change({ data: { routing_key, payload: { summary: 'Deployed' } } })).response.status, 202)
  })
  const all = (await t.step('every incident, page by page', async () => {
    const found = (await pd.all('/incidents', { data: { limit: 10 } })).resource
    assert.equal(found.length, 30)
    return found
  })) ?? []
  await t.step('an incident has no key, and its alert has it', async () => {
    assert.ok(all.every((i) => i.incident_key === null))
    const { data } = await pd.get(`/incidents/${all[3].id}/alerts`)
    assert.deepEqual(data.alerts.map((a) => a.alert_key), ['key-3'])
  })
  await t.step('search by key', async () => {
    const { resource } = await pd.get('/incidents', { data: { incident_key: 'key-3', date_range: 'all' } })
    assert.deepEqual(resource.map((i) => i.id), [all[3].id])
  })
  await t.step('acknowledge and resolve by events', async () => {
    await acknowledge({ data: { routing_key, dedup_key: 'key-0' } })
    await resolve({ data: { routing_key, dedup_key: 'key-1' } })
    assert.equal((await pd.get(`/incidents/${all[0].id}`)).data.incident.status, 'acknowledged')
    assert.equal((await pd.get(`/incidents/${all[1].id}`)).data.incident.status, 'resolved')
  })
  await t.step('change several, as they were read', async () => {
    const incidents = all.slice(4, 6).map((i) => ({ ...i, status: 'acknowledged' }))
    assert.ok((await pd.put('/incidents', { data: { incidents } })).data.incidents.every((i) => i.status === 'acknowledged'))
  })
  await t.step('merge', async () => {
    const source_incidents = [{ id: all[6].id, type: 'incident_reference' }]
    await pd.put(`/incidents/${all[7].id}/merge`, { data: { source_incidents } })
    assert.equal((await pd.get(`/incidents/${all[6].id}`)).data.incident.resolve_reason.incident.id, all[7].id)
    assert.equal((await pd.get(`/incidents/${all[7].id}/alerts`)).data.alerts.length, 2)
  })
  await t.step('note', async () => {
    assert.equal((await pd.post(`/incidents/${all[8].id}/notes`, { data: { note: { content: 'on it' } } })).response.status, 201)
    assert.equal((await pd.get(`/incidents/${all[8].id}/notes`)).data.notes[0].content, 'on it')
  })
  const service = await t.step('services', async () => (await pd.get('/services', { data: { query: 'identity' } })).resource[0])
  await t.step('users', async () => assert.equal((await pd.get('/users')).resource[0].email, from))
  await t.step('create by hand, once for its key', async () => {
    const incident = { type: 'incident', title: 'By hand', service: { id: service.id, type: 'service_reference' }, incident_key: 'hand' }
    assert.equal((await pd.post('/incidents', { data: { incident } })).data.incident.status, 'triggered')
    assert.equal((await pd.post('/incidents', { data: { incident } })).response.status, 400)
  })
  await t.step('a token that is none', async () => assert.equal((await api({ token: 'none' }).get('/users')).response.status, 401))
}

// goPagerDuty is incident.go and event_v2.go of PagerDuty/go-pagerduty: a version in Accept, From for writes, lists with limit
// and offset, unset members as null.
async function goPagerDuty(t) {
  const headers = { Accept: 'application/vnd.pagerduty+json;version=2', Authorization: `Token token=${t.credentials.token}` }
  const call = (method, path, body, status = 200) => t.http(method, path, { headers: { ...headers, From: t.credentials.from }, body, status })
  await t.step('ManageEventWithContext', async () => {
    const payload = { summary: 'Disk full', source: 'web-7', severity: 'error' }
    const body = { routing_key: t.credentials.routing_key, event_action: 'trigger', dedup_key: 'k', payload }
    assert.equal((await t.http('POST', '/v2/enqueue', { body, status: 202 })).body.dedup_key, 'k')
  })
  const found = await t.step('ListIncidentsWithContext', async () => {
    const r = await call('GET', '/incidents?date_range=all&incident_key=k&limit=100&statuses%5B%5D=triggered&statuses%5B%5D=acknowledged')
    assert.equal(r.body.incidents.length, 1)
    return r.body.incidents[0]
  })
  await t.step('ListIncidentAlertsWithContext', async () => {
    assert.equal((await call('GET', `/incidents/${found.id}/alerts?limit=100`)).body.alerts[0].alert_key, 'k')
  })
  await t.step('CreateIncidentWithContext', async () => {
    const incident = { type: 'incident', title: 'By hand', service: { id: found.service.id, type: 'service_reference' }, priority: null }
    assert.equal((await call('POST', '/incidents', { incident }, 201)).body.incident.title, 'By hand')
  })
  await t.step('ManageIncidentsWithContext', async () => {
    const incidents = [{ id: found.id, type: 'incident_reference', status: 'resolved' }]
    assert.equal((await call('PUT', '/incidents', { incidents })).body.incidents[0].status, 'resolved')
  })
  await t.step('what is not there', async () => assert.equal((await call('GET', '/incidents/QNONE', undefined, 404)).body.error.code, 2100))
}

// terraform is resource_pagerduty_webhook_subscription.go of PagerDuty/terraform-provider-pagerduty.
async function terraform(t) {
  const headers = { Accept: 'application/vnd.pagerduty+json;version=2', Authorization: `Token token=${t.credentials.token}` }
  const call = (method, path, body, status = 200) => t.http(method, path, { headers, body, status })
  const service = await t.step('data.pagerduty_service', async () => (await call('GET', '/services?query=Identity')).body.services[0])
  const webhook_subscription = {
    type: 'webhook_subscription', description: 'by Terraform', events: ['incident.resolved'], active: true,
    delivery_method: { type: 'http_delivery_method', url: 'https://receiver.example/hook', custom_headers: [] },
    filter: { id: service?.id, type: 'service_reference' },
  }
  const made = await t.step('create', async () => {
    const r = await call('POST', '/webhook_subscriptions', { webhook_subscription }, 201)
    assert.ok(r.body.webhook_subscription.delivery_method.secret)
    return r.body.webhook_subscription
  })
  await t.step('read', async () => {
    const { delivery_method } = (await call('GET', `/webhook_subscriptions/${made.id}`)).body.webhook_subscription
    assert.equal(delivery_method.secret, null)
    assert.equal(delivery_method.temporarily_disabled, false)
  })
  await t.step('update', async () => {
    const r = await call('PUT', `/webhook_subscriptions/${made.id}`, { webhook_subscription: { ...webhook_subscription, active: false } })
    assert.equal(r.body.webhook_subscription.active, false)
  })
  await t.step('delete', async () => {
    await call('DELETE', `/webhook_subscriptions/${made.id}`, undefined, 204)
    await call('GET', `/webhook_subscriptions/${made.id}`, undefined, 404)
  })
}
