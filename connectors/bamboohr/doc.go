// Package bamboohr reads people from BambooHR and understands its webhooks. It writes nothing.
//
//	webhook ─────► VerifyWebhook, ParseWebhook ─► "look at these people"
//	Client.ChangedSince (the net under it) ─────► "look at these people"
//	Client.Employee ────────────────────────────► identity.Record
//	Client.EmploymentStatus, WithStatusRows ────► the same with ends and employments before and ahead
//
// What a reader would not guess about BambooHR, and what this package does about it:
//
//   - Fields that the key's owner may not see are silently left out. A field that matters and is not there is named in
//     Record.Missing; it is never read as "no date".
//   - Future hires are Inactive, so Inactive alone never means terminated. A termination is an update like any other;
//     "deleted" is the deletion of the record.
//   - A leaving date that lies ahead fires no webhook until it takes effect, and is not in the employee's current
//     fields. It is in the employment status table only.
//   - Employee 0 is the owner of the API key. It is refused.
//   - The empty date is "0000-00-00". Times come with an offset that Go's RFC 3339 does not read.
//   - A rate limit is 429 since 2026-09-16 and was 503 before; both may carry Retry-After.
//   - The text of an error is in a header, and may name people. It is not read.
package bamboohr
