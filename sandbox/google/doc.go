// Package google simulates Google Workspace as far as spreadsheets, files, letters and the people of the company go: the token
// endpoint for service accounts, Sheets v4, Drive v3 and Gmail v1, with uploads, and what package directory has. A service account
// acts for users who exist and are not suspended. It is strict where Google is: an unknown field or request, a field mask
// that is missing or names what there is not, a range beyond the grid, a cell of more than 50,000 characters, a scope that was not
// asked for, a shared drive without supportsAllDrives, an address that has no account, a recipient that is none. One batchUpdate is
// applied as a whole or not at all; what is written USER_ENTERED is parsed, so that a name that begins with "=" becomes a formula,
// as it would. The names that a field mask may have are those of Google's own Go library.
//
// What stays out is answered as Google answers what it does not have: 404 for a path, 400 for a kind of request, of search or of
// upload.
//
//   - Drive: about, changes, channels, comments, drives, exports, labels of files, replies, revisions; files of other Google types
//     than folders and spreadsheets; resumable uploads, and any of more than 64 MiB; moves between drives; permissions of domains that Drive does not know.
//   - Sheets: data filters, developer metadata, tables, pivot tables; of batchUpdate everything but what the function apply lists;
//     formulas are kept and never evaluated.
//   - Gmail: attachments, batches, history, import and insert, settings but delegates, forwarding and the auto-reply, threads, watch; in searches OR and braces. Nobody has mail
//     from outside, and a letter has one id in all mailboxes.
//   - The Reports API, Docs, Calendar and everything else.
package google
