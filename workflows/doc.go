// Package workflows has what happens: below it is a package for each kind of run, written to be read like the runbook it replaces.
// The entries of internal/templates say which of them run where.
//
// All runs about one person share the workflow id person/<key>, so that only one of them can write to the person's
// account. Person looks and decides; a template does the work and is reached by continue-as-new:
//
//	hint ──► Person ──► assess ──┬─ nothing to do ──────────► Completed
//	           ▲                 ├─ later ──► timer ──┐
//	           │◄────────────────┼────────────────────┘
//	           │                 ├─ somebody must decide ──► parked (attention)
//	           │                 ├─ join ──────────────────► Onboarding ──► Completed
//	           │                 └─ leave ──► suspend ─────► Offboarding ─► Completed
//	           └── a hint that arrived meanwhile ◄───────────────┘
//
// Workflow code is deterministic: it reads no clock, file, network or policy. What it decides on comes from the
// Assessment that an activity returned and that the run's history keeps.
package workflows
