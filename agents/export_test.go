package agents

import "github.com/modelcontextprotocol/go-sdk/mcp"

// Described is a tool as clients are told of it, with the scope that it needs.
type Described struct {
	*mcp.Tool
	Scope string
}

// All are the tools that there are.
func All() []Described {
	var all []Described
	for _, t := range tools() {
		all = append(all, Described{t.described(), t.scope()})
	}
	return all
}
