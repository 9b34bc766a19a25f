// Package migrations has the schema of the ledger, one file per version. A file that was released is never changed.
package migrations

import "embed"

// Files are the migrations, in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS
