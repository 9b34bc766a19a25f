// Package gsuite delivers to Google Workspace: spreadsheets and their tabs, and e-mails by Gmail. It knows nothing of people or reviews.
package gsuite
