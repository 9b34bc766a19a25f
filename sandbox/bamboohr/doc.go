// Package bamboohr simulates a BambooHR company: reading employees, the changed list, the employment status table, and
// webhooks that are signed, retried on 5xx and never on 4xx, and sent for a future-dated termination only once it is in
// effect.
//
// It shows the records of package hr. Fields that the key's owner may not see are left out without a word, and a reply
// is XML unless JSON is asked for, as with the real API.
package bamboohr
