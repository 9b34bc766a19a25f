package show

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/schedule"
	"gatehouse/internal/templates"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/decide"
)

// Templates makes the command templates.
func Templates(p *cmdline.Program) *cobra.Command {
	var machinery bool
	cmd := &cobra.Command{
		Use: "templates", Short: "Show what Gatehouse does: each template, how far it may go, and when it runs", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			pol, err := policy.Load(a.Config.Policy)
			if err != nil {
				return err
			}
			t := cmdline.NewSheet(cmd, "templates", "template", "mode", "runs", "fired by", "does", "workflows")
			shown := slices.DeleteFunc(slices.Clone(a.Templates()), func(t templates.Template) bool { return t.Machinery && !machinery })
			for _, each := range shown {
				t.Add(each.Name, modeOf(each, pol), timesOf(each, a), strings.ReplaceAll(each.Fired, "`", ""), each.Does, strings.Join(typesOf(each), ", "))
			}
			if t.Crowded() {
				printTemplates(cmd, shown, a, pol)
			} else {
				t.Render()
			}
			decide.WarnOfOtherPolicy(cmd, a, pol.Hash())
			return nil
		}),
	}
	cmd.Flags().BoolVar(&machinery, "all", false, "show also what the templates rest on: polls, comparisons, sweeps, lists")
	return cmd
}

// printTemplates prints templates where their table has no room.
func printTemplates(cmd *cobra.Command, all []templates.Template, a *app.App, pol *policy.Policy) {
	for _, t := range all {
		cmd.Println(strings.TrimSuffix(t.Name+": "+modeOf(t, pol), ": "))
		for _, part := range []struct{ name, value string }{
			{"does", t.Does}, {"fired by", strings.ReplaceAll(t.Fired, "`", "")}, {"runs", timesOf(t, a)}, {"workflows", strings.Join(typesOf(t), ", ")},
		} {
			if part.value != "" {
				cmdline.Hanging(cmd, fmt.Sprintf("  %-11s", part.name), part.value)
			}
		}
	}
}

// modeOf says how far a policy lets a template go.
func modeOf(t templates.Template, pol *policy.Policy) string {
	if t.Mode == nil {
		return ""
	}
	return string(t.Mode(pol.Modes()))
}

// timesOf says when schedules start a template's runs.
func timesOf(t templates.Template, a *app.App) string {
	var times []string
	for _, s := range templates.Schedules([]templates.Template{t}, a.Config) {
		times = append(times, timeOf(s))
	}
	return strings.Join(times, "; ")
}

func timeOf(s schedule.Schedule) string {
	if s.Off {
		return s.ID + " is not configured"
	}
	return s.When()
}

func typesOf(t templates.Template) []string {
	var types []string
	for _, r := range t.Runs {
		types = append(types, r.Type)
	}
	return types
}
