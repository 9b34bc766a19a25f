package catalog

import (
	"context"
	"fmt"
)

// Today reads the lists anew and calls roles that were noted some time ago by their names of now: "#42" has a name by now if it had none
// then. Those that OneLogin has no more are gone.
func (c *Catalog) Today(ctx context.Context, noted []string) (there, gone []string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.read(ctx); err != nil {
		return nil, nil, fmt.Errorf("read the names of roles and groups: %w", err)
	}
	for _, role := range noted {
		name := role
		_, known := c.roles.byName[role]
		if id, numbered := numberOf(role); !known && numbered {
			name, known = c.roles.byID[id]
		}
		if known {
			there = append(there, name)
		} else {
			gone = append(gone, role)
		}
	}
	return there, gone, nil
}
