package api

// SwitchAgents suspends the agents of somebody who has left.
type SwitchAgents struct {
	// Key is the person's.
	Key    string   `json:"key"`
	Agents []string `json:"agents"`
}
