// Sandbox is a tenant that never leaves the machine: OneLogin, Workday, BambooHR, Slack, Jira, Google Workspace and Salesforce
// of a made-up company on one port, and its directory on another, each as strict and as peculiar as the real one where it matters to lifecycle automation. The demo runs on
// it and the tests prove themselves against it.
//
//	http://127.0.0.1:8484/onelogin   client sandbox-onelogin / sandbox-onelogin-secret (Manage All)
//	                                 client sandbox-onelogin-users / sandbox-onelogin-users-secret (Manage Users)
//	                                 client sandbox-onelogin-read / sandbox-onelogin-read-secret (Read Users)
//	http://127.0.0.1:8484/workday    tenant acme, client sandbox-workday / sandbox-workday-secret,
//	                                 refresh token sandbox-workday-refresh, report owner isu_gatehouse,
//	                                 reports Gatehouse_Roster and Gatehouse_Worker
//	http://127.0.0.1:8484/bamboohr   company acme, API key sandbox-bamboohr-key, webhook private key sandbox-bamboohr-webhook
//	http://127.0.0.1:8484/slack/api/ bot token xoxb-sandbox; channels C0IT, C0SECURITY, C0GENERAL
//	http://127.0.0.1:8484/jira       user gatehouse@acme.example, token sandbox-jira-token, projects IT and SEC
//	http://127.0.0.1:8484/google     a service account whose key is at /sandbox/google/key; users of acme.example,
//	                                 folder 1AcmeAccessReports on shared drive 0AcmeSharedDrive; super administrator
//	                                 gatehouse-admin@acme.example, and gatehouse-directory@acme.example with a role of its own
//	ldap://127.0.0.1:8389            or another free port, if that is taken and --ldap names none (GET /sandbox/ldap says):
//	                                 cn=gatehouse,dc=acme,dc=example / sandbox-ldap-password, StartTLS
//	http://127.0.0.1:8484/salesforce client sandbox-salesforce / sandbox-salesforce-secret, or its key at /sandbox/salesforce/key as
//	                                 gatehouse@acme.example.crm; a client that only reads, sandbox-salesforce-read
//	http://127.0.0.1:8484/           a page to watch it all, and to press buttons as anybody
//
// The rest is control, below /sandbox/:
//
//	GET  credentials                 what is written above, as JSON
//	GET  journal?system=&effects=true&since=SEQ&last=N      every call as a JSON line; DELETE clears
//	GET  journal/counts              calls per system and operation
//	GET  state, state/user?username=|id=|external_id=       what is so now
//	GET  state/left-with-access      the accounts by which somebody who has left gets in, by human and not by external id
//	POST reset {people, seed, quota, legacy}
//	POST hr {source, action, employee_id, human, fields, silent}   hire, change, terminate, rescind, delete, leave, return,
//	     renumber; fields that make a record contradict itself: status, history_status, rehired_on, no_status_row, truth
//	POST hr/bulk {source, action, count | employee_ids, fields, prefix, mail_domain, silent}
//	POST faults {system, method, path, op, query, when, style, status, body, content_type, retry_after, delay_ms, url, times, skip}; GET; DELETE
//	POST latency {ms}, clock {advance: "26h"}, quota {limit, remaining}
//	POST onelogin/accept-invite, sign-in, enrol, event, status, run-mappings, expire-tokens, settings; GET onelogin/sessions
//	POST onelogin/account {action, id, username, fields, quiet}   edit, create, copy, delete, recreate by hand
//	POST onelogin/mappings {name, match, conditions, actions}, mappings/enable {enabled}; run-mappings is a night
//	POST onelogin/directory-entry {directory_id, id, disabled, fields}; directory-sync {directory_id} is a night
//	POST onelogin/credential {client_id, disabled}
//	POST workday {lone_object, drop_columns, blank_columns, drop_ids, drop_rows, nested_columns, rotate_refresh_tokens, token_seconds}
//	POST bamboohr {restricted_fields, blank_fields, drop_rows, backoff_scale, copies}, bamboohr/webhook-target {url, family}; GET bamboohr/webhook-log
//	POST google {per_minute, cell_limit, index_lag_ms, scopes}, google/expire-tokens, google/edit {spreadsheet, range, as, values}
//	GET  google/key, google/sheets, google/mails
//	POST google/directory {per_minute, limit_status, limit_reason, inserts_per_second, creation_lag_ms, list_lag_ms, transfer_ms, seats,
//	     archive_seats, lies}; GET
//	POST google/directory/hand {do, user, value, person}   add, delete, suspend, archive, restore, abuse, own_password, grant,
//	     app_password, codes, recovery, recover, title, phone, manager, role, join, leave, nest, sign_in, try; google/directory/delegating {allowed}
//	POST jira {index_lag_ms, require, project}, slack/deactivate {email}, slack/channel {id, name, archived, private, bot}
//	GET  ldap (its certificate too), ldap/journal, ldap/entry?dn=; POST ldap/entry {dn, attribute, values}, which an administrator does by
//	     hand (no values take the attribute away); POST ldap/lie {lie}, ldap/faults {op, code, after, hang, times}
//	POST pagerduty {events_per_minute}, pagerduty/alerts {without}, pagerduty/act {dedup_key, status}, pagerduty/merge {dedup_key, into}
//	POST pagerduty/webhook-target {url, secrets, copies, events, service, inactive}; DELETE; GET pagerduty/webhook-log
//	POST salesforce {daily_requests, session_seconds, page_size, lost, loose_ids, refusal_code, empty, first_page, silent, doubled, yesterday}
//	POST salesforce/hand {action, id, username, person, fields, why, times, licence}   add, edit, vanish, hold, freeze, lock, sign_in,
//	     licences, taken, end_sessions, used; GET salesforce, salesforce/key
//
// It shares no code with the connectors it is there to try: both would be wrong together.
package main
