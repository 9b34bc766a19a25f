package ticket

import (
	"embed"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/internal/wording"
)

// files are the words of tickets by their kind, and of comments. A title is one line of plain text. What stands below is wiki
// markup: data belongs in {noformat}, where markup and mentions have no effect.
//
//go:embed title/*.tmpl words/*.tmpl
var files embed.FS

var (
	titles = wording.Must(files, "title", inOneLine, view{}, sampleView())
	texts  = wording.Must(files, "words", noformat, view{}, sampleView())
)

// otherKind is the file for tickets that say what their run wrote.
const otherKind = "other"

// view is what the words of a ticket or of a comment may say.
type view struct {
	Summary, Key, WorkflowID, Link, Roles, Marker string
	Account                                       *account
	// Lines are each one line, and More is how many there was no room for.
	Lines []string
	More  int
}

// account is an account of OneLogin.
type account struct {
	ID       int64
	Username string
}

// Wording writes a ticket. HR data is kept out of it.
func (j *Jira) Wording(in api.TicketInput) (summary, description string, err error) {
	kind := otherKind
	if in.Kind == api.TicketLeaver || in.Summary == "" {
		kind = api.TicketLeaver
	}
	v := view{
		Summary: in.Summary, Key: clip(in.Key, maxLine), WorkflowID: clip(in.WorkflowID, maxLine), Roles: roles(in.Roles),
		Link: fitting(step.RunLink(j.UI, j.Namespace, in.WorkflowID)),
	}
	if in.Account != nil {
		v.Account = &account{ID: in.Account.ID, Username: clip(in.Account.Username, maxLine)}
	}
	v.Lines, v.More = lines(in.Lines)
	if summary, err = titles.Text(kind, v); err != nil {
		return "", "", err
	}
	description, err = texts.Text(kind, v)
	return clip(summary, maxTicketSummary), description + "\n", err
}

// commentText writes a comment that ends with its marker.
func commentText(in api.CommentInput, marker string) (string, error) {
	v := view{Marker: marker}
	v.Lines, v.More = lines(in.Lines)
	return texts.Text("comment", v)
}

// inOneLine keeps data from ending the title that it stands in.
func inOneLine(data string) string { return flat(data, maxTicketSummary) }

// noformat keeps data from ending the block that it stands in.
func noformat(data string) string { return strings.ReplaceAll(data, "{", "(") }

// sampleView says everything, so that every branch of the words is taken once when the program starts.
func sampleView() view {
	return view{Roles: "r", Account: &account{}, Lines: []string{"l"}, More: 1}
}
