package notify

import (
	"cmp"
	"embed"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/wording"
	"gatehouse/policy"
)

// files are the words of each kind of message, under its name, and what stands around the words of every message. The first
// line of a message is its title; each other line is a label and what there is to say, and is left out where that is empty.
//
//go:embed words/*.tmpl frame/*.tmpl
var files embed.FS

var (
	messages = wording.Must(files, "words", wording.Marked, view{}, sampleView())
	frames   = wording.Must(files, "frame", wording.Marked, frame{}, sampleFrame())
)

// otherKind is the file for a kind of message that has no words of its own, such as one of a later version.
const otherKind = "other"

// view is what the words of a message may say.
type view struct {
	Kind, Key, ManagerKey string
	// About is what the key stands for: "ip", "name" or "onelogin", or else the HR source of a person.
	About string
	// Text is the run's sentence. What and Do are its first line and the rest: what is the matter, and what to do.
	Text, What, Do string
	Step           string
	// Cause is why somebody's access has changed.
	Cause string
	// Active says that a joiner's account is open, and Late that HR knew of them too late.
	Active, Late bool
	// Unverified says that the text names somebody who has given an order without showing that it is them.
	Unverified bool
	// Asked says that somebody has to decide.
	Asked   bool
	Joiner  *joiner
	Account *account
	Notices []string
	Lines   []api.Line
	// NotReady are the systems without which a joiner was invited.
	NotReady []string
}

// joiner is whom a message about a new account is about.
type joiner struct{ Name, Department, Title, Location, FirstDay, Roles string }

// account is an account of OneLogin.
type account struct {
	ID       int64
	Username string
}

// frame is what may be said around the words of a message.
type frame struct {
	Title, Key, Step, Text string
	// Asked says that the message is about a question; Whose run it is, and with what command it is answered.
	Asked                                 bool
	Whose, Item, Verb, OtherVerbs, Decide string
	// Steps are what a decision lets happen, and More is how many lines of them are not shown.
	Steps      []string
	More       int
	Unverified bool
	// Fields are the lines of an e-mail, Link leads to its run, and Instead is whom it was meant for if not its reader.
	Fields        []api.Line
	Link, Instead string
}

// Title is what a message says first.
func Title(in api.Message) (string, error) {
	title, _, err := say(in)
	return title, err
}

// say renders title and fields of a message. A message carries what its reader needs and no more: security learns that an
// account was closed and where to look, not who left and why.
func say(in api.Message) (string, []field, error) {
	name := string(in.Kind)
	if !messages.Has(name) {
		name = otherKind
	}
	lines, err := messages.Lines(name, viewOf(in))
	if err != nil {
		return "", nil, err
	}
	return lines[0].String(), fieldsOf(lines[1:]), nil
}

func fieldsOf(lines []wording.Line) []field {
	var fields []field
	for _, l := range lines {
		label, value := l.Cut()
		fields = append(fields, field{label, value})
	}
	return fields
}

func viewOf(in api.Message) view {
	v := view{
		Kind: string(in.Kind), Key: in.Key, About: strings.SplitN(in.Key, "-", 2)[0], ManagerKey: in.ManagerKey, Text: in.Text, Step: in.Step, Lines: in.Lines,
		Cause: string(in.Cause), NotReady: in.NotReady,
		Active: in.Text == "active", Late: in.Person != nil && in.Person.Late,
		Unverified: strings.HasPrefix(in.Text, "order ") && !strings.HasSuffix(in.Text, " by "+api.ByGatehouse),
		Joiner:     joinerOf(in.Person, in.Roles),
	}
	v.Asked = in.Asked != nil
	if in.Kind == api.MessageReviewUnshared {
		// Runs say it so, whose inputs stay as they are; where every reader was refused, nobody else is there.
		v.Text = strings.Replace(v.Text, "Everybody else has it.", "Readers who are not listed here have it.", 1)
	}
	v.What, v.Do, _ = strings.Cut(in.Text, "\n")
	if in.Account != nil && in.Account.ID != 0 {
		v.Account = &account{ID: in.Account.ID, Username: in.Account.Username}
	}
	for _, n := range in.Notices {
		// Whose contract ends is the manager's business before it does.
		if n.Code != policy.NoticeContractEnds {
			v.Notices = append(v.Notices, n.Text)
		}
	}
	return v
}

func joinerOf(p *identity.Person, roles []string) *joiner {
	if p == nil {
		return nil
	}
	rec := p.Record
	return &joiner{
		Name:       strings.TrimSpace(cmp.Or(rec.PreferredName, rec.FirstName) + " " + rec.LastName),
		Department: rec.Department, Title: rec.Title, Location: rec.Location, FirstDay: string(rec.HireDate), Roles: strings.Join(roles, ", "),
	}
}

// sampleView says everything, so that every branch of the words is taken once when the program starts.
func sampleView() view {
	return view{
		Kind: "k", Key: "k", ManagerKey: "k", Text: "t", What: "t", Do: "t", Step: "s", Cause: "c", Active: true, Late: true, Unverified: true, Asked: true,
		Joiner: &joiner{}, Account: &account{}, Notices: []string{"n"}, Lines: []api.Line{{}},
		NotReady: []string{"s"},
	}
}

func sampleFrame() frame {
	return frame{
		Key: "k", Step: "s", Asked: true, OtherVerbs: "v", Decide: "d", Steps: []string{"s"}, More: 1, Unverified: true,
		Fields: []api.Line{{}}, Link: "l", Instead: "i",
	}
}
