package workflows

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/activities/api"
)

// samePerson reports that two names of deciders are one, however they are spelt.
func samePerson(a, b string) bool { return decider(a) == decider(b) }

// decider is what tells deciders apart: the address where there is one, with or without a name in front of it, a dot at its
// end, capitals and spaces; else the name.
func decider(by string) string {
	by = strings.ToLower(strings.TrimSpace(by))
	if _, rest, found := strings.Cut(by, "<"); found {
		by, _, _ = strings.Cut(rest, ">")
	}
	by = strings.TrimPrefix(strings.TrimSpace(by), "mailto:")
	for _, word := range strings.Fields(by) {
		if strings.Contains(word, "@") {
			by = strings.Trim(word, "()[]\"',;:")
		}
	}
	return strings.TrimRight(strings.Join(strings.Fields(by), " "), ".")
}

// mayDecide says why somebody's word on a question does not count, nil if it does: two people have to be two, and nobody
// decides about their own departure.
func (d *desk) mayDecide(verb string, in api.Decision) error {
	if slices.ContainsFunc(d.subject, func(own string) bool { return own != "" && samePerson(own, in.By) }) {
		return fmt.Errorf("%s is the one whom this run is about: nobody decides about themselves", in.By)
	}
	for _, a := range d.answers(verb, in) {
		if verb == api.VerbAllow && slices.ContainsFunc(a.AllowedBy, func(by string) bool { return samePerson(by, in.By) }) {
			return fmt.Errorf("%s has allowed item %s before: a second person has to", in.By, a.Item)
		}
	}
	return nil
}

// about keeps by what names the person of an assessment would decide.
func (r *run) about(a api.Assessment) {
	r.subject = []string{a.Person.Record.WorkEmail, a.Person.Record.PersonalEmail}
	if a.Account != nil {
		r.subject = append(r.subject, a.Account.Email, a.Account.Username)
	}
}
