package step

import (
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
)

// Clock is a moment as operators read it.
func Clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 MST") }

// Day is how messages write a moment: the reader's own zone is not known here.
func Day(at time.Time) string { return at.UTC().Format("2006-01-02") }

// CodeOf names the question, whatever the details.
func CodeOf(a api.Attention) string { return a.Step + "/" + a.Code }

// markdown renders the state for the UI's current details.
func markdown(s api.State) string {
	text := "**" + s.Doing + "**"
	if !s.Due.IsZero() {
		text += ", next look at " + s.Due.UTC().Format("2006-01-02 15:04 MST")
	}
	text += "\n"
	if !s.Overdue.IsZero() {
		text += "\n**OVERDUE: sign-in had to be off by " + Clock(s.Overdue) + ".**\n"
	}
	for _, a := range s.Attention {
		late := ""
		if !a.Overdue.IsZero() {
			late = "OVERDUE: "
		}
		text += "\n### " + late + "Needs a decision: " + a.Step + "\n\n" + a.Text + "\n\n"
		for _, step := range a.Plan {
			text += "- " + step + "\n"
		}
		text += "\nSend one of the updates `" + strings.Join(a.Options, "`, `") + "` with `{\"item\":" + strconv.Quote(a.Item) +
			",\"by\":\"you\",\"reason\":\"...\"}`.\n"
	}
	if len(s.Done) > 0 {
		text += "\nDone so far:\n\n- " + strings.Join(s.Done, "\n- ") + "\n"
	}
	return text
}
