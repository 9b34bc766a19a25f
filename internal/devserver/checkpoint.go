package devserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver of the same name
)

// checkpointEvery is how often the server's write-ahead log is copied back: so often that the server, which does it in
// the middle of a commit while all runs wait for its only connection, finds next to nothing left to copy.
const checkpointEvery = 100 * time.Millisecond

// checkpointer copies a database's write-ahead log back while the server goes on writing. It takes no lock that the
// server waits for, and whatever becomes of it the server's own checkpoints keep the log in bounds.
type checkpointer struct {
	db   *sql.DB
	stop context.CancelFunc
	done chan struct{}
	err  error
}

func startCheckpointer(database string) (*checkpointer, error) {
	path, err := filepath.Abs(database)
	if err != nil {
		return nil, fmt.Errorf("find the Temporal server's database: %w", err)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{
		"mode": {"rw"}, "_pragma": {"synchronous(NORMAL)"},
	}.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open %s beside the Temporal server: %w", database, err)
	}
	db.SetMaxOpenConns(1)
	ctx, cancel := context.WithCancel(context.Background())
	c := &checkpointer{db: db, stop: cancel, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.err = c.run(ctx)
	}()
	return c, nil
}

func (c *checkpointer) run(ctx context.Context) error {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		// The row says whether another checkpoint was going on and how much is left, which the next one does.
		var busy, log, copied int
		err := c.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &log, &copied)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("copy back the Temporal server's write-ahead log: %w", err)
		}
	}
}

// close ends the copying and returns what it failed with.
func (c *checkpointer) close() error {
	c.stop()
	<-c.done
	return errors.Join(c.err, c.db.Close())
}
