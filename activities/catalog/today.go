package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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
		name, known := role, false
		if digits, ok := strings.CutPrefix(role, "#"); ok {
			if id, err := strconv.ParseInt(digits, 10, 64); err == nil {
				name, known = c.roles.byID[id]
			}
		}
		if !known {
			_, known = c.roles.byName[name]
		}
		if known {
			there = append(there, name)
		} else {
			gone = append(gone, role)
		}
	}
	return there, gone, nil
}
