package review

import (
	"embed"

	"gatehouse/activities/api"
	"gatehouse/activities/letters"
	"gatehouse/internal/wording"
)

// files are the words of a review. The first line of an e-mail is its subject, and each other line a paragraph. What is a table
// has a label and a value in each line; heads and summary name what Gatehouse fills in by a key. A kind of finding has a title, and
// what was found.
//
//go:embed words/*.tmpl finding/*.tmpl beside/*.tmpl
var files embed.FS

var (
	words        = wording.Must(files, "words", wording.Marked, view{}, sampleView())
	findingWords = wording.Must(files, "finding", wording.Marked, findingView{})
	// besideWords are those of what is found in systems beside OneLogin only.
	besideWords = wording.Must(files, "beside", wording.Marked, findingView{})
	// heads are what columns are called, and summaryWords the lines of the summary that have a number.
	heads        = words.Table("heads", view{})
	summaryWords = words.Table("summary", view{})
	// teamHeads stand above the people whom an e-mail lists.
	teamHeads = words.List("team_heads", view{})
	// agentHeads stand above agents.
	agentHeads = words.List("agent_heads", view{})
	// protectedNote is shown to whoever tries to edit what was reviewed.
	protectedNote = words.Sure("protected", view{})
)

// view is what the words of a review may say.
type view struct {
	Campaign, AsOf, Compliance string
	// Accounts, Roles and FactorUnknown are counts; Findings has one of each kind.
	Accounts, Roles, FactorUnknown int64
	Findings                       []api.Line
	// People is how many an e-mail is about. If it lists fewer, Listed is how many.
	People, Listed int
	// PassOn says that an e-mail goes to somebody else than Manager, because that address is refused, or is none.
	PassOn, Refused bool
	Manager         string
	DormantDays     int
	// Systems are what there is to count in the systems beside OneLogin. Others is how many accounts there an e-mail is about, and
	// OthersListed how many it lists, if it lists fewer.
	Systems              []api.Line
	Others, OthersListed int
}

// findingView is what the words of a finding may say.
type findingView struct {
	// Status is the account's, Since a day, and Rule what the policy calls it. Kinds are factors that do not count.
	Status, Since, Rule, Kinds string
	// Kind, Entry and Owner are of an account that is no person's own. Doubtful says that it is a person's all the same.
	Kind, Entry, Owner string
	Doubtful           bool
	// Perhaps is the key of whose account it may be, who has Left.
	Perhaps string
	Left    bool
}

// letter writes the e-mail of a name.
func letter(name string, v view) (letters.Letter, error) {
	lines, err := words.Lines(name, v)
	if err != nil {
		return letters.Letter{}, err
	}
	out := letters.Letter{Subject: lines[0].String()}
	for _, l := range lines[1:] {
		out.Paragraphs = append(out.Paragraphs, l.String())
	}
	return out, nil
}

// table writes a text in which each line is a label and a value.
func table(name string, v view) ([][]string, error) {
	lines, err := words.Lines(name, v)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, l := range lines {
		label, value := l.Cut()
		rows = append(rows, []string{label, value})
	}
	return rows, nil
}

// sampleView says everything, so that every branch of the words is taken once when the program starts.
func sampleView() view {
	return view{Findings: []api.Line{{Label: "l"}}, Listed: 1, PassOn: true, Refused: true, Systems: []api.Line{{Label: "l"}}, Others: 2, OthersListed: 1}
}
