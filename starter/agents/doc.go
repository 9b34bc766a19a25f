// Package agents serves agents over MCP, makes and ends their tokens, switches them off, and shows what they did.
package agents
