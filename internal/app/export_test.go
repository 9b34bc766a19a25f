package app

import (
	"context"

	"gatehouse/policy/system"
)

// Objects reads what systems have that a policy may name.
func (v *Vendors) Objects(ctx context.Context, names ...string) (objects map[string][]system.Object, silent map[string]error) {
	return objectsOf(ctx, v.targets, names)
}

// Targets are the names of the systems that are connected.
func (v *Vendors) Targets() (names []string) {
	for name := range v.targets {
		names = append(names, name)
	}
	return names
}
