package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// writer is the one goroutine that writes to an SQLite file. Whatever has queued up while it was busy is committed
// together: one lock, one commit and one write to the WAL for all of it.
type writer struct {
	conn    *sql.Conn
	stmts   *prepared
	jobs    chan *job
	low     chan *job
	quit    chan struct{} // closed to stop
	stopped chan struct{} // closed when the last job has been answered
	once    sync.Once

	checkpoints *sql.DB
	checkpoint  chan struct{}
	background  sync.WaitGroup
}

// The states of a job. Whoever moves it away from queued decides: the writer runs it, or its caller has given up.
const (
	jobQueued int32 = iota
	jobRunning
	jobAbandoned
)

type job struct {
	work  Work
	state atomic.Int32
	done  chan error
}

const (
	// maxGroup bounds how many jobs share a transaction, and so how long the first waits for the last.
	maxGroup = 64
	// checkpointEvery is after how many commits the WAL is copied back.
	checkpointEvery = 256
)

func startWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the ledger's writing connection: %w", err)
	}
	w := &writer{
		conn: conn, stmts: newPrepared(conn), checkpoints: db,
		jobs: make(chan *job, maxGroup), low: make(chan *job), quit: make(chan struct{}), stopped: make(chan struct{}),
		checkpoint: make(chan struct{}, 1),
	}
	w.background.Go(w.loop)
	w.background.Go(w.copyBack)
	return w, nil
}

// write queues a unit of work and waits until it is committed. When ctx ends before the work has begun it is dropped;
// once begun it is seen through, so an error always means that nothing was written.
func (w *writer) write(ctx context.Context, work Work) error { return w.queue(ctx, w.jobs, work) }

// doLow is do for work that gives way to all other work and is committed by itself.
func (w *writer) doLow(ctx context.Context, work Work) error { return w.queue(ctx, w.low, work) }

func (w *writer) queue(ctx context.Context, lane chan *job, work Work) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{work: work, done: make(chan error, 1)}
	select {
	case <-w.quit:
		return ErrClosed
	default:
	}
	select {
	case lane <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.quit:
		return ErrClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(jobQueued, jobAbandoned) {
			return ctx.Err()
		}
		return <-j.done
	case <-w.stopped:
		if j.state.CompareAndSwap(jobQueued, jobAbandoned) {
			return ErrClosed
		}
		return <-j.done
	}
}

func (w *writer) loop() {
	defer close(w.stopped)
	group := make([]*job, 0, maxGroup)
	for commits := 1; ; commits++ {
		select {
		case j := <-w.jobs:
			w.run(w.gather(append(group[:0], j)))
		case j := <-w.low:
			w.giveWay(group)
			w.run([]*job{j})
		case <-w.quit:
			return
		}
		if commits%checkpointEvery == 0 {
			select {
			case w.checkpoint <- struct{}{}:
			default:
			}
		}
	}
}

// gather adds what has queued up to a group.
func (w *writer) gather(group []*job) []*job {
	for len(group) < maxGroup {
		select {
		case j := <-w.jobs:
			group = append(group, j)
		default:
			return group
		}
	}
	return group
}

// giveWayFor bounds how long a job of the low lane waits for others that keep coming.
const giveWayFor = time.Second

// giveWay runs what is waiting before a job of the low lane.
func (w *writer) giveWay(group []*job) {
	for until := time.Now().Add(giveWayFor); time.Now().Before(until); {
		if group = w.gather(group[:0]); len(group) == 0 {
			return
		}
		w.run(group)
	}
}

// run commits a group, and when one of its jobs fails rolls all of them back and runs each by itself.
func (w *writer) run(group []*job) {
	live := group[:0]
	for _, j := range group {
		if j.state.CompareAndSwap(jobQueued, jobRunning) {
			live = append(live, j)
		}
	}
	if len(live) == 0 {
		return
	}
	began, err := w.transact(live...)
	if err == nil || len(live) == 1 || !began {
		for _, j := range live {
			j.done <- err
		}
		return
	}
	for _, j := range live {
		_, err := w.transact(j)
		j.done <- err
	}
}

// transact runs jobs in one transaction and reports whether it could be begun. It is not bound to a caller's context:
// the statements are local and short, and one caller must not break another's commit.
func (w *writer) transact(jobs ...*job) (began bool, err error) {
	ctx := context.Background()
	if _, err := w.stmts.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return false, fmt.Errorf("begin: %w", err)
	}
	for _, j := range jobs {
		if err = j.work(ctx, w.stmts); err != nil {
			break
		}
	}
	if err == nil {
		if _, err = w.stmts.ExecContext(ctx, "COMMIT"); err == nil {
			return true, nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	// A failure such as a full disk has already rolled back, and then ROLLBACK fails for want of a transaction.
	_, _ = w.stmts.ExecContext(ctx, "ROLLBACK")
	return true, err
}

// copyBack moves the WAL into the database file while others read and write, so that no commit has to wait for the
// disk. PASSIVE never blocks; what it could not copy is copied next time.
func (w *writer) copyBack() {
	for {
		select {
		case <-w.quit:
			return
		case <-w.checkpoint:
			var busy, log, done int
			row := w.checkpoints.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
			_ = row.Scan(&busy, &log, &done) // An error here is repeated by autocheckpoint, where a caller sees it.
		}
	}
}

func (w *writer) stop() error {
	w.once.Do(func() { close(w.quit) })
	w.background.Wait()
	return errors.Join(w.stmts.close(), w.conn.Close())
}
