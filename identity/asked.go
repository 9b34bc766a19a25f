package identity

import "slices"

// Askers are the agents for whose orders a plan does something, each once. What ends somebody's access for good is nobody's wish: no
// switch holds it up.
func (p Plan) Askers() []Asker {
	var all []Asker
	switch p.Verdict {
	case VerdictLeave, VerdictUndo, VerdictDelete:
		return nil
	case VerdictNone, VerdictWait, VerdictJoin, VerdictChange, VerdictSuspend, VerdictLift, VerdictRespond, VerdictAttention:
	}
	for _, s := range p.Steps {
		for _, who := range s.Asked {
			if !slices.Contains(all, who) {
				all = append(all, who)
			}
		}
	}
	return all
}
