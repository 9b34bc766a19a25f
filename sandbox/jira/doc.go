// Package jira simulates a Jira Cloud site: projects with their fields, issues, comments, transitions, assignees, users and
// the JQL search that Cloud has left, by versions 2 (plain text) and 3 (Atlassian Document Format) of its REST API.
//
// What makes Jira hard is simulated with care: creating has no idempotency key, the search runs on an index that lags
// behind by two seconds of the sandbox's clock, it answers ids only unless fields are asked for, the search that older
// clients use is gone with 410, a label with a space is refused, a project may demand fields of its own, each with the type
// that its administrator gave it, and texts have the lengths that Jira allows, counted as Jira counts: in UTF-16.
//
// What stays out answers 404, as Jira does for what it does not have: attachments, worklogs, links, votes, watchers, sub-tasks
// and parents, sprints and boards, versions, filters, dashboards, webhooks, the administration of a site, the createmeta of old
// (GET issue/createmeta), and writing several issues at once. JQL has conditions joined by AND, with =, !=, in, not in, is and ~, and
// >, >=, <, <= for the dates created, updated and due, which may be relative; its one function is now().
// Wiki markup and Atlassian documents are not turned into each other: what is kept of either is the text.
package jira
