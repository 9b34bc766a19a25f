package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// systemCalls are the calls of a pass.
type systemCalls struct {
	// of counts them by system, and by operation within it.
	of map[string]int
	by map[string]map[string]int
	// writes counts those that changed something in OneLogin or a system beside it, and written says which.
	writes  int
	written []string
}

// String lists the operations of one system.
func (c systemCalls) String(system string) string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(c.by[system])) {
		parts = append(parts, fmt.Sprintf("%s %d", strings.TrimPrefix(op, system+"."), c.by[system][op]))
	}
	return strings.Join(parts, ", ")
}

func (c *systemCalls) add(system, op string, wrote bool) {
	if c.by == nil {
		c.of, c.by = map[string]int{}, map[string]map[string]int{}
	}
	if c.by[system] == nil {
		c.by[system] = map[string]int{}
	}
	c.of[system]++
	c.by[system][op]++
	if wrote {
		c.writes++
		c.written = append(c.written, system+" "+op)
	}
}

// systemsMark is a place in the journals of the vendors: the directory has one of its own.
type systemsMark struct {
	seq uint64
	at  time.Time
}

func (s *stack) countSystems(ctx context.Context) (m systemsMark, err error) {
	m.seq, err = s.sandbox.Mark(ctx)
	m.at = time.Now()
	return m, err
}

// since counts what has been asked since the mark. The directory keeps its last 9,000 operations and no more.
func (m systemsMark) since(ctx context.Context, s *stack, c *systemCalls) error {
	calls, err := s.sandbox.Journal(ctx, m.seq, false)
	if err != nil {
		return err
	}
	for _, e := range calls {
		switch e.System {
		case "onelogin", "google", "salesforce":
			c.add(e.System, e.Op, e.Effect != "")
		}
	}
	directory, err := s.sandbox.LDAPJournal(ctx)
	if err != nil {
		return err
	}
	for _, e := range directory {
		if e.At.After(m.at) {
			c.add("ldap", e.Op, e.Effect)
		}
	}
	return nil
}
