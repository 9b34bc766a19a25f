// Bench measures Gatehouse as a user runs it: the programs as processes of their own, a Temporal server with a database
// on disk, the sandbox for a tenant, everything on loopback. It prints each figure beside its target and writes the
// figures to var/bench.json.
//
//	bench ──signed webhook──► starter serve --with-worker ──► Temporal (SQLite file, then PostgreSQL)
//	  ▲                          │
//	  └───── journal ──── sandbox ◄┘
//
// A latency runs from the moment a webhook is sent until the moment the sandbox committed the suspension, by the
// sandbox's own journal: both read the same machine's clock. What the same HTTP calls take back to back, without
// Temporal or Gatehouse, is printed beside it, and so is what Temporal takes for an empty run without Gatehouse.
//
// Every part starts from an empty database and a tenant of its own:
//
//	latency   leavers one after the other, then again with hundreds of other runs open; calls per joiner and leaver
//	mass      many termination webhooks at once
//	split     the same with gateway and worker as two processes, for their memory
//	sweep     leavers while every account of a large tenant is read into the ledger
//	agents    agents over MCP: reads one after the other, reads of 200 at once, requests at 20 a second
//	reconcile everybody compared with their accounts: 2,000 people
//	reconcile-50k  the same with 50,000, for its memory and its calls, and leavers beside it
//	systems   everybody followed in Google Workspace, Salesforce and a directory: everything read, and everybody's plan
//	contain   leavers with such systems beside OneLogin, and while two of them do not answer
//	census    `starter adopt` and `starter plan --all` of 100,000 people, before anything is switched on
//	review    access reviews of tenants of several sizes
//	mfa       scans of everybody's second factors
//	events    a long log of OneLogin's events, with rules
//
// -parts takes only some of them, such as -parts census.
//
// A target that is missed is printed as MISSED and is no error; the exit status is 1 only if something did not run.
package main
