package mfa

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// lack says what an account has not.
func (g *grace) lack(begin string) string {
	if len(g.found.Weak) == 0 {
		return begin + " no second factor"
	}
	return begin + " no second factor that counts"
}

// since begins what is told to a manager.
func (g *grace) since() string {
	if len(g.found.Weak) == 0 {
		return "No second factor since "
	}
	return "No second factor that counts since "
}

// counts says which factors of somebody do not count and which kinds do, in a sentence and a blank; empty for whoever has none.
func (g *grace) counts() string {
	has, weak := g.found.Has, g.found.Weak
	if len(weak) == 0 {
		return ""
	}
	verb := " does not count"
	if len(has) > 1 {
		verb = " do not count"
	}
	text := strings.Join(has, ", ") + verb + "; every other kind does"
	if others := slices.DeleteFunc(slices.Clone(weak), func(kind string) bool {
		return slices.ContainsFunc(has, func(h string) bool { return strings.EqualFold(h, kind) })
	}); len(others) > 0 {
		text += " but " + strings.Join(others, ", ")
	}
	return text + ". "
}

// explained notes that the person has been told which of their factors do not count.
func (g *grace) explained() {
	for _, kind := range g.found.Has {
		if !slices.Contains(g.in.Explained, kind) {
			g.in.Explained = append(slices.Clone(g.in.Explained), kind)
		}
	}
}

// explain tells somebody, once, why a factor that they have enrolled since they last heard changes nothing.
func (g *grace) explain(ctx workflow.Context) error {
	var fresh []string
	for _, kind := range g.found.Has {
		if !slices.Contains(g.in.Explained, kind) {
			fresh = append(fresh, kind)
		}
	}
	if len(fresh) == 0 || !g.acts() || !g.told() ||
		workflow.GetVersion(ctx, step.ChangeWeakExplained, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	text := "You have enrolled a factor that does not count as a second factor here. " + g.counts()
	switch {
	case g.standing():
		text += "Your account stays restricted until you have enrolled one that counts."
	case workflow.Now(ctx).Before(g.found.EscalateAt):
		text += "Please enrol one that counts before " + step.Day(g.found.EscalateAt) + "."
	default:
		text += g.consequence("Your") + "Please enrol one that counts."
	}
	name := "weak/" + strings.ToLower(strings.Join(strings.Fields(strings.Join(fresh, " ")), "-"))
	g.explained()
	return g.tell(ctx, name, api.MessageMFARemind, text+"\n"+g.found.Instructions)
}
