// Package seed fills a sandbox with a plausible company, Acme: people in seven departments and six places, employees in
// Workday and contractors in BambooHR, each with the OneLogin account, group, roles and factors that the company's
// rules give them, some who have left, and the accounts no person stands behind.
//
// The same number of people and the same seed always make the same company.
package seed
