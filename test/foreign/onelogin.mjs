// OneLogin: the vendor's npm client.
import assert from 'node:assert/strict'

export const clients = [
  { name: '@onelogin/sdk 1.0.9', npm: true, run: nodeSDK },
]

async function nodeSDK(t) {
  const { default: sdk } = await import('@onelogin/sdk')
  const client = new sdk.Client({ clientID: t.credentials.client_id, clientSecret: t.credentials.client_secret, baseURL: 'https://unused', timeout: 5000 })
  // The client turns every base URL into https, which the sandbox does not speak: only the base URL is changed.
  client.client.client.httpClient.defaults.baseURL = t.base
  await t.step('list apps', async () => assert.ok((await client.appsRepository.Query({ limit: 10 })).data.length > 0))
}
