// Package agentread reads OneLogin because an agent asked. What it reads goes into the inventory; it changes no account, and hints nobody.
package agentread
