package agent

import "slices"

// Unused are the rules and the tools of an agent that none of these counts has.
func (a Agent) Unused(byRule, byTool map[string]int) (rules, tools []string) {
	for _, r := range a.Rules {
		if r.Verdict != Deny && byRule[r.Name] == 0 {
			rules = append(rules, r.Name)
		}
	}
	for _, tool := range Tools() {
		if tool != WhoAmI && a.Has(tool) && byTool[tool] == 0 && !slices.Contains(tools, tool) {
			tools = append(tools, tool)
		}
	}
	return rules, tools
}
