package main

import (
	"context"
	"path/filepath"

	"gatehouse/internal/devserver"
)

// engine is a kind of database under Temporal and under the ledger.
type engine struct {
	name string
	// prefix is what its figures begin with in bench.json.
	prefix string
	// open starts a Temporal server on an empty database.
	open func(ctx context.Context, dir string) (*temporalServer, error)
}

// temporalServer is a running Temporal server and the empty ledger that goes with it.
type temporalServer struct {
	address string
	ledger  string
	stop    func() error
}

// sqlite is what a user gets from `make demo`: the development server on a file.
func sqlite() engine {
	return engine{name: "Temporal dev server on an SQLite file (WAL, synchronous=NORMAL)", open: func(ctx context.Context, dir string) (*temporalServer, error) {
		server, err := devserver.Start(ctx, devserver.Options{
			NoUI: true, Database: filepath.Join(dir, "temporal.db"), Log: filepath.Join(dir, "temporal.log"),
		})
		if err != nil {
			return nil, err
		}
		return &temporalServer{address: server.Address, ledger: "ledger.db", stop: server.Stop}, nil
	}}
}
