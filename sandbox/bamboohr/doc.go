// Package bamboohr simulates a BambooHR company: employees read, created and changed, the directory, the changed list,
// tables with their rows, the metadata, and webhooks that are signed, retried on 5xx and never on 4xx, and sent for a
// future-dated termination only once it is in effect.
//
// It shows the records of package hr, and what is written here HR has done. Both addresses of the API are served, the
// company's own and api.bamboohr.com's gateway. Fields that the key's owner may not see are left out without a word, and a
// reply is XML unless JSON is asked for, as with the real API.
//
// What stays out is answered with a 404: version 1.1 and 2 of the API, OAuth, webhooks by API (they are set up by hand
// here), reports and datasets, files, photos, time off and its types, time tracking, applicants, benefits, goals, training,
// and changing lists. GET /employees takes OAuth only, and the key is refused.
package bamboohr
